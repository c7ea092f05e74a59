use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

/// `day hour:minute` in February 2020, UTC.
fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    format!("2020-02-{day:0>2}T{time}:00Z").parse().unwrap()
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
        left: (!left.is_empty()).then(|| at(left)),
    }
}

fn case(person: &'static str, from: &str, until: &str) -> Case<&'static str> {
    Case {
        person,
        from: at(from),
        until: at(until),
    }
}

fn search(minutes: u32, rings: u8) -> Search {
    Search {
        minutes,
        rings,
        by_day: None,
    }
}

/// `ring person minutes venues`, one a contact.
fn table(contacts: &[Contact<&str>]) -> Vec<String> {
    let line = |c: &Contact<&str>| format!("{} {} {} {}", c.ring, c.person, c.minutes, c.venues);
    contacts.iter().map(line).collect()
}

#[test]
fn time_at_several_venues_adds_up_to_a_contact() {
    let visits = Visits::new([
        visit("case", "bus", "3 08:00", "3 08:10"),
        visit("case", "cafe", "3 12:00", "3 13:00"),
        visit("both", "bus", "3 08:00", "3 08:10"),
        visit("both", "cafe", "3 12:55", "3 14:00"),
        visit("bus only", "bus", "3 08:00", "3 08:10"),
        visit("too late", "cafe", "3 13:00", "3 15:00"),
    ]);
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &search(15, 1));
    assert_eq!(table(&contacts), ["1 both 15 2"]);
    assert_eq!(
        (contacts[0].first, contacts[0].last),
        (at("3 08:00"), at("3 13:00"))
    );
    assert_eq!((contacts[0].case, contacts[0].through), ("case", "case"));
}

#[test]
fn only_time_inside_the_infectious_window_counts() {
    let visits = Visits::new([
        visit("case", "office", "3 08:00", "3 18:00"),
        visit("early", "office", "3 08:00", "3 12:10"),
        visit("late", "office", "3 12:10", "3 18:00"),
    ]);
    let contacts = visits.trace(&[case("case", "3 12:00", "3 12:30")], &search(15, 1));
    assert_eq!(table(&contacts), ["1 late 20 1"]);
}

#[test]
fn overlapping_visits_of_one_person_to_one_venue_count_once() {
    let visits = Visits::new([
        visit("case", "cafe", "3 12:00", "3 12:10"),
        visit("case", "cafe", "3 12:00", "3 12:10"),
        visit("case", "cafe", "3 12:05", "3 12:12"),
        visit("guest", "cafe", "3 12:00", "3 13:00"),
        visit("guest", "cafe", "3 12:01", "3 13:00"),
    ]);
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &search(10, 1));
    assert_eq!(table(&contacts), ["1 guest 12 1"]);
}

#[test]
fn a_visit_nobody_ended_ends_after_twelve_hours() {
    let visits = Visits::new([
        visit("case", "hall", "3 08:00", ""),
        visit("evening", "hall", "3 19:40", "3 23:00"),
        visit("night", "hall", "3 20:00", "3 23:00"),
    ]);
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &search(15, 1));
    assert_eq!(table(&contacts), ["1 evening 20 1"]);
}

#[test]
fn ring_two_counts_only_from_the_first_exposure_of_ring_one_on() {
    let visits = Visits::new([
        visit("case", "cafe", "3 12:00", "3 13:00"),
        visit("friend", "cafe", "3 12:00", "3 13:00"),
        visit("friend", "gym", "3 09:00", "3 10:00"),
        visit("before", "gym", "3 09:00", "3 10:00"),
        visit("friend", "home", "3 20:00", "4 06:00"),
        visit("after", "home", "3 22:00", "4 06:00"),
        visit("friend", "train", "11 09:00", "11 10:00"),
        visit("beyond the window", "train", "11 09:00", "11 10:00"),
    ]);
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &search(15, 2));
    assert_eq!(table(&contacts), ["1 friend 60 1", "2 after 480 1"]);
    assert_eq!(contacts[1].through, "friend");
}

#[test]
fn ring_two_needs_the_minutes_with_one_person_and_names_the_longest() {
    let visits = Visits::new([
        visit("case", "cafe", "3 12:00", "3 13:00"),
        visit("one", "cafe", "3 12:00", "3 13:00"),
        visit("two", "cafe", "3 12:00", "3 13:00"),
        visit("one", "bus", "3 14:00", "3 14:10"),
        visit("two", "tram", "3 15:00", "3 15:10"),
        visit("never long enough", "bus", "3 14:00", "3 14:10"),
        visit("never long enough", "tram", "3 15:00", "3 15:10"),
        visit("one", "park", "4 08:00", "4 09:00"),
        visit("two", "zoo", "4 10:00", "4 12:00"),
        visit("long enough", "park", "4 08:00", "4 09:00"),
        visit("long enough", "zoo", "4 10:00", "4 12:00"),
    ]);
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &search(15, 2));
    assert_eq!(
        table(&contacts),
        ["1 one 60 1", "1 two 60 1", "2 long enough 120 2"]
    );
    assert_eq!(contacts[2].through, "two");
    assert_eq!(
        (contacts[2].first, contacts[2].last),
        (at("4 08:00"), at("4 12:00"))
    );
}

