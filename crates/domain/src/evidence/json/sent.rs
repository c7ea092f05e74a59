//! What an authority sends, as far as it is not a fact in its own words.

use serde::de::{self, Deserialize, Deserializer, Error as _};

use super::{Json, ObjectVisitor, SentFact};
use crate::Pii;
use crate::evidence::FactKind;

/// What an authority sends about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentStatement {
    /// A fact in its own words, of any kind but `foreign_verdict`.
    Fact(SentFact),
    /// `{"kind":"foreign_verdict","code":"…"}`: the code that another issuer signed. What it says is
    /// its issuer's word, so nobody else can spell it.
    ForeignCode(Pii<String>),
}

impl SentStatement {
    /// The field that holds the code.
    pub const CODE: &str = "code";
}

impl<'de> Deserialize<'de> for SentStatement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = deserializer.deserialize_map(ObjectVisitor)?;
        let kind = object.kind(&SentFact::KINDS).map_err(D::Error::custom)?;
        if kind != FactKind::ForeignVerdict {
            let fact = SentFact::read(kind, &mut object);
            return fact.map(Self::Fact).map_err(D::Error::custom);
        }
        let code: Result<_, de::value::Error> = match object.get(Self::CODE) {
            Some(Json::Text(code)) => Ok(Pii::new(code.clone().into_owned())),
            Some(other) => Err(other.is_no("a string")),
            None => Err(de::Error::missing_field(Self::CODE)),
        };
        code.map(Self::ForeignCode).map_err(D::Error::custom)
    }
}
