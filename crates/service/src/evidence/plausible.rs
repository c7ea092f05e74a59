//! Facts that cannot be: dates out of order or ahead of the clock, numbers out of range.

use domain::{Fact, Timestamp};
use jiff::SignedDuration;

use crate::{Result, ServiceError};

/// Before this nothing that the system is about happened (2019-01-01T00:00:00Z).
const EPOCH: i64 = 1_546_300_800;
const LONGEST_STAY: SignedDuration = SignedDuration::from_hours(24 * 366 * 120);

/// Refuses a fact that cannot be. A date may lie ahead of `now` by `clock_skew`.
pub(crate) fn check(fact: &Fact, now: Timestamp, clock_skew: SignedDuration) -> Result<()> {
    let latest = now.checked_add(clock_skew).unwrap_or(now);
    check_against(fact, &Past { latest })
}

/// What counts as past.
struct Past {
    latest: Timestamp,
}

impl Past {
    fn has(&self, field: &'static str, at: Timestamp) -> Result<()> {
        if at > self.latest {
            let why = format!(
                "{at} lies in the future; check the clock and the time zone, or send it once it has \
                 happened"
            );
            return Err(ServiceError::field(field, why));
        }
        if at.as_second() < EPOCH {
            let why = format!("{at} lies before 2019; check the year and the unit of the time");
            return Err(ServiceError::field(field, why));
        }
        Ok(())
    }
}

fn check_against(fact: &Fact, past: &Past) -> Result<()> {
    match fact {
        Fact::Declaration { at, .. }
        | Fact::Contradiction { at, .. }
        | Fact::Withdrawal { at, .. } => past.has("at", *at),
        Fact::Diagnosis { at, onset, .. } => {
            past.has("at", *at)?;
            let Some(onset) = onset else { return Ok(()) };
            past.has("onset", *onset)?;
            in_order("onset", *onset, *at, "an illness begins before it is found")
        }
        Fact::Contact {
            ring, first, last, ..
        } => {
            past.has("first", *first)?;
            past.has("last", *last)?;
            in_order(
                "last",
                *first,
                *last,
                "expected a moment not before `first`",
            )?;
            within("ring", u32::from(*ring), 1, 9)
        }
        Fact::Stay { arrived, left, .. } => {
            if arrived.as_second() < EPOCH {
                not_older_than("arrived", *arrived, past.latest)?;
            } else {
                past.has("arrived", *arrived)?;
            }
            left.map_or(Ok(()), |left| {
                in_order(
                    "left",
                    *arrived,
                    left,
                    "expected a moment not before `arrived`",
                )
            })
        }
        Fact::Test {
            sampled,
            reported,
            lab,
            ..
        } => {
            past.has("sampled", *sampled)?;
            short("lab", lab.as_deref().unwrap_or("-"))?;
            let Some(reported) = reported else {
                return Ok(());
            };
            past.has("reported", *reported)?;
            in_order(
                "reported",
                *sampled,
                *reported,
                "expected a moment not before `sampled`",
            )
        }
        Fact::Vaccination { product, dose, at } => {
            past.has("at", *at)?;
            short("product", product)?;
            within("dose", u32::from(*dose), 1, 20)
        }
        Fact::Visit { entered, left, .. } => {
            past.has("entered", *entered)?;
            let Some(left) = left else { return Ok(()) };
            past.has("left", *left)?;
            in_order(
                "left",
                *entered,
                *left,
                "expected a moment not before `entered`",
            )
        }
        Fact::Order(order) => {
            past.has("from", order.from())?;
            short("basis", order.basis())?;
            order
                .signed_by()
                .iter()
                .try_for_each(|signer| short("signed_by", signer))
        }
        Fact::ForeignVerdict { at, until, .. } => {
            past.has("at", *at)?;
            in_order("until", *at, *until, "expected a moment not before `at`")
        }
    }
}

/// A stay may have begun long ago: people live where they were born.
fn not_older_than(field: &'static str, at: Timestamp, now: Timestamp) -> Result<()> {
    if now.duration_since(at) > LONGEST_STAY {
        return Err(ServiceError::field(
            field,
            format!("{at} is longer ago than anybody lives"),
        ));
    }
    Ok(())
}