#[test]
fn a_case_is_in_ring_one_of_another_case_but_never_in_ring_two() {
    let visits = Visits::new([
        visit("a", "cafe", "3 12:00", "3 13:00"),
        visit("b", "cafe", "3 12:00", "3 13:00"),
        visit("m", "cafe", "3 12:00", "3 12:20"),
        visit("m", "bar", "3 20:00", "3 21:00"),
        visit("c", "bar", "3 20:00", "3 21:00"),
    ]);
    let windows = ["a", "b", "c"].map(|person| case(person, "1 00:00", "10 00:00"));
    let contacts = visits.trace(&windows, &search(15, 2));
    let of_a: Vec<_> = contacts
        .into_iter()
        .filter(|contact| contact.case == "a")
        .collect();
    assert_eq!(table(&of_a), ["1 b 60 1", "1 m 20 1"]);
}

#[test]
fn by_day_splits_a_night_at_local_midnight_and_asks_the_minimum_of_each_day() {
    // Midnight in Shanghai is 16:00 UTC.
    let visits = Visits::new([
        visit("case", "hotel", "3 14:00", "3 18:00"),
        visit("guest", "hotel", "3 15:00", "3 16:10"),
        visit("sleeper", "hotel", "3 15:30", "3 17:00"),
    ]);
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let by_day = Search {
        minutes: 15,
        rings: 1,
        by_day: Some(zone),
    };
    let contacts = visits.trace(&[case("case", "1 00:00", "10 00:00")], &by_day);
    let days: Vec<_> = contacts
        .iter()
        .map(|c| format!("{} {} {}", c.person, c.day.unwrap(), c.minutes))
        .collect();
    assert_eq!(
        days,
        [
            "guest 2020-02-03 60",
            "sleeper 2020-02-03 30",
            "sleeper 2020-02-04 60"
        ]
    );
    assert_eq!(contacts[2].first, at("3 16:00"));
}

#[test]
fn a_case_nobody_saw_has_no_contacts() {
    let visits = Visits::new([visit("somebody", "cafe", "3 12:00", "3 13:00")]);
    let cases = [
        case("unseen", "1 00:00", "10 00:00"),
        case("somebody", "4 00:00", "3 00:00"),
    ];
    assert_eq!(visits.trace(&cases, &search(0, 2)), []);
    let nothing = Visits::<&str>::new::<&str>([]);
    assert_eq!(nothing.trace(&cases, &search(0, 2)), []);
}

/// The definition in the module's documentation, ten minutes at a time.
fn by_definition(
    visits: &[Visit<u32, u32>],
    cases: &[Case<u32>],
    search: &Search,
) -> Vec<Contact<u32>> {
    const TICK: i64 = 600;
    let ticks =
        |from: Timestamp, until: Timestamp| from.as_second() / TICK..until.as_second() / TICK;
    let mut present = BTreeMap::<(u32, u32), BTreeSet<i64>>::new();
    for visit in visits {
        let left = visit
            .left
            .unwrap_or_else(|| visit.entered + LONGEST_OPEN_VISIT);
        present
            .entry((visit.person, visit.venue))
            .or_default()
            .extend(ticks(visit.entered, left));
    }
    let people: BTreeSet<u32> = visits.iter().map(|visit| visit.person).collect();
    let all_cases: BTreeSet<u32> = cases.iter().map(|case| case.person).collect();
    let day_of = |tick: i64| {
        search
            .by_day
            .as_ref()
            .map(|_| (tick * TICK + 8 * 3600) / 86_400)
    };
    let mut contacts = Vec::new();
    for case in &all_cases {
        let own = cases.iter().filter(|other| other.person == *case);
        let window: BTreeSet<i64> = own.flat_map(|case| ticks(case.from, case.until)).collect();
        let mut index_cases = BTreeMap::from([(*case, window.clone())]);
        let mut placed = BTreeSet::from([*case]);
        for ring in 1..=search.rings {
            let mut next = BTreeMap::new();
            for person in people.difference(&placed) {
                if ring > 1 && all_cases.contains(person) {
                    continue;
                }
                // Day, then index case, then the ticks together by venue.
                let mut together = BTreeMap::<_, BTreeMap<u32, BTreeSet<(i64, u32)>>>::new();
                for (index_case, when) in &index_cases {
                    for ((_, venue), there) in
                        present.range((*index_case, 0)..=(*index_case, u32::MAX))
                    {
                        let Some(other) = present.get(&(*person, *venue)) else {
                            continue;
                        };
                        for tick in other.intersection(there).filter(|tick| when.contains(tick)) {
                            let day = together.entry(day_of(*tick)).or_default();
                            day.entry(*index_case).or_default().insert((*tick, *venue));
                        }
                    }
                }
                for (day, mut met) in together {
                    met.retain(|_, ticks| {
                        ticks.len() as i64 * TICK >= i64::from(search.minutes) * 60
                    });
                    let longest = met
                        .iter()
                        .max_by_key(|(id, ticks)| (ticks.len(), -i64::from(**id)));
                    let Some((through, longest)) = longest else {
                        continue;
                    };
                    let all: BTreeSet<(i64, u32)> = met.values().flatten().copied().collect();
                    let (first, last) = (all.first().unwrap().0, all.last().unwrap().0 + 1);
                    let date = |day: i64| Date::constant(1970, 1, 1) + jiff::Span::new().days(day);
                    contacts.push(Contact {
                        case: *case,
                        ring,
                        person: *person,
                        relation: Relation::Venue,
                        through: *through,
                        day: day.map(date),
                        minutes: longest.len() as u32 * 10,
                        first: Timestamp::from_second(first * TICK).unwrap(),
                        last: Timestamp::from_second(last * TICK).unwrap(),
                        venues: all.iter().map(|tick| tick.1).collect::<BTreeSet<_>>().len() as u32,
                    });
                    let since = next.entry(*person).or_insert(first);
                    *since = first.min(*since);
                }
            }
            placed.extend(next.keys());
            let end = window.last().map_or(0, |tick| tick + 1);
            index_cases = next
                .into_iter()
                .map(|(id, first)| (id, (first..end).collect()))
                .collect();
        }
    }
    contacts.sort_by_key(|contact| (contact.case, contact.ring, contact.person, contact.day));
    contacts
}

