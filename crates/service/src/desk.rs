//! The desk of an office: what waits for the staff member who looks, and the curve of its cases.
//! Numbers and times alone, so that looking at them says nothing about anybody.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{AuthorityId, Clock, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use store::proposals::{self, ProposalKind};
use store::{Store, office_cases};
use tracing::instrument;

use crate::Result;
use crate::access::{Access, Action, Staff};
use crate::appeals::Appeals;
use crate::contradictions::Contradictions;
use crate::glitches::Glitches;
use crate::publishing::PublishedPolicies;
use crate::queues::MOST_COUNTED;
use crate::tracing::Tracing;

/// Reads what an officer finds on the first page.
pub struct Desk {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access: Arc<Access>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) appeals: Arc<Appeals>,
    pub(crate) contradictions: Arc<Contradictions>,
    pub(crate) tracing: Arc<Tracing>,
    pub(crate) glitches: Arc<Glitches>,
}

/// What waits for somebody, by what they may act on; `None` where they may not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Appeals, and by when the first must be answered.
    pub appeals: Option<Soonest>,
    /// Orders that wait for a second person.
    pub orders: Option<usize>,
    /// Submissions that wait for a second person.
    pub batches: Option<usize>,
    /// Cases whose visits or groups wait for a tracer.
    pub cases: Option<usize>,
    /// Searches for contacts that run for the office, and since when the oldest does.
    pub searches: Option<Soonest>,
    /// Rules and levels that are compared or wait.
    pub rules: Option<usize>,
    /// Contradictions, and until when the first person has time to be heard.
    pub contradictions: Option<Soonest>,
    /// Reports of glitches without an answer.
    pub glitches: Option<usize>,
    /// Staff members and machines that wait for a second person.
    pub staff: Option<usize>,
}

/// Some things, the most urgent first, and its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Soonest {
    /// How many, up to a thousand.
    pub count: usize,
    /// The time of the first; `None` if there is none.
    pub at: Option<Timestamp>,
}

/// How often something was settled; `None` of a number that is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How often it was approved.
    pub approved: Option<u64>,
    /// How often it was rejected, or taken back.
    pub rejected: Option<u64>,
}

impl Soonest {
    fn of(times: Vec<Timestamp>) -> Self {
        Self {
            count: times.len(),
            at: times.first().copied(),
        }
    }

    /// Whether there are more than could be told: more than 999.
    pub const fn is_uncounted(self) -> bool {
        self.count >= MOST_COUNTED as usize
    }
}

/// The cases of a local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseDay {
    /// The day.
    pub day: Date,
    /// Cases whose illness began on it.
    pub began: u64,
    /// Cases of which that is not known, and whose illness was found on it.
    pub found: u64,
}

impl Desk {
    /// What waits for the asker.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "desk.waiting", skip_all)]
    pub async fn waiting(&self, by: &Staff) -> Result<Waiting> {
        let mut waiting = self.proposals(by).await?;
        if by.may(Action::AnswerAppeals).is_ok() {
            waiting.appeals = Some(Soonest::of(self.appeals.due(by).await?));
        }
        if by.may(Action::SettleContradictions).is_ok() {
            let due = self.contradictions.due(by).await?;
            waiting.contradictions = Some(Soonest::of(due));
        }
        if by.may(Action::TakeInVisits).is_ok() {
            waiting.cases = Some(self.tracing.count_waiting(by).await?);
        }
        if by.may(Action::ReadTrace).is_ok() {
            waiting.searches = Some(self.searches(by.authority().id).await?);
        }
        if by.may(Action::AnswerGlitches).is_ok() {
            let count = self.glitches.count_waiting().await?;
            waiting.glitches = usize::try_from(count).ok();
        }
        Ok(waiting)
    }

    /// How often what one office asks was approved and rejected by a second person, for anybody: orders,
    /// then submissions above the limit. Small numbers are kept back (invariant 13).
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn settled(&self) -> Result<[Settled; 2]> {
        let read = self.store.read("proposals.settled_counted", (), |tx, ()| {
            Box::pin(proposals::settled_counted(tx))
        });
        let counted = read.await?;
        let count = |kind, was_approved| {
            let found = counted
                .iter()
                .find(|(of, approved, _)| *of == kind && *approved == was_approved);
            lab::suppress::rounded_unless_small(found.map_or(0, |(.., count)| *count))
        };
        Ok(
            [ProposalKind::Orders, ProposalKind::Batch].map(|kind| Settled {
                approved: count(kind, true),
                rejected: count(kind, false),
            }),
        )
    }

