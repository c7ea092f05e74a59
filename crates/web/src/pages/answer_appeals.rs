//! `/officer/appeals`: the appeals that wait, and their answers.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{AppealId, EvidenceId, PersonId};
use service::{
    AppealDecision, AppealState, AppealToAnswer, QueueAsked, QueuePage, QueuedAppeal, ServiceError,
    Staff,
};

use super::appeals::{AnswerEntry, answered};
use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter, place};
use super::{Frame, go_to, page, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{AppealText, InPath, PersonText, WireText, attached};

/// Whether an appeal is late, and the names of the texts.
const STATES: [(&str, &str); 2] = [("due", "list-late"), ("open", "list-in-time")];

#[derive(Template)]
#[template(path = "officer_appeals.html")]
struct ListPage {
    frame: Frame,
    filter: ListFilter,
    appeals: Vec<Entry>,
}

/// An appeal in the queue.
struct Entry {
    address: String,
    filed: String,
    state: String,
    is_urgent: bool,
}

#[derive(Template)]
#[template(path = "officer_appeal.html")]
struct AppealPage {
    frame: Frame,
    error: Option<&'static str>,
    address: String,
    person: String,
    filed: String,
    state: String,
    titles: Vec<String>,
    why: String,
    has_file: bool,
    evidence: Vec<EvidenceEntry>,
    is_own: bool,
    answer: Option<AnswerEntry>,
    /// What was typed.
    reasons: String,
}

/// A piece of evidence to look at.
struct EvidenceEntry {
    id: String,
    kind: String,
    about: String,
    is_chosen: bool,
}

/// What the officer ticked and typed.
#[derive(Default)]
struct AnswerForm {
    reasons: String,
    withdraw: Vec<EvidenceId>,
}

/// Shows the queue.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerAppeals>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let queue = match asked.region() {
        // What was typed is no region: nothing is looked for.
        Err(()) => QueuePage::EMPTY,
        Ok(region) => {
            let asked = QueueAsked {
                region,
                is_due: asked.state(&[true, false], due_word),
                after: asked.after(),
            };
            app.service.appeals.page(&staff, &asked).await?
        }
    };
    let next = queue.next.map(|(at, person, id)| place(at, person, id));
    let filter = ListFilter::new(&frame, "/officer/appeals", &STATES, &asked, next);
    let appeals = queue.lines.iter();
    let drawn = ListPage {
        filter: filter.by_region(&asked),
        appeals: appeals
            .map(|queued| entry(queued, &frame, &calendar))
            .collect(),
        frame,
    };
    page_with(&drawn, drawn.filter.is_refused())
}

/// The word in the address for what is late, and for what is not.
pub(super) const fn due_word(is_due: bool) -> &'static str {
    if is_due { "due" } else { "open" }
}

/// Shows one.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
) -> Result<Response, Problem> {
    appeal_page(
        &app,
        frame,
        &staff,
        (person, id),
        &AnswerForm::default(),
        None,
    )
    .await
}

/// Answers one.
pub(super) async fn answer(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = AnswerForm::read(&pairs);
    let decision = AppealDecision {
        reasons: form.reasons.clone(),
        withdraw: form.withdraw.clone(),
        add: Vec::new(),
    };
    let text = match app
        .service
        .appeals
        .answer(&staff, person, id, decision)
        .await
    {
        Ok(_) => return Ok(go_to("/officer/appeals", None)),
        Err(ServiceError::BadField {
            field: "reasons", ..
        }) => "appeals-no-reasons",
        Err(ServiceError::AppealAnswered) => "appeals-too-late",
        Err(ServiceError::OwnEvidence) => "appeals-own",
        Err(error) => return Err(error.into()),
    };
    appeal_page(&app, frame, &staff, (person, id), &form, Some(text)).await
}

/// Hands out the file of one.
pub(super) async fn file(
    State(app): State<App>,
    StaffMay(staff, _): StaffMay<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
) -> Result<Response, Problem> {
    let appeals = &app.service.appeals;
    Ok(attached(appeals.file_to_look_at(&staff, person, id).await?))
}

impl AnswerForm {
    fn read(pairs: &[(String, String)]) -> Self {
        let of = |name: &'static str| pairs.iter().filter(move |(found, _)| found == name);
        let reasons = of("reasons").next().map(|(_, value)| value.clone());
        Self {
            reasons: reasons.unwrap_or_default(),
            withdraw: of("withdraw")
                .filter_map(|(_, id)| id.parse().ok())
                .collect(),
        }
    }
}

async fn appeal_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    (person, id): (PersonId, AppealId),
    form: &AnswerForm,
    error: Option<&'static str>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, app);
    let found = app.service.appeals.to_answer(staff, person, id).await?;
    let evidence = evidence(&found, &frame, &calendar, form);
    let AppealToAnswer { appeal, is_own, .. } = found;
    page(&AppealPage {
        error,
        address: format!("/officer/appeals/{person}/{id}"),
        person: person.to_string(),
        filed: frame.with("appeal-filed", "when", &calendar.date_time(appeal.filed_at)),
        state: state(&frame, appeal.state, &calendar.date_time(appeal.answer_by)),
        titles: appeal
            .restrictions
            .into_iter()
            .map(|one| one.title)
            .collect(),
        why: appeal.why.expose().clone(),
        has_file: appeal.file.is_some(),
        evidence,
        is_own,
        answer: appeal
            .answer
            .as_ref()
            .map(|answer| answered(&frame, answer)),
        reasons: form.reasons.clone(),
        frame,
    })
}

