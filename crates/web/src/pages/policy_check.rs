//! What a policy that is being written would say: its faults, each at its line, or its rules in plain words, its
//! texts in each language, and which worked cases hold. Nothing of it is kept.

use std::fmt::Write as _;

use askama::Template;
use domain::policy::{CaseOutcome, Cases, Policy, PolicyError, Problem, Rule};
use fluent_bundle::FluentArgs;
use service::{ServiceError, Staff};
use tokio::sync::Semaphore;

use super::Frame;
use super::rule_words::{RuleWords, in_words};
use crate::App;
use crate::problem;

/// Faults that are shown at once: a longer list is read by nobody.
pub(super) const MOST_SHOWN: usize = 100;
/// Characters of a line that are shown.
pub(super) const LONGEST_SHOWN: usize = 200;
/// Worked cases that are more work ([`Cases::effort`]) are not tried while others wait for the server.
const MOST_EFFORT: u64 = 3_000_000;

/// What is wrong, and where.
pub(super) struct Fault {
    pub(super) place: String,
    /// The line as it was written.
    pub(super) text: String,
    pub(super) why: String,
}

/// What was found.
#[derive(Default)]
pub(super) struct PolicyCheck {
    /// The name of the text that says why the policy cannot be proposed.
    pub(super) refused: Option<&'static str>,
    pub(super) faults: Vec<Fault>,
    /// How many faults, or that there are none.
    pub(super) summary: String,
    pub(super) rules: Vec<CheckedRule>,
    pub(super) cases: Option<CheckedCases>,
}

/// A rule as people will read it.
pub(super) struct CheckedRule {
    pub(super) id: String,
    pub(super) words: RuleWords,
    pub(super) texts: Vec<RuleText>,
}

/// What a rule says in one language.
pub(super) struct RuleText {
    pub(super) language: String,
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) guidance: String,
}

/// What came of the worked cases.
pub(super) struct CheckedCases {
    pub(super) hold: Option<String>,
    /// How many fail, or that they cannot be read.
    pub(super) fail: Option<String>,
    pub(super) faults: Vec<Fault>,
}

/// The part of the page that a script puts in place.
#[derive(Template)]
#[template(path = "policy_check.html")]
pub(super) struct CheckPart {
    pub(super) frame: Frame,
    pub(super) check: PolicyCheck,
}

impl PolicyCheck {
    /// Checks a policy as proposing it would, and tries its worked cases, if there are any.
    ///
    /// # Errors
    /// Whatever is not about the text.
    pub(super) async fn of(
        app: &App,
        frame: &Frame,
        staff: &Staff,
        (toml, cases): (&str, &str),
    ) -> Result<Self, problem::Problem> {
        match app.service.publishing.check_policy(staff, toml).await {
            Ok(policy) => Self::tried(frame, policy, cases).await,
            Err(error) => Self::refused(frame, toml, error),
        }
    }

    /// Why a policy cannot be proposed, beside the text that was typed.
    ///
    /// # Errors
    /// Whatever is not about the text.
    pub(super) fn refused(
        frame: &Frame,
        toml: &str,
        error: ServiceError,
    ) -> Result<Self, problem::Problem> {
        let mut check = Self::default();
        check.refused = Some(match error {
            ServiceError::PolicyRefused { problems } => {
                check.faults = at_lines(frame, toml, &problems);
                check.summary = count(frame, "policy-check-faults", problems.len());
                "propose-policy-wrong"
            }
            ServiceError::PolicyExists(_) => "propose-policy-exists",
            ServiceError::ForeignPolicy { .. } => "policy-check-foreign",
            ServiceError::TooManyWaiting { .. } => "policy-check-waiting",
            error => return Err(error.into()),
        });
        Ok(check)
    }

    /// The same beside the threads that answer others: worked cases take a while, one form at a time.
    async fn tried(frame: &Frame, policy: Policy, cases: &str) -> Result<Self, problem::Problem> {
        static ONE: Semaphore = Semaphore::const_new(1);
        let turn = ONE.acquire().await;
        let (frame, cases) = (frame.clone(), cases.to_owned());
        let tried = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            Self::good(&frame, &policy, &cases)
        });
        let done = tried.await;
        done.map_err(|error| ServiceError::Interrupted(error.to_string()).into())
    }

    fn good(frame: &Frame, policy: &Policy, cases: &str) -> Self {
        Self {
            refused: None,
            faults: Vec::new(),
            summary: frame.t("policy-check-good"),
            rules: policy
                .rules()
                .iter()
                .map(|rule| CheckedRule::new(frame, policy, rule))
                .collect(),
            cases: (!cases.trim().is_empty()).then(|| CheckedCases::of(frame, policy, cases)),
        }
    }
}

impl CheckedRule {
    fn new(frame: &Frame, policy: &Policy, rule: &Rule) -> Self {
        let texts = policy.languages().iter().map(|language| {
            let text = |text: &domain::policy::Text| {
                text.in_language(language).unwrap_or_default().to_owned()
            };
            RuleText {
                language: language.as_str().to_owned(),
                title: text(&rule.texts.title),
                reason: text(&rule.texts.reason),
                guidance: text(&rule.texts.guidance),
            }
        });
        Self {
            id: rule.id.to_string(),
            words: in_words(frame, rule),
            texts: texts.collect(),
        }
    }
}

