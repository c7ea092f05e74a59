//! The pages people see: plain server-rendered HTML that works without a script, on a small phone,
//! and by ear. Each page is a struct; its template shows that struct and nothing else.

mod account_sign_in;
mod alarms;
mod answer_appeals;
mod answers;
mod appeals;
mod at_gate;
mod batches;
mod card;
mod case;
mod cases;
mod chart;
mod checkpoint;
mod choice;
mod contradictions;
mod dates;
mod declare;
mod deleting;
mod demo;
mod demo_desk;
mod desk_menu;
mod enter_case;
mod facts;
mod feeds;
mod form_errors;
mod glitches;
mod history;
mod import;
mod installable;
mod invitation;
mod journeys;
mod levels;
mod list_filter;
mod live;
mod log;
mod office;
mod orders;
mod own_data;
mod own_visits;
mod people;
mod phone;
mod policy_check;
mod proposals;
mod propose;
mod propose_levels;
mod providers;
mod reason;
mod records;
mod register;
mod report_glitch;
mod resident;
mod routes;
mod rule_words;
mod rules;
mod rules_versions;
mod scanners;
mod security;
mod settle_contradictions;
mod staff;
mod staff_account;
mod staff_members;
mod statistics;
mod status_style;
mod step_up;
mod take_back;
mod text_language;
mod tiles;
mod today;
mod venues;
mod visit;
mod waiting;
mod ways_out;
mod whose;
mod why;
mod window;

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use domain::{Policy, RequestKey, policy};
use service::credential::{BadQr, Qr};

use self::desk_menu::DeskLink;
pub(crate) use self::routes::routes;
use self::step_up::Place;
use crate::App;
use crate::cookie;
use crate::language::{Language, Preferred};
use crate::principal::resident_cookie;
use crate::problem::{Problem, ProblemType};

/// What every page shows around its content.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The language of the page.
    pub(crate) language: Language,
    /// Whether the demonstration runs.
    pub(crate) is_demo: bool,
    /// The time in the demonstration, in Unix seconds: scripts there go by it.
    pub(crate) demo_now: i64,
    /// Whether the browser presents a resident's session; whether it lasts is not asked.
    pub(crate) has_session: bool,
    /// The person on the account whom the address names, in place of the account's own.
    pub(crate) person: Option<String>,
    /// The pages of the desk that the staff member signed in there may open; none anywhere else.
    desk: Vec<DeskLink>,
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

    /// Whether somebody is signed in at the desk, whose pages are wide.
    pub(crate) fn is_desk(&self) -> bool {
        !self.desk.is_empty()
    }

    /// The menu of the desk.
    pub(crate) fn desk_links(&self) -> &[DeskLink] {
        &self.desk
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
            demo_now: app.service.now().as_second(),
            has_session: cookie::value(headers, resident_cookie(&app.settings)).is_some(),
            person: person_in(uri.query()),
            desk: Vec::new(),
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
        let mut frame = Self::new(&parts.uri, &parts.headers, app);
        if parts.uri.path().starts_with("/officer") {
            frame.desk = desk_menu::of(parts, app).await;
        }
        Ok(frame)
    }
}

/// Renders a page. Pages are about one person and one time, so that no cache may keep a copy.
pub(crate) fn page(template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| {
        Problem::caused_by(ProblemType::Internal, "The page cannot be drawn.", &error)
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response())
}

/// The same with status 422 if a form on it was refused.
fn page_with(template: &impl Template, is_refused: bool) -> Result<Response, Problem> {
    let mut response = page(template)?;
    if is_refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
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

/// The request key of a form: the one that it came with, so that a repeat counts once, or a new one.
fn request_key(app: &App, sent: &str) -> String {
    let kept: Option<RequestKey> = sent.parse().ok();
    kept.unwrap_or_else(|| RequestKey::generate(&*app.settings.ids))
        .to_string()
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
                demo_now: 0,
                has_session: is_demo,
                person: is_demo.then(|| "7".repeat(32)),
                desk: if is_demo {
                    desk_menu::every_link()
                } else {
                    Vec::new()
                },
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
