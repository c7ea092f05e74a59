//! `/officer/batches`: submissions, and contacts of cases, that restrict more people than one person may.
//! Somebody else looks at them and decides.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::ProposalId;
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::{Action, HeldBatch, ServiceError, Staff};

use super::list_filter::{ListAsked, ListFilter};
use super::proposals::{STATES, outcome, place_of, refused_decision, signed, written};
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ProposalText, WireText};

#[derive(Template)]
#[template(path = "officer_batches.html")]
struct BatchesPage {
    frame: Frame,
    error: Option<&'static str>,
    /// Whether the passkey must be shown before anything can be approved.
    is_stale: bool,
    can_approve: bool,
    filter: ListFilter,
    batches: Vec<Entry>,
}

/// A submission in the list.
struct Entry {
    id: String,
    /// How many people it restricts.
    title: String,
    state: &'static str,
    /// How many pieces of evidence of which kinds.
    about: String,
    submitted: String,
    settled: Option<String>,
    reason: Option<String>,
    is_waiting: bool,
    /// Whether the reader answers for it.
    is_own: bool,
    /// Whether nobody answers for it yet, so that two must approve.
    needs_two: bool,
    /// The reason that was typed for it.
    typed: String,
}

/// What the officer decided.
#[derive(Deserialize)]
pub(super) struct BatchForm {
    decision: BatchDecision,
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BatchDecision {
    /// Answers for what a machine submitted, and leaves the approval to a second person.
    Answer,
    Approve,
    Reject,
}

/// Shows what waits, and what was decided.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadOrders>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    batches_page(&app, frame, &staff, &asked, None).await
}

/// Approves or rejects one.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::RejectOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(form): SameOriginForm<BatchForm>,
) -> Result<Response, Problem> {
    let batches = &app.service.batches;
    let settled = match form.decision {
        BatchDecision::Answer => batches.answer_for(&staff, id, &form.reason).await,
        BatchDecision::Approve => batches.approve(&staff, id, &form.reason).await.map(drop),
        BatchDecision::Reject => batches.reject(&staff, id, &form.reason).await.map(drop),
    };
    let text = match settled {
        Ok(()) => return Ok(go_to("/officer/batches", None)),
        Err(ServiceError::ProposalSettled) if form.decision == BatchDecision::Answer => {
            "batch-answered"
        }
        Err(error) => refused_decision(error, "batch-own")?,
    };
    let (first, refused) = (ListAsked::default(), Some((text, id, form.reason)));
    batches_page(&app, frame, &staff, &first, refused).await
}

async fn batches_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    asked: &ListAsked,
    refused: Option<(&'static str, ProposalId, String)>,
) -> Result<Response, Problem> {
    let batches = &app.service.batches;
    let found = batches.page(staff, outcome(asked), place_of(asked)).await?;
    let next = found.next.map(written);
    let typed_for = |id: ProposalId| {
        let typed = refused.as_ref().filter(|(_, of, _)| *of == id);
        typed.map(|(.., typed)| typed.clone()).unwrap_or_default()
    };
    let batches = found.lines.into_iter().map(|batch| Entry {
        typed: typed_for(batch.id),
        ..entry(&frame, app, staff, batch)
    });
    page(&BatchesPage {
        error: refused.as_ref().map(|(text, ..)| *text),
        is_stale: must_show_passkey(app, staff),
        can_approve: staff.may(Action::ApproveOrders).is_ok(),
        filter: ListFilter::new(&frame, "/officer/batches", &STATES, asked, next),
        batches: batches.collect(),
        frame,
    })
}

