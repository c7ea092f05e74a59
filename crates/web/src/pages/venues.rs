//! Places with a sign on a screen: opening the screen at the desk, and what it shows at the door.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::Response;
use domain::VenueId;
use serde::Deserialize;
use service::{NewVenue, QueuePage, ScreenPass, ServiceError, Staff, Venue};

use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter};
use super::staff::end_earlier;
use super::{Frame, go_to, page, page_with, picture_of_address};
use crate::App;
use crate::cookie;
use crate::principal::{StaffMay, act, staff_cookie};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the screen's browser keeps.
const SCREEN: &str = "screen";
const SCREEN_DAYS: u32 = 7;

/// A place to add, or one whose screen is opened.
#[derive(Default, Deserialize)]
pub(super) struct VenueForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    venue: String,
    /// The identifier that the place to add is given, so that a repeat adds none.
    #[serde(default)]
    new_venue: String,
    others: Option<String>,
}

/// The place whose screen is to be opened.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    venue: String,
}

/// What stands on the page besides the forms.
#[derive(Default)]
struct Drawn {
    error: Option<&'static str>,
    /// The place that was just added.
    added: Option<String>,
    asked: ListAsked,
}

impl Drawn {
    fn refused(error: &'static str) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

#[derive(Template)]
#[template(path = "venues.html")]
struct VenuesPage<'f> {
    frame: Frame,
    form: &'f VenueForm,
    error: Option<&'static str>,
    /// The identifier of the place that was just added.
    added: Option<String>,
    new_venue: String,
    filter: ListFilter,
    venues: Vec<Line>,
}

/// A place in the list.
struct Line {
    id: String,
    name: String,
    region: String,
    /// The name of the text that says how its sign is shown.
    sign: &'static str,
}

/// How the sign of a place is shown, and the names of the texts.
const STATES: [(&str, &str); 2] = [
    ("screen", "venues-sign-screen"),
    ("printed", "venues-sign-printed"),
];

#[derive(Template)]
#[template(path = "venue_screen.html")]
struct ScreenPage {
    frame: Frame,
    /// `None`: the screen has run out or was ended.
    shown: Option<ShownView>,
}

struct ShownView {
    venue: String,
    svg: String,
    made: String,
    ends: String,
}

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepVenues>,
    Query(asked): Query<ListAsked>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let form = VenueForm {
        venue: chosen.venue,
        ..VenueForm::default()
    };
    let drawn = Drawn {
        asked,
        ..Drawn::default()
    };
    venues_page(&app, frame, &staff, (&form, drawn)).await
}

