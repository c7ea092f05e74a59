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
    /// A policy was published at once, by the operator: `what` is its name and version.
    PolicyPublished = "policy_published",
    /// Region levels were published at once, by the operator: `count` of them.
    LevelsPublished = "levels_published",
    /// A staff member was invited: `what` is who they will be.
    StaffInvited = "staff_invited",
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
    /// A feed was made: `what` is which.
    FeedMade = "feed_made",
    /// A feed got another credential.
    FeedRenewed = "feed_renewed",
    /// A feed was ended.
    FeedEnded = "feed_ended",
    /// The keys that sign, or the trust list, are others than before: `what` is the list's number.
    KeysChanged = "keys_changed",
    /// A document was looked up at the counter: `count` accounts claim it.
    DocumentLookedUp = "document_looked_up",
    /// An account was bound to a document's person.
    AccountBound = "account_bound",
    /// An account was released from a document's person.
    AccountReleased = "account_released",
    /// A card was printed.
    CardPrinted = "card_printed",
    /// A ward was put on an account.
    WardAdded = "ward_added",
    /// Who lives or rode together was submitted: `count` of them.
    MembershipsSubmitted = "memberships_submitted",
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
    /// An order was read with the people in it: `what` is which.
    OrderRead = "order_read",
    /// A person's record was opened.
    PersonOpened = "person_opened",
    /// Data about people were exported: `count` of them.
    Exported = "exported",
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
    /// Whether somebody saw data of a person, so that the person is told.
    pub const fn is_a_look(self) -> bool {
        matches!(
            self,
            Self::DocumentLookedUp
                | Self::AccountBound
                | Self::AccountReleased
                | Self::CardPrinted
                | Self::WardAdded
                | Self::WaitingVisitsRead
                | Self::WaitingVisitsTakenIn
                | Self::OrderRead
                | Self::PersonOpened
                | Self::Exported
                | Self::Disclosed
        )
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
