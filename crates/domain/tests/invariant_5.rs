//! Invariant 5: no policy can read who somebody is. Whatever a rule reads, and wherever such a field
//! is written, the policy does not load.

use domain::policy::{PolicyError, Problem};
use domain::{FactKind, Policy};

/// What no rule may read.
const FORBIDDEN: [&str; 30] = [
    "sex",
    "gender",
    "age",
    "birth_year",
    "birth_date",
    "born",
    "nationality",
    "citizenship",
    "origin",
    "native_place",
    "birthplace",
    "household",
    "hukou",
    "registration",
    "registered_at",
    "residence_permit",
    "document",
    "document_kind",
    "document_number",
    "passport",
    "area_prefix",
    "identity",
    "ethnicity",
    "religion",
    "language",
    "name",
    "surname",
    "phone",
    "address",
    "employer",
];

/// The same name with values of every sort.
const VALUES: [&str; 5] = ["\"x\"", "[\"x\"]", "1", "{ at_least = 60 }", "true"];

/// A policy with one rule that reads `kind`, and with `{HERE}` in every place where a field can
/// stand.
fn policy(kind: FactKind) -> String {
    let (starts, lasts, own) = match kind {
        FactKind::Declaration => ("at", "7d", "contact = \"confirmed\""),
        FactKind::Diagnosis => ("at", "7d", "status = \"confirmed\""),
        FactKind::Contact => ("last", "7d", "ring = 1"),
        FactKind::Stay => ("left", "7d", "level = \"high\""),
        FactKind::Test => ("sampled", "7d", "result = \"positive\""),
        FactKind::Vaccination => ("at", "7d", "dose = 1"),
        FactKind::Visit => ("entered", "7d", "category = \"port\""),
        FactKind::Order => ("from", "until", "colour = \"red\""),
        FactKind::Contradiction => ("at", "7d", "about = \"stay\""),
        FactKind::ForeignVerdict => ("at", "until", "colour = \"red\""),
        FactKind::Withdrawal => panic!("no rule reads a withdrawal"),
    };
    format!(
        r#"[policy]
id = "my-city"
version = 1
issuer = "330100"
time_zone = "Asia/Shanghai"
effective = 2020-02-17T00:00:00+08:00
look_back = "40d"
languages = ["en"]
contest.en = "Write to us."
{{POLICY}}

[declaration]
lasts = "14d"
{{DECLARATION}}

[[rule]]
id = "the-rule"
reads = "{kind}"
where = {{ {own}{{WHERE}} }}
gives = "red"
starts = "{starts}"
lasts = "{lasts}"
{{LIFTS}}
title.en = "A rule"
reason.en = "It applies to you."
guidance.en = "Stay at home until {{until}}."
{{RULE}}
"#
    )
}

/// The policy with `field` at one place and nothing at the others.
fn with(kind: FactKind, place: &str, field: &str) -> String {
    let release = format!(
        "lifted_by = [{{ evidence = \"test\", where = {{ result = \"negative\", {field} }} }}]"
    );
    let mut text = policy(kind);
    for hole in ["POLICY", "DECLARATION", "WHERE", "LIFTS", "RULE"] {
        let filling = match hole {
            _ if hole != place => String::new(),
            "WHERE" => format!(", {field}"),
            "LIFTS" => release.clone(),
            _ => field.to_owned(),
        };
        text = text.replace(&format!("{{{hole}}}"), &filling);
    }
    text
}

fn readable() -> impl Iterator<Item = FactKind> {
    let kinds = FactKind::ALL.iter().copied();
    kinds.filter(|kind| *kind != FactKind::Withdrawal)
}

fn is_unknown_field(error: &PolicyError) -> bool {
    matches!(error.problem, Problem::UnknownField { .. })
}

#[test]
fn invariant_5_no_kind_of_evidence_can_be_read_by_who_somebody_is() {
    let mut refused = 0;
    for kind in readable() {
        if let Err(problems) = Policy::parse(&with(kind, "nowhere", "")) {
            panic!("without a forbidden field the rule on {kind} loads: {problems:?}");
        }
        for name in FORBIDDEN {
            for value in VALUES {
                let field = format!("{name} = {value}");
                let Err(problems) = Policy::parse(&with(kind, "WHERE", &field)) else {
                    panic!("a rule reads {kind} by `{field}`");
                };
                let by_name = |problem: &&PolicyError| {
                    is_unknown_field(problem) && problem.path.ends_with(&format!("where.{name}"))
                };
                assert_eq!(
                    problems.iter().filter(by_name).count(),
                    1,
                    "{kind}, {field}: {problems:?}"
                );
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 10 * FORBIDDEN.len() * VALUES.len());
}

#[test]
fn invariant_5_nothing_else_in_a_policy_can_name_who_somebody_is() {
    for kind in readable() {
        for place in ["POLICY", "DECLARATION", "RULE", "LIFTS"] {
            // An order lasts as its two signatures say, whatever would lift it.
            if place == "LIFTS" && kind == FactKind::Order {
                continue;
            }
            for name in FORBIDDEN {
                let field = format!("{name} = \"x\"");
                let Err(problems) = Policy::parse(&with(kind, place, &field)) else {
                    panic!("{place} of a rule on {kind} takes `{field}`");
                };
                assert!(
                    problems.iter().any(is_unknown_field),
                    "{kind}, {place}, {field}: {problems:?}"
                );
            }
        }
    }
}

#[test]
fn invariant_5_no_text_can_quote_who_somebody_is() {
    for kind in readable() {
        for name in FORBIDDEN {
            let text = with(kind, "nowhere", "").replace(
                "It applies to you.",
                &format!("It applies to you, {{{name}}}."),
            );
            assert!(
                Policy::parse(&text).is_err(),
                "{kind}: a text quotes {name}"
            );
        }
    }
}

#[test]
fn invariant_5_no_rule_reads_a_kind_of_evidence_about_who_somebody_is() {
    let text = with(FactKind::Contact, "nowhere", "");
    for name in FORBIDDEN {
        let text = text.replace("reads = \"contact\"", &format!("reads = \"{name}\""));
        assert!(Policy::parse(&text).is_err(), "a rule reads {name}");
    }
    let words: Vec<&str> = FactKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert!(FORBIDDEN.iter().all(|name| !words.contains(name)));
    assert_eq!(readable().collect::<Vec<_>>().len(), 10);
    Policy::parse(&text).unwrap();
}
