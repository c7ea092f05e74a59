//! `/officer/scanners`: the phones and tablets of a checkpoint lead. One is made by showing it a square, and
//! may record visits to a venue of the lead's office.

mod venue;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::VenueId;
use serde::Deserialize;
use service::{NewScanner, ScannerView, ServiceError, Square, Staff, Venue};

pub(super) use self::venue::{record_visits, show as show_venue};
use super::choice::Choice;
use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter, page_after};
use super::step_up::must_show_passkey;
use super::venues::origin;
use super::{Frame, go_to, page_with, picture_of_address};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ScannerText, WireText};

/// Nothing was done, and nothing that was typed is lost.
const PASSKEY_FIRST: &str = "step-up-first";

/// A scanner to make, or the venue of one.
#[derive(Default, Deserialize)]
pub(super) struct ScannerForm {
    #[serde(default)]
    name: String,
    /// Empty: it records no visits.
    #[serde(default)]
    venue: String,
}

#[derive(Template)]
#[template(path = "officer_scanners.html")]
struct ScannersPage<'f> {
    frame: Frame,
    form: &'f ScannerForm,
    error: Option<&'static str>,
    /// Whether the passkey must be shown before anything can be changed.
    is_stale: bool,
    /// Whether something waits in the page until it was shown in another tab.
    is_typed: bool,
    /// The square of a scanner that was just made.
    square: Option<SquareView>,
    filter: ListFilter,
    scanners: Vec<Entry>,
    venues: Vec<Choice>,
}

struct SquareView {
    name: String,
    svg: String,
    address: String,
    until: String,
}

struct Entry {
    id: String,
    name: String,
    lasts: String,
    records: String,
    is_enrolled: bool,
}

/// Lists them.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepScanners>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let form = ScannerForm::default();
    let outcome = Outcome {
        asked,
        ..Outcome::default()
    };
    scanners_page(&app, frame, &staff, &form, outcome).await
}

/// Makes one, and shows its square.
pub(super) async fn make(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepScanners>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<ScannerForm>,
) -> Result<Response, Problem> {
    let made = async {
        let scanner = NewScanner {
            name: form.name.clone(),
            venue: form.venue()?,
        };
        app.service.scanners.make(&staff, scanner).await
    };
    match made.await {
        Ok(square) => {
            let square = Some(square_view(&app, &frame, &headers, square)?);
            let outcome = Outcome {
                square,
                ..Outcome::default()
            };
            let blank = ScannerForm::default();
            scanners_page(&app, frame, &staff, &blank, outcome).await
        }
        Err(error) => {
            let outcome = Outcome::refused(refusal(error)?);
            scanners_page(&app, frame, &staff, &form, outcome).await
        }
    }
}

/// Ends one.
pub(super) async fn end(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepScanners>,
    InPath(WireText(id)): InPath<ScannerText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    match app.service.scanners.end(&staff, id).await {
        Ok(()) => Ok(go_to("/officer/scanners", None)),
        Err(error) => {
            let outcome = Outcome::refused(refusal(error)?);
            let blank = ScannerForm::default();
            scanners_page(&app, frame, &staff, &blank, outcome).await
        }
    }
}

#[derive(Default)]
struct Outcome {
    square: Option<SquareView>,
    error: Option<&'static str>,
    asked: ListAsked,
}

