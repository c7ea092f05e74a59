//! A fact as JSON. Visits are not among them: they have columns of their own.

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Order, Relation, StayMode, StaySource,
    Symptom, Symptoms, Temperature, TestKind, TestResult,
};
use domain::{Colour, EvidenceId, Fact, PersonId, Region, Timestamp, VenueId};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::plain::{seconds, seconds_or_absent, text, text_or_absent, texts};

/// A fact on its way to or from the database.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WireFact(#[serde(with = "FactForm")] pub(crate) Fact);

/// How a fact is written, tagged with its kind: the same fields as [`Fact`], which the compiler
/// holds it to, each with its form on disk.
#[derive(Serialize, Deserialize)]
#[serde(
    remote = "Fact",
    tag = "kind",
    rename_all = "snake_case",
    deny_unknown_fields
)]
enum FactForm {
    Declaration {
        #[serde(with = "seconds")]
        at: Timestamp,
        #[serde(with = "symptoms", default, skip_serializing_if = "is_none")]
        symptoms: Symptoms,
        /// Degrees Celsius with one decimal.
        #[serde(
            with = "text_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        temperature: Option<Temperature>,
        #[serde(with = "text")]
        contact: ContactAnswer,
    },
    Diagnosis {
        #[serde(with = "text")]
        status: DiagnosisStatus,
        #[serde(with = "seconds")]
        at: Timestamp,
        #[serde(
            with = "seconds_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        onset: Option<Timestamp>,
    },
    Contact {
        #[serde(
            with = "text_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        with: Option<PersonId>,
        #[serde(with = "text")]
        relation: Relation,
        ring: u8,
        #[serde(with = "seconds")]
        first: Timestamp,
        #[serde(with = "seconds")]
        last: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
    },
    Stay {
        #[serde(with = "text")]
        region: Region,
        #[serde(with = "seconds")]
        arrived: Timestamp,
        #[serde(
            with = "seconds_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        left: Option<Timestamp>,
        #[serde(with = "text")]
        mode: StayMode,
        #[serde(with = "text")]
        source: StaySource,
    },
    Test {
        #[serde(rename = "test", with = "text")]
        kind: TestKind,
        #[serde(with = "text")]
        result: TestResult,
        #[serde(with = "seconds")]
        sampled: Timestamp,
        #[serde(
            with = "seconds_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        reported: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lab: Option<String>,
    },
    Vaccination {
        product: String,
        dose: u8,
        #[serde(with = "seconds")]
        at: Timestamp,
    },
    Visit {
        #[serde(with = "text")]
        venue: VenueId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<String>,
        #[serde(with = "seconds")]
        entered: Timestamp,
        #[serde(
            with = "seconds_or_absent",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        left: Option<Timestamp>,
    },
    Order(#[serde(with = "order")] Order),
    Contradiction {
        #[serde(with = "seconds")]
        at: Timestamp,
        #[serde(with = "text")]
        about: ContradictionAbout,
    },
    ForeignVerdict {
        #[serde(with = "text")]
        issuer: Region,
        #[serde(with = "text")]
        colour: Colour,
        #[serde(with = "seconds")]
        at: Timestamp,
        #[serde(with = "seconds")]
        until: Timestamp,
    },
    Withdrawal {
        #[serde(with = "text")]
        of: EvidenceId,
        #[serde(with = "seconds")]
        at: Timestamp,
    },
}

/// An order, which is checked again when it is read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderForm {
    #[serde(with = "text")]
    colour: Colour,
    #[serde(with = "seconds")]
    from: Timestamp,
    #[serde(with = "seconds")]
    until: Timestamp,
    basis: String,
    signed_by: [String; 2],
}

mod order {
    use super::*;

    pub fn serialize<S: Serializer>(order: &Order, s: S) -> Result<S::Ok, S::Error> {
        let form = OrderForm {
            colour: order.colour(),
            from: order.from(),
            until: order.until(),
            basis: order.basis().to_owned(),
            signed_by: order.signed_by().clone(),
        };
        form.serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Order, D::Error> {
        let form = OrderForm::deserialize(d)?;
        let order = Order::new(
            form.colour,
            form.from,
            form.until,
            form.basis,
            form.signed_by,
        );
        order.map_err(D::Error::custom)
    }
}

mod symptoms {
    use super::*;