impl CheckedCases {
    fn of(frame: &Frame, policy: &Policy, text: &str) -> Self {
        let outcomes = match Cases::parse(text, policy) {
            Ok(cases) if cases.effort(policy) > MOST_EFFORT => {
                return Self {
                    hold: None,
                    fail: Some(frame.t("policy-check-cases-many")),
                    faults: Vec::new(),
                };
            }
            Ok(cases) => cases.run(policy),
            Err(problems) => {
                return Self {
                    hold: None,
                    fail: Some(frame.t("policy-check-cases-wrong")),
                    faults: at_lines(frame, text, &problems),
                };
            }
        };
        let hold = outcomes.iter().filter(|outcome| outcome.holds()).count();
        let fail = outcomes.len() - hold;
        Self {
            hold: Some(count(frame, "policy-check-hold", hold)),
            fail: (fail > 0).then(|| count(frame, "policy-check-fail", fail)),
            faults: outcomes
                .iter()
                .flat_map(|outcome| mismatches(frame, outcome))
                .take(MOST_SHOWN)
                .collect(),
        }
    }
}

fn count(frame: &Frame, text: &str, count: usize) -> String {
    frame.with(text, "count", &count.to_string())
}

fn mismatches<'a>(frame: &'a Frame, outcome: &'a CaseOutcome) -> impl Iterator<Item = Fault> + 'a {
    outcome.mismatches.iter().map(|mismatch| {
        let mut args = FluentArgs::new();
        args.set("at", mismatch.at.as_str());
        args.set("field", mismatch.field);
        args.set("expected", mismatch.expected.as_str());
        args.set("found", mismatch.found.as_str());
        Fault {
            place: frame.with("propose-line", "line", &mismatch.line.to_string()),
            text: outcome.name.clone(),
            why: frame.language.fill("policy-check-mismatch", &args),
        }
    })
}

/// The first problems at the lines of a text.
fn at_lines(frame: &Frame, text: &str, problems: &[PolicyError]) -> Vec<Fault> {
    let lines: Vec<&str> = text.lines().collect();
    let faults = problems.iter().take(MOST_SHOWN).map(|problem| {
        let why = in_language(frame, &problem.problem);
        let line = lines.get(problem.line.saturating_sub(1));
        let line = line.map_or("", |line| line.trim());
        Fault {
            place: frame.with("propose-line", "line", &problem.line.to_string()),
            text: line.chars().take(LONGEST_SHOWN).collect(),
            why: match problem.path.as_str() {
                "" => why,
                path => format!("{path}: {why}"),
            },
        }
    });
    faults.collect()
}

