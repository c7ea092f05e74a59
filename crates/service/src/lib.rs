//! What the system does, one use case a method: register, declare, submit, decide, trace, issue,
//! check.
//!
//! A [`Service`] is built once by [`Service::start`] and shared. Whoever calls it first says who
//! they are: [`Service::resident`] and [`Service::official`] turn a token into a principal, and
//! every method that needs one takes it by type, so that no caller can forget to ask. There is no
//! method that sets a colour (invariant 2): verdicts come from [`domain::decide()`] alone, inside
//! the transaction that appends the evidence.
//!
//! | file | holds |
//! |---|---|
//! | `access` | tokens, residents, officials, operators |
//! | `people`, `phones` | register, declare; one form for each phone |
//! | `evidence` | submit, withdraw |
//! | `cases`, `contacts` | confirm a case, find its contacts |
//! | `companions` | who lives or rode together: taking it in, reading it for a trace |
//! | `gathering`, `visit_memory`, `visit_rows` | the visits a trace reads, from memory or the database |
//! | `venues` | venues, check-in, check-out, offline scans |
//! | `proposals`, `difference`, `compare` | publishing with two persons, and whom it would change |
//! | `mirror` | the copy of all evidence for reading over everybody |
//! | `publishing`, `in_force`, `everybody` | levels and policies, what is in force, deciding again |
//! | `devices`, `codes`, `slots` | phone keys, assertions, places in status lists |
//! | `checks`, `status_lists` | verifying a code, the lists checkpoints fetch |
//! | `status` | a person's verdict with its reasons |
//! | `statistics` | counts by day, whole and for everybody to see |
//! | `outbox`, `workers` | telling people, work in the background |

mod access;
mod cases;
mod checks;
mod codes;
mod companions;
mod compare;
mod contacts;
mod devices;
mod difference;
mod error;
mod everybody;
mod evidence;
mod gathering;
mod in_force;
mod kept_levels;
mod keys;
mod mirror;
mod outbox;
mod people;
mod phones;
mod plausible;
mod proposals;
mod publishing;
mod service;
mod settings;
mod slots;
mod standings;
mod statistics;
mod status;
mod status_lists;
mod tokens;
mod vault;
mod venues;
mod visit_memory;
mod visit_rows;
mod workers;

pub use access::{
    GroupOfficial, HealthOfficial, Official, Operator, Publisher, Resident, SELF_AUTHORITY,
    TRACER_AUTHORITY,
};
pub use cases::{CaseConfirmed, CaseReport};
pub use codes::IssuedCode;
pub use companions::{MembershipReceipt, NewMembership};
pub use contacts::TraceSummary;
pub use credential;
pub use difference::{ByRule, Difference, Move};
pub use error::{Result, ServiceError};
pub use everybody::Progress;
pub use evidence::{Accepted, Item, Receipt, Refused, Subject, Submission, Withdrawn};
pub use keys::Keys;
pub use lab::{Place, PlaceFigures, ROUNDED_TO};
pub use mirror::{Bucket, Mirror, MirrorError, MirrorSource, lies_at};
pub use outbox::{CountingNotifier, Notifier, NotifyError};
pub use people::{Declaration, Declared, DeclaredStay, Registered, RegistrationRequest};
pub use proposals::{Approver, Proposal, ProposalState, ProposalSubject};
pub use service::{Parts, Service};
pub use settings::Settings;
pub use statistics::{OutcomeCount, RuleCount, Statistics};
pub use status::StatusReport;
pub use status_lists::SignedList;
pub use store::mirror::Generation;
pub use store::proposals::Signature;
pub use store::{Health, StoreError, Venue};
pub use tokens::{BadToken, Token};
pub use vault::{VaultError, VaultKeys};
pub use venues::{NewVenue, Scan, ScanReceipt, ScanRefused, VisitReceipt};
pub use visit_memory::VisitsInMemory;
pub use workers::Workers;
