//! Evidence in JSON.

use std::fmt;

use domain::evidence::{BadOrder, BadTemperature, Order, Temperature};
use domain::{BadDocument, Document, Fact};
use serde::Deserialize;
use service::{Item, Subject};
use utoipa::ToSchema;

use super::wire_text::{
    AboutText, ColourText, ContactText, DiagnosisText, DocumentText, ModeText, PersonText,
    RegionText, RelationText, ResultText, SourceText, SymptomText, TestText, TimeText,
};

/// One fact about one person, who is named by `person` or by `document`, not by both.
#[derive(Deserialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct WireEvidence {
    /// Whom it is about, by the identifier that the system gave them.
    person: Option<PersonText>,
    /// Whom it is about, by their document.
    document: Option<WireDocument>,
    /// What it says.
    fact: WireFact,
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
    pub(crate) field: &'static str,
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
        let fact = self.fact.into_fact();
        let fact = fact.map_err(|why| unfit(why.field(), &why))?;
        Ok(Item { subject, fact })
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
        field,
        reason: reason.to_string(),
    }
}

/// What a piece of evidence says. Each kind of authority may submit some kinds only.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Fact)]
pub(crate) enum WireFact {
    /// A person's report of their health. Submitted by community offices for people who cannot.
    Declaration {
        /// When it was made.
        at: TimeText,
        /// What they feel; empty if well.
        #[serde(default)]
        symptoms: Vec<SymptomText>,
        /// Degrees Celsius, 30.0 to 45.0, if measured.
        temperature: Option<f64>,
        /// What they say about having met a case.
        contact: ContactText,
    },
    /// A finding about the disease. Submitted by health authorities.
    Diagnosis {
        /// What was found.
        status: DiagnosisText,
        /// When it was found.
        at: TimeText,
        /// When the illness began, if known.
        onset: Option<TimeText>,
    },
    /// The person met a case, or somebody who met one.
    Contact {
        /// The case or the contact in between, if known. Never shown to anybody.
        with: Option<PersonText>,
        /// How they met.
        relation: RelationText,
        /// 1 met a case, 2 met somebody of ring 1.
        ring: u8,
        /// The first moment together.
        first: TimeText,
        /// The last moment together.
        last: TimeText,
        /// Minutes together in all, if measured.
        minutes: Option<u32>,
    },
    /// The person was in a region.
    Stay {
        /// Where.
        region: RegionText,
        /// From when.
        arrived: TimeText,
        /// Until when; absent while they are there.
        left: Option<TimeText>,
        /// How.
        mode: ModeText,
        /// Who says so.
        source: SourceText,
    },
    /// A sample was taken.
    Test {
        /// What kind of test.
        test: TestText,
        /// What it showed.
        result: ResultText,
        /// When the sample was taken.
        sampled: TimeText,
        /// When the result was reported.
        reported: Option<TimeText>,
        /// Which laboratory.
        lab: Option<String>,
    },
    /// A dose of a vaccine.
    Vaccination {
        /// Product name.
        product: String,
        /// First dose is 1.
        dose: u8,
        /// When.
        at: TimeText,
    },
    /// A restriction by order of two persons, with a legal basis, for at most 72 hours.
    Order {
        /// Red or yellow.
        colour: ColourText,
        /// The first moment.
        from: TimeText,
        /// The first moment after.
        until: TimeText,
        /// The law it rests on.
        basis: String,
        /// The two persons who answer for it.
        signed_by: [String; 2],
    },
    /// An official record contradicts what the person declared.
    Contradiction {
        /// When it was found.
        at: TimeText,
        /// What was declared wrongly.
        about: AboutText,
    },
    /// Another issuer's verdict on the same person.
    ForeignVerdict {
        /// Whose verdict.
        issuer: RegionText,
        /// Which colour.
        colour: ColourText,
        /// From when.
        at: TimeText,
        /// Until when.
        until: TimeText,
    },
}

/// Why a fact that reads well cannot be. Whether its dates fit each other and the clock is the
/// service's to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadFact {
    /// The temperature is no body temperature.
    #[error(transparent)]
    Temperature(#[from] BadTemperature),
    /// The order is void.
    #[error(transparent)]
    Order(#[from] BadOrder),
}

impl BadFact {
    /// The field to look at.
    const fn field(&self) -> &'static str {
        match self {
            Self::Temperature(_) => "fact.temperature",
            Self::Order(BadOrder::Green) => "fact.colour",
            Self::Order(BadOrder::Duration { .. }) => "fact.until",
            Self::Order(BadOrder::NoBasis) => "fact.basis",
            Self::Order(BadOrder::NotTwoPersons) => "fact.signed_by",
        }
    }
}

