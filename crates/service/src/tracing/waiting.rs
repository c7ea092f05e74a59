//! What waits for a tracer, because it became known after a case was confirmed: visits that the
//! phone of the case uploaded, and groups that somebody listed. A tracer asks the person and takes
//! it in, or refuses it. The members of a group are shown to nobody, not even to a tracer; only how
//! many.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::GroupKind;
use domain::{Authority, AuthorityId, GroupId, PersonId, Region, Timestamp};
use store::audit::NewEntry;
use store::held_memberships::{self, HeldMembership};
use store::held_visits::{self, HeldVisit};
use store::{StoreError, Transaction, Venue, Visit, Whose};
use tracing::{info, instrument};

use super::Tracing;
use crate::access::{Action, Staff};
use crate::audit::{Did, note_alone};
use crate::people::keys::hashed_id;
use crate::queues::{MOST_COUNTED, PAGE, QueuePage};
use crate::visits::Decided;
use crate::{Result, ServiceError};

/// What waits of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Visits of the case, by entry time.
    pub visits: Vec<Visit>,
    /// The venues of these visits, as far as there are any.
    pub venues: Vec<Venue>,
    /// Groups that the case or a contact was listed in.
    pub groups: Vec<WaitingGroup>,
    /// Stands for exactly this. The tracer's decision names it, so that nothing is taken in that
    /// nobody looked at.
    pub state: String,
}

/// A group that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingGroup {
    /// What is shared.
    pub kind: GroupKind,
    /// How many people were listed.
    pub people: usize,
    /// Who listed them.
    pub by: Option<Authority>,
    /// When a trace first met it.
    pub since: Timestamp,
}

/// A case of which something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingCase {
    /// Who.
    pub person: PersonId,
    /// How many visits wait.
    pub visits: u64,
    /// How many groups wait.
    pub groups: u64,
}

/// Which of these cases are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CasesWaiting {
    /// Those who are in this region or around it; of the asker's regions if it is `None`.
    pub region: Option<Region>,
    /// Those that come after this one.
    pub after: Option<PersonId>,
}

/// What was taken in, or refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// How many visits.
    pub visits: usize,
    /// How many memberships in groups.
    pub memberships: usize,
}

impl Tracing {
    /// One page of the cases in the asker's sight of which something waits, in the order of their numbers.
    ///
    /// # Errors
    /// [`crate::ServiceError::NotPermitted`]; [`crate::ServiceError::NoPolicy`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "tracing.waiting_cases", skip_all)]
    pub async fn waiting_cases(
        &self,
        by: &Staff,
        asked: &CasesWaiting,
    ) -> Result<QueuePage<WaitingCase, PersonId>> {
        let mut cases = self.read_waiting(by, asked, PAGE + 1).await?;
        let is_last = cases.len() <= PAGE as usize;
        cases.truncate(PAGE as usize);
        if !cases.is_empty() {
            let people = cases.iter().map(|case| case.person);
            let entry = self.visits.looked_at(by, Did::WaitingCasesListed, people);
            self.note_look(entry).await?;
        }
        let next = cases.last().filter(|_| !is_last).map(|case| case.person);
        Ok(QueuePage { lines: cases, next })
    }

    /// How many they are, up to a thousand, for a caller that shows no more: no entry of the log says so.
    pub(crate) async fn count_waiting(&self, by: &Staff) -> Result<usize> {
        let asked = CasesWaiting::default();
        Ok(self.read_waiting(by, &asked, MOST_COUNTED).await?.len())
    }

    async fn read_waiting(
        &self,
        by: &Staff,
        asked: &CasesWaiting,
        limit: u32,
    ) -> Result<Vec<WaitingCase>> {
        by.may(Action::TakeInVisits)?;
        let whose = self.people.near(by, asked.region)?;
        let read = self.store.read(
            "traces.waiting_cases",
            (whose, asked.after, limit),
            |tx, (whose, after, limit)| Box::pin(waiting_cases(tx, whose, *after, *limit)),
        );
        Ok(read.await?)
    }

    /// What waits of a case.
    ///
    /// # Errors
    /// [`crate::ServiceError::UnknownPerson`] if they are of another region;
    /// [`crate::ServiceError::NotPermitted`]; [`crate::ServiceError::NoPolicy`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "tracing.waiting", skip_all)]
    pub async fn waiting(&self, by: &Staff, person: PersonId) -> Result<Waiting> {
        self.check_waiting(by, person).await?;
        let (visits, held) = self.held_of(person).await?;
        let count = visits.len() + held.len();
        let entry = self
            .visits
            .looked(by, Did::WaitingVisitsRead, person, count);
        self.note_look(entry).await?;
        let state = state_of(&visits, &held);
        let visits: Vec<Visit> = visits.into_iter().map(|one| one.visit).collect();
        let venues = visits.iter().map(|visit| visit.venue).collect();
        let venues = self.visits.known_venues(venues).await?;
        let named: BTreeSet<AuthorityId> = held.iter().filter_map(|one| one.by).collect();
        let named: Vec<AuthorityId> = named.into_iter().collect();
        let authorities = self.access.known_authorities(&named).await?;
        let mut groups = BTreeMap::<GroupId, Vec<HeldMembership>>::new();
        for one in held {
            groups.entry(one.group).or_default().push(one);
        }
        let groups = groups.into_values();
        let group = |held: Vec<HeldMembership>| to_group(&held, &authorities);
        Ok(Waiting {
            visits,
            venues: venues.into_values().collect(),
            groups: groups.filter_map(group).collect(),
            state,
        })
    }

