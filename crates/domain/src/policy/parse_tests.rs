//! One good policy, and what is said about each way of spoiling it.

use super::super::*;
use crate::FactKind;
use crate::verdict::Colour;

pub(in super::super) const GOOD: &str = r#"[policy]
id = "my-city"
version = 3
issuer = "330100"
time_zone = "Asia/Shanghai"
effective = 2020-02-17T00:00:00+08:00
look_back = "40d"
languages = ["en", "zh"]
contest.en = "Write to us."
contest.zh = "请写信给我们。"

[declaration]
lasts = "14d"

[[rule]]
id = "close-contact"
reads = "contact"
where = { ring = 1, relation = ["household", "close"] }
gives = "red"
starts = "last"
lasts = "14d"
lifted_by = [
  { evidence = "test", where = { result = "negative" }, count = 2, apart = "24h", within = "3d", after = "starts + 7d" },
]
title.en = "Close contact"
title.zh = "密切接触者"
reason.en = "You were with a case on {last}."
reason.zh = "您于{last}与病例接触。"
guidance.en = "Stay at home until {until}."
guidance.zh = "请在家至{until}。"

[[rule]]
id = "high-risk-area"
reads = "stay"
where = { level = "high", mode = ["resident", "stay"], region = { within = ["42"] }, hours = { at_least = 1.5 } }
repeated = { count = 2, within = "7d" }
gives = "yellow"
starts = "last + 1d"
lasts = "7d"
title.en = "Risk area"
title.zh = "风险地区"
reason.en = "You were in {region}, level {level}."
reason.zh = "您到过{region}，等级{level}。"
guidance.en = "Stay at home until {until}."
guidance.zh = "请在家至{until}。"
"#;

/// The only error of [`GOOD`] with `good` replaced by `bad`.
fn spoilt(good: &str, bad: &str) -> PolicyError {
    assert_eq!(
        GOOD.matches(good).count(),
        1,
        "must stand there once: {good}"
    );
    let errors = Policy::parse(&GOOD.replace(good, bad)).expect_err(bad);
    assert_eq!(errors.len(), 1, "{bad}: {}", shown(&errors));
    errors.into_iter().next().unwrap()
}

pub(in super::super) fn shown(errors: &[PolicyError]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}

#[test]
fn a_good_policy_is_read_as_written() {
    let policy = Policy::parse(GOOD).unwrap();
    assert_eq!(policy.reference().to_string(), "my-city v3");
    assert_eq!(policy.effective().to_string(), "2020-02-16T16:00:00Z");
    assert_eq!(policy.look_back(), Duration::Days(40));
    assert_eq!(policy.declaration().lasts, Duration::Days(14));
    assert!(policy.approved_by().is_empty());
    let rule = &policy.rules()[0];
    assert_eq!(rule.id.as_str(), "close-contact");
    assert_eq!(rule.reads, FactKind::Contact);
    assert_eq!(rule.gives, Outcome::Restriction(Colour::Red));
    assert_eq!(
        rule.starts,
        Anchor {
            date: DateName::Last,
            offset: None
        }
    );
    assert_eq!(rule.ends, End::After(Duration::Days(14)));
    let relation = Comparison::OneOf(vec!["household".to_owned(), "close".to_owned()]);
    let ring = Comparison::Equals(vec![Number::whole(1)]);
    assert_eq!(
        rule.conditions,
        [
            Condition {
                field: Field::Relation,
                comparison: relation
            },
            Condition {
                field: Field::Ring,
                comparison: ring
            },
        ]
    );
    let release = &rule.lifted_by[0];
    assert_eq!(release.after, ReleaseAfter::Starts(Some(Duration::Days(7))));
    let ReleaseThreshold::Count {
        count,
        apart,
        within,
    } = release.need
    else {
        panic!("{release:?}")
    };
    assert_eq!(
        (count, apart.as_hours(), within.map(|w| w.as_hours())),
        (2, 24, Some(72))
    );
    let hours = &policy.rules()[1].conditions[3].comparison;
    let at_least = Some(Number::from_thousandths(1500));
    assert_eq!(
        *hours,
        Comparison::Between {
            at_least,
            at_most: None
        }
    );
    let english = policy.language("en-GB").unwrap();
    let text = rule
        .texts
        .guidance
        .render(english, &|_| Some("1 March".to_owned()));
    assert_eq!(text.as_deref(), Some("Stay at home until 1 March."));
}

