//! Random policies, levels and evidence for property tests, here and in the crates above.
//!
//! A policy is drawn as its TOML text and goes through [`Policy::parse`] like any other, so a test
//! that uses these strategies covers every operator the language has.

mod property;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub use self::property::property_cases;
use crate::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Dose, Evidence, Fact, FactKind, OpenPeriod,
    Order, Period, Relation, Ring, StayMode, StaySource, Symptoms, Temperature, TestKind,
    TestResult, Validity,
};
use crate::ids::{AuthorityId, EvidenceId, PersonId, VenueId};
use crate::policy::{Field, FieldType, Number, NumberRange, Policy};
use crate::region::{Level, RegionLevel, RegionLevels};
use crate::verdict::Colour;

/// The time around which everything is drawn: noon in Shanghai on 15 March 2020.
pub const NOON: i64 = 1_584_244_800;
const HOUR: i64 = 3600;
const REGIONS: &[&str] = &[
    "33",
    "3301",
    "330106",
    "330106109",
    "42",
    "4201",
    "420102",
    "IT",
    "CN",
];
const CATEGORIES: &[&str] = &["port", "market"];
const PRODUCTS: &[&str] = &["alpha", "beta"];

/// A timestamp within 40 days before and 2 days after [`NOON`]; often on a whole hour, so that
/// timestamps coincide.
pub fn any_timestamp() -> impl Strategy<Value = Timestamp> {
    let hours = (-40 * 24..48_i64).prop_map(|hours| NOON + hours * HOUR);
    let seconds = NOON - 40 * 24 * HOUR..NOON + 48 * HOUR;
    prop_oneof![hours, seconds].prop_map(timestamp_of)
}

fn timestamp_of(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// Published levels of a handful of regions that lie in each other.
pub fn any_levels() -> impl Strategy<Value = RegionLevels> {
    let level = (
        select(REGIONS),
        select(&Level::ALL),
        any_timestamp(),
        option::of(1..20 * 24_i64),
    );
    vec(level, 0..8).prop_map(|rows| {
        RegionLevels::new(rows.into_iter().filter_map(|(region, level, from, hours)| {
            let until = hours.map(|hours| from + SignedDuration::from_hours(hours));
            Some(RegionLevel {
                region: region.parse().ok()?,
                level,
                from,
                until,
            })
        }))
    })
}

/// Up to `most` pieces of evidence about one person, withdrawals among them.
pub fn any_evidence(most: usize) -> impl Strategy<Value = Vec<Evidence>> {
    let withdrawals = vec((any::<prop::sample::Index>(), any_timestamp()), 0..3);
    (vec(any_fact(), 0..=most), withdrawals).prop_map(|(facts, withdrawals)| {
        let mut evidence: Vec<Evidence> = facts.into_iter().zip(1..).map(numbered).collect();
        for (place, at) in withdrawals {
            if !evidence.is_empty() {
                let of = place.get(&evidence).id;
                evidence.push(numbered((
                    Fact::withdrawal(of, at),
                    evidence.len() as u128 + 1,
                )));
            }
        }
        evidence
    })
}

fn numbered((fact, number): (Fact, u128)) -> Evidence {
    Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(1),
        authority: AuthorityId::from_u128(number % 3 + 1),
        recorded_at: fact.begins(),
        fact,
    }
}

