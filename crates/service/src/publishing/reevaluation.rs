//! Deciding everybody again after a change of policy or levels.
//!
//! One pass goes over all people in order of identifier, page by page, and writes the verdicts that
//! changed. A page is read and compared without locking anybody; only whose verdict changed is decided
//! in a transaction, some hundred people in one, so that reads and other writes go on in between. With
//! a mirror everybody is decided from its columns first, and of most people nothing but an outline of
//! the stored verdict is read (`from_mirror`); everybody else's evidence is (`from_record`).
//!
//! Another change in the middle begins a new pass. How far it is is stored: after a crash it goes on
//! where it stood. A start after a finished pass begins one as well, because the process may have died
//! between an evidence's verdict and its catching up with a change; until a pass reaches somebody,
//! their status page decides for itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use domain::{Clock, PersonId};
use store::reevaluation::{self, ReevaluationRecord};
use store::{ChangeNumber, Store, StoreError, Transaction, VerdictOutline};
use store::{changes, people, verdicts};
use tokio::sync::Mutex;
use tracing::{debug, info, instrument};

use super::from_mirror::{MirrorDecisions, Suspects};
use super::{ActivePolicy, PublishedPolicies, interrupted, people_per_page};
use crate::Result;
use crate::codes::Revocations;
use crate::decisions::Verdicts;
use crate::mirror::MirrorKeeper;
use crate::settings::Settings;

/// So many pages of evidence are as much to read as one of outlines.
const OUTLINES: u32 = 5;

/// How far deciding everybody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// People decided so far.
    pub decided: u64,
    /// Those of them whose status changed.
    pub changed: u64,
    /// How many people there are, as counted when the pass began; 0 before that. Registrations of
    /// meanwhile come on top.
    pub people: u64,
    /// Whether everybody was decided under what is in force now.
    pub is_finished: bool,
}

/// Decides everybody again.
pub struct Reevaluation {
    pub(super) store: Arc<Store>,
    pub(super) clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    policies: Arc<PublishedPolicies>,
    verdicts: Arc<Verdicts>,
    revocations: Arc<Revocations>,
    mirror: Arc<MirrorKeeper>,
    pass: Mutex<Pass>,
    /// The generation of the pass and how far it is, for a caller that does not wait for a page.
    noted: StdMutex<(u64, Progress)>,
    /// People counted last.
    people: AtomicU64,
}

/// One pass over everybody.
struct Pass {
    generation: u64,
    /// The last change before it began.
    began_after: ChangeNumber,
    /// The last person decided.
    after: Option<PersonId>,
    progress: Progress,
    /// Everybody decided from a mirror, if one can be used.
    mirrored: Option<MirrorDecisions>,
}

/// A page of people, and of what is stored about them.
struct Page {
    people: Vec<PersonId>,
    outlines: Vec<VerdictOutline>,
}

