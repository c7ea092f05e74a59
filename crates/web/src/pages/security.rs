//! `/me/security`: what is signed in to one's account, and ending it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::Assurance;
use serde::Deserialize;
use service::Happened;

use super::dates::Calendar;
use super::log::{did_text, stated};
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What to end.
#[derive(Deserialize)]
pub(super) struct EndForm {
    session: Option<String>,
    phone: Option<String>,
    others: Option<String>,
}

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage {
    frame: Frame,
    assurance: Assurance,
    sessions: Vec<Entry>,
    phones: Vec<Entry>,
    events: Vec<EventView>,
    looks: Vec<LookView>,
}

/// A session or a phone.
struct Entry {
    id: String,
    name: String,
    since: String,
    is_this: bool,
}

/// Something that was done to the account.
struct EventView {
    when: String,
    /// The name of the text.
    text: String,
    /// The office that did it.
    office: Option<String>,
    /// Why, in the words of the office.
    reason: Option<String>,
}

/// That somebody looked at the person.
struct LookView {
    when: String,
    /// Office and roles.
    who: String,
    /// The name of the text.
    text: String,
    why: Option<String>,
    /// How often on that day, if more than once.
    times: Option<u32>,
}

impl SecurityPage {
    const fn assurance_text(&self) -> &'static str {
        match self.assurance {
            Assurance::Claimed => "assurance-claimed",
            Assurance::Phone => "assurance-phone",
            Assurance::Seen => "assurance-seen",
        }
    }

    const fn assurance_help(&self) -> &'static str {
        match self.assurance {
            Assurance::Claimed => "assurance-claimed-help",
            Assurance::Phone => "assurance-phone-help",
            Assurance::Seen => "assurance-seen-help",
        }
    }

    fn may_prove_phone(&self) -> bool {
        self.assurance < Assurance::Phone
    }
}

/// Shows what is signed in.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let found = app.service.accounts.security(&resident).await?;
    let calendar = Calendar::of(&frame, &app)?;
    let looks = app.service.audit.looks(&resident).await?.into_iter();
    let looks = looks.map(|one| look_view(one, &frame, &calendar)).collect();
    let session = |one: service::SessionView| Entry {
        id: one.id.to_string(),
        name: one.label.unwrap_or_else(|| {
            frame.t(if one.kind == "api" {
                "session-api"
            } else {
                "session-page"
            })
        }),
        since: calendar.date_time(one.since),
        is_this: one.is_this,
    };
    let phones = found.phones.into_iter();
    let events = found.events.into_iter();
    let sessions = found.sessions.into_iter().map(session).collect();
    page(&SecurityPage {
        assurance: resident.assurance(),
        sessions,
        phones: phones
            .map(|(id, since)| Entry {
                id: id.to_string(),
                name: String::new(),
                since: calendar.date_time(since),
                is_this: false,
            })
            .collect(),
        events: events
            .map(|one| EventView {
                when: calendar.date_time(one.at),
                text: event_text(one.kind),
                office: one.office,
                reason: one.reason,
            })
            .collect(),
        looks,
        frame,
    })
}

/// Ends a session, a phone, or every other session.
pub(super) async fn end(
    State(app): State<App>,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<EndForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    if let Some(session) = form.session {
        let session = session.parse().map_err(|_| Problem::not_found())?;
        accounts.end_session(&resident, session).await?;
    } else if let Some(phone) = form.phone {
        let phone = phone.parse().map_err(|_| Problem::not_found())?;
        accounts.end_phone(&resident, phone).await?;
    } else if form.others.is_some() {
        accounts.end_other_sessions(&resident).await?;
    }
    Ok(go_to("/me/security", None))
}

fn look_view(one: service::Look, frame: &Frame, calendar: &Calendar) -> LookView {
    let office = one.office.unwrap_or_else(|| frame.t("log-operator"));
    let roles = one
        .roles
        .iter()
        .map(|role| frame.t(&format!("role-{role}")));
    let roles: Vec<String> = std::iter::once(office).chain(roles).collect();
    LookView {
        times: (one.times > 1).then_some(one.times),
        when: calendar.date_time(one.at),
        who: roles.join(", "),
        text: did_text(one.did),
        why: one.why.map(|why| stated(&why, frame)),
    }
}

fn event_text(kind: Happened) -> String {
    format!("event-{}", kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language_with_everything_that_can_happen() {
        let entry = || Entry {
            id: "1".repeat(32),
            name: "<b>".to_owned(),
            since: "today".to_owned(),
            is_this: true,
        };
        for frame in frames() {
            for assurance in Assurance::ALL {
                let events = Happened::ALL.into_iter().map(|kind| EventView {
                    when: "today".to_owned(),
                    text: event_text(kind),
                    office: Some("<b>".to_owned()),
                    reason: Some("<b>".to_owned()),
                });
                let page = SecurityPage {
                    frame: frame.clone(),
                    assurance,
                    sessions: vec![entry()],
                    phones: vec![entry()],
                    events: events.collect(),
                    looks: vec![LookView {
                        times: Some(3),
                        when: "today".to_owned(),
                        who: "<b>".to_owned(),
                        text: did_text(service::Did::PersonOpened),
                        why: Some("<b>".to_owned()),
                    }],
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn a_session_planted_under_the_plain_name_opens_nothing() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let (_, session) = city.sessions_of(&ming).await;
        let planted = city.get("/me").cookie("session", &session).await;
        assert_eq!(planted.status, 303, "any host under the domain can set it");
        let own = city.get("/me").cookie(RESIDENT_COOKIE, &session).await;
        assert_eq!(own.status, 200);
    }

    #[tokio::test]
    async fn another_session_is_ended_and_ones_own_goes_on() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let end = |form: &'static str| {
            let ask = city.post("/me/security");
            ask.cookie(RESIDENT_COOKIE, &ming.session)
                .form(form)
                .into_future()
        };
        assert_eq!(end("others=yes").await.status, 303);
        let phone = city.get("/api/v1/me/status").token(&ming.token).await;
        assert_eq!(phone.status, 401, "the phone was ended");
        let page = city
            .get("/me/security?lang=en")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .await;
        assert!(page.text.contains("this one"), "{}", page.text);
        assert_eq!(end("session=nonsense").await.status, 404);
    }
}
