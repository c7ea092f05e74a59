//! What can be done: the words of the log.

use std::fmt;

/// Declares what can be done, each with its word in the log.
macro_rules! deeds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was done. The log records these and nothing else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Did {
            $($(#[$doc])* $name,)*
        }

        impl Did {
            /// Everything that can be done.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the log.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

deeds! {
    /// A batch of evidence was submitted: `count` pieces, `what` the SHA-256 of their identifiers.
    EvidenceSubmitted = "evidence_submitted",
    /// Evidence was withdrawn: `what` is its identifier.
    EvidenceWithdrawn = "evidence_withdrawn",
    /// Something was proposed: `what` is its kind and identifier.
    Proposed = "proposed",
    /// Something was approved.
    Approved = "approved",
    /// Something was rejected, or taken back.
    Rejected = "rejected",
    /// Somebody answers for what a machine submitted: the first of two persons.
    AnsweredFor = "answered_for",
    /// A policy was published at once, by the operator: `what` is its name and version.
    PolicyPublished = "policy_published",
    /// Region levels were published at once, by the operator: `count` of them.
    LevelsPublished = "levels_published",
    /// A staff member was invited: `what` is who they will be; of all but the first, the proposal.
    StaffInvited = "staff_invited",
    /// Half of an invitation was given out anew: `what` is the proposal.
    InvitationRenewed = "invitation_renewed",
    /// An invitation was taken up.
    StaffJoined = "staff_joined",
    /// A staff member's account was ended: `what` is whose.
    StaffEnded = "staff_ended",
    /// An account at an identity provider was bound to one's own: `what` is the provider.
    IdentityBound = "identity_bound",
    /// Accounts at an identity provider were taken from one's own: `what` is the provider.
    IdentityUnbound = "identity_unbound",
    /// A staff member signed in: `what` says with what.
    SignedIn = "signed_in",
    /// A staff member's sign-in was refused: `what` is the account that was named.
    SignInRefused = "sign_in_refused",
    /// A staff member showed again who they are.
    SteppedUp = "stepped_up",
    /// A staff member asked for what none of their roles may do: `what` is the action.
    Refused = "refused",
    /// A feed was made: `what` is which.
    FeedMade = "feed_made",
    /// A feed got another credential.
    FeedRenewed = "feed_renewed",
    /// A feed was ended.
    FeedEnded = "feed_ended",
    /// Keys, or the trust list, are others than before: `what` is the list's number, or the vault's key
    /// that writes from now on.
    KeysChanged = "keys_changed",
    /// The vault lies under another key: `what` and the key, `count` rows.
    VaultRewritten = "vault_rewritten",
    /// An alarm was seen: `what` is which.
    AlarmAcknowledged = "alarm_acknowledged",
    /// A venue was added or changed: `what` is which.
    VenueKept = "venue_kept",
    /// A screen that shows the signs of a venue was opened: `what` is the venue.
    ScreenOpened = "screen_opened",
    /// A scanner was made, to be enrolled by a device: `what` is which.
    ScannerMade = "scanner_made",
    /// A device became a scanner.
    ScannerEnrolled = "scanner_enrolled",
    /// A scanner records visits to another venue from now on, or none.
    ScannerSwitched = "scanner_switched",
    /// A scanner was ended.
    ScannerEnded = "scanner_ended",
    /// A document was looked up at the counter: `count` accounts claim it.
    DocumentLookedUp = "document_looked_up",
    /// An account was bound to a document's person.
    AccountBound = "account_bound",
    /// An account was released from a document's person.
    AccountReleased = "account_released",
    /// A person deleted their account.
    AccountDeleted = "account_deleted",
    /// A card was printed.
    CardPrinted = "card_printed",
    /// A ward was put on an account.
    WardAdded = "ward_added",
    /// A ward was taken off an account.
    WardEnded = "ward_ended",
    /// A worker asked for what a second one has to agree to: `what` is the act, and the account.
    SecondWorkerAsked = "second_worker_asked",
    /// Who lives or rode together was submitted: `count` of them.
    MembershipsSubmitted = "memberships_submitted",
    /// Cases of which something waits were listed.
    WaitingCasesListed = "waiting_cases_listed",
    /// Cases of an office were listed.
    CasesListed = "cases_listed",
    /// Whom the search of a case found was read, by labels.
    ContactsListed = "contacts_listed",
    /// How far the search for the contacts of a case is was read.
    TraceRead = "trace_read",
    /// The visits of a case that wait were read.
    WaitingVisitsRead = "waiting_visits_read",
    /// The visits of a case that waited were taken in.
    WaitingVisitsTakenIn = "waiting_visits_taken_in",
    /// The visits of a case that waited were refused: `count` of them.
    WaitingVisitsRefused = "waiting_visits_refused",
    /// The groups of a case that waited were taken in: `count` memberships.
    WaitingGroupsTakenIn = "waiting_groups_taken_in",
    /// The groups of a case that waited were refused: `count` memberships.
    WaitingGroupsRefused = "waiting_groups_refused",
    /// An order was read with the people in it: `what` is which; or `count` of them were listed.
    OrderRead = "order_read",
    /// A person objected to restrictions: `what` is the appeal.
    AppealFiled = "appeal_filed",
    /// Open appeals were listed: `count` of them.
    AppealsListed = "appeals_listed",
    /// An appeal was opened, with the evidence that it is against: `what` is which.
    AppealRead = "appeal_read",
    /// The file that came with an appeal was opened.
    AppealFileRead = "appeal_file_read",
    /// An appeal was answered: `what` is which, and what came of it; `count` pieces of evidence changed.
    AppealAnswered = "appeal_answered",
    /// A person said something about what contradicts their declaration: `what` is the contradiction.
    ContradictionHeard = "contradiction_heard",
    /// Contradictions that wait were listed: `count` of them.
    ContradictionsListed = "contradictions_listed",
    /// A contradiction was opened: `what` is which.
    ContradictionRead = "contradiction_read",
    /// A contradiction was confirmed or dismissed: `what` is which, and how.
    ContradictionSettled = "contradiction_settled",
    /// A person's record was opened.
    PersonOpened = "person_opened",
    /// Name, document and phones in a person's record were opened.
    PersonUnmasked = "person_unmasked",
    /// The opening of a record was refused: the person is unknown, or not theirs.
    OpeningRefused = "opening_refused",
    /// A report of a glitch was read: `what` is which.
    GlitchRead = "glitch_read",
    /// A report of a glitch was answered: `what` is which.
    GlitchAnswered = "glitch_answered",
    /// What a report of a glitch says was erased: `what` is which.
    GlitchErased = "glitch_erased",
    /// The log was read: `what` are the places.
    LogRead = "log_read",
    /// Disclosures were listed, with who is in them: `count` of them.
    DisclosuresRead = "disclosures_read",
    /// Data were handed to a third party: `what` is the disclosure.
    Disclosed = "disclosed",
    /// What entries said was erased: `count` of them.
    EntriesErased = "entries_erased",
    /// Data whose time was over were erased: `what` kind, `count` of them.
    DataErased = "data_erased",
    /// Keys were destroyed, and with them whatever they sealed: `what` says which.
    KeysDestroyed = "keys_destroyed",
    /// The emergency was ended: `what` is the law.
    SunsetBegun = "sunset_begun",
    /// Everything about people was erased. The last entry of a log.
    SunsetFinished = "sunset_finished",
}

impl Did {
    /// Whether somebody saw data of a person, so that the person reads of it.
    pub const fn is_a_look(self) -> bool {
        matches!(
            self,
            Self::DocumentLookedUp
                | Self::AccountBound
                | Self::AccountReleased
                | Self::CardPrinted
                | Self::WardAdded
                | Self::WardEnded
                | Self::SecondWorkerAsked
                | Self::WaitingCasesListed
                | Self::CasesListed
                | Self::ContactsListed
                | Self::TraceRead
                | Self::WaitingVisitsRead
                | Self::WaitingVisitsTakenIn
                | Self::OrderRead
                | Self::AppealRead
                | Self::AppealFileRead
                | Self::ContradictionRead
                | Self::PersonOpened
                | Self::PersonUnmasked
                | Self::Disclosed
        )
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
