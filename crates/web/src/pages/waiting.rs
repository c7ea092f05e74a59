//! `/officer/waiting`: what became known of a confirmed case after the confirmation, until a tracer takes
//! it in or refuses it. It names places and sizes of groups, and nobody but the case.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::evidence::GroupKind;
use domain::{PersonId, VenueId};
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::{
    CasesWaiting, QueuePage, ServiceError, Staff, TakenIn, Visit, WaitingCase, WaitingGroup,
};

use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter};
use super::proposals::Decision;
use super::{Frame, go_to, page, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, PersonText, WireText};

/// What the tracer decided, and about what.
#[derive(Deserialize)]
pub(super) struct WaitingForm {
    decision: Decision,
    /// The state that the page showed.
    seen: String,
}

#[derive(Template)]
#[template(path = "officer_waiting.html")]
struct WaitingPage {
    frame: Frame,
    filter: ListFilter,
    cases: Vec<CaseEntry>,
}

/// A case in the list.
struct CaseEntry {
    person: String,
    about: String,
}

#[derive(Template)]
#[template(path = "officer_waiting_case.html")]
struct WaitingCasePage {
    frame: Frame,
    error: Option<&'static str>,
    person: String,
    state: String,
    visits: Vec<String>,
    groups: Vec<String>,
}

/// Shows of which cases something waits.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::TakeInVisits>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let found = match asked.region() {
        // What was typed is no region: nothing is looked for.
        Err(()) => QueuePage::EMPTY,
        Ok(region) => {
            let asked = CasesWaiting {
                region,
                after: asked.after.parse().ok(),
            };
            app.service.tracing.waiting_cases(&staff, &asked).await?
        }
    };
    let drawn = waiting_page(frame, &asked, &found);
    page_with(&drawn, drawn.filter.is_refused())
}

fn waiting_page(
    frame: Frame,
    asked: &ListAsked,
    found: &QueuePage<WaitingCase, PersonId>,
) -> WaitingPage {
    let next = found.next.map(|person| person.to_string());
    let filter = ListFilter::new(&frame, "/officer/waiting", &[], asked, next);
    let cases = found.lines.iter().map(|case| case_entry(&frame, case));
    WaitingPage {
        filter: filter.by_region(asked),
        cases: cases.collect(),
        frame,
    }
}

/// Shows what waits of a case.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
) -> Result<Response, Problem> {
    case_page(&app, frame, &staff, person, None).await
}

async fn case_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    person: PersonId,
    error: Option<&'static str>,
) -> Result<Response, Problem> {
    let waiting = app.service.tracing.waiting(staff, person).await?;
    let calendar = Calendar::or_utc(&frame, app);
    let venues = waiting.venues.into_iter();
    let names: BTreeMap<VenueId, String> = venues.map(|venue| (venue.id, venue.name)).collect();
    let visits = waiting.visits.iter();
    let visits = visits.map(|visit| visit_text(&frame, &calendar, &names, visit));
    let groups = waiting.groups.iter();
    let groups = groups.map(|group| group_text(&frame, &calendar, group));
    page(&WaitingCasePage {
        error,
        person: person.to_string(),
        state: waiting.state,
        visits: visits.collect(),
        groups: groups.collect(),
        frame,
    })
}

/// Takes in what waits of a case, or refuses it.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
    SameOriginForm(form): SameOriginForm<WaitingForm>,
) -> Result<Response, Problem> {
    let (tracing, seen) = (&app.service.tracing, &*form.seen);
    let decided = match form.decision {
        Decision::Approve => tracing.take_in(&staff, person, seen).await,
        Decision::Reject => tracing.refuse(&staff, person, seen).await,
    };
    match decided {
        Ok(taken) if taken == TakenIn::default() => {
            case_page(&app, frame, &staff, person, Some("waiting-decided")).await
        }
        Ok(_) => Ok(go_to("/officer/waiting", None)),
        Err(ServiceError::WaitingChanged) => {
            case_page(&app, frame, &staff, person, Some("waiting-changed")).await
        }
        Err(error) => Err(error.into()),
    }
}

fn case_entry(frame: &Frame, case: &WaitingCase) -> CaseEntry {
    let mut about = FluentArgs::new();
    about.set("visits", case.visits);
    about.set("groups", case.groups);
    CaseEntry {
        person: case.person.to_string(),
        about: frame.language.fill("waiting-about", &about),
    }
}

