//! Everybody decided under two policies or levels, to see whom a proposal would change: from the
//! columns of the mirror and, for people with newer evidence, from the database; without a mirror
//! from the database alone, page by page.
//!
//! Both ways give the same. Visits are not followed by the mirror, so a policy that reads them is
//! compared without it.

use std::sync::{Arc, PoisonError};

use domain::{PersonId, Policy, ProposalId, RegionLevel, RegionLevels, Timestamp};
use store::proposals::{Comparison, ProposalRecord};
use store::{StoreError, Transaction, appeals, evidence, people, proposals};
use tokio::sync::Mutex;
use tracing::{info, instrument, warn};

use super::difference::{Known, MoveCounts, Side};
use super::policies::{Basis, reads_visits};
use super::proposal::ProposalSubject;
use super::proposals::{readable, subject_of};
use super::{Proposals, interrupted, people_per_page};
use crate::Result;
use crate::mirror::{MirrorError, Snapshot};

/// The comparison that runs.
#[derive(Default)]
pub(super) struct Comparing {
    turn: Mutex<()>,
    running: std::sync::Mutex<Option<(ProposalId, u64)>>,
}

impl Comparing {
    /// How many people were decided for the comparison of a proposal, if that runs.
    pub fn decided(&self, id: ProposalId) -> u64 {
        let running = self.running.lock();
        let running = running.unwrap_or_else(PoisonError::into_inner);
        running
            .filter(|(of, _)| *of == id)
            .map_or(0, |(_, decided)| decided)
    }

