//! Evidence in JSON.

use std::fmt;

use domain::evidence::{BadField, Impossible, SentStatement};
use domain::{BadDocument, Document};
use serde::Deserialize;
use service::{Item, Said, Subject};
use utoipa::ToSchema;

use super::fact_schema::FactSchema;
use super::wire_text::{DocumentText, PersonText};

/// One fact about one person, who is named by `person` or by `document`, not by both.
#[derive(Deserialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct WireEvidence {
    /// Whom it is about, by the identifier that the system gave them.
    person: Option<PersonText>,
    /// Whom it is about, by their document.
    document: Option<WireDocument>,
    /// What it says.
    #[schema(value_type = FactSchema)]
    fact: SentStatement,
}

/// An identity document.
#[derive(Deserialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct WireDocument {
    /// What kind.
    kind: DocumentText,
    /// The number as printed; blanks and hyphens do not matter.
    number: String,
}

/// Why evidence that reads well cannot be taken: the field, and the reason without the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Which field.
    pub(crate) field: String,
    /// Why, and what was expected.
    pub(crate) reason: String,
}

impl WireDocument {
    /// Checks the number.
    pub(crate) fn into_document(self) -> Result<Document, BadDocument> {
        Document::new(self.kind.0, &self.number)
    }
}

impl WireEvidence {
    /// Checks what the format alone cannot.
    pub(crate) fn into_item(self) -> Result<Item, Unfit> {
        let subject = subject(self.person, self.document)?;
        let fact = match self.fact {
            SentStatement::Fact(fact) => fact.into_fact(),
            SentStatement::ForeignCode(code) => {
                let said = Said::ForeignCode(code);
                return Ok(Item { subject, said });
            }
        };
        let fact = fact.map_err(|BadField { field, why }| Unfit {
            field: match why {
                Impossible::Temperature(_) | Impossible::Order(_) => format!("fact.{field}"),
                // As the service names the fields whose dates do not fit the clock.
                _ => field.to_owned(),
            },
            reason: why.to_string(),
        })?;
        let said = fact.into();
        Ok(Item { subject, said })
    }
}

/// Whom an authority names, by one of the two.
pub(crate) fn subject(
    person: Option<PersonText>,
    document: Option<WireDocument>,
) -> Result<Subject, Unfit> {
    match (person, document) {
        (Some(person), None) => Ok(Subject::Person(person.0)),
        (None, Some(document)) => {
            let document = document.into_document();
            let document = document.map_err(|why| unfit("document.number", &why))?;
            Ok(Subject::Document(document))
        }
        _ => Err(unfit("person", &"expected either `person` or `document`")),
    }
}

fn unfit(field: &'static str, reason: &dyn fmt::Display) -> Unfit {
    Unfit {
        field: field.into(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(fact: &str) -> Result<Item, Unfit> {
        let person = "0123456789abcdef0011223344556677";
        let json = format!(r#"{{"person":"{person}","fact":{fact}}}"#);
        serde_json::from_str::<WireEvidence>(&json)
            .unwrap()
            .into_item()
    }

    #[test]
    fn a_person_is_named_by_identifier_or_by_document() {
        let person = "0123456789abcdef0011223344556677";
        let document = r#"{"kind":"10","number":"990101 19900307 7719"}"#;
        let fact = r#"{"kind":"contradiction","at":"2020-02-17T08:00:00Z","about":"stay"}"#;
        let read = |names: &str| {
            let json = format!(r#"{{{names}"fact":{fact}}}"#);
            serde_json::from_str::<WireEvidence>(&json)
                .unwrap()
                .into_item()
        };
        assert!(read(&format!(r#""person":"{person}","#)).is_ok());
        assert!(read(&format!(r#""document":{document},"#)).is_ok());
        assert_eq!(read("").unwrap_err().field, "person");
        let both = format!(r#""person":"{person}","document":{document},"#);
        assert_eq!(read(&both).unwrap_err().field, "person");
        let wrong = read(r#""document":{"kind":"10","number":"990101199003077716"},"#).unwrap_err();
        assert_eq!(wrong.field, "document.number");
        assert!(!wrong.reason.contains("9901"));
    }

    #[test]
    fn a_foreign_verdict_is_a_code_and_nobodys_own_words() {
        let read = item(r#"{"kind":"foreign_verdict","code":"HC1:TEXT"}"#).unwrap();
        let code = domain::Pii::new("HC1:TEXT".to_owned());
        assert_eq!(read.said, Said::ForeignCode(code));
        for bad in [
            r#"{"kind":"foreign_verdict","issuer":"310000","colour":"red","at":1581897600,"until":1581984000}"#,
            r#"{"kind":"foreign_verdict","code":1}"#,
        ] {
            assert!(serde_json::from_str::<SentStatement>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field() {
        for (json, field) in [
            (
                r#"{"kind":"declaration","at":"2020-02-17T08:00:00Z","temperature":366,"contact":"none"}"#,
                "fact.temperature",
            ),
            (
                r#"{"kind":"order","colour":"red","from":"2020-02-17T08:00:00Z","until":"2020-02-21T08:00:00Z","basis":"Law 1","signed_by":["A","B"]}"#,
                "fact.until",
            ),
            (
                r#"{"kind":"order","colour":"red","from":"2020-02-17T08:00:00Z","until":"2020-02-18T08:00:00Z","basis":"Law 1","signed_by":["A","A"]}"#,
                "fact.signed_by",
            ),
            (
                r#"{"kind":"contact","relation":"close","ring":0,"first":1581897600,"last":1581897600}"#,
                "ring",
            ),
            (
                r#"{"kind":"contact","relation":"close","ring":1,"first":1581897600,"last":1581897599}"#,
                "last",
            ),
        ] {
            assert_eq!(item(json).unwrap_err().field, field);
        }
    }
}
