//! What a person reports of their health: symptoms and temperature.

use std::fmt;
use std::str::FromStr;

use super::Symptom;

/// A set of [`Symptom`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Symptoms(u16);

impl Symptoms {
    /// Feels well.
    pub const NONE: Self = Self(0);

    /// One bit a symptom, in the order of [`Symptom::ALL`], lowest first.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Reads [`Self::bits`]; bits that stand for no symptom are dropped.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & ((1 << Symptom::ALL.len()) - 1))
    }

    /// Whether `symptom` is in the set.
    pub const fn contains(self, symptom: Symptom) -> bool {
        self.0 & (1 << symptom as u16) != 0
    }

    /// How many there are.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The symptoms, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Symptom> {
        Symptom::ALL
            .iter()
            .copied()
            .filter(move |symptom| self.contains(*symptom))
    }
}

impl FromIterator<Symptom> for Symptoms {
    fn from_iter<I: IntoIterator<Item = Symptom>>(symptoms: I) -> Self {
        Self(
            symptoms
                .into_iter()
                .fold(0, |bits, symptom| bits | (1 << symptom as u16)),
        )
    }
}

/// A body temperature in tenths of a degree Celsius, from 30.0 to 45.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature(u16);

/// A number that no living person has as body temperature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body temperature lies between 30.0 and 45.0 degrees Celsius")]
pub struct BadTemperature;

impl Temperature {
    /// Takes tenths of a degree.
    ///
    /// # Errors
    /// [`BadTemperature`] outside 300 to 450.
    pub fn from_tenths(tenths: i64) -> Result<Self, BadTemperature> {
        match u16::try_from(tenths) {
            Ok(tenths @ 300..=450) => Ok(Self(tenths)),
            _ => Err(BadTemperature),
        }
    }

    /// Takes degrees; a thermometer shows tenths.
    ///
    /// # Errors
    /// [`BadTemperature`] outside 30.0 to 45.0.
    pub fn from_degrees(degrees: f64) -> Result<Self, BadTemperature> {
        Self::from_tenths((degrees * 10.0).round() as i64)
    }

    /// Tenths of a degree.
    pub const fn tenths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// Degrees as somebody wrote them. What is finer than a tenth is rounded, as [`Temperature::from_degrees`]
/// does: `37.35` is 37.4.
impl FromStr for Temperature {
    type Err = BadTemperature;

    fn from_str(text: &str) -> Result<Self, BadTemperature> {
        let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
        if !digits(whole) || !digits(tenth) || whole.len() > 3 {
            return Err(BadTemperature);
        }
        let whole: i64 = whole.parse().map_err(|_| BadTemperature)?;
        let (tenth, finer) = tenth.split_at(1);
        let tenth: i64 = tenth.parse().map_err(|_| BadTemperature)?;
        let is_up = finer.bytes().next().is_some_and(|digit| digit >= b'5');
        Self::from_tenths(whole * 10 + tenth + i64::from(is_up))
    }
}
