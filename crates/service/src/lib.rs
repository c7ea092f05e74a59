//! What the system does: register, declare, submit, decide, trace, issue, check.
//!
//! A [`Service`] is built once by [`Service::start`] and shared. It has a part for each room, and each
//! part is a struct with only the dependencies that it needs. A caller first says who they are:
//! [`Access::resident`], [`Access::staff`] and [`Access::submitter`] turn a token into a principal, and every method that
//! needs one takes it by type, so that no caller can forget to ask. There is no method that sets a
//! colour (invariant 2): verdicts come from [`domain::decide()`] alone, inside the transaction that
//! appends the evidence ([`decisions::record`]).
//!
//! | folder | holds |
//! |---|---|
//! | `alarms` | what somebody should look at |
//! | `appeals` | appeals against restrictions, their queue, files and answers |
//! | `caps` | published limits |
//! | `glitches` | what people report that does not work, and its answers |
//! | `contradictions` | what people declared, held against what others recorded |
//! | `desk` | what waits for an officer, and the curve |
//! | `access` | tokens; residents, staff, submitters, operators; who may do what |
//! | `accounts` | who signs in, how far that is proven, one-time codes, families, the office |
//! | `people` | register, declare, status; identities, sealed |
//! | `audit` | the log of what is done and seen: entries, checkpoints, who looked |
//! | `evidence` | submit, withdraw, what cannot be |
//! | `decisions` | the rules of writing; verdicts in memory |
//! | `visits` | venues, check-in, check-out, offline scans |
//! | `tracing` | cases, their contacts, who lives or rode together |
//! | `publishing` | what is in force, proposals, whom they would change, deciding everybody again |
//! | `codes` | phones, assertions, status lists, checks |
//! | `staff` | accounts of staff members, their sessions and invitations; feeds |
//! | `ends` | retention, keys of months, disclosures, the end of the emergency |
//! | `two_persons` | what one staff member proposes and another one settles |
//! | `providers` | sign-in by OpenID Connect |
//! | `statistics` | counts by day, whole and for everybody to see |
//! | `mirror` | the copy of all evidence for reading over everybody |
//! | `workers` | work in the background, telling people |

mod access;
mod accounts;
mod alarms;
mod appeals;
mod audit;
mod caps;
mod codes;
mod contradictions;
pub mod decisions;
mod dependencies;
mod desk;
mod ends;
mod error;
mod evidence;
mod figures;
mod follow;
mod glitches;
mod mirror;
mod people;
pub mod providers;
mod publishing;
mod queues;
mod scanners;
mod service;
mod settings;
mod shard;
mod staff;
mod statistics;
#[cfg(test)]
mod testing;
mod tracing;
mod two_persons;
mod visits;
mod wake;
mod workers;