/// What is wrong, in the language of the page. What stands between the words is the document's own.
fn in_language(frame: &Frame, problem: &Problem) -> String {
    let say = |name: &str, values: &[(&str, &str)]| {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, *value);
        }
        let text = format!("policy-fault-{name}");
        frame.language.fill(&text, &args)
    };
    let meant = |mut said: String, nearest: &Option<String>| {
        if let Some(nearest) = nearest {
            let _ = write!(said, " {}", say("meant", &[("nearest", nearest)]));
        }
        said
    };
    match problem {
        Problem::Syntax { message } => say("syntax", &[("message", message)]),
        Problem::UnknownField { expected, nearest } => {
            let known = expected.join(", ");
            meant(say("unknown-field", &[("expected", &known)]), nearest)
        }
        Problem::Missing { example } => say("missing", &[("example", example)]),
        Problem::Unexpected { found, expected } => {
            say("unexpected", &[("found", found), ("expected", expected)])
        }
        Problem::UnknownWord {
            found,
            expected,
            nearest,
        } => {
            let known = expected.join(", ");
            let values = [("found", &**found), ("expected", &known)];
            meant(say("unknown-word", &values), nearest)
        }
        Problem::Empty => say("empty", &[]),
        Problem::Twice { found } => say("twice", &[("found", found)]),
        Problem::ImpossibleNumber { found, expected } => {
            let values = [("found", &**found), ("expected", expected)];
            say("impossible-number", &values)
        }
        Problem::Contradiction { why } => say("contradiction", &[("why", why)]),
        Problem::Exclusive { first, second } => {
            say("exclusive", &[("first", first), ("second", second)])
        }
        Problem::Refused { why } => say("refused", &[("why", why)]),
        Problem::Green => say("green", &[]),
        Problem::Withdrawal => say("withdrawal", &[]),
        Problem::NoEnd => say("no-end", &[]),
        Problem::NoEndOfItsOwn { kind } => say("no-end-of-its-own", &[("kind", kind)]),
        Problem::BeyondOrder { expected } => say("beyond-order", &[("expected", expected)]),
        Problem::StricterThanOrder => say("stricter-than-order", &[]),
        Problem::EndsAsItStarts => say("ends-as-it-starts", &[]),
        Problem::HoursFromOpenEnd { date, kind } => {
            say("hours-from-open-end", &[("date", date), ("kind", kind)])
        }
        Problem::NeedsLevel { date } => say("needs-level", &[("date", date)]),
        Problem::LookBack {
            reach,
            look_back,
            covers,
            needed,
        } => {
            let (reach, covers) = (reach.to_string(), covers.to_string());
            let values = [
                ("reach", &*reach),
                ("look_back", look_back),
                ("covers", &covers),
                ("needed", needed),
            ];
            say("look-back", &values)
        }
        Problem::MissingText { language, field } => {
            say("missing-text", &[("language", language), ("field", field)])
        }
        Problem::Unpublished { language } => say("unpublished", &[("language", language)]),
        Problem::Brace => say("brace", &[]),
        Problem::UnknownPlaceholder {
            found,
            expected,
            nearest,
        } => {
            let known = expected.join(", ");
            let values = [("found", &**found), ("expected", &known)];
            meant(say("unknown-placeholder", &values), nearest)
        }
        Problem::MayBeUnknown { found } => say("may-be-unknown", &[("found", found)]),
        Problem::DuplicateRule { id, line } => {
            say("duplicate-rule", &[("id", id), ("line", &line.to_string())])
        }
        Problem::Unreachable { earlier } => say("unreachable", &[("earlier", earlier)]),
        Problem::NeverLifts { why } => say("never-lifts", &[("why", why)]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frames;
    use super::*;

    #[test]
    fn every_fault_is_said_in_every_language_with_all_that_it_names() {
        let text = |text: &str| text.to_owned();
        let (one, two) = (text("ONE"), text("TWO"));
        let (many, near) = (vec![one.clone(), two.clone()], Some(text("NEAR")));
        let problems = [
            (
                Problem::Syntax {
                    message: one.clone(),
                },
                "ONE",
            ),
            (
                Problem::UnknownField {
                    expected: many.clone(),
                    nearest: near.clone(),
                },
                "ONE, TWO|NEAR",
            ),
            (
                Problem::Missing {
                    example: one.clone(),
                },
                "ONE",
            ),
            (
                Problem::Unexpected {
                    found: one.clone(),
                    expected: two.clone(),
                },
                "ONE|TWO",
            ),
            (
                Problem::UnknownWord {
                    found: text("ODD"),
                    expected: many.clone(),
                    nearest: near.clone(),
                },
                "ODD|ONE, TWO|NEAR",
            ),
            (Problem::Empty, ""),
            (Problem::Twice { found: one.clone() }, "ONE"),
            (
                Problem::ImpossibleNumber {
                    found: one.clone(),
                    expected: two.clone(),
                },
                "ONE|TWO",
            ),
            (Problem::Contradiction { why: one.clone() }, "ONE"),
            (
                Problem::Exclusive {
                    first: "ONE",
                    second: "TWO",
                },
                "ONE|TWO",
            ),
            (Problem::Refused { why: one.clone() }, "ONE"),
            (Problem::Green, "advice"),
            (Problem::Withdrawal, ""),
            (Problem::NoEnd, "lasts = \"14d\""),
            (
                Problem::NoEndOfItsOwn { kind: "ONE" },
                "ONE|foreign_verdict",
            ),
            (Problem::BeyondOrder { expected: "ONE" }, "ONE"),
            (Problem::StricterThanOrder, "{ colour = \"red\" }"),
            (Problem::EndsAsItStarts, ""),
            (
                Problem::HoursFromOpenEnd {
                    date: "ONE",
                    kind: "TWO",
                },
                "ONE|TWO",
            ),
            (Problem::NeedsLevel { date: one.clone() }, "ONE|arrived"),
            (
                Problem::LookBack {
                    reach: 480,
                    look_back: one.clone(),
                    covers: 336,
                    needed: two.clone(),
                },
                "480|ONE|336|TWO",
            ),
            (
                Problem::MissingText {
                    language: one.clone(),
                    field: two.clone(),
                },
                "ONE|TWO.ONE",
            ),
            (
                Problem::Unpublished {
                    language: one.clone(),
                },
                "ONE",
            ),
            (Problem::Brace, ""),
            (
                Problem::UnknownPlaceholder {
                    found: text("ODD"),
                    expected: many,
                    nearest: near,
                },
                "ODD|ONE, TWO|NEAR",
            ),
            (Problem::MayBeUnknown { found: one.clone() }, "ONE"),
            (
                Problem::DuplicateRule {
                    id: one.clone(),
                    line: 12,
                },
                "ONE|12",
            ),
            (
                Problem::Unreachable {
                    earlier: one.clone(),
                },
                "ONE",
            ),
            (Problem::NeverLifts { why: one }, "ONE"),
        ];
        for frame in frames() {
            for (problem, names) in &problems {
                let said = crate::language::without_isolates(&in_language(&frame, problem));
                for name in names.split('|') {
                    assert!(said.contains(name), "{name}: {said}");
                }
                assert!(!said.contains('⟦') && said.chars().count() > 8, "{said}");
            }
        }
    }
}
