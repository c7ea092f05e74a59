//! Reads one piece of evidence of a worked case.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::evidence::{
    Fact, FactKind, Field, Holds, Impossible, Requirement, Source, Symptom, Symptoms, Temperature,
};
use crate::ids::{EvidenceId, PersonId, VenueId};
use crate::policy::problem::{Problem, nearest};
use crate::policy::reader::{Node, Report, Table};

/// How the times of a fact are read.
pub(super) struct Times<'z> {
    /// The zone of those without an offset.
    pub(super) zone: &'z TimeZone,
    /// By how many local days they are put off: a report that repeats daily.
    pub(super) days_later: u16,
}

/// Reads a fact of `kind`; `labels` are the pieces that a withdrawal may name.
pub(super) fn read(
    table: &mut Table<'_>,
    kind: FactKind,
    times: &Times<'_>,
    labels: &[(String, EvidenceId)],
    report: &mut Report<'_>,
) -> Option<Fact> {
    let mut fields = Fields {
        kind,
        table,
        times,
        labels,
        report,
    };
    Fact::read(kind, &mut fields).ok()
}

/// The fields of one piece. What is wrong is reported as it is found.
struct Fields<'a, 'd, 't> {
    kind: FactKind,
    table: &'a mut Table<'d>,
    times: &'a Times<'a>,
    labels: &'a [(String, EvidenceId)],
    report: &'a mut Report<'t>,
}

/// A field that is refused, and reported.
struct Reported;

/// What a case leaves unsaid, because it decides nothing or mostly is the same.
fn usual(kind: FactKind, field: &Field) -> Option<&'static str> {
    Some(match (kind, field.name) {
        (FactKind::Declaration, "contact") => "none",
        (FactKind::Contact, "ring") => "1",
        (FactKind::Stay, "mode") => "stay",
        (FactKind::Stay, "source") => "declared",
        (FactKind::Test, "kind") => "pcr",
        (FactKind::Visit, "venue") => "1",
        _ => return None,
    })
}

