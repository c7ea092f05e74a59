//! `/help/report`: anybody reports what does not work, and reads the answer by the number that they were
//! given. Nobody is asked who they are.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde::Deserialize;
use service::{GlitchOutcome, GlitchReport, ServiceError};

use super::dates::Calendar;
use super::form_errors::{FormError, FormErrors};
use super::{Frame, page, page_with, request_key};
use crate::App;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What was typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct GlitchForm {
    #[serde(default)]
    request: String,
    #[serde(default)]
    wanted: String,
    #[serde(default)]
    happened: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "report_glitch.html")]
struct ReportPage {
    frame: Frame,
    form: GlitchForm,
    errors: FormErrors,
    /// The number that the report got, in groups of four.
    number: Option<String>,
}

#[derive(Template)]
#[template(path = "glitch_answer.html")]
struct AnswerPage {
    frame: Frame,
    reported: String,
    /// What came of it, and in words.
    answer: Option<Answer>,
}

struct Answer {
    when: String,
    outcome: &'static str,
    words: String,
}

/// Shows the form; the page that it was opened from is filled in.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from="));
    let from = from.unwrap_or_default();
    let is_path = from
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
    let page = if is_path {
        from.to_owned()
    } else {
        String::new()
    };
    let form = GlitchForm {
        page,
        ..GlitchForm::default()
    };
    report_page(&app, frame, form, FormErrors::default(), None)
}

/// Takes a report in and shows its number, once.
pub(super) async fn send(
    State(app): State<App>,
    frame: Frame,
    SameOriginForm(form): SameOriginForm<GlitchForm>,
) -> Result<Response, Problem> {
    let report = GlitchReport {
        request: form.request.parse().ok(),
        wanted: form.wanted.clone(),
        happened: form.happened.clone(),
        page: form.page.clone(),
    };
    let errors = match app.service.glitches.report(&report).await {
        Ok(number) => {
            return report_page(
                &app,
                frame,
                GlitchForm::default(),
                FormErrors::default(),
                Some(number),
            );
        }
        Err(ServiceError::BadField { field, .. }) => FormErrors::from(match field {
            "wanted" => FormError::at("wanted", "glitch-bad-words"),
            "happened" => FormError::at("happened", "glitch-bad-words"),
            _ => FormError::at("page", "glitch-bad-page"),
        }),
        Err(ServiceError::TooManyGlitches) => {
            FormErrors::from(FormError::of_all("glitch-too-many"))
        }
        Err(error) => return Err(error.into()),
    };
    report_page(&app, frame, form, errors, None)
}

/// Shows the answer to a report.
pub(super) async fn answer(
    State(app): State<App>,
    frame: Frame,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let (reported_at, answer) = app.service.glitches.answer_to(&number).await?;
    let calendar = Calendar::or_utc(&frame, &app);
    let answer = answer.map(|(at, outcome, words)| Answer {
        when: calendar.date_time(at),
        outcome: outcome_text(outcome),
        words,
    });
    page(&AnswerPage {
        reported: calendar.date_time(reported_at),
        answer,
        frame,
    })
}

/// The name of the text that says what came of a report.
pub(super) const fn outcome_text(outcome: GlitchOutcome) -> &'static str {
    match outcome {
        GlitchOutcome::Mended => "glitch-mended",
        GlitchOutcome::NotAFault => "glitch-not-a-fault",
        GlitchOutcome::NotFound => "glitch-not-found",
    }
}

fn report_page(
    app: &App,
    frame: Frame,
    form: GlitchForm,
    errors: FormErrors,
    number: Option<String>,
) -> Result<Response, Problem> {
    let is_refused = !errors.is_empty();
    let form = GlitchForm {
        request: request_key(app, &form.request),
        ..form
    };
    let number = number.map(|number| grouped(&number));
    let drawn = ReportPage {
        frame,
        form,
        errors,
        number,
    };
    page_with(&drawn, is_refused)
}

