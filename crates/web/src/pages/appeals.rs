//! `/me/appeals`: what one appealed against and what the answers are, and `/me/appeals/new`, where one does.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{Colour, EvidenceId, Relief, RequestKey};
use service::{
    AnswerView, AppealOutcome, AppealRequest, AppealState, AppealView, Resident, ServiceError,
};

use super::dates::Calendar;
use super::form_errors::{FormError, FormErrors};
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginUpload;
use crate::wire::{AppealText, FormData, InPath, WireText, attached};

#[derive(Template)]
#[template(path = "me_appeals.html")]
struct AppealsPage {
    frame: Frame,
    appeals: Vec<Entry>,
}

/// An appeal in the list.
struct Entry {
    titles: Vec<String>,
    filed: String,
    state: String,
    why: String,
    /// Where its file lies.
    file: Option<String>,
    answer: Option<AnswerEntry>,
}

/// An answer, as the person and the office read it.
pub(super) struct AnswerEntry {
    pub(super) outcome: &'static str,
    pub(super) by: String,
    pub(super) reasons: String,
}

#[derive(Template)]
#[template(path = "me_appeal_new.html")]
struct NewPage<'f> {
    frame: Frame,
    restrictions: Vec<RestrictionChoice>,
    /// The language of the titles.
    texts: TextLanguage,
    /// By when an answer is promised, and what the policy grants until then.
    promise: Vec<String>,
    form: &'f AppealForm,
    errors: FormErrors,
    /// Drawn once for each form: pressing the button twice appeals once.
    request: String,
}

/// A restriction to tick.
struct RestrictionChoice {
    title: String,
    what: String,
    /// Its evidence, with spaces between.
    evidence: String,
    is_chosen: bool,
}

/// What the person ticked and typed.
#[derive(Default)]
struct AppealForm {
    request: Option<RequestKey>,
    against: BTreeSet<EvidenceId>,
    why: String,
    file: Option<Vec<u8>>,
}

const NOTHING_TICKED: FormError = FormError::at("against", "appeal-nothing-ticked");

/// Shows one's appeals.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, &app)?;
    let own = app.service.appeals.own(&resident).await?;
    let appeals = own
        .into_iter()
        .map(|appeal| entry(appeal, &frame, &calendar));
    page(&AppealsPage {
        appeals: appeals.collect(),
        frame,
    })
}

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let form = AppealForm::default();
    form_page(&app, frame, &resident, &form, FormErrors::default()).await
}

/// Files the appeal and shows one's appeals.
pub(super) async fn file(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginUpload(data): SameOriginUpload,
) -> Result<Response, Problem> {
    let mut form = AppealForm::read(&data);
    if form.against.is_empty() {
        return form_page(&app, frame, &resident, &form, NOTHING_TICKED.into()).await;
    }
    let request = AppealRequest {
        request: form.request,
        against: form.against.iter().copied().collect(),
        why: form.why.clone(),
        file: form.file.take(),
    };
    let error = match app.service.appeals.file(&resident, request).await {
        Ok(_) => return Ok(go_to("/me/appeals", None)),
        Err(ServiceError::BadField { field: "why", .. }) => {
            FormError::at("why", "appeal-no-reason")
        }
        Err(ServiceError::BadField { field: "file", .. }) => {
            FormError::at("file", "appeal-bad-file")
        }
        Err(ServiceError::UnknownRestriction) => FormError::of_all("appeal-over"),
        Err(ServiceError::AppealedBefore) => FormError::of_all("appeal-before"),
        Err(ServiceError::TooManyAppeals { .. }) => FormError::of_all("appeal-too-many"),
        Err(error) => return Err(error.into()),
    };
    form_page(&app, frame, &resident, &form, error.into()).await
}

/// Hands out the file of one's own appeal.
pub(super) async fn own_file(
    State(app): State<App>,
    ResidentSession(resident): ResidentSession,
    InPath(WireText(id)): InPath<AppealText>,
) -> Result<Response, Problem> {
    Ok(attached(app.service.appeals.own_file(&resident, id).await?))
}

impl AppealForm {
    fn read(data: &FormData) -> Self {
        let ticked: Vec<String> = data.texts("against").collect();
        let ids = ticked.iter().flat_map(|one| one.split(' '));
        Self {
            request: data.text("request").parse().ok(),
            against: ids.filter_map(|id| id.parse().ok()).collect(),
            why: data.text("why"),
            file: data.file("file"),
        }
    }
}

