//! Reads `where = { … }`: each condition in the terms of its field's type.

use super::fields::Field;
use super::model::{Comparison, Condition, FieldType, Number};
use super::problem::Problem;
use super::reader::{Node, Report, Table, unknown_field};
use crate::evidence::FactKind;

/// The conditions in `node` on evidence of `kind`, in the order of the documentation; `None` if any
/// of them could not be read.
pub(super) fn read(
    node: &Node<'_>,
    kind: FactKind,
    report: &mut Report<'_>,
) -> Option<Vec<Condition>> {
    let table = node.table("a table such as { ring = 1 }", report)?;
    if table.is_empty() {
        node.problem(report, Problem::Empty);
        return None;
    }
    let names: Vec<_> = Field::all_of(kind).map(|(field, _)| field.name()).collect();
    let mut all_read = true;
    let mut conditions = Vec::new();
    for (name, value) in table.fields(report) {
        let Some((field, field_type)) = Field::of(kind, name) else {
            unknown_field(&value.path, name, &names, report);
            all_read = false;
            continue;
        };
        match comparison(&value, field, field_type, report) {
            Some(comparison) => conditions.push(Condition { field, comparison }),
            None => all_read = false,
        }
    }
    conditions.sort_by_key(|condition| names.iter().position(|n| *n == condition.field.name()));
    if let Some(why) = contradiction(&conditions) {
        node.problem(report, Problem::Contradiction { why });
        return None;
    }
    all_read.then_some(conditions)
}

fn comparison(
    node: &Node<'_>,
    field: Field,
    field_type: FieldType,
    report: &mut Report<'_>,
) -> Option<Comparison> {
    match field_type {
        FieldType::Word(words) | FieldType::Words(words) => {
            let nodes = node.one_or_many(report)?;
            let words = each(&nodes, report, |node, report| {
                node.word(words, report).map(str::to_owned)
            })?;
            Some(Comparison::OneOf(words))
        }
        FieldType::FreeWord => {
            let nodes = node.one_or_many(report)?;
            let words = each(&nodes, report, |node, report| {
                let word = node.text("a word in quotes", report)?.trim();
                if word.is_empty() {
                    node.problem(report, Problem::Empty);
                }
                (!word.is_empty()).then(|| word.to_owned())
            })?;
            Some(Comparison::OneOf(words))
        }
        FieldType::Number if node.is_table() => bounds(node, field, report),
        FieldType::Number => {
            let nodes = node.one_or_many(report)?;
            let numbers = each(&nodes, report, |node, report| number(node, field, report))?;
            Some(Comparison::Equals(numbers))
        }
        FieldType::Region => regions(node, report),
    }
}

/// Reads every node, and refuses a value that stands there twice.
fn each<'d, T: PartialEq>(
    nodes: &[Node<'d>],
    report: &mut Report<'_>,
    mut read: impl FnMut(&Node<'d>, &mut Report<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let mut values = Vec::new();
    let mut all_read = true;
    for node in nodes {
        match read(node, report) {
            Some(value) if values.contains(&value) => {
                node.problem(
                    report,
                    Problem::Twice {
                        found: node.found(),
                    },
                );
                all_read = false;
            }
            Some(value) => values.push(value),
            None => all_read = false,
        }
    }
    all_read.then_some(values)
}

fn number(node: &Node<'_>, field: Field, report: &mut Report<'_>) -> Option<Number> {
    let number = node.number(report)?;
    let range = field.range()?;
    if range.contains(number) {
        return Some(number);
    }
    let step = match range.step.thousandths() {
        1000 => "a whole number",
        100 => "a number with at most one decimal",
        _ => "a number",
    };
    node.problem(
        report,
        Problem::ImpossibleNumber {
            found: number.to_string(),
            expected: format!("{step} from {} to {}", range.least, range.most),
        },
    );
    None
}

fn bounds(node: &Node<'_>, field: Field, report: &mut Report<'_>) -> Option<Comparison> {
    let mut table = node.table("a number, or a table such as { at_least = 15 }", report)?;
    if table.is_empty() {
        node.problem(report, Problem::Empty);
        return None;
    }
    let least = table.optional("at_least", report);
    let most = table.optional("at_most", report);
    table.finish(report);
    let at_least = optional(least, |node| number(&node, field, report))?;
    let at_most = optional(most, |node| number(&node, field, report))?;
    if at_least.is_none() && at_most.is_none() {
        return None;
    }
    if let (Some(least), Some(most)) = (at_least, at_most)
        && least > most
    {
        let why = format!("at_least {least} is more than at_most {most}");
        node.problem(report, Problem::Contradiction { why });
        return None;
    }
    Some(Comparison::Between { at_least, at_most })
}

fn regions(node: &Node<'_>, report: &mut Report<'_>) -> Option<Comparison> {
    let expected = "a table such as { within = [\"4201\", \"IT\"] } or { outside = [\"CN\"] }";
    let mut table: Table<'_> = node.table(expected, report)?;
    if table.is_empty() {
        node.problem(report, Problem::Empty);
        return None;
    }
    let within = table.optional("within", report);
    let outside = table.optional("outside", report);
    table.finish(report);
    let (listed, wrap): (_, fn(_) -> _) = match (within, outside) {
        (Some(_), Some(_)) => {
            let problem = Problem::Exclusive {
                first: "within",
                second: "outside",
            };
            node.problem(report, problem);
            return None;
        }
        (Some(within), None) => (within, Comparison::Within),
        (None, Some(outside)) => (outside, Comparison::Outside),
        (None, None) => return None,
    };
    let nodes = listed.one_or_many(report)?;
    each(&nodes, report, Node::region).map(wrap)
}

/// Reads an optional node: the outer `None` means that it is present and cannot be read.
pub(super) fn optional<N, T>(
    node: Option<N>,
    read: impl FnOnce(N) -> Option<T>,
) -> Option<Option<T>> {
    match node {
        Some(node) => read(node).map(Some),
        None => Some(None),
    }
}

/// Why conditions on different fields cannot hold together, if they surely cannot.
fn contradiction(conditions: &[Condition]) -> Option<String> {
    let of = |field| {
        conditions
            .iter()
            .find(|c| c.field == field)
            .map(|c| &c.comparison)
    };
    if of(Field::Symptoms).is_some() && span(of(Field::SymptomCount)).1 == Some(Number::whole(0)) {
        return Some("symptoms asks for a symptom, symptom_count for none".to_owned());
    }
    let (least_minutes, most_minutes) = span(of(Field::Minutes));
    let (least_hours, most_hours) = span(of(Field::Hours));
    let in_minutes = |hours: Option<Number>| {
        hours.map(|hours| Number::from_thousandths(hours.thousandths().saturating_mul(60)))
    };
    let crossed = |least: Option<Number>, most: Option<Number>| {
        least.zip(most).is_some_and(|(least, most)| least > most)
    };
    if crossed(least_minutes, in_minutes(most_hours))
        || crossed(in_minutes(least_hours), most_minutes)
    {
        return Some("minutes and hours have no length of time in common".to_owned());
    }
    None
}

/// The least and the greatest number that satisfies a comparison.
fn span(comparison: Option<&Comparison>) -> (Option<Number>, Option<Number>) {
    match comparison {
        Some(Comparison::Equals(numbers)) => {
            (numbers.iter().min().copied(), numbers.iter().max().copied())
        }
        Some(Comparison::Between { at_least, at_most }) => (*at_least, *at_most),
        _ => (None, None),
    }
}
