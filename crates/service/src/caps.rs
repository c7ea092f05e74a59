//! Published limits on what one authority or one person can do (design, section 9). They are in the
//! configuration, on the page of the rules, and the same for everybody.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};
use jiff::SignedDuration;
use store::{StoreError, Transaction, Visit, counters};

use crate::alarms::AlarmKind;
use crate::{Result, ServiceError, Settings};

/// The limits. [`Caps::default`] gives those of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    values: [u32; Cap::ALL.len()],
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Orders that one authority proposed and that are approved on one day, counted by whom they are
    /// about.
    OrdersADay,
    /// Foreign verdicts that one authority sends on one day.
    ForeignVerdictsADay,
    /// People whom one batch of evidence restricts.
    RestrictedByBatch,
    /// People in one household within the last 60 days.
    Household,
    /// People in one building within the last 60 days.
    Building,
    /// People in one vehicle on one trip.
    Vehicle,
    /// Visits of one person on one day.
    VisitsADay,
    /// Phones of one person that show codes on one day.
    Phones,
    /// Proposals of one authority that wait for a second person.
    WaitingProposals,
    /// Documents that one community office looks up on one day.
    LookUpsADay,
}

impl Cap {
    /// Every limit.
    pub const ALL: [Self; 10] = [
        Self::OrdersADay,
        Self::ForeignVerdictsADay,
        Self::RestrictedByBatch,
        Self::Household,
        Self::Building,
        Self::Vehicle,
        Self::VisitsADay,
        Self::Phones,
        Self::WaitingProposals,
        Self::LookUpsADay,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrdersADay => "orders_a_day",
            Self::ForeignVerdictsADay => "foreign_verdicts_a_day",
            Self::RestrictedByBatch => "restricted_by_batch",
            Self::Household => "household",
            Self::Building => "building",
            Self::Vehicle => "vehicle",
            Self::VisitsADay => "visits_a_day",
            Self::Phones => "phones",
            Self::WaitingProposals => "waiting_proposals",
            Self::LookUpsADay => "look_ups_a_day",
        }
    }

    /// The limit of the design.
    const fn of_the_design(self) -> u32 {
        match self {
            Self::OrdersADay => 50,
            Self::ForeignVerdictsADay | Self::RestrictedByBatch => 100,
            Self::Household => 20,
            Self::Building | Self::Vehicle => 2000,
            Self::VisitsADay => 50,
            Self::Phones => 8,
            Self::WaitingProposals => 5,
            Self::LookUpsADay => 500,
        }
    }

    /// The least that makes sense: none would keep everybody from living, visiting or showing a code.
    const fn least(self) -> u32 {
        match self {
            Self::OrdersADay | Self::ForeignVerdictsADay | Self::RestrictedByBatch => 0,
            Self::Household
            | Self::Building
            | Self::Vehicle
            | Self::VisitsADay
            | Self::Phones
            | Self::WaitingProposals
            | Self::LookUpsADay => 1,
        }
    }

    /// How many may share a group of this kind.
    pub(crate) const fn of_group(kind: GroupKind) -> Self {
        match kind {
            GroupKind::Household => Self::Household,
            GroupKind::Building => Self::Building,
            GroupKind::Vehicle => Self::Vehicle,
        }
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self::DESIGN
    }
}

impl Caps {
    /// The limits of the design.
    pub const DESIGN: Self = {
        let (mut values, mut place) = ([0; Cap::ALL.len()], 0);
        while place < values.len() {
            values[place] = Cap::ALL[place].of_the_design();
            place += 1;
        }
        Self { values }
    };

    /// No limit bites: for measurements, and for the founding of a city that is made up.
    pub const UNLIMITED: Self = Self {
        values: [u32::MAX; Cap::ALL.len()],
    };

    /// The value of a limit.
    pub const fn of(&self, cap: Cap) -> u32 {
        self.values[cap as usize]
    }

    /// Sets the limit called `name`.
    ///
    /// # Errors
    /// The names that there are, if it is none of them; the least value, if it is smaller.
    pub fn set_named(&mut self, name: &str, value: u32) -> Result<(), String> {
        let cap = Cap::ALL.into_iter().find(|cap| cap.name() == name);
        let cap = cap.ok_or_else(|| {
            let known = Cap::ALL.map(Cap::name).join(", ");
            format!("{name}: unknown; known: {known}")
        })?;
        let least = cap.least();
        if value < least {
            let usual = cap.of_the_design();
            return Err(format!(
                "{name} = {value}: at least {least}; leave it out for {usual}"
            ));
        }
        *self = self.with(cap, value);
        Ok(())
    }