async fn form_page(
    app: &App,
    frame: Frame,
    resident: &Resident,
    form: &AppealForm,
    errors: FormErrors,
) -> Result<Response, Problem> {
    let report = app
        .service
        .people
        .status(resident, frame.language.tag())
        .await?;
    let own = app.service.appeals.own(resident).await?;
    let appealed: BTreeSet<EvidenceId> = own.iter().flat_map(AppealView::evidence).collect();
    let restrictions = report.explanation.restrictions.iter().filter_map(|reason| {
        let evidence = reason.finding.evidence.iter();
        let evidence: Vec<&EvidenceId> = evidence.filter(|id| !appealed.contains(id)).collect();
        let is_chosen = evidence.iter().any(|id| form.against.contains(id));
        let ids: Vec<String> = evidence.iter().map(ToString::to_string).collect();
        (!ids.is_empty()).then(|| RestrictionChoice {
            title: reason.texts.title.clone(),
            what: reason.texts.reason.clone(),
            evidence: ids.join(" "),
            is_chosen,
        })
    });
    page(&NewPage {
        restrictions: restrictions.collect(),
        texts: TextLanguage::new(&frame, Some(&report.language)),
        promise: promise(app, &frame)?,
        request: form
            .request
            .unwrap_or_else(|| RequestKey::generate(&*app.settings.ids))
            .to_string(),
        form,
        errors,
        frame,
    })
}

/// What the policy promises to a person who appeals now, in words; nothing if it takes no appeals.
fn promise(app: &App, frame: &Frame) -> Result<Vec<String>, Problem> {
    let policy = app
        .service
        .policies
        .policy()
        .ok_or(ServiceError::NoPolicy)?;
    let Some(rule) = policy.appeal() else {
        return Ok(Vec::new());
    };
    let calendar = Calendar::of(frame, app)?;
    let zone = policy.time_zone();
    let now = domain::Appeal {
        evidence: Vec::new(),
        filed_at: app.service.now(),
        answered_at: None,
    };
    let answer_by = calendar.date_time(rule.answer_by(&now, zone));
    let mut said = vec![frame.with("appeal-answer-by", "when", &answer_by)];
    if rule.relief == Relief::Yellow {
        let yellow = frame.t(StatusStyle::from(Colour::Yellow).word());
        said.push(frame.with("appeal-relief", "colour", &yellow));
    }
    if let Some(from) = rule.suspended_from(&now, zone) {
        said.push(frame.with("appeal-suspend", "when", &calendar.date_time(from)));
    }
    Ok(said)
}

fn entry(appeal: AppealView, frame: &Frame, calendar: &Calendar) -> Entry {
    let when = calendar.date_time(appeal.answer_by);
    let state = match appeal.state {
        AppealState::Open => frame.with("appeal-state-open", "when", &when),
        AppealState::Late => frame.with("appeal-state-late", "when", &when),
        AppealState::Suspended => frame.with("appeal-state-suspended", "when", &when),
        AppealState::Answered => frame.t("appeal-state-answered"),
    };
    let answer = appeal.answer.map(|answer| answered(frame, &answer));
    Entry {
        titles: appeal
            .restrictions
            .into_iter()
            .map(|one| one.title)
            .collect(),
        filed: frame.with("appeal-filed", "when", &calendar.date_time(appeal.filed_at)),
        state,
        why: appeal.why.expose().clone(),
        file: appeal
            .file
            .map(|_| format!("/me/appeals/{}/file", appeal.id)),
        answer,
    }
}