/// One fact of any kind but a withdrawal.
pub fn any_fact() -> impl Strategy<Value = Fact> {
    let hours = || option::weighted(0.8, 0..20 * 24_i64);
    let end = |from: Timestamp, hours: Option<i64>| {
        hours.map(|hours| from + SignedDuration::from_hours(hours))
    };
    let declaration = (
        any_timestamp(),
        any::<u16>().prop_map(|bits| Symptoms::from_bits(bits & (bits >> 4) & (bits >> 7))),
        option::of((355_i64..400).prop_filter_map("warm", |t| Temperature::from_tenths(t).ok())),
        select(ContactAnswer::ALL),
    )
        .prop_map(|(at, symptoms, temperature, contact)| {
            Fact::declaration(at, symptoms, temperature, contact)
        });
    let diagnosis = (
        select(DiagnosisStatus::ALL),
        any_timestamp(),
        option::of(0..120_i64),
    )
        .prop_map(|(status, at, ill)| {
            Fact::diagnosis(
                status,
                at,
                ill.map(|hours| at - SignedDuration::from_hours(hours)),
            )
        });
    let contact = (
        select(Relation::ALL),
        1..4_u32,
        any_timestamp(),
        0..72_i64,
        option::of(0..300_u32),
    )
        .prop_map(|(relation, ring, first, hours, minutes)| {
            Fact::contact(
                None,
                relation,
                Ring::mended(ring),
                Period::mended(first, first + SignedDuration::from_hours(hours)),
                minutes,
            )
        });
    let stay = (
        select(REGIONS),
        any_timestamp(),
        hours(),
        select(StayMode::ALL),
        select(StaySource::ALL),
    )
        .prop_filter_map("a region", move |(region, arrived, hours, mode, source)| {
            let region = region.parse().ok()?;
            Some(Fact::stay(
                region,
                OpenPeriod::mended(arrived, end(arrived, hours)),
                mode,
                source,
            ))
        });
    let test = (
        select(TestKind::ALL),
        select(TestResult::ALL),
        any_timestamp(),
        option::of(0..60_i64),
    )
        .prop_map(|(kind, result, sampled, hours)| {
            Fact::test(
                kind,
                result,
                OpenPeriod::mended(
                    sampled,
                    hours.map(|hours| sampled + SignedDuration::from_hours(hours)),
                ),
                None,
            )
        });
    let vaccination = (select(PRODUCTS), 1..4_u32, any_timestamp())
        .prop_map(|(product, dose, at)| Fact::vaccination(product.into(), Dose::mended(dose), at));
    let visit = (
        0..3_u128,
        option::of(select(CATEGORIES)),
        any_timestamp(),
        hours(),
    )
        .prop_map(move |(venue, category, entered, hours)| {
            Fact::visit(
                VenueId::from_u128(venue),
                category.map(str::to_owned),
                OpenPeriod::mended(entered, end(entered, hours)),
            )
        });
    let order = (
        select(&[Colour::Yellow, Colour::Red]),
        any_timestamp(),
        1..=72_i64,
    )
        .prop_filter_map("a valid order", |(colour, from, hours)| {
            let until = from + SignedDuration::from_hours(hours);
            let signed_by = ["first".to_owned(), "second".to_owned()];
            Order::new(colour, from, until, "a law".into(), signed_by)
                .ok()
                .map(Fact::Order)
        });
    let contradiction = (any_timestamp(), select(ContradictionAbout::ALL))
        .prop_map(|(at, about)| Fact::contradiction(at, about));
    let foreign = (
        select(REGIONS),
        select(&Colour::ALL),
        any_timestamp(),
        1..20 * 24_i64,
    )
        .prop_filter_map("a region", |(issuer, colour, at, hours)| {
            let until = at + SignedDuration::from_hours(hours);
            Some(Fact::foreign_verdict(
                issuer.parse().ok()?,
                colour,
                Validity::mended(at, until),
            ))
        });
    prop_oneof![
        3 => declaration,
        1 => diagnosis,
        2 => contact,
        3 => stay,
        3 => test,
        1 => vaccination,
        2 => visit,
        1 => order,
        1 => contradiction,
        1 => foreign,
    ]
}

/// A random policy that loads.
pub fn any_policy() -> impl Strategy<Value = Policy> {
    any_policy_text().prop_filter_map("a policy that loads", |text| Policy::parse(&text).ok())
}

/// The text of a random policy; most of them load.
pub fn any_policy_text() -> impl Strategy<Value = String> {
    let zone = select(&["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"][..]);
    (zone, 1..20_u16, vec(any_rule(), 1..6)).prop_map(|(zone, lasts, rules)| {
        let mut text = format!(
            "[policy]\nid = \"random\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"{zone}\"\n\
             effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
             contest.en = \"Ask.\"\n[declaration]\nlasts = \"{lasts}d\"\n"
        );
        for (number, rule) in rules.iter().enumerate() {
            text += &format!(
                "[[rule]]\nid = \"rule-{number}\"\n{rule}title.en = \"Title\"\n\
                 reason.en = \"Reason\"\nguidance.en = \"Guidance until {{until}}\"\n"
            );
        }
        text
    })
}