impl Reevaluation {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
        policies: Arc<PublishedPolicies>,
        verdicts: Arc<Verdicts>,
        revocations: Arc<Revocations>,
        mirror: Arc<MirrorKeeper>,
    ) -> Self {
        Self {
            store,
            clock,
            settings,
            policies,
            verdicts,
            revocations,
            mirror,
            pass: Mutex::new(Pass {
                generation: 0,
                began_after: ChangeNumber::BEFORE_ALL,
                after: None,
                progress: Progress::default(),
                mirrored: None,
            }),
            noted: StdMutex::default(),
            people: AtomicU64::new(0),
        }
    }

    /// Decides everybody under what is in force, and returns when that is done. Goes on where a pass
    /// in the background stands.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`]. What was decided stays;
    /// calling again goes on.
    pub async fn decide_everybody(&self) -> Result<Progress> {
        self.decide_everybody_telling(|_| {}).await
    }

    /// As [`Self::decide_everybody`], and tells after each page how far it is.
    ///
    /// # Errors
    /// As [`Self::decide_everybody`].
    #[instrument(name = "reevaluation.decide_everybody", skip_all)]
    pub async fn decide_everybody_telling(
        &self,
        mut tell: impl FnMut(Progress) + Send,
    ) -> Result<Progress> {
        loop {
            let progress = self.decide_next_batch().await?;
            tell(progress);
            if progress.is_finished {
                self.revocations.refresh().await?;
                return Ok(progress);
            }
            tokio::task::yield_now().await;
        }
    }

    /// How far deciding everybody is.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`].
    pub async fn progress(&self) -> Result<Progress> {
        let generation = self.policies.active()?.generation;
        let (of, progress) = *self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match of == generation {
            true => progress,
            false => Progress::default(),
        })
    }

    /// Decides the next page of people.
    pub(crate) async fn decide_next_batch(&self) -> Result<Progress> {
        let mut pass = self.pass.lock().await;
        let active = self.policies.active()?;
        if pass.generation != active.generation {
            *pass = self.take_up(&active, pass.generation == 0).await?;
            self.show(&pass);
        }
        if pass.progress.is_finished {
            return Ok(pass.progress);
        }
        let is_mirrored = pass.mirrored.is_some();
        let pages = if is_mirrored { OUTLINES } else { 1 };
        let limit = people_per_page(&self.settings).saturating_mul(pages);
        // With outlines of their verdicts if there is a mirror to hold against them.
        let page = self.store.read(
            "reevaluation.people",
            (pass.after, limit, is_mirrored),
            |tx, asked| Box::pin(read_people(tx, *asked)),
        );
        let page = page.await?;
        let (count, last) = (page.people.len(), page.people.last().copied());
        let changed = self.decide(&mut pass, page, &active).await?;
        let mut progress = pass.progress;
        progress.decided += count as u64;
        progress.changed += changed;
        progress.people = progress.people.max(progress.decided);
        progress.is_finished = count < limit as usize;
        self.note(&mut pass, &active, last, progress).await?;
        let Progress {
            decided, changed, ..
        } = progress;
        if progress.is_finished {
            pass.mirrored = None;
            self.policies
                .note_reevaluated_up_to(pass.generation, pass.began_after);
            info!(policy = %active.policy.reference(), decided, changed, "everybody decided");
        } else {
            debug!(decided, "deciding everybody");
        }
        Ok(progress)
    }

    /// How many people there were when they were counted last; 0 if they never were.
    pub(crate) fn people_counted(&self) -> u64 {
        self.people.load(Ordering::Relaxed)
    }

    /// Counts everybody, to estimate how long deciding them will take.
    pub(crate) async fn count_people(&self) -> Result<u64> {
        let counted = self
            .store
            .read("people.count", (), |tx, ()| Box::pin(people::count(tx)));
        let people = counted.await?;
        self.people.store(people, Ordering::Relaxed);
        Ok(people)
    }

    /// Where to begin: at the start of the process where a pass under the same policy and levels was
    /// cut off, else with the first person. A pass that another node is in the middle of may have gone
    /// past somebody whom this node has since decided under what was in force before.
    async fn take_up(&self, active: &Arc<ActivePolicy>, is_start: bool) -> Result<Pass> {
        let people = self.count_people().await?;
        let read = self
            .store
            .read("reevaluation.find", (), |tx, ()| Box::pin(read_begin(tx)));
        let (began_after, known) = read.await?;
        let cut_off = known
            .filter(|known| is_start && !known.is_finished && known.in_force == active.fingerprint);
        let mut pass = Pass {
            generation: active.generation,
            began_after,
            after: None,
            progress: Progress {
                people,
                ..Progress::default()
            },
            mirrored: self.decide_mirrored(active).await?,
        };
        if let Some(known) = cut_off {
            info!(
                decided = known.decided,
                "deciding everybody goes on where it was cut off"
            );
            pass.after = known.after;
            pass.progress.decided = known.decided;
            pass.progress.changed = known.changed;
        }
        Ok(pass)
    }

    /// Everybody decided from the mirror; `None` if it cannot be used.
    async fn decide_mirrored(&self, active: &Arc<ActivePolicy>) -> Result<Option<MirrorDecisions>> {
        let Some(snapshot) = self.mirror.checked_snapshot(&[&active.policy]).await else {
            return Ok(None);
        };
        let (active, now) = (Arc::clone(active), self.clock.now());
        let decided =
            tokio::task::spawn_blocking(move || MirrorDecisions::decide(snapshot, &active, now));
        match decided.await.map_err(interrupted)? {
            Ok(decided) => Ok(Some(decided)),
            Err(error) => {
                self.mirror.warn(&error);
                Ok(None)
            }
        }
    }

    /// Writes the verdicts of a page that changed; of how many people the status did.
    async fn decide(&self, pass: &mut Pass, page: Page, active: &Arc<ActivePolicy>) -> Result<u64> {
        let suspects = self.suspects(pass, page).await?;
        let mut changed = suspects.changed;
        for people in suspects
            .unsure
            .chunks(people_per_page(&self.settings) as usize)
        {
            changed.extend(self.changed(people, active).await?);
        }
        let mut count = 0;
        for people in changed.chunks(self.settings.people_per_batch.max(1) as usize) {
            let decided = self.verdicts.decide_in_passing(people).await?;
            count += decided.iter().filter(|one| one.is_changed()).count() as u64;
        }
        Ok(count)
    }

    /// Whose verdicts have to be looked at: without a mirror everybody's.
    async fn suspects(&self, pass: &mut Pass, page: Page) -> Result<Suspects> {
        let Some(mut mirrored) = pass.mirrored.take() else {
            return Ok(all_of(page.people));
        };
        let now = self.clock.now();
        let sorted = tokio::task::spawn_blocking(move || {
            let suspects = mirrored.suspects(&page.people, &page.outlines, now);
            (mirrored, suspects, page.people)
        });
        let (mirrored, suspects, people) = sorted.await.map_err(interrupted)?;
        match suspects {
            Ok(suspects) => {
                pass.mirrored = Some(mirrored);
                Ok(suspects)
            }
            Err(error) => {
                self.mirror.warn(&error);
                Ok(all_of(people))
            }
        }
    }

    /// Stores that the pass has come to `last`.
    async fn note(
        &self,
        pass: &mut Pass,
        active: &ActivePolicy,
        last: Option<PersonId>,
        progress: Progress,
    ) -> Result<()> {
        let after = last.or(pass.after);
        let record = ReevaluationRecord {
            in_force: active.fingerprint.clone(),
            after,
            decided: progress.decided,
            changed: progress.changed,
            is_finished: progress.is_finished,
        };
        let noted = self
            .store
            .transaction("reevaluation.note", record, |tx, record| {
                Box::pin(reevaluation::note(tx, record))
            });
        noted.await?;
        pass.after = after;
        pass.progress = progress;
        self.show(pass);
        Ok(())
    }

    fn show(&self, pass: &Pass) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = (pass.generation, pass.progress);
    }
}

/// Without a mirror anybody's verdict may have changed.
fn all_of(people: Vec<PersonId>) -> Suspects {
    Suspects {
        changed: Vec::new(),
        unsure: people,
    }
}

async fn read_begin(
    tx: &mut Transaction,
) -> Result<(ChangeNumber, Option<ReevaluationRecord>), StoreError> {
    Ok((changes::last(tx).await?, reevaluation::find(tx).await?))
}

async fn read_people(
    tx: &mut Transaction,
    (after, limit, with_outlines): (Option<PersonId>, u32, bool),
) -> Result<Page, StoreError> {
    let people = people::after(tx, after, limit).await?;
    let outlines = match people.last() {
        Some(last) if with_outlines => verdicts::outlines(tx, after, *last).await?,
        _ => Vec::new(),
    };
    Ok(Page { people, outlines })
}
