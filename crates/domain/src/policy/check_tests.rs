//! Rules that read well and would still not do what their author meant.

use super::super::parse::tests::{GOOD, shown};
use super::super::*;

fn with_rule(rule: &str) -> Result<Policy, Vec<PolicyError>> {
    let head = GOOD.split("[[rule]]").next().unwrap();
    let texts = "title.en = \"T\"\ntitle.zh = \"T\"\nreason.en = \"R\"\nreason.zh = \"R\"\n\
                 guidance.en = \"G\"\nguidance.zh = \"G\"\n";
    let rules: String = rule
        .split("\n\n")
        .map(|rule| format!("[[rule]]\n{}\n{texts}\n", rule.trim()))
        .collect();
    Policy::parse(&format!("{head}{rules}"))
}

#[test]
fn an_order_restricts_as_long_and_as_hard_as_it_was_signed() {
    let order = |gives: &str, starts: &str, lasts: &str, colour: &str| {
        with_rule(&format!(
            "id = \"order\"\nreads = \"order\"\nwhere = {{ colour = {colour} }}\ngives = \
             \"{gives}\"\nstarts = \"{starts}\"\nlasts = \"{lasts}\""
        ))
    };
    assert!(order("red", "from", "until", "\"red\"").is_ok());
    assert!(order("yellow", "from", "until", "[\"yellow\", \"red\"]").is_ok());
    for (gives, starts, lasts, colour, message) in [
        (
            "red",
            "until",
            "until",
            "\"red\"",
            "write starts = \"from\"",
        ),
        (
            "red",
            "from + 1d",
            "until",
            "\"red\"",
            "write starts = \"from\"",
        ),
        ("red", "from", "14d", "\"red\"", "write lasts = \"until\""),
        (
            "red",
            "from",
            "until",
            "[\"red\", \"yellow\"]",
            "this makes a yellow order red",
        ),
        (
            "red",
            "from",
            "until",
            "\"green\"",
            "expected one of yellow, red",
        ),
    ] {
        let errors = order(gives, starts, lasts, colour).unwrap_err();
        assert!(
            errors[0].to_string().contains(message),
            "{}",
            shown(&errors)
        );
    }
}

#[test]
fn rules_that_could_never_matter_are_refused() {
    for (rule, message) in [
        (
            "id = \"a\"\nreads = \"test\"\nwhere = { result = [\"positive\", \"pending\"] }\n\
             gives = \"red\"\nstarts = \"sampled\"\nlasts = \"3d\"\n\nid = \"b\"\nreads = \
             \"test\"\nwhere = { result = [\"pending\", \"positive\"] }\ngives = \"red\"\nstarts = \
             \"sampled\"\nlasts = \"3d\"",
            "rule[b]: rule \"a\" already does exactly this",
        ),
        (
            "id = \"a\"\nreads = \"stay\"\ngives = \"advice\"\nstarts = \"last\"\nlasts = \"7d\"",
            "a stay has `last` only in a rule with a condition on level",
        ),
        (
            "id = \"a\"\nreads = \"foreign_verdict\"\ngives = \"red\"\nstarts = \"until\"\nlasts \
             = \"until\"",
            "the rule would end as it starts",
        ),
        (
            "id = \"a\"\nreads = \"declaration\"\nwhere = { symptoms = \"fever\", symptom_count = \
             0 }\ngives = \"yellow\"\nstarts = \"at\"\nlasts = \"3d\"",
            "symptoms asks for a symptom, symptom_count for none",
        ),
        (
            "id = \"a\"\nreads = \"test\"\nrepeated = { minutes = 30, within = \"7d\" }\ngives = \
             \"yellow\"\nstarts = \"sampled\"\nlasts = \"3d\"",
            "expected count: a test has no minutes",
        ),
        (
            "id = \"a\"\nreads = \"visit\"\ngives = \"advice\"\nstarts = \"left\"\nlasts = \
             \"72h\"",
            "rule[a].lasts: `left` counts as now while the visit lasts",
        ),
        (
            "id = \"a\"\nreads = \"test\"\ngives = \"advice\"\nstarts = \"sampled\"\nlasts = \
             \"24h\"\nlifted_by = [{ evidence = \"test\", count = 3, apart = \"24h\" }]",
            "take longer than the rule lasts",
        ),
    ] {
        let errors = with_rule(rule).expect_err(rule);
        assert_eq!(errors.len(), 1, "{}", shown(&errors));
        assert!(
            errors[0].to_string().contains(message),
            "{}",
            shown(&errors)
        );
    }
}

#[test]
fn a_lapse_that_later_reports_prevent_is_a_rule() {
    let policy = with_rule(
        "id = \"lapse\"\nreads = \"declaration\"\ngives = \"yellow\"\nstarts = \"at + 7d\"\nlasts \
         = \"7d\"\nlifted_by = [{ evidence = \"declaration\", after = \"at\" }]",
    );
    let policy = policy.map_err(|errors| shown(&errors)).unwrap();
    let anchor = Anchor {
        date: DateName::At,
        offset: None,
    };
    assert_eq!(
        policy.rules()[0].lifted_by[0].after,
        ReleaseAfter::Date(anchor)
    );
}
