//! Days and times as people say them, in the policy's time zone, worded as in the policy's texts.

use domain::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use service::ServiceError;

use super::Frame;
use crate::App;
use crate::language::Language;
use crate::problem::Problem;

/// The language and the zone in which a page gives days and times.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    language: Language,
    zone: TimeZone,
}

impl Calendar {
    /// Days and times of `zone`, in `language`.
    pub(crate) fn new(language: Language, zone: TimeZone) -> Self {
        Self { language, zone }
    }

    /// Days and times of the zone of the policy in force, in the language of a page.
    ///
    /// # Errors
    /// An `unavailable` problem while no policy is in force.
    pub(crate) fn of(frame: &Frame, app: &App) -> Result<Self, Problem> {
        let policy = app
            .service
            .policies
            .policy()
            .ok_or(ServiceError::NoPolicy)?;
        Ok(Self::new(frame.language, policy.time_zone().clone()))
    }

    /// The same, in UTC while no policy is in force.
    pub(crate) fn or_utc(frame: &Frame, app: &App) -> Self {
        Self::of(frame, app).unwrap_or_else(|_| Self::new(frame.language, TimeZone::UTC))
    }

    /// `17 February 2020, 14:30`.
    pub(crate) fn date_time(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let time = format!("{}:{:02}", local.hour(), local.minute());
        let mut args = fluent_bundle::FluentArgs::new();
        args.set("day", self.day(local.date()));
        args.set("time", time);
        self.language.fill("date-time", &args)
    }

    /// `From 17 February 2020, 14:30 until 18 February 2020, 9:00`; on one day `17 February 2020,
    /// 14:30 – 18:00`.
    pub(crate) fn stretch(&self, from: Timestamp, until: Timestamp) -> String {
        let local = until.to_zoned(self.zone.clone()).datetime();
        if self.date(from) == local.date() {
            let begun = self.date_time(from);
            return format!("{begun} – {}:{:02}", local.hour(), local.minute());
        }
        let mut args = fluent_bundle::FluentArgs::new();
        args.set("since", self.date_time(from));
        args.set("until", self.date_time(until));
        self.language.fill("history-from-until", &args)
    }

    /// The end of something, which does not belong to it: midnight is the end of the day before,
    /// which is how people say it.
    pub(crate) fn end(&self, until: Timestamp) -> String {
        let local = until.to_zoned(self.zone.clone()).datetime();
        match local.date().yesterday() {
            Ok(day) if local.time() == Time::midnight() => {
                self.language.with("date-end-of-day", "day", self.day(day))
            }
            _ => self.date_time(until),
        }
    }

    /// `17 February 2020`.
    pub(crate) fn day(&self, day: Date) -> String {
        let mut args = fluent_bundle::FluentArgs::new();
        args.set(
            "month",
            self.language.text(&format!("month-{}", day.month())),
        );
        args.set("day", day.day().to_string());
        args.set("year", day.year().to_string());
        self.language.fill("date-day", &args)
    }

    /// When a local day begins.
    pub(crate) fn start_of(&self, day: Date) -> Option<Timestamp> {
        day.to_zoned(self.zone.clone())
            .ok()
            .map(|start| start.timestamp())
    }

    /// The last second of a local day that has begun, or `now` before that.
    pub(crate) fn end_of(&self, day: Date, now: Timestamp) -> Timestamp {
        let next = day.tomorrow().ok().and_then(|next| self.start_of(next));
        let last = next.map(|next| next - jiff::SignedDuration::from_secs(1));
        last.unwrap_or(now).min(now)
    }

    /// When it is so late on a local day; `None` of a time that no clock can show.
    pub(crate) fn at(&self, local: DateTime) -> Option<Timestamp> {
        let zoned = local.to_zoned(self.zone.clone()).ok();
        zoned.map(|zoned| zoned.timestamp())
    }

    /// The local day at a time.
    pub(crate) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::without_isolates;

    fn calendar(language: Language) -> Calendar {
        Calendar::new(language, TimeZone::get("Asia/Shanghai").unwrap())
    }

    #[test]
    fn a_stretch_within_a_day_names_the_day_once() {
        let calendar = calendar(Language::English);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let begun = at("2020-02-17T14:30:00+08:00");
        for (until, expected) in [
            (
                "2020-02-17T18:05:00+08:00",
                "17 February 2020, 14:30 – 18:05",
            ),
            (
                "2020-02-18T09:00:00+08:00",
                "From 17 February 2020, 14:30 until 18 February 2020, 9:00",
            ),
        ] {
            let said = calendar.stretch(begun, at(until));
            assert_eq!(without_isolates(&said), expected);
        }
    }

    #[test]
    fn a_time_is_said_in_the_policys_zone_and_the_persons_language() {
        let at = "2020-02-17T06:30:00Z".parse().unwrap();
        assert_eq!(
            calendar(Language::English).date_time(at),
            "17 February 2020, 14:30"
        );
        assert_eq!(
            calendar(Language::Chinese).date_time(at),
            "2020年2月17日14:30"
        );
        for (language, expected) in [
            (Language::Japanese, "2020年2月17日 14:30"),
            (Language::Korean, "2020년 2월 17일 14:30"),
            (Language::Arabic, "17 فبراير 2020، 14:30"),
        ] {
            let said = calendar(language).date_time(at);
            assert_eq!(without_isolates(&said), expected);
        }
    }

    #[test]
    fn a_date_inside_a_text_stands_apart_as_one_so_that_it_runs_from_right_to_left() {
        let midnight = "2020-02-29T16:00:00Z".parse().unwrap();
        let end = calendar(Language::Arabic).end(midnight);
        assert_eq!(end, "نهاية يوم \u{2068}29 فبراير 2020\u{2069}");
        let said = Language::Arabic.with("code-until", "when", end);
        assert_eq!(said, "حتى \u{2068}نهاية يوم 29 فبراير 2020\u{2069}");
    }

    #[test]
    fn midnight_is_the_end_of_the_day_before() {
        let midnight = "2020-02-29T16:00:00Z".parse().unwrap();
        let said = calendar(Language::English).end(midnight);
        assert_eq!(said, "the end of 29 February 2020");
        assert_eq!(
            calendar(Language::Chinese).end(midnight),
            "2020年2月29日24时"
        );
        for (language, expected) in [
            (Language::Japanese, "2020年2月29日24時"),
            (Language::Korean, "2020년 2월 29일 24시"),
            (Language::Arabic, "نهاية يوم 29 فبراير 2020"),
        ] {
            let said = calendar(language).end(midnight);
            assert_eq!(without_isolates(&said), expected);
        }
        let noon = "2020-02-29T04:00:00Z".parse().unwrap();
        assert_eq!(
            calendar(Language::English).end(noon),
            "29 February 2020, 12:00"
        );
    }
}
