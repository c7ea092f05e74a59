//! A case that holds, one that does not, and files that are refused.

use super::*;

const POLICY: &str = r#"[policy]
id = "p"
version = 1
issuer = "33"
time_zone = "Asia/Shanghai"
effective = 2020-01-01T00:00:00Z
look_back = "40d"
languages = ["en"]
contest.en = "Ask."
[declaration]
lasts = "14d"
[[rule]]
id = "close-contact"
reads = "contact"
gives = "red"
starts = "last"
lasts = "14d"
title.en = "T"
reason.en = "R"
guidance.en = "G"
"#;

fn policy() -> Policy {
    Policy::parse(POLICY).unwrap()
}

const CASES: &str = r#"[[case]]
name = "A contact is red for 14 days, once it is known"
evidence = [
  { evidence = "declaration", at = 2020-02-01T08:00:00, daily = 10 },
  { id = "met", evidence = "contact", relation = "close", first = 2020-02-01, last = 2020-02-01T10:00:00, recorded = 2020-02-04 },
  { evidence = "withdrawal", of = "met", at = 2020-02-08T12:00:00 },
]
expect = [
  { at = 2020-02-03T23:59:59, status = "green", since = 2020-02-03T08:00:00 },
  { at = 2020-02-04, status = "red", rule = "close-contact", because = "met", until = 2020-02-15T16:00:00Z, advice = [] },
  { at = 2020-02-09, status = "green", since = 2020-02-08T08:00:00, until = 2020-02-23 },
]
"#;

#[test]
fn a_case_holds_or_says_what_was_decided_instead() {
    let policy = policy();
    let run = |text: &str| Cases::parse(text, &policy).unwrap().run(&policy).remove(0);
    let outcome = run(CASES);
    assert!(outcome.holds(), "{:?}", outcome.mismatches);
    assert_eq!((outcome.line, outcome.timestamps), (1, 3));

    let outcome = run(&CASES.replace("until = 2020-02-15T16:00:00Z", "until = 2020-02-15"));
    let mismatches: Vec<_> = outcome.mismatches.iter().map(ToString::to_string).collect();
    assert_eq!(
        mismatches,
        [
            "line 10, at 2020-02-04T00:00:00+08:00: until should be 2020-02-15T00:00:00+08:00, but \
             is 2020-02-16T00:00:00+08:00"
        ]
    );
}

#[test]
fn every_mistake_in_the_cases_names_its_place_and_its_remedy() {
    let policy = policy();
    for (good, bad, message) in [
        (
            "name =",
            "nam =",
            "line 2, column 1: case[0].nam: unknown field, did you mean `name`?",
        ),
        (
            "\"red\", rule = \"close-contact\"",
            "\"red\", rule = \"close-contacts\"",
            "did you mean",
        ),
        (
            "status = \"red\"",
            "status = \"orange\"",
            "expected one of undeclared, green, yellow",
        ),
        (
            "of = \"met\"",
            "of = \"mett\"",
            "found \"mett\", did you mean `met`?",
        ),
        (
            "relation = \"close\", ",
            "",
            "evidence[1].relation: missing; add relation = \"close\"",
        ),
        (
            "relation = \"close\"",
            "relation = \"close\", rng = 1",
            "did you mean `ring`?",
        ),
        ("daily = 10", "daily = 0", "a whole number from 1 to 400"),
        (
            "first = 2020-02-01,",
            "first = 2020-02-02,",
            "this is before the beginning",
        ),
        (
            "first = 2020-02-01,",
            "first = \"2020\",",
            "a date or a time without quotes",
        ),
        (
            "evidence = \"contact\"",
            "evidence = \"kontact\"",
            "did you mean `contact`?",
        ),
        (
            "because = \"met\"",
            "because = \"saw\"",
            "expected one of met",
        ),
        (
            "[[case]]",
            "[[cases]]",
            "line 1, column 3: cases: unknown field, did you mean `case`?",
        ),
    ] {
        assert_eq!(CASES.matches(good).count(), 1, "{good}");
        let errors = Cases::parse(&CASES.replace(good, bad), &policy).expect_err(bad);
        let said = errors[0].to_string();
        assert!(
            errors.len() == 1 && said.contains(message),
            "{bad}: {errors:?}"
        );
    }
}

#[test]
fn a_few_bytes_become_neither_gigabytes_nor_hours() {
    let piece = "{ evidence = \"declaration\", at = 2020-02-01, daily = 400 }";
    let case = |pieces: usize| {
        let evidence = vec![piece; pieces].join(",");
        let expect = "{ at = 2020-02-03, status = \"green\" }";
        format!("[[case]]\nname = \"a\"\nevidence = [{evidence}]\nexpect = [{expect}, {expect}]\n")
    };
    let read = |text: &str| Cases::parse(text, &policy());
    let lifted = |lifts: usize| {
        let lift = "{ evidence = \"declaration\", count = 2, apart = \"1h\" }";
        let lifts = vec![lift; lifts].join(",");
        let rule = "[[rule]]\nid = \"r\"\nreads = \"declaration\"\ngives = \"red\"\nstarts = \"at\"\n\
            lasts = \"7d\"\ntitle.en = \"T\"\nreason.en = \"R\"\nguidance.en = \"G\"\n";
        Policy::parse(&format!("{POLICY}{rule}lifted_by = [{lifts}]\n")).unwrap()
    };
    let effort = |pieces, lifts| read(&case(pieces)).unwrap().effort(&lifted(lifts));
    // A second of work, and minutes of it.
    let (one, many) = (effort(1, 1), effort(5, 40));
    assert!(one < 1_000_000 && many > 300_000_000, "{one} {many}");
    for text in [case(51), case(26).repeat(2)] {
        let problems = read(&text).unwrap_err();
        assert!(
            problems[0].to_string().contains("at most 20000 pieces"),
            "{problems:?}"
        );
    }
    let flood = format!("[[case]]\nname = \"a\"\nexpect = [{}]", "{},".repeat(5000));
    assert_eq!(read(&flood).unwrap_err().len(), 1000, "those come first");
}
