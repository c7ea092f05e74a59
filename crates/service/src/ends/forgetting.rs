//! The worker that forgets: it deletes evidence, visits and what the log says once their time is over,
//! in small steps, and destroys keys of months.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Clock, FactKind, IdSource, PersonId, Timestamp};
use jiff::tz::TimeZone;
use store::audit::NewEntry;
use store::retention::{self, Aged, PassCursor};
use store::{
    Store, StoreError, Transaction, appeals, audit, contradictions, counters, mirror, people,
};
use tracing::{info, instrument, warn};

use super::over;
use crate::audit::{Actor, AuditEntry, Did};
use crate::people::{Keys, Month, People};
use crate::publishing::PublishedPolicies;
use crate::{Result, ServiceError, Settings};

/// The pass over everybody.
const PEOPLE: &str = "retention";
/// The pass over the log.
const LOG: &str = "retention of the log";
/// What is said to be erased of who lived or rode together.
const MEMBERSHIPS: &str = "memberships";
/// What is said to be erased of appeals.
const APPEALS: &str = "appeals";
/// What is said to be erased, besides the kinds of evidence.
const OTHERS: [&str; 2] = [MEMBERSHIPS, APPEALS];
/// The log is passed over once, in one turn.
const ONE_TURN: &str = "log";
/// Entries of the log looked at in one transaction.
const ENTRIES_AT_ONCE: u32 = 5_000;

/// Forgets what is over.
pub struct Forgetting {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) people: Arc<People>,
}

/// Before when each kind is over.
#[derive(Clone)]
pub(super) struct Cutoffs {
    by_kind: BTreeMap<&'static str, Timestamp>,
    pub visits: Option<Timestamp>,
    pub memberships: Timestamp,
    appeals: Timestamp,
    pub searches: Timestamp,
}

/// One page of the pass over everybody, on its way into the database.
struct Page {
    cursor: PassCursor,
    cutoffs: Cutoffs,
    limit: u32,
    now: Timestamp,
    ids: Arc<dyn IdSource>,
}

/// One stretch of the log, on its way.
pub(super) struct Stretch {
    /// The place to begin at; `None` to go on where the pass of the worker is, and to note how far it
    /// gets.
    pub from: Option<u64>,
    /// What was said before this is erased.
    pub before: Timestamp,
    pub now: Timestamp,
    pub ids: Arc<dyn IdSource>,
}

impl Forgetting {
    /// Takes the next step of whatever there is to forget; whether there is more. A worker does it: each
    /// day it goes over everybody once. Several nodes may do it at once.
    ///
    /// # Errors
    /// [`ServiceError::Store`]; [`ServiceError::Vault`] if keys could not be destroyed where they are
    /// kept.
    #[instrument(name = "ends.forget", level = "debug", skip_all)]
    pub async fn forget_next(&self) -> Result<bool> {
        let now = self.clock.now();
        // Before the first page of the day, so that the end of the pass says how much it was, and after the last.
        let is_under_way = self
            .pass_of(now)
            .await?
            .is_some_and(|pass| !pass.is_finished);
        if !is_under_way && self.forget_over().await? {
            return Ok(true);
        }
        let more_people = self.forget_of_people().await?;
        let more_log = self.forget_of_log().await?;
        self.destroy_keys().await?;
        Ok(more_people || more_log)
    }

    /// Before when what is over; `None` without a policy: nobody knows then what still counts. After the
    /// end nothing is left.
    pub(super) fn cutoffs(&self, now: Timestamp) -> Result<Option<Cutoffs>> {
        let look_back_from = match self.policies.active() {
            Ok(active) => active.context(now).look_back_from,
            Err(ServiceError::NoPolicy | ServiceError::Ended) => return Ok(None),
            Err(error) => return Err(error),
        };
        let retention = &self.settings.retention;
        let cutoffs = FactKind::ALL.iter().filter_map(|kind| {
            let cutoff = retention.cutoff(*kind, now, look_back_from);
            Some((kind.as_str(), cutoff?))
        });
        let by_kind: BTreeMap<_, _> = cutoffs.collect();
        Ok(Some(Cutoffs {
            visits: by_kind.get(FactKind::Visit.as_str()).copied(),
            memberships: retention.membership_cutoff(now, look_back_from),
            appeals: retention.appeal_cutoff(now),
            searches: retention.search_cutoff(now, look_back_from),
            by_kind,
        }))
    }

    /// How far the pass over everybody of this day is, if it began.
    async fn pass_of(&self, now: Timestamp) -> Result<Option<PassCursor>> {
        let found = self.store.read("retention.cursor", (), |tx, ()| {
            Box::pin(retention::cursor(tx, PEOPLE))
        });
        let turn = turn_of(now);
        Ok(found.await?.filter(|pass| pass.turn == turn))
    }