fn entry(frame: &Frame, app: &App, staff: &Staff, batch: HeldBatch) -> Entry {
    let restricted = u32::try_from(batch.restricted).unwrap_or(u32::MAX);
    let mut about = FluentArgs::new();
    about.set("pieces", batch.pieces);
    about.set("people", batch.people);
    about.set("kinds", batch.kinds.join(", "));
    let about_text = if batch.is_trace {
        "batch-trace-about"
    } else {
        "batch-about"
    };
    let state = match &batch.settled {
        None => "order-waiting",
        Some(end) if end.is_approved => "proposal-approved",
        Some(_) => "proposal-rejected",
    };
    let settled = batch.settled.as_ref();
    Entry {
        id: batch.id.to_string(),
        title: frame.count("batch-title", &restricted),
        state,
        about: frame.language.fill(about_text, &about),
        submitted: signed(frame, app, "batch-by", &batch.submitted),
        settled: settled.map(|end| signed(frame, app, "proposal-settled", &end.by)),
        reason: settled.map(|end| end.reason.clone()),
        is_waiting: batch.settled.is_none(),
        is_own: batch.submitted.staff == Some(staff.id()),
        needs_two: batch.submitted.staff.is_none(),
        typed: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for state in ["order-waiting", "proposal-approved", "proposal-rejected"] {
                for (is_own, needs_two) in [(false, false), (true, false), (false, true)] {
                    let is_waiting = state == "order-waiting";
                    let entry = Entry {
                        id: "0".repeat(32),
                        title: frame.count("batch-title", &120),
                        state,
                        about: "<b>120 contacts".to_owned(),
                        submitted: "By a feed".to_owned(),
                        settled: (!is_waiting).then(|| "By Dr Zhao".to_owned()),
                        reason: (!is_waiting).then(|| "seen".to_owned()),
                        is_waiting,
                        is_own,
                        needs_two,
                        typed: "<b>120".to_owned(),
                    };
                    let page = BatchesPage {
                        frame: frame.clone(),
                        error: is_own.then_some("batch-own"),
                        is_stale: is_own,
                        can_approve: true,
                        filter: {
                            let asked = ListAsked::default();
                            ListFilter::new(&frame, "/officer/batches", &STATES, &asked, None)
                        },
                        batches: if is_waiting && is_own {
                            Vec::new()
                        } else {
                            vec![entry]
                        },
                    };
                    assert!(!assert_sound(&frame, &page).contains("<b>120"));
                }
            }
        }
    }

    async fn send(city: &City, session: &str, address: &str, form: &str) -> Answer {
        let ask = city.post(&format!("/officer/batches/{address}?lang=en"));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
    }

    #[tokio::test]
    async fn what_restricts_too_many_is_approved_on_the_page_by_somebody_else() {
        let city =
            City::start_with_caps(|caps| caps.with(service::Cap::RestrictedByBatch, 1)).await;
        let (ming, wu) = (
            city.well_resident("Ming").await,
            city.well_resident("Wu").await,
        );
        let evidence = [city.close_contact(&ming), city.close_contact(&wu)];
        let body = json!({ "items": evidence });
        let submitted = city.post("/api/v1/evidence/batches").token(&city.health);
        let submitted = submitted.json(&body).await;
        assert!(submitted.status < 300, "{submitted:?}");
        assert_eq!(city.status(&ming).await, "green");
        let page = async |session: &str| {
            let page = city.get("/officer/batches?lang=en");
            page.cookie(SECURE_STAFF_COOKIE, session).await
        };
        let own = page(&city.health).await;
        assert!(
            own.text.contains("2 people") && own.text.contains("answer for this"),
            "{own:?}"
        );
        let other = city.another_officer().await;
        let shown = page(&other).await;
        let id = &shown
            .text
            .split("action=\"/officer/batches/")
            .nth(1)
            .unwrap()[..32];
        let approve = "decision=approve&reason=seen";
        let refused = send(&city, &city.health, id, approve).await;
        assert_eq!(
            refused.status, 403,
            "an officer does not approve: {refused:?}"
        );
        let silent = send(&city, &other, id, "decision=approve&reason=").await;
        assert!(silent.text.contains("Please give a reason"), "{silent:?}");
        city.later(6);
        let stale = send(&city, &other, id, "decision=approve&reason=looked+at").await;
        assert!(
            stale.text.contains("value=\"looked at\"") && stale.text.contains("/staff/sign-in"),
            "nothing that was typed is lost: {stale:?}"
        );
        let other = city.another_officer().await;
        let approved = send(&city, &other, id, approve).await;
        assert_eq!(approved.status, 303, "{approved:?}");
        for who in [&ming, &wu] {
            assert_eq!(city.status(who).await, "red");
        }
        assert!(page(&other).await.text.contains("<b>Approved</b>"));
        let late = send(&city, &other, id, "decision=reject&reason=late").await;
        assert!(late.text.contains("decided this already"), "{late:?}");
    }
    #[tokio::test]
    async fn sixty_batches_are_two_pages_and_each_is_on_one_of_them() {
        let city =
            City::start_with_caps(|caps| caps.with(service::Cap::RestrictedByBatch, 1)).await;
        let ming = city.well_resident("Ming").await;
        let wu = city.well_resident("Wu").await;
        for _ in 0..60 {
            let evidence = [city.close_contact(&ming), city.close_contact(&wu)];
            let ask = city.post("/api/v1/evidence/batches").token(&city.health);
            let held = ask.json(&json!({ "items": evidence })).await;
            assert!(held.status < 300, "{held:?}");
            city.later(1);
        }
        let approver = city.another_officer().await;
        let read = async |address: &str| {
            let page = city.get(address).cookie(SECURE_STAFF_COOKIE, &approver);
            page.await.text
        };
        let ids = |page: &str| -> Vec<String> {
            let forms = page.split("action=\"/officer/batches/").skip(1);
            forms.map(|form| form[..32].to_owned()).collect()
        };
        let first = read("/officer/batches?lang=en").await;
        let (_, next) = first.split_once("rel=\"next\" href=\"").unwrap();
        let next = next.split('"').next().unwrap().replace("&#38;", "&");
        let second = read(&next).await;
        let mut all = [ids(&first), ids(&second)].concat();
        assert_eq!(
            (ids(&first).len(), ids(&second).len()),
            (50, 10),
            "{second}"
        );
        assert!(!second.contains("rel=\"next\""), "{second}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 60);
    }
}
