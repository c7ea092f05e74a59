//! What goes into the store and comes out of it.

use domain::{
    AuthorityId, DeviceId, Evidence, EvidenceId, PersonId, PolicyRef, RequestKey, Status,
    Timestamp, VenueId, Verdict,
};
use jiff::SignedDuration;

use crate::vault::{BlindIndex, SealedIdentity};

/// A person to register.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// A fresh identifier.
    pub id: PersonId,
    /// Counts the request once.
    pub request: RequestKey,
    /// SHA-256 of the token that the person's phone will present.
    pub token_hash: [u8; 32],
    /// The identity, sealed.
    pub identity: SealedIdentity,
    /// Finds the document again.
    pub document: BlindIndex,
    /// Find the phones again.
    pub phones: Vec<BlindIndex>,
    /// The first declaration and stays, if any.
    pub evidence: Vec<Evidence>,
    /// When.
    pub registered_at: Timestamp,
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// The person is registered.
    New(StoredVerdict),
    /// The same request came before; this is the person it registered.
    Repeated(PersonId),
    /// The document is registered already, for another person id.
    DocumentTaken,
}

/// Evidence to append.
#[derive(Clone, Debug, Default)]
pub struct EvidenceBatch {
    /// Counts the request once, if given.
    pub request: Option<RequestKey>,
    /// The evidence; any order, any number of people.
    pub evidence: Vec<Evidence>,
    /// Tracing jobs to open in the same transaction.
    pub traces: Vec<TraceJob>,
}

/// The outcome of deciding one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The status before; `None` if there was no verdict.
    pub before: Option<Status>,
    /// The verdict now, and since when it is stored.
    pub now: StoredVerdict,
    /// How many pieces of evidence were new.
    pub appended: u32,
}

/// A verdict as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerdict {
    /// Whose.
    pub person: PersonId,
    /// What.
    pub verdict: Verdict,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// A changed colour, to be told to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourChange {
    /// Whose.
    pub person: PersonId,
    /// Identifies the message; fresh for each change.
    pub id: EvidenceId,
    /// From.
    pub before: Option<Status>,
    /// To.
    pub after: Status,
    /// When.
    pub at: Timestamp,
}

/// Who published something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Who, as written into the record.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A published policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// Name and version.
    pub reference: PolicyRef,
    /// The document.
    pub toml: String,
    /// From when it is in force.
    pub effective: Timestamp,
}

/// A place where visits are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its identifier.
    pub id: VenueId,
    /// Its name, as on the sign.
    pub name: String,
    /// What sort of place (`port`, `restaurant`), if a policy asks for it.
    pub category: Option<String>,
    /// Where it is.
    pub region: Option<domain::Region>,
}

/// A stay at a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its identifier, the same in the person's evidence.
    pub id: EvidenceId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub venue: VenueId,
    /// What sort of place, copied from the venue.
    pub category: Option<String>,
    /// From when.
    pub entered: Timestamp,
    /// Until when, if checked out.
    pub left: Option<Timestamp>,
}

impl Visit {
    /// An open visit counts as ended so long after entry.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);
    /// The authority of a visit that was recorded as such, not submitted as evidence: the person,
    /// who checked in.
    pub const RECORDED_BY: AuthorityId = AuthorityId::from_u128(1);
}

/// How visits come to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// As they happen: somebody enters or leaves now. Every case traced so far was found before, so
    /// no trace is touched.
    Live,
    /// Afterwards: scans of a phone that had no network, or what an authority reports. They may
    /// touch traces that are finished.
    Late,
}

/// A case whose contacts are to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceJob {
    /// The case.
    pub person: PersonId,
    /// The diagnosis that opened the job; identifies it.
    pub diagnosis: EvidenceId,
    /// Start of the infectious window.
    pub from: Timestamp,
    /// End of the infectious window.
    pub until: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How often a visit that came in late opened it again; 0 for a new one.
    pub reopened: u32,
}

/// Something that a trace looks at: a visit that comes in later and touches it opens the trace
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The visits of somebody who may have carried the illness.
    Carrier {
        /// Who.
        person: PersonId,
        /// From when on.
        from: Timestamp,
        /// The first moment after.
        until: Timestamp,
    },
    /// Everybody who was at a venue.
    Venue {
        /// Where.
        venue: VenueId,
        /// From when on.
        from: Timestamp,
        /// The first moment after.
        until: Timestamp,
    },
}

/// A job as stored: to be done, or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRecord {
    /// What was to be done.
    pub job: TraceJob,
    /// What came of it; `None` while it is to be done.
    pub finished: Option<TraceEnd>,
}

/// The end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEnd {
    /// How many contacts were found.
    pub contacts: u32,
    /// When it was finished.
    pub at: Timestamp,
}

/// A phone enrolled for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whose.
    pub person: PersonId,
    /// Its identifier.
    pub id: DeviceId,
    /// P-256 public key, SEC1 compressed, 33 bytes.
    pub public_key: [u8; 33],
    /// When.
    pub enrolled_at: Timestamp,
}

/// A place in a status list, held by the assertions of one device until revoked or expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Whose.
    pub person: PersonId,
    /// Which phone; `None` for plain codes and cards.
    pub device: Option<DeviceId>,
    /// Which list.
    pub list: u32,
    /// Which bit.
    pub index: u32,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// The latest expiry of an assertion that names it.
    pub expires_at: Timestamp,
}

/// A slot whose assertions no longer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedSlot {
    /// Which list.
    pub list: u32,
    /// Which bit.
    pub index: u32,
    /// Since when.
    pub revoked_at: Timestamp,
    /// When the last assertion that names it has expired.
    pub expires_at: Timestamp,
}

/// Where to go on in a record that is read in order of time: at a moment, and of what bears the very
/// second of it only with what comes after `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since<K> {
    /// From when on.
    pub at: Timestamp,
    /// What was read last of that second, if anything was.
    pub after: Option<K>,
}

impl<K> Since<K> {
    /// From the beginning of a moment.
    pub const fn moment(at: Timestamp) -> Self {
        Self { at, after: None }
    }
}

impl StoredVerdict {
    /// Goes on after this verdict.
    pub const fn cursor(&self) -> Since<PersonId> {
        Since {
            at: self.decided_at,
            after: Some(self.person),
        }
    }
}

impl RevokedSlot {
    /// Goes on after this place, which is its list and its bit.
    pub const fn cursor(&self) -> Since<(u32, u32)> {
        Since {
            at: self.revoked_at,
            after: Some((self.list, self.index)),
        }
    }
}

/// How the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `sqlite` or `postgresql`, with version.
    pub engine: String,
    /// Schema version.
    pub schema: i64,
    /// Bytes on disk, if known.
    pub bytes: Option<u64>,
}