    /// The next page of people; whether there are more today.
    async fn forget_of_people(&self) -> Result<bool> {
        let now = self.clock.now();
        let Some(cutoffs) = self.cutoffs(now)? else {
            return Ok(false);
        };
        let anew = || begun(turn_of(now));
        let cursor = self.pass_of(now).await?.unwrap_or_else(anew);
        if cursor.is_finished {
            return Ok(false);
        }
        let page = Page {
            cursor,
            cutoffs,
            limit: self.settings.people_per_batch.max(1),
            now,
            ids: Arc::clone(&self.ids),
        };
        let done = self
            .store
            .transaction("retention.page", page, |tx, page| Box::pin(page.run(tx)));
        let cursor = done.await?;
        if cursor.is_finished {
            info!(rows = cursor.forgotten, "forgot what was over");
        }
        Ok(!cursor.is_finished)
    }

    /// The next stretch of the log; whether there is more.
    async fn forget_of_log(&self) -> Result<bool> {
        let now = self.clock.now();
        let stretch = Stretch {
            from: None,
            before: self.settings.retention.log_cutoff(now),
            now,
            ids: Arc::clone(&self.ids),
        };
        let done = self
            .store
            .transaction("retention.log", stretch, |tx, stretch| {
                Box::pin(stretch.run(tx))
            });
        Ok(done.await?.is_some())
    }

    /// Destroys the keys of months in which no identity is sealed any more.
    async fn destroy_keys(&self) -> Result<()> {
        let Some(months) = self.keys.vault.months() else {
            return Ok(());
        };
        let now = self.clock.now();
        let oldest = self.settings.retention.oldest_month(now);
        let is_due = months.earliest().is_some_and(|earliest| earliest < oldest);
        if !is_due {
            return Ok(());
        }
        let resealed = self.people.reseal_progress().await?;
        let key = self.keys.vault.resealed_with(oldest);
        let is_resealed = resealed.is_some_and(|cursor| {
            cursor.is_finished && cursor.unopened == 0 && Some(cursor.key) == key
        });
        if !is_resealed || self.others_need_keys_before(oldest).await? {
            return Ok(());
        }
        let destroyed = months.destroy_before(None, oldest);
        destroyed.map_err(|why| {
            warn!(%why, "keys of months whose time is over could not be destroyed");
            ServiceError::Vault(crate::VaultError::NotDestroyed { why })
        })?;
        info!(%oldest, "destroyed the keys of earlier months");
        // Said afterwards: nothing is said to be gone that is still there.
        let entry = AuditEntry::new(Actor::Program, Did::KeysDestroyed, now);
        let entry = entry.what(format_args!("months before {oldest}"));
        append(&self.store, vec![entry.seal(&*self.ids)]).await
    }

    /// Whether an appeal or a contradiction is still sealed in a month before.
    async fn others_need_keys_before(&self, oldest: Month) -> Result<bool> {
        let read = self.store.read("appeals.sealed_in", oldest, |tx, oldest| {
            Box::pin(async move {
                let appeals = appeals::sealed_in_months_before(tx, oldest.number()).await?;
                let others = contradictions::sealed_in_months_before(tx, oldest.number());
                Ok::<_, StoreError>(appeals + others.await?)
            })
        });
        Ok(read.await? > 0)
    }
}

/// Writes entries of the log that go with nothing else.
pub(super) async fn append(store: &Store, entries: Vec<NewEntry>) -> Result<()> {
    let done = store.transaction("ends.append", entries, |tx, entries| {
        Box::pin(audit::append(tx, entries))
    });
    Ok(done.await?)
}

/// The day that a pass is for.
pub(super) fn turn_of(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).date().to_string()
}

fn begun(turn: String) -> PassCursor {
    PassCursor {
        turn,
        after: None,
        seen: 0,
        forgotten: 0,
        is_finished: false,
    }
}

impl Cutoffs {
    fn is_over(&self, piece: &Aged) -> bool {
        let cutoff = self.by_kind.get(&*piece.kind);
        cutoff.is_some_and(|cutoff| {
            let ended = piece.ends.unwrap_or(piece.begins);
            piece.recorded < *cutoff && piece.begins < *cutoff && ended < *cutoff
        })
    }

    fn latest(&self) -> Option<Timestamp> {
        self.by_kind.values().max().copied()
    }
}

