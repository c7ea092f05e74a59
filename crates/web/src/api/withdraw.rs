//! `POST /api/v1/evidence/{evidence}/withdrawal`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::{Submitter, act};
use crate::problem::Problem;
use crate::wire::{Body, EvidenceText, InPath, PersonText, WireDocument, WireText, subject};

/// Whose evidence is withdrawn: named by `person` or by `document`, as when it was submitted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawal {
    /// Whom the evidence is about, by the identifier that the system gave them.
    person: Option<PersonText>,
    /// Whom the evidence is about, by their document.
    document: Option<WireDocument>,
}

/// A withdrawal that is durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct Withdrawn {
    /// The withdrawal itself; a repeat gives the same.
    withdrawal: EvidenceText,
}

/// Withdraw evidence that was wrong
///
/// It counts no more, and neither does what contact tracing found because of it. The authority that
/// submitted it may do this, and any health authority. For everybody else the evidence does not
/// exist.
#[utoipa::path(
    post, path = "/api/v1/evidence/{evidence}/withdrawal", tag = "evidence",
    security(("feed" = []), ("staff" = [])),
    params(("evidence" = EvidenceText, Path, description = "The evidence")),
    request_body = Withdrawal,
    responses((status = 201, body = Withdrawn), Refusals),
)]
pub(crate) async fn withdraw(
    State(app): State<App>,
    Submitter(by, _): Submitter<act::WithdrawEvidence>,
    InPath(WireText(evidence)): InPath<EvidenceText>,
    Body(body): Body<Withdrawal>,
) -> Result<Created<Withdrawn>, Problem> {
    let subject = subject(body.person, body.document)?;
    let withdrawn = app
        .service
        .evidence
        .withdraw(&by, &subject, evidence)
        .await?;
    let answer = Withdrawn {
        withdrawal: WireText(withdrawn.evidence),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_withdrawn_contact_gives_the_green_code_back() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        assert_eq!(city.status(&ming).await, "red");
        let address = format!(
            "/api/v1/evidence/{}/withdrawal",
            sent.json["evidence"].as_str().unwrap()
        );
        let body = json!({ "person": ming.person });
        let answer = city.post(&address).token(&city.health).json(&body).await;
        assert_eq!(
            (answer.status, city.status(&ming).await.as_str()),
            (201, "green")
        );
    }

    #[tokio::test]
    async fn what_another_authority_recorded_does_not_exist_for_a_laboratory() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let body = json!({ "person": ming.person });
        let mut answers = Vec::new();
        for evidence in [sent.json["evidence"].as_str().unwrap(), &"0".repeat(32)] {
            let address = format!("/api/v1/evidence/{evidence}/withdrawal");
            answers.push(
                city.post(&address)
                    .token(&city.laboratory)
                    .json(&body)
                    .await
                    .json,
            );
        }
        assert_eq!(answers[0]["status"], 404);
        assert_eq!(answers[0], answers[1]);
    }
}