/// An answer in words.
pub(super) fn answered(frame: &Frame, answer: &AnswerView) -> AnswerEntry {
    AnswerEntry {
        outcome: match answer.outcome {
            AppealOutcome::Changed => "appeal-outcome-changed",
            AppealOutcome::Upheld => "appeal-outcome-upheld",
        },
        by: frame.with("appeal-answered-by", "office", &answer.authority.name),
        reasons: answer.reasons.expose().clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::{Answer, City, Person};

    #[test]
    fn the_pages_render_in_every_language() {
        for frame in frames() {
            for outcome in ["appeal-outcome-changed", "appeal-outcome-upheld"] {
                let entry = Entry {
                    titles: vec!["<b>Contact".to_owned()],
                    filed: frame.with("appeal-filed", "when", "today"),
                    state: frame.with("appeal-state-late", "when", "today"),
                    why: "<b>No".to_owned(),
                    file: Some("/me/appeals/0/file".to_owned()),
                    answer: Some(AnswerEntry {
                        outcome,
                        by: frame.with("appeal-answered-by", "office", "<b>Office"),
                        reasons: "<b>Yes".to_owned(),
                    }),
                };
                let page = AppealsPage {
                    frame: frame.clone(),
                    appeals: vec![entry],
                };
                assert!(!assert_sound(&frame, &page).contains("<b>No"));
            }
            let empty = AppealsPage {
                frame: frame.clone(),
                appeals: Vec::new(),
            };
            assert_sound(&frame, &empty);
            let errors = [
                NOTHING_TICKED,
                FormError::at("why", "appeal-no-reason"),
                FormError::at("file", "appeal-bad-file"),
                FormError::of_all("appeal-over"),
                FormError::of_all("appeal-before"),
                FormError::of_all("appeal-too-many"),
            ];
            for error in errors {
                let choice = RestrictionChoice {
                    title: "<b>Contact".to_owned(),
                    what: "You met".to_owned(),
                    evidence: "0".repeat(32),
                    is_chosen: true,
                };
                let page = NewPage {
                    frame: frame.clone(),
                    restrictions: vec![choice],
                    texts: TextLanguage::new(&frame, None),
                    promise: vec![
                        frame.with("appeal-answer-by", "when", "today"),
                        frame.with("appeal-relief", "colour", "yellow"),
                        frame.with("appeal-suspend", "when", "today"),
                    ],
                    form: &AppealForm::default(),
                    errors: error.into(),
                    request: "0".repeat(32),
                };
                assert!(!assert_sound(&frame, &page).contains("<b>Contact"));
            }
            let nothing = NewPage {
                frame: frame.clone(),
                restrictions: Vec::new(),
                texts: TextLanguage::new(&frame, None),
                promise: Vec::new(),
                form: &AppealForm::default(),
                errors: FormErrors::default(),
                request: "0".repeat(32),
            };
            assert_sound(&frame, &nothing);
        }
    }

    async fn send(city: &City, ming: &Person, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let ask = city
            .post("/me/appeals/new?lang=en")
            .cookie(RESIDENT_COOKIE, &ming.session);
        ask.upload(fields, ("file", file)).await
    }

    #[tokio::test]
    async fn a_person_appeals_on_the_page_with_a_photograph() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let evidence = sent.json["evidence"].as_str().unwrap().to_owned();
        let read = async |address: &str| {
            let address = format!("{address}?lang=en");
            city.get(&address)
                .cookie(RESIDENT_COOKIE, &ming.session)
                .await
        };
        let status = read("/me").await;
        assert!(
            status.text.contains("href=\"/me/appeals/new\""),
            "{status:?}"
        );
        let page = read("/me/appeals/new").await;
        assert!(
            page.text.contains(&format!("value=\"{evidence}\"")),
            "{page:?}"
        );
        assert!(page.text.contains("multipart/form-data"));

        let against = ("against", &*evidence);
        let at_home = ("why", "I was at home.");
        for (fields, file, field, said) in [
            (&[at_home][..], &b""[..], "against", "Tick at least one"),
            (&[against, ("why", " ")], b"", "why", "Say why"),
            (
                &[against, at_home],
                b"GIF89a",
                "file",
                "We cannot take this",
            ),
        ] {
            let refused = send(&city, &ming, fields, file).await;
            let beside = format!("<p class=\"wrong\" id=\"{field}-error\">{said}");
            assert!(refused.text.contains(&beside), "{said}: {refused:?}");
            let is_kept = refused.text.contains(">I was at home.</textarea>");
            assert_eq!(is_kept, fields.contains(&at_home), "{refused:?}");
        }
        let pdf = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n";
        let filed = send(&city, &ming, &[against, ("why", "I was at home.")], pdf).await;
        assert_eq!(filed.status, 303, "{filed:?}");
        assert_eq!(city.status(&ming).await, "yellow");
        let own = read("/me/appeals").await;
        assert!(own.text.contains("I was at home.") && own.text.contains("An answer must come by"));
        let file = own
            .text
            .split("href=\"/me/appeals/")
            .find(|rest| rest.contains("/file\""));
        let address = file.unwrap().split('"').next().unwrap();
        let file = read(&format!("/me/appeals/{address}")).await;
        assert_eq!(file.headers["content-type"], "application/pdf");
        let page = read("/me/appeals/new").await;
        assert!(page.text.contains("nothing to appeal against"), "{page:?}");
        let again = send(&city, &ming, &[against, ("why", "Again.")], b"").await;
        assert!(
            again.text.contains("appealed against this before"),
            "{again:?}"
        );
    }
}