impl WireFact {
    fn into_fact(self) -> Result<Fact, BadFact> {
        let plain = |time: Option<TimeText>| time.map(|time| time.0);
        Ok(match self {
            Self::Declaration {
                at,
                symptoms,
                temperature,
                contact,
            } => Fact::Declaration {
                at: at.0,
                symptoms: symptoms.into_iter().map(|symptom| symptom.0).collect(),
                temperature: temperature.map(degrees).transpose()?,
                contact: contact.0,
            },
            Self::Diagnosis { status, at, onset } => Fact::Diagnosis {
                status: status.0,
                at: at.0,
                onset: plain(onset),
            },
            Self::Contact {
                with,
                relation,
                ring,
                first,
                last,
                minutes,
            } => Fact::Contact {
                with: with.map(|with| with.0),
                relation: relation.0,
                ring,
                first: first.0,
                last: last.0,
                minutes,
            },
            Self::Stay {
                region,
                arrived,
                left,
                mode,
                source,
            } => Fact::Stay {
                region: region.0,
                arrived: arrived.0,
                left: plain(left),
                mode: mode.0,
                source: source.0,
            },
            Self::Test {
                test,
                result,
                sampled,
                reported,
                lab,
            } => Fact::Test {
                kind: test.0,
                result: result.0,
                sampled: sampled.0,
                reported: plain(reported),
                lab,
            },
            Self::Vaccination { product, dose, at } => Fact::Vaccination {
                product,
                dose,
                at: at.0,
            },
            Self::Order {
                colour,
                from,
                until,
                basis,
                signed_by,
            } => Fact::Order(Order::new(colour.0, from.0, until.0, basis, signed_by)?),
            Self::Contradiction { at, about } => Fact::Contradiction {
                at: at.0,
                about: about.0,
            },
            Self::ForeignVerdict {
                issuer,
                colour,
                at,
                until,
            } => Fact::ForeignVerdict {
                issuer: issuer.0,
                colour: colour.0,
                at: at.0,
                until: until.0,
            },
        })
    }
}

/// Reads degrees Celsius; a thermometer shows tenths.
pub(crate) fn degrees(degrees: f64) -> Result<Temperature, BadTemperature> {
    Temperature::from_tenths((degrees * 10.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(json: &str) -> Result<Fact, BadFact> {
        serde_json::from_str::<WireFact>(json).unwrap().into_fact()
    }

    #[test]
    fn each_kind_of_evidence_reads_from_json() {
        for json in [
            r#"{"kind":"declaration","at":"2020-02-17T08:00:00Z","temperature":36.6,"contact":"none"}"#,
            r#"{"kind":"diagnosis","status":"confirmed","at":"2020-02-17T08:00:00Z"}"#,
            r#"{"kind":"contact","relation":"close","ring":1,"first":"2020-02-16T08:00:00Z","last":"2020-02-17T08:00:00Z","minutes":40}"#,
            r#"{"kind":"stay","region":"4201","arrived":"2020-02-17T08:00:00Z","mode":"transit","source":"rail"}"#,
            r#"{"kind":"test","test":"pcr","result":"negative","sampled":"2020-02-17T08:00:00Z"}"#,
            r#"{"kind":"vaccination","product":"A","dose":1,"at":"2020-02-17T08:00:00Z"}"#,
            r#"{"kind":"order","colour":"red","from":"2020-02-17T08:00:00Z","until":"2020-02-18T08:00:00Z","basis":"Law 1","signed_by":["A","B"]}"#,
            r#"{"kind":"contradiction","at":"2020-02-17T08:00:00Z","about":"stay"}"#,
            r#"{"kind":"foreign_verdict","issuer":"44","colour":"red","at":"2020-02-17T08:00:00Z","until":"2020-02-20T08:00:00Z"}"#,
        ] {
            let kind = json.split('"').nth(3).unwrap();
            assert_eq!(fact(json).unwrap().kind().as_str(), kind);
        }
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
        ] {
            assert_eq!(fact(json).unwrap_err().field(), field);
        }
    }
}
