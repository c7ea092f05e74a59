//! What single rules do, as tables that an epidemiologist can read. The shipped policies have worked
//! cases of their own.

use jiff::Timestamp;

use crate::evidence::{
    ContactAnswer, Evidence, Fact, OpenPeriod, Period, Relation, Ring, StayMode, StaySource,
    Symptoms, TestKind, TestResult,
};
use crate::{
    AuthorityId, EvidenceId, Level, PersonId, Policy, RegionLevel, RegionLevels, Verdict, decide,
};

const SHANGHAI: &str = "Asia/Shanghai";

/// A policy of one rule.
fn policy(zone: &str, rule: &str) -> Policy {
    let text = format!(
        "[policy]\nid = \"one-rule\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"{zone}\"\n\
         effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
         contest.en = \"Ask.\"\n[declaration]\nlasts = \"14d\"\n[[rule]]\nid = \"rule\"\n{rule}\n\
         title.en = \"T\"\nreason.en = \"R\"\nguidance.en = \"G\"\n"
    );
    Policy::parse(&text).unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2020-{text}:00+08:00").parse().unwrap()
}

fn numbered(facts: Vec<Fact>) -> Vec<Evidence> {
    let number = |(fact, number)| Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(7),
        authority: AuthorityId::from_u128(9),
        recorded_at: at("06-01T00:00"),
        fact,
    };
    facts.into_iter().zip(1..).map(number).collect()
}

fn declared(text: &str) -> Fact {
    let (symptoms, contact) = (Symptoms::NONE, ContactAnswer::None);
    Fact::declaration(at(text), symptoms, None, contact)
}

fn contact(first: &str, last: &str, minutes: u32) -> Fact {
    Fact::contact(
        None,
        Relation::Close,
        Ring::FIRST,
        Period::new(at(first), at(last)).unwrap(),
        Some(minutes),
    )
}

fn stay(arrived: &str, left: Option<&str>) -> Fact {
    Fact::stay(
        "420102".parse().unwrap(),
        OpenPeriod::new(at(arrived), left.map(at)).unwrap(),
        StayMode::Stay,
        StaySource::Rail,
    )
}

fn test(result: TestResult, sampled: &str) -> Fact {
    let (kind, sampled) = (TestKind::Pcr, at(sampled));
    Fact::test(kind, result, OpenPeriod::since(sampled), None)
}

fn high(from: &str, until: Option<&str>) -> RegionLevels {
    let region = "4201".parse().unwrap();
    let (from, until) = (at(from), until.map(at));
    RegionLevels::new([RegionLevel {
        region,
        level: Level::High,
        from,
        until,
    }])
}

/// `status since until next_change`, in Shanghai's time, as `month-dayThour:minute`.
fn shown(verdict: &Verdict) -> String {
    let shown = |timestamp: Option<Timestamp>| {
        timestamp.map_or("-".to_owned(), |timestamp| {
            let zoned = timestamp.to_zoned(jiff::tz::TimeZone::get(SHANGHAI).unwrap());
            zoned.strftime("%m-%dT%H:%M").to_string()
        })
    };
    let (since, until) = (shown(verdict.since), shown(verdict.until));
    format!(
        "{} {since} {until} {}",
        verdict.status,
        shown(verdict.next_change)
    )
}

/// Decides at each of the timestamps and compares with what is expected there.
fn expect(policy: &Policy, levels: &RegionLevels, facts: Vec<Fact>, expected: &[(&str, &str)]) {
    let evidence = numbered(facts);
    for (timestamp, expected) in expected {
        let verdict = decide(policy, levels, &evidence, at(timestamp));
        assert_eq!(shown(&verdict), *expected, "at {timestamp}");
    }
}

const CLOSE_CONTACT: &str =
    "reads = \"contact\"\ngives = \"red\"\nstarts = \"last\"\nlasts = \"14d\"";

