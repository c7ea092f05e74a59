//! Reads one piece of evidence of a worked case.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Fact, FactKind, Order, Relation, StayMode,
    StaySource, Symptom, Symptoms, Temperature, TestKind, TestResult,
};
use crate::ids::{EvidenceId, VenueId};
use crate::policy::conditions::optional;
use crate::policy::problem::{Problem, nearest};
use crate::policy::reader::{Node, Report, Table};
use crate::verdict::Colour;

/// How the moments of a fact are read.
pub(super) struct Moments<'z> {
    /// The zone of those without an offset.
    pub(super) zone: &'z TimeZone,
    /// By how many local days they are put off: a report that repeats daily.
    pub(super) days_later: u16,
}

/// Reads a fact of `kind`; `labels` are the pieces that a withdrawal may name.
pub(super) fn read(
    table: &mut Table<'_>,
    kind: FactKind,
    timestamps: &Moments<'_>,
    labels: &[(String, EvidenceId)],
    report: &mut Report<'_>,
) -> Option<Fact> {
    let mut fields = Fields {
        table,
        timestamps,
        report,
    };
    match kind {
        FactKind::Declaration => fields.declaration(),
        FactKind::Diagnosis => fields.diagnosis(),
        FactKind::Contact => fields.contact(),
        FactKind::Stay => fields.stay(),
        FactKind::Test => fields.test(),
        FactKind::Vaccination => fields.vaccination(),
        FactKind::Visit => fields.visit(),
        FactKind::Order => fields.order(),
        FactKind::Contradiction => fields.contradiction(),
        FactKind::ForeignVerdict => fields.foreign_verdict(),
        FactKind::Withdrawal => fields.withdrawal(labels),
    }
}

struct Fields<'a, 'd, 't> {
    table: &'a mut Table<'d>,
    timestamps: &'a Moments<'a>,
    report: &'a mut Report<'t>,
}

const MOMENT: &str = "2020-02-17T08:30:00";

impl<'d> Fields<'_, 'd, '_> {
    fn declaration(&mut self) -> Option<Fact> {
        let at = self.timestamp("at");
        let symptoms = self.table.optional("symptoms", self.report);
        let symptoms = optional(symptoms, |node| self.symptoms(&node));
        let temperature = self.table.optional("temperature", self.report);
        let temperature = optional(temperature, |node| self.temperature(&node));
        let contact = self.word_or("contact", ContactAnswer::WORDS, ContactAnswer::None);
        Some(Fact::Declaration {
            at: at?,
            symptoms: symptoms?.unwrap_or_default(),
            temperature: temperature?,
            contact: contact?,
        })
    }

    fn diagnosis(&mut self) -> Option<Fact> {
        let status = self.word("status", DiagnosisStatus::WORDS, "confirmed");
        let at = self.timestamp("at");
        let onset = self.optional_timestamp("onset");
        Some(Fact::Diagnosis {
            status: status?,
            at: at?,
            onset: onset?,
        })
    }

    fn contact(&mut self) -> Option<Fact> {
        let relation = self.word("relation", Relation::WORDS, "close");
        let ring = self.optional_whole("ring", 1, 255);
        let first = self.timestamp("first");
        let last = self.timestamp("last");
        let minutes = self.optional_whole("minutes", 0, u32::MAX);
        self.in_order("last", first, last);
        Some(Fact::Contact {
            with: None,
            relation: relation?,
            ring: ring?.unwrap_or(1) as u8,
            first: first?,
            last: last?,
            minutes: minutes?,
        })
    }

    fn stay(&mut self) -> Option<Fact> {
        let region = self
            .table
            .required("region", "region = \"4201\"", self.report);
        let region = region.and_then(|node| node.region(self.report));
        let arrived = self.timestamp("arrived");
        let left = self.optional_timestamp("left");
        let mode = self.word_or("mode", StayMode::WORDS, StayMode::Stay);
        let source = self.word_or("source", StaySource::WORDS, StaySource::Declared);
        self.in_order("left", arrived, left.flatten());
        Some(Fact::Stay {
            region: region?,
            arrived: arrived?,
            left: left?,
            mode: mode?,
            source: source?,
        })
    }

    fn test(&mut self) -> Option<Fact> {
        let kind = self.word_or("kind", TestKind::WORDS, TestKind::Pcr);
        let result = self.word("result", TestResult::WORDS, "negative");
        let sampled = self.timestamp("sampled");
        let reported = self.optional_timestamp("reported");
        self.in_order("reported", sampled, reported.flatten());
        Some(Fact::Test {
            kind: kind?,
            result: result?,
            sampled: sampled?,
            reported: reported?,
            lab: None,
        })
    }

    fn vaccination(&mut self) -> Option<Fact> {
        let product = self.text("product", "product = \"name\"");
        let dose = self.table.required("dose", "dose = 1", self.report);
        let dose = dose.and_then(|node| node.whole(1, 255, self.report));
        let at = self.timestamp("at");
        Some(Fact::Vaccination {
            product: product?,
            dose: dose? as u8,
            at: at?,
        })
    }