pub use self::tracing::{
    CaseConfirmed, CaseEntry, CaseLine, CaseList, CaseReport, CasesWaiting, Chain, Entered,
    EntryRefused, FoundContact, MembershipReceipt, MetHow, NamedContact, NewMembership, TakenIn,
    TraceSummary, Tracing, Waiting, WaitingCase, WaitingGroup,
};
pub use access::{
    Access, Action, BadFeedKey, BadToken, CommunityOfficial, ContentDigest, FeedKey, HANDS_OUT,
    Line, Operator, Publisher, Resident, SELF_AUTHORITY, SignatureFault, SignedRequest, Staff,
    StaffMember, Submitter, TABLE, TRACER_AUTHORITY, Token, Whose,
};
pub use accounts::{
    Accounts, AppealingHolder, AskedFrom, AtCounter, Claim, CodeMessage, CodeSender, Event,
    Happened, Holding, NewSession, Notice, NoticeKind, PersonOnAccount, ProvenResidents, Relation,
    SESSION_DAYS, Security, SeenBy, SendError, SessionKind, SessionView, Staying,
};
pub use alarms::{Alarm, AlarmKind, Alarms};
pub use appeals::{
    AnswerView, AppealDecision, AppealOutcome, AppealRequest, AppealState, AppealToAnswer,
    AppealView, AppealedRestriction, Appeals, AppealsByRule, FileForm, QueuedAppeal,
};
pub use audit::{
    Actor, AuditEntry, AuditLog, BadEntry, BadPurpose, Did, Finding, LogEntry, LogWitness, Look,
    Purpose, RecordChecked, RecordRead, RecordReads, Stated,
};
pub use caps::{Cap, Caps};
pub use codes::{
    Checks, Codes, EnrolledKey, ForeignVerdict, IssuedCode, KeySource, MOST_KEYS, NoForeignVerdict,
    SignedList, SigningKeys,
};
pub use contradictions::{
    ContradictionOutcome, ContradictionToSettle, ContradictionView, Contradictions, HeardView,
    QueuedContradiction, SettledView,
};
pub use credential;
pub use decisions::CLOCKS_DIFFER;
pub use dependencies::Dependencies;
pub use desk::{CaseDay, Desk, Settled, Soonest, Waiting as DeskWaiting};
pub use ends::{
    DisclosureProposal, DisclosureRequest, DisclosureView, Disclosures, Extract, ExtractedPerson,
    Forgetting, HalfYear, NOTICED_AFTER, ProofEntry, Retention, Sunset, SunsetProof,
    SunsetProposal,
};
pub use error::{Result, ServiceError};
pub use evidence::{
    Accepted, BatchApproval, HeldBatch, HeldBatches, Item, OrderProposal, OrderRequest, Orders,
    Receipt, Refused, Said, SavedColumns, SavedList, SeenColumns, Subject, Submission, Submissions,
    Together, Withdrawn, office_of,
};
pub use figures::{NodeFigures, RecordFigures, WorkerFigures};
pub use glitches::{
    GLITCH_DAYS, GlitchOutcome, GlitchPlace, GlitchReply, GlitchReport, GlitchView, Glitches,
};
pub use lab::suppress::{rounded_unless_small, unless_small};
pub use lab::{Place, PlaceFigures, ROUNDED_TO};
pub use mirror::{Bucket, Mirror, MirrorError, MirrorKeeper, lies_at};
pub use people::{
    BackupSeal, BadMonth, CredentialPurpose, Declaration, Declared, DeclaredStay, Keys, Month,
    MonthChain, MonthKeeper, MonthKeys, People, PersonRecord, RecordRequest, Records, Registered,
    RegistrationRequest, ReindexProgress, ShownIdentity, StatusReport, VaultError, VaultKeys,
    VaultProgress,
};
pub use publishing::{
    Approver, ByRule, Move, Progress, Proposal, ProposalDiff, ProposalState, ProposalSubject,
    Proposals, PublishedPolicies, Reevaluation,
};
pub use queues::{QueueAsked, QueuePage};
pub use scanners::{
    BadScannerPass, DoorRefusal, DoorScan, NewScanner, Scanner, ScannerPass, ScannerView, Scanners,
    Square, SquareState,
};
pub use service::Service;
pub use settings::Settings;
pub use staff::{
    BoundIdentity, FeedChange, FeedProposal, FeedView, FeedWish, Invitation, MemberEnd, NewFeed,
    NewMember, NewPasskey, PasskeyAnswer, PasskeyQuestion, StaffAccounts, StaffChange, StaffProof,
    StaffProposal,
};
pub use statistics::{DayFigures, OutcomeCount, RuleCount, Statistics, StatisticsService};
pub use store::appeals::QueuePlace as AppealPlace;
pub use store::contradictions::WaitingPlace as ContradictionPlace;
pub use store::door_visits::DoorVisit;
pub use store::mirror::Generation;
pub use store::office_cases::{CaseKey, CaseState, CasesAsked, OfficeCase};
pub use store::proposals::{ProposalKind, ProposalOutcome, ProposalPlace, Settlement, Signature};
pub use store::sunset::SunsetRecord;
pub use store::vault_rewrites::VaultRewrite;
pub use store::{Health, StoreError, Venue, Visit};
pub use visits::{
    BadSign, NewVenue, Scan, ScanReceipt, ScanRefused, ScreenPass, ShownSign, SignKind, VenueSign,
    VisitReceipt, Visits,
};
pub use workers::{CountingNotifier, Fault, Notifier, NotifyError, Outbox, TRACES_WAIT, Workers};