impl Outcome {
    fn refused(error: &'static str) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

impl ScannerForm {
    fn venue(&self) -> Result<Option<VenueId>, ServiceError> {
        match self.venue.trim() {
            "" => Ok(None),
            venue => Ok(Some(venue.parse().map_err(|_| ServiceError::UnknownVenue)?)),
        }
    }
}

/// The name of the text that says why not.
fn refusal(error: ServiceError) -> Result<&'static str, Problem> {
    Ok(match error {
        ServiceError::BadField { field: "name", .. } => "scanners-bad-name",
        ServiceError::UnknownVenue => "scanners-bad-venue",
        ServiceError::UnknownScanner => "scanners-unknown",
        ServiceError::StepUpNeeded => PASSKEY_FIRST,
        error => return Err(error.into()),
    })
}

fn square_view(
    app: &App,
    frame: &Frame,
    headers: &HeaderMap,
    square: Square,
) -> Result<SquareView, Problem> {
    let calendar = Calendar::or_utc(frame, app);
    let pass = square.pass.expose();
    let address = format!("{}/checkpoint/enrol#{pass}", origin(app, headers));
    Ok(SquareView {
        svg: picture_of_address(&address, &frame.t("scanners-square-alt"))?,
        until: calendar.date_time(square.ends_at),
        name: square.name,
        address,
    })
}

async fn scanners_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    form: &ScannerForm,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let (scanners, venues) = app.service.scanners.list(staff).await?;
    let calendar = Calendar::or_utc(&frame, app);
    let (scanners, next) = page_after(scanners, &outcome.asked, |one| one.id.to_string());
    let entry = |scanner: ScannerView| {
        let (text, is_enrolled) = match scanner.enrolled_at {
            Some(_) => ("scanners-lasts", true),
            None => ("scanners-waits", false),
        };
        Entry {
            id: scanner.id.to_string(),
            records: records(&frame, &scanner),
            name: scanner.name,
            lasts: frame.with(text, "when", &calendar.date_time(scanner.ends_at)),
            is_enrolled,
        }
    };
    let is_typed = outcome.error == Some(PASSKEY_FIRST);
    let drawn = ScannersPage {
        error: outcome.error,
        is_stale: must_show_passkey(app, staff) && !is_typed,
        is_typed,
        square: outcome.square,
        filter: ListFilter::new(&frame, "/officer/scanners", &[], &outcome.asked, next),
        scanners: scanners.into_iter().map(entry).collect(),
        venues: choices(&venues, &form.venue),
        form,
        frame: frame.clone(),
    };
    page_with(&drawn, drawn.error.is_some())
}

/// For which place a scanner records visits.
fn records(frame: &Frame, scanner: &ScannerView) -> String {
    match &scanner.venue {
        Some(venue) => frame.with("scanners-records", "venue", &venue.name),
        None => frame.t("scanners-records-none"),
    }
}