    fn visit(&mut self) -> Option<Fact> {
        let venue = self.optional_whole("venue", 1, u32::MAX);
        let category = self.table.optional("category", self.report);
        let category = optional(category, |node| {
            node.text("a word in quotes", self.report)
                .map(str::to_owned)
        });
        let entered = self.timestamp("entered");
        let left = self.optional_timestamp("left");
        self.in_order("left", entered, left.flatten());
        Some(Fact::Visit {
            venue: VenueId::from_u128(u128::from(venue?.unwrap_or(1))),
            category: category?,
            entered: entered?,
            left: left?,
        })
    }

    fn order(&mut self) -> Option<Fact> {
        let colour = self.word("colour", Colour::WORDS, "yellow");
        let from = self.timestamp("from");
        let until = self.timestamp("until");
        let signed_by = ["first officer".to_owned(), "second officer".to_owned()];
        let basis = "worked case".to_owned();
        match Order::new(colour?, from?, until?, basis, signed_by) {
            Ok(order) => Some(Fact::Order(order)),
            Err(bad) => {
                let problem = Problem::Refused {
                    why: bad.to_string(),
                };
                self.report.at(&self.table.path_of("until"), problem);
                None
            }
        }
    }

    fn contradiction(&mut self) -> Option<Fact> {
        let at = self.timestamp("at");
        let about = self.word("about", ContradictionAbout::WORDS, "stay");
        Some(Fact::Contradiction {
            at: at?,
            about: about?,
        })
    }

    fn foreign_verdict(&mut self) -> Option<Fact> {
        let issuer = self
            .table
            .required("issuer", "issuer = \"44\"", self.report);
        let issuer = issuer.and_then(|node| node.region(self.report));
        let colour = self.word("colour", Colour::WORDS, "red");
        let at = self.timestamp("at");
        let until = self.timestamp("until");
        self.in_order("until", at, until);
        Some(Fact::ForeignVerdict {
            issuer: issuer?,
            colour: colour?,
            at: at?,
            until: until?,
        })
    }

    fn withdrawal(&mut self, labels: &[(String, EvidenceId)]) -> Option<Fact> {
        let at = self.timestamp("at");
        let of = self
            .table
            .required("of", "of = \"the id of another piece\"", self.report);
        let of = of.and_then(|node| labelled(&node, labels, self.report));
        Some(Fact::Withdrawal { of: of?, at: at? })
    }

    fn timestamp(&mut self, name: &'static str) -> Option<Timestamp> {
        let node = self
            .table
            .required(name, &format!("{name} = {MOMENT}"), self.report)?;
        self.read_timestamp(&node)
    }

    fn optional_timestamp(&mut self, name: &'static str) -> Option<Option<Timestamp>> {
        let node = self.table.optional(name, self.report);
        optional(node, |node| self.read_timestamp(&node))
    }

    fn read_timestamp(&mut self, node: &Node<'d>) -> Option<Timestamp> {
        let timestamp = node.timestamp(Some(self.timestamps.zone), self.report)?;
        let later = jiff::Span::new().days(i64::from(self.timestamps.days_later));
        let local = timestamp.to_zoned(self.timestamps.zone.clone());
        local.checked_add(later).ok().map(|zoned| zoned.timestamp())
    }

    fn optional_whole(&mut self, name: &'static str, least: u32, most: u32) -> Option<Option<u32>> {
        let node = self.table.optional(name, self.report);
        optional(node, |node| node.whole(least, most, self.report))
    }

    fn text(&mut self, name: &'static str, example: &str) -> Option<String> {
        let node = self.table.required(name, example, self.report)?;
        node.text("a word in quotes", self.report)
            .map(str::to_owned)
    }

    fn word<T: FromStr>(&mut self, name: &'static str, words: &[&str], example: &str) -> Option<T> {
        let example = format!("{name} = \"{example}\"");
        let node = self.table.required(name, &example, self.report)?;
        node.word(words, self.report)?.parse().ok()
    }

    fn word_or<T: FromStr>(
        &mut self,
        name: &'static str,
        words: &[&str],
        otherwise: T,
    ) -> Option<T> {
        match self.table.optional(name, self.report) {
            Some(node) => node.word(words, self.report)?.parse().ok(),
            None => Some(otherwise),
        }
    }

    fn symptoms(&mut self, node: &Node<'d>) -> Option<Symptoms> {
        let nodes = node.list("a list of symptoms such as [\"fever\"]", self.report)?;
        let read = |node: &Node<'d>| {
            node.word(Symptom::WORDS, self.report)?
                .parse::<Symptom>()
                .ok()
        };
        nodes.iter().map(read).collect()
    }

    fn temperature(&mut self, node: &Node<'d>) -> Option<Temperature> {
        let celsius = node.number(self.report)?;
        let tenths = celsius.thousandths() / 100;
        let temperature = Temperature::from_tenths(tenths).ok();
        if temperature.is_none() || celsius.thousandths() % 100 != 0 {
            node.unexpected(
                self.report,
                "degrees Celsius from 30.0 to 45.0 with one decimal",
            );
            return None;
        }
        temperature
    }

    fn in_order(&mut self, name: &str, begin: Option<Timestamp>, end: Option<Timestamp>) {
        if begin.zip(end).is_some_and(|(begin, end)| end < begin) {
            let why = "this is before the beginning; exchange the two".to_owned();
            self.report
                .at(&self.table.path_of(name), Problem::Refused { why });
        }
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