    /// With another value.
    #[must_use]
    pub const fn with(mut self, cap: Cap, value: u32) -> Self {
        self.values[cap as usize] = value;
        self
    }
}

/// So many minutes two visits to different venues may overlap: clocks differ, and people walk.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// So many minutes the overlaps of one person may come to within 24 hours: three that are as long as may
/// be. Otherwise somebody could be at two places all day, five minutes at a time.
const OVERLAPS_A_DAY: SignedDuration = SignedDuration::from_mins(15);
/// A visit without an end was at least so long, when it is held against another.
const OPEN_VISIT: SignedDuration = SignedDuration::from_mins(10);

/// Why a visit does not fit those that the person made otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// At another venue at the same time, or so often a little at the same time on one day.
    Overlap,
    /// More on one day than anybody makes.
    TooMany,
}

impl Misfit {
    pub fn error(self, caps: &Caps) -> ServiceError {
        let why = match self {
            Self::Overlap => {
                "overlaps with another visit of the same person at another venue; correct the times, \
                 or delete the one that is wrong"
                    .to_owned()
            }
            Self::TooMany => format!(
                "more than {} visits within 24 hours; ask a community office if they are true",
                caps.of(Cap::VisitsADay)
            ),
        };
        ServiceError::field("entered", why)
    }
}

/// Which of `new` do not fit `known` visits of the same person, or those of `new` before them. The one
/// that came first counts; a visit that is known under its identifier fits.
pub(crate) fn misfits(known: &[Visit], new: &[Visit], caps: &Caps) -> Vec<Option<Misfit>> {
    let most = caps.of(Cap::VisitsADay) as usize;
    let ids: BTreeSet<_> = new.iter().map(|visit| visit.id).collect();
    // A repeated upload, or a later check-out, is held against the others and not against itself.
    let mut others: Vec<&Visit> = known.iter().filter(|one| !ids.contains(&one.id)).collect();
    let mut overlaps = overlaps_among(&mut others);
    let mut misfits = Vec::with_capacity(new.len());
    for visit in new {
        let is_near = |entered: Timestamp| {
            let apart = visit.entered.duration_since(entered);
            apart.abs() < SignedDuration::from_hours(24)
        };
        let elsewhere = others
            .iter()
            .filter(|other| other.id != visit.id && other.venue != visit.venue);
        let longest = elsewhere.clone().map(|other| overlap(other, visit)).max();
        let own: SignedDuration = elsewhere.map(|other| counted_overlap(other, visit)).sum();
        let near = overlaps.iter().filter(|(entered, _)| is_near(*entered));
        let of_the_day: SignedDuration = near.map(|(_, long)| *long).sum();
        let is_one_too_many = own.is_positive() && own + of_the_day > OVERLAPS_A_DAY;
        let misfit = if longest.is_some_and(|longest| longest > OVERLAP) || is_one_too_many {
            Some(Misfit::Overlap)
        } else if others.iter().filter(|other| is_near(other.entered)).count() >= most {
            Some(Misfit::TooMany)
        } else {
            others.push(visit);
            overlaps.push((visit.entered, own));
            None
        };
        misfits.push(misfit);
    }
    misfits
}

/// How long each of these visits overlaps those that began before it, with when it began.
fn overlaps_among(visits: &mut [&Visit]) -> Vec<(Timestamp, SignedDuration)> {
    visits.sort_by_key(|visit| visit.entered);
    let mut overlaps = Vec::new();
    for (place, earlier) in visits.iter().enumerate() {
        let later = visits[place + 1..].iter();
        for later in later.take_while(|later| later.entered < end_of(earlier)) {
            if later.venue != earlier.venue {
                overlaps.push((later.entered, counted_overlap(earlier, later)));
            }
        }
    }
    overlaps
}

/// How long both lasted at once, as it counts towards those of the day: a visit without an end had
/// ended when the next began.
fn counted_overlap(one: &Visit, other: &Visit) -> SignedDuration {
    let earlier = if one.entered <= other.entered {
        one
    } else {
        other
    };
    match earlier.left {
        Some(_) => overlap(one, other).max(SignedDuration::ZERO),
        None => SignedDuration::ZERO,
    }
}

