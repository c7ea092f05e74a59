//! The part of a report that says where somebody was: up to three journeys, each on a line of the form.

use domain::evidence::StayMode;
use domain::{Region, Timestamp};
use jiff::ToSpan as _;
use jiff::civil::Date;
use service::DeclaredStay;

use super::dates::Calendar;
use super::form_errors::FormError;
use crate::region_places::RegionPlaces;

/// How many lines the form has.
const COUNT: usize = 3;
/// How long ago a journey may have begun, in days: no policy looks back so far.
const MOST_DAYS_AGO: i32 = 100;

/// The first day that can be chosen.
pub(super) fn earliest(today: Date) -> Date {
    today.saturating_sub(MOST_DAYS_AGO.days())
}

/// The names of the fields of a line, which are their `id` too.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) region: &'static str,
    pub(super) from: &'static str,
    pub(super) until: &'static str,
    pub(super) transit: &'static str,
}

static LINES: [Fields; COUNT] = [
    Fields {
        region: "region1",
        from: "from1",
        until: "until1",
        transit: "transit1",
    },
    Fields {
        region: "region2",
        from: "from2",
        until: "until2",
        transit: "transit2",
    },
    Fields {
        region: "region3",
        from: "from3",
        until: "until3",
        transit: "transit3",
    },
];

/// A line, as it was typed.
#[derive(Default)]
pub(super) struct Journey {
    pub(super) region: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) is_transit: bool,
}

/// Every line of the form.
#[derive(Default)]
pub(super) struct Journeys([Journey; COUNT]);

impl Journeys {
    /// Reads them from the values of the form, which are empty where there is none.
    pub(super) fn read<'v>(value: impl Fn(&str) -> &'v str) -> Self {
        Self(LINES.map(|fields| Journey {
            region: value(fields.region).to_owned(),
            from: value(fields.from).to_owned(),
            until: value(fields.until).to_owned(),
            is_transit: value(fields.transit) == "yes",
        }))
    }

    /// The lines with their fields, in the order of the form.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&'static Fields, &Journey)> {
        LINES.iter().zip(&self.0)
    }

    /// Whether nothing was filled in.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(Journey::is_empty)
    }

    /// Where the person says that they were.
    ///
    /// # Errors
    /// Every value to look at again.
    pub(super) fn stays(
        &self,
        places: &RegionPlaces,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Result<Vec<DeclaredStay>, Vec<FormError>> {
        let filled = self.lines().filter(|(_, journey)| !journey.is_empty());
        let (mut stays, mut errors) = (Vec::new(), Vec::new());
        for (fields, journey) in filled {
            match journey.stay(fields, places, calendar, now) {
                Ok(stay) => stays.push(stay),
                Err(wrong) => errors.extend(wrong),
            }
        }
        if errors.is_empty() {
            Ok(stays)
        } else {
            Err(errors)
        }
    }
}

impl Journey {
    fn is_empty(&self) -> bool {
        let typed = [&self.region, &self.from, &self.until];
        typed.iter().all(|text| text.is_empty())
    }

