//! Made-up people and facts, and a decision simple enough to follow.

use std::collections::HashSet;
use std::sync::Arc;

use domain::evidence::{ContactAnswer, DiagnosisStatus, Period, Relation, Ring, Symptoms};
use domain::policy::RuleId;
use domain::{
    AccountId, AuthorityId, Colour, Evidence, EvidenceId, Fact, FactKind, Finding, PersonId,
    PolicyRef, Restriction, SessionId, Status, Timestamp, Verdict,
};
use jiff::{SignedDuration, ToSpan};
use service::NewSession;
use service::decisions::{DecisionContext, EvidenceBatch, NewPerson, RequestOnce};
use store::PublicationNumber;
use store::identities::{BlindIndex, SealedIdentity};
use store::receipts::RequestHash;

pub const LI: PersonId = PersonId::from_u128(0x11);
pub const WU: PersonId = PersonId::from_u128(0x22);
pub const CHEN: PersonId = PersonId::from_u128(0x33);
pub const OFFICE: AuthorityId = AuthorityId::from_u128(0xa);
pub const SPAN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A timestamp, counted from 17 February 2020 in Hangzhou.
pub fn at(day: i64, hour: i64) -> Timestamp {
    let start: Timestamp = "2020-02-17T00:00:00+08:00".parse().unwrap();
    start + (day * 24 + hour).hours()
}

pub fn id(number: u128) -> EvidenceId {
    EvidenceId::from_u128(number)
}

/// A request under a key, which asks for `content`.
pub fn once(key: u8, content: u8) -> RequestOnce {
    RequestOnce {
        request: RequestHash([key; 32]),
        content: [content; 32],
    }
}

/// Evidence that came with a request.
pub fn requested(once: RequestOnce, evidence: impl Into<Vec<Evidence>>) -> EvidenceBatch {
    EvidenceBatch {
        once: Some(once),
        note: "noted".to_owned(),
        evidence: evidence.into(),
        ..EvidenceBatch::default()
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
    let fact = Fact::declaration(at, Symptoms::NONE, None, ContactAnswer::None);
    evidence(number, person, fact)
}

pub fn contact(number: u128, person: PersonId, last: Timestamp) -> Evidence {
    let period = Period::new(last, last).unwrap();
    let fact = Fact::contact(None, Relation::Close, Ring::FIRST, period, Some(30));
    evidence(number, person, fact)
}

pub fn diagnosis(number: u128, person: PersonId, at: Timestamp) -> Evidence {
    let fact = Fact::diagnosis(DiagnosisStatus::Confirmed, at, None);
    evidence(number, person, fact)
}

pub fn withdrawal(number: u128, person: PersonId, of: u128, at: Timestamp) -> Evidence {
    evidence(number, person, Fact::withdrawal(id(of), at))
}

/// A person who registers with a healthy declaration.
pub fn newcomer(id: PersonId, day: i64) -> NewPerson {
    let number = id.as_u128() as u8;
    let mut said = declaration(id.as_u128() << 64, id, at(day, 8));
    said.recorded_at = at(day, 8);
    NewPerson {
        id,
        once: once(number, number),
        account: AccountId::from_u128(id.as_u128()),
        session: session(number, at(day, 8)),
        identity: SealedIdentity(vec![number; 100]),
        document: BlindIndex::first([number; 32]),
        phones: vec![BlindIndex::first([number; 32])],
        evidence: vec![said],
        registered_at: at(day, 8),
    }
}

/// The session of a phone that registers.
fn session(number: u8, now: Timestamp) -> NewSession {
    NewSession {
        hash: [number; 32],
        session: store::sessions::Session {
            account: AccountId::from_u128(number.into()),
            id: SessionId::from_u128(number.into()),
            kind: "api".to_owned(),
            label: None,
            created_at: now,
            seen_at: now,
            ends_at: Timestamp::MAX,
            ended_at: None,
        },
    }
}

/// Decides at `now`: 14 days red after a diagnosis, yellow after a contact, green after a
/// declaration, and advice after a visit; nothing that was withdrawn counts.
pub fn context(now: Timestamp) -> DecisionContext {
    DecisionContext {
        look_back_from: now - SPAN,
        reads_visits: true,
        takes_appeals: false,
        now,
        published: PublicationNumber::NONE,
        generation: 1,
        decide: Arc::new(move |evidence, _| decide(evidence, now)),
    }
}

fn decide(evidence: &[Evidence], now: Timestamp) -> Verdict {
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
    let finding = |rule: &str, kind: FactKind| {
        let found: Vec<_> = counts
            .iter()
            .filter(|piece| piece.fact.kind() == kind)
            .collect();
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
    let red = finding("case", FactKind::Diagnosis);
    let yellow = finding("contact", FactKind::Contact);
    let green = finding("declared", FactKind::Declaration);
    let advice = finding("test", FactKind::Visit);
    let restrictions: Vec<Restriction> = [(Colour::Red, red), (Colour::Yellow, yellow)]
        .into_iter()
        .filter_map(|(colour, finding)| {
            Some(Restriction {
                colour,
                finding: finding?,
            })
        })
        .collect();
    let status = match (restrictions.first(), &green) {
        (Some(restriction), _) => Status::Decided(restriction.colour),
        (None, Some(_)) => Status::Decided(Colour::Green),
        (None, None) => Status::Undeclared,
    };
    let first = restrictions.first();
    let holds = first
        .map(|restriction| restriction.finding.clone())
        .or(green);
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
