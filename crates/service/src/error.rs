//! Why a use case did not happen.

use domain::policy::PolicyError;
use domain::text::BadText;
use domain::{
    Assurance, AuthorityKind, BadDocument, PolicyRef, Region, RequestKey, Role, Timestamp,
};
use jiff::civil::Date;
use store::StoreError;

use crate::access::SignatureFault;
use crate::accounts::SendError;
use crate::mirror::MirrorError;
use crate::people::VaultError;
use crate::workers::NotifyError;

/// What a use case returns.
pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// Every reason for which a use case is refused or fails. Closed, so that an interface maps each
/// one. No text repeats personal data or a token.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The token is missing, malformed or unknown.
    #[error("the token is not known; send the one that was issued, as `Authorization: Bearer …`")]
    NotAuthenticated,
    /// The feed must sign its requests, and this one is not signed as it must be.
    #[error("this feed signs its requests, and the signature does not count: {0}")]
    BadSignature(#[from] SignatureFault),
    /// Somebody consented that their code is shown, and no more.
    #[error(
        "this is read and decided by the person alone: they consented that their code is shown"
    )]
    OnlyShown,
    /// None of the asker's roles may do this, or their authority is of another kind.
    #[error("{} may do this", who_may(roles, kinds))]
    NotPermitted {
        /// Who may.
        roles: &'static [Role],
        /// At which kinds of authority; empty: at any.
        kinds: &'static [AuthorityKind],
    },
    /// It concerns the whole installation, and the asker's regions are a part of it.
    #[error("this is for staff members whose regions hold all of {region}")]
    NotOfTheWhole {
        /// The installation's region.
        region: Region,
    },
    /// The passkey must be shown again first.
    #[error("this needs your passkey again: it was last shown more than five minutes ago")]
    StepUpNeeded,
    /// A field of the request does not make sense.
    #[error("{field}: {why}")]
    BadField {
        /// Which field, as on the wire.
        field: &'static str,
        /// What is wrong, and what was expected. Holds no personal data.
        why: String,
    },
    /// The document number cannot be right.
    #[error("document: {0}")]
    BadDocument(#[from] BadDocument),
    /// More items in one request than the settings allow.
    #[error("{field}: {count} items in one request, at most {limit} are taken; send several")]
    TooMany {
        /// Which list.
        field: &'static str,
        /// How many came.
        count: usize,
        /// How many may.
        limit: usize,
    },
    /// More people would be restricted at once than one person may restrict.
    #[error(
        "this would restrict {restricted} people at once; up to {cap} may be restricted by one \
         submission, so nothing was taken in: send smaller parts that you have looked at"
    )]
    RestrictsTooMany {
        /// How many it would restrict.
        restricted: usize,
        /// How many one submission may.
        cap: u32,
    },
    /// As many phones show the person's code as may.
    #[error("{cap} phones show this code already; end one of them on the page of phones first")]
    TooManyPhones {
        /// How many may.
        cap: u32,
    },
    /// An authority has as many proposals waiting as it may.
    #[error(
        "{cap} proposals of this authority wait already; have one of them approved or rejected first"
    )]
    TooManyWaiting {
        /// How many may wait.
        cap: u32,
    },
    /// What two workers of an office agreed on was done already.
    #[error(
        "what two workers agreed on was done meanwhile; if there is more to do, both ask again"
    )]
    AgreementUsed,
    /// More waits of a case than what was looked at, or something else.
    #[error("something came in since this was looked at; read again what waits, then decide")]
    WaitingChanged,
    /// The request key came before with another request.
    #[error(
        "the request key {0} was already used for a different request; draw a fresh one for each request and keep it for repeats"
    )]
    RequestKeyReused(RequestKey),
    /// Nobody is known under this id.
    #[error("nobody is known under this id")]
    UnknownPerson,
    /// The person has no such evidence.
    #[error("this person has no evidence with this id")]
    UnknownEvidence,
    /// No such venue.
    #[error("there is no venue with this id")]
    UnknownVenue,
    /// The resident has no such visit within the last 12 hours.
    #[error("there is no open visit with this id; check in first")]
    UnknownVisit,
    /// The phone's key is not enrolled for this person.
    #[error("this phone is not enrolled; enrol its key first")]
    UnknownDevice,
    /// The installation does not know its own address, to which passkeys belong.
    #[error("passkeys need the address of this installation; start the server with --origin")]
    NoPasskeys,
    /// No such staff member, or not the asker's to change.
    #[error("there is no staff member with this id")]
    UnknownStaff,
    /// No such feed, or not the asker's to change.
    #[error("there is no feed with this id")]
    UnknownFeed,
    /// No such scanner, or not the asker's to change.
    #[error("there is no scanner with this id")]
    UnknownScanner,
    /// No such alarm, or not the asker's to see.
    #[error("there is no alarm with this id")]
    UnknownAlarm,
    /// No such report of a glitch, or not with this number.
    #[error("there is no report with this number; it may have been deleted after 60 days")]
    UnknownGlitch,
    /// A report was answered already.
    #[error("this report was answered already")]
    GlitchAnswered,
    /// So many reports wait that no more are taken.
    #[error(
        "so many reports wait for an answer that no more can be taken; try again in a few days"
    )]
    TooManyGlitches,
    /// No such authority.
    #[error("there is no authority with this id or name")]
    UnknownAuthority,
    /// No such status list.
    #[error("there is no status list with this number yet")]
    UnknownStatusList,
    /// The record is a withdrawal or was withdrawn before.
    #[error("a withdrawal cannot be withdrawn; submit the fact again")]
    NotWithdrawable,
    /// Another authority's. To strangers it does not exist.
    #[error("this belongs to another authority")]
    NotYours,
    /// Nothing restricts the person, and no declaration is valid: there is no colour to sign.
    #[error("no valid health declaration; declare first, then ask for the code again")]
    Undeclared,
    /// The policy wants more proof of who somebody is before it gives them a code.
    #[error("the policy gives codes from `{needs}` on, and this account is `{has}`; {}", how_to(*needs))]
    NeedsProof {
        /// What the policy asks for.
        needs: Assurance,
        /// How far the account is proven.
        has: Assurance,
    },
    /// The one-time code is wrong, ran out, was tried too often or was used; or nobody asked for it.
    #[error("this code is wrong or has run out; ask for a new one and type it within 10 minutes")]
    WrongCode,
    /// An account asked for too many one-time codes lately.
    #[error("you asked for several codes lately; ask again from {from} on")]
    TooManyCodes {
        /// From when on.
        from: Timestamp,
    },
    /// The one-time code could not be sent. Nothing was changed.
    #[error("the code could not be sent, nothing was changed; try again in a minute")]
    CodeNotSent(#[source] SendError),
    /// The account names no phone.
    #[error("this account has no phone number; open an account with one, or go to an office")]
    NoPhone,
    /// There is no such account, or none that the asker may know of.
    #[error("there is no such account that claims this document")]
    UnknownAccount,
    /// The resident has no such phone or session.
    #[error("there is no phone or session with this id on your account")]
    UnknownSession,
    /// Another account is proven to be the document's holder.
    #[error(
        "another account is proven to be the holder of this document; if they lost that phone, say so, and it ends"
    )]
    AlreadySeen,
    /// The emergency has ended: nothing is taken in and no code is made any more.
    #[error("the emergency has ended; nothing is recorded and no code is made any more")]
    Ended,
    /// The log was changed: what depends on it is refused until somebody found out why.
    #[error(
        "the log does not verify ({finding}); nothing is handed out and nothing ended before it does: run `healthcode audit verify`"
    )]
    LogBroken {
        /// The first thing that was found.
        finding: String,
    },
    /// A disclosure whose end has come, or which was not approved.
    #[error("this disclosure is not approved, or its end has come; propose another one")]
    DisclosureOver,
    /// No two staff members agreed on this sunset lately.
    #[error(
        "no two staff members agreed within the last seven days to end the emergency by this law; one proposes it and another approves it, with the same text"
    )]
    SunsetNotApproved,
    /// Other servers may not know yet that the emergency has ended.
    #[error("other servers may not know yet; go on from {from} on")]
    SunsetNotNoticed {
        /// From when on.
        from: Timestamp,
    },
    /// No policy is in force: nothing can be decided.
    #[error("no policy is in force; publish one whose effective date has come")]
    NoPolicy,
    /// The policy does not check; the one in force stays.
    #[error(
        "the policy does not check, the one in force stays: {}",
        listed(problems)
    )]
    PolicyRefused {
        /// What is wrong, each with line, field and remedy.
        problems: Vec<PolicyError>,
    },
    /// The policy is another region's.
    #[error(
        "the policy is issued by {issuer}, this installation by {expected}; publish it where it belongs"
    )]
    ForeignPolicy {
        /// Whose it says it is.
        issuer: Region,
        /// Whose it must be here.
        expected: Region,
    },
    /// This version is published with another text.
    #[error("{0} is already published with another text; give the changed policy a new version")]
    PolicyExists(PolicyRef),
    /// One person alone may not publish once somebody is registered.
    #[error(
        "this needs two persons: sign in as a staff member and propose it, and have another staff member approve it; names in a text are not persons"
    )]
    NeedsTwoPersons,
    /// The staff member who proposed something may not approve it.
    #[error("another staff member than the one who proposed this must approve it")]
    SamePerson,
    /// A living member of the authority has a name that reads as this one.
    #[error(
        "a staff member of this authority has this name, or one that looks the same; add what tells the \
         two apart"
    )]
    NameTaken,
    /// Somebody else's half of an invitation.
    #[error(
        "whoever proposed or approved this staff member has a half of the invitation, nobody else"
    )]
    NoHalf,
    /// Whose account is to end does not reject that.
    #[error("somebody else must decide whether this account ends: it is your own")]
    OwnEnd,
    /// Somebody must be there who brings others in.
    #[error("this is the last administrator; have another one join first")]
    LastAdministrator,
    /// The account of the provider opens another staff account.
    #[error("this account of the provider opens another staff account; use another one")]
    IdentityTaken,
    /// Nothing else opens the account.
    #[error("nothing else opens this account; add another way to sign in first")]
    LastWayIn,
    /// The policy in force takes no appeals.
    #[error("the policy in force takes no appeals here; do as it says under “Is this wrong?”")]
    NoAppeals,
    /// No restriction of the person rests on the evidence that an appeal names.
    #[error("no restriction of yours that you have not appealed against rests on this evidence")]
    UnknownRestriction,
    /// The evidence was appealed against before.
    #[error(
        "you appealed against this before; read how that stands, and if it was answered, ask at an office"
    )]
    AppealedBefore,
    /// As many appeals of the person are open as may be.
    #[error("{cap} appeals of yours are open already; wait until one of them is answered")]
    TooManyAppeals {
        /// How many may be.
        cap: u32,
    },
    /// No such appeal, or not the asker's.
    #[error("there is no appeal with this id")]
    UnknownAppeal,
    /// Somebody answered the appeal before.
    #[error("this appeal was answered already")]
    AppealAnswered,
    /// No such contradiction, not the asker's, or none any more.
    #[error("there is no contradiction with this id, or what it was between fits now")]
    UnknownContradiction,
    /// Somebody settled the contradiction before.
    #[error("this contradiction was settled already")]
    ContradictionSettled,
    /// The person was not heard.
    #[error(
        "the person said nothing yet and has time until {until}; hear them first, or wait. What you \
         wrote down yourself somebody else judges"
    )]
    NotHeard {
        /// Until when they have time.
        until: Timestamp,
    },
    /// The authority that submitted what was recorded does not settle whether it contradicts a
    /// declaration.
    #[error("you submitted what this is about; another staff member must settle it")]
    OwnRecord,
    /// The authority that submitted evidence does not answer an appeal against it.
    #[error("you submitted what this appeal is against; another staff member must answer it")]
    OwnEvidence,
    /// No such proposal.
    #[error("there is no proposal with this id")]
    UnknownProposal,
    /// The proposal was approved or rejected before.
    #[error("this proposal was approved or rejected already; propose it again if need be")]
    ProposalSettled,
    /// Whom a proposal would change is not known yet, or not against what is in force now.
    #[error(
        "whom this would change is being computed against what is in force now; look at it, then approve"
    )]
    NotCompared,
    /// There are no statistics of the day that was asked for.
    #[error("there are no statistics of this day: {}", said_of(days.as_ref()))]
    NoStatistics {
        /// The first and the last day there is.
        days: Option<(Date, Date)>,
    },
    /// This node could not read the record for so long that it may not know of restrictions.
    #[error(
        "this server has been cut off from its database for over 15 minutes and signs nothing new; the codes already on phones keep working"
    )]
    CutOff,
    /// A stored identity does not open.
    #[error("a stored identity does not open: {0}")]
    Vault(#[from] VaultError),
    /// The issuer key does not sign.
    #[error("the code could not be signed: {0}")]
    Signing(String),
    /// Messages could not be passed on; they wait.
    #[error(transparent)]
    Notify(#[from] NotifyError),
    /// A computation was cut off, usually by a shutdown; what it was for is taken up again.
    #[error("the work was interrupted: {0}")]
    Interrupted(String),
    /// The mirror is not written or not read; no answer depends on it.
    #[error(transparent)]
    Mirror(MirrorError),
    /// The record cannot be reached or refuses.
    #[error(transparent)]
    Store(StoreError),
}

impl From<MirrorError> for ServiceError {
    fn from(error: MirrorError) -> Self {
        match error {
            MirrorError::Store(error) => error.into(),
            other => Self::Mirror(other),
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::PolicyExists(policy) => Self::PolicyExists(policy),
            other => Self::Store(other),
        }
    }
}

impl ServiceError {
    /// A field that does not make sense.
    pub(crate) fn field(field: &'static str, why: impl Into<String>) -> Self {
        Self::BadField {
            field,
            why: why.into(),
        }
    }

    /// What is another authority's does not exist for the caller.
    #[must_use]
    pub(crate) fn if_not_theirs(self, unknown: Self) -> Self {
        match self {
            Self::NotYours => unknown,
            other => other,
        }
    }

    /// What a check of the text in `field` says.
    pub(crate) fn named<T>(field: &'static str, checked: Result<T, BadText>) -> Result<T> {
        checked.map_err(|why| Self::field(field, why.to_string()))
    }

    /// Whether the fault is ours, not the caller's: worth a log line and a status of 5xx.
    pub const fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::NoPolicy
                | Self::LogBroken { .. }
                | Self::CutOff
                | Self::CodeNotSent(_)
                | Self::Vault(_)
                | Self::Signing(_)
                | Self::Notify(_)
                | Self::Interrupted(_)
                | Self::Mirror(_)
                | Self::Store(_)
        )
    }
}

fn who_may(roles: &[Role], kinds: &[AuthorityKind]) -> String {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let roles = roles.join(", ");
    match &*kinds {
        [] => format!("only staff members with one of these roles ({roles})"),
        kinds => format!(
            "only staff members of a {} authority with one of these roles ({roles})",
            kinds.join(" or "),
        ),
    }
}

fn how_to(needs: Assurance) -> &'static str {
    match needs {
        Assurance::Claimed => "declare first",
        Assurance::Phone => "prove your phone with a one-time code",
        Assurance::Seen => "go to a community office with your document",
    }
}

fn said_of(days: Option<&(Date, Date)>) -> String {
    match days {
        Some((first, last)) => format!("there are some from {first} to {last}"),
        None => {
            "a day is published once it is over and counted, some minutes after midnight".into()
        }
    }
}

fn listed(problems: &[PolicyError]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
