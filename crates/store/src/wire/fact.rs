//! A fact as JSON. Visits are not among them: they have columns of their own.

use domain::evidence::{
    BadOrder, ContactAnswer, ContradictionAbout, DiagnosisStatus, Order, Relation, StayMode,
    StaySource, Symptom, Symptoms, Temperature, TestKind, TestResult,
};
use domain::{Colour, EvidenceId, Fact, PersonId, Region, Timestamp, VenueId};
use serde::{Deserialize, Serialize};

use super::plain::{seconds, seconds_or_absent, text, text_or_absent, texts};

/// A fact, tagged with its kind.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum WireFact {
    Declaration {
        #[serde(with = "seconds")]
        at: Timestamp,
        #[serde(with = "texts", default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
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
    Order {
        #[serde(with = "text")]
        colour: Colour,
        #[serde(with = "seconds")]
        from: Timestamp,
        #[serde(with = "seconds")]
        until: Timestamp,
        basis: String,
        signed_by: [String; 2],
    },
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

impl From<Fact> for WireFact {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Declaration {
                at,
                symptoms,
                temperature,
                contact,
            } => Self::Declaration {
                at,
                symptoms: symptoms.iter().collect(),
                temperature,
                contact,
            },
            Fact::Diagnosis { status, at, onset } => Self::Diagnosis { status, at, onset },
            Fact::Contact {
                with,
                relation,
                ring,
                first,
                last,
                minutes,
            } => Self::Contact {
                with,
                relation,
                ring,
                first,
                last,
                minutes,
            },
            Fact::Stay {
                region,
                arrived,
                left,
                mode,
                source,
            } => Self::Stay {
                region,
                arrived,
                left,
                mode,
                source,
            },
            Fact::Test {
                kind,
                result,
                sampled,
                reported,
                lab,
            } => Self::Test {
                kind,
                result,
                sampled,
                reported,
                lab,
            },
            Fact::Vaccination { product, dose, at } => Self::Vaccination { product, dose, at },
            Fact::Visit {
                venue,
                category,
                entered,
                left,
            } => Self::Visit {
                venue,
                category,
                entered,
                left,
            },
            Fact::Order(order) => Self::Order {
                colour: order.colour(),
                from: order.from(),
                until: order.until(),
                basis: order.basis().to_owned(),
                signed_by: order.signed_by().clone(),
            },
            Fact::Contradiction { at, about } => Self::Contradiction { at, about },
            Fact::ForeignVerdict {
                issuer,
                colour,
                at,
                until,
            } => Self::ForeignVerdict {
                issuer,
                colour,
                at,
                until,
            },
            Fact::Withdrawal { of, at } => Self::Withdrawal { of, at },
        }
    }
}

impl TryFrom<WireFact> for Fact {
    type Error = BadOrder;

    fn try_from(wire: WireFact) -> Result<Self, BadOrder> {
        Ok(match wire {
            WireFact::Declaration {
                at,
                symptoms,
                temperature,
                contact,
            } => {
                let symptoms: Symptoms = symptoms.into_iter().collect();
                Self::Declaration {
                    at,
                    symptoms,
                    temperature,
                    contact,
                }
            }
            WireFact::Diagnosis { status, at, onset } => Self::Diagnosis { status, at, onset },
            WireFact::Contact {
                with,
                relation,
                ring,
                first,
                last,
                minutes,
            } => Self::Contact {
                with,
                relation,
                ring,
                first,
                last,
                minutes,
            },
            WireFact::Stay {
                region,
                arrived,
                left,
                mode,
                source,
            } => Self::Stay {
                region,
                arrived,
                left,
                mode,
                source,
            },
            WireFact::Test {
                kind,
                result,
                sampled,
                reported,
                lab,
            } => Self::Test {
                kind,
                result,
                sampled,
                reported,
                lab,
            },
            WireFact::Vaccination { product, dose, at } => Self::Vaccination { product, dose, at },
            WireFact::Visit {
                venue,
                category,
                entered,
                left,
            } => Self::Visit {
                venue,
                category,
                entered,
                left,
            },
            WireFact::Order {
                colour,
                from,
                until,
                basis,
                signed_by,
            } => Self::Order(Order::new(colour, from, until, basis, signed_by)?),
            WireFact::Contradiction { at, about } => Self::Contradiction { at, about },
            WireFact::ForeignVerdict {
                issuer,
                colour,
                at,
                until,
            } => Self::ForeignVerdict {
                issuer,
                colour,
                at,
                until,
            },
            WireFact::Withdrawal { of, at } => Self::Withdrawal { of, at },
        })
    }
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
            let json = to_json(&WireFact::from(fact.clone())).unwrap();
            let read = Fact::try_from(from_json::<WireFact>(&json).unwrap());
            assert_eq!(read, Ok(fact), "{json}");
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
        let json = to_json(&WireFact::from(fact.clone())).unwrap();
        let expected =
            r#"{"kind":"stay","region":"IT","arrived":5,"mode":"stay","source":"declared"}"#;
        assert_eq!(json, expected);
        assert_eq!(
            Fact::try_from(from_json::<WireFact>(&json).unwrap()),
            Ok(fact)
        );
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
}
