//! `/visit`: what the square at a door opens. One press records the visit, another one its end.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{EvidenceId, RequestKey};
use serde::Deserialize;
use service::{Resident, ServiceError, VenueSign, VisitReceipt};

use super::dates::Calendar;
use super::{Frame, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the address in the square says.
#[derive(Default, Deserialize)]
pub(super) struct Scanned {
    #[serde(default)]
    sign: String,
}

/// What was pressed.
#[derive(Default, Deserialize)]
pub(super) struct VisitForm {
    #[serde(default)]
    request: String,
    #[serde(default)]
    sign: String,
    /// The visit that ends.
    #[serde(default)]
    visit: String,
    /// The visit that was a mistake.
    #[serde(default)]
    mistake: String,
}

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage {
    frame: Frame,
    /// The account that is signed in: what its phone keeps is sent for it alone.
    account: String,
    view: View,
}

/// How far the visit is.
enum View {
    /// The person may scan a sign.
    Scan,
    /// The person may say that they are here.
    Ask {
        venue: String,
        sign: String,
        request: String,
        /// Another place, where the person has not said that they left.
        elsewhere: Option<String>,
    },
    /// The sign does not count, or it is too late.
    Refused(&'static str),
    /// The person is here.
    Inside {
        venue: String,
        since: String,
        visit: String,
        may_be_taken_back: bool,
    },
    /// The person has left.
    Left { venue: String, at: String },
    /// It was a mistake.
    TakenBack,
}

/// Asks whether the person is here; if they are here already, whether they leave.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    scanned: Result<Query<Scanned>, QueryRejection>,
) -> Result<Response, Problem> {
    let scanned = scanned.map(|Query(scanned)| scanned.sign);
    let text = scanned.unwrap_or_default();
    let sign: Option<VenueSign> = sign_in(&text).parse().ok();
    let view = match sign {
        None if text.trim().is_empty() => View::Scan,
        None => View::Refused("visit-no-sign"),
        Some(sign) => match app.service.visits.venue(sign.venue()).await {
            Ok(venue) => {
                let current = current(&app, &resident).await?;
                match current {
                    Some(current) if current.venue == venue.id => {
                        inside(&app, &Calendar::or_utc(&frame, &app), current)
                    }
                    current => View::Ask {
                        venue: venue.name,
                        sign: sign.to_string(),
                        request: RequestKey::generate(&*app.settings.ids).to_string(),
                        elsewhere: current.map(|current| current.venue_name),
                    },
                }
            }
            Err(ServiceError::UnknownVenue) => View::Refused("visit-no-sign"),
            Err(error) => return Err(error.into()),
        },
    };
    visit_page(frame, &resident, view)
}

/// The sign in what a camera read or somebody pasted: the sign alone, or its whole address.
fn sign_in(text: &str) -> &str {
    let sign = text.split_once("sign=").map_or(text, |(_, sign)| sign);
    sign.split('&').next().unwrap_or_default().trim()
}

/// Where the person is. An account that may only show their code does not read it.
async fn current(app: &App, resident: &Resident) -> Result<Option<VisitReceipt>, Problem> {
    match resident.check_whole() {
        Ok(()) => Ok(app.service.visits.current(resident).await?),
        Err(_) => Ok(None),
    }
}

fn inside(app: &App, calendar: &Calendar, receipt: VisitReceipt) -> View {
    View::Inside {
        may_be_taken_back: receipt.may_be_taken_back(app.service.now()),
        venue: receipt.venue_name,
        since: calendar.date_time(receipt.entered),
        visit: receipt.visit.to_string(),
    }
}

fn visit_page(frame: Frame, resident: &Resident, view: View) -> Result<Response, Problem> {
    let account = resident.account().to_string();
    page(&VisitPage {
        frame,
        account,
        view,
    })
}

/// Records that the person is here, that they leave, or that it was a mistake.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<VisitForm>,
) -> Result<Response, Problem> {
    let visits = &app.service.visits;
    let calendar = Calendar::or_utc(&frame, &app);
    if let Ok(mistake) = form.mistake.parse::<EvidenceId>() {
        let view = match visits.take_back(&resident, mistake).await {
            // A second press finds nothing.
            Ok(_) | Err(ServiceError::UnknownVisit) => View::TakenBack,
            Err(ServiceError::BadField { .. }) => View::Refused("visit-too-late"),
            Err(error) => return Err(error.into()),
        };
        return visit_page(frame, &resident, view);
    }
    let visit: Option<EvidenceId> = form.visit.parse().ok();
    if let Some(visit) = visit {
        let VisitReceipt {
            venue_name, left, ..
        } = visits.check_out(&resident, visit).await?;
        let view = View::Left {
            venue: venue_name,
            at: calendar.date_time(left.unwrap_or_else(|| app.service.now())),
        };
        return visit_page(frame, &resident, view);
    }
    let (sign, request) = (
        form.sign.parse::<VenueSign>(),
        form.request.parse::<RequestKey>(),
    );
    let (Ok(sign), Ok(request)) = (sign, request) else {
        let view = View::Refused("visit-no-sign");
        return visit_page(frame, &resident, view);
    };
    let view = match visits.check_in_by_sign(&resident, &sign, request).await {
        Ok(receipt) => inside(&app, &calendar, receipt),
        Err(ServiceError::BadField { field: "sign", .. }) => View::Refused("visit-old-sign"),
        Err(ServiceError::UnknownVenue) => View::Refused("visit-no-sign"),
        Err(error) => return Err(error.into()),
    };
    visit_page(frame, &resident, view)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::{Answer, City, percent_encoded};

    #[test]
    fn every_step_renders_in_every_language() {
        for frame in frames() {
            let text = || "<b>".to_owned();
            let views = [
                View::Scan,
                View::Ask {
                    venue: text(),
                    sign: text(),
                    request: text(),
                    elsewhere: Some(text()),
                },
                View::Refused("visit-no-sign"),
                View::Refused("visit-too-late"),
                View::TakenBack,
                View::Refused("visit-old-sign"),
                View::Inside {
                    venue: text(),
                    since: text(),
                    visit: text(),
                    may_be_taken_back: true,
                },
                View::Left {
                    venue: text(),
                    at: text(),
                },
            ];
            for view in views {
                let page = VisitPage {
                    frame: frame.clone(),
                    account: "1".repeat(32),
                    view,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn who_scans_the_screen_is_there_and_who_scans_a_photograph_later_is_told_so() {
        let city = City::start().await;
        let (ming, lan) = (
            city.well_resident("Ming").await,
            city.well_resident("Lan").await,
        );
        let venue = city.venue("Noodle bar").await;
        let sign = city.sign_at(&venue).await;
        let open = async |session: &str| -> Answer {
            let ask = city.get(&format!("/visit?lang=en&sign={sign}"));
            ask.cookie(RESIDENT_COOKIE, session).await
        };
        let post = async |session: &str, form: &str| -> Answer {
            let ask = city.post("/visit?lang=en");
            ask.cookie(RESIDENT_COOKIE, session).form(form).await
        };
        let asked = open(&ming.session).await;
        assert!(asked.text.contains("Noodle bar"), "{asked:?}");
        let request = asked
            .text
            .split("name=\"request\" value=\"")
            .nth(1)
            .unwrap();
        let form = format!("request={}&sign={sign}", &request[..32]);
        let inside = post(&ming.session, &form).await;
        assert!(inside.text.contains("You are at Noodle bar"), "{inside:?}");
        city.later(3);
        let again = post(&ming.session, &form).await;
        assert!(
            again.text.contains("You are at Noodle bar"),
            "a repeat: {again:?}"
        );
        let asked = open(&lan.session).await;
        let request = asked
            .text
            .split("name=\"request\" value=\"")
            .nth(1)
            .unwrap();
        let form = format!("request={}&sign={sign}", &request[..32]);
        let late = post(&lan.session, &form).await;
        assert!(late.text.contains("more than a minute old"), "{late:?}");
        let visit = inside.text.split("name=\"visit\" value=\"").nth(1).unwrap();
        // The sign's link again: a person who is here may leave. A mistake is two minutes old at
        // most.
        let again = open(&ming.session).await;
        assert!(again.text.contains("I am leaving"), "{again:?}");
        assert!(!again.text.contains("That was a mistake"), "{again:?}");
        let late = post(&ming.session, &format!("mistake={}", &visit[..32])).await;
        assert!(late.text.contains("too late"), "{late:?}");
        let left = post(&ming.session, &format!("visit={}", &visit[..32])).await;
        assert!(left.text.contains("You left Noodle bar"), "{left:?}");
        let pasted = percent_encoded(&format!("https://code.example/visit?sign={sign}&lang=zh"));
        let pasted = city.get(&format!("/visit?lang=en&sign={pasted}"));
        let pasted = pasted.cookie(RESIDENT_COOKIE, &lan.session).await;
        assert!(pasted.text.contains("Are you at Noodle bar"), "{pasted:?}");
        let blank = city.get("/visit?lang=en");
        let blank = blank.cookie(RESIDENT_COOKIE, &lan.session).await;
        assert!(
            blank.text.contains("Hold the camera over the square"),
            "{blank:?}"
        );
        let nothing = city.get("/visit?lang=en&sign=nonsense");
        let nothing = nothing.cookie(RESIDENT_COOKIE, &lan.session).await;
        assert!(nothing.text.contains("no sign of a place"), "{nothing:?}");
    }
}