#[test]
fn every_mistake_names_its_place_and_its_remedy() {
    let table: &[(&str, &str, &str)] = &[
        (
            "where = { ring = 1,",
            "where = { rings = 1,",
            "line 18, column 11: rule[close-contact].where.rings: unknown field, did you mean \
             `ring`?; known here: relation, ring, minutes, hours",
        ),
        (
            "level = \"high\"",
            "nationality = \"IT\"",
            "line 35, column 11: rule[high-risk-area].where.nationality: unknown field; known \
             here: region, level, mode, source, minutes, hours",
        ),
        (
            "lasts = \"7d\"",
            "lasst = \"7d\"",
            "line 39, column 1: rule[high-risk-area].lasst: unknown field, did you mean `lasts`?",
        ),
        (
            "reads = \"contact\"",
            "reads = \"contract\"",
            "line 17, column 9: rule[close-contact].reads: found \"contract\", did you mean \
             `contact`?; expected one of declaration, diagnosis, contact",
        ),
        (
            "\"household\"",
            "\"houshold\"",
            "found \"houshold\", did you mean `household`?; expected one of household, close",
        ),
        (
            "version = 3",
            "version = 0",
            "found 0, expected a whole number from 1 to",
        ),
        (
            "version = 3",
            "version = \"3\"",
            "found \"3\", expected a whole number",
        ),
        (
            "issuer = \"330100\"",
            "issuer = \"3301000\"",
            "policy.issuer: found \"3301000\"",
        ),
        (
            "Asia/Shanghai",
            "Asia/Hangzhou",
            "expected a time zone of the IANA database",
        ),
        (
            "00:00:00+08:00",
            "00:00:00",
            "expected a time with its offset",
        ),
        (
            "look_back = \"40d\"",
            "look_back = \"6w\"",
            "expected a duration such as \"14d\"",
        ),
        (
            "languages = [\"en\", \"zh\"]\n",
            "languages = [\"en\", \"zh\", \"zh\"]\n",
            "twice",
        ),
        (
            "id = \"my-city\"",
            "id = \"My City\"",
            "a name of lower-case letters",
        ),
        (
            "contest.zh = \"请写信给我们。\"\n",
            "",
            "no text in \"zh\", which `languages` promises",
        ),
        (
            "title.zh = \"风险地区\"\n",
            "",
            "rule[high-risk-area].title: there is no text in \"zh\"",
        ),
        (
            "title.en = \"Risk area\"",
            "title.en = \" \"",
            "title.en: this is empty",
        ),
        (
            "Write to us.",
            "Write until {until}.",
            "nothing fills {until}; possible here: ",
        ),
        (
            "with a case on {last}",
            "with a case on {lats}",
            "did you mean `last`?",
        ),
        (
            "with a case on {last}",
            "with a case on {last",
            "a brace without its partner",
        ),
        (
            "on {last}",
            "for {minutes} minutes",
            "{minutes} may be unknown; add a condition",
        ),
        (
            "gives = \"red\"",
            "gives = \"green\"",
            "no rule gives green",
        ),
        (
            "gives = \"red\"",
            "gives = \"orange\"",
            "found \"orange\"; expected one of red, yellow",
        ),
        (
            "lasts = \"7d\"",
            "lasts = \"until\"",
            "a stay names no end of its own",
        ),
        (
            "lasts = \"7d\"",
            "",
            "a rule ends by itself, and this one does not",
        ),
        (
            "lasts = \"7d\"",
            "lasts = \"0h\"",
            "a duration longer than nothing",
        ),
        (
            "starts = \"last\"",
            "starts = \"left\"",
            "found \"left\"; expected one of first, last",
        ),
        (
            "starts = \"last\"",
            "starts = \"last + x\"",
            "such as \"first\" or \"first + 7d\"",
        ),
        (
            "last + 1d",
            "last + 24h",
            "`last` counts as now while the stay lasts",
        ),
        (
            "ring = 1,",
            "ring = 0,",
            "found 0, which cannot be; expected a whole number from 1 to 255",
        ),
        ("ring = 1,", "ring = [],", "this is empty"),
        ("ring = 1,", "ring = [1, 1],", "1 stands here twice"),
        (
            "ring = 1,",
            "ring = { at_least = 2, at_most = 1 },",
            "at_least 2 is more than at_most 1",
        ),
        (
            "at_least = 1.5",
            "at_least = 1.5, above = 2",
            "unknown field",
        ),
        (
            "{ at_least = 1.5 } }",
            "{ at_least = 1.5 }, minutes = { at_most = 60 } }",
            "in common",
        ),
        (
            "{ within = [\"42\"] }",
            "\"42\"",
            "expected a table such as { within =",
        ),
        (
            "[\"42\"]",
            "[\"420\"]",
            "region.within[0]: found \"420\", expected a region",
        ),
        (
            "\"42\"] }",
            "\"42\"], outside = [\"CN\"] }",
            "`within` and `outside` exclude each other",
        ),
        (
            "count = 2, within = \"7d\"",
            "count = 1, within = \"7d\"",
            "a whole number from 2",
        ),
        (
            "count = 2, within = \"7d\"",
            "count = 2",
            "within: missing; add within = \"14d\"",
        ),
        (
            "count = 2, apart",
            "count = 5, apart",
            "take 96 hours, but must come within 72",
        ),
        (
            "count = 2, apart",
            "count = 0, apart",
            "a whole number from 1 to 1000",
        ),
        (
            "starts + 7d",
            "starts + 14d",
            "it counts from 14d on, but the rule has ended by then",
        ),
        (
            "starts + 7d",
            "last + 15d",
            "it counts from 15d on, but the rule has ended by then",
        ),
        (
            "starts + 7d",
            "begins",
            "found \"begins\"; expected one of first, last",
        ),
        (
            "count = 2, apart = \"24h\", within = \"3d\"",
            "consecutive_days = 8",
            "leaves 7 local",
        ),
        (
            "count = 2, apart",
            "consecutive_days = 3, apart",
            "`consecutive_days` and `apart` ex",
        ),
        (
            "evidence = \"test\"",
            "evidence = \"withdrawal\"",
            "no rule reads a withdrawal",
        ),
        (
            "look_back = \"40d\"",
            "look_back = \"14d\"",
            "set look_back to at least \"17d\"",
        ),
        (
            "id = \"high-risk-area\"",
            "id = \"close-contact\"",
            "already called \"close-contact\" (line 1",
        ),
        (
            "[declaration]\nlasts = \"14d\"",
            "",
            "declaration: missing; add a table [declaration]",
        ),
    ];
    let mut wrong = Vec::new();
    for (good, bad, message) in table {
        let error = spoilt(good, bad).to_string();
        if !error.contains(message) {
            wrong.push(format!("{bad}\n  said:     {error}\n  expected: {message}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_text() {
    let bad = GOOD
        .replace("version = 3", "version = -1")
        .replace("ring = 1", "ring = 0")
        .replace("starts = \"last\"", "starts = \"lats\"")
        .replace("\"7d\"", "7");
    let errors = Policy::parse(&bad).unwrap_err();
    let lines: Vec<_> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [3, 18, 36, 39], "{}", shown(&errors));
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_place() {
    let error = spoilt("[policy]", "[policy");
    assert_eq!((error.line, error.column), (1, 8));
    assert!(matches!(error.problem, Problem::Syntax { .. }), "{error}");
    let error = spoilt("version = 3", "version = 3\nversion = 4");
    assert_eq!(error.line, 4);
    assert!(error.to_string().contains("duplicate key"), "{error}");
}

#[test]
fn a_text_that_is_no_policy_at_all_is_not_refused_line_by_line() {
    let errors = Policy::parse(&"There is no policy here.\n".repeat(100)).unwrap_err();
    assert_eq!(errors.len(), 3);
}

#[test]
fn an_empty_text_lacks_everything() {
    let errors = Policy::parse("").unwrap_err();
    let paths: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["policy", "declaration"]);
}

#[test]
fn ordinary_mistakes_of_shape_never_panic() {
    for text in [
        "policy = 3",
        "rule = 3",
        "rule = [3]",
        "rule = [[]]",
        "[policy]\nlanguages = []\n[[rule]]",
        "[policy]\nlanguages = [3]\n[[rule]]\nid = 3\nreads = []\nwhere = 3\nrepeated = 1",
        "[[rule]]\nid = \"a\"\nlifted_by = 3\ntitle = 3\nstarts = \"+\"\nlasts = \"\"",
        "[[rule]]\nid = \"a\"\nreads = \"stay\"\nwhere = { hours = { at_least = 1e400 } }",
        "\u{feff}[policy]",
        "[policy]\nversion = 99999999999999999999999999999999999999999999",
    ] {
        assert!(!Policy::parse(text).unwrap_err().is_empty(), "{text}");
    }
}

proptest::proptest! {
    #![proptest_config(crate::testing::property_cases(256))]

    #[test]
    fn a_damaged_policy_is_read_or_refused_and_never_panics(
        from in 0..GOOD.len(),
        length in 0..40_usize,
        put in "[\\PC\n]{0,12}",
    ) {
        let at = |place: usize| (0..=place.min(GOOD.len())).rev().find(|i| GOOD.is_char_boundary(*i));
        let (from, to) = (at(from).unwrap_or(0), at(from + length).unwrap_or(0));
        let damaged = format!("{}{put}{}", &GOOD[..from], &GOOD[to.max(from)..]);
        if let Err(errors) = Policy::parse(&damaged) {
            proptest::prop_assert!(!errors.is_empty());
            let lines = damaged.lines().count() + 1;
            proptest::prop_assert!(errors.iter().all(|error| (1..=lines).contains(&error.line)));
        }
    }
}

#[test]
fn what_a_code_needs_is_a_phone_unless_the_policy_says_otherwise() {
    use crate::account::Assurance;

    let needs = |code: &str| {
        let text = GOOD.replacen("[[rule]]", &format!("{code}[[rule]]"), 1);
        Policy::parse(&text).map(|policy| policy.code().needs)
    };
    assert_eq!(needs("").unwrap(), Assurance::Phone);
    for level in Assurance::ALL {
        let code = format!("[code]\nneeds = \"{level}\"\n");
        assert_eq!(needs(&code).unwrap(), level);
    }
    for (code, complaint) in [
        ("[code]\nneeds = \"proven\"\n", "claimed, phone, seen"),
        ("[code]\n", "needs = \"phone\""),
        ("[code]\nneeds = \"phone\"\nwants = 1\n", "wants"),
    ] {
        let errors = needs(code).unwrap_err();
        assert!(errors[0].to_string().contains(complaint), "{errors:?}");
    }
}
