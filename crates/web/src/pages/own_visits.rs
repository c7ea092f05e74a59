//! `/me/visits`: where a person is and was; and what their phone kept while it had no network.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::{EvidenceId, RequestKey, Timestamp};
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};
use service::{Scan, ServiceError, VenueSign};

use super::dates::Calendar;
use super::whose::Whose;
use super::{Frame, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// At most so many lines, the newest ones.
const MOST_LINES: usize = 200;

#[derive(Template)]
#[template(path = "visits.html")]
struct VisitsPage {
    frame: Frame,
    whose: Whose,
    /// The account that is signed in: what its phone keeps is sent for it alone.
    account: String,
    inside: Option<Inside>,
    visits: Vec<Line>,
    /// For how many days a visit is kept.
    days: Option<String>,
}

/// A visit that has not ended.
struct Inside {
    words: String,
    visit: String,
}

/// A line of the diary.
struct Line {
    venue: String,
    when: String,
    /// That a gate recorded it, and what was measured there.
    by_door: Option<String>,
}

#[derive(Template)]
#[template(path = "visit_offline.html")]
struct OfflineVisitPage {
    frame: Frame,
}

/// A visit that the phone kept.
#[derive(Deserialize)]
pub(super) struct ScanForm {
    /// Drawn by the phone.
    request: String,
    /// Whose phone kept it; an old page does not say.
    #[serde(default)]
    account: Option<String>,
    /// What the sign at the door said.
    sign: String,
    /// In Unix seconds.
    entered: i64,
    /// In Unix seconds, if the person left.
    #[serde(default)]
    left: Option<i64>,
}

/// What became of it.
#[derive(Serialize)]
pub(super) struct Taken {
    /// Whether it is on record, from now or from an earlier upload. Else it never will be.
    is_taken: bool,
}

/// The diary.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let visits = &app.service.visits;
    let calendar = Calendar::of(&frame, &app)?;
    let current = visits.current(&resident).await?;
    let inside = current.map(|current| {
        let mut args = FluentArgs::new();
        args.set("venue", current.venue_name);
        args.set("when", calendar.date_time(current.entered));
        Inside {
            words: frame.language.fill("code-inside", &args),
            visit: current.visit.to_string(),
        }
    });
    let at_doors = visits.own_at_doors(&resident).await?;
    let by_door = |visit: EvidenceId| {
        let found = at_doors.iter().find(|one| one.visit == visit)?;
        Some(match found.temperature {
            Some(measured) => {
                frame.with("visits-by-door-measured", "degrees", &measured.to_string())
            }
            None => frame.t("visits-by-door"),
        })
    };
    let mut own = visits.own(&resident).await?;
    own.truncate(MOST_LINES);
    let line = |(visit, venue): (service::Visit, Option<String>)| {
        let since = calendar.date_time(visit.entered);
        Line {
            venue: venue.unwrap_or_else(|| frame.t("fact-visit-unknown")),
            when: match visit.left {
                None => frame.with("history-since", "since", &since),
                Some(left) => calendar.stretch(visit.entered, left),
            },
            by_door: by_door(visit.id),
        }
    };
    let lines = own.into_iter().map(line).collect();
    page(&VisitsPage {
        whose: Whose::of(&app, &frame, &resident, "/me/visits").await,
        account: resident.account().to_string(),
        inside,
        visits: lines,
        days: visits.kept_for_days().map(|days| days.to_string()),
        frame,
    })
}

/// What the worker shows when a sign is scanned without a network.
pub(super) async fn offline(frame: Frame) -> Result<Response, Problem> {
    page(&OfflineVisitPage { frame })
}

