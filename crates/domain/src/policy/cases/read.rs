//! Reads the file of worked cases.

use jiff::Timestamp;

use super::facts::{self, Times, labelled};
use super::{Case, Expectation};
use crate::appeal::Appeal;
use crate::evidence::{Evidence, FactKind};
use crate::ids::{AuthorityId, EvidenceId, PersonId};
use crate::policy::conditions::optional;
use crate::policy::problem::{Problem, nearest};
use crate::policy::reader::{Node, Report, Table};
use crate::policy::{Policy, PolicyError, RuleId};
use crate::region::{Level, RegionLevel, RegionLevels};
use crate::verdict::Status;

type Labels = Vec<(String, EvidenceId)>;

/// Pieces of evidence in one file, those that repeat daily counted each day: a few bytes must not become
/// gigabytes.
const MOST_PIECES: usize = 20_000;

pub(super) fn read(text: &str, policy: &Policy) -> Result<Vec<Case>, Vec<PolicyError>> {
    let mut report = Report::new(text);
    let cases = report.parse().and_then(|root| {
        let mut table = Table::root(root.get_ref());
        let list = table.required("case", "a case under [[case]]", &mut report);
        let nodes = list.and_then(|list| list.list("cases, each under [[case]]", &mut report));
        table.finish(&mut report);
        let nodes = nodes?;
        let (mut cases, mut pieces) = (Vec::new(), 0);
        for node in &nodes {
            let Some(case) = read_case(node, policy, &mut report) else {
                continue;
            };
            pieces += case.evidence.len();
            if pieces > MOST_PIECES {
                refuse_more(node, &mut report);
                break;
            }
            cases.push(case);
        }
        Some(cases)
    });
    let errors = report.into_errors();
    match cases {
        Some(cases) if errors.is_empty() => Ok(cases),
        _ => Err(errors),
    }
}

fn refuse_more(node: &Node<'_>, report: &mut Report<'_>) {
    let why =
        format!("there are at most {MOST_PIECES} pieces of evidence in one file; cut it in two");
    node.problem(report, Problem::Refused { why });
}

fn read_case(node: &Node<'_>, policy: &Policy, report: &mut Report<'_>) -> Option<Case> {
    let mut table = node.table("a table under [[case]]", report)?;
    let name = table.required("name", "name = \"what the case shows\"", report);
    let name = name.and_then(|node| node.text("a sentence in quotes", report));
    let levels = optional(table.optional("levels", report), |node| {
        read_each(&node, "a list of levels", report, |node, report| {
            read_level(node, policy, report)
        })
    });
    let evidence = table.optional("evidence", report);
    let appeals = table.optional("appeals", report);
    let expected = table.required(
        "expect",
        "expect = [{ at = …, status = \"green\" }]",
        report,
    );
    table.finish(report);

    let labels = match &evidence {
        Some(node) => read_labels(node, report)?,
        None => Labels::new(),
    };
    let evidence = optional(evidence, |node| {
        read_evidence(&node, policy, &labels, report)
    });
    let appeals = optional(appeals, |node| {
        read_each(&node, "a list of appeals", report, |node, report| {
            read_appeal(node, policy, &labels, report)
        })
    });
    let expected = read_each(
        &expected?,
        "a list of expectations",
        report,
        |node, report| read_expectation(node, policy, &labels, report),
    );
    Some(Case {
        name: name?.to_owned(),
        line: report.line(&node.path),
        levels: RegionLevels::new(levels?.unwrap_or_default()),
        evidence: evidence?.unwrap_or_default(),
        appeals: appeals?.unwrap_or_default(),
        expected: expected?,
        labels,
    })
}

fn read_each<'d, T>(
    node: &Node<'d>,
    expected: &str,
    report: &mut Report<'_>,
    mut read: impl FnMut(&Node<'d>, &mut Report<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let nodes = node.list(expected, report)?;
    let values: Vec<_> = nodes.iter().filter_map(|node| read(node, report)).collect();
    (values.len() == nodes.len()).then_some(values)
}

fn read_level(node: &Node<'_>, policy: &Policy, report: &mut Report<'_>) -> Option<RegionLevel> {
    let zone = Some(policy.time_zone());
    let mut table = node.table(
        "a table such as { region = \"4201\", level = \"high\" }",
        report,
    )?;
    let region = table.required("region", "region = \"4201\"", report);
    let region = region.and_then(|node| node.region(report));
    let level = table.required("level", "level = \"high\"", report);
    let words = Level::ALL.map(Level::as_str);
    let level = level.and_then(|node| node.word(&words, report));
    let level = level.and_then(|word| Level::ALL.into_iter().find(|l| l.as_str() == word));
    let from = table.required("from", "from = 2020-01-23", report);
    let from = from.and_then(|node| node.timestamp(zone, report));
    let until = optional(table.optional("until", report), |node| {
        node.timestamp(zone, report)
    });
    table.finish(report);
    Some(RegionLevel {
        region: region?,
        level: level?,
        from: from?,
        until: until?,
    })
}

/// The `id` of every piece that has one, before anything names it.
fn read_labels(node: &Node<'_>, report: &mut Report<'_>) -> Option<Labels> {
    let mut labels = Labels::new();
    for (number, node) in (1..).zip(node.list("a list of evidence", report)?) {
        if !node.is_table() {
            continue;
        }
        let mut table = node.table("a table", report)?;
        let Some(node) = table.optional("id", report) else {
            continue;
        };
        let label = node.text("a name in quotes", report)?.to_owned();
        if labels.iter().any(|(known, _)| *known == label) {
            node.problem(
                report,
                Problem::Twice {
                    found: format!("\"{label}\""),
                },
            );
            return None;
        }
        labels.push((label, first_of(number)));
    }
    Some(labels)
}

