//! The pages people see: plain server-rendered HTML that works without a script, on a small phone,
//! and by ear. Each page is a struct; its template shows that struct and nothing else.

mod account_sign_in;
mod alarms;
mod answer_appeals;
mod answers;
mod appeals;
mod batches;
mod card;
mod case;
mod checkpoint;
mod choice;
mod contradictions;
mod dates;
mod declare;
mod demo;
mod facts;
mod feeds;
mod form_errors;
mod history;
mod installable;
mod invitation;
mod live;
mod log;
mod office;
mod officer;
mod orders;
mod own_data;
mod people;
mod phone;
mod proposals;
mod propose;
mod propose_levels;
mod providers;
mod reason;
mod records;
mod register;
mod resident;
mod rules;
mod security;
mod settle_contradictions;
mod staff;
mod staff_account;
mod staff_members;
mod statistics;
mod status_style;
mod step_up;
mod text_language;
mod venues;
mod visit;
mod waiting;
mod ways_out;
mod whose;
mod why;

use std::convert::Infallible;

use askama::Template;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::{Policy, policy};
use service::credential::{BadQr, Qr};

use self::step_up::Place;
use crate::App;
use crate::cookie;
use crate::language::{Language, Preferred};
use crate::middleware;
use crate::principal::resident_cookie;
use crate::problem::{Problem, ProblemType};

/// The pages with their addresses. The addresses are listed, so that a test can hold them against
/// the table of who may do what.
pub(crate) struct Routes {
    pub(crate) router: Router<App>,
    pub(crate) list: Vec<(&'static str, &'static str)>,
}

impl Routes {
    fn get<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, handler: H) -> Self {
        self.list.push(("GET", path));
        Self {
            router: self.router.route(path, get(handler)),
            ..self
        }
    }

    fn post<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, handler: H) -> Self {
        self.list.push(("POST", path));
        Self {
            router: self.router.route(path, post(handler)),
            ..self
        }
    }
}