impl Page {
    async fn run(&self, tx: &mut Transaction) -> Result<PassCursor, StoreError> {
        // One node at a time: the row is locked until the transaction ends.
        counters::add(tx, PEOPLE, 0).await?;
        let found = retention::cursor(tx, PEOPLE).await?;
        let found = found.filter(|found| found.turn == self.cursor.turn);
        let mut cursor = found.unwrap_or_else(|| self.cursor.clone());
        if cursor.is_finished {
            return Ok(cursor);
        }
        let page = people::after(tx, cursor.after, self.limit).await?;
        cursor.is_finished = page.len() < self.limit as usize;
        cursor.after = page.last().copied().or(cursor.after);
        cursor.seen += page.len() as u64;
        let mut over = Vec::new();
        if let Some(latest) = self.cutoffs.latest() {
            let old = retention::old_evidence(tx, &page, latest).await?;
            over.extend(old.into_iter().filter(|piece| self.cutoffs.is_over(piece)));
        }
        let visits = match self.cutoffs.visits {
            Some(before) => retention::old_visits(tx, &page, before).await?,
            None => Vec::new(),
        };
        let memberships = retention::old_memberships(tx, &page, self.cutoffs.memberships).await?;
        // Locked, and noted for the mirror, before anything of theirs is deleted.
        let of_evidence = over.iter().map(|piece| piece.person);
        let of_visits = visits.iter().map(|visit| visit.person);
        let whose: BTreeSet<PersonId> = of_evidence.chain(of_visits).collect();
        let revisions = people::touch(tx, whose).await?;
        let noted: Vec<_> = revisions.into_iter().collect();
        mirror::note(tx, &noted).await?;
        let keys: Vec<_> = over.iter().map(|piece| (piece.person, piece.id)).collect();
        let of = |kind: FactKind| {
            let those = over.iter().filter(move |piece| piece.kind == kind.as_str());
            those
                .map(|piece| (piece.person, piece.id))
                .collect::<Vec<_>>()
        };
        retention::forget_searches(tx, &of(FactKind::Diagnosis)).await?;
        retention::forget_found(tx, &of(FactKind::Contact)).await?;
        cursor.forgotten += retention::forget_evidence(tx, &keys).await?;
        cursor.forgotten += retention::forget_visits(tx, &visits).await?;
        cursor.forgotten += retention::forget_memberships(tx, &memberships).await?;
        let answered = appeals::old(tx, &page, self.cutoffs.appeals).await?;
        cursor.forgotten += appeals::forget(tx, &answered).await?;
        // As long as the evidence that they became.
        let kind = FactKind::Contradiction.as_str();
        if let Some(before) = self.cutoffs.by_kind.get(kind) {
            let settled = contradictions::old(tx, &page, *before).await?;
            cursor.forgotten += contradictions::forget(tx, &settled).await?;
        }
        let mut counts = BTreeMap::<&str, i64>::new();
        for piece in &over {
            *counts.entry(&piece.kind).or_default() += 1;
        }
        *counts.entry(FactKind::Visit.as_str()).or_default() += visits.len() as i64;
        *counts.entry(MEMBERSHIPS).or_default() += memberships.len() as i64;
        *counts.entry(APPEALS).or_default() += answered.len() as i64;
        for (kind, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            counters::add(tx, &counter(kind), count).await?;
        }
        if cursor.is_finished {
            self.say_how_much(tx).await?;
        }
        retention::save_cursor(tx, PEOPLE, &cursor).await?;
        Ok(cursor)
    }

    /// One entry for each kind, and for whatever else something was erased of on the whole pass or, of what
    /// is found by its time, since the last one.
    async fn say_how_much(&self, tx: &mut Transaction) -> Result<(), StoreError> {
        let kinds = FactKind::ALL.iter().map(|kind| kind.as_str());
        for kind in kinds.chain(OTHERS).chain(over::WORDS) {
            let name = counter(kind);
            let count = counters::add(tx, &name, 0).await?;
            if count > 0 {
                counters::add(tx, &name, -count).await?;
                let entry = AuditEntry::new(Actor::Program, Did::DataErased, self.now);
                let entry = entry
                    .what(kind)
                    .count(usize::try_from(count).unwrap_or_default());
                audit::append(tx, &[entry.seal(&*self.ids)]).await?;
            }
        }
        Ok(())
    }
}

pub(super) fn counter(kind: &str) -> String {
    format!("forgotten {kind}")
}

impl Stretch {
    /// Erases what the next entries say; from which place to go on, or `None` at the end.
    pub(super) async fn run(&self, tx: &mut Transaction) -> Result<Option<u64>, StoreError> {
        let found = match self.from {
            None => {
                counters::add(tx, LOG, 0).await?;
                retention::cursor(tx, LOG).await?
            }
            Some(_) => None,
        };
        let mut cursor = found.unwrap_or_else(|| begun(ONE_TURN.to_owned()));
        cursor.seen = self.from.unwrap_or(cursor.seen);
        let stretch = audit::from(tx, cursor.seen, ENTRIES_AT_ONCE).await?;
        let mut erased = 0;
        let mut is_at_end = stretch.len() < ENTRIES_AT_ONCE as usize;
        for record in &stretch {
            if record.at >= self.before {
                is_at_end = true;
                break;
            }
            // What was changed stays, so that it is found.
            if let Ok(Some(entry)) = AuditEntry::read(record)
                && !entry.is_kept()
                && audit::erase(tx, record.commitment, &entry.people).await?
            {
                erased += 1;
            }
            cursor.seen = record.index.map_or(cursor.seen, |index| index + 1);
        }
        if erased > 0 {
            let entry = AuditEntry::new(Actor::Program, Did::EntriesErased, self.now);
            audit::append(tx, &[entry.count(erased).seal(&*self.ids)]).await?;
        }
        cursor.forgotten += erased as u64;
        if self.from.is_none() && !stretch.is_empty() {
            retention::save_cursor(tx, LOG, &cursor).await?;
        }
        Ok((!is_at_end).then_some(cursor.seen))
    }
}