#[test]
fn a_rule_in_days_ends_at_the_local_midnight_that_ends_the_last_day() {
    expect(
        &policy(SHANGHAI, CLOSE_CONTACT),
        &RegionLevels::default(),
        vec![contact("02-01T09:00", "02-01T10:30", 30)],
        &[
            ("02-01T10:29", "undeclared - - 02-01T10:30"),
            ("02-01T10:30", "red 02-01T10:30 02-16T00:00 02-16T00:00"),
            ("02-15T23:59", "red 02-01T10:30 02-16T00:00 02-16T00:00"),
            ("02-16T00:00", "undeclared - - -"),
        ],
    );
}

#[test]
fn days_are_counted_in_the_zone_of_the_policy_and_not_of_anybody_else() {
    expect(
        &policy("America/New_York", CLOSE_CONTACT),
        &RegionLevels::default(),
        // 20:00 on 31 January in New York; its midnight is 13:00 in Shanghai.
        vec![contact("02-01T09:00", "02-01T09:00", 30)],
        &[("02-01T10:00", "red 02-01T09:00 02-15T13:00 02-15T13:00")],
    );
}

#[test]
fn hours_are_exact_even_where_the_clocks_change() {
    let rule = "reads = \"contact\"\ngives = \"red\"\nstarts = \"last\"\nlasts = \"48h\"";
    expect(
        &policy("Europe/Berlin", rule),
        &RegionLevels::default(),
        vec![contact("03-28T20:00", "03-28T20:00", 30)],
        &[("03-28T20:00", "red 03-28T20:00 03-30T20:00 03-30T20:00")],
    );
}

const STAY: &str = "reads = \"stay\"\nwhere = { level = \"high\", hours = { at_least = 4 } }\n\
                    gives = \"red\"\nstarts = \"last\"\nlasts = \"14d\"";

#[test]
fn a_stay_that_lasts_restricts_from_its_beginning_and_its_end_moves_at_each_midnight() {
    expect(
        &policy(SHANGHAI, STAY),
        &high("02-01T00:00", None),
        vec![stay("02-03T08:00", None)],
        &[
            ("02-03T08:00", "undeclared - - 02-03T12:00"),
            ("02-03T12:00", "red 02-03T08:00 02-18T00:00 02-04T00:00"),
            ("02-09T13:00", "red 02-03T08:00 02-24T00:00 02-10T00:00"),
        ],
    );
}

#[test]
fn only_the_time_while_the_region_was_at_the_level_counts() {
    let levels = high("02-02T00:00", Some("02-03T10:00"));
    expect(
        &policy(SHANGHAI, STAY),
        &levels,
        vec![stay("02-03T05:00", Some("02-20T00:00"))],
        // Five hours at the level; counted from its end, not from the end of the stay.
        &[
            ("02-21T00:00", "undeclared - - -"),
            ("02-17T23:00", "red 02-03T10:00 02-18T00:00 02-18T00:00"),
        ],
    );
    expect(
        &policy(SHANGHAI, STAY),
        &levels,
        vec![stay("02-03T06:30", Some("02-20T00:00"))],
        &[("02-04T00:00", "undeclared - - 02-20T00:00")],
    );
}

#[test]
fn a_region_whose_level_is_unknown_restricts_nobody() {
    expect(
        &policy(SHANGHAI, STAY),
        &RegionLevels::default(),
        vec![declared("02-03T08:00"), stay("02-03T08:00", None)],
        &[("02-10T12:00", "green 02-03T08:00 02-18T00:00 02-18T00:00")],
    );
}

#[test]
fn two_negatives_a_day_apart_lift_and_two_on_one_day_do_not() {
    let rule = format!(
        "{CLOSE_CONTACT}\nlifted_by = [{{ evidence = \"test\", where = {{ result = \"negative\" }}, \
         count = 2, apart = \"24h\", after = \"starts + 1d\" }}]"
    );
    let policy = policy(SHANGHAI, &rule);
    let met = || contact("02-01T09:00", "02-01T10:00", 30);
    let negative = |sampled| test(TestResult::Negative, sampled);
    let never = RegionLevels::default();
    let red = "red 02-01T10:00 02-16T00:00 02-16T00:00";
    // The first sample is too early to count: day 1 has not ended.
    let early = vec![met(), negative("02-02T23:00"), negative("02-03T23:30")];
    expect(&policy, &never, early, &[("02-05T00:00", red)]);
    let same_day = vec![met(), negative("02-03T08:00"), negative("02-03T20:00")];
    expect(&policy, &never, same_day, &[("02-05T00:00", red)]);
    let apart = vec![
        met(),
        negative("02-03T08:00"),
        negative("02-03T20:00"),
        negative("02-04T08:00"),
    ];
    expect(
        &policy,
        &never,
        apart,
        &[
            ("02-04T07:59", "red 02-01T10:00 02-16T00:00 02-04T08:00"),
            ("02-04T08:00", "undeclared - - -"),
        ],
    );
}

