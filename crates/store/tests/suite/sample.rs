//! Made-up people, facts and verdicts.

use domain::evidence::{ContactAnswer, DiagnosisStatus, Period, Relation, Ring, Symptoms};
use domain::{
    AccountId, Assurance, AuthorityId, Evidence, EvidenceId, Fact, IdSource, PersonId, PolicyRef,
    Status, Timestamp, Verdict,
};
use jiff::{SignedDuration, ToSpan};
use store::accounts::Account;
use store::identities::{BlindIndex, SealedIdentity};
use store::receipts::{Receipt, RequestHash};
use store::{ChangeNumber, StoredVerdict};

pub const LI: PersonId = PersonId::from_u128(0x11);
pub const WU: PersonId = PersonId::from_u128(0x22);
pub const CHEN: PersonId = PersonId::from_u128(0x33);
pub const OFFICE: AuthorityId = AuthorityId::from_u128(0xa);
pub const SPAN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Randomness that is not random.
pub struct Counting;

impl IdSource for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        (1..).zip(bytes).for_each(|(count, byte)| *byte = count);
    }
}

/// A timestamp, counted from 17 February 2020 in Hangzhou.
pub fn at(day: i64, hour: i64) -> Timestamp {
    let start: Timestamp = "2020-02-17T00:00:00+08:00".parse().unwrap();
    start + (day * 24 + hour).hours()
}

pub fn id(number: u128) -> EvidenceId {
    EvidenceId::from_u128(number)
}

/// The hash of a request that came in at 8 o'clock, and what is kept of it.
pub fn receipt(number: u8) -> Receipt {
    Receipt {
        request: RequestHash([number; 32]),
        content: [number ^ 0xff; 32],
        outcome: String::new(),
        at: at(0, 8),
    }
}

/// Evidence that was taken in long after the fact.
pub fn evidence(number: u128, person: PersonId, fact: Fact) -> Evidence {
    Evidence {
        id: id(number),
        person,
        authority: OFFICE,
        recorded_at: at(100, 0),
        fact,
    }
}

pub fn declaration(number: u128, person: PersonId, at: Timestamp) -> Evidence {
    let contact = ContactAnswer::None;
    let fact = Fact::declaration(at, Symptoms::NONE, None, contact);
    evidence(number, person, fact)
}

pub fn contact(number: u128, person: PersonId, last: Timestamp) -> Evidence {
    let fact = Fact::contact(
        None,
        Relation::Close,
        Ring::FIRST,
        Period::new(last, last).unwrap(),
        Some(30),
    );
    evidence(number, person, fact)
}

pub fn diagnosis(number: u128, person: PersonId, at: Timestamp) -> Evidence {
    let fact = Fact::diagnosis(DiagnosisStatus::Confirmed, at, None);
    evidence(number, person, fact)
}

pub fn withdrawal(number: u128, person: PersonId, of: u128, at: Timestamp) -> Evidence {
    evidence(number, person, Fact::withdrawal(id(of), at))
}

/// Somebody who registers with a declaration.
#[derive(Clone)]
pub struct Newcomer {
    pub person: PersonId,
    pub sealed: SealedIdentity,
    pub document: BlindIndex,
    pub phones: Vec<BlindIndex>,
    pub said: Evidence,
}

/// A person who registers with a healthy declaration.
pub fn newcomer(person: PersonId, day: i64) -> Newcomer {
    let number = person.as_u128() as u8;
    let mut said = declaration(person.as_u128() << 64, person, at(day, 8));
    said.recorded_at = at(day, 8);
    Newcomer {
        person,
        sealed: SealedIdentity(vec![number; 100]),
        document: BlindIndex::first([number; 32]),
        phones: vec![BlindIndex::first([number; 32])],
        said,
    }
}

/// An account of somebody, of which every byte of the identifier is `byte`.
pub fn account(byte: u8, person: PersonId) -> Account {
    Account {
        id: AccountId::from_u128(u128::from_be_bytes([byte; 16])),
        person,
        assurance: Assurance::Claimed,
        proof: None,
        document: None,
        created_at: at(0, 8),
        proven_at: None,
        change: ChangeNumber::BEFORE_ALL,
    }
}

/// A verdict without findings that changes after [`SPAN`].
pub fn verdict(
    person: PersonId,
    status: Status,
    decided_at: Timestamp,
    change: ChangeNumber,
) -> StoredVerdict {
    let verdict = Verdict {
        policy: PolicyRef {
            id: "sample".into(),
            version: 1,
        },
        status,
        restrictions: Vec::new(),
        advice: Vec::new(),
        since: Some(decided_at),
        until: Some(decided_at + SPAN),
        next_change: Some(decided_at + SPAN),
    };
    StoredVerdict {
        person,
        verdict,
        decided_at,
        change,
    }
}
