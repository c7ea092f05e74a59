//! Visits that the phone of a confirmed case uploads after the confirmation.
//!
//! Who knows that they are a case could name places where they never were, and strangers would be
//! restricted for it. So such visits are kept and not traced, until a tracer has talked to the person
//! and takes them in.

use std::collections::BTreeSet;

use domain::evidence::DiagnosisStatus;
use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, Timestamp};
use jiff::SignedDuration;
use store::{Recorded, StoreError, Transaction, Visit, evidence, held_visits};
use tracing::{info, instrument, warn};

use super::Visits;
use crate::access::{Action, Resource, Staff};
use crate::{Result, ServiceError};

/// A diagnosis that is older says nothing about visits of today.
const SAME_ILLNESS: SignedDuration = SignedDuration::from_hours(24 * 60);

impl Visits {
    /// The visits of a case that wait for a tracer, by entry time.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] unless they are a case of the asker's authority;
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "visits.held", skip_all)]
    pub async fn held_visits(&self, by: &Staff, person: PersonId) -> Result<Vec<Visit>> {
        self.check_tracer(by, person).await?;
        self.held_of(person).await
    }

    /// Takes in the visits of a case that waited, as a tracer who has looked at them. Whoever they met
    /// there is found in the background. How many there were; a repeat takes in none.
    ///
    /// # Errors
    /// As [`Visits::held_visits`]; after [`ServiceError::Store`] nothing is lost, ask again.
    #[instrument(name = "visits.release", skip_all)]
    pub async fn release_visits(&self, by: &Staff, person: PersonId) -> Result<usize> {
        self.check_tracer(by, person).await?;
        let held = self.held_of(person).await?;
        // Each counts once however often it is taken in, so a crash in between loses and doubles none.
        self.take_visits(&held, Recorded::Late).await?;
        let count = held.len();
        let dropped = self.store.transaction("visits.release", held, |tx, held| {
            Box::pin(held_visits::drop(tx, held))
        });
        dropped.await?;
        info!(count, "visits of a case were taken in by a tracer");
        Ok(count)
    }

    /// Keeps those of `new` that must wait for a tracer, and gives back the others: all, unless the
    /// person is a confirmed case; of a case those that are on record already.
    pub(super) async fn hold(
        &self,
        person: PersonId,
        new: Vec<Visit>,
        known: &[Visit],
        now: Timestamp,
    ) -> Result<(Vec<Visit>, BTreeSet<EvidenceId>)> {
        if new.is_empty() || self.confirmed_by(person, now).await?.is_none() {
            return Ok((new, BTreeSet::new()));
        }
        let recorded: BTreeSet<EvidenceId> = known.iter().map(|visit| visit.id).collect();
        let (taken, held): (Vec<Visit>, Vec<Visit>) = new
            .into_iter()
            .partition(|visit| recorded.contains(&visit.id));
        let waiting = held.iter().map(|visit| visit.id).collect();
        if !held.is_empty() {
            warn!(
                held = held.len(),
                "visits of a confirmed case wait for a tracer"
            );
            let put = self
                .store
                .transaction("visits.hold", (held, now), |tx, (held, now)| {
                    Box::pin(held_visits::put(tx, held, *now))
                });
            put.await?;
        }
        Ok((taken, waiting))
    }

    pub(super) async fn held_of(&self, person: PersonId) -> Result<Vec<Visit>> {
        let held = self.store.read("visits.held", person, |tx, person| {
            Box::pin(held_visits::of(tx, *person))
        });
        Ok(held.await?)
    }

    /// Those may look who follow the case's trace.
    async fn check_tracer(&self, by: &Staff, person: PersonId) -> Result<()> {
        by.may(Action::ReadTrace)?;
        let now = self.clock.now();
        let authority = self.confirmed_by(person, now).await?;
        let authority = authority.ok_or(ServiceError::UnknownPerson)?;
        by.check(Action::ReadTrace, &Resource::of(authority, None), now)
            .map_err(|error| error.if_not_theirs(ServiceError::UnknownPerson))
    }

    /// Which authority confirmed the person as a case, if one did.
    async fn confirmed_by(&self, person: PersonId, now: Timestamp) -> Result<Option<AuthorityId>> {
        let since = now.checked_sub(SAME_ILLNESS).unwrap_or(Timestamp::MIN);
        let read = self
            .store
            .read("visits.case", (person, since), |tx, (person, since)| {
                Box::pin(findings(tx, *person, *since))
            });
        Ok(diagnosis(&read.await?).map(|piece| piece.authority))
    }
}

async fn findings(
    tx: &mut Transaction,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Evidence>, StoreError> {
    let mut found = evidence::since(tx, &[person], since, false).await?;
    Ok(found.remove(&person).unwrap_or_default())
}

/// The newest finding of the disease that nobody took back.
fn diagnosis(evidence: &[Evidence]) -> Option<&Evidence> {
    let withdrawn: BTreeSet<EvidenceId> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let is_case = |piece: &Evidence| {
        matches!(
            piece.fact,
            Fact::Diagnosis {
                status: DiagnosisStatus::Confirmed | DiagnosisStatus::Asymptomatic,
                ..
            }
        )
    };
    let found = evidence.iter();
    let found = found.filter(|piece| is_case(piece) && !withdrawn.contains(&piece.id));
    found.max_by_key(|piece| (piece.recorded_at, piece.id))
}
