//! Who a person is: held in the vault, printed nowhere (invariant 10).

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Personal data. Prints as `***`; code that needs the content says so by calling [`Pii::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps `content`.
    pub const fn new(content: T) -> Self {
        Self(content)
    }

    /// The content itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What identifies a person outside the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name as in the document.
    pub name: Pii<String>,
    /// The document.
    pub document: Document,
    /// Telephone numbers; several may belong to one person, and one to several of a family.
    pub phones: Vec<Pii<String>>,
}

/// An identity document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    kind: DocumentKind,
    number: Pii<String>,
}

/// Kinds of document. The codes are those of the interface standard's certificate types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// Resident identity card, 18 characters with a check digit (GB 11643).
    IdentityCard,
    /// Passport.
    Passport,
    /// Travel permit for residents of Hong Kong and Macao.
    HongKongMacaoPermit,
    /// Travel permit for residents of Taiwan.
    TaiwanPermit,
    /// Permanent residence card of a foreigner.
    ForeignResidenceCard,
    /// Any other document.
    Other,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::IdentityCard,
        Self::Passport,
        Self::HongKongMacaoPermit,
        Self::TaiwanPermit,
        Self::ForeignResidenceCard,
        Self::Other,
    ];

    /// The two digits used on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdentityCard => "10",
            Self::HongKongMacaoPermit => "14",
            Self::TaiwanPermit => "15",
            Self::Passport => "20",
            Self::ForeignResidenceCard => "34",
            Self::Other => "99",
        }
    }

    /// Reads [`Self::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why a document number is refused. Never repeats the number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    /// Empty, too long, or with characters no document has.
    #[error("a document number has 4 to 32 letters and digits")]
    Shape,
    /// The 18th character does not fit the others.
    #[error("the check digit of this identity card number is wrong; please look at it again")]
    CheckDigit,
}

impl Document {
    /// Takes a document number as a person types it: blanks and hyphens are dropped, letters become
    /// capitals.
    ///
    /// # Errors
    /// [`BadDocument`] if it cannot be a number of this kind.
    pub fn new(kind: DocumentKind, number: &str) -> Result<Self, BadDocument> {
        let number: String = number
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let plain = number.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain || !(4..=32).contains(&number.len()) {
            return Err(BadDocument::Shape);
        }
        if kind == DocumentKind::IdentityCard && !has_right_check_digit(&number) {
            return Err(BadDocument::CheckDigit);
        }
        Ok(Self {
            kind,
            number: Pii::new(number),
        })
    }

    /// What kind of document.
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The normalised number.
    pub const fn number(&self) -> &Pii<String> {
        &self.number
    }

    /// Whether its holder has lived for 18 years, by the day in UTC; `None` if the number does not tell.
    pub fn is_of_adult(&self, now: Timestamp) -> Option<bool> {
        let today = TimeZone::UTC.to_datetime(now).date();
        let of_age = self.born(today)?.checked_add(18.years()).ok()?;
        Some(of_age <= today)
    }

    /// The day of birth that the number tells.
    fn born(&self, today: Date) -> Option<Date> {
        let number = self.number.expose();
        let digits = |from: usize, to: usize| number.get(from..to)?.parse::<i16>().ok();
        let date = |year: i16, at: usize| {
            let [month, day] = [digits(at, at + 2)?, digits(at + 2, at + 4)?];
            Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
        };
        match (self.kind, number.len()) {
            (DocumentKind::IdentityCard | DocumentKind::ForeignResidenceCard, 18) => {
                date(digits(6, 10)?, 10)
            }
            // Cards of before 2023: country, place, then two digits of the year.
            (DocumentKind::ForeignResidenceCard, 15) => {
                let year = digits(7, 9)?;
                let recent = date(2000 + year, 9).filter(|born| *born <= today);
                recent.or_else(|| date(1900 + year, 9))
            }
            _ => None,
        }
    }
}

/// GB 11643: the weighted sum of all 18 characters, `X` being 10, leaves 1 when divided by 11.
fn has_right_check_digit(number: &str) -> bool {
    const WEIGHTS: [u32; 18] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    let value = |(place, c): (usize, char)| match c {
        'X' if place == 17 => Some(10),
        _ => c.to_digit(10),
    };
    let values: Option<Vec<u32>> = number.chars().enumerate().map(value).collect();
    values.is_some_and(|values| {
        values.len() == 18 && values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum::<u32>() % 11 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_prints_as_three_stars() {
        let identity = Identity {
            name: Pii::new("Li Hua".into()),
            document: Document::new(DocumentKind::IdentityCard, "990101 19900307 7719").unwrap(),
            phones: vec![Pii::new("13800000000".into())],
        };
        let printed = format!("{identity:?} {}", identity.name);
        assert!(!printed.contains("Hua") && !printed.contains("9903") && !printed.contains("138"));
    }

    #[test]
    fn a_number_that_tells_the_day_of_birth_tells_who_is_an_adult() {
        let at = |day: &str| format!("{day}T12:00:00Z").parse().unwrap();
        let card = Document::new(DocumentKind::IdentityCard, "990101199003077719").unwrap();
        assert_eq!(card.is_of_adult(at("2008-03-06")), Some(false));
        assert_eq!(card.is_of_adult(at("2008-03-07")), Some(true));
        let of = |kind, number, day| Document::new(kind, number).unwrap().is_of_adult(at(day));
        for (kind, number, is_adult) in [
            (DocumentKind::ForeignResidenceCard, "CAN110101300123", None),
            (
                DocumentKind::ForeignResidenceCard,
                "CAN110190010123",
                Some(true),
            ),
            (
                DocumentKind::ForeignResidenceCard,
                "CAN110115010123",
                Some(false),
            ),
            (
                DocumentKind::ForeignResidenceCard,
                "911124199003077719",
                Some(true),
            ),
            (DocumentKind::Passport, "911124199003077719", None),
            (DocumentKind::Other, "TEST1990", None),
        ] {
            assert_eq!(of(kind, number, "2026-11-27"), is_adult, "{number}");
        }
    }

    #[test]
    fn an_identity_card_number_with_one_wrong_digit_is_refused() {
        assert!(Document::new(DocumentKind::IdentityCard, "990101199003077719").is_ok());
        for wrong in [
            "990101199003077716",
            "990101199003077791",
            "99010119900307771X",
            "1234",
        ] {
            let refused = Document::new(DocumentKind::IdentityCard, wrong);
            assert_eq!(refused, Err(BadDocument::CheckDigit), "{wrong}");
        }
    }
}