    pub fn serialize<S: Serializer>(symptoms: &Symptoms, s: S) -> Result<S::Ok, S::Error> {
        texts::serialize(&symptoms.iter().collect::<Vec<Symptom>>(), s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Symptoms, D::Error> {
        Ok(texts::deserialize::<Symptom, D>(d)?.into_iter().collect())
    }
}

fn is_none(symptoms: &Symptoms) -> bool {
    *symptoms == Symptoms::default()
}

#[cfg(test)]
mod tests {
    use super::super::{from_json, to_json};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// One fact of each kind, every field known.
    fn facts() -> Vec<Fact> {
        let signed_by = ["Dr Chen".to_owned(), "Dr Ma".to_owned()];
        let order = Order::new(Colour::Red, at(0), at(3600), "Article 39".into(), signed_by);
        vec![
            Fact::Declaration {
                at: at(1),
                symptoms: [Symptom::Fever, Symptom::LossOfSmell].into_iter().collect(),
                temperature: Some(Temperature::from_tenths(378).unwrap()),
                contact: ContactAnswer::Unsure,
            },
            Fact::Diagnosis {
                status: DiagnosisStatus::Confirmed,
                at: at(2),
                onset: Some(at(1)),
            },
            Fact::Contact {
                with: Some(PersonId::from_u128(7)),
                relation: Relation::Household,
                ring: 1,
                first: at(3),
                last: at(4),
                minutes: Some(20),
            },
            Fact::Stay {
                region: "330106".parse().unwrap(),
                arrived: at(5),
                left: Some(at(6)),
                mode: StayMode::Transit,
                source: StaySource::Rail,
            },
            Fact::Test {
                kind: TestKind::Pcr,
                result: TestResult::Negative,
                sampled: at(7),
                reported: Some(at(8)),
                lab: Some("Laboratory 3".into()),
            },
            Fact::Vaccination {
                product: "inactivated".into(),
                dose: 2,
                at: at(9),
            },
            Fact::Visit {
                venue: VenueId::from_u128(9),
                category: Some("port".into()),
                entered: at(10),
                left: Some(at(11)),
            },
            Fact::Order(order.unwrap()),
            Fact::Contradiction {
                at: at(12),
                about: ContradictionAbout::Stay,
            },
            Fact::ForeignVerdict {
                issuer: "44".parse().unwrap(),
                colour: Colour::Yellow,
                at: at(13),
                until: at(14),
            },
            Fact::Withdrawal {
                of: EvidenceId::from_u128(15),
                at: at(16),
            },
        ]
    }

    #[test]
    fn every_kind_of_fact_survives_the_database() {
        let kinds: Vec<_> = facts().iter().map(Fact::kind).collect();
        assert_eq!(kinds, domain::FactKind::ALL);
        for fact in facts() {
            let json = to_json(&WireFact(fact.clone())).unwrap();
            let read = from_json::<WireFact>(&json).unwrap().0;
            assert_eq!(read, fact, "{json}");
        }
    }

    #[test]
    fn unknown_fields_of_a_fact_stay_unknown() {
        let fact = Fact::Stay {
            region: "IT".parse().unwrap(),
            arrived: at(5),
            left: None,
            mode: StayMode::Stay,
            source: StaySource::Declared,
        };
        let json = to_json(&WireFact(fact.clone())).unwrap();
        let expected =
            r#"{"kind":"stay","region":"IT","arrived":5,"mode":"stay","source":"declared"}"#;
        assert_eq!(json, expected);
        assert_eq!(from_json::<WireFact>(&json).unwrap().0, fact);
    }

    #[test]
    fn a_fact_that_cannot_be_read_says_where_and_repeats_nothing() {
        let json = r#"{"kind":"test","test":"pcr","result":"Li Hua","sampled":7}"#;
        let why = from_json::<WireFact>(json).err().unwrap();
        assert!(
            why.starts_with("unexpected content") && !why.contains("Hua"),
            "{why}"
        );
    }

    #[test]
    fn an_order_keeps_its_form_and_is_checked_when_it_is_read() {
        let json = |until: i64| {
            format!(
                r#"{{"kind":"order","colour":"red","from":0,"until":{until},"basis":"Article 39","signed_by":["Dr Chen","Dr Ma"]}}"#
            )
        };
        let order = from_json::<WireFact>(&json(3600)).unwrap();
        assert_eq!(to_json(&order).unwrap(), json(3600));
        assert!(from_json::<WireFact>(&json(73 * 3600)).is_err(), "too long");
        let more = json(3600).replace("\"basis\"", "\"reason\":\"none\",\"basis\"");
        assert!(from_json::<WireFact>(&more).is_err(), "an unknown field");
    }
}