/// How long both lasted at once.
fn overlap(one: &Visit, other: &Visit) -> SignedDuration {
    let begin = one.entered.max(other.entered);
    end_of(one).min(end_of(other)).duration_since(begin)
}

fn end_of(visit: &Visit) -> Timestamp {
    let open = visit.entered.checked_add(OPEN_VISIT);
    visit.left.or(open.ok()).unwrap_or(visit.entered)
}

/// What an authority wants to do on the day of `now` (UTC).
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// Of what.
    pub cap: Cap,
    /// So many may be drawn on one day.
    pub most: u32,
    /// By whom.
    pub authority: AuthorityId,
    /// On whose day.
    pub now: Timestamp,
    /// How many are drawn.
    pub count: u32,
}

impl Drawing {
    /// Draws from what the authority may do on the day; `false`, with nothing drawn, if that is used up.
    /// The row is locked until the transaction ends, so that two at once cannot both be the last. From
    /// four fifths on there is an alarm.
    ///
    /// # Errors
    /// As every statement: [`store::StoreError`].
    pub async fn draw(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        let used = counters::add(tx, &self.name(), i64::from(self.count)).await?;
        if used.saturating_mul(5) >= i64::from(self.most).saturating_mul(4) {
            let (about, number) = (self.cap.name(), u64::try_from(used).unwrap_or_default());
            let alarm = AlarmKind::CapNear.record(about, Some(self.authority), number, self.now);
            store::alarms::raise(tx, &alarm).await?;
        }
        if used <= i64::from(self.most) {
            return Ok(true);
        }
        self.give_back(tx).await?;
        Ok(false)
    }

    /// Undoes a drawing, in the same transaction.
    ///
    /// # Errors
    /// As every statement: [`store::StoreError`].
    pub async fn give_back(&self, tx: &mut Transaction) -> Result<(), StoreError> {
        counters::add(tx, &self.name(), -i64::from(self.count)).await?;
        Ok(())
    }

    fn name(&self) -> String {
        let day = self.now.as_second().div_euclid(86_400);
        format!("cap {} {day} {}", self.cap.name(), self.authority)
    }
}

/// Forgets what authorities drew on days before that of `now`.
///
/// # Errors
/// As every statement: [`store::StoreError`].
pub(crate) async fn forget_drawn(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    let today = now.as_second().div_euclid(86_400);
    let is_over = |name: &String| {
        let day = name.split(' ').nth(2).and_then(|day| day.parse().ok());
        // A day to spare, for servers whose clocks differ.
        day.is_some_and(|day: i64| day < today - 1)
    };
    let mut names = counters::names_of_caps(tx).await?;
    names.retain(is_over);
    counters::drop_all(tx, &names).await?;
    Ok(names.len() as u64)
}

/// The people of groups, as far as new memberships make them larger.
#[derive(Default)]
pub(crate) struct GroupSizes {
    people: BTreeMap<GroupId, BTreeSet<PersonId>>,
}

impl GroupSizes {
    /// Counts somebody who is in a group already.
    pub fn known(&mut self, group: GroupId, person: PersonId) {
        self.people.entry(group).or_default().insert(person);
    }

    /// Adds somebody, unless the group is full.
    pub fn admits(&mut self, group: GroupId, person: PersonId, most: u32) -> bool {
        let people = self.people.entry(group).or_default();
        if people.contains(&person) {
            return true;
        }
        people.len() < most as usize && people.insert(person)
    }
}

/// How far back members of a group are counted.
pub(crate) const GROUP_SPAN: SignedDuration = SignedDuration::from_hours(24 * 60);

impl Settings {
    /// The value of a limit.
    pub(crate) const fn cap(&self, cap: Cap) -> u32 {
        self.caps.of(cap)
    }
}

#[cfg(test)]
mod tests {
    use domain::{EvidenceId, VenueId};

    use super::*;

    fn visit(id: u128, venue: u128, entered: i64, left: Option<i64>) -> Visit {
        let at = |minute: i64| Timestamp::from_second(1_582_000_000 + 60 * minute).unwrap();
        Visit {
            id: EvidenceId::from_u128(id),
            person: PersonId::from_u128(1),
            venue: VenueId::from_u128(venue),
            category: None,
            entered: at(entered),
            left: left.map(at),
        }
    }