fn choices(venues: &[Venue], chosen: &str) -> Vec<Choice> {
    let choice = |venue: &Venue| {
        let id = venue.id.to_string();
        let is_chosen = id == chosen;
        Choice::new(id, venue.name.clone(), is_chosen)
    };
    venues.iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
    use crate::testing::{Answer, City, percent_encoded};

    #[test]
    fn the_page_renders_in_every_language_with_and_without_scanners() {
        let form = ScannerForm {
            name: "\"><b>".to_owned(),
            venue: String::new(),
        };
        for frame in frames() {
            for is_empty in [true, false] {
                let entry = Entry {
                    id: "0".repeat(32),
                    name: "<b>Gate".to_owned(),
                    lasts: "until".to_owned(),
                    records: "<b>Library".to_owned(),
                    is_enrolled: true,
                };
                let page = ScannersPage {
                    frame: frame.clone(),
                    form: &form,
                    error: is_empty.then_some("scanners-bad-name"),
                    is_stale: is_empty && frame.is_demo,
                    is_typed: !is_empty && frame.is_demo,
                    filter: {
                        let asked = ListAsked::default();
                        let next = (!is_empty).then(|| "0".repeat(32));
                        ListFilter::new(&frame, "/officer/scanners", &[], &asked, next)
                    },
                    square: (!is_empty).then(|| SquareView {
                        name: "<b>Gate".to_owned(),
                        svg: picture_of_address("https://code.example/checkpoint", "alt").unwrap(),
                        address: "code.example/checkpoint".to_owned(),
                        until: "soon".to_owned(),
                    }),
                    scanners: if is_empty { Vec::new() } else { vec![entry] },
                    venues: if is_empty {
                        Vec::new()
                    } else {
                        vec![Choice::new("1", "<b>Library".to_owned(), false)]
                    },
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
            for text in ["scanners-bad-venue", "scanners-unknown"] {
                assert!(!frame.t(text).contains('⟦'), "{text}");
            }
        }
    }

    async fn send(city: &City, session: &str, address: &str, form: &str) -> Answer {
        let ask = city.post(&format!("/officer/scanners{address}?lang=en"));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
    }

    /// What a camera reads in the square.
    fn address(page: &Answer) -> String {
        let after = page.text.split("/checkpoint/enrol#").nth(1);
        let pass = &after.unwrap_or_else(|| panic!("{page:?}"))[..97];
        format!("https://code.example/checkpoint/enrol#{pass}")
    }

    #[tokio::test]
    async fn a_guards_phone_is_a_scanner_after_one_press_and_records_visits_once() {
        let city = City::start().await;
        let lead = city
            .staff_with(AuthorityKind::Health, Role::CheckpointLead)
            .await;
        let venue = city.venue("Noodle bar").await;
        let nameless = send(&city, &lead, "", "name=+").await;
        assert!(
            nameless.text.contains("name of the scanner"),
            "{nameless:?}"
        );
        let made = send(&city, &lead, "", &format!("name=North&venue={venue}")).await;
        let address = address(&made);
        let (_, pass) = address.split_once('#').unwrap();
        let send_pass = |form: String| {
            let ask = city.post("/checkpoint/enrol?lang=en");
            ask.form(&form).into_future()
        };
        let enrol = || send_pass(format!("pass={pass}&is_sure=yes"));
        // A script sends the pass alone; without one somebody pastes the whole address. Both only ask.
        let pasted = format!("pass={}", percent_encoded(&address));
        for form in [format!("pass={pass}"), pasted.clone()] {
            let asked = send_pass(form).await;
            assert!(
                asked.text.contains("North") && asked.text.contains("Noodle bar"),
                "{asked:?}"
            );
        }
        let enrolled = enrol().await;
        assert_eq!(enrolled.status, 303, "{enrolled:?}");
        let device = enrolled.cookie("__Host-scanner").unwrap();
        let again = enrol().await;
        assert!(again.text.contains("used already"), "{again:?}");
        let again = send_pass(pasted).await;
        assert!(again.text.contains("used already"), "{again:?}");

        let gate = || {
            let ask = city.get("/checkpoint?lang=en");
            ask.cookie("__Host-scanner", &device).into_future()
        };
        assert!(
            gate()
                .await
                .text
                .contains("Visits to Noodle bar are recorded")
        );
        let ming = city.well_resident("Ming").await;
        let phone = city.phone(&ming, 7).await;
        let code = percent_encoded(&city.live_code(&ming, &phone).await);
        let at = city.now().as_second();
        let request = "7".repeat(32);
        let form = format!(
            "by=script&request={request}&venue={venue}&at={at}&temperature=36.8&code={code}"
        );
        let upload = |form: &str| {
            let ask = city.post("/checkpoint/visits");
            ask.cookie("__Host-scanner", &device)
                .form(form)
                .into_future()
        };
        for _ in 0..2 {
            let sent = upload(&form).await;
            assert_eq!(sent.json["is_taken"], true, "{sent:?}");
            assert!(!sent.text.contains("Ming"));
        }
        let diary = city.get("/me/visits?lang=en");
        let diary = diary.cookie(RESIDENT_COOKIE, &ming.session).await;
        assert_eq!(
            diary.text.matches("<strong><bdi>Noodle bar").count(),
            1,
            "{diary:?}"
        );
        assert!(diary.text.contains("36.8") && diary.text.contains("scanner at the door"));
        let file = city.post("/me/data").form("");
        let file = file.cookie(RESIDENT_COOKIE, &ming.session).await;
        assert_eq!(
            file.json["recorded_by_scanners"][0]["temperature"], "36.8",
            "{file:?}"
        );
        let too_hot = form.replace("36.8", "96.8").replace('7', "8");
        assert_eq!(upload(&too_hot).await.status, 422);
        let elsewhere = form
            .replace(&venue, &"5".repeat(32))
            .replace("request=7", "request=6");
        assert_eq!(upload(&elsewhere).await.json["is_taken"], false);

        let list = city.get("/officer/scanners?lang=en");
        let list = list.cookie(SECURE_STAFF_COOKIE, &lead).await;
        let id = list.text.split("/officer/scanners/").nth(1).unwrap()[..32].to_owned();
        let off = send(&city, &lead, &format!("/{id}/venue"), "venue=").await;
        assert_eq!(off.status, 303, "{off:?}");
        assert!(
            !gate()
                .await
                .text
                .contains("Visits to Noodle bar are recorded")
        );
        let told = city
            .get("/checkpoint/scanner")
            .cookie("__Host-scanner", &device);
        assert_eq!(told.await.json["venue"], serde_json::Value::Null);
        let ended = send(&city, &lead, &format!("/{id}/end"), "").await;
        assert_eq!(ended.status, 303, "{ended:?}");
        let again = send(&city, &lead, &format!("/{id}/end"), "").await;
        assert!(again.text.contains("no such scanner any more"), "{again:?}");
        assert_eq!(upload(&form).await.status, 401);
        let told = city
            .get("/checkpoint/scanner")
            .cookie("__Host-scanner", &device);
        assert_eq!(told.await.status, 401);
        assert_eq!(gate().await.status, 200, "it checks codes, as anybody may");
    }
}