    fn note(&self, running: Option<(ProposalId, u64)>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

/// A comparison under way.
struct Sides {
    proposal: ProposalId,
    before: Side,
    after: Side,
    now: Timestamp,
}

impl Proposals {
    /// Computes, for every proposal that waits, whom it would change against what is in force now,
    /// unless that is known. How many were computed.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`]. What was computed stays.
    #[instrument(name = "proposals.compare", level = "debug", skip_all)]
    pub async fn compare_proposals(&self) -> Result<u32> {
        let _turn = self.comparing.turn.lock().await;
        let waiting = self.store.read("proposals.waiting", (), |tx, ()| {
            Box::pin(proposals::waiting(tx))
        });
        let mut compared = 0;
        for record in waiting.await? {
            let in_force = self.policies.basis().fingerprint;
            let known = record.comparison.as_ref();
            if known.is_none_or(|known| known.base != in_force) {
                self.reevaluation.count_people().await?;
                let done = self.compare(&record).await;
                self.comparing.note(None);
                compared += u32::from(done?);
            }
        }
        Ok(compared)
    }

    /// Compares one proposal; `false` if what is in force changed meanwhile.
    async fn compare(&self, record: &ProposalRecord) -> Result<bool> {
        let basis = self.policies.basis();
        let sides = match self.sides(&basis, record) {
            Ok(sides) => sides,
            Err(error) => {
                warn!(proposal = %record.id, %error, "a proposal cannot be compared");
                return Ok(false);
            }
        };
        let counts = self.count_everybody(&sides).await?;
        if self.policies.basis().fingerprint != basis.fingerprint {
            self.wake.proposals.notify_one();
            return Ok(false);
        }
        let comparison = Comparison {
            base: basis.fingerprint,
            difference: counts.difference().to_text(),
            at: sides.now,
        };
        info!(proposal = %record.id, people = counts.people, "compared");
        let noted = self.store.transaction(
            "proposals.note_comparison",
            (record.id, comparison),
            |tx, (id, comparison)| Box::pin(proposals::note_comparison(tx, *id, comparison)),
        );
        Ok(noted.await?)
    }

    fn sides(&self, basis: &Basis, record: &ProposalRecord) -> Result<Sides> {
        let levels = |more: &[RegionLevel]| {
            let all = basis.levels.iter().chain(more).copied();
            Arc::new(RegionLevels::new(all))
        };
        let before = Side {
            policy: basis.policy.clone(),
            levels: levels(&[]),
        };
        let after = match subject_of(record)? {
            ProposalSubject::Policy { toml, .. } => Side {
                policy: Some(Arc::new(readable(&toml)?)),
                levels: Arc::clone(&before.levels),
            },
            ProposalSubject::Levels(more) => Side {
                policy: before.policy.clone(),
                levels: levels(&more),
            },
        };
        Ok(Sides {
            proposal: record.id,
            before,
            after,
            now: self.clock.now(),
        })
    }

    /// Decides everybody on both sides.
    async fn count_everybody(&self, sides: &Sides) -> Result<MoveCounts> {
        if let Some(snapshot) = self.mirror.snapshot(&sides.policies()).await {
            let from_record = snapshot.from_record.clone();
            match self.count_mirrored(sides, snapshot).await? {
                Ok(counts) => return self.count_people(sides, counts, &from_record).await,
                Err(error) => self.mirror.warn(&error),
            }
        }
        let (mut counts, mut last) = (MoveCounts::default(), None);
        let limit = people_per_page(&self.settings);
        loop {
            let page = self
                .store
                .read("people.after", (last, limit), |tx, (after, limit)| {
                    Box::pin(people::after(tx, *after, *limit))
                });
            let page = page.await?;
            counts = self.count_people(sides, counts, &page).await?;
            last = page.last().copied().or(last);
            if page.len() < limit as usize {
                return Ok(counts);
            }
        }
    }

    /// Those about whom the mirror has all evidence.
    async fn count_mirrored(
        &self,
        sides: &Sides,
        snapshot: Snapshot,
    ) -> Result<Result<MoveCounts, MirrorError>> {
        let (before, after, now) = (sides.before.clone(), sides.after.clone(), sides.now);
        let counted = tokio::task::spawn_blocking(move || {
            let mut counts = MoveCounts::default();
            counts.count_mirror(&snapshot.dir, &snapshot.apart, &before, &after, now)?;
            snapshot.check_present()?;
            Ok(counts)
        });
        counted.await.map_err(interrupted)
    }

    /// Adds some people, from the database.
    async fn count_people(
        &self,
        sides: &Sides,
        mut counts: MoveCounts,
        people: &[PersonId],
    ) -> Result<MoveCounts> {
        for people in people.chunks(people_per_page(&self.settings) as usize) {
            self.comparing.note(Some((sides.proposal, counts.people)));
            let (since, visits) = (sides.since(), sides.read_visits());
            let read = self.store.read(
                "proposals.page",
                (people.to_vec(), since, visits),
                |tx, (people, since, visits)| Box::pin(read_page(tx, people, *since, *visits)),
            );
            let page = read.await?;
            let (before, after, now) = (sides.before.clone(), sides.after.clone(), sides.now);
            let counted = tokio::task::spawn_blocking(move || {
                counts.count(&page, &before, &after, now);
                counts
            });
            counts = counted.await.map_err(interrupted)?;
        }
        Ok(counts)
    }
}

/// What is known of a page of people, in their order.
async fn read_page(
    tx: &mut Transaction,
    people: &[PersonId],
    since: Timestamp,
    reads_visits: bool,
) -> Result<Vec<Known>, StoreError> {
    let mut evidence = evidence::since(tx, people, since, reads_visits).await?;
    let mut appeals = appeals::open_of(tx, people).await?;
    let known = people.iter().map(|person| Known {
        evidence: evidence.remove(person).unwrap_or_default(),
        appeals: appeals.remove(person).unwrap_or_default(),
    });
    Ok(known.collect())
}

impl Sides {
    fn policies(&self) -> Vec<&Policy> {
        let sides = [&self.before, &self.after].into_iter();
        sides.filter_map(|side| side.policy.as_deref()).collect()
    }

    /// Evidence that ended before cannot matter on either side.
    fn since(&self) -> Timestamp {
        let policies = self.policies().into_iter();
        let look_back = policies.map(|policy| policy.look_back().at_most()).max();
        let since = look_back.and_then(|span| self.now.checked_sub(span).ok());
        since.unwrap_or(Timestamp::MIN)
    }

    fn read_visits(&self) -> bool {
        self.policies().into_iter().any(reads_visits)
    }
}