fn tick(number: i64) -> Timestamp {
    Timestamp::from_second(1_581_000_000 + number * 600).unwrap()
}

prop_compose! {
    fn any_visit()(
        person in 0..7_u32, venue in 0..3_u32, entered in 0..400_i64, length in -2..60_i64,
        open in prop::bool::weighted(0.1),
    ) -> Visit<u32, u32> {
        let left = (!open).then(|| tick(entered + length));
        Visit { person, venue, entered: tick(entered), left }
    }
}

prop_compose! {
    fn any_case()(person in 0..8_u32, from in 0..400_i64, length in -5..300_i64) -> Case<u32> {
        Case { person, from: tick(from), until: tick(from + length) }
    }
}

/// The same visits in every form, and every way to look them up.
/// The same visits in two parts.
fn in_two(rows: &VisitRows) -> [VisitRows; 2] {
    let middle = rows.len() / 2;
    let cut = |list: &Vec<u32>| (list[..middle].to_vec(), list[middle..].to_vec());
    let (person, venue) = (cut(&rows.person), cut(&rows.venue));
    let (entered, left) = (cut(&rows.entered), cut(&rows.left));
    [
        VisitRows {
            person: person.0,
            venue: venue.0,
            entered: entered.0,
            left: left.0,
        },
        VisitRows {
            person: person.1,
            venue: venue.1,
            entered: entered.1,
            left: left.1,
        },
    ]
}

fn every_way(
    visits: &[Visit<u32, u32>],
    cases: &[Case<u32>],
    search: &Search,
) -> Vec<(&'static str, Vec<Contact<u32>>)> {
    let mut rows = VisitRows::default();
    visits.iter().for_each(|visit| rows.push(*visit));
    let numbers =
        |of: fn(&Visit<u32, u32>) -> u32| visits.iter().map(of).max().map_or(0, |n| n + 1);
    let (people, venues) = (numbers(|visit| visit.person), numbers(|visit| visit.venue));
    // Nearby visits are those that the first ring reads.
    let near = match search.rings {
        0 | 1 => nearby(&in_two(&rows), cases, people, venues, &anything).unwrap(),
        _ => rows.clone(),
    };
    let near = VisitColumns::new(people, venues, near);
    let columns = VisitColumns::new(people, venues, rows);
    let by = |method| rings::trace(&columns, cases, search, &[], method).unwrap();
    vec![
        (
            "by name",
            Visits::new(visits.iter().copied()).trace(cases, search),
        ),
        ("look-ups", by(Method::LookUps)),
        ("pass", by(Method::Pass)),
        ("nearby", near.trace(cases, search)),
    ]
}

fn anything(_: u64) -> Result<(), Infallible> {
    Ok(())
}

/// A visit that is known by person, venue and entry has one end: the one that came last.
fn last_end_wins(visits: &[Visit<u32, u32>]) -> Vec<Visit<u32, u32>> {
    let key = |visit: &Visit<u32, u32>| (visit.person, visit.venue, visit.entered);
    let last: BTreeMap<_, _> = visits.iter().map(|visit| (key(visit), *visit)).collect();
    last.into_values().collect()
}