    #[test]
    fn a_person_is_at_one_place_at_a_time() {
        let known = [visit(1, 1, 0, Some(60))];
        for (other, expected) in [
            (visit(2, 2, 30, Some(90)), Some(Misfit::Overlap)),
            (visit(2, 1, 30, Some(90)), None),
            (visit(2, 2, 60, Some(90)), None),
            (visit(2, 2, 55, Some(90)), None),
            (visit(2, 2, 54, Some(90)), Some(Misfit::Overlap)),
            (visit(2, 2, 50, None), Some(Misfit::Overlap)),
            (visit(2, 2, -30, None), None),
            (visit(2, 2, 58, None), None),
            // The same visit, with the end that was missing.
            (visit(1, 1, 0, Some(90)), None),
        ] {
            let found = misfits(&known, std::slice::from_ref(&other), &Caps::default());
            assert_eq!(found, [expected], "{other:?}");
        }
    }

    #[test]
    fn thirty_visits_at_the_same_hour_are_one() {
        let thirty: Vec<Visit> = (0..30).map(|n| visit(n, n, 0, Some(60))).collect();
        let found = misfits(&[], &thirty, &Caps::default());
        assert_eq!(found.iter().filter(|one| one.is_none()).count(), 1);
        let open: Vec<Visit> = (0..30).map(|n| visit(n, n, 0, None)).collect();
        let found = misfits(&[], &open, &Caps::default());
        assert_eq!(found.iter().filter(|one| one.is_none()).count(), 1);
    }

    /// As many visits of a quarter of an hour as are given beginnings, each at a venue of its own.
    fn quarters(begins: impl Iterator<Item = i64>) -> Vec<Visit> {
        let visits = begins.zip(1..);
        visits
            .map(|(begin, number)| visit(number, number, begin, Some(begin + 15)))
            .collect()
    }

    #[test]
    fn visits_that_overlap_their_neighbours_all_day_are_bounded_in_all() {
        let chain = quarters((0..40).map(|n| 10 * n));
        let reversed: Vec<Visit> = chain.iter().rev().cloned().collect();
        for day in [&chain, &reversed] {
            let found = misfits(&[], day, &Caps::default());
            let taken: Vec<&Visit> = day
                .iter()
                .zip(&found)
                .filter_map(|(visit, misfit)| misfit.is_none().then_some(visit))
                .collect();
            let mut sorted = taken.clone();
            let overlaps = overlaps_among(&mut sorted);
            let in_all: SignedDuration = overlaps.iter().map(|(_, long)| *long).sum();
            assert_eq!(in_all, OVERLAPS_A_DAY, "as much as may be");
            assert!(taken.len() < 25, "{}", taken.len());
            // One by one it is the same: what is known counts as what comes with it.
            let mut known: Vec<Visit> = Vec::new();
            for visit in day {
                let one = std::slice::from_ref(visit);
                if misfits(&known, one, &Caps::default()) == [None] {
                    known.push(visit.clone());
                }
            }
            assert_eq!(known.iter().collect::<Vec<_>>(), taken);
        }
        let apart = quarters((0..40).map(|n| 15 * n));
        let found = misfits(&[], &apart, &Caps::default());
        assert_eq!(
            found, [None; 40],
            "who walks on at once is at one place at a time"
        );
        // Live check-ins have no end yet: each ends the one before.
        let live: Vec<Visit> = (0..9).map(|n| visit(n, n, 3 * n as i64, None)).collect();
        let scan = visit(90, 90, -12, Some(1));
        let found = misfits(&live, &[scan], &Caps::default());
        assert_eq!(found, [None], "a minute with the first of them");
    }

    #[test]
    fn nobody_makes_more_than_fifty_visits_in_a_day() {
        let many: Vec<Visit> = (0..120)
            .map(|n| visit(n, n, 20 * n as i64, Some(20 * n as i64 + 15)))
            .collect();
        let found = misfits(&[], &many, &Caps::default());
        assert_eq!(found[49], None);
        assert_eq!(found[50], Some(Misfit::TooMany));
        assert_eq!(found[119], None, "the next day");
    }
}
