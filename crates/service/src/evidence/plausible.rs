//! Facts that cannot be: dates out of order or ahead of the clock, numbers out of range.

use domain::evidence::{Field, FieldValue, Holds, Impossible, OpenPeriod, Sink};
use domain::{Fact, FactKind, Timestamp, text};
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

/// The time from `begin`, which `beginning` names, to `left`.
pub(crate) fn until_left(
    beginning: &'static str,
    begin: Timestamp,
    left: Option<Timestamp>,
) -> Result<OpenPeriod> {
    OpenPeriod::new(begin, left).map_err(|_| {
        let why = Impossible::EndsBeforeItBegins { beginning };
        ServiceError::field("left", why.to_string())
    })
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

/// Each field is held against what its kind declares it to hold, so a field that is added is checked.
fn check_against(fact: &Fact, past: &Past) -> Result<()> {
    let kind = fact.kind();
    fact.write(&mut Check { kind, past })?;
    if let Fact::Diagnosis {
        at,
        onset: Some(onset),
        ..
    } = fact
        && at < onset
    {
        let why = "an illness begins before it is found";
        return Err(ServiceError::field("onset", why));
    }
    Ok(())
}

/// Refuses the first field that cannot be.
struct Check<'a> {
    kind: FactKind,
    past: &'a Past,
}

impl Sink for Check<'_> {
    type Error = ServiceError;

    fn put(&mut self, field: &'static Field, value: FieldValue<'_>) -> Result<()> {
        match (field.holds, value) {
            (Holds::Past, FieldValue::Time(at)) => self.time(field.json, at),
            (Holds::Text, FieldValue::Text(text)) => short(field.json, text),
            (Holds::Signatures, FieldValue::Signatures(names)) => {
                names.iter().try_for_each(|name| short(field.json, name))
            }
            _ => Ok(()),
        }
    }
}

impl Check<'_> {
    fn time(&self, field: &'static str, at: Timestamp) -> Result<()> {
        match (self.kind, field) {
            (FactKind::Stay, "arrived") if at.as_second() < EPOCH => {
                not_older_than(field, at, self.past.latest)
            }
            // Somebody may know when they are to leave.
            (FactKind::Stay, "left") => Ok(()),
            _ => self.past.has(field, at),
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

fn short(field: &'static str, text: &str) -> Result<()> {
    ServiceError::named(field, text::line(text, 500)).map(drop)
}

#[cfg(test)]
mod tests {
    use domain::VenueId;
    use domain::evidence::{
        DiagnosisStatus, Dose, OpenPeriod, Period, Relation, Ring, StayMode, StaySource, TestKind,
        TestResult,
    };

    use super::*;

    /// Hours after noon on 17 February 2020, when the facts arrive.
    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(1_581_912_000 + hours * 3600).unwrap()
    }

    fn diagnosis(at: i64, onset: Option<i64>) -> Fact {
        let status = DiagnosisStatus::Confirmed;
        Fact::diagnosis(status, hour(at), onset.map(hour))
    }

    fn contact(first: i64, last: i64) -> Fact {
        let period = Period::new(hour(first), hour(last)).unwrap();
        Fact::contact(None, Relation::Close, Ring::FIRST, period, None)
    }

    fn stay(arrived: i64, left: Option<i64>) -> Fact {
        let (mode, source) = (StayMode::Resident, StaySource::Declared);
        let region = "3301".parse().unwrap();
        Fact::stay(
            region,
            OpenPeriod::new(hour(arrived), left.map(hour)).unwrap(),
            mode,
            source,
        )
    }

    fn test(sampled: i64, reported: Option<i64>, lab: &str) -> Fact {
        Fact::test(
            TestKind::Pcr,
            TestResult::Negative,
            OpenPeriod::new(hour(sampled), reported.map(hour)).unwrap(),
            Some(lab.to_owned()),
        )
    }

    fn visit(entered: i64, left: Option<i64>) -> Fact {
        let venue = VenueId::from_u128(1);
        Fact::visit(
            venue,
            None,
            OpenPeriod::new(hour(entered), left.map(hour)).unwrap(),
        )
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field_and_what_can_be_is_taken() {
        let years = 24 * 365;
        let dose = |product: &str| Fact::vaccination(product.into(), Dose::FIRST, hour(-1));
        let table = [
            (diagnosis(0, None), None),
            (diagnosis(1, None), Some("at")),
            (diagnosis(-1, Some(-50)), None),
            (diagnosis(-2, Some(-1)), Some("onset")),
            (diagnosis(-3 * years, None), Some("at")),
            (contact(-2, -1), None),
            (contact(-1, 1), Some("last")),
            (stay(-60 * years, None), None),
            (stay(-200 * years, None), Some("arrived")),
            (stay(-5, Some(100)), None),
            (stay(1, None), Some("arrived")),
            (test(-5, Some(-1), "Lake"), None),
            (test(-5, Some(1), "Lake"), Some("reported")),
            (test(-5, None, " "), Some("lab")),
            (dose("A"), None),
            (dose(" "), Some("product")),
            (visit(-2, None), None),
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
