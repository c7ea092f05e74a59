//! The worker that holds what people declared against what others recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{Contradicted, ContradictionId, PersonId, Timestamp};
use jiff::tz::TimeZone;
use store::appeals::SealedWith;
use store::contradictions::{self, ContradictionRecord, ContradictionSettled};
use store::retention::{self, PassCursor};
use store::{StoreError, Transaction, counters, evidence, people};
use tracing::{info, instrument};

use super::{ContradictionOutcome, Contradictions, id_of};
use crate::publishing::ActivePolicy;
use crate::{Result, ServiceError};

/// The pass over everybody.
const CURSOR: &str = "contradictions";

/// One page of the pass, on its way.
struct Page {
    turn: String,
    active: Arc<ActivePolicy>,
    now: Timestamp,
    hear_by: Timestamp,
    look_back_from: Timestamp,
    seal: SealedWith,
    limit: u32,
}

impl Contradictions {
    /// Compares the next page of people, if the policy in force asks for it; whether there are more today.
    /// A worker does it: each day it goes over everybody once. Several nodes may do it at once.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "contradictions.find_next", level = "debug", skip_all)]
    pub async fn find_next(&self) -> Result<bool> {
        let active = match self.policies.active() {
            Ok(active) => active,
            Err(ServiceError::NoPolicy | ServiceError::Ended) => return Ok(false),
            Err(error) => return Err(error),
        };
        let Some(rule) = active.policy.contradictions() else {
            return Ok(false);
        };
        let now = self.clock.now();
        let page = Page {
            turn: now.to_zoned(TimeZone::UTC).date().to_string(),
            hear_by: rule.hear_within.after(now, active.policy.time_zone()),
            look_back_from: active.context(now).look_back_from,
            active,
            now,
            seal: self.keys.vault.sealing_with(now),
            limit: self.settings.people_per_batch.max(1),
        };
        let done = self
            .store
            .transaction("contradictions.page", page, |tx, page| {
                Box::pin(page.run(tx))
            });
        let (found, is_finished) = done.await?;
        if found > 0 {
            info!(found, "what people declared does not fit what was recorded");
        }
        Ok(!is_finished)
    }
}

impl Page {
    /// How many are new, and whether everybody was looked at today.
    async fn run(&self, tx: &mut Transaction) -> Result<(u64, bool), StoreError> {
        // One node at a time: the row is locked until the transaction ends.
        counters::add(tx, CURSOR, 0).await?;
        let found = retention::cursor(tx, CURSOR).await?;
        let found = found.filter(|cursor| cursor.turn == self.turn);
        let mut cursor = found.unwrap_or_else(|| PassCursor {
            turn: self.turn.clone(),
            after: None,
            seen: 0,
            forgotten: 0,
            is_finished: false,
        });
        if cursor.is_finished {
            return Ok((0, true));
        }
        let page = people::after(tx, cursor.after, self.limit).await?;
        cursor.is_finished = page.len() < self.limit as usize;
        cursor.after = page.last().copied().or(cursor.after);
        cursor.seen += page.len() as u64;
        let new = self.compare(tx, &page).await?;
        retention::save_cursor(tx, CURSOR, &cursor).await?;
        Ok((new, cursor.is_finished))
    }

    async fn compare(&self, tx: &mut Transaction, page: &[PersonId]) -> Result<u64, StoreError> {
        // Who was proven to be somebody else is heard and judged as that person.
        let moved = people::moved(tx, page).await?;
        let mut asked = page.to_vec();
        asked.retain(|person| !moved.contains_key(person));
        let evidence = evidence::since(tx, &asked, self.look_back_from, false).await?;
        let known = contradictions::of(tx, page).await?;
        let mut new = Vec::new();
        let mut standing = BTreeSet::<ContradictionId>::new();
        for (person, pieces) in &evidence {
            let (policy, levels) = (&self.active.policy, &self.active.levels);
            for found in domain::contradictions(policy, levels, pieces, self.now) {
                let record = self.record(*person, found);
                standing.insert(record.id);
                new.push(record);
            }
        }
        let dropped = ContradictionSettled {
            at: self.now,
            outcome: ContradictionOutcome::Dropped.as_str().to_owned(),
            by: None,
            reasons: Vec::new(),
        };
        let over = known
            .iter()
            .filter(|record| record.settled.is_none() && !standing.contains(&record.id))
            .map(|record| (record.person, record.id));
        contradictions::settle_all(tx, &over.collect::<Vec<_>>(), &dropped).await?;
        contradictions::add(tx, &new).await
    }

    fn record(&self, person: PersonId, found: Contradicted) -> ContradictionRecord {
        ContradictionRecord {
            person,
            id: id_of(person, found.declared, found.recorded),
            about: found.about.as_str().to_owned(),
            declared: found.declared,
            recorded: found.recorded,
            found_at: self.now,
            hear_by: self.hear_by,
            seal: self.seal,
            said: None,
            settled: None,
            told_at: None,
        }
    }
}