fn visit_text(
    frame: &Frame,
    calendar: &Calendar,
    names: &BTreeMap<VenueId, String>,
    visit: &Visit,
) -> String {
    let mut args = FluentArgs::new();
    let venue = names.get(&visit.venue).cloned();
    args.set("venue", venue.unwrap_or_else(|| visit.venue.to_string()));
    args.set("from", calendar.date_time(visit.entered));
    let Some(left) = visit.left else {
        return frame.language.fill("waiting-visit-open", &args);
    };
    args.set("until", calendar.date_time(left));
    frame.language.fill("waiting-visit", &args)
}

fn group_text(frame: &Frame, calendar: &Calendar, group: &WaitingGroup) -> String {
    let kind = match group.kind {
        GroupKind::Household => "waiting-household",
        GroupKind::Building => "waiting-building",
        GroupKind::Vehicle => "waiting-vehicle",
    };
    let mut args = FluentArgs::new();
    args.set("kind", frame.t(kind));
    args.set("people", group.people);
    let by = group.by.as_ref().map(|authority| authority.name.clone());
    args.set("by", by.unwrap_or_else(|| "–".to_owned()));
    args.set("since", calendar.date_time(group.since));
    frame.language.fill("waiting-group", &args)
}

#[cfg(test)]
mod tests {
    use domain::{EvidenceId, Timestamp};
    use jiff::tz::TimeZone;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_pages_render_in_every_language() {
        for frame in frames() {
            let case = WaitingCase {
                person: PersonId::from_u128(7),
                visits: 1,
                groups: 2,
            };
            for (lines, next) in [(vec![case.clone()], Some(case.person)), (Vec::new(), None)] {
                let (asked, found) = (ListAsked::default(), QueuePage { lines, next });
                assert_sound(&frame, &waiting_page(frame.clone(), &asked, &found));
            }
            let calendar = Calendar::new(frame.language, TimeZone::UTC);
            let visit = |left| Visit {
                id: EvidenceId::from_u128(1),
                person: case.person,
                venue: VenueId::from_u128(3),
                category: None,
                entered: NOON,
                left,
            };
            let names = BTreeMap::from([(VenueId::from_u128(3), "<b>Teahouse".to_owned())]);
            let visits = [visit(None), visit(Some(NOON))];
            let visits = visits.map(|one| visit_text(&frame, &calendar, &names, &one));
            let groups = GroupKind::ALL.iter().map(|kind| {
                let group = WaitingGroup {
                    kind: *kind,
                    people: 19,
                    by: None,
                    since: NOON,
                };
                group_text(&frame, &calendar, &group)
            });
            let groups: Vec<String> = groups.collect();
            for (visits, groups) in [(visits.to_vec(), groups), (Vec::new(), Vec::new())] {
                let page = WaitingCasePage {
                    frame: frame.clone(),
                    error: Some(match visits.is_empty() {
                        true => "waiting-changed",
                        false => "waiting-decided",
                    }),
                    person: case.person.to_string(),
                    state: "0".repeat(32),
                    visits,
                    groups,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>Teahouse"));
            }
        }
    }

    #[tokio::test]
    async fn a_tracer_takes_in_or_refuses_on_the_page_what_a_case_uploads_later() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let noodles = city.venue("Noodle bar").await;
        let body = serde_json::json!({ "person": wu.person });
        let confirmed = city.post("/api/v1/cases").token(&city.health).json(&body);
        assert_eq!(confirmed.await.status, 201);
        let get = async |address: &str| {
            let page = city.get(&format!("{address}?lang=en"));
            page.cookie(SECURE_STAFF_COOKIE, &city.health).await.text
        };
        let case = format!("/officer/waiting/{}", wu.person);
        for (decision, entered) in [("approve", 5), ("reject", 9)] {
            assert!(get("/officer/waiting").await.contains("Nothing waits"));
            city.visited(&wu, &noodles, entered, entered - 1).await;
            let list = get("/officer/waiting").await;
            assert!(
                list.contains(&wu.person) && list.contains("1 visit"),
                "{list}"
            );
            let shown = get(&case).await;
            assert!(shown.contains("Noodle bar"));
            let seen = shown.split("name=\"seen\" value=\"").nth(1).unwrap();
            let decide = async |seen: &str| {
                let form = format!("decision={decision}&seen={seen}");
                let decided = city.post(&format!("{case}?lang=en"));
                let decided = decided.cookie(SECURE_STAFF_COOKIE, &city.health);
                decided.form(&form).await
            };
            let other = decide("another").await;
            assert!(other.text.contains("Something came in"), "{other:?}");
            assert_eq!(decide(&seen[..32]).await.status, 303);
            let late = decide(&seen[..32]).await;
            assert!(
                late.text.contains("it was decided a moment before"),
                "{late:?}"
            );
        }
        assert!(get(&case).await.contains("Nothing waits"));
    }
}
