//! Reads one `[[rule]]`.

use super::conditions::{self, optional};
use super::document::{positive_duration, slug};
use super::fields::Field;
use super::model::{
    Anchor, Condition, DateName, Duration, EarlyRelease, End, Language, Outcome, ReleaseAfter,
    ReleaseThreshold, Repeated, Rule, RuleId, SeriesThreshold, Text, Texts,
};
use super::problem::{Problem, nearest};
use super::reader::{Node, Report, Table, parse_duration};
use super::texts::{self, Placeholders};
use crate::evidence::FactKind;
use crate::verdict::Colour;

/// The path of a rule in messages: by its name, or by its number while it has no readable name.
pub(super) fn rule_path(id: &RuleId) -> String {
    format!("rule[{id}]")
}

/// Reads a rule; `None` if any part of it could not be read. `named` are the rules before it.
pub(super) fn read_rule(
    node: Node<'_>,
    languages: &[Language],
    named: &mut Vec<RuleId>,
    report: &mut Report<'_>,
) -> Option<Rule> {
    let id = read_rule_id(&node, named, report);
    let node = match &id {
        Some(id) => node.renamed(rule_path(id), report),
        None => node,
    };
    let mut table = node.table("a table under [[rule]]", report)?;
    table.optional("id", report);
    let reads = table.required("reads", "reads = \"contact\"", report);
    let reads = reads.and_then(|node| kind(&node, report));
    let conditions = optional(table.optional("where", report), |node| {
        conditions::read(&node, reads?, report)
    });
    let repeated = optional(table.optional("repeated", report), |node| {
        read_repeated(&node, reads, report)
    });
    let gives = table.required("gives", "gives = \"yellow\"", report);
    let gives = gives.and_then(|node| read_gives(&node, report));

    let known = conditions.clone().map(Option::unwrap_or_default);
    let known = known.as_deref();
    let example = reads.map_or("at", |kind| DateName::all_of(kind, false)[0].name());
    let starts = table.required("starts", &format!("starts = \"{example}\""), report);
    let starts = starts.and_then(|node| read_anchor(&node, reads?, known?, report));
    let ends = table.optional("lasts", report);
    if ends.is_none() {
        report.at(&table.path_of("lasts"), Problem::NoEnd);
    }
    let ends = ends.and_then(|node| read_end(&node, reads, report));
    let lifted_by = optional(table.optional("lifted_by", report), |node| {
        read_lifts(&node, reads, known, report)
    });
    let texts = read_texts(&mut table, reads, known, languages, report);
    table.finish(report);

    Some(Rule {
        id: id?,
        reads: reads?,
        conditions: conditions?.unwrap_or_default(),
        repeated: repeated?,
        gives: gives?,
        starts: starts?,
        ends: ends?,
        lifted_by: lifted_by?.unwrap_or_default(),
        texts: texts?,
    })
}

/// The rule's name, unless another rule already has it.
fn read_rule_id(
    node: &Node<'_>,
    named: &mut Vec<RuleId>,
    report: &mut Report<'_>,
) -> Option<RuleId> {
    // A rule that is no table at all is reported where its fields are read.
    let mut table = node.is_table().then(|| node.table("a table", report))??;
    let node = table.required("id", "id = \"close-contact\"", report)?;
    let id = RuleId(slug(&node, report)?);
    if named.contains(&id) {
        let line = report.line(&rule_path(&id));
        node.problem(
            report,
            Problem::DuplicateRule {
                id: id.to_string(),
                line,
            },
        );
        return None;
    }
    named.push(id.clone());
    Some(id)
}

fn kind(node: &Node<'_>, report: &mut Report<'_>) -> Option<FactKind> {
    let readable: Vec<_> = FactKind::WORDS
        .iter()
        .copied()
        .filter(|word| *word != "withdrawal")
        .collect();
    if node.text("a kind of evidence", report)? == "withdrawal" {
        node.problem(report, Problem::Withdrawal);
        return None;
    }
    node.word(&readable, report)?.parse().ok()
}

