//! `POST /api/v1/office/claims`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, AssuranceText, Body, TimeText, WireDocument, WireText};

/// A document in the worker's hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InHand {
    /// The document.
    document: WireDocument,
}

/// The accounts that claim a document.
#[derive(Serialize, ToSchema)]
pub(crate) struct Claims {
    /// Those proven furthest first, then the first opened; fifty at most.
    claims: Vec<Claim>,
}

/// An account that claims the document.
#[derive(Serialize, ToSchema)]
struct Claim {
    /// Which.
    account: AccountText,
    /// How far it is proven.
    assurance: AssuranceText,
    /// When it was opened.
    opened_at: TimeText,
    /// The last two digits of its phone, by which its holder knows it.
    phone_ends: Option<String>,
}

/// Find accounts by a document in hand
///
/// Each holder reads that they were looked up.
#[utoipa::path(
    post, path = "/api/v1/office/claims", tag = "office", security(("staff" = [])),
    request_body = InHand,
    responses((status = 200, body = Claims), Refusals),
)]
pub(crate) async fn office_claims(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<InHand>,
) -> Result<axum::Json<Claims>, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let claims = app.service.accounts.claims_of(&by, &document).await?;
    let claim = |one: service::Claim| Claim {
        account: WireText(one.account),
        assurance: WireText(one.assurance),
        opened_at: WireText(one.opened_at),
        phone_ends: one.phone_ends.map(|digits| digits.expose().clone()),
    };
    let claims = claims.into_iter().map(claim).collect();
    Ok(axum::Json(Claims { claims }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_worker_finds_binds_prints_and_releases_and_the_holder_reads_it() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let document = json!({ "kind": "99", "number": ming.document });
        let ask = |address: &str, body: serde_json::Value| {
            city.post(address)
                .token(&city.community)
                .json(&body)
                .into_future()
        };
        let found = ask("/api/v1/office/claims", json!({ "document": document })).await;
        let claim = &found.json["claims"][0];
        assert_eq!(claim["assurance"], "claimed", "{found:?}");
        assert_eq!(claim["phone_ends"], "00");
        let account = claim["account"].clone();
        let body = json!({ "account": account, "document": document });
        let bound = ask("/api/v1/office/bindings", body.clone()).await;
        assert_eq!(bound.status, 204, "{bound:?}");
        let card = ask("/api/v1/office/cards", json!({ "document": document })).await;
        assert_eq!(card.json["colour"], "green", "{card:?}");
        let child = json!({ "kind": "99", "number": "CHILD001" });
        let ward = json!({ "account": account, "document": document, "ward": child });
        assert_eq!(ask("/api/v1/office/wards", ward).await.status, 204);
        let security = city
            .get("/api/v1/me/security")
            .token(&ming.token)
            .await
            .json;
        assert_eq!(security["assurance"], "seen");
        let events = security["events"].as_array().unwrap();
        let kinds: Vec<&str> = events
            .iter()
            .filter_map(|one| one["kind"].as_str())
            .collect();
        for kind in ["looked-up", "seen", "card-printed", "person-added"] {
            assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
        }
        assert_eq!(ask("/api/v1/office/releases", body).await.status, 204);
        let after = city.get("/api/v1/me/security").token(&ming.token).await;
        assert_eq!(after.status, 401);
    }
}
