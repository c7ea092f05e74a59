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
    Order, Period, Relation, Ring, StayMode, StaySource, Symptom, Symptoms, Temperature, TestKind,
    TestResult, Validity,
};
use crate::ids::{AuthorityId, EvidenceId, PersonId, VenueId};
use crate::policy::Policy;
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

/// Conditions on some of the fields that evidence of `kind` has.
fn any_conditions(kind: FactKind) -> impl Strategy<Value = Vec<String>> {
    let words = |name: &'static str, words: &'static [&'static str]| {
        prop::sample::subsequence(words, 1..=words.len().min(3)).prop_map(
            move |chosen| match chosen.as_slice() {
                [word] => format!("{name} = \"{word}\""),
                words => format!("{name} = {words:?}"),
            },
        )
    };
    let bounds = |name: &'static str, most: i64| {
        prop_oneof![
            (0..most).prop_map(move |least| format!("{name} = {{ at_least = {least} }}")),
            (1..most).prop_map(move |top| format!("{name} = {{ at_most = {top} }}")),
            (0..most, 0..most).prop_map(move |(least, more)| {
                format!(
                    "{name} = {{ at_least = {least}, at_most = {} }}",
                    least + more
                )
            }),
        ]
    };
    let regions = |name: &'static str| {
        (
            select(&["within", "outside"][..]),
            select(&["33", "3301", "42", "IT"][..]),
        )
            .prop_map(move |(operator, region)| {
                format!("{name} = {{ {operator} = [\"{region}\"] }}")
            })
    };
    let levels: &'static [&'static str] = &["low", "medium", "high"];
    let fields: Vec<BoxedStrategy<String>> = match kind {
        FactKind::Declaration => vec![
            words("symptoms", Symptom::WORDS).boxed(),
            bounds("symptom_count", 3).boxed(),
            (365..390_i64)
                .prop_map(|t| format!("temperature = {{ at_least = {}.{} }}", t / 10, t % 10))
                .boxed(),
            words("contact", ContactAnswer::WORDS).boxed(),
        ],
        FactKind::Diagnosis => vec![words("status", DiagnosisStatus::WORDS).boxed()],
        FactKind::Contact => vec![
            words("relation", Relation::WORDS).boxed(),
            (1..3_u8).prop_map(|ring| format!("ring = {ring}")).boxed(),
            bounds("minutes", 200).boxed(),
        ],
        FactKind::Stay => vec![
            regions("region").boxed(),
            words("level", levels).boxed(),
            words("mode", StayMode::WORDS).boxed(),
            words("source", StaySource::WORDS).boxed(),
            bounds("hours", 100).boxed(),
        ],
        FactKind::Test => {
            vec![
                words("kind", TestKind::WORDS).boxed(),
                words("result", TestResult::WORDS).boxed(),
            ]
        }
        FactKind::Vaccination => vec![
            words("product", PRODUCTS).boxed(),
            (1..3_u8)
                .prop_map(|dose| format!("dose = [{dose}, 3]"))
                .boxed(),
        ],
        FactKind::Visit => {
            vec![
                words("category", CATEGORIES).boxed(),
                bounds("minutes", 600).boxed(),
            ]
        }
        FactKind::Order => vec![words("colour", &["yellow", "red"]).boxed()],
        FactKind::Contradiction => vec![words("about", ContradictionAbout::WORDS).boxed()],
        FactKind::ForeignVerdict => {
            vec![
                words("colour", Colour::WORDS).boxed(),
                regions("issuer").boxed(),
            ]
        }
        FactKind::Withdrawal => Vec::new(),
    };
    let maybe: Vec<_> = fields
        .into_iter()
        .map(|field| option::weighted(0.4, field))
        .collect();
    maybe.prop_map(|chosen| chosen.into_iter().flatten().collect())
}