/// Adds a place.
pub(super) async fn add(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepVenues>,
    SameOriginForm(form): SameOriginForm<VenueForm>,
) -> Result<Response, Problem> {
    let mut id = form.new_venue.parse().ok();
    if let Some(given) = id {
        match app.service.visits.venue(given).await {
            // A repeat adds nothing.
            Ok(known) if known.name == form.name.trim() => {
                return added(&app, frame, &staff, (known.id, known.name)).await;
            }
            // A form that came back and says something else adds another place.
            Ok(_) => id = None,
            Err(ServiceError::UnknownVenue) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let venue = NewVenue {
        id,
        name: form.name.clone(),
        category: None,
        region: None,
        sign: None,
    };
    match app.service.visits.put_venue(&staff, venue).await {
        Ok(venue) => added(&app, frame, &staff, (venue.id, venue.name)).await,
        Err(ServiceError::BadField { field: "name", .. }) => {
            let drawn = Drawn::refused("venues-bad-name");
            venues_page(&app, frame, &staff, (&form, drawn)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn added(
    app: &App,
    frame: Frame,
    staff: &Staff,
    (id, name): (VenueId, String),
) -> Result<Response, Problem> {
    let form = VenueForm {
        venue: id.to_string(),
        ..VenueForm::default()
    };
    let drawn = Drawn {
        added: Some(name),
        ..Drawn::default()
    };
    venues_page(app, frame, staff, (&form, drawn)).await
}

/// Makes this browser the screen of a place. The staff member is signed out of it: it hangs at a door.
pub(super) async fn open(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepVenues>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<VenueForm>,
) -> Result<Response, Problem> {
    let pass = match open_screen(&app, &staff, &form).await {
        Ok(pass) => pass,
        Err(ServiceError::UnknownVenue) => {
            let drawn = Drawn::refused("venues-unknown");
            return venues_page(&app, frame, &staff, (&form, drawn)).await;
        }
        Err(error) => return Err(error.into()),
    };
    end_earlier(&app, &headers).await?;
    let secure = app.settings.secure_cookies;
    let name = screen_cookie(secure);
    let mut answer = go_to(
        "/venue-screen",
        cookie::set(name, &pass.expose(), SCREEN_DAYS, secure),
    );
    if let Some(cleared) = cookie::clear(staff_cookie(&app.settings), secure) {
        answer.headers_mut().append(header::SET_COOKIE, cleared);
    }
    Ok(answer)
}

async fn open_screen(
    app: &App,
    staff: &Staff,
    form: &VenueForm,
) -> Result<ScreenPass, ServiceError> {
    let venue: Result<VenueId, _> = form.venue.trim().parse();
    let venue = venue.map_err(|_| ServiceError::UnknownVenue)?;
    let visits = &app.service.visits;
    visits
        .open_screen(staff, venue, form.others.is_some())
        .await
}

/// What hangs at the door. It renews itself, with a script or without.
pub(super) async fn screen(
    State(app): State<App>,
    frame: Frame,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = screen_cookie(app.settings.secure_cookies);
    let pass = cookie::value(&headers, name).and_then(|text| text.parse::<ScreenPass>().ok());
    let Some(pass) = pass else {
        return page(&ScreenPage { frame, shown: None });
    };
    let shown = match app.service.visits.sign_on(&pass).await {
        Ok(shown) => shown,
        Err(ServiceError::NotAuthenticated) => return page(&ScreenPage { frame, shown: None }),
        Err(error) => return Err(error.into()),
    };
    let calendar = Calendar::or_utc(&frame, &app);
    let address = here(&app, &headers, &shown.sign.to_string());
    let view = ShownView {
        svg: picture_of_address(&address, &frame.t("screen-alt"))?,
        venue: shown.venue_name,
        made: calendar.date_time(app.service.now()),
        ends: calendar.date_time(shown.screen_ends_at),
    };
    page(&ScreenPage {
        frame,
        shown: Some(view),
    })
}

/// The address in the square: a camera opens it.
fn here(app: &App, headers: &HeaderMap, sign: &str) -> String {
    format!("{}/visit?sign={sign}", origin(app, headers))
}

/// Where these pages are. The name of the host was checked at the edge.
pub(super) fn origin(app: &App, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let secure = app.settings.secure_cookies;
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or_default())
}

const fn screen_cookie(secure: bool) -> &'static str {
    if secure { "__Host-screen" } else { SCREEN }
}

async fn venues_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    (form, drawn): (&VenueForm, Drawn),
) -> Result<Response, Problem> {
    let kept = form.new_venue.parse();
    let new_venue = kept.unwrap_or_else(|_| VenueId::generate(&*app.settings.ids));
    let asked = &drawn.asked;
    let found = match asked.region() {
        // What was typed is no region: nothing is looked for.
        Err(()) => QueuePage::EMPTY,
        Ok(region) => {
            let has_screen = asked.state(&[true, false], |is_screen| {
                STATES[usize::from(!is_screen)].0
            });
            let after = asked.after.parse().ok();
            let visits = &app.service.visits;
            visits.venues_of(staff, region, has_screen, after).await?
        }
    };
    let next = found.next.map(|id| id.to_string());
    let filter = ListFilter::new(&frame, "/officer/venues", &STATES, asked, next);
    let filter = filter.by_region(asked);
    let is_refused = filter.is_refused();
    let drawn = VenuesPage {
        venues: found.lines.into_iter().map(line).collect(),
        filter,
        frame,
        new_venue: new_venue.to_string(),
        form,
        error: drawn.error,
        added: drawn.added,
    };
    page_with(&drawn, is_refused)
}

fn line(venue: Venue) -> Line {
    Line {
        id: venue.id.to_string(),
        name: venue.name,
        region: venue
            .region
            .map(|region| region.to_string())
            .unwrap_or_default(),
        sign: STATES[usize::from(venue.sign_number.is_none())].1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn the_pages_render_in_every_language() {
        let form = VenueForm {
            name: "\"><b>".to_owned(),
            ..VenueForm::default()
        };
        for frame in frames() {
            for error in [None, Some("venues-bad-name"), Some("venues-unknown")] {
                let page = VenuesPage {
                    frame: frame.clone(),
                    form: &form,
                    error,
                    added: error.is_none().then(|| "<b>".to_owned()),
                    new_venue: "0".repeat(32),
                    filter: {
                        let asked = ListAsked::default();
                        let filter =
                            ListFilter::new(&frame, "/officer/venues", &STATES, &asked, None);
                        filter.by_region(&asked)
                    },
                    venues: vec![Line {
                        id: "1".repeat(32),
                        name: "\"><b>".to_owned(),
                        region: "3301".to_owned(),
                        sign: STATES[0].1,
                    }],
                };
                assert!(!assert_sound(&frame, &page).contains("<b>\""));
                let shown = error.is_none().then(|| ShownView {
                    venue: "<b>Noodles".to_owned(),
                    svg: picture_of_address("https://code.example/visit", "alt").unwrap(),
                    made: "now".to_owned(),
                    ends: "in a week".to_owned(),
                });
                let page = ScreenPage {
                    frame: frame.clone(),
                    shown,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>Noodles"));
            }
        }
    }

    #[tokio::test]
    async fn a_screen_shows_a_sign_that_changes_and_the_desk_is_closed_there() {
        let city = City::start().await;
        let post = |address: &str, form: &str| {
            let ask = city.post(&format!("{address}?lang=en"));
            let ask = ask.cookie(SECURE_STAFF_COOKIE, &city.health);
            ask.form(form).into_future()
        };
        let nameless = post("/officer/venues", "name=+").await;
        assert!(nameless.text.contains("name of the place"), "{nameless:?}");
        let unknown = post("/officer/venues/screen", "venue=nonsense").await;
        assert!(unknown.text.contains("no such place"), "{unknown:?}");
        let form = format!("name=Noodle+bar&new_venue={}", "5".repeat(32));
        let added = post("/officer/venues", &form).await;
        let id = |page: &Answer| {
            let venue = page.text.split("name=\"venue\"").nth(1).unwrap();
            venue.split("value=\"").nth(1).unwrap()[..32].to_owned()
        };
        let venue = id(&added);
        let pressed_twice = post("/officer/venues", &form).await;
        assert_eq!(id(&pressed_twice), venue, "one place");
        let list = |query: &str| {
            let ask = city.get(&format!("/officer/venues?lang=en{query}"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health).into_future()
        };
        let link = format!("<a href=\"/officer/venues?venue={venue}\">");
        for (query, is_there) in [
            ("", true),
            ("&state=printed", true),
            ("&state=screen", false),
            ("&in=42", false),
        ] {
            let page = list(query).await;
            assert_eq!(page.text.contains(&link), is_there, "{query}: {page:?}");
        }
        assert_eq!(id(&list(&format!("&venue={venue}")).await), venue);
        assert_eq!(list("&in=4x").await.status, 422);
        let opened = post("/officer/venues/screen", &format!("venue={venue}")).await;
        assert_eq!(opened.status, 303, "{opened:?}");
        let pass = opened.cookie("__Host-screen").unwrap();
        let desk = city
            .get("/officer")
            .cookie(SECURE_STAFF_COOKIE, &city.health);
        assert_eq!(desk.await.status, 303, "signed out");
        let show = || {
            let ask = city
                .get("/venue-screen?lang=en")
                .header("host", "code.example");
            ask.cookie("__Host-screen", &pass).into_future()
        };
        let first = show().await;
        assert!(first.text.contains("Noodle bar") && first.text.contains("<svg"));
        assert!(first.text.contains("http-equiv=\"refresh\""), "{first:?}");
        city.later(1);
        assert_ne!(show().await.text, first.text);
        city.later(8 * 24 * 60);
        assert!(show().await.text.contains("has run out"));
        let without = city.get("/venue-screen?lang=en").await;
        assert!(without.text.contains("has run out"), "{without:?}");
    }
}
