//! Whose verdict has changed, as the database tells: evidence and verdicts of a page of people are
//! read as sets, without locking anybody, and decided outside of any transaction.
//!
//! What is written meanwhile does no harm. A person who seems to have changed is decided again in
//! the transaction that writes their verdict. A person whose evidence arrives is decided by the
//! transaction that writes it; if that did not know yet what is in force, it decides them once more
//! (`Verdicts::append`).

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Appeal, Evidence, PersonId, Timestamp};
use store::{StoreError, StoredVerdict, Transaction, appeals, evidence, verdicts};

use super::policies::says_the_same;
use super::{ActivePolicy, Reevaluation, interrupted};
use crate::Result;

/// What is read of a page of people.
struct Asked {
    people: Vec<PersonId>,
    since: Timestamp,
    reads_visits: bool,
    takes_appeals: bool,
}

/// Evidence, open appeals and verdicts of a page of people.
type Read = (
    BTreeMap<PersonId, Vec<Evidence>>,
    BTreeMap<PersonId, Vec<Appeal>>,
    BTreeMap<PersonId, StoredVerdict>,
);

impl Reevaluation {
    /// Those of these people whose stored verdict is not what is decided now. Works on two pages at
    /// once: while one is read, the other is decided.
    pub(super) async fn changed(
        &self,
        people: &[PersonId],
        active: &Arc<ActivePolicy>,
    ) -> Result<Vec<PersonId>> {
        let half = people.len().div_ceil(2);
        let (first, second) = people.split_at(half);
        let (mut changed, more) = tokio::try_join!(
            self.changed_on_page(first, active),
            self.changed_on_page(second, active),
        )?;
        changed.extend(more);
        Ok(changed)
    }

    async fn changed_on_page(
        &self,
        people: &[PersonId],
        active: &Arc<ActivePolicy>,
    ) -> Result<Vec<PersonId>> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let context = active.context(now);
        let asked = Asked {
            people: people.to_vec(),
            since: context.look_back_from,
            reads_visits: context.reads_visits,
            takes_appeals: context.takes_appeals,
        };
        let read = self.store.read("reevaluation.page", asked, |tx, asked| {
            Box::pin(read_page(tx, asked))
        });
        let (evidence, appeals, stored) = read.await?;
        let people = people.to_vec();
        let decided = tokio::task::spawn_blocking(move || {
            let is_changed = |person: &PersonId| {
                let evidence = evidence.get(person).map_or(&[][..], Vec::as_slice);
                let filed = appeals.get(person).map_or(&[][..], Vec::as_slice);
                let verdict = (context.decide)(evidence, filed);
                let stored = stored.get(person);
                !stored.is_some_and(|stored| says_the_same(stored, &verdict, now))
            };
            people.into_iter().filter(is_changed).collect()
        });
        decided.await.map_err(interrupted)
    }
}

async fn read_page(tx: &mut Transaction, asked: &Asked) -> Result<Read, StoreError> {
    let stored = verdicts::of(tx, &asked.people).await?;
    let evidence = evidence::since(tx, &asked.people, asked.since, asked.reads_visits).await?;
    let appeals = match asked.takes_appeals {
        true => appeals::open_of(tx, &asked.people).await?,
        false => BTreeMap::new(),
    };
    Ok((evidence, appeals, stored))
}
