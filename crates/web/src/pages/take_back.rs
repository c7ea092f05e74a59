//! `/officer/evidence/{person}/{evidence}/withdrawal`: what was recorded wrongly is taken back, with a reason.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{EvidenceId, PersonId};
use serde::Deserialize;
use service::{Purpose, ServiceError, Stated, Subject};

use super::form_errors::{FormError, FormErrors};
use super::{Frame, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{EvidenceText, InPath, PersonText, WireText};

#[derive(Template)]
#[template(path = "take_back.html")]
struct TakeBackPage {
    frame: Frame,
    errors: FormErrors,
    address: String,
    evidence: String,
    reason: String,
    is_done: bool,
}

/// What the officer typed.
#[derive(Default, Deserialize)]
pub(super) struct TakeBackForm {
    #[serde(default)]
    reason: String,
}

type Which = InPath<(PersonText, EvidenceText)>;

/// Where something is taken back.
pub(super) fn address(person: PersonId, evidence: EvidenceId) -> String {
    format!("/officer/evidence/{person}/{evidence}/withdrawal")
}

/// Asks for the reason. It reads nothing of the person.
pub(super) async fn ask(
    frame: Frame,
    StaffMay(..): StaffMay<act::WithdrawEvidence>,
    InPath((WireText(person), WireText(evidence))): Which,
) -> Result<Response, Problem> {
    take_back_page(frame, (person, evidence), TakeBackForm::default(), None)
}

/// Takes it back: it counts no more, and neither does what was found because of it.
pub(super) async fn take_back(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::WithdrawEvidence>,
    InPath((WireText(person), WireText(evidence))): Which,
    SameOriginForm(form): SameOriginForm<TakeBackForm>,
) -> Result<Response, Problem> {
    let done = match Stated::new(Purpose::Correction, &form.reason) {
        Err(_) => Err(FormError::at("reason", "take-back-no-reason")),
        Ok(why) => {
            let subject = Subject::Person(person);
            let submissions = &app.service.evidence;
            let taken_back =
                submissions.withdraw_because(staff.submitter(), &subject, evidence, why);
            match taken_back.await {
                Ok(_) => Ok(()),
                Err(ServiceError::NotYours) => Err(FormError::of_all("take-back-not-yours")),
                Err(ServiceError::NotWithdrawable) => Err(FormError::of_all("take-back-not")),
                Err(error) => return Err(error.into()),
            }
        }
    };
    take_back_page(frame, (person, evidence), form, Some(done))
}

fn take_back_page(
    frame: Frame,
    (person, evidence): (PersonId, EvidenceId),
    form: TakeBackForm,
    pressed: Option<Result<(), FormError>>,
) -> Result<Response, Problem> {
    let error = pressed.and_then(Result::err);
    let drawn = TakeBackPage {
        is_done: pressed == Some(Ok(())),
        errors: error.map(FormErrors::from).unwrap_or_default(),
        address: address(person, evidence),
        evidence: evidence.to_string(),
        reason: form.reason,
        frame,
    };
    page_with(&drawn, error.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{Answer, City, percent_encoded};

    #[test]
    fn the_page_renders_in_every_language() {
        let errors = [
            FormError::at("reason", "take-back-no-reason"),
            FormError::of_all("take-back-not-yours"),
            FormError::of_all("take-back-not"),
        ];
        for frame in frames() {
            for (error, is_done) in errors
                .map(Some)
                .into_iter()
                .chain([None])
                .zip([false, true].into_iter().cycle())
            {
                let page = TakeBackPage {
                    frame: frame.clone(),
                    errors: error.map(FormErrors::from).unwrap_or_default(),
                    address: "/officer/evidence/0/0/withdrawal".to_owned(),
                    evidence: "0".repeat(32),
                    reason: "<b>Wrong".to_owned(),
                    is_done,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>Wrong"));
            }
        }
    }

    async fn press(city: &City, session: &str, address: &str, reason: &str) -> Answer {
        let ask = city.post(&format!("{address}?lang=en"));
        let form = format!("reason={}", percent_encoded(reason));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(&form).await
    }

    #[tokio::test]
    async fn what_was_recorded_by_mistake_is_taken_back_with_a_reason() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let sent = city.submit(&city.health, &city.close_contact(&ming)).await;
        assert_eq!(city.status(&ming).await, "red");
        let form = format!(
            "person={}&purpose=correction&reference=letter+4",
            ming.person
        );
        let record = city.post("/officer/records?lang=en");
        let record = record.cookie(SECURE_STAFF_COOKIE, &city.health);
        let record = record.form(&form).await;
        let evidence = sent.json["evidence"].as_str().unwrap();
        let address = format!("/officer/evidence/{}/{evidence}/withdrawal", ming.person);
        assert!(record.text.contains(&address), "{record:?}");
        let asked = city.get(&format!("{address}?lang=en"));
        let asked = asked.cookie(SECURE_STAFF_COOKIE, &city.health).await;
        assert!(asked.text.contains("What was wrong"), "{asked:?}");

        let silent = press(&city, &city.health, &address, " ").await;
        assert_eq!(silent.status, 422, "{silent:?}");
        assert!(silent.text.contains("href=\"#reason\""), "{silent:?}");
        assert_eq!(city.status(&ming).await, "red");
        let done = press(&city, &city.health, &address, "Another Ming was meant").await;
        assert!(done.text.contains("Taken back"), "{done:?}");
        assert_eq!(city.status(&ming).await, "green");
        let again = press(&city, &city.health, &address, "Another Ming was meant").await;
        assert_eq!(
            again.status, 200,
            "a second officer takes back nothing more: {again:?}"
        );
    }
}