#[test]
fn what_is_picked_out_near_the_cases_is_held_only_if_it_may_be() {
    let rows = VisitRows {
        person: (0..1000).collect(),
        venue: vec![0; 1000],
        entered: vec![1000; 1000],
        left: vec![2000; 1000],
    };
    let (from, until) = (Timestamp::UNIX_EPOCH, at("9 00:00"));
    let case = |person| Case {
        person,
        from,
        until,
    };
    let cases: Vec<Case<u32>> = (0..1000).map(case).collect();
    let within = |most: u64| {
        let may_hold = |bytes| if bytes > most { Err(bytes) } else { Ok(()) };
        nearby(&in_two(&rows), &cases, 1000, 1, &may_hold).map(|near| near.len())
    };
    // Each visit is one of a case, and one near it, and 16 bytes as either.
    assert!(within(2 * 16 * 1000 - 1).unwrap_err() >= 2 * 16 * 1000);
    assert_eq!(within(100_000), Ok(1000));
}

#[test]
fn venues_where_two_cases_were_come_with_their_days_most_cases_first() {
    let numbers = |name: &str| match name {
        "one" | "cafe" => 0,
        "two" | "gym" => 1,
        "three" | "bus" => 2,
        _ => 3,
    };
    let visits = [
        visit("one", "cafe", "3 12:00", "3 13:00"),
        visit("one", "cafe", "5 12:00", "5 13:00"),
        visit("two", "cafe", "4 12:00", "4 13:00"),
        visit("guest", "cafe", "6 12:00", "6 13:00"),
        visit("one", "gym", "3 15:50", "3 16:10"),
        visit("two", "gym", "7 09:00", "7 10:00"),
        visit("three", "gym", "7 09:00", "7 10:00"),
        visit("two", "gym", "20 09:00", "20 10:00"),
        visit("three", "bus", "3 09:00", "3 10:00"),
        visit("guest", "bus", "3 09:00", "3 10:00"),
    ];
    let mut rows = VisitRows::default();
    for visit in visits {
        rows.push(Visit {
            person: numbers(visit.person),
            venue: numbers(visit.venue),
            entered: visit.entered,
            left: visit.left,
        });
    }
    let cases = ["one", "two", "three"].map(|person| Case {
        person: numbers(person),
        from: at("1 00:00"),
        until: at("10 00:00"),
    });
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let found = shared_venues_of(&in_two(&rows), &cases, 4, &zone, &anything).unwrap();
    let days = |venue: &SharedVenue<u32>| {
        let days: Vec<i8> = venue.days.iter().map(|day| day.day()).collect();
        (venue.venue, venue.cases, days)
    };
    // In Shanghai the visit that begins at 15:50 goes on after midnight.
    let expected = [(1, 3, vec![3, 4, 7]), (0, 2, vec![3, 4, 5])];
    assert_eq!(found.iter().map(days).collect::<Vec<_>>(), expected);
    assert_eq!(
        (found[0].first, found[0].last),
        (at("3 15:50"), at("7 10:00"))
    );
    let columns = VisitColumns::new(4, 4, rows);
    assert_eq!(shared_venues(&columns, &cases, &zone).unwrap(), found);
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn the_trace_finds_what_the_definition_says(
        visits in prop::collection::vec(any_visit(), 0..60),
        cases in prop::collection::vec(any_case(), 0..4),
        minutes in prop::sample::select(vec![0_u32, 10, 15, 120, 600]),
        rings in 0..4_u8,
        by_day in any::<bool>(),
    ) {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let search = Search { minutes, rings, by_day: by_day.then_some(zone) };
        let visits = last_end_wins(&visits);
        let expected = by_definition(&visits, &cases, &search);
        for (way, found) in every_way(&visits, &cases, &search) {
            prop_assert_eq!(&found, &expected, "{}", way);
        }
    }

    #[test]
    fn many_visits_to_one_venue_are_found_across_blocks(
        starts in prop::collection::vec((0..400_i64, 1..400_i64), 150..800),
        from in 0..400_i64,
    ) {
        let visits: Vec<_> = starts.iter().enumerate().map(|(person, (start, length))| {
            let left = Some(tick(start + length));
            Visit { person: person as u32, venue: (person % 2) as u32, entered: tick(*start), left }
        }).collect();
        let cases = [Case { person: 0, from: tick(from), until: tick(from + 100) }];
        let search = Search { minutes: 30, rings: 1, by_day: None };
        let expected = by_definition(&visits, &cases, &search);
        for (way, found) in every_way(&visits, &cases, &search) {
            prop_assert_eq!(&found, &expected, "{}", way);
        }
    }
}