/// Takes one visit that the phone kept: exactly once, however often it is sent.
pub(super) async fn upload(
    State(app): State<App>,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<ScanForm>,
) -> Result<Json<Taken>, Problem> {
    let time = |seconds| {
        let time = Timestamp::from_second(seconds);
        time.map_err(|_| Problem::invalid("entered", "expected a time in Unix seconds"))
    };
    let own = resident.account().to_string();
    if form.account.is_some_and(|account| account != own) {
        // Somebody else signed in since the page was opened: it stays on the phone for its own account.
        return Err(ServiceError::NotAuthenticated.into());
    }
    let sign = form.sign.parse::<VenueSign>();
    let request = form.request.parse::<RequestKey>();
    let (Ok(sign), Ok(request)) = (sign, request) else {
        return Ok(Json(Taken { is_taken: false }));
    };
    let scan = Scan {
        id: request,
        venue: sign.venue(),
        sign: Some(sign),
        entered: time(form.entered)?,
        left: form.left.map(time).transpose()?,
    };
    let receipt = app.service.visits.upload_scans(&resident, &[scan]).await?;
    let is_taken = receipt.accepted.contains(&request);
    Ok(Json(Taken { is_taken }))
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_pages_render_in_every_language() {
        for frame in frames() {
            let text = || "<b>".to_owned();
            for (visits, days) in [
                (Vec::new(), None),
                (
                    vec![Line {
                        venue: text(),
                        when: text(),
                        by_door: Some(text()),
                    }],
                    Some("30".to_owned()),
                ),
            ] {
                let page = VisitsPage {
                    frame: frame.clone(),
                    whose: Whose::sample(),
                    account: "1".repeat(32),
                    inside: frame.is_demo.then(|| Inside {
                        words: text(),
                        visit: "1".repeat(32),
                    }),
                    visits,
                    days,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
            assert_sound(&frame.clone(), &OfflineVisitPage { frame });
        }
    }

    #[tokio::test]
    async fn what_a_phone_kept_is_in_the_diary_once_and_a_mistake_is_gone() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let venue = city.venue("Noodle bar").await;
        let sign = city.sign_at(&venue).await;
        let entered = city.now().as_second();
        city.later(3);
        let request = "7".repeat(32);
        let left = entered + 120;
        let form = format!("request={request}&sign={sign}&entered={entered}&left={left}");
        let post = |address: &str, form: &str| {
            let ask = city.post(address).cookie(RESIDENT_COOKIE, &ming.session);
            ask.form(form).into_future()
        };
        let diary = || {
            let ask = city.get("/me/visits?lang=en");
            ask.cookie(RESIDENT_COOKIE, &ming.session).into_future()
        };
        assert!(diary().await.text.contains("No visit is recorded"));
        for _ in 0..2 {
            let sent = post("/me/visits/scans", &form).await;
            assert_eq!(sent.json["is_taken"], true, "{sent:?}");
        }
        let read = diary().await.text;
        assert_eq!(read.matches("Noodle bar").count(), 1, "{read}");
        assert!(!read.contains("I am leaving"), "{read}");
        let theirs = format!("{}&account={}", form.replace('7', "6"), "0".repeat(32));
        let theirs = post("/me/visits/scans", &theirs).await;
        assert_eq!(
            theirs.status, 303,
            "an old page of somebody else: {theirs:?}"
        );
        let bad = form.replace(&format!("&left={left}"), "&left=1");
        let bad = post("/me/visits/scans", &bad.replace('7', "8")).await;
        assert_eq!(bad.json["is_taken"], false, "{bad:?}");

        let sign = city.sign_at(&venue).await;
        let form = format!("request={}&sign={sign}", "9".repeat(32));
        let here = post("/visit?lang=en", &form).await;
        assert!(here.text.contains("That was a mistake"), "{here:?}");
        assert!(diary().await.text.contains("You are at Noodle bar"));
        let visit = here.text.split("name=\"mistake\" value=\"").nth(1).unwrap();
        let form = format!("mistake={}", &visit[..32]);
        for _ in 0..2 {
            let gone = post("/visit?lang=en", &form).await;
            assert!(gone.text.contains("taken back"), "{gone:?}");
        }
        let read = diary().await.text;
        assert_eq!(read.matches("Noodle bar").count(), 1, "{read}");
    }
}
