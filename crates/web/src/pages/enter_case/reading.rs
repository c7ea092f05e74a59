//! Reading the form of a case, every line of it, so that all that is wrong is said at once.

use std::collections::BTreeMap;

use domain::evidence::{Period, Relation};
use domain::{Document, DocumentKind, Timestamp};
use jiff::civil::{Date, Time};
use service::{CaseEntry, CaseReport, NamedContact, Subject};
use sha2::{Digest as _, Sha256};

use crate::pages::Frame;
use crate::pages::dates::Calendar;

/// Lines for people whom the case names.
pub(super) const LINES: usize = 10;

/// What was typed, by the name of the field.
#[derive(Default)]
pub(in crate::pages) struct Typed(pub(super) BTreeMap<String, String>);

/// The field that says that this is another illness than the one that the office knows of.
pub(super) const ANOTHER: &str = "another";

impl Typed {
    /// SHA-256 of all fields, without the spaces around what was typed.
    fn hash(&self) -> [u8; 32] {
        let fields = self.0.iter();
        let hash = fields.fold(Sha256::new(), |hash, (name, value)| {
            let value = value.trim();
            let lengths = [name.len() as u64, value.len() as u64].map(u64::to_be_bytes);
            hash.chain_update(lengths.concat())
                .chain_update(name)
                .chain_update(value)
        });
        hash.finalize().into()
    }
}

/// What is wrong with a field.
pub(super) struct FieldError {
    /// The `id` of the field.
    pub(super) field: String,
    pub(super) text: String,
}

/// Everything that is wrong with a form.
#[derive(Default)]
pub(super) struct Errors(pub(super) Vec<FieldError>);

