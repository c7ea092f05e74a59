//! `/checkpoint/enrol`, `/checkpoint/scanner`, `/checkpoint/visits`: a phone becomes a scanner by opening the
//! square of a lead, and says whom it let in.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::evidence::Temperature;
use domain::{RequestKey, Timestamp, VenueId};
use serde::{Deserialize, Serialize};
use service::{DoorScan, Scanner, ScannerPass, ServiceError, SquareState};

use super::checkpoint::after_a_visit;
use super::dates::Calendar;
use super::{Frame, go_to, page, page_with};
use crate::App;
use crate::cookie;
use crate::principal::{GateScanner, scanner_cookie};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// As long as the service lets a scanner last.
const SCANNER_DAYS: u32 = 30;

/// What the square holds: the pass, or the whole address that has it behind the `#`.
#[derive(Default, Deserialize)]
pub(super) struct SquareForm {
    #[serde(default)]
    pass: String,
    /// `yes` once the guard read which scanner the device becomes; before that nothing is changed.
    #[serde(default)]
    is_sure: String,
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
    /// The pass is not here yet, or was none. It never stands in the part of an address that is sent.
    Paste { typed: String, is_wrong: bool },
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

/// Waits for the pass: a script takes it from behind the `#`, and without one somebody pastes it.
pub(super) async fn show(frame: Frame) -> Result<Response, Problem> {
    let view = View::Paste {
        typed: String::new(),
        is_wrong: false,
    };
    page(&EnrolPage { frame, view })
}

/// Asks whether this device is to be the scanner, and makes it one once somebody is sure.
pub(super) async fn enrol(
    State(app): State<App>,
    frame: Frame,
    SameOriginForm(form): SameOriginForm<SquareForm>,
) -> Result<Response, Problem> {
    let view = match form.square() {
        Some(square) if form.is_sure == "yes" => match app.service.scanners.enrol(&square).await {
            Ok((pass, _)) => {
                let secure = app.settings.secure_cookies;
                let name = scanner_cookie(&app.settings);
                let kept = cookie::set(name, &pass.expose(), SCANNER_DAYS, secure);
                return Ok(go_to("/checkpoint", kept));
            }
            Err(ServiceError::NotAuthenticated) => match view(&app, &form).await? {
                // Somebody else is pressing at the same time.
                View::Ask { .. } => View::Refused("enrol-used"),
                refused => refused,
            },
            Err(error) => return Err(error.into()),
        },
        _ => view(&app, &form).await?,
    };
    let is_refused = !matches!(view, View::Ask { .. });
    page_with(&EnrolPage { frame, view }, is_refused)
}

async fn view(app: &App, form: &SquareForm) -> Result<View, Problem> {
    let unknown = || View::Paste {
        typed: form.pass.clone(),
        is_wrong: true,
    };
    let Some(square) = form.square() else {
        return Ok(unknown());
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
        SquareState::Unknown => unknown(),
    })
}

impl SquareForm {
    fn square(&self) -> Option<ScannerPass> {
        let (_, pass) = self.pass.rsplit_once('#').unwrap_or(("", &self.pass));
        pass.trim().parse().ok()
    }
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
            let pasted = [false, true].map(|is_wrong| View::Paste {
                typed: "\"><b>".to_owned(),
                is_wrong,
            });
            let refusals = ["enrol-used", "enrol-late", "enrol-ended"].map(View::Refused);
            for view in views.chain(pasted).chain(refusals) {
                let page = EnrolPage {
                    frame: frame.clone(),
                    view,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn a_square_that_is_none_is_refused_beside_the_field_and_what_was_pasted_stays() {
        let city = City::start().await;
        let made_up = format!("{}.{}", "1".repeat(32), "2".repeat(64));
        for pass in ["", "nonsense", &made_up] {
            for is_sure in ["", "&is_sure=yes"] {
                let pressed = city.post("/checkpoint/enrol?lang=en");
                let pressed = pressed.form(&format!("pass={pass}{is_sure}")).await;
                assert_eq!(pressed.status, 422, "{pressed:?}");
                assert!(pressed.text.contains("not a square"), "{pressed:?}");
                let field = format!("dir=\"ltr\" value=\"{pass}\" aria-invalid");
                assert!(pressed.text.contains(&field), "{pressed:?}");
            }
        }
        // What stands in the part of an address that is sent, and may be logged, is not looked at.
        let asked = city.get(&format!("/checkpoint/enrol?lang=en&pass={made_up}"));
        let asked = asked.await;
        assert_eq!(asked.status, 200);
        assert!(!asked.text.contains(&made_up), "{asked:?}");
    }
}