fn any_rule() -> impl Strategy<Value = String> {
    let kinds: Vec<FactKind> = FactKind::ALL
        .iter()
        .copied()
        .filter(|kind| *kind != FactKind::Withdrawal)
        .collect();
    select(kinds).prop_flat_map(|kind| {
        let has_own_end = matches!(kind, FactKind::Order | FactKind::ForeignVerdict);
        let lasts = if has_own_end {
            prop_oneof![Just("until".to_owned()), any_days(21)].boxed()
        } else {
            any_days(21).boxed()
        };
        (
            any_conditions(kind),
            any_repeated(kind),
            select(&["red", "yellow", "advice"][..]),
            any_anchor(kind),
            prop_oneof![3 => lasts, 1 => (1..100_u16).prop_map(|hours| format!("{hours}h"))],
            vec(any_release(kind), 0..3),
        )
            .prop_map(
                move |(conditions, repeated, gives, starts, lasts, releases)| {
                    let wants_level = starts.starts_with("first") || starts.starts_with("last");
                    let conditions = if kind == FactKind::Stay && wants_level {
                        let level = "level = [\"medium\", \"high\"]".to_owned();
                        let others = conditions.into_iter().filter(|c| !c.starts_with("level"));
                        others.chain([level]).collect()
                    } else {
                        conditions
                    };
                    let conditions = where_clause(&conditions);
                    format!(
                        "reads = \"{kind}\"\n{conditions}\n{repeated}gives = \"{gives}\"\n\
                     starts = \"{starts}\"\nlasts = \"{lasts}\"\nlifted_by = [{}]\n",
                        releases.join(", "),
                    )
                },
            )
    })
}

fn where_clause(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!("where = {{ {} }}", conditions.join(", "))
    }
}

fn any_days(most: u16) -> impl Strategy<Value = String> {
    (1..most).prop_map(|days| format!("{days}d"))
}

fn any_anchor(kind: FactKind) -> impl Strategy<Value = String> {
    let dates: &[&str] = match kind {
        FactKind::Diagnosis => &["at", "onset"],
        FactKind::Contact => &["first", "last"],
        FactKind::Stay => &["arrived", "left", "first", "last"],
        FactKind::Test => &["sampled", "reported"],
        FactKind::Visit => &["entered", "left"],
        FactKind::Order => &["from"],
        _ => &["at"],
    };
    let offset = if kind == FactKind::Order {
        Just(String::new()).boxed()
    } else {
        prop_oneof![
            3 => Just(String::new()),
            1 => (1..5_u16).prop_map(|days| format!(" + {days}d")),
            1 => (1..50_u16).prop_map(|hours| format!(" + {hours}h")),
        ]
        .boxed()
    };
    (select(dates), offset).prop_map(|(date, offset)| format!("{date}{offset}"))
}

fn any_repeated(kind: FactKind) -> impl Strategy<Value = String> {
    let timed = matches!(kind, FactKind::Contact | FactKind::Stay | FactKind::Visit);
    let count = (2..4_u16, 1..20_u16).prop_map(|(count, days)| {
        format!("repeated = {{ count = {count}, within = \"{days}d\" }}\n")
    });
    let minutes = (1..4000_u32, 1..20_u16).prop_map(move |(minutes, days)| {
        if timed {
            format!("repeated = {{ minutes = {minutes}, within = \"{days}d\" }}\n")
        } else {
            String::new()
        }
    });
    prop_oneof![3 => Just(String::new()), 1 => count, 1 => minutes]
}

