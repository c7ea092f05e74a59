//! A fact from a row of its table: the columns are the fields of its kind.

use std::fmt::Display;
use std::str::FromStr;

use domain::evidence::{Field, Impossible, Source, Symptoms, Temperature};
use domain::{EvidenceId, Fact, PersonId, Timestamp, VenueId};

use super::error::Fault;
use super::fields::Fields;

/// What a row of a table of evidence says. The identifiers of venues and of those met are not worked
/// out: venue 0, nobody.
pub(crate) fn fact(row: &Fields<'_>) -> Result<Fact, Fault> {
    row.text("person")?;
    let Some(kind) = row.table.kind else {
        let why = format!("the table {} holds no evidence", row.table.name);
        return Err(Fault::of_row(why, "read it as what it is"));
    };
    Fact::read(kind, &mut { row })
}

impl Source for &Fields<'_> {
    type Error = Fault;

    fn time(&mut self, field: &'static Field) -> Result<Option<Timestamp>, Fault> {
        self.maybe_timestamp(field.name)
    }

    fn text(&mut self, field: &'static Field) -> Result<Option<String>, Fault> {
        Ok(self.maybe_text(field.name)?.map(str::to_owned))
    }

    fn word<T: FromStr<Err: Display>>(
        &mut self,
        field: &'static Field,
    ) -> Result<Option<T>, Fault> {
        self.maybe(field.name)
    }

    fn whole(&mut self, field: &'static Field) -> Result<Option<u32>, Fault> {
        let number = self.maybe_whole(field.name)?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    fn degrees(&mut self, field: &'static Field) -> Result<Option<Temperature>, Fault> {
        self.maybe(field.name)
    }

    fn symptoms(&mut self, field: &'static Field) -> Result<Symptoms, Fault> {
        Fields::symptoms(self, field.name)
    }

    fn signatures(&mut self, field: &'static Field) -> Result<Option<[String; 2]>, Fault> {
        let names = Fields::text(self, field.name)?;
        let (first, second) = names.split_once(';').unwrap_or_default();
        Ok(Some([first, second].map(|name| name.trim().to_owned())))
    }

    fn person(&mut self, field: &'static Field) -> Result<Option<PersonId>, Fault> {
        if self.maybe_text(field.name)? == Some(Fields::text(self, "person")?) {
            return Err(Fault {
                remedy: "name the other person".into(),
                ..self.fault(field.name, "is the person themselves")
            });
        }
        Ok(None)
    }

    fn venue(&mut self, field: &'static Field) -> Result<Option<VenueId>, Fault> {
        Fields::text(self, field.name)?;
        Ok(Some(VenueId::from_u128(0)))
    }

    /// No table names another record.
    fn evidence(&mut self, _: &'static Field) -> Result<Option<EvidenceId>, Fault> {
        Ok(None)
    }

    fn missing(&mut self, field: &'static Field) -> Fault {
        self.fault(field.name, "is empty")
    }

    fn refused(&mut self, field: &'static Field, why: Impossible) -> Fault {
        let name = field.name;
        match why {
            Impossible::Order(why) => Fault::of_row(
                why.to_string(),
                "an order that is not valid restricts nobody; correct it",
            ),
            Impossible::EndsBeforeItBegins { beginning } => match self.timestamp(beginning) {
                Ok(begin) => Fault {
                    remedy: format!("correct {name} or {beginning}"),
                    ..self.fault(name, format!("lies before {beginning} ({begin})"))
                },
                Err(fault) => fault,
            },
            Impossible::Validity(why) => Fault {
                remedy: "correct until or at".into(),
                ..self.fault(name, why.to_string())
            },
            Impossible::Temperature(_) | Impossible::OutOfRange(_) => {
                self.fault(name, why.to_string())
            }
        }
    }
}
