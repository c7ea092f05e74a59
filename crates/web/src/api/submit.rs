//! `POST /api/v1/evidence`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use service::Submission;
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::{Submitter, act};
use crate::problem::Problem;
use crate::wire::{Body, EvidenceText, WireEvidence, WireText};

/// Evidence that is durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct Submitted {
    /// Its identifier; a withdrawal names it.
    evidence: EvidenceText,
}

/// Submit one piece of evidence
///
/// Each kind of authority may submit some kinds of evidence only. When the answer comes, the
/// verdict that follows is durable and no online check shows an older one. The answer tells nothing
/// about the person. A confirmed case is
/// traced in the background.
#[utoipa::path(
    post, path = "/api/v1/evidence", tag = "evidence", security(("feed" = []), ("staff" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = WireEvidence,
    responses((status = 201, body = Submitted), Refusals),
)]
pub(crate) async fn submit(
    State(app): State<App>,
    Submitter(by, _): Submitter<act::SubmitEvidence>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<WireEvidence>,
) -> Result<Created<Submitted>, Problem> {
    let item = body.into_item()?;
    let receipt = app
        .service
        .evidence
        .submit(
            &by,
            Submission {
                content: None,
                request,
                items: vec![item],
            },
        )
        .await?;
    if let Some(refused) = receipt.refused.into_iter().next() {
        return Err(Problem::invalid(refused.field, refused.reason));
    }
    let accepted = receipt
        .accepted
        .into_iter()
        .next()
        .ok_or_else(Problem::not_found)?;
    let answer = Submitted {
        evidence: WireText(accepted.evidence),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_close_contact_that_a_health_authority_reports_turns_a_code_red() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = city.close_contact(&ming);
        let answer = city.submit(&city.health, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(city.status(&ming).await, "red");
    }

    #[tokio::test]
    async fn a_laboratory_may_report_tests_and_nothing_else() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let refused = city.submit(&city.laboratory, &contact).await;
        assert_eq!(
            (refused.status, city.status(&ming).await.as_str()),
            (422, "green")
        );
        let test = json!({
            "person": ming.person,
            "fact": { "kind": "test", "test": "pcr", "result": "negative",
                      "sampled": city.hours_ago(3) },
        });
        let taken = city.submit(&city.laboratory, &test).await;
        assert_eq!(taken.status, 201, "{taken:?}");
    }

    #[tokio::test]
    async fn an_answer_tells_a_feed_nothing_about_the_person() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let test = json!({
            "document": { "kind": "99", "number": "TEST0001" },
            "fact": { "kind": "test", "test": "pcr", "result": "negative",
                      "sampled": city.hours_ago(3) },
        });
        let taken = city.submit(&city.laboratory, &test).await;
        assert_eq!(taken.status, 201, "{taken:?}");
        let many = json!({ "items": [test] });
        let ask = city
            .post("/api/v1/evidence/batches")
            .token(&city.laboratory);
        let batch = ask.json(&many).await;
        for answer in [&taken, &batch] {
            assert!(!answer.text.contains(&ming.person), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn no_evidence_sets_a_colour_and_an_order_is_not_submitted() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let order = json!({
            "person": ming.person,
            "fact": { "kind": "order", "colour": "red", "basis": "Epidemic law, article 39",
                      "from": city.hours_ago(1), "until": city.hours_ago(-23),
                      "signed_by": ["Chen", "Wu"] },
        });
        for token in [&city.health, &city.laboratory] {
            let refused = city.submit(token, &order).await;
            assert_eq!(refused.status, 422, "{refused:?}");
        }
        assert_eq!(city.status(&ming).await, "green");
    }
}