/// Every page.
pub(crate) fn routes(app: &App) -> Routes {
    let pages = Routes {
        router: Router::new(),
        list: Vec::new(),
    }
    .get("/", demo::home)
    .get("/rules", rules::show)
    .get("/stats", statistics::show)
    .get("/log", log::show)
    .get("/log/checkpoint", log::checkpoint)
    .get("/log/tile/{*path}", log::tile)
    .post("/log/cosignature", log::cosign)
    .get("/register", register::show)
    .post("/register", register::register)
    .get("/declare", declare::show)
    .post("/declare", declare::declare)
    .get("/me", resident::show)
    .get("/me/pulse", resident::pulse)
    .get("/me/why", why::show)
    .get("/me/history", history::show)
    .get("/me/data", own_data::show)
    .post("/me/data", own_data::export)
    .get("/offline", installable::offline)
    .get("/worker.js", installable::worker)
    .get("/manifest.webmanifest", installable::manifest)
    .get("/me/card", card::show)
    .post("/me/phone", live::enrol)
    .post("/me/phone/{device}/assertion", live::assertion)
    .get("/me/prove-phone", phone::show)
    .post("/me/prove-phone/send", phone::send)
    .post("/me/prove-phone", phone::prove)
    .get("/me/security", security::show)
    .post("/me/security", security::end)
    .get("/me/people", people::show)
    .post("/me/people", people::change)
    .get("/sign-in", account_sign_in::show)
    .post("/sign-in", account_sign_in::ask)
    .post("/sign-in/code", account_sign_in::confirm)
    .post("/sign-out", account_sign_in::sign_out)
    .get("/checkpoint", checkpoint::show)
    .get("/checkpoint/answers", checkpoint::answers)
    .get("/checkpoint/knowledge", checkpoint::knowledge)
    .post("/checkpoint", checkpoint::check)
    .get("/sign-in/{provider}", providers::show)
    .get("/sign-in/{provider}/start", providers::start)
    .get("/sign-in/{provider}/bind", providers::bind)
    .get("/sign-in/{provider}/callback", providers::callback)
    .get("/staff/sign-in", staff::show)
    .post("/staff/sign-in", staff::sign_in)
    .post("/staff/sign-out", staff::sign_out)
    .get("/staff/invitation", invitation::show)
    .post("/staff/invitation", invitation::ask)
    .post("/staff/invitation/{provider}", invitation::leave)
    .post("/staff/passkey", invitation::register)
    .get("/officer", officer::show)
    .post("/officer", officer::confirm)
    .get("/officer/cases/{person}/{diagnosis}", case::show)
    .get("/officer/stats", statistics::show_whole)
    .get("/officer/log", log::entries)
    .get("/officer/records", records::show)
    .post("/officer/records", records::open)
    .get("/officer/proposals", proposals::list)
    .get("/officer/propose", propose::show)
    .post(
        "/officer/propose/policy",
        propose::policy.layer(middleware::for_lists()),
    )
    .post(
        "/officer/propose/levels",
        propose::levels.layer(middleware::for_lists()),
    )
    .get("/officer/proposals/{proposal}", proposals::show)
    .post("/officer/proposals/{proposal}", proposals::decide)
    .get("/officer/orders", orders::show)
    .post("/officer/orders", orders::propose)
    .post("/officer/orders/{order}", orders::decide)
    .get("/officer/batches", batches::show)
    .post("/officer/batches/{batch}", batches::decide)
    .get("/me/appeals", appeals::list)
    .get("/me/appeals/new", appeals::show)
    .post(
        "/me/appeals/new",
        appeals::file.layer(middleware::for_lists()),
    )
    .get("/me/appeals/{appeal}/file", appeals::own_file)
    .get("/officer/appeals", answer_appeals::list)
    .get("/officer/appeals/{person}/{appeal}", answer_appeals::show)
    .post("/officer/appeals/{person}/{appeal}", answer_appeals::answer)
    .get(
        "/officer/appeals/{person}/{appeal}/file",
        answer_appeals::file,
    )
    .get("/me/contradictions", contradictions::list)
    .post("/me/contradictions/{contradiction}", contradictions::say)
    .get("/officer/contradictions", settle_contradictions::list)
    .get(
        "/officer/contradictions/{person}/{contradiction}",
        settle_contradictions::show,
    )
    .post(
        "/officer/contradictions/{person}/{contradiction}",
        settle_contradictions::press,
    )
    .get("/officer/waiting", waiting::list)
    .get("/officer/waiting/{person}", waiting::show)
    .post("/officer/waiting/{person}", waiting::decide)
    .get("/officer/alarms", alarms::show)
    .post("/officer/alarms/{alarm}", alarms::acknowledge)
    .get("/officer/staff", staff_members::show)
    .post("/officer/staff/propose", staff_members::propose)
    .post("/officer/staff/proposals/{proposal}", staff_members::decide)
    .post(
        "/officer/staff/proposals/{proposal}/half",
        staff_members::renew_half,
    )
    .post("/officer/staff/{staff}/end", staff_members::end)
    .get("/officer/account", staff_account::show)
    .post("/officer/account/end", staff_account::end)
    .post("/officer/account/token", staff_account::make_token)
    .get("/visit", visit::show)
    .post("/visit", visit::press)
    .get("/venue-screen", venues::screen)
    .get("/officer/venues", venues::show)
    .post("/officer/venues", venues::add)
    .post("/officer/venues/screen", venues::open)
    .get("/officer/office", office::show)
    .post("/officer/office", office::press)
    .post("/officer/office/card", office::card)
    .post(
        "/officer/account/providers/{provider}/remove",
        staff_account::unbind,
    )
    .get("/officer/feeds", feeds::show)
    .post("/officer/feeds", feeds::make)
    .post("/officer/feeds/proposals/{proposal}", feeds::decide)
    .post("/officer/feeds/{feed}/renew", feeds::renew)
    .post("/officer/feeds/{feed}/end", feeds::end);
    if app.settings.demo.is_none() {
        return pages;
    }
    pages
        .post("/demo/resident", demo::open_resident)
        .post("/demo/officer", staff::open_officer)
        .post("/demo/scan", checkpoint::scan_persona)
}

/// What every page shows around its content.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The language of the page.
    pub(crate) language: Language,
    /// Whether the demonstration runs.
    pub(crate) is_demo: bool,
    /// Whether the browser presents a resident's session; whether it lasts is not asked.
    pub(crate) has_session: bool,
    /// The person on the account whom the address names, in place of the account's own.
    pub(crate) person: Option<String>,
    pane: &'static str,
    /// Where the sign-in page sends somebody back to.
    place: Place,
}

impl Frame {
    /// The text called `id`.
    pub(crate) fn t(&self, id: &str) -> String {
        self.language.text(id)
    }

    /// The text called `id` with one value filled in.
    pub(crate) fn with(&self, id: &str, name: &str, value: &str) -> String {
        self.language.with(id, name, value.to_owned())
    }

    /// The text called `id` with a number filled in, in the form that the number asks for.
    pub(crate) fn count(&self, id: &str, count: &u32) -> String {
        self.language.with(id, "count", *count)
    }