/// In groups of four, so that it can be copied by hand.
fn grouped(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let groups = letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_form_and_the_answer_render_in_every_language() {
        for frame in frames() {
            for number in [None, Some("ABCD-EFGH")] {
                let errors = [
                    FormError::at("wanted", "glitch-bad-words"),
                    FormError::at("page", "glitch-bad-page"),
                    FormError::of_all("glitch-too-many"),
                ];
                let html = assert_sound(
                    &frame,
                    &ReportPage {
                        frame: frame.clone(),
                        form: GlitchForm {
                            wanted: "</textarea><b>".into(),
                            ..GlitchForm::default()
                        },
                        errors: match number {
                            None => errors.into_iter().collect(),
                            Some(_) => FormErrors::default(),
                        },
                        number: number.map(str::to_owned),
                    },
                );
                assert!(!html.contains("</textarea><b>"), "{html}");
            }
            let outcomes = GlitchOutcome::ALL.into_iter().map(Some).chain([None]);
            for outcome in outcomes {
                assert_sound(
                    &frame,
                    &AnswerPage {
                        frame: frame.clone(),
                        reported: "yesterday".into(),
                        answer: outcome.map(|outcome| Answer {
                            when: "today".into(),
                            outcome: outcome_text(outcome),
                            words: "<b>Since today".into(),
                        }),
                    },
                );
            }
        }
    }

    #[tokio::test]
    async fn a_stranger_reports_a_glitch_an_officer_answers_and_the_number_opens_the_answer() {
        let city = City::start().await;
        let send = |form: &str| city.post("/help/report?lang=en").form(form);
        let refused = send("wanted=&happened=nothing&page=https%3A%2F%2Fevil.example").await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(
            refused.text.contains("nothing"),
            "what was typed stays: {refused:?}"
        );
        let page = city.get("/help/report?lang=en&from=/me").await;
        assert!(page.text.contains("value=\"/me\""), "{page:?}");
        let form = "request=00000000000000000000000000000005&wanted=to+see+my+code\
                    &happened=an+empty+page&page=%2Fme";
        let sent = send(form).await;
        assert_eq!(sent.status, 200, "{sent:?}");
        let again = send(form).await;
        assert_eq!(again.text, sent.text, "one report, and its number again");
        let number = sent.text.split("href=\"/help/report/").nth(1).unwrap();
        let (number, _) = number.split_once('"').unwrap();
        let read = async || city.get(&format!("/help/report/{number}?lang=en")).await;
        let waits = read().await;
        assert!(waits.text.contains("waits for an answer"), "{waits:?}");
        assert!(!waits.text.contains("empty page"), "{waits:?}");

        let at_desk = async |address: &str| {
            let ask = city.get(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health).await
        };
        let today = at_desk("/officer").await;
        assert!(
            today.text.contains("href=\"/officer/glitches\""),
            "{today:?}"
        );
        let list = at_desk("/officer/glitches").await;
        let address = list.text.split("href=\"/officer/glitches/").nth(1).unwrap();
        let address = format!("/officer/glitches/{}", &address[..32]);
        let opened = at_desk(&address).await;
        assert!(opened.text.contains("an empty page"), "{opened:?}");
        let act = async |form: &str| {
            let ask = city.post(&format!("{address}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health)
                .form(form)
                .await
        };
        assert_eq!(act("act=answer&outcome=mended&answer=").await.status, 422);
        let answered = act("act=answer&outcome=mended&answer=Since+noon.").await;
        assert_eq!(answered.status, 303, "{answered:?}");
        let again = act("act=answer&outcome=not-found&answer=Again.").await;
        assert!(again.text.contains("answered already"), "{again:?}");
        let answer = read().await;
        assert!(answer.text.contains("Since noon."), "{answer:?}");
        assert_eq!(act("act=erase").await.status, 303);
        let erased = at_desk(&address).await;
        assert!(!erased.text.contains("an empty page"), "{erased:?}");
        assert_eq!(
            city.get("/help/report/0000-0000-0000-0000").await.status,
            404
        );
    }
}