fn read_gives(node: &Node<'_>, report: &mut Report<'_>) -> Option<Outcome> {
    match node.text("red, yellow or advice", report)? {
        "green" => {
            node.problem(report, Problem::Green);
            None
        }
        "red" => Some(Outcome::Restriction(Colour::Red)),
        "yellow" => Some(Outcome::Restriction(Colour::Yellow)),
        _ => node
            .word(&["red", "yellow", "advice"], report)
            .map(|_| Outcome::Advice),
    }
}

fn read_repeated(
    node: &Node<'_>,
    kind: Option<FactKind>,
    report: &mut Report<'_>,
) -> Option<Repeated> {
    let mut table = node.table("a table such as { count = 3, within = \"14d\" }", report)?;
    let within = table.required("within", "within = \"14d\"", report);
    let count = table.optional("count", report);
    let minutes = table.optional("minutes", report);
    table.finish(report);
    let need = match (count, minutes) {
        (Some(_), Some(_)) => {
            node.problem(
                report,
                Problem::Exclusive {
                    first: "count",
                    second: "minutes",
                },
            );
            None
        }
        (Some(count), None) => count
            .whole(2, u32::from(u16::MAX), report)
            .map(|count| SeriesThreshold::Count(count as u16)),
        (None, Some(minutes)) => {
            if let Some(kind) = kind
                && Field::of(kind, "minutes").is_none()
            {
                let expected = format!("count: a {kind} has no minutes");
                minutes.unexpected(report, expected);
                return None;
            }
            minutes
                .whole(1, u32::MAX, report)
                .map(SeriesThreshold::Minutes)
        }
        (None, None) => {
            let example = "count = 3, or minutes = 1800".to_owned();
            node.problem(report, Problem::Missing { example });
            None
        }
    };
    let within = within?.exact_duration(report)?;
    Some(Repeated {
        need: need?,
        within,
    })
}

fn read_anchor(
    node: &Node<'_>,
    kind: FactKind,
    conditions: &[Condition],
    report: &mut Report<'_>,
) -> Option<Anchor> {
    let with_level = conditions
        .iter()
        .any(|condition| condition.field == Field::Level);
    let dates = DateName::all_of(kind, with_level);
    let names: Vec<_> = dates.iter().map(|date| date.name()).collect();
    let expected = format!("a date such as \"{0}\" or \"{0} + 7d\"", names[0]);
    let (name, offset) = split_offset(node, &expected, report)?;
    if let Some(date) = DateName::of(kind, with_level, name) {
        return Some(Anchor { date, offset });
    }
    let problem = if DateName::of(kind, true, name).is_some() {
        Problem::NeedsLevel {
            date: name.to_owned(),
        }
    } else {
        Problem::UnknownWord {
            found: name.to_owned(),
            nearest: nearest(name, names.iter().copied()),
            expected: names.iter().map(|&name| name.to_owned()).collect(),
        }
    };
    node.problem(report, problem);
    None
}

/// Splits `"last + 7d"`.
fn split_offset<'d>(
    node: &Node<'d>,
    expected: &str,
    report: &mut Report<'_>,
) -> Option<(&'d str, Option<Duration>)> {
    let text = node.text(expected, report)?;
    let Some((name, offset)) = text.split_once('+') else {
        return Some((text.trim(), None));
    };
    let offset = parse_duration(offset.trim());
    if offset.is_none() {
        node.unexpected(report, expected);
    }
    Some((name.trim(), Some(offset?)))
}

fn read_end(node: &Node<'_>, kind: Option<FactKind>, report: &mut Report<'_>) -> Option<End> {
    if node.text("a duration such as \"14d\"", report)? != "until" {
        return positive_duration(node, report).map(End::After);
    }
    match kind {
        None | Some(FactKind::Order | FactKind::ForeignVerdict) => Some(End::OfEvidence),
        Some(kind) => {
            node.problem(
                report,
                Problem::NoEndOfItsOwn {
                    kind: kind.as_str(),
                },
            );
            None
        }
    }
}