fn any_release(read: FactKind) -> impl Strategy<Value = String> {
    const KINDS: &[FactKind] = &[
        FactKind::Test,
        FactKind::Declaration,
        FactKind::Diagnosis,
        FactKind::Vaccination,
        FactKind::Visit,
        FactKind::Stay,
    ];
    let after = prop_oneof![
        2 => Just(String::new()),
        1 => (1..4_u16).prop_map(|days| format!(", after = \"starts + {days}d\"")),
        1 => any_anchor(read).prop_map(|anchor| format!(", after = \"{anchor}\"")),
    ];
    let count = (1..4_u16, 0..40_u16, option::of(5..14_u16)).prop_map(|(count, apart, within)| {
        let within = within.map_or(String::new(), |days| format!(", within = \"{days}d\""));
        match (count, apart) {
            (1, _) | (_, 0) => format!("count = {count}"),
            _ => format!("count = {count}, apart = \"{apart}h\"{within}"),
        }
    });
    let days = (2..6_u16).prop_map(|days| format!("consecutive_days = {days}"));
    (select(KINDS), prop_oneof![2 => count, 1 => days], after).prop_flat_map(
        |(kind, need, after)| {
            any_conditions(kind).prop_map(move |conditions| {
                let parts = [
                    format!("evidence = \"{kind}\""),
                    where_clause(&conditions),
                    need.clone(),
                ];
                let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                format!("{{ {}{after} }}", parts.join(", "))
            })
        },
    )
}

/// Conditions on some of the fields that a rule may read of evidence of `kind`.
fn any_conditions(kind: FactKind) -> impl Strategy<Value = Vec<String>> {
    // Most bounds on minutes contradict those on hours: one of them, if there are both.
    let has_hours = Field::all_of(kind).any(|(field, _)| field == Field::Hours);
    (any::<bool>(), any::<bool>()).prop_flat_map(move |(some, hours)| {
        let left_out = if hours { Field::Minutes } else { Field::Hours };
        let fields = Field::all_of(kind).filter(|(field, _)| !has_hours || *field != left_out);
        let conditions = fields.map(|(field, holds)| any_condition(field, holds));
        let weight = if some { 0.4 } else { 0.2 };
        let maybe: Vec<_> = conditions
            .map(|condition| option::weighted(weight, condition))
            .collect();
        maybe.prop_map(|chosen| chosen.into_iter().flatten().collect())
    })
}

fn any_condition(field: Field, holds: FieldType) -> BoxedStrategy<String> {
    let name = field.name();
    let words = |words: &'static [&'static str]| {
        prop::sample::subsequence(words, 1..=words.len().min(3))
            .prop_map(move |chosen| match chosen.as_slice() {
                [word] => format!("{name} = \"{word}\""),
                words => format!("{name} = {words:?}"),
            })
            .boxed()
    };
    match holds {
        FieldType::Word(known) | FieldType::Words(known) => words(known),
        FieldType::FreeWord if field == Field::Product => words(PRODUCTS),
        FieldType::FreeWord => words(CATEGORIES),
        FieldType::Region => (
            select(&["within", "outside"][..]),
            select(&["33", "3301", "42", "IT"][..]),
        )
            .prop_map(move |(operator, region)| {
                format!("{name} = {{ {operator} = [\"{region}\"] }}")
            })
            .boxed(),
        FieldType::Number => field.range().map_or_else(
            || Just(String::new()).boxed(),
            |range| any_bounds(name, range),
        ),
    }
}

/// Conditions on a number, most of them near the least that it can be, where random facts lie.
fn any_bounds(name: &'static str, range: NumberRange) -> BoxedStrategy<String> {
    let (least, step) = (range.least.thousandths(), range.step.thousandths().max(100));
    let steps = (range.most.thousandths() - least) / step;
    let number = move |steps| Number::from_thousandths(least + steps * step);
    let place = prop_oneof![0..steps.min(5), 0..steps.min(150), 0..steps.min(1000)];
    (place.clone(), place, 0..5)
        .prop_map(move |(one, more, form)| {
            let (low, high) = (number(one), number((one + more).min(steps)));
            match form {
                0 => format!("{name} = {{ at_least = {low} }}"),
                1 => format!("{name} = {{ at_most = {low} }}"),
                2 => format!("{name} = {{ at_least = {low}, at_most = {high} }}"),
                3 if low != high => format!("{name} = [{low}, {high}]"),
                _ => format!("{name} = {low}"),
            }
        })
        .boxed()
}
