use std::convert::Infallible;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::trace::{Visit, Visits};

/// `day hour:minute` in February 2020, UTC.
fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    format!("2020-02-{day:0>2}T{time}:00Z").parse().unwrap()
}

fn member(
    person: &'static str,
    kind: GroupKind,
    group: &'static str,
    from: &str,
    until: &str,
) -> Membership<&'static str, &'static str> {
    Membership {
        person,
        group,
        kind,
        from: at(from),
        until: (!until.is_empty()).then(|| at(until)),
    }
}

fn home(person: &'static str, group: &'static str) -> Membership<&'static str, &'static str> {
    member(person, GroupKind::Household, group, "1 00:00", "")
}

fn building(person: &'static str, group: &'static str) -> Membership<&'static str, &'static str> {
    member(person, GroupKind::Building, group, "1 00:00", "")
}

fn visit(
    person: &'static str,
    venue: &'static str,
    entered: &str,
    left: &str,
) -> Visit<&'static str, &'static str> {
    Visit {
        person,
        venue,
        entered: at(entered),
        left: Some(at(left)),
    }
}

fn case(person: &'static str, from: &str, until: &str) -> Case<&'static str> {
    Case {
        person,
        from: at(from),
        until: at(until),
    }
}

/// `ring person relation minutes through`, one a contact.
fn table(
    memberships: &[Membership<&'static str, &'static str>],
    visits: &[Visit<&'static str, &'static str>],
    cases: &[Case<&'static str>],
    rings: u8,
) -> Vec<String> {
    let search = Search {
        minutes: 15,
        rings,
        by_day: None,
    };
    let contacts = trace(memberships, visits, cases, &search);
    let line = |c: &Contact<&str>| {
        format!(
            "{} {} {} {} {}",
            c.ring, c.person, c.relation, c.minutes, c.through
        )
    };
    contacts.iter().map(line).collect()
}

fn trace<P: Copy + Ord + std::hash::Hash + Send, V: Copy + Ord + std::hash::Hash + Send>(
    memberships: &[Membership<P, V>],
    visits: &[Visit<P, V>],
    cases: &[Case<P>],
    search: &Search,
) -> Vec<Contact<P>> {
    let visits = Visits::new(visits.iter().copied());
    let by_venue = |search: &Search, placed: &[Placed<P>]| {
        Ok::<_, Infallible>(visits.trace_beside(cases, search, placed))
    };
    let groups = GroupContacts::new(memberships.iter().copied());
    groups.trace(cases, search, by_venue).unwrap()
}

#[test]
fn household_building_and_passengers_are_in_ring_one() {
    use GroupKind::Vehicle;
    let memberships = [
        home("case", "flat 3"),
        home("partner", "flat 3"),
        home("neighbour", "flat 4"),
        building("case", "tower"),
        building("neighbour", "tower"),
        member("case", Vehicle, "train 9 of the 3rd", "3 08:00", "3 09:00"),
        member(
            "seat 5",
            Vehicle,
            "train 9 of the 3rd",
            "3 08:59",
            "3 11:00",
        ),
        member(
            "boarded later",
            Vehicle,
            "train 9 of the 3rd",
            "3 09:00",
            "3 11:00",
        ),
        member(
            "next day",
            Vehicle,
            "train 9 of the 4th",
            "4 08:00",
            "4 09:00",
        ),
    ];
    let window = [case("case", "2 00:00", "4 00:00")];
    assert_eq!(
        table(&memberships, &[], &window, 1),
        [
            "1 neighbour building 2880 case",
            "1 partner household 2880 case",
            "1 seat 5 vehicle 1 case",
        ],
        "a minute in a train counts, though the least at a venue is 15"
    );
}

#[test]
fn only_time_inside_the_infectious_window_counts() {
    use GroupKind::Household;
    let memberships = [
        member("case", Household, "flat", "1 00:00", ""),
        member("moved out before", Household, "flat", "1 00:00", "3 00:00"),
        member("moved out during", Household, "flat", "1 00:00", "3 06:00"),
        member("moved in during", Household, "flat", "4 18:00", ""),
        member("moved in after", Household, "flat", "5 00:00", ""),
    ];
    let window = [case("case", "3 00:00", "5 00:00")];
    assert_eq!(
        table(&memberships, &[], &window, 1),
        [
            "1 moved in during household 360 case",
            "1 moved out during household 360 case",
        ]
    );
}

#[test]
fn a_membership_that_nobody_ended_runs_for_longer_than_a_visit() {
    let memberships = [home("case", "flat"), home("parent", "flat")];
    let visits = [
        Visit {
            left: None,
            ..visit("case", "hall", "1 00:00", "1 01:00")
        },
        Visit {
            left: None,
            ..visit("guest", "hall", "1 00:00", "1 01:00")
        },
    ];
    let window = [case("case", "20 00:00", "21 00:00")];
    assert_eq!(
        table(&memberships, &visits, &window, 1),
        ["1 parent household 1440 case"]
    );
}

#[test]
fn a_membership_that_ends_as_it_begins_was_a_mistake() {
    let mistake = member(
        "stranger",
        GroupKind::Household,
        "flat",
        "1 00:00",
        "1 00:00",
    );
    let memberships = [home("case", "flat"), mistake];
    let window = [case("case", "2 00:00", "4 00:00")];
    assert!(table(&memberships, &[], &window, 2).is_empty());
}

#[test]
fn the_same_name_for_a_household_and_a_building_is_two_groups() {
    let memberships = [home("case", "12"), building("neighbour", "12")];
    let window = [case("case", "2 00:00", "4 00:00")];
    assert!(table(&memberships, &[], &window, 1).is_empty());
}

#[test]
fn who_is_a_companion_and_shared_a_venue_has_both_contacts() {
    let memberships = [home("case", "flat"), home("partner", "flat")];
    let visits = [
        visit("case", "cafe", "3 12:00", "3 13:00"),
        visit("partner", "cafe", "3 12:00", "3 13:00"),
    ];
    let window = [case("case", "3 00:00", "4 00:00")];
    assert_eq!(
        table(&memberships, &visits, &window, 2),
        ["1 partner household 1440 case", "1 partner venue 60 case"],
        "and is in ring 1 only"
    );
}

#[test]
fn the_household_of_a_contact_is_in_ring_two() {
    let memberships = [home("guest", "flat 7"), home("child", "flat 7")];
    let visits = [
        visit("case", "cafe", "3 12:00", "3 13:00"),
        visit("guest", "cafe", "3 12:30", "3 13:00"),
    ];
    let window = [case("case", "3 00:00", "4 00:00")];
    assert_eq!(
        table(&memberships, &visits, &window, 2),
        ["1 guest venue 30 case", "2 child household 690 guest"],
        "counting from half past twelve"
    );
    assert_eq!(table(&memberships, &visits, &window, 1).len(), 1);
}

#[test]
fn whoever_meets_a_companion_at_a_venue_is_in_ring_two() {
    let memberships = [home("case", "flat"), home("partner", "flat")];
    let visits = [
        visit("partner", "office", "3 09:00", "3 17:00"),
        visit("colleague", "office", "3 09:00", "3 12:00"),
        visit("cleaner", "office", "3 16:50", "3 18:00"),
        visit("partner", "pool", "2 09:00", "2 10:00"),
        visit("before the window", "pool", "2 09:00", "2 10:00"),
    ];
    let window = [case("case", "3 00:00", "4 00:00")];
    assert_eq!(
        table(&memberships, &visits, &window, 2),
        [
            "1 partner household 1440 case",
            "2 colleague venue 180 partner"
        ],
        "at a venue the least minutes count"
    );
}

#[test]
fn nobody_is_followed_from_a_building_and_no_building_is_looked_at_around_a_contact() {
    let memberships = [
        building("case", "tower"),
        building("tenant", "tower"),
        home("tenant", "flat 9"),
        home("lodger of tenant", "flat 9"),
        home("case", "flat 3"),
        home("partner", "flat 3"),
        building("partner", "second home"),
        building("tenant there", "second home"),
    ];
    let visits = [
        visit("tenant", "gym", "3 09:00", "3 17:00"),
        visit("met tenant", "gym", "3 09:00", "3 17:00"),
    ];
    let window = [case("case", "3 00:00", "4 00:00")];
    assert_eq!(
        table(&memberships, &visits, &window, 3),
        [
            "1 partner household 1440 case",
            "1 tenant building 1440 case"
        ]
    );
}

#[test]
fn a_case_is_in_ring_one_of_another_case_or_in_none() {
    let memberships = [
        home("a", "flat 1"),
        home("b", "flat 1"),
        home("b", "flat 2"),
        home("c", "flat 2"),
    ];
    let window = ["a", "b", "c"].map(|person| case(person, "3 00:00", "4 00:00"));
    assert_eq!(
        table(&memberships, &[], &window, 2),
        [
            "1 b household 1440 a",
            "1 a household 1440 b",
            "1 c household 1440 b",
            "1 b household 1440 c",
        ]
    );
}

#[test]
fn by_day_there_is_a_contact_for_each_local_day_together() {
    let memberships = [home("case", "flat"), home("partner", "flat")];
    let search = Search {
        minutes: 15,
        rings: 1,
        by_day: Some(TimeZone::get("Asia/Shanghai").unwrap()),
    };
    // Midnight in Shanghai is 16:00 UTC.
    let window = [case("case", "3 15:00", "4 17:00")];
    let contacts = trace(&memberships, &[], &window, &search);
    let days: Vec<_> = contacts
        .iter()
        .map(|one| format!("{} {}", one.day.unwrap(), one.minutes))
        .collect();
    assert_eq!(days, ["2020-02-03 60", "2020-02-04 1440", "2020-02-05 60"]);
}

const TICK: i64 = 600;

/// The definition in words, ten minutes at a time, everybody with everybody.
fn by_definition(
    memberships: &[Membership<u32, u32>],
    visits: &[Visit<u32, u32>],
    cases: &[Case<u32>],
    search: &Search,
) -> Vec<Contact<u32>> {
    type Ticks = BTreeSet<i64>;
    let ticks = |from: Timestamp, until: Timestamp| -> Ticks {
        (from.as_second() / TICK..(until.as_second() / TICK).min(2_640_000)).collect()
    };
    let mut places = BTreeMap::<(u32, u32, Relation), Ticks>::new();
    for one in memberships {
        let until = one.until.unwrap_or(tick(1_000));
        let key = (one.person, one.group, one.kind.relation());
        places
            .entry(key)
            .or_default()
            .extend(ticks(one.from, until));
    }
    for one in visits {
        let key = (one.person, one.venue, Relation::Venue);
        let left = one.left.unwrap();
        places
            .entry(key)
            .or_default()
            .extend(ticks(one.entered, left));
    }
    let all_cases: BTreeSet<u32> = cases.iter().map(|case| case.person).collect();
    let mut contacts = Vec::new();
    for case in &all_cases {
        let own = cases.iter().filter(|other| other.person == *case);
        let window: Ticks = own.flat_map(|own| ticks(own.from, own.until)).collect();
        let end = window.last().map_or(0, |tick| tick + 1);
        let mut index_cases = BTreeMap::from([(*case, window)]);
        let mut in_rings = BTreeSet::from([*case]);
        for ring in 1..=search.rings {
            // Person and relation, then index case, then when and where.
            let mut met = BTreeMap::<(u32, Relation), BTreeMap<u32, BTreeSet<(i64, u32)>>>::new();
            for ((index_case, place, relation), there) in &places {
                let Some(during) = index_cases.get(index_case) else {
                    continue;
                };
                if ring > 1 && *relation == Relation::Building {
                    continue;
                }
                for ((person, other_place, other_relation), present) in &places {
                    let is_new = !in_rings.contains(person);
                    let may_be = ring == 1 || !all_cases.contains(person);
                    if (place, relation) != (other_place, other_relation) || !is_new || !may_be {
                        continue;
                    }
                    let shared = there.intersection(present).filter(|t| during.contains(t));
                    let with = met.entry((*person, *relation)).or_default();
                    with.entry(*index_case)
                        .or_default()
                        .extend(shared.map(|tick| (*tick, *place)));
                }
            }
            let mut next = BTreeMap::<u32, i64>::new();
            for ((person, relation), mut with) in met {
                let is_venue = relation == Relation::Venue;
                // Two households at once are one time together, two venues at once are two.
                let length = |ticks: &BTreeSet<(i64, u32)>| match is_venue {
                    true => ticks.len(),
                    false => ticks.iter().map(|tick| tick.0).collect::<Ticks>().len(),
                };
                let least = if is_venue { search.minutes as usize } else { 1 };
                with.retain(|_, ticks| length(ticks) * 10 >= least.max(1));
                let longest = with
                    .iter()
                    .max_by_key(|(id, ticks)| (length(ticks), Reverse(**id)));
                let Some((through, longest)) = longest else {
                    continue;
                };
                let all: BTreeSet<(i64, u32)> = with.values().flatten().copied().collect();
                let (first, last) = (all.first().unwrap().0, all.last().unwrap().0 + 1);
                in_rings.insert(person);
                contacts.push(Contact {
                    case: *case,
                    ring,
                    person,
                    relation,
                    through: *through,
                    day: None,
                    minutes: length(longest) as u32 * 10,
                    first: Timestamp::from_second(first * TICK).unwrap(),
                    last: Timestamp::from_second(last * TICK).unwrap(),
                    venues: match is_venue {
                        true => all.iter().map(|tick| tick.1).collect::<BTreeSet<_>>().len() as u32,
                        false => 0,
                    },
                });
                if relation != Relation::Building {
                    let since = next.entry(person).or_insert(first);
                    *since = first.min(*since);
                }
            }
            index_cases = next
                .into_iter()
                .map(|(person, first)| (person, (first..end).collect()))
                .collect();
        }
    }
    contacts.sort_by_key(|one| (one.case, one.ring, one.person, one.relation));
    contacts
}

fn tick(number: i64) -> Timestamp {
    Timestamp::from_second(1_581_000_000 + number * TICK).unwrap()
}

prop_compose! {
    fn any_membership()(
        person in 0..9_u32, group in 0..3_u32, kind in prop::sample::select(GroupKind::ALL),
        from in 0..200_i64, length in -2..60_i64, open in prop::bool::weighted(0.2),
    ) -> Membership<u32, u32> {
        let until = (!open).then(|| tick(from + length));
        Membership { person, group, kind, from: tick(from), until }
    }
}

prop_compose! {
    fn any_visit()(
        person in 0..7_u32, venue in 0..3_u32, entered in 0..200_i64, length in 1..30_i64,
    ) -> Visit<u32, u32> {
        Visit { person, venue, entered: tick(entered), left: Some(tick(entered + length)) }
    }
}

prop_compose! {
    fn any_case()(person in 0..10_u32, from in 0..200_i64, length in 1..200_i64) -> Case<u32> {
        Case { person, from: tick(from), until: tick(from + length) }
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn the_trace_finds_what_the_definition_says(
        memberships in prop::collection::vec(any_membership(), 0..16),
        visits in prop::collection::vec(any_visit(), 0..12),
        cases in prop::collection::vec(any_case(), 0..4),
        minutes in prop::sample::select(vec![0_u32, 10, 15, 120]),
        rings in 0..4_u8,
    ) {
        let search = Search { minutes, rings, by_day: None };
        let found = trace(&memberships, &visits, &cases, &search);
        prop_assert_eq!(found, by_definition(&memberships, &visits, &cases, &search));
    }
}
