//! Statistics of a day on the wire, and the day that is asked for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::civil::Date;
use serde::Serialize;
use service::{OutcomeCount, Place, PlaceFigures, ROUNDED_TO, RuleCount, Statistics};
use utoipa::ToSchema;

use super::{ColourText, RegionText, TimeText, WireText};
use crate::problem::Problem;

/// What was counted on one local day. `null` stands for a figure that is kept back: from 1 to 9, or
/// one that would tell such a figure.
#[derive(Serialize, ToSchema)]
#[schema(as = Statistics)]
pub(crate) struct WireStatistics {
    /// The day.
    #[schema(value_type = String, format = Date)]
    day: String,
    /// The zone in which it begins and ends.
    time_zone: String,
    /// The first day of which there are statistics.
    #[schema(value_type = String, format = Date)]
    first_day: String,
    /// The last day of which there are.
    #[schema(value_type = String, format = Date)]
    last_day: String,
    /// Whether the day is over and counted. Then nothing here ever changes.
    is_closed: bool,
    /// Figures are rounded down to multiples of this; 1 where they are exact.
    rounded_down_to: u64,
    /// Verdicts decided later are still to be counted; absent if all are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_until: Option<TimeText>,
    /// Everybody first; then each region followed by those inside it.
    places: Vec<WirePlace>,
    /// Rules that restrict somebody, red before yellow.
    rules: Vec<WireRuleCount>,
    /// Checks that this system answered. Those without a network are reported to nobody.
    checks: WireChecks,
}

/// The people of one place: their status at the end of the day, and who came on it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaceFigures)]
pub(crate) struct WirePlace {
    /// The region; absent for everybody, and for those of whom no region is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionText>,
    /// Whether these are the people of whom nothing closer than `region` is known.
    is_unknown: bool,
    /// How many larger places stand around it; 0 is everybody.
    depth: u8,
    /// People who live there.
    people: Option<u64>,
    /// Those without a valid declaration, and not restricted.
    undeclared: Option<u64>,
    /// Those who are green.
    green: Option<u64>,
    /// Those who are yellow.
    yellow: Option<u64>,
    /// Those who are red.
    red: Option<u64>,
    /// People who became known on the day.
    registered: Option<u64>,
}

/// People under a rule at the end of the day.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleCount)]
pub(crate) struct WireRuleCount {
    /// The rule, as the policy names it.
    rule: String,
    /// What it gives.
    colour: ColourText,
    /// People whose colour it gives.
    people: Option<u64>,
    /// Its restrictions in force, also on people who have a colour from another rule; not public.
    #[serde(skip_serializing_if = "Option::is_none")]
    restrictions: Option<u64>,
}

/// Checks on the day.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckCounts)]
pub(crate) struct WireChecks {
    /// All of them.
    all: Option<u64>,
    /// By outcome.
    outcomes: Vec<WireOutcome>,
}

/// Checks that ended in one way.
#[derive(Serialize, ToSchema)]
#[schema(as = OutcomeCount)]
pub(crate) struct WireOutcome {
    /// The colour of a code that is genuine and holds, or the reason of the refusal.
    outcome: String,
    /// How many.
    count: Option<u64>,
}

impl From<&Statistics> for WireStatistics {
    fn from(statistics: &Statistics) -> Self {
        Self {
            day: statistics.day.to_string(),
            time_zone: statistics.time_zone.clone(),
            first_day: statistics.days.0.to_string(),
            last_day: statistics.days.1.to_string(),
            is_closed: statistics.is_closed,
            rounded_down_to: if statistics.is_public { ROUNDED_TO } else { 1 },
            counted_until: statistics.counted_until.map(WireText),
            places: statistics.places.iter().map(WirePlace::from).collect(),
            rules: statistics.rules.iter().map(WireRuleCount::from).collect(),
            checks: WireChecks {
                all: statistics.checks_in_all,
                outcomes: statistics.checks.iter().map(WireOutcome::from).collect(),
            },
        }
    }
}

impl From<&PlaceFigures> for WirePlace {
    fn from(figures: &PlaceFigures) -> Self {
        let (region, is_unknown) = match figures.place {
            Place::Everywhere => (None, false),
            Place::Region(region) => (Some(region), false),
            Place::SomewhereIn(region) => (region, true),
        };
        Self {
            region: region.map(WireText),
            is_unknown,
            depth: figures.depth,
            people: figures.people,
            undeclared: figures.undeclared,
            green: figures.green,
            yellow: figures.yellow,
            red: figures.red,
            registered: figures.registered,
        }
    }
}

impl From<&RuleCount> for WireRuleCount {
    fn from(rule: &RuleCount) -> Self {
        Self {
            rule: rule.rule.clone(),
            colour: WireText(rule.colour),
            people: rule.people,
            restrictions: rule.restrictions,
        }
    }
}

impl From<&OutcomeCount> for WireOutcome {
    fn from(count: &OutcomeCount) -> Self {
        Self {
            outcome: count.outcome.clone(),
            count: count.count,
        }
    }
}

/// The day in `?day=2020-02-17`, if one is asked for.
pub(crate) struct AskedDay(pub(crate) Option<Date>);

impl AskedDay {
    /// Reads it from a query.
    ///
    /// # Errors
    /// An `invalid` problem if it is no day.
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let pairs = query.unwrap_or_default().split('&');
        let mut days = pairs.filter_map(|pair| pair.strip_prefix("day="));
        let Some(text) = days.next().filter(|text| !text.is_empty()) else {
            return Ok(Self(None));
        };
        let day = text.parse();
        day.map(|day| Self(Some(day)))
            .map_err(|_| Problem::invalid("day", "expected a day such as 2020-02-17"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedDay {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(parts.uri.query())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_read_from_the_address_or_refused() {
        let read = |query: &str| AskedDay::read(Some(query)).map(|asked| asked.0).ok();
        for (query, expected) in [
            ("day=2020-02-17", Some(Some(date(2020, 2, 17)))),
            ("lang=zh&day=2020-02-17", Some(Some(date(2020, 2, 17)))),
            ("lang=zh", Some(None)),
            ("day=", Some(None)),
            ("day=2020-02-30", None),
            ("day=yesterday", None),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
    }
}