#[test]
fn a_lapse_rule_starts_only_if_nothing_came_in_time() {
    let rule = "reads = \"declaration\"\ngives = \"yellow\"\nstarts = \"at + 7d\"\nlasts = \"7d\"\n\
                lifted_by = [{ evidence = \"declaration\", after = \"at\" }]";
    let policy = policy(SHANGHAI, rule);
    let never = RegionLevels::default();
    expect(
        &policy,
        &never,
        vec![declared("02-01T09:00")],
        &[
            ("02-01T09:00", "green 02-01T09:00 02-16T00:00 02-09T00:00"),
            ("02-09T00:00", "yellow 02-09T00:00 02-17T00:00 02-16T00:00"),
        ],
    );
    expect(
        &policy,
        &never,
        vec![declared("02-01T09:00"), declared("02-08T09:00")],
        &[("02-09T00:00", "green 02-08T09:00 02-23T00:00 02-16T00:00")],
    );
}

#[test]
fn consecutive_days_start_again_after_a_missing_one() {
    let rule = format!(
        "{CLOSE_CONTACT}\nlifted_by = [{{ evidence = \"declaration\", where = {{ symptom_count = 0 }}, \
         consecutive_days = 3 }}]"
    );
    let policy = policy(SHANGHAI, &rule);
    let met = || contact("02-01T09:00", "02-01T10:00", 30);
    let days = |days: &[&str]| {
        let reports = days.iter().map(|day| declared(&format!("{day}T09:00")));
        std::iter::once(met()).chain(reports).collect::<Vec<_>>()
    };
    let never = RegionLevels::default();
    expect(
        &policy,
        &never,
        days(&["02-02", "02-03", "02-04"]),
        &[("02-04T09:00", "green 02-04T09:00 02-19T00:00 02-19T00:00")],
    );
    expect(
        &policy,
        &never,
        days(&["02-02", "02-03", "02-05", "02-06"]),
        &[("02-06T10:00", "red 02-01T10:00 02-16T00:00 02-16T00:00")],
    );
}

#[test]
fn a_series_starts_with_the_piece_that_completes_it() {
    let rule = "reads = \"contact\"\nwhere = { minutes = { at_least = 10 } }\n\
                repeated = { minutes = 60, within = \"14d\" }\ngives = \"yellow\"\nstarts = \"last\"\n\
                lasts = \"7d\"";
    expect(
        &policy(SHANGHAI, rule),
        &RegionLevels::default(),
        vec![
            contact("02-01T09:00", "02-01T09:40", 40),
            contact("02-02T09:00", "02-02T09:05", 9),
            contact("02-03T09:00", "02-03T09:20", 20),
        ],
        &[
            ("02-03T08:00", "undeclared - - 02-03T09:00"),
            ("02-03T09:20", "yellow 02-03T09:20 02-11T00:00 02-11T00:00"),
        ],
    );
}

#[test]
fn what_lifts_a_restriction_moves_nothing_after_the_restriction_would_have_ended() {
    let rule = "reads = \"contact\"\ngives = \"red\"\nstarts = \"last\"\nlasts = \"14d\"\n\
                lifted_by = [{ evidence = \"stay\", count = 1 }]";
    expect(
        &policy(SHANGHAI, rule),
        &RegionLevels::default(),
        vec![
            contact("02-01T09:00", "02-01T10:30", 30),
            stay("02-05T08:00", Some("02-20T08:00")),
        ],
        &[
            ("02-04T08:00", "red 02-01T10:30 02-16T00:00 02-05T08:00"),
            ("02-06T08:00", "undeclared - - -"),
            ("02-17T08:00", "undeclared - - -"),
        ],
    );
}