fn read_lifts(
    node: &Node<'_>,
    reads: Option<FactKind>,
    known: Option<&[Condition]>,
    report: &mut Report<'_>,
) -> Option<Vec<EarlyRelease>> {
    let expected = "a list such as [{ evidence = \"test\", where = { result = \"negative\" } }]";
    let nodes = node.list(expected, report)?;
    let count = nodes.len();
    let releases: Vec<_> = nodes
        .iter()
        .filter_map(|node| read_lift(node, reads, known, report))
        .collect();
    (releases.len() == count).then_some(releases)
}

fn read_lift(
    node: &Node<'_>,
    reads: Option<FactKind>,
    known: Option<&[Condition]>,
    report: &mut Report<'_>,
) -> Option<EarlyRelease> {
    let mut table = node.table("a table such as { evidence = \"test\" }", report)?;
    let evidence = table.required("evidence", "evidence = \"test\"", report);
    let evidence = evidence.and_then(|node| kind(&node, report));
    let conditions = optional(table.optional("where", report), |node| {
        conditions::read(&node, evidence?, report)
    });
    let need = read_lift_need(node, &mut table, report);
    let after = optional(table.optional("after", report), |node| {
        read_after(&node, reads?, known?, report)
    });
    table.finish(report);
    Some(EarlyRelease {
        evidence: evidence?,
        conditions: conditions?.unwrap_or_default(),
        need: need?,
        after: after?.unwrap_or(ReleaseAfter::Starts(None)),
    })
}

fn read_lift_need(
    node: &Node<'_>,
    table: &mut Table<'_>,
    report: &mut Report<'_>,
) -> Option<ReleaseThreshold> {
    let count = table.optional("count", report);
    let apart = table.optional("apart", report);
    let within = table.optional("within", report);
    let days = table.optional("consecutive_days", report);
    if let Some(days) = days {
        let others = [("count", &count), ("apart", &apart), ("within", &within)];
        if let Some((second, _)) = others.iter().find(|(_, node)| node.is_some()) {
            node.problem(
                report,
                Problem::Exclusive {
                    first: "consecutive_days",
                    second,
                },
            );
            return None;
        }
        return days
            .whole(1, 1000, report)
            .map(|days| ReleaseThreshold::ConsecutiveDays(days as u16));
    }
    let count = optional(count, |node| node.whole(1, 1000, report));
    let apart = optional(apart, |node| node.exact_duration(report));
    let within = optional(within, |node| node.exact_duration(report));
    Some(ReleaseThreshold::Count {
        count: count?.unwrap_or(1) as u16,
        apart: apart?.unwrap_or_default(),
        within: within?,
    })
}

fn read_after(
    node: &Node<'_>,
    reads: FactKind,
    known: &[Condition],
    report: &mut Report<'_>,
) -> Option<ReleaseAfter> {
    let expected = "a moment such as \"starts\", \"starts + 7d\" or a date of the rule's evidence";
    let (name, offset) = split_offset(node, expected, report)?;
    if name == "starts" {
        return Some(ReleaseAfter::Starts(offset));
    }
    read_anchor(node, reads, known, report).map(ReleaseAfter::Date)
}

fn read_texts(
    table: &mut Table<'_>,
    reads: Option<FactKind>,
    conditions: Option<&[Condition]>,
    languages: &[Language],
    report: &mut Report<'_>,
) -> Option<Texts> {
    let placeholders = reads
        .zip(conditions)
        .map(|(kind, conditions)| Placeholders::of_rule(kind, conditions));
    let mut read = |name: &'static str| -> Option<Text> {
        let language = languages.first().map_or("en", Language::as_str);
        let example = format!("{name}.{language} = \"…\"");
        let node = table.required(name, &example, report)?;
        texts::read(&node, name, languages, placeholders.as_ref(), report)
    };
    let (title, reason, guidance) = (read("title"), read("reason"), read("guidance"));
    Some(Texts {
        title: title?,
        reason: reason?,
        guidance: guidance?,
    })
}
