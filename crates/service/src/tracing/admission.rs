//! Which memberships a trace reads, and which wait for a tracer first: those that were listed after the
//! case was confirmed, by somebody who knew of it by then; and those of a household, building or vehicle
//! that is larger than the published cap, however it grew.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::GroupKind;
use domain::{GroupId, PersonId, Timestamp};
use store::held_memberships::HeldMembership;
use store::memberships::{ListedMembership, Membership};

use crate::caps::{Cap, Caps};
use crate::decisions::CLOCKS_DIFFER;

/// What became of the memberships that a trace met.
#[derive(Default)]
pub(super) struct Admission {
    /// Those that it reads.
    pub read: Vec<Membership>,
    /// Those that wait.
    pub held: Vec<HeldMembership>,
}

/// Sorts the memberships of index cases and of everybody in their groups, for a trace of a case that is
/// known since `known_at`, which runs `now`.
pub(super) fn admit(
    index_cases: &BTreeSet<PersonId>,
    listed: Vec<ListedMembership>,
    known_at: Timestamp,
    now: Timestamp,
    caps: &Caps,
) -> Admission {
    // The clocks of two nodes differ a little.
    let known_by = known_at.checked_sub(CLOCKS_DIFFER).unwrap_or(known_at);
    let listed = listed.into_iter().filter(|one| !was_refused(one));
    let (in_time, mut late): (Vec<_>, Vec<_>) = listed.partition(|one| one.counts_from < known_by);
    let too_large = too_large(index_cases, &in_time, caps);
    let (read, large): (Vec<_>, Vec<_>) = in_time
        .into_iter()
        .partition(|one| was_taken_in(one) || !too_large.contains(&one.membership.group));
    late.extend(large);
    Admission {
        read: read.iter().map(|one| one.membership).collect(),
        held: late.iter().map(|one| held(one, now)).collect(),
    }
}

/// Whether a tracer has refused it. The record keeps whole seconds.
fn was_refused(one: &ListedMembership) -> bool {
    one.counts_from.as_second() == Timestamp::MAX.as_second()
}

/// Whether a tracer has looked at it, or it was listed before anybody could.
fn was_taken_in(one: &ListedMembership) -> bool {
    one.counts_from <= Timestamp::UNIX_EPOCH
}

/// The groups that lead an index case to more people than share one. Somebody lives in one household and
/// one building, so of these all count together; a trip counts alone.
fn too_large(
    index_cases: &BTreeSet<PersonId>,
    listed: &[ListedMembership],
    caps: &Caps,
) -> BTreeSet<GroupId> {
    let mut people = BTreeMap::<GroupId, BTreeSet<PersonId>>::new();
    let mut groups_of = BTreeMap::<(PersonId, GroupKind), BTreeSet<GroupId>>::new();
    for one in listed {
        let Membership {
            person,
            group,
            kind,
            ..
        } = one.membership;
        if !was_taken_in(one) {
            people.entry(group).or_default().insert(person);
        }
        if index_cases.contains(&person) {
            groups_of.entry((person, kind)).or_default().insert(group);
        }
    }
    let mut too_large = BTreeSet::new();
    for ((_, kind), groups) in groups_of {
        let most = caps.of(Cap::of_group(kind)) as usize;
        let together: Vec<BTreeSet<GroupId>> = match kind {
            GroupKind::Household | GroupKind::Building => vec![groups],
            GroupKind::Vehicle => groups
                .into_iter()
                .map(|one| BTreeSet::from([one]))
                .collect(),
        };
        for groups in together {
            let others = groups
                .iter()
                .filter_map(|group| people.get(group))
                .flatten();
            if others.collect::<BTreeSet<_>>().len() > most {
                too_large.extend(groups);
            }
        }
    }
    too_large
}

fn held(one: &ListedMembership, now: Timestamp) -> HeldMembership {
    HeldMembership {
        group: one.membership.group,
        member: one.membership.person,
        from: one.membership.from,
        kind: one.membership.kind,
        by: one.by,
        held_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: u128 = 1;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_582_000_000 + second).unwrap()
    }

    fn listed(
        person: u128,
        group: u128,
        kind: GroupKind,
        counts_from: Timestamp,
    ) -> ListedMembership {
        ListedMembership {
            membership: Membership {
                person: PersonId::from_u128(person),
                group: GroupId::from_u128(group),
                kind,
                from: at(-1000),
                until: None,
            },
            counts_from,
            by: None,
        }
    }

    /// How many are read, and how many wait.
    fn counts(listed: Vec<ListedMembership>) -> (usize, usize) {
        let cases = BTreeSet::from([PersonId::from_u128(CASE)]);
        let caps = Caps::DESIGN
            .with(Cap::Household, 3)
            .with(Cap::Building, 4)
            .with(Cap::Vehicle, 3);
        let admission = admit(&cases, listed, at(0), at(60), &caps);
        assert!(admission.held.iter().all(|one| one.held_at == at(60)));
        (admission.read.len(), admission.held.len())
    }

    #[test]
    fn what_was_listed_when_the_case_was_known_waits() {
        let table = [
            (at(-6), (1, 0)),
            (at(-5), (0, 1)),
            (at(0), (0, 1)),
            (at(1), (0, 1)),
            (Timestamp::UNIX_EPOCH, (1, 0)),
            (Timestamp::MAX, (0, 0)),
        ];
        for (counts_from, expected) in table {
            let one = listed(2, 7, GroupKind::Household, counts_from);
            assert_eq!(counts(vec![one]), expected, "{counts_from}");
        }
    }

    #[test]
    fn a_group_that_is_larger_than_its_cap_waits_as_a_whole_however_it_grew() {
        use GroupKind::{Building, Household, Vehicle};
        let early = at(-100);
        let group = |group: u128, kind, people: std::ops::Range<u128>| {
            let people = people.map(move |person| listed(person, group, kind, early));
            let case = listed(CASE, group, kind, early);
            people.chain([case]).collect::<Vec<_>>()
        };
        let full = group(7, Household, 2..4);
        assert_eq!(counts(full.clone()), (3, 0), "as many as may");
        assert_eq!(counts(group(7, Household, 2..5)), (0, 4));
        let two = [full.clone(), group(8, Household, 4..6)].concat();
        assert_eq!(
            counts(two),
            (0, 6),
            "two households of one person are one too large"
        );
        let other_kind = [full.clone(), group(8, Building, 2..5)].concat();
        assert_eq!(counts(other_kind), (7, 0));
        let trips = [group(7, Vehicle, 2..4), group(8, Vehicle, 4..6)].concat();
        assert_eq!(counts(trips), (6, 0), "trips count each alone");
        assert_eq!(counts(group(7, Vehicle, 2..5)), (0, 4));
        let elsewhere: Vec<_> = (2..9)
            .map(|person| listed(person, 9, Household, early))
            .collect();
        assert_eq!(counts(elsewhere), (7, 0), "not a household of the case");
        let mut looked_at = group(7, Household, 2..9);
        for one in &mut looked_at {
            one.counts_from = Timestamp::UNIX_EPOCH;
        }
        looked_at.extend([listed(9, 7, Household, early)]);
        assert_eq!(counts(looked_at), (9, 0), "a tracer looked at all but one");
    }
}