impl<'d> Fields<'_, 'd, '_> {
    /// The value of a field, if there is one; reports one that is missing.
    fn node(&mut self, field: &'static Field) -> Result<Option<Node<'d>>, Reported> {
        if field.requirement != Requirement::Always || usual(self.kind, field).is_some() {
            return Ok(self.table.optional(field.name, self.report));
        }
        let node = self
            .table
            .required(field.name, &example(field), self.report);
        node.map(Some).ok_or(Reported)
    }

    /// Reads a value; `None` from `read` means that it was reported.
    fn value<T>(
        &mut self,
        field: &'static Field,
        read: impl FnOnce(&mut Self, Node<'d>) -> Option<T>,
    ) -> Result<Option<T>, Reported> {
        match self.node(field)? {
            Some(node) => read(self, node).map(Some).ok_or(Reported),
            None => Ok(None),
        }
    }

    fn usual<T: FromStr>(&self, field: &'static Field) -> Option<T> {
        usual(self.kind, field).and_then(|word| word.parse().ok())
    }
}

impl<'d> Source for Fields<'_, 'd, '_> {
    type Error = Reported;

    fn time(&mut self, field: &'static Field) -> Result<Option<Timestamp>, Reported> {
        self.value(field, |fields, node| {
            let time = node.timestamp(Some(fields.times.zone), fields.report)?;
            let later = jiff::Span::new().days(i64::from(fields.times.days_later));
            let local = time.to_zoned(fields.times.zone.clone());
            local.checked_add(later).ok().map(|zoned| zoned.timestamp())
        })
    }

    fn text(&mut self, field: &'static Field) -> Result<Option<String>, Reported> {
        // A case is about made-up people: which laboratory, and on which basis, decides nothing.
        match (self.kind, field.name) {
            (FactKind::Test, "lab") => return Ok(None),
            (FactKind::Order, "basis") => return Ok(Some("worked case".to_owned())),
            _ => {}
        }
        self.value(field, |fields, node| {
            let text = node.text("a word in quotes", fields.report);
            text.map(str::to_owned)
        })
    }

    fn word<T: FromStr<Err: fmt::Display>>(
        &mut self,
        field: &'static Field,
    ) -> Result<Option<T>, Reported> {
        let word = self.value(field, |fields, node| {
            let Holds::Word(vocabulary) = field.holds else {
                return node.region(fields.report)?.to_string().parse().ok();
            };
            if node.is_word()
                && let Some(word) = node.text("a word", fields.report)?.parse().ok()
            {
                return Some(word);
            }
            node.word(vocabulary.words, fields.report)?.parse().ok()
        });
        Ok(word?.or_else(|| self.usual(field)))
    }

    fn whole(&mut self, field: &'static Field) -> Result<Option<u32>, Reported> {
        // Whether the number can be is said when it is taken.
        let (least, most) = match field.holds {
            Holds::Whole(0, _) => (0, u32::MAX),
            _ => (1, u32::from(u8::MAX)),
        };
        let number = self.value(field, |fields, node| node.whole(least, most, fields.report));
        Ok(number?.or_else(|| self.usual(field)))
    }

    fn degrees(&mut self, field: &'static Field) -> Result<Option<Temperature>, Reported> {
        self.value(field, |fields, node| {
            let celsius = node.number(fields.report)?;
            let temperature = Temperature::from_tenths(celsius.thousandths() / 100).ok();
            if temperature.is_none() || celsius.thousandths() % 100 != 0 {
                node.unexpected(
                    fields.report,
                    "degrees Celsius from 30.0 to 45.0 with one decimal",
                );
                return None;
            }
            temperature
        })
    }

    fn symptoms(&mut self, field: &'static Field) -> Result<Symptoms, Reported> {
        let symptoms = self.value(field, |fields, node| {
            let nodes = node.list("a list of symptoms such as [\"fever\"]", fields.report)?;
            let read = |node: &Node<'d>| {
                let word = node.word(Symptom::WORDS, fields.report)?;
                word.parse::<Symptom>().ok()
            };
            nodes.iter().map(read).collect()
        });
        Ok(symptoms?.unwrap_or_default())
    }

    fn signatures(&mut self, _: &'static Field) -> Result<Option<[String; 2]>, Reported> {
        Ok(Some(
            ["first officer", "second officer"].map(ToOwned::to_owned),
        ))
    }

    fn person(&mut self, _: &'static Field) -> Result<Option<PersonId>, Reported> {
        Ok(None)
    }

    /// Venues are numbered.
    fn venue(&mut self, field: &'static Field) -> Result<Option<VenueId>, Reported> {
        let number = self.value(field, |fields, node| node.whole(1, u32::MAX, fields.report));
        let number = number?.or_else(|| self.usual(field));
        Ok(number.map(|number| VenueId::from_u128(u128::from(number))))
    }

    fn evidence(&mut self, field: &'static Field) -> Result<Option<EvidenceId>, Reported> {
        self.value(field, |fields, node| {
            labelled(&node, fields.labels, fields.report)
        })
    }

    /// Reported when it was asked for.
    fn missing(&mut self, _: &'static Field) -> Reported {
        Reported
    }

    fn refused(&mut self, field: &'static Field, why: Impossible) -> Reported {
        // All that can be wrong with an order of a case is seen at its end.
        let place = match self.kind {
            FactKind::Order => "until",
            _ => field.name,
        };
        let why = match why {
            Impossible::EndsBeforeItBegins { .. } => {
                "this is before the beginning; exchange the two".to_owned()
            }
            why => why.to_string(),
        };
        self.report
            .at(&self.table.path_of(place), Problem::Refused { why });
        Reported
    }
}

/// How a missing field could look.
fn example(field: &Field) -> String {
    let Field { name, example, .. } = field;
    match field.holds {
        Holds::Past | Holds::Time | Holds::Whole(..) => format!("{name} = {example}"),
        _ => format!("{name} = \"{example}\""),
    }
}

/// The piece of evidence that `node` names.
pub(super) fn labelled(
    node: &Node<'_>,
    labels: &[(String, EvidenceId)],
    report: &mut Report<'_>,
) -> Option<EvidenceId> {
    let label = node.text("the id of a piece of evidence of this case", report)?;
    let found = labels
        .iter()
        .find(|(known, _)| known == label)
        .map(|(_, id)| *id);
    if found.is_none() {
        let problem = Problem::UnknownWord {
            found: label.to_owned(),
            expected: labels.iter().map(|(label, _)| label.clone()).collect(),
            nearest: nearest(label, labels.iter().map(|(label, _)| label.as_str())),
        };
        node.problem(report, problem);
    }
    found
}
