//! Made-up people, facts and a judge simple enough to follow.

use std::collections::HashSet;
use std::sync::Arc;

use domain::evidence::{ContactAnswer, DiagnosisStatus, Period, Relation, Ring, Symptoms};
use domain::policy::RuleId;
use domain::{
    AuthorityId, Colour, Evidence, EvidenceId, Fact, Finding, IdSource, PersonId, PolicyRef,
    RequestKey, Restriction, Status, Timestamp, Verdict,
};
use jiff::{SignedDuration, ToSpan};
use store::companions::CompanionStore;
use store::mirror::MirrorStore;
use store::presences::PresenceStore;
use store::proposals::ProposalStore;
use store::statistics::StatisticsStore;
use store::vault::{BlindIndex, IdentityStore, SealedIdentity};
use store::{Court, EvidenceBatch, NewPerson, Store};

/// The whole contract.
pub trait Record:
    Store
    + IdentityStore
    + ProposalStore
    + MirrorStore
    + PresenceStore
    + StatisticsStore
    + CompanionStore
{
}
impl<T> Record for T where
    T: Store
        + IdentityStore
        + ProposalStore
        + MirrorStore
        + PresenceStore
        + StatisticsStore
        + CompanionStore
{
}

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

/// A moment, counted from 17 February 2020 in Hangzhou.
pub fn at(day: i64, hour: i64) -> Timestamp {
    let start: Timestamp = "2020-02-17T00:00:00+08:00".parse().unwrap();
    start + (day * 24 + hour).hours()
}

pub fn key(number: u128) -> RequestKey {
    RequestKey::from_u128(number)
}

pub fn id(number: u128) -> EvidenceId {
    EvidenceId::from_u128(number)
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

pub fn batch(evidence: impl Into<Vec<Evidence>>) -> EvidenceBatch {
    EvidenceBatch {
        evidence: evidence.into(),
        ..EvidenceBatch::default()
    }
}

/// A person who registers with a healthy declaration.
pub fn newcomer(id: PersonId, day: i64) -> NewPerson {
    let number = id.as_u128() as u8;
    let mut said = declaration(id.as_u128() << 64, id, at(day, 8));
    said.recorded_at = at(day, 8);
    NewPerson {
        id,
        request: key(id.as_u128()),
        token_hash: [number; 32],
        identity: SealedIdentity(vec![number; 100]),
        document: BlindIndex([number; 32]),
        phones: vec![BlindIndex([number; 32])],
        evidence: vec![said],
        registered_at: at(day, 8),
    }
}

/// Judges at `now`: 14 days red after a diagnosis, yellow after a contact, green after a
/// declaration, and advice after a visit; nothing that was withdrawn counts.
pub fn court(now: Timestamp) -> Court {
    Court {
        look_back_from: now - SPAN,
        reads_visits: true,
        now,
        judge: Arc::new(move |evidence| judge(evidence, now)),
    }
}

fn judge(evidence: &[Evidence], now: Timestamp) -> Verdict {
    let withdrawn: HashSet<EvidenceId> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let ends = |piece: &Evidence| piece.fact.ends().unwrap_or(now) + SPAN;
    let counts: Vec<&Evidence> = evidence
        .iter()
        .filter(|piece| !withdrawn.contains(&piece.id) && ends(piece) > now)
        .collect();
    let finding = |rule: &str, of: fn(&Fact) -> bool| {
        let found: Vec<_> = counts.iter().filter(|piece| of(&piece.fact)).collect();
        let last = found.iter().max_by_key(|piece| (ends(piece), piece.id))?;
        let mut evidence: Vec<EvidenceId> = found.iter().map(|piece| piece.id).collect();
        evidence.sort_unstable();
        Some(Finding {
            rule: RuleId::from_checked(rule),
            since: found.iter().map(|piece| piece.fact.begins()).min()?,
            until: ends(last),
            because: last.id,
            evidence,
            authority: last.authority,
        })
    };
    let red = finding("case", |fact| matches!(fact, Fact::Diagnosis { .. }));
    let yellow = finding("contact", |fact| matches!(fact, Fact::Contact { .. }));
    let green = finding("declared", |fact| matches!(fact, Fact::Declaration { .. }));
    let advice = finding("test", |fact| matches!(fact, Fact::Visit { .. }));
    let restrictions: Vec<Restriction> = [(Colour::Red, red), (Colour::Yellow, yellow)]
        .into_iter()
        .filter_map(|(colour, finding)| {
            Some(Restriction {
                colour,
                finding: finding?,
            })
        })
        .collect();
    let first = restrictions
        .first()
        .map(|restriction| restriction.finding.clone());
    let holds = first.or(green.clone());
    let status = match (restrictions.first(), green) {
        (Some(restriction), _) => Status::Decided(restriction.colour),
        (None, Some(_)) => Status::Decided(Colour::Green),
        (None, None) => Status::Undeclared,
    };
    Verdict {
        policy: PolicyRef {
            id: "sample".into(),
            version: 1,
        },
        status,
        restrictions,
        advice: advice.into_iter().collect(),
        since: holds.as_ref().map(|finding| finding.since),
        until: holds.as_ref().map(|finding| finding.until),
        next_change: counts.iter().map(|piece| ends(piece)).min(),
    }
}
