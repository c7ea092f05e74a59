//! Evidence in, verdict out, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Colour, Evidence, EvidenceId, PersonId, Status};
use sha2::{Digest, Sha256};

use super::{evidence, mirror, outbox, requests, slots, traces, verdicts};
use crate::database::Session;
use crate::queries::PERSON_TOUCH;
use crate::wire::{self, WireAppended};
use crate::{ColourChange, Court, Decided, EvidenceBatch, Result, StoreError, StoredVerdict};

/// Evidence by person; nobody is decided who is not in it.
type ByPerson<'a> = BTreeMap<PersonId, Vec<&'a Evidence>>;

pub(super) async fn append(
    session: &mut Session,
    batch: &EvidenceBatch,
    court: &Court,
) -> Result<Vec<Decided>> {
    if let Some(key) = batch.request {
        let content = |now| wire::content_hash(&[b"append"], &batch.evidence, false, now);
        let recorded_at = batch
            .evidence
            .first()
            .map_or(court.now, |first| first.recorded_at);
        if !requests::claim(session, key, content(None)?, recorded_at).await? {
            return match requests::find(session, key).await? {
                Some(earlier) if earlier.asked_for(content)? => {
                    let outcome: Vec<WireAppended> = earlier.outcome()?;
                    Ok(outcome.into_iter().map(Decided::from).collect())
                }
                _ => Err(StoreError::KeyReused(key)),
            };
        }
    }
    let mut people = ByPerson::new();
    batch
        .evidence
        .iter()
        .for_each(|piece| people.entry(piece.person).or_default().push(piece));
    let cases = batch.traces.iter().map(|job| job.person);
    let revisions = touch(session, people.keys().copied().chain(cases)).await?;
    let decided = decide_touched(session, &people, court, &revisions).await?;
    for job in &batch.traces {
        traces::add(session, job).await?;
    }
    if let Some(key) = batch.request {
        let outcome: Vec<WireAppended> = decided.iter().map(WireAppended::from).collect();
        requests::finish(session, key, &outcome).await?;
    }
    Ok(decided)
}

pub(super) async fn decide_again(
    session: &mut Session,
    people: &[PersonId],
    court: &Court,
) -> Result<Vec<Decided>> {
    let people = people.iter().map(|person| (*person, Vec::new())).collect();
    decide(session, &people, court).await
}

/// Adds the evidence and decides each person, in order of identifier.
pub(super) async fn decide(
    session: &mut Session,
    people: &ByPerson<'_>,
    court: &Court,
) -> Result<Vec<Decided>> {
    let revisions = touch(session, people.keys().copied()).await?;
    decide_touched(session, people, court, &revisions).await
}

/// Locks people, in order of identifier so that no two transactions wait for each other, and
/// returns the revision that this transaction makes of each. Whoever becomes known by it is noted for
/// the mirror.
async fn touch(
    session: &mut Session,
    people: impl Iterator<Item = PersonId>,
) -> Result<BTreeMap<PersonId, i64>> {
    let mut revisions = BTreeMap::new();
    for person in people.collect::<BTreeSet<_>>() {
        let row = session.one_row(&PERSON_TOUCH, &[person.into()]).await?;
        let revision = row.int(0)?;
        if revision == 1 {
            mirror::note(session, person, revision).await?;
        }
        revisions.insert(person, revision);
    }
    Ok(revisions)
}

async fn decide_touched(
    session: &mut Session,
    people: &ByPerson<'_>,
    court: &Court,
    revisions: &BTreeMap<PersonId, i64>,
) -> Result<Vec<Decided>> {
    let mut decided = Vec::with_capacity(people.len());
    for (person, pieces) in people {
        let mut appended = 0;
        for piece in pieces {
            appended += u32::from(evidence::add(session, piece).await?);
        }
        let revision = revisions.get(person);
        if let Some(revision) = revision.filter(|revision| appended > 0 && **revision > 1) {
            mirror::note(session, *person, *revision).await?;
        }
        let (before, now) = decide_one(session, *person, court, revision).await?;
        decided.push(Decided {
            before,
            now,
            appended,
        });
    }
    Ok(decided)
}

async fn decide_one(
    session: &mut Session,
    person: PersonId,
    court: &Court,
    revision: Option<&i64>,
) -> Result<(Option<Status>, StoredVerdict)> {
    let evidence = evidence::before_court(session, person, court).await?;
    let verdict = (court.judge)(&evidence);
    let earlier = verdicts::of(session, person).await?;
    let before = earlier.as_ref().map(|earlier| earlier.verdict.status);
    if let Some(earlier) = earlier.filter(|earlier| earlier.verdict == verdict) {
        return Ok((before, earlier));
    }
    let after = verdict.status;
    let now = StoredVerdict {
        person,
        verdict,
        decided_at: court.now,
    };
    verdicts::put(session, &now).await?;
    if is_news(before, after) {
        let id = message_id(person, revision.copied().unwrap_or_default());
        outbox::add(
            session,
            &ColourChange {
                person,
                id,
                before,
                after,
                at: court.now,
            },
        )
        .await?;
    }
    if got_worse(before, after) {
        slots::revoke_all(session, person, court.now).await?;
    }
    Ok((before, now))
}

/// Whether the person must be told. A first verdict is news only if it restricts: whoever
/// registers reads theirs in the answer.
fn is_news(before: Option<Status>, after: Status) -> bool {
    match before {
        None => matches!(after, Status::Decided(Colour::Yellow | Colour::Red)),
        Some(before) => before != after,
    }
}

/// Whether a code signed under the verdict before promises more than the person may do now.
fn got_worse(before: Option<Status>, after: Status) -> bool {
    let rank = |status| match status {
        Status::Decided(Colour::Green) => 0,
        Status::Undeclared => 1,
        Status::Decided(Colour::Yellow) => 2,
        Status::Decided(Colour::Red) => 3,
    };
    before.is_some_and(|before| rank(after) > rank(before))
}

/// A message is identified by the person and the revision that caused it: fresh for each change,
/// and the same when the transaction is run again.
fn message_id(person: PersonId, revision: i64) -> EvidenceId {
    let mut hash = Sha256::new();
    hash.update(b"healthcode outbox");
    hash.update(person.to_bytes());
    hash.update(revision.to_be_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let half = hash.first_chunk().copied().unwrap_or_default();
    EvidenceId::from_u128(u128::from_be_bytes(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_revoked_exactly_when_they_promise_too_much() {
        let statuses = ["green", "undeclared", "yellow", "red"];
        let status = |word: &str| word.parse::<Status>().unwrap();
        for (place, before) in statuses.iter().enumerate() {
            for (later, after) in statuses.iter().enumerate() {
                let worse = got_worse(Some(status(before)), status(after));
                assert_eq!(worse, later > place, "{before} to {after}");
            }
            assert!(
                !got_worse(None, status(before)),
                "no code was signed without a verdict"
            );
        }
    }

    #[test]
    fn every_revision_has_a_message_of_its_own() {
        let message = |person, revision| message_id(PersonId::from_u128(person), revision);
        assert_eq!(message(1, 1), message(1, 1));
        assert_ne!(message(1, 1), message(1, 2));
        assert_ne!(message(1, 1), message(2, 1));
    }
}
