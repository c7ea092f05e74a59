//! `/visit`: what the square at a door opens. One press records the visit, another one its end.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{EvidenceId, RequestKey};
use serde::Deserialize;
use service::{ServiceError, VenueSign, VisitReceipt};

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
}

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage {
    frame: Frame,
    view: View,
}

/// How far the visit is.
enum View {
    /// The person may say that they are here.
    Ask {
        venue: String,
        sign: String,
        request: String,
    },
    /// The sign does not count.
    Refused(&'static str),
    /// The person is here.
    Inside {
        venue: String,
        since: String,
        visit: String,
    },
    /// The person has left.
    Left { venue: String, at: String },
}

/// Asks whether the person is here.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(_): ResidentSession,
    scanned: Result<Query<Scanned>, QueryRejection>,
) -> Result<Response, Problem> {
    let sign = scanned.ok().map(|Query(scanned)| scanned.sign);
    let sign: Option<VenueSign> = sign.and_then(|sign| sign.parse().ok());
    let view = match sign {
        None => View::Refused("visit-no-sign"),
        Some(sign) => match app.service.visits.venue(sign.venue()).await {
            Ok(venue) => View::Ask {
                venue: venue.name,
                sign: sign.to_string(),
                request: RequestKey::generate(&*app.settings.ids).to_string(),
            },
            Err(ServiceError::UnknownVenue) => View::Refused("visit-no-sign"),
            Err(error) => return Err(error.into()),
        },
    };
    page(&VisitPage { frame, view })
}

/// Records that the person is here, or that they leave.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<VisitForm>,
) -> Result<Response, Problem> {
    let visits = &app.service.visits;
    let calendar = Calendar::or_utc(&frame, &app);
    let visit: Option<EvidenceId> = form.visit.parse().ok();
    if let Some(visit) = visit {
        let VisitReceipt {
            venue_name, left, ..
        } = visits.check_out(&resident, visit).await?;
        let view = View::Left {
            venue: venue_name,
            at: calendar.date_time(left.unwrap_or_else(|| app.service.now())),
        };
        return page(&VisitPage { frame, view });
    }
    let (sign, request) = (
        form.sign.parse::<VenueSign>(),
        form.request.parse::<RequestKey>(),
    );
    let (Ok(sign), Ok(request)) = (sign, request) else {
        let view = View::Refused("visit-no-sign");
        return page(&VisitPage { frame, view });
    };
    let view = match visits.check_in_by_sign(&resident, &sign, request).await {
        Ok(receipt) => View::Inside {
            venue: receipt.venue_name,
            since: calendar.date_time(receipt.entered),
            visit: receipt.visit.to_string(),
        },
        Err(ServiceError::BadField { field: "sign", .. }) => View::Refused("visit-old-sign"),
        Err(ServiceError::UnknownVenue) => View::Refused("visit-no-sign"),
        Err(error) => return Err(error.into()),
    };
    page(&VisitPage { frame, view })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn every_step_renders_in_every_language() {
        for frame in frames() {
            let text = || "<b>".to_owned();
            let views = [
                View::Ask {
                    venue: text(),
                    sign: text(),
                    request: text(),
                },
                View::Refused("visit-no-sign"),
                View::Refused("visit-old-sign"),
                View::Inside {
                    venue: text(),
                    since: text(),
                    visit: text(),
                },
                View::Left {
                    venue: text(),
                    at: text(),
                },
            ];
            for view in views {
                let page = VisitPage {
                    frame: frame.clone(),
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
        let left = post(&ming.session, &format!("visit={}", &visit[..32])).await;
        assert!(left.text.contains("You left Noodle bar"), "{left:?}");
        let nothing = city.get("/visit?lang=en&sign=nonsense");
        let nothing = nothing.cookie(RESIDENT_COOKIE, &lan.session).await;
        assert!(nothing.text.contains("no sign of a place"), "{nothing:?}");
    }
}