    fn stay(
        &self,
        fields: &'static Fields,
        places: &RegionPlaces,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Result<DeclaredStay, Vec<FormError>> {
        let today = calendar.date(now);
        let is_of_use = |day: &Date| (earliest(today)..=today).contains(day);
        let day = |text: &str| text.parse::<Date>().ok().filter(is_of_use);
        let region = self.region(places);
        let region = region.ok_or(FormError::at(fields.region, "journey-bad-region"));
        let first = match (day(&self.from), self.from.is_empty()) {
            (Some(first), _) => Ok(first),
            (None, true) => Err(FormError::at(fields.from, "journey-no-day")),
            (None, false) => Err(FormError::at(fields.from, "journey-bad-day")),
        };
        // Passing through ends on the day on which it began, if nobody says otherwise.
        let last = match (day(&self.until), self.until.is_empty()) {
            (None, true) => Ok(first.ok().filter(|_| self.is_transit)),
            (Some(last), _) if first.is_ok_and(|first| last < first) => {
                Err(FormError::at(fields.until, "journey-last-first"))
            }
            (Some(last), _) => Ok(Some(last)),
            (None, false) => Err(FormError::at(fields.until, "journey-bad-day")),
        };
        let (region, first, last) = match (region, first, last) {
            (Ok(region), Ok(first), Ok(last)) => (region, first, last),
            (region, first, last) => {
                let wrong = [region.err(), first.err(), last.err()];
                return Err(wrong.into_iter().flatten().collect());
            }
        };
        let start = |day: Date| calendar.start_of(day).unwrap_or(now);
        Ok(DeclaredStay {
            region,
            arrived: start(first).min(now),
            left: last.map(|day| calendar.end_of(day, now)),
            mode: if self.is_transit {
                StayMode::Transit
            } else {
                StayMode::Stay
            },
        })
    }

    fn region(&self, places: &RegionPlaces) -> Option<Region> {
        let named = places.named(&self.region);
        named.or_else(|| self.region.trim().to_ascii_uppercase().parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[tokio::test]
    async fn a_person_reports_a_journey_with_their_health_and_reads_it_in_their_history() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let send = |journey: &str| {
            let ask = city.post("/declare?lang=en");
            let ask = ask.cookie(RESIDENT_COOKIE, &ming.session);
            ask.form(&format!("contact=none&{journey}")).into_future()
        };
        for (journey, field, said) in [
            (
                "region1=Atlantis&from1=2020-02-15",
                "region1",
                "do not know this region",
            ),
            ("region1=420102", "from1", "on which day"),
            (
                "region1=420102&from1=2020-02-21",
                "from1",
                "no day up to today",
            ),
            (
                "region2=de&from2=2020-02-15&until2=2020-02-14",
                "until2",
                "before the first",
            ),
            (
                "region1=420102&from1=0001-01-01",
                "from1",
                "no day up to today",
            ),
            ("region1=%C3%9F&from1=2020-02-15", "region1", "do not know"),
            (
                "region3=420102&from3=2020-02-15&until3=soon",
                "until3",
                "no day up to today",
            ),
        ] {
            let refused = send(journey).await.text;
            let beside = format!("<p class=\"wrong\" id=\"{field}-error\">");
            let after = refused
                .split(&beside)
                .nth(1)
                .unwrap_or_else(|| panic!("{journey}: {refused}"));
            assert!(after[..80].contains(said), "{journey}: {after}");
            assert!(
                refused.contains("id=\"journeys\" open"),
                "what was typed is in sight"
            );
        }
        assert_eq!(city.status(&ming).await, "undeclared");
        let journeys = "region1=420102&from1=2020-02-15&until1=2020-02-17\
            &region2=de&from2=2020-02-18&transit2=yes&region3=330106&from3=2020-02-19";
        assert_eq!(send(journeys).await.status, 303);
        let file = city.post("/me/data").form("");
        let file = file.cookie(RESIDENT_COOKIE, &ming.session).await.json;
        let facts = file["facts"].as_array().unwrap().iter();
        let stays = facts.filter(|one| one["fact"]["kind"] == "stay");
        let stays: Vec<_> = stays.map(|one| one["fact"].clone()).collect();
        assert_eq!(stays.len(), 3, "{file}");
        let history = city.get("/me/history?lang=en");
        let history = history.cookie(RESIDENT_COOKIE, &ming.session).await;
        assert!(history.text.contains("420102"), "{history:?}");
    }

    #[tokio::test]
    async fn a_journey_that_lasts_until_today_is_sent_twice_and_counts_once() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let form = city.get("/declare?lang=en");
        let form = form.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        let hidden = |name: &str| {
            let begin = format!("name=\"{name}\" value=\"");
            let (_, rest) = form.split_once(&begin).unwrap();
            format!("{name}={}", rest.split_once('"').unwrap().0)
        };
        let [request, about, drawn] = ["request", "about", "drawn"].map(hidden);
        let today = city.service.now().to_string()[..10].to_owned();
        let sent = format!(
            "{request}&{about}&{drawn}&contact=none&region1=420102&from1=2020-02-15&until1={today}"
        );
        for _ in 0..2 {
            city.later(20);
            let ask = city.post("/declare?lang=en");
            let ask = ask.cookie(RESIDENT_COOKIE, &ming.session);
            assert_eq!(ask.form(&sent).await.status, 303);
        }
        let file = city.post("/me/data").form("");
        let file = file.cookie(RESIDENT_COOKIE, &ming.session).await.json;
        let facts = file["facts"].as_array().unwrap().iter();
        let stays = facts.filter(|one| one["fact"]["kind"] == "stay");
        assert_eq!(stays.count(), 1, "{file}");
    }
}
