//! `/officer/glitches`: reports of what does not work, and their answers.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::{GlitchId, Timestamp};
use serde::Deserialize;
use service::{GlitchOutcome, GlitchView, ServiceError, Staff};

use super::choice::Choice;
use super::dates::Calendar;
use super::form_errors::{FormError, FormErrors};
use super::report_glitch::outcome_text;
use super::{Frame, go_to, page, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{GlitchText, InPath, WireText};

/// A report in the list.
struct Row {
    address: String,
    reported: String,
    page: String,
}

#[derive(Template)]
#[template(path = "officer_glitches.html")]
struct GlitchesPage {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "officer_glitch.html")]
struct GlitchPage {
    frame: Frame,
    id: String,
    reported: String,
    page: String,
    said: Option<(String, String)>,
    /// When it was answered, what came of it, and in words.
    answer: Option<(String, &'static str, String)>,
    outcomes: Vec<Choice>,
    typed: String,
    errors: FormErrors,
}

/// What an officer chose.
#[derive(Default, Deserialize)]
pub(super) struct Act {
    #[serde(default)]
    act: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    answer: String,
}

/// Lists what waits.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerGlitches>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let query = query.unwrap_or_default();
    let after = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("after="));
    let (found, next) = app
        .service
        .glitches
        .list(&staff, after.and_then(place))
        .await?;
    let rows = found.into_iter().map(|one| Row {
        address: format!("/officer/glitches/{}", one.id),
        reported: calendar.date_time(one.reported_at),
        page: one.page,
    });
    page(&GlitchesPage {
        rows: rows.collect(),
        next: next.map(|(at, id)| format!("/officer/glitches?after={}.{id}", at.as_second())),
        frame,
    })
}

fn place(text: &str) -> Option<(Timestamp, GlitchId)> {
    let (at, id) = text.split_once('.')?;
    Some((
        Timestamp::from_second(at.parse().ok()?).ok()?,
        id.parse().ok()?,
    ))
}

/// Shows a report.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerGlitches>,
    InPath(WireText(id)): InPath<GlitchText>,
) -> Result<Response, Problem> {
    glitch_page(
        &app,
        frame,
        &staff,
        id,
        (&Act::default(), FormErrors::default()),
    )
    .await
}

/// Answers a report, or erases what it says.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::AnswerGlitches>,
    InPath(WireText(id)): InPath<GlitchText>,
    SameOriginForm(form): SameOriginForm<Act>,
) -> Result<Response, Problem> {
    let glitches = &app.service.glitches;
    if form.act == "erase" {
        glitches.erase(&staff, id).await?;
        return Ok(go_to(&format!("/officer/glitches/{id}"), None));
    }
    let Some(outcome) = GlitchOutcome::from_word(&form.outcome) else {
        let errors = FormErrors::from(FormError::at("outcome", "glitch-no-outcome"));
        return glitch_page(&app, frame, &staff, id, (&form, errors)).await;
    };
    let errors = match glitches.answer(&staff, id, outcome, &form.answer).await {
        Ok(()) => return Ok(go_to("/officer/glitches", None)),
        Err(ServiceError::BadField { .. }) => FormError::at("answer", "glitch-bad-words"),
        Err(ServiceError::GlitchAnswered) => FormError::of_all("glitch-too-late"),
        Err(error) => return Err(error.into()),
    };
    glitch_page(&app, frame, &staff, id, (&form, errors.into())).await
}

async fn glitch_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    id: GlitchId,
    (form, errors): (&Act, FormErrors),
) -> Result<Response, Problem> {
    let glitch = app.service.glitches.read(staff, id).await?;
    let calendar = Calendar::or_utc(&frame, app);
    let is_refused = !errors.is_empty();
    page_with(&drawn(frame, &calendar, glitch, form, errors), is_refused)
}

fn drawn(
    frame: Frame,
    calendar: &Calendar,
    glitch: GlitchView,
    form: &Act,
    errors: FormErrors,
) -> GlitchPage {
    let outcomes = GlitchOutcome::ALL.into_iter().map(|outcome| {
        let label = frame.t(outcome_text(outcome));
        Choice::new(outcome.as_str(), label, outcome.as_str() == form.outcome)
    });
    GlitchPage {
        id: glitch.id.to_string(),
        reported: calendar.date_time(glitch.reported_at),
        page: glitch.page,
        said: glitch.said,
        answer: glitch
            .answer
            .map(|(at, outcome, words)| (calendar.date_time(at), outcome_text(outcome), words)),
        outcomes: outcomes.collect(),
        typed: form.answer.clone(),
        errors,
        frame,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;

    #[test]
    fn the_queue_and_a_report_render_in_every_language() {
        let at: Timestamp = "2020-02-20T04:00:00Z".parse().unwrap();
        for frame in frames() {
            for count in [0, 1, 50] {
                let row = |_| Row {
                    address: "/officer/glitches/1".into(),
                    reported: "yesterday".into(),
                    page: "<b>/me".into(),
                };
                assert_sound(
                    &frame,
                    &GlitchesPage {
                        frame: frame.clone(),
                        rows: (0..count).map(row).collect(),
                        next: (count == 50).then(|| "/officer/glitches?after=1.2".into()),
                    },
                );
            }
            let calendar = Calendar::new(frame.language, jiff::tz::TimeZone::UTC);
            for is_open in [true, false] {
                let glitch = GlitchView {
                    id: GlitchId::from_u128(1),
                    reported_at: at,
                    page: "/me".into(),
                    said: is_open.then(|| ("<b>".into(), "nothing".into())),
                    answer: (!is_open).then(|| (at, GlitchOutcome::NotFound, "<i>".into())),
                };
                let errors = [
                    FormError::at("outcome", "glitch-no-outcome"),
                    FormError::at("answer", "glitch-bad-words"),
                    FormError::of_all("glitch-too-late"),
                ];
                let errors = if is_open {
                    errors.into_iter().collect()
                } else {
                    FormErrors::default()
                };
                let page = drawn(frame.clone(), &calendar, glitch, &Act::default(), errors);
                assert_sound(&frame, &page);
            }
        }
    }
}