fn evidence(
    found: &AppealToAnswer,
    frame: &Frame,
    calendar: &Calendar,
    form: &AnswerForm,
) -> Vec<EvidenceEntry> {
    let pieces = found.evidence.iter().map(|piece| {
        let authority = found
            .authorities
            .iter()
            .find(|one| one.id == piece.authority);
        let times = [Some(piece.fact.begins()), piece.fact.ends()];
        let times = times.into_iter().flatten().map(|at| calendar.date_time(at));
        let authority = authority.map(|one| one.name.clone());
        let about: Vec<String> = times.chain(authority).collect();
        EvidenceEntry {
            id: piece.id.to_string(),
            kind: frame.t(&format!("kind-{}", piece.fact.kind())),
            about: about.join(" · "),
            is_chosen: form.withdraw.contains(&piece.id),
        }
    });
    pieces.collect()
}

fn entry(queued: &QueuedAppeal, frame: &Frame, calendar: &Calendar) -> Entry {
    Entry {
        address: format!("/officer/appeals/{}/{}", queued.person, queued.id),
        filed: frame.with("appeal-filed", "when", &calendar.date_time(queued.filed_at)),
        state: state(frame, queued.state, &calendar.date_time(queued.answer_by)),
        is_urgent: queued.is_due_soon || queued.state != AppealState::Open,
    }
}

fn state(frame: &Frame, state: AppealState, answer_by: &str) -> String {
    let text = match state {
        AppealState::Open => "appeals-state-open",
        AppealState::Late => "appeals-state-late",
        AppealState::Suspended => "appeals-state-suspended",
        AppealState::Answered => "appeal-state-answered",
    };
    frame.with(text, "when", answer_by)
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::json;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_pages_render_in_every_language() {
        let states = [
            AppealState::Open,
            AppealState::Late,
            AppealState::Suspended,
            AppealState::Answered,
        ];
        for frame in frames() {
            let entries = states.map(|one| Entry {
                address: "/officer/appeals/0/0".to_owned(),
                filed: frame.with("appeal-filed", "when", "today"),
                state: state(&frame, one, "today"),
                is_urgent: one != AppealState::Open,
            });
            for appeals in [entries.into(), Vec::new()] {
                let asked = ListAsked::default();
                let filter = ListFilter::new(&frame, "/officer/appeals", &STATES, &asked, None);
                let page = ListPage {
                    filter: filter.by_region(&asked),
                    frame: frame.clone(),
                    appeals,
                };
                assert_sound(&frame, &page);
            }
            for error in ["appeals-no-reasons", "appeals-too-late", "appeals-own"] {
                let is_own = error == "appeals-own";
                let evidence = EvidenceEntry {
                    id: "0".repeat(32),
                    kind: frame.t("kind-contact"),
                    about: "<b>today".to_owned(),
                    is_chosen: is_own,
                };
                let page = AppealPage {
                    frame: frame.clone(),
                    error: Some(error),
                    address: "/officer/appeals/0/0".to_owned(),
                    person: "0".repeat(32),
                    filed: "<b>today".to_owned(),
                    state: "<b>today".to_owned(),
                    titles: vec!["<b>Contact".to_owned()],
                    why: "<b>No".to_owned(),
                    has_file: !is_own,
                    evidence: vec![evidence],
                    is_own,
                    answer: (error == "appeals-too-late").then(|| AnswerEntry {
                        outcome: "appeal-outcome-upheld",
                        by: "<b>Office".to_owned(),
                        reasons: "<b>No".to_owned(),
                    }),
                    reasons: "<b>Yes".to_owned(),
                };
                let html = assert_sound(&frame, &page);
                assert!(!html.contains("<b>No") && !html.contains("<b>today"));
            }
        }
    }

    #[tokio::test]
    async fn an_officer_answers_on_the_page() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let body = json!({ "why": "I was <at> home." });
        let filed = city
            .post("/api/v1/me/appeals")
            .token(&ming.token)
            .json(&body)
            .await;
        let officer = city
            .staff_with(AuthorityKind::Health, Role::HealthOfficer)
            .await;
        let read = async |address: &str, session: &str| {
            let address = format!("{address}?lang=en");
            city.get(&address)
                .cookie(SECURE_STAFF_COOKIE, session)
                .await
        };
        let desk = read("/officer", &officer).await;
        assert!(desk.text.contains("href=\"/officer/appeals\""), "{desk:?}");
        let id = filed.json["id"].as_str().unwrap();
        let address = format!("/officer/appeals/{}/{id}", ming.person);
        let queue = read("/officer/appeals", &officer).await;
        assert!(queue.text.contains(&address), "{queue:?}");
        let page = read(&address, &officer).await;
        assert!(page.text.contains("I was &#60;at&#62; home."), "{page:?}");
        let own = read(&address, &city.health).await;
        assert!(own.text.contains("You submitted this") && !own.text.contains("name=\"reasons\""));

        let send = async |form: String| {
            let ask = city.post(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, &officer).form(&form).await
        };
        let evidence = sent.json["evidence"].as_str().unwrap();
        let silent = send(format!("withdraw={evidence}&reasons=")).await;
        assert!(silent.text.contains("Give reasons"), "{silent:?}");
        let ticked = format!("value=\"{evidence}\" checked");
        assert!(
            silent.text.contains(&ticked),
            "what was ticked is kept: {silent:?}"
        );
        let answered = send(format!("withdraw={evidence}&reasons=A+mix-up.")).await;
        assert_eq!(answered.status, 303, "{answered:?}");
        let late = send(format!("withdraw={evidence}&reasons=No,+I+say.")).await;
        for words in ["answered already", "Answered by", "A mix-up.", "No, I say."] {
            assert!(late.text.contains(words), "{words}: {late:?}");
        }
        assert_eq!(city.status(&ming).await, "green");
        let late = send("reasons=Again.".to_owned()).await;
        assert!(late.text.contains("was answered already"), "{late:?}");
    }
}
