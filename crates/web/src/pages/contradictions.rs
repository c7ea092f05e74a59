//! `/me/contradictions`: what does not fit what one declared, and what one says about it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{Evidence, Fact};
use serde::Deserialize;
use service::{ContradictionOutcome, ContradictionView, Resident, ServiceError};

use super::dates::Calendar;
use super::{Frame, go_to, page_with};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{ContradictionText, InPath, WireText};

#[derive(Template)]
#[template(path = "me_contradictions.html")]
struct ContradictionsPage {
    frame: Frame,
    refused: Option<Refused>,
    found: Vec<Entry>,
}

/// What was said of a contradiction and not taken.
struct Refused {
    id: String,
    /// The name of the text that says why not.
    text: &'static str,
    /// What was typed.
    words: String,
}

impl ContradictionsPage {
    fn refused_of(&self, one: &Entry) -> Option<&Refused> {
        self.refused.as_ref().filter(|refused| refused.id == one.id)
    }
}

/// Something declared and something recorded that do not fit each other.
pub(super) struct Entry {
    id: String,
    pub(super) declared: String,
    pub(super) recorded: String,
    /// Until when the person has time.
    until: String,
    pub(super) words: Option<String>,
    pub(super) settled: Option<SettledEntry>,
}

/// How it was settled.
pub(super) struct SettledEntry {
    pub(super) outcome: &'static str,
    pub(super) by: Option<String>,
    pub(super) reasons: String,
}

/// What the person typed.
#[derive(Deserialize)]
pub(super) struct WordsForm {
    #[serde(default)]
    words: String,
}

/// Shows one's own.
pub(super) async fn list(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    own_page(&app, frame, &resident, None).await
}

/// Keeps what the person says.
pub(super) async fn say(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    InPath(WireText(id)): InPath<ContradictionText>,
    SameOriginForm(form): SameOriginForm<WordsForm>,
) -> Result<Response, Problem> {
    let contradictions = &app.service.contradictions;
    let text = match contradictions.say(&resident, id, &form.words).await {
        Ok(_) => return Ok(go_to("/me/contradictions", None)),
        Err(ServiceError::BadField { .. }) => "contradiction-no-words",
        Err(ServiceError::ContradictionSettled) => "contradictions-settled",
        Err(error) => return Err(error.into()),
    };
    let refused = Refused {
        id: id.to_string(),
        text,
        words: form.words,
    };
    own_page(&app, frame, &resident, Some(refused)).await
}

async fn own_page(
    app: &App,
    frame: Frame,
    resident: &Resident,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, app);
    let own = app.service.contradictions.own(resident).await?;
    let found = own.into_iter().map(|one| entry(one, &frame, &calendar));
    let drawn = ContradictionsPage {
        refused,
        found: found.collect(),
        frame,
    };
    page_with(&drawn, drawn.refused.is_some())
}

/// A contradiction in words.
pub(super) fn entry(one: ContradictionView, frame: &Frame, calendar: &Calendar) -> Entry {
    let office = one.recorded_by.map(|office| office.name);
    Entry {
        id: one.id.to_string(),
        declared: in_words(one.declared.as_ref(), None, frame, calendar),
        recorded: in_words(one.recorded.as_ref(), office, frame, calendar),
        until: frame.with(
            "contradiction-until",
            "when",
            &calendar.date_time(one.hear_by),
        ),
        words: one.said.map(|said| said.words.expose().clone()),
        settled: one.settled.map(|settled| SettledEntry {
            outcome: match settled.outcome {
                ContradictionOutcome::Confirmed => "contradiction-outcome-confirmed",
                ContradictionOutcome::Dismissed => "contradiction-outcome-dismissed",
                ContradictionOutcome::Dropped => "contradiction-outcome-dropped",
            },
            by: settled
                .authority
                .map(|office| frame.with("contradiction-by", "office", &office.name)),
            reasons: settled.reasons.expose().clone(),
        }),
    }
}

fn in_words(
    piece: Option<&Evidence>,
    office: Option<String>,
    frame: &Frame,
    calendar: &Calendar,
) -> String {
    let Some(piece) = piece else {
        return frame.t("contradiction-forgotten");
    };
    let kind = frame.t(&format!("kind-{}", piece.fact.kind()));
    let region = match &piece.fact {
        Fact::Stay { region, .. } => Some(region.to_string()),
        _ => None,
    };
    let times = [Some(piece.fact.begins()), piece.fact.ends()];
    let times = times.into_iter().flatten().map(|at| calendar.date_time(at));
    let words: Vec<String> = [Some(kind), region]
        .into_iter()
        .flatten()
        .chain(times)
        .chain(office)
        .collect();
    words.join(" · ")
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    pub(in super::super) fn samples(frame: &Frame) -> Vec<Entry> {
        let outcomes = [
            None,
            Some("contradiction-outcome-confirmed"),
            Some("contradiction-outcome-dismissed"),
            Some("contradiction-outcome-dropped"),
        ];
        let sample = |outcome: Option<&'static str>| Entry {
            id: outcome.map_or("0", |word| word).to_owned(),
            declared: "<b>Hangzhou".to_owned(),
            recorded: "<b>Wuhan".to_owned(),
            until: frame.with("contradiction-until", "when", "today"),
            words: outcome.map(|_| "<b>No".to_owned()),
            settled: outcome.map(|outcome| SettledEntry {
                outcome,
                by: Some(frame.with("contradiction-by", "office", "<b>Office")),
                reasons: "<b>Because".to_owned(),
            }),
        };
        outcomes.map(sample).into()
    }

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            let errors = [
                None,
                Some("contradiction-no-words"),
                Some("contradictions-settled"),
            ];
            for error in errors {
                let page = ContradictionsPage {
                    refused: error.map(|text| Refused {
                        id: "0".to_owned(),
                        text,
                        words: "<b>No".to_owned(),
                    }),
                    found: match error {
                        None => Vec::new(),
                        Some(_) => samples(&frame),
                    },
                    frame: frame.clone(),
                };
                let html = assert_sound(&frame, &page);
                assert!(!html.contains("<b>No") && !html.contains("<b>Wuhan"));
                assert_eq!(html.contains("id=\"wrong-0\""), error.is_some());
            }
        }
    }

    #[tokio::test]
    async fn a_person_reads_what_does_not_fit_and_says_what_is_right() {
        let city = City::start().await;
        let (ming, id) = city.contradicted_resident("Ming").await;
        let read = async || {
            let ask = city.get("/me/contradictions?lang=en");
            ask.cookie(RESIDENT_COOKIE, &ming.session).await
        };
        let page = read().await;
        assert!(
            page.text.contains("420102") && page.text.contains("330106"),
            "{page:?}"
        );
        let send = async |form: &str| {
            let ask = city.post(&format!("/me/contradictions/{id}?lang=en"));
            let ask = ask.cookie(RESIDENT_COOKIE, &ming.session);
            ask.form(form).await
        };
        let silent = send("words=+").await;
        assert!(silent.text.contains("Say something"), "{silent:?}");
        // What is too long stays in its field, and the message stands beside it.
        let long = "It was my brother. ".repeat(120);
        let refused = send(&format!("words={long}")).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        let field = format!("aria-describedby=\"wrong-{id}\">{}", &long[..50]);
        assert!(refused.text.contains(&field), "{refused:?}");
        assert_eq!(send("words=It+was+my+brother.").await.status, 303);
        assert!(read().await.text.contains("It was my brother."));
    }
}