/// Reads the form.
pub(super) struct Reader<'a> {
    pub(super) frame: &'a Frame,
    pub(super) typed: &'a Typed,
    pub(super) calendar: &'a Calendar,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    /// What is to be entered, and on which line each contact stands.
    pub(super) fn entry(&self, errors: &mut Errors) -> Option<(CaseEntry, Vec<usize>)> {
        let subject = match self.typed.get("person") {
            "" => self.subject(["kind", "document", "again"].map(str::to_owned), errors),
            person => self.identifier(person, "document", errors),
        };
        let onset = self.day("onset", "officer-bad-onset", errors);
        let found = self.day("found", "officer-bad-onset", errors);
        if let (Some(onset), Some(found)) = (onset, found)
            && found < onset
        {
            errors.add("found", self.frame.t("enter-found-first"));
        }
        let found_at = self.found_at(found, errors);
        let mut contacts = Vec::new();
        let mut places = Vec::new();
        for line in (1..=LINES).filter(|line| self.is_used(*line)) {
            contacts.extend(self.contact(line, errors));
            places.push(line);
        }
        let case = CaseReport {
            request: self.typed.get("request").parse().ok(),
            subject: subject?,
            found_at,
            onset: onset.map(|day| self.start(day)),
            is_asymptomatic: self.typed.get("asymptomatic") == "yes",
        };
        let entry = CaseEntry {
            case,
            contacts,
            content: Some(self.typed.hash()),
            is_another_illness: self.typed.get(ANOTHER) == "yes",
        };
        Some((entry, places))
    }

    fn is_used(&self, line: usize) -> bool {
        let fields = ["n", "a", "f", "l", "m"].map(|field| format!("{field}{line}"));
        fields.iter().any(|field| !self.typed.get(field).is_empty())
    }

    fn contact(&self, line: usize, errors: &mut Errors) -> Option<NamedContact> {
        let field = |name: &str| format!("{name}{line}");
        let subject = self.subject([field("k"), field("n"), field("a")], errors);
        let relation = self
            .typed
            .get(&field("r"))
            .parse()
            .unwrap_or(Relation::Close);
        let bad = "enter-bad-day";
        let first = self.required_day(&field("f"), bad, errors);
        let last = match self.typed.get(&field("l")) {
            "" => first,
            _ => self.day(&field("l"), bad, errors),
        };
        let minutes = match self.typed.get(&field("m")) {
            "" => Some(None),
            text => match text.parse::<u32>() {
                Ok(minutes) if minutes <= 40_000 => Some(Some(minutes)),
                _ => {
                    errors.add(field("m"), self.frame.t("enter-bad-minutes"));
                    None
                }
            },
        };
        let (first, last) = (first?, last?);
        let period = Period::new(self.start(first), self.end(last)).map_err(|_| {
            errors.add(field("l"), self.frame.t("enter-last-first"));
        });
        Some(NamedContact {
            subject: subject?,
            relation,
            period: period.ok()?,
            minutes: minutes?,
            ends_now: self.end(last) == self.now,
        })
    }

    fn subject(&self, [kind, number, again]: [String; 3], errors: &mut Errors) -> Option<Subject> {
        let text = self.typed.get(&number);
        if text.is_empty() {
            errors.add(number, self.frame.t("enter-no-number"));
            return None;
        }
        let Some(kind) = DocumentKind::from_code(self.typed.get(&kind)) else {
            return self.identifier(text, &number, errors);
        };
        let document = match Document::new(kind, text) {
            Ok(document) => document,
            Err(why) => {
                let text = match why {
                    domain::BadDocument::Shape => "enter-bad-number",
                    domain::BadDocument::CheckDigit => "enter-bad-digit",
                };
                errors.add(number, self.frame.t(text));
                return None;
            }
        };
        // The last digit of an identity card tells whether the others were typed right.
        if kind != DocumentKind::IdentityCard {
            let repeated = Document::new(kind, self.typed.get(&again));
            if repeated.as_ref() != Ok(&document) {
                errors.add(again, self.frame.t("enter-again-differs"));
                return None;
            }
        }
        Some(Subject::Document(document))
    }

    fn identifier(&self, text: &str, field: &str, errors: &mut Errors) -> Option<Subject> {
        let person = text.trim().parse();
        if person.is_err() {
            errors.add(field, self.frame.t("officer-bad-person"));
        }
        person.ok().map(Subject::Person)
    }

    fn required_day(&self, field: &str, bad: &str, errors: &mut Errors) -> Option<Date> {
        if self.typed.get(field).is_empty() {
            errors.add(field, self.frame.t("enter-no-day"));
            return None;
        }
        self.day(field, bad, errors)
    }

    /// A day that was typed; it may not lie in the future.
    fn day(&self, field: &str, bad: &str, errors: &mut Errors) -> Option<Date> {
        let text = self.typed.get(field);
        if text.is_empty() {
            return None;
        }
        let day: Option<Date> = text.parse().ok();
        let day = day.filter(|day| *day <= self.calendar.date(self.now));
        if day.is_none() {
            errors.add(field, self.frame.t(bad));
        }
        day
    }

    /// When the illness was found: at the time that was given, today if no day was; or somewhere on the day.
    /// What was said of a day and taken back by mistake is said again with its time.
    fn found_at(&self, day: Option<Date>, errors: &mut Errors) -> Option<Timestamp> {
        let text = self.typed.get("found_time");
        if text.is_empty() {
            return day.and_then(|day| self.within(day));
        }
        let day = day.unwrap_or_else(|| self.calendar.date(self.now));
        let time: Option<Time> = text.parse().ok();
        let at = time.and_then(|time| self.calendar.at(day.to_datetime(time)));
        let at = at.filter(|at| *at <= self.now);
        if at.is_none() {
            errors.add("found_time", self.frame.t("enter-bad-time"));
        }
        at
    }

    fn start(&self, day: Date) -> Timestamp {
        self.calendar.start_of(day).unwrap_or(self.now)
    }

    /// The last second of a day, or now.
    fn end(&self, day: Date) -> Timestamp {
        self.calendar.end_of(day, self.now)
    }

    /// Somewhere on a day that counts as found on it: its noon; `None` for now, before that.
    fn within(&self, day: Date) -> Option<Timestamp> {
        let noon = self.start(day) + jiff::SignedDuration::from_hours(12);
        Some(noon).filter(|noon| *noon <= self.now)
    }
}

impl Typed {
    /// What was typed, without the spaces around it; empty if nothing was.
    pub(super) fn get(&self, field: &str) -> &str {
        self.0
            .get(field)
            .map(|text| text.trim())
            .unwrap_or_default()
    }
}

impl Errors {
    pub(super) fn add(&mut self, field: impl Into<String>, text: String) {
        let field = field.into();
        self.0.push(FieldError { field, text });
    }

    pub(super) fn at(&self, field: &str) -> Option<String> {
        let found = self.0.iter().find(|error| error.field == field);
        found.map(|error| error.text.clone())
    }
}
