//! `POST /api/v1/evidence/batches`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::Submission;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::{Submitter, act};
use crate::problem::Problem;
use crate::wire::{
    Body, EvidenceText, ProposalText, RefusedItem, WireEvidence, WireText, read_each,
};

/// Evidence about any number of people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// The pieces, at most 10,000.
    #[schema(value_type = Vec<WireEvidence>)]
    items: Vec<Box<RawValue>>,
}

/// What became of a batch. Good items went in together; bad ones kept nothing good out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Items that are durable, in order.
    accepted: Vec<AcceptedItem>,
    /// Items that were refused, in order.
    refused: Vec<RefusedItem>,
    /// Set if the batch would restrict more people than one may restrict at once: then nothing is
    /// accepted yet, and it waits under this identifier for a staff member who approves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<ProposalText>,
}

/// An item that is durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct AcceptedItem {
    /// Which item, from 0.
    item: usize,
    /// Its identifier; a withdrawal names it.
    evidence: EvidenceText,
}

/// Submit many pieces of evidence
///
/// Bad items are refused one by one, with field and reason; the good ones go in together. A batch
/// of bad items alone is answered with 200 as well: look at `refused`.
#[utoipa::path(
    post, path = "/api/v1/evidence/batches", tag = "evidence", security(("feed" = []), ("staff" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = Batch,
    responses((status = 200, body = Receipt), Refusals),
)]
pub(crate) async fn submit_many(
    State(app): State<App>,
    Submitter(by, _): Submitter<act::SubmitEvidence>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<Batch>,
) -> Result<axum::Json<Receipt>, Problem> {
    let (items, places) = read_each(&body.items, WireEvidence::into_item);
    let receipt = app
        .service
        .evidence
        .submit(
            &by,
            Submission {
                request,
                content: None,
                items,
            },
        )
        .await?;
    let accepted = receipt.accepted.into_iter().map(|one| AcceptedItem {
        item: places.of(one.index),
        evidence: WireText(one.evidence),
    });
    Ok(axum::Json(Receipt {
        accepted: accepted.collect(),
        refused: places.refused(receipt.refused),
        waits: receipt.held.map(WireText),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn good_items_go_in_and_bad_ones_are_named() {
        let city = City::start().await;
        let (ming, lan) = (
            city.well_resident("Ming").await,
            city.well_resident("Lan").await,
        );
        let mut backwards = city.close_contact(&lan);
        backwards["fact"]["last"] = json!(city.hours_ago(900));
        let nobody = json!({ "person": "0".repeat(32), "fact": city.close_contact(&lan)["fact"] });
        let body = json!({ "items": [
            { "person": "13800000000", "fact": city.close_contact(&ming)["fact"] },
            city.close_contact(&ming),
            backwards,
            nobody,
        ]});
        let answer = city
            .post("/api/v1/evidence/batches")
            .token(&city.health)
            .json(&body)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let items = |list: &str| -> Vec<_> {
            let list = answer.json[list].as_array().unwrap();
            list.iter()
                .map(|one| one["item"].as_u64().unwrap())
                .collect()
        };
        assert_eq!(
            (items("accepted"), items("refused")),
            (vec![1], vec![0, 2, 3])
        );
        assert_eq!(answer.json["refused"][0]["errors"][0]["field"], "person");
        assert_eq!(answer.json["refused"][1]["errors"][0]["field"], "last");
        assert!(!answer.text.contains("138"));
        assert_eq!(
            (
                city.status(&ming).await.as_str(),
                city.status(&lan).await.as_str()
            ),
            ("red", "green")
        );
    }

    #[tokio::test]
    async fn a_repeated_batch_counts_once() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = json!({ "items": [city.close_contact(&ming)] });
        let send = || {
            city.post("/api/v1/evidence/batches")
                .token(&city.health)
                .key("file 7")
                .json(&body)
        };
        let (first, again) = (send().await, send().await);
        assert_eq!(first.json["accepted"], again.json["accepted"], "{again:?}");
    }
}