fn in_order(field: &'static str, first: Timestamp, then: Timestamp, why: &str) -> Result<()> {
    if then < first {
        return Err(ServiceError::field(field, why));
    }
    Ok(())
}

fn within(field: &'static str, number: u32, least: u32, most: u32) -> Result<()> {
    if !(least..=most).contains(&number) {
        let why = format!("{number} is not a number from {least} to {most}");
        return Err(ServiceError::field(field, why));
    }
    Ok(())
}

fn short(field: &'static str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.chars().count() > 500 {
        return Err(ServiceError::field(field, "expected 1 to 500 characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::VenueId;
    use domain::evidence::{DiagnosisStatus, Relation, StayMode, StaySource, TestKind, TestResult};

    use super::*;

    /// Hours after noon on 17 February 2020, when the facts arrive.
    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(1_581_912_000 + hours * 3600).unwrap()
    }

    fn diagnosis(at: i64, onset: Option<i64>) -> Fact {
        let status = DiagnosisStatus::Confirmed;
        Fact::Diagnosis {
            status,
            at: hour(at),
            onset: onset.map(hour),
        }
    }

    fn contact(ring: u8, first: i64, last: i64) -> Fact {
        let relation = Relation::Close;
        let (first, last) = (hour(first), hour(last));
        Fact::Contact {
            with: None,
            relation,
            ring,
            first,
            last,
            minutes: None,
        }
    }

    fn stay(arrived: i64, left: Option<i64>) -> Fact {
        let (mode, source) = (StayMode::Resident, StaySource::Declared);
        let region = "3301".parse().unwrap();
        Fact::Stay {
            region,
            arrived: hour(arrived),
            left: left.map(hour),
            mode,
            source,
        }
    }

    fn test(sampled: i64, reported: Option<i64>, lab: &str) -> Fact {
        Fact::Test {
            kind: TestKind::Pcr,
            result: TestResult::Negative,
            sampled: hour(sampled),
            reported: reported.map(hour),
            lab: Some(lab.to_owned()),
        }
    }

    fn visit(entered: i64, left: Option<i64>) -> Fact {
        let venue = VenueId::from_u128(1);
        Fact::Visit {
            venue,
            category: None,
            entered: hour(entered),
            left: left.map(hour),
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field_and_what_can_be_is_taken() {
        let years = 24 * 365;
        let dose = |dose| Fact::Vaccination {
            product: "A".into(),
            dose,
            at: hour(-1),
        };
        let table = [
            (diagnosis(0, None), None),
            (diagnosis(1, None), Some("at")),
            (diagnosis(-1, Some(-50)), None),
            (diagnosis(-2, Some(-1)), Some("onset")),
            (diagnosis(-3 * years, None), Some("at")),
            (contact(1, -2, -1), None),
            (contact(0, -2, -1), Some("ring")),
            (contact(1, -1, -2), Some("last")),
            (contact(1, -1, 1), Some("last")),
            (stay(-60 * years, None), None),
            (stay(-200 * years, None), Some("arrived")),
            (stay(-5, Some(100)), None),
            (stay(-5, Some(-6)), Some("left")),
            (stay(1, None), Some("arrived")),
            (test(-5, Some(-1), "Lake"), None),
            (test(-5, Some(-6), "Lake"), Some("reported")),
            (test(-5, Some(1), "Lake"), Some("reported")),
            (test(-5, None, " "), Some("lab")),
            (dose(1), None),
            (dose(0), Some("dose")),
            (visit(-2, None), None),
            (visit(-2, Some(-3)), Some("left")),
            (visit(-2, Some(1)), Some("left")),
        ];
        for (fact, expected) in table {
            let field = match check_against(&fact, &Past { latest: hour(0) }) {
                Ok(()) => None,
                Err(ServiceError::BadField { field, .. }) => Some(field),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(field, expected, "{fact:?}");
        }
    }
}
