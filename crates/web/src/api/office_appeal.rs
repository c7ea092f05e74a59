//! `POST /api/v1/office/appeals`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use service::AtCounter;
use utoipa::ToSchema;

use super::Refusals;
use super::appeals::NewAppeal;
use super::office_see::status_of;
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AppealText, Body, TimeText, WireDocument, WireText};

/// An appeal of somebody who stands in the office.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppealFor {
    /// The document in hand.
    document: WireDocument,
    /// What its holder says.
    appeal: NewAppeal,
}

/// What the office reads of an appeal that it filed: not what it is against.
#[derive(Serialize, ToSchema)]
pub(crate) struct FiledFor {
    /// Names it, for the person to ask about.
    id: AppealText,
    /// By when the policy promises an answer.
    answer_by: TimeText,
}

/// File an appeal for the holder of a document
///
/// They need no account and no phone. Who has one reads that an appeal was filed. Where somebody else
/// has said anything of the holder, a second worker of the office looks at the document too and sends
/// the same within an hour; until then the answer is 202.
#[utoipa::path(
    post, path = "/api/v1/office/appeals", tag = "office", security(("authority" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = AppealFor,
    responses(
        (status = 201, body = FiledFor),
        (status = 202, description = "It waits for a second worker"),
        Refusals,
    ),
)]
pub(crate) async fn office_appeal(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<AppealFor>,
) -> Result<Response, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let appeal = service::AppealRequest {
        request,
        ..body.appeal.into_request()?
    };
    let holder = app.service.accounts.appealing_holder(&by, &document);
    let Some(holder) = holder.await? else {
        return Ok(status_of(AtCounter::WaitsForSecond).into_response());
    };
    let filed = app.service.appeals.file_for(&by, holder, appeal).await?;
    let body = FiledFor {
        id: WireText(filed.id),
        answer_by: WireText(filed.answer_by),
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn an_office_files_for_who_has_no_phone() {
        let city = City::start().await;
        let document = json!({ "kind": "20", "number": "TEST-0815" });
        let reported = json!({
            "document": document,
            "fact": city.close_contact(&city.well_resident("Ming").await)["fact"],
        });
        city.submit(&city.health, &reported).await;
        let body = json!({ "document": document, "appeal": { "why": "I was at home." } });
        let asked = city
            .post("/api/v1/office/appeals")
            .token(&city.community)
            .json(&body)
            .await;
        assert_eq!(asked.status, 202, "a second worker: {asked:?}");
        let (kind, role) = (AuthorityKind::Community, Role::CommunityWorker);
        let colleague = city.staff_with(kind, role).await;
        let filed = city
            .post("/api/v1/office/appeals")
            .token(&colleague)
            .json(&body)
            .await;
        assert_eq!(filed.status, 201, "{filed:?}");
        let members: Vec<&String> = filed.json.as_object().unwrap().keys().collect();
        assert_eq!(members, ["answer_by", "id"], "not what was said of them");
        for (who, status) in [(&city.community, 202), (&colleague, 404)] {
            let again = city
                .post("/api/v1/office/appeals")
                .token(who)
                .json(&body)
                .await;
            assert_eq!(again.status, status, "nothing is left: {again:?}");
        }
    }
}