    /// Takes in what waits of a case, as a tracer who has looked at it: at what the state `seen`
    /// stands for. The contacts it leads to are found in the background. How much there was; where
    /// nothing waits, as after a repeat, nothing is decided.
    ///
    /// # Errors
    /// As [`Self::waiting`]; [`ServiceError::WaitingChanged`], also if another tracer decided at the same
    /// time and was quicker. After [`ServiceError::Store`] nothing is lost: ask again.
    #[instrument(name = "tracing.take_in", skip_all)]
    pub async fn take_in(&self, by: &Staff, person: PersonId, seen: &str) -> Result<TakenIn> {
        let taken = self.decide_waiting(by, (person, seen), true).await?;
        let (visits, memberships) = (taken.visits, taken.memberships);
        info!(visits, memberships, staff = %by.id(), "a tracer took in what waited of a case");
        Ok(taken)
    }

    /// Refuses what waits of a case, as a tracer who has looked at it: the visits are forgotten, and no
    /// trace ever reads these memberships. How much there was.
    ///
    /// # Errors
    /// As [`Self::take_in`].
    #[instrument(name = "tracing.refuse", skip_all)]
    pub async fn refuse(&self, by: &Staff, person: PersonId, seen: &str) -> Result<TakenIn> {
        let refused = self.decide_waiting(by, (person, seen), false).await?;
        let (visits, memberships) = (refused.visits, refused.memberships);
        info!(visits, memberships, staff = %by.id(), "a tracer refused what waited of a case");
        Ok(refused)
    }

    /// Decides about all that was looked at, at once.
    async fn decide_waiting(
        &self,
        by: &Staff,
        (person, seen): (PersonId, &str),
        is_taken_in: bool,
    ) -> Result<TakenIn> {
        let (visits, held) = self.looked_at(by, person, seen).await?;
        let (of_visits, of_groups) = match is_taken_in {
            true => (Did::WaitingVisitsTakenIn, Did::WaitingGroupsTakenIn),
            false => (Did::WaitingVisitsRefused, Did::WaitingGroupsRefused),
        };
        let taken = TakenIn {
            visits: visits.len(),
            memberships: held.len(),
        };
        let said = [(of_visits, taken.visits), (of_groups, taken.memberships)];
        let said = said.into_iter().filter(|(_, count)| *count > 0);
        let entries = said.map(|(did, count)| self.visits.looked(by, did, person, count));
        let decided = Decided {
            person,
            entries: entries.collect(),
            visits,
            held,
            is_taken_in,
        };
        if !decided.entries.is_empty() {
            self.visits.settle_waiting(decided).await?;
        }
        Ok(taken)
    }

    /// Writes into the log that somebody looked.
    pub(super) async fn note_look(&self, entry: NewEntry) -> Result<()> {
        Ok(note_alone(&self.store, "traces.looked", entry).await?)
    }

    async fn check_waiting(&self, by: &Staff, person: PersonId) -> Result<()> {
        let now = self.clock.now();
        let people = [person];
        self.people
            .check(by, Action::TakeInVisits, &people, now)
            .await
    }

    /// What waits of a case, if it still is what was looked at. This is decided about, and not what comes
    /// in meanwhile.
    async fn looked_at(
        &self,
        by: &Staff,
        person: PersonId,
        seen: &str,
    ) -> Result<(Vec<HeldVisit>, Vec<HeldMembership>)> {
        self.check_waiting(by, person).await?;
        let (visits, held) = self.held_of(person).await?;
        let is_something = !visits.is_empty() || !held.is_empty();
        if is_something && seen != state_of(&visits, &held) {
            return Err(ServiceError::WaitingChanged);
        }
        Ok((visits, held))
    }

    async fn held_of(&self, person: PersonId) -> Result<(Vec<HeldVisit>, Vec<HeldMembership>)> {
        let read = self.store.read("traces.held_of", person, |tx, person| {
            Box::pin(async move {
                let visits = held_visits::of(tx, *person).await?;
                Ok::<_, StoreError>((visits, held_memberships::of(tx, *person).await?))
            })
        });
        Ok(read.await?)
    }
}

async fn waiting_cases(
    tx: &mut Transaction,
    whose: &Whose,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<WaitingCase>, StoreError> {
    let visits = held_visits::cases(tx, whose, after, limit).await?;
    let groups = held_memberships::cases(tx, whose, after, limit).await?;
    let mut cases = BTreeMap::<PersonId, WaitingCase>::new();
    let none = |person| WaitingCase {
        person,
        visits: 0,
        groups: 0,
    };
    for (person, count) in visits {
        cases.entry(person).or_insert_with(|| none(person)).visits = count;
    }
    for (person, count) in groups {
        cases.entry(person).or_insert_with(|| none(person)).groups = count;
    }
    Ok(cases.into_values().take(limit as usize).collect())
}

/// Another one whenever something more waits, or something else.
fn state_of(visits: &[HeldVisit], held: &[HeldMembership]) -> String {
    let mut all = (visits.len() as u64).to_be_bytes().to_vec();
    for visit in visits {
        all.extend(visit.visit.id.to_bytes());
    }
    for one in held {
        all.extend(one.group.to_bytes());
        all.extend(one.member.to_bytes());
        all.extend(one.from.as_second().to_be_bytes());
    }
    hashed_id(b"what waits", &[&all]).to_string()
}

fn to_group(held: &[HeldMembership], authorities: &[Authority]) -> Option<WaitingGroup> {
    let first = held.first()?;
    let people: BTreeSet<PersonId> = held.iter().map(|one| one.member).collect();
    let mut named = authorities.iter();
    Some(WaitingGroup {
        kind: first.kind,
        people: people.len(),
        by: named.find(|one| Some(one.id) == first.by).cloned(),
        since: held.iter().map(|one| one.held_at).min()?,
    })
}