    /// The language in which the page shows a policy's texts: its own, or else the policy's first.
    pub(crate) fn language_of<'p>(&self, policy: &'p Policy) -> Option<&'p policy::Language> {
        let own = policy.language(self.language.tag());
        own.or_else(|| policy.languages().first())
    }

    /// Whether the page belongs to this part of the demonstration.
    pub(crate) fn is_at(&self, pane: &str) -> bool {
        self.pane == pane
    }

    /// Where somebody who is not signed in can do so, if the page is about who is.
    pub(crate) fn sign_in_address(&self) -> Option<&'static str> {
        match self.pane {
            // The demonstration signs in with one press.
            "resident" if self.is_demo => Some("/"),
            "resident" => Some("/sign-in"),
            "officer" => Some("/staff/sign-in"),
            _ => None,
        }
    }

    /// The address of a page of a resident, about the same person as this one.
    pub(crate) fn to(&self, path: &str) -> String {
        match &self.person {
            Some(person) => format!("{path}?person={person}"),
            None => path.to_owned(),
        }
    }

    /// The address of this page in another language.
    pub(crate) fn in_language(&self, language: &Language) -> String {
        let person = self.person.iter().map(|person| format!("&person={person}"));
        format!("?lang={}{}", language.tag(), person.collect::<String>())
    }

    /// Where a staff member shows their passkey again and comes back.
    pub(crate) fn step_up_address(&self) -> String {
        format!("/staff/sign-in?then={}", self.place.word())
    }

    /// What a page shows around its content when a request asks for it.
    pub(crate) fn new(uri: &Uri, headers: &HeaderMap, app: &App) -> Self {
        let path = uri.path();
        let first = path.split('/').nth(1).unwrap_or_default();
        let pane = match first {
            "me" | "declare" | "register" | "sign-in" | "visit" => "resident",
            "checkpoint" => "checkpoint",
            "officer" | "staff" => "officer",
            "demo" if path == "/demo/scan" => "checkpoint",
            _ => "",
        };
        Self {
            language: Preferred::from_request(uri.query(), headers).page(),
            is_demo: app.settings.demo.is_some(),
            has_session: cookie::value(headers, resident_cookie(&app.settings)).is_some(),
            person: person_in(uri.query()),
            pane,
            place: Place::of(path),
        }
    }
}

/// The person whom `?person=` names, as far as it can be one.
fn person_in(query: Option<&str>) -> Option<String> {
    let mut pairs = query.unwrap_or_default().split('&');
    let person: domain::PersonId = pairs
        .find_map(|pair| pair.strip_prefix("person="))?
        .parse()
        .ok()?;
    Some(person.to_string())
}

impl FromRequestParts<App> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::new(&parts.uri, &parts.headers, app))
    }
}

/// Renders a page. Pages are about one person and one time, so that no cache may keep a copy.
pub(crate) fn page(template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| {
        Problem::caused_by(ProblemType::Internal, "The page cannot be drawn.", &error)
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response())
}

/// A code as a picture, read aloud as `title`.
fn picture(code: &str, title: &str) -> Result<String, Problem> {
    drawn(Qr::new(code), title)
}

/// An address as a picture that a camera opens, read aloud as `title`.
fn picture_of_address(address: &str, title: &str) -> Result<String, Problem> {
    drawn(Qr::of_address(address), title)
}

fn drawn(picture: Result<Qr, BadQr>, title: &str) -> Result<String, Problem> {
    let picture = picture.map_err(|error| {
        Problem::caused_by(ProblemType::Internal, "The code cannot be drawn.", &error)
    })?;
    Ok(picture.svg(title))
}

/// Sends the browser on to a page of ours, with a cookie if one is given.
fn go_to(address: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = axum::response::Redirect::to(address).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) use super::answers::REFUSAL_WORDS;

    /// The frames in which every template is tried.
    pub(crate) fn frames() -> impl Iterator<Item = Frame> {
        let languages = Language::ALL.into_iter();
        languages.flat_map(|language| {
            [false, true].map(|is_demo| Frame {
                language,
                is_demo,
                has_session: is_demo,
                person: is_demo.then(|| "7".repeat(32)),
                pane: "resident",
                place: Place::Staff,
            })
        })
    }

    /// Checks what must be so on every page, whatever it shows.
    pub(crate) fn assert_sound(frame: &Frame, template: &impl Template) -> String {
        let html = template.render().expect("the page renders");
        assert!(!html.contains('⟦'), "a text is missing: {html}");
        assert!(
            html.contains(&format!(
                "<html lang=\"{}\" dir=\"{}\"",
                frame.language.html(),
                frame.language.direction()
            )),
            "{html}"
        );
        assert!(html.contains("<main id=\"content\""), "{html}");
        for outside in [
            "http://", "https://", " style=", "<style", " onclick", "<script>",
        ] {
            let found = html
                .replace("http://www.w3.org/2000/svg", "")
                .contains(outside);
            assert!(
                !found,
                "{outside} is on the page, which the content policy forbids"
            );
        }
        assert_eq!(html.matches("<h1").count(), 1, "one first heading: {html}");
        for (attribute, opens) in [
            ("href", "href=\"#"),
            ("aria-describedby", "aria-describedby=\""),
        ] {
            for rest in html.split(opens).skip(1) {
                let (ids, _) = rest.split_once('"').expect("an attribute ends");
                for id in ids.split_whitespace() {
                    let target = format!(" id=\"{id}\"");
                    assert!(html.contains(&target), "{attribute} leads to {id}: {html}");
                }
            }
        }
        for other in frame.language.others() {
            assert!(
                html.contains(other.own_name()),
                "the switch offers {other:?}"
            );
        }
        html
    }
}
