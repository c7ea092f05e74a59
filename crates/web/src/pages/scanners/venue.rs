//! `/officer/scanners/{scanner}/venue`: for which place one scanner records visits. The choice of all places
//! stands on a page of its own, so that the list of scanners stays short.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::ScannerId;
use service::{ServiceError, Staff};

use super::super::choice::Choice;
use super::super::step_up::must_show_passkey;
use super::super::{Frame, go_to, page_with};
use super::{Outcome, PASSKEY_FIRST, ScannerForm, choices, records, refusal, scanners_page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ScannerText, WireText};

#[derive(Template)]
#[template(path = "officer_scanner_venue.html")]
struct VenuePage {
    frame: Frame,
    id: String,
    name: String,
    records: String,
    error: Option<&'static str>,
    /// Whether the passkey must be shown before it is changed.
    is_stale: bool,
    venues: Vec<Choice>,
}

/// Shows the places to choose from.
pub(in crate::pages) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepScanners>,
    InPath(WireText(id)): InPath<ScannerText>,
) -> Result<Response, Problem> {
    venue_page(&app, frame, &staff, id, None).await
}

/// Has the scanner record visits to another venue, or to none.
pub(in crate::pages) async fn record_visits(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepScanners>,
    InPath(WireText(id)): InPath<ScannerText>,
    SameOriginForm(form): SameOriginForm<ScannerForm>,
) -> Result<Response, Problem> {
    let scanners = &app.service.scanners;
    let changed = async { scanners.record_visits(&staff, id, form.venue()?).await };
    match changed.await {
        Ok(()) => Ok(go_to("/officer/scanners", None)),
        Err(error @ ServiceError::UnknownScanner) => {
            let (blank, outcome) = (ScannerForm::default(), Outcome::refused(refusal(error)?));
            scanners_page(&app, frame, &staff, &blank, outcome).await
        }
        Err(error) => {
            let refused = Some((refusal(error)?, &*form.venue));
            venue_page(&app, frame, &staff, id, refused).await
        }
    }
}

/// The page, with why nothing was changed and what was chosen.
async fn venue_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    id: ScannerId,
    refused: Option<(&'static str, &str)>,
) -> Result<Response, Problem> {
    let (scanners, venues) = app.service.scanners.list(staff).await?;
    let scanner = scanners.into_iter().find(|one| one.id == id);
    let scanner = scanner.ok_or(ServiceError::UnknownScanner)?;
    let own = scanner.venue.as_ref().map(|venue| venue.id.to_string());
    let (error, chosen) = refused.unzip();
    let drawn = VenuePage {
        id: scanner.id.to_string(),
        records: records(&frame, &scanner),
        name: scanner.name,
        error,
        is_stale: error == Some(PASSKEY_FIRST) || must_show_passkey(app, staff),
        venues: choices(&venues, chosen.unwrap_or(&own.unwrap_or_default())),
        frame,
    };
    page_with(&drawn, drawn.error.is_some())
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use service::NewScanner;

    use super::super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for error in [None, Some("scanners-bad-venue"), Some(PASSKEY_FIRST)] {
                let page = VenuePage {
                    frame: frame.clone(),
                    id: "0".repeat(32),
                    name: "<b>Gate".to_owned(),
                    records: "<b>Library".to_owned(),
                    is_stale: error.is_some(),
                    error,
                    venues: vec![Choice::new("1", "<b>Library".to_owned(), true)],
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn many_scanners_are_pages_of_fifty_and_places_are_chosen_for_one_at_a_time() {
        let city = City::start().await;
        let lead = city
            .staff_with(AuthorityKind::Health, Role::CheckpointLead)
            .await;
        let access = &city.service.access;
        let staff = access.staff_program(&lead.parse().unwrap()).await.unwrap();
        let mut venues = Vec::new();
        for number in 0..60 {
            let venue = city.venue(&format!("Hall {number}")).await;
            let scanner = NewScanner {
                name: format!("Gate {number:02}"),
                venue: venue.parse().ok(),
            };
            city.service.scanners.make(&staff, scanner).await.unwrap();
            venues.push(venue);
        }
        let read = async |address: &str| {
            let page = city.get(address).cookie(SECURE_STAFF_COOKIE, &lead).await;
            assert_eq!(page.status, 200, "{page:?}");
            page.text
        };
        let ids = |page: &str| -> Vec<String> {
            let forms = page.split("action=\"/officer/scanners/").skip(1);
            forms.map(|form| form[..32].to_owned()).collect()
        };
        let first = read("/officer/scanners?lang=en").await;
        assert!(first.len() <= 100_000, "{}", first.len());
        assert_eq!(
            first.matches("<select").count(),
            1,
            "for a new one: {first}"
        );
        let (_, next) = first.split_once("rel=\"next\" href=\"").unwrap();
        let next = next.split('"').next().unwrap().replace("&#38;", "&");
        let second = read(&next).await;
        let mut all = [ids(&first), ids(&second)].concat();
        assert_eq!(
            (ids(&first).len(), ids(&second).len()),
            (50, 10),
            "{second}"
        );
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 60);

        let address = format!("/officer/scanners/{}/venue", all[0]);
        let page = read(&format!("{address}?lang=en")).await;
        assert!(
            page.contains("<h1>Gate ") && page.contains("Hall 59"),
            "{page}"
        );
        let send = async |session: &str, form: &str| {
            let ask = city.post(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
        };
        let other = send(&lead, &format!("venue={}", "5".repeat(32))).await;
        assert_eq!(other.status, 422);
        assert!(
            other.text.contains("belongs to another office"),
            "{other:?}"
        );
        city.later(6);
        let form = format!("venue={}", venues[7]);
        let stale = send(&lead, &form).await;
        let chosen = format!("value=\"{}\" selected", venues[7]);
        let in_another_tab = "href=\"/staff/sign-in?then=scanners\" target=\"_blank\"";
        for kept in [&*chosen, in_another_tab, "Nothing was done yet"] {
            assert!(stale.text.contains(kept), "{kept}: {stale:?}");
        }
        // As the passkey that was shown in another tab.
        let again = city.browser_of(staff.id()).await;
        assert_eq!(send(&again, &form).await.status, 303);
        let gone = city.get(&format!("/officer/scanners/{}/venue", "7".repeat(32)));
        assert_eq!(gone.cookie(SECURE_STAFF_COOKIE, &lead).await.status, 404);
    }
}
