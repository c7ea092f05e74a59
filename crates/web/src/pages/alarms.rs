//! `/officer/alarms`: what somebody should look at, and that somebody did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use service::{Action, Alarm, AlarmKind};

use super::dates::Calendar;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{AlarmText, InPath, WireText};

#[derive(Template)]
#[template(path = "officer_alarms.html")]
struct AlarmsPage {
    frame: Frame,
    can_acknowledge: bool,
    alarms: Vec<Entry>,
}

/// An alarm in the list.
struct Entry {
    id: String,
    title: &'static str,
    words: String,
    about: String,
    raised: String,
    /// When somebody saw it; empty until then.
    seen: String,
}

/// Shows the alarms.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadAlarms>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let alarms = app.service.alarms.list(&staff).await?;
    let alarms = alarms.iter().map(|alarm| entry(alarm, &frame, &calendar));
    page(&AlarmsPage {
        can_acknowledge: staff.may(Action::AcknowledgeAlarms).is_ok(),
        alarms: alarms.collect(),
        frame,
    })
}

/// Says that an alarm was seen.
pub(super) async fn acknowledge(
    State(app): State<App>,
    StaffMay(staff, _): StaffMay<act::AcknowledgeAlarms>,
    InPath(WireText(id)): InPath<AlarmText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    app.service.alarms.acknowledge(&staff, id).await?;
    Ok(go_to("/officer/alarms", None))
}

fn entry(alarm: &Alarm, frame: &Frame, calendar: &Calendar) -> Entry {
    let (title, words) = texts(alarm.kind);
    let authority = alarm.authority.as_ref().map(|one| one.name.clone());
    let parts = [authority, Some(alarm.about.clone())];
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    let count = u32::try_from(alarm.number).unwrap_or(u32::MAX);
    let seen = alarm.acknowledged_at.map(|at| calendar.date_time(at));
    Entry {
        id: alarm.id.to_string(),
        title,
        words: frame.count(words, &count),
        about: parts.collect::<Vec<_>>().join(" · "),
        raised: frame.with("alarm-raised", "when", &calendar.date_time(alarm.raised_at)),
        seen: seen.map_or_else(String::new, |when| frame.with("alarm-seen", "when", &when)),
    }
}

const fn texts(kind: AlarmKind) -> (&'static str, &'static str) {
    match kind {
        AlarmKind::BatchHeld => ("alarm-batch-held", "alarm-batch-held-count"),
        AlarmKind::CapNear => ("alarm-cap-near", "alarm-cap-near-count"),
        AlarmKind::SignInsFail => ("alarm-sign-ins-fail", "alarm-sign-ins-fail-count"),
        AlarmKind::RateBites => ("alarm-rate-bites", "alarm-rate-bites-count"),
        AlarmKind::KeyEnds => ("alarm-key-ends", "alarm-key-ends-count"),
        AlarmKind::LooksMany => ("alarm-looks-many", "alarm-looks-many-count"),
        AlarmKind::AppealsDue => ("alarm-appeals-due", "alarm-appeals-due-count"),
        AlarmKind::AppealsLate => ("alarm-appeals-late", "alarm-appeals-late-count"),
        AlarmKind::ReportsWait => ("alarm-reports-wait", "alarm-reports-wait-count"),
    }
}

#[cfg(test)]
mod tests {
    use domain::AlarmId;
    use jiff::tz::TimeZone;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language_with_every_kind_of_alarm() {
        for frame in frames() {
            let calendar = Calendar::new(frame.language, TimeZone::UTC);
            let alarm = |kind, is_seen: bool| Alarm {
                id: AlarmId::from_u128(1),
                kind,
                about: "\"><b>".to_owned(),
                authority: None,
                raised_at: jiff::Timestamp::UNIX_EPOCH,
                number: 2,
                acknowledged_at: is_seen.then_some(jiff::Timestamp::UNIX_EPOCH),
            };
            let all = AlarmKind::ALL.map(|kind| [alarm(kind, false), alarm(kind, true)]);
            let alarms: Vec<Entry> = all
                .iter()
                .flatten()
                .map(|alarm| entry(alarm, &frame, &calendar))
                .collect();
            for alarms in [Vec::new(), alarms] {
                let html = assert_sound(
                    &frame,
                    &AlarmsPage {
                        frame: frame.clone(),
                        can_acknowledge: true,
                        alarms,
                    },
                );
                assert!(!html.contains("\"><b>"));
            }
        }
    }

    #[tokio::test]
    async fn an_administrator_reads_alarms_and_says_that_they_have_seen_one() {
        let city = City::start().await;
        let administrator = city.administrator().await;
        let alarms = &city.service.alarms;
        alarms.raise(AlarmKind::SignInsFail, "", 10).await;
        let open = || {
            let page = city.get("/officer/alarms?lang=en");
            page.cookie(SECURE_STAFF_COOKIE, &administrator)
        };
        let page = open().await.text;
        assert!(page.contains("10 wrong attempts"), "{page}");
        let (_, id) = page.split_once("action=\"/officer/alarms/").unwrap();
        let seen = city
            .post(&format!("/officer/alarms/{}", &id[..32]))
            .cookie(SECURE_STAFF_COOKIE, &administrator)
            .form("");
        assert_eq!(seen.await.status, 303);
        let page = open().await.text;
        assert!(page.contains("Seen") && !page.contains("action=\"/officer/alarms/"));
    }
}
