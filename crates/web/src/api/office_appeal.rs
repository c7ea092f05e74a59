//! `POST /api/v1/office/appeals`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::Happened;
use utoipa::ToSchema;

use super::appeals::NewAppeal;
use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{Body, WireAppeal, WireDocument};

/// An appeal of somebody who stands in the office.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppealFor {
    /// The document in hand.
    document: WireDocument,
    /// What its holder says.
    appeal: NewAppeal,
}

/// File an appeal for the holder of a document
///
/// They need no account and no phone. Who has one reads that an appeal was filed.
#[utoipa::path(
    post, path = "/api/v1/office/appeals", tag = "office", security(("authority" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = AppealFor,
    responses((status = 201, body = WireAppeal), Refusals),
)]
pub(crate) async fn office_appeal(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<AppealFor>,
) -> Result<Created<WireAppeal>, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let appeal = service::AppealRequest {
        request,
        ..body.appeal.into_request()?
    };
    let accounts = &app.service.accounts;
    let holder = accounts
        .holder_of(&by, &document, Happened::Appealed)
        .await?;
    let filed = app.service.appeals.file_for(&by, &holder, appeal).await?;
    Ok((StatusCode::CREATED, axum::Json(filed.into())))
}

#[cfg(test)]
mod tests {
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
        let filed = city
            .post("/api/v1/office/appeals")
            .token(&city.community)
            .json(&body)
            .await;
        assert_eq!(filed.status, 201, "{filed:?}");
        assert_eq!(filed.json["restrictions"][0]["rule"], "close-contact");
        let again = city
            .post("/api/v1/office/appeals")
            .token(&city.community)
            .json(&body)
            .await;
        assert_eq!(
            again.status, 404,
            "nothing is left to appeal against: {again:?}"
        );
    }
}