/// The first of the ids of the piece with this number; one that repeats daily has several.
fn first_of(number: u128) -> EvidenceId {
    EvidenceId::from_u128(number * 1000)
}

fn read_evidence(
    node: &Node<'_>,
    policy: &Policy,
    labels: &Labels,
    report: &mut Report<'_>,
) -> Option<Vec<Evidence>> {
    let nodes = node.list("a list of evidence", report)?;
    let mut evidence = Vec::new();
    let mut all_read = true;
    for (number, node) in (1..).zip(&nodes) {
        match read_piece(node, number, policy, labels, report) {
            Some(pieces) => evidence.extend(pieces),
            None => all_read = false,
        }
        if evidence.len() > MOST_PIECES {
            refuse_more(node, report);
            return None;
        }
    }
    all_read.then_some(evidence)
}

fn read_piece(
    node: &Node<'_>,
    number: u128,
    policy: &Policy,
    labels: &Labels,
    report: &mut Report<'_>,
) -> Option<Vec<Evidence>> {
    let mut table = node.table("a table such as { evidence = \"test\", … }", report)?;
    table.optional("id", report);
    let zone = policy.time_zone();
    let kind = table.required("evidence", "evidence = \"test\"", report);
    let kind: Option<FactKind> =
        kind.and_then(|node| node.word(FactKind::WORDS, report)?.parse().ok());
    let daily = optional(table.optional("daily", report), |node| {
        node.whole(1, 400, report)
    });
    let recorded = optional(table.optional("recorded", report), |node| {
        node.timestamp(Some(zone), report)
    });
    let (kind, days, recorded) = (kind?, daily?.unwrap_or(1), recorded?);
    let mut pieces = Vec::new();
    for day in 0..days as u16 {
        let times = Times {
            zone,
            days_later: day,
        };
        let fact = facts::read(&mut table, kind, &times, labels, report)?;
        pieces.push(Evidence {
            id: EvidenceId::from_u128(first_of(number).as_u128() + u128::from(day)),
            person: PersonId::from_u128(1),
            authority: AuthorityId::from_u128(1),
            recorded_at: recorded.unwrap_or(Timestamp::MIN),
            fact,
        });
    }
    table.finish(report);
    Some(pieces)
}

fn read_appeal(
    node: &Node<'_>,
    policy: &Policy,
    labels: &Labels,
    report: &mut Report<'_>,
) -> Option<Appeal> {
    let zone = Some(policy.time_zone());
    let expected = "a table such as { against = [\"first\"], filed = 2020-02-17T08:30:00 }";
    let mut table = node.table(expected, report)?;
    let against = table.required("against", "against = [\"first\"]", report);
    let against = against.and_then(|node| {
        let expected = "a list of ids of evidence";
        read_each(&node, expected, report, |node, report| {
            labelled(node, labels, report)
        })
    });
    let filed = table.required("filed", "filed = 2020-02-17T08:30:00", report);
    let filed = filed.and_then(|node| node.timestamp(zone, report));
    let answered = optional(table.optional("answered", report), |node| {
        node.timestamp(zone, report)
    });
    table.finish(report);
    Some(Appeal {
        evidence: against?,
        filed_at: filed?,
        answered_at: answered?,
    })
}

fn read_expectation(
    node: &Node<'_>,
    policy: &Policy,
    labels: &Labels,
    report: &mut Report<'_>,
) -> Option<Expectation> {
    let zone = policy.time_zone();
    let mut table = node.table("a table such as { at = …, status = \"red\" }", report)?;
    let at = table.required("at", "at = 2020-02-17T08:30:00", report);
    let at = at.and_then(|node| node.timestamp(Some(zone), report));
    let status = table.required("status", "status = \"green\"", report);
    let status: Option<Status> = status.and_then(|node| {
        node.word(&["undeclared", "green", "yellow", "red"], report)?
            .parse()
            .ok()
    });
    let rule = optional(table.optional("rule", report), |node| {
        read_rule(&node, policy, report)
    });
    let because = optional(table.optional("because", report), |node| {
        labelled(&node, labels, report)
    });
    let mut timestamp = |name: &'static str, report: &mut Report<'_>| {
        optional(table.optional(name, report), |node| {
            if node.is_word() {
                return node.word(&["none"], report).map(|_| None);
            }
            node.timestamp(Some(zone), report).map(Some)
        })
    };
    let since = timestamp("since", report);
    let until = timestamp("until", report);
    let next_change = timestamp("next_change", report);
    let mut rules = |name: &'static str, report: &mut Report<'_>| {
        optional(table.optional(name, report), |node| {
            read_each(
                &node,
                "a list of rules, which may be empty",
                report,
                |node, report| read_rule(node, policy, report),
            )
        })
    };
    let restrictions = rules("restrictions", report);
    let advice = rules("advice", report);
    table.finish(report);
    Some(Expectation {
        line: report.line(&node.path),
        at: at?,
        status: status?,
        rule: rule?,
        because: because?,
        since: since?,
        until: until?,
        next_change: next_change?,
        restrictions: restrictions?,
        advice: advice?,
    })
}

fn read_rule(node: &Node<'_>, policy: &Policy, report: &mut Report<'_>) -> Option<RuleId> {
    let name = node.text("the name of a rule", report)?;
    let known = policy.rules().iter().map(|rule| &rule.id);
    if let Some(id) = known.clone().find(|id| id.as_str() == name) {
        return Some(id.clone());
    }
    let problem = Problem::UnknownWord {
        found: name.to_owned(),
        expected: known.clone().map(ToString::to_string).collect(),
        nearest: nearest(name, known.map(RuleId::as_str)),
    };
    node.problem(report, problem);
    None
}
