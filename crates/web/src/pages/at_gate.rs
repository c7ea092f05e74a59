//! `/checkpoint/enrol`, `/checkpoint/scanner`, `/checkpoint/visits`: a phone becomes a scanner by opening the
//! square of a lead, and says whom it let in.

use askama::Template;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::evidence::Temperature;
use domain::{RequestKey, Timestamp, VenueId};
use serde::{Deserialize, Serialize};
use service::{DoorScan, Scanner, ScannerPass, ServiceError, SquareState};

use super::checkpoint::after_a_visit;
use super::dates::Calendar;
use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::{GateScanner, scanner_cookie};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// As long as the service lets a scanner last.
const SCANNER_DAYS: u32 = 30;

/// What the square holds.
#[derive(Default, Deserialize)]
pub(super) struct SquareForm {
    #[serde(default)]
    pass: String,
}

/// That somebody was let in.
#[derive(Deserialize)]
pub(super) struct VisitForm {
    /// Drawn when the code was scanned.
    request: String,
    venue: String,
    code: String,
    /// In Unix seconds.
    at: i64,
    /// In degrees; empty if none was measured.
    #[serde(default)]
    temperature: String,
    /// `script` if a script sends it; otherwise a page is drawn.
    #[serde(default)]
    by: String,
}

/// What became of it.
#[derive(Serialize)]
struct Taken {
    /// Whether the scanner may forget it, because it was received. Says nothing about the person.
    is_taken: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// What a scanner reads about itself.
#[derive(Serialize)]
pub(super) struct AboutScanner {
    name: String,
    /// For which venue it records visits.
    venue: Option<String>,
}

#[derive(Template)]
#[template(path = "checkpoint_enrol.html")]
struct EnrolPage {
    frame: Frame,
    view: View,
}

/// What somebody with a square is told.
enum View {
    /// One press.
    Ask {
        name: String,
        venue: Option<String>,
        pass: String,
    },
    /// The name of the text that says why not.
    Refused(&'static str),
}

/// What the page of the checkpoint says about the scanner that it is.
pub(super) struct DoorView {
    pub(super) name: String,
    pub(super) until: String,
    pub(super) venue: Option<VenueView>,
}

/// The venue for which it records visits.
pub(super) struct VenueView {
    pub(super) id: String,
    pub(super) name: String,
}

impl DoorView {
    pub(super) fn of(app: &App, frame: &Frame, scanner: &Scanner) -> Self {
        let calendar = Calendar::or_utc(frame, app);
        Self {
            name: scanner.name().to_owned(),
            until: calendar.date_time(scanner.ends_at()),
            venue: scanner.venue().map(|venue| VenueView {
                id: venue.id.to_string(),
                name: venue.name.clone(),
            }),
        }
    }
}

/// Asks whether this device is to be the scanner.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    square: Result<Query<SquareForm>, QueryRejection>,
) -> Result<Response, Problem> {
    let form = square.map(|Query(form)| form).unwrap_or_default();
    let view = view(&app, &form).await?;
    page(&EnrolPage { frame, view })
}

/// Makes it the scanner.
pub(super) async fn enrol(
    State(app): State<App>,
    frame: Frame,
    SameOriginForm(form): SameOriginForm<SquareForm>,
) -> Result<Response, Problem> {
    let Ok(square) = form.pass.parse::<ScannerPass>() else {
        let view = View::Refused("enrol-unknown");
        return page(&EnrolPage { frame, view });
    };
    match app.service.scanners.enrol(&square).await {
        Ok((pass, _)) => {
            let secure = app.settings.secure_cookies;
            let name = scanner_cookie(&app.settings);
            let kept = cookie::set(name, &pass.expose(), SCANNER_DAYS, secure);
            Ok(go_to("/checkpoint", kept))
        }
        Err(ServiceError::NotAuthenticated) => {
            let view = match view(&app, &form).await? {
                // Somebody else is pressing at the same time.
                View::Ask { .. } => View::Refused("enrol-used"),
                refused => refused,
            };
            page(&EnrolPage { frame, view })
        }
        Err(error) => Err(error.into()),
    }
}

async fn view(app: &App, form: &SquareForm) -> Result<View, Problem> {
    let Ok(square) = form.pass.parse::<ScannerPass>() else {
        return Ok(View::Refused("enrol-unknown"));
    };
    Ok(match app.service.scanners.look_at(&square).await? {
        SquareState::Good { name, venue } => View::Ask {
            name,
            venue,
            pass: square.expose(),
        },
        SquareState::Used => View::Refused("enrol-used"),
        SquareState::Late => View::Refused("enrol-late"),
        SquareState::Ended => View::Refused("enrol-ended"),
        SquareState::Unknown => View::Refused("enrol-unknown"),
    })
}

/// Tells the scanner for which venue it records visits, while it lasts.
pub(super) async fn about(GateScanner(scanner): GateScanner) -> Json<AboutScanner> {
    Json(AboutScanner {
        name: scanner.name().to_owned(),
        venue: scanner.venue().map(|venue| venue.id.to_string()),
    })
}

/// Takes one visit: exactly once, however often it is sent.
pub(super) async fn record(
    State(app): State<App>,
    frame: Frame,
    GateScanner(scanner): GateScanner,
    SameOriginForm(form): SameOriginForm<VisitForm>,
) -> Result<Response, Problem> {
    let scan = form.read()?;
    let recorded = app.service.scanners.record(&scanner, &scan).await?;
    if form.by != "script" {
        return after_a_visit(&app, frame, GateScanner(scanner), recorded.is_ok());
    }
    let why = recorded.as_ref().err().map(|refusal| refusal.word());
    let is_taken = recorded.is_ok();
    Ok(Json(Taken { is_taken, why }).into_response())
}

impl VisitForm {
    fn read(&self) -> Result<DoorScan, Problem> {
        let temperature = match self.temperature.trim() {
            "" => None,
            text => {
                // A comma is what some thermometers show.
                let measured = text.replace(',', ".").parse::<Temperature>();
                let why = "expected 30.0 to 45.0 degrees Celsius";
                Some(measured.map_err(|_| Problem::invalid("temperature", why))?)
            }
        };
        let hexadecimal = "expected 32 hexadecimal digits";
        Ok(DoorScan {
            request: self
                .request
                .parse::<RequestKey>()
                .map_err(|_| Problem::invalid("request", hexadecimal))?,
            code: self.code.clone(),
            venue: self
                .venue
                .parse::<VenueId>()
                .map_err(|_| Problem::invalid("venue", hexadecimal))?,
            at: Timestamp::from_second(self.at)
                .map_err(|_| Problem::invalid("at", "expected a time in Unix seconds"))?,
            temperature,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::City;

    #[test]
    fn the_page_of_a_square_renders_in_every_language() {
        for frame in frames() {
            let ask = |venue| View::Ask {
                name: "<b>Gate".to_owned(),
                venue,
                pass: "0".repeat(97),
            };
            let views = [ask(None), ask(Some("<b>Library".to_owned()))].into_iter();
            let refusals = ["enrol-unknown", "enrol-used", "enrol-late", "enrol-ended"];
            for view in views.chain(refusals.map(View::Refused)) {
                let page = EnrolPage {
                    frame: frame.clone(),
                    view,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn a_square_that_is_none_is_refused_in_plain_words() {
        let city = City::start().await;
        let made_up = format!("{}.{}", "1".repeat(32), "2".repeat(64));
        for pass in ["", "nonsense", &made_up] {
            let asked = city
                .get(&format!("/checkpoint/enrol?lang=en&pass={pass}"))
                .await;
            assert!(asked.text.contains("not a square"), "{asked:?}");
            let pressed = city.post("/checkpoint/enrol?lang=en");
            let pressed = pressed.form(&format!("pass={pass}")).await;
            assert!(pressed.text.contains("not a square"), "{pressed:?}");
        }
    }
}