    /// What one staff member proposed and another one settles.
    async fn proposals(&self, by: &Staff) -> Result<Waiting> {
        let read = self.store.read("proposals.waiting_counted", (), |tx, ()| {
            Box::pin(proposals::waiting_counted(tx))
        });
        let counted = read.await?;
        let count = |kinds: &[ProposalKind], theirs: Option<&BTreeSet<AuthorityId>>| {
            let of_kind = counted.iter().filter(|(kind, ..)| kinds.contains(kind));
            let counts = of_kind.filter(|(_, by, _)| theirs.is_none_or(|all| all.contains(by)));
            usize::try_from(counts.map(|(.., count)| count).sum::<u64>()).unwrap_or(usize::MAX)
        };
        let mut waiting = Waiting::default();
        if by.may(Action::ReadOrders).is_ok() {
            let theirs = self.authorities(by, Action::ReadOrders).await?;
            waiting.orders = Some(count(&[ProposalKind::Orders], Some(&theirs)));
            waiting.batches = Some(count(&[ProposalKind::Batch], Some(&theirs)));
        }
        if by.may(Action::ReadProposals).is_ok() {
            let kinds = [ProposalKind::Policy, ProposalKind::Levels];
            waiting.rules = Some(count(&kinds, None));
        }
        if by.may(Action::ReadStaff).is_ok() {
            let theirs = self.authorities(by, Action::ReadStaff).await?;
            let kinds = [ProposalKind::Onboarding, ProposalKind::Feed];
            waiting.staff = Some(count(&kinds, Some(&theirs)));
        }
        Ok(waiting)
    }

    async fn authorities(&self, by: &Staff, action: Action) -> Result<BTreeSet<AuthorityId>> {
        let theirs = self.access.authorities_for(by, action).await?;
        Ok(theirs.iter().map(|authority| authority.id).collect())
    }

    async fn searches(&self, authority: AuthorityId) -> Result<Soonest> {
        let read = self
            .store
            .read("desk.searches", authority, |tx, authority| {
                Box::pin(office_cases::searches(tx, *authority, MOST_COUNTED))
            });
        Ok(Soonest::of(read.await?))
    }

    /// The cases of the asker's office on each of so many days up to today, by the first day of illness;
    /// where that is not known, by the day on which it was found. A diagnosis that was taken back is not
    /// counted.
    ///
    /// # Errors
    /// [`crate::ServiceError::NotPermitted`]; [`crate::ServiceError::NoPolicy`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "desk.curve", skip_all)]
    pub async fn curve(&self, by: &Staff, days: u32) -> Result<Vec<CaseDay>> {
        by.may(Action::ReadTrace)?;
        let zone = self.policies.active()?.policy.time_zone().clone();
        let today = self.clock.now().to_zoned(zone.clone()).date();
        let back = i64::from(days.clamp(1, 92)) - 1;
        let first = today.checked_sub(back.days()).unwrap_or(today);
        let since = first.to_zoned(zone.clone());
        let since = since.map_or(Timestamp::MIN, |start| start.timestamp());
        let read = self.store.read(
            "desk.curve",
            (by.authority().id, since),
            |tx, (authority, since)| Box::pin(office_cases::counted(tx, *authority, *since)),
        );
        let counted: Vec<(Timestamp, u64, u64)> = read.await?;
        let days = first.series(1.day()).take_while(|day| *day <= today);
        let mut curve: Vec<CaseDay> = days
            .map(|day| CaseDay {
                day,
                began: 0,
                found: 0,
            })
            .collect();
        for (at, began, found) in counted {
            let day = at.to_zoned(zone.clone()).date();
            if let Some(counts) = curve.iter_mut().find(|counts| counts.day == day) {
                counts.began += began;
                counts.found += found;
            }
        }
        Ok(curve)
    }
}
