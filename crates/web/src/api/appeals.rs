//! `GET` and `POST /api/v1/me/appeals`, `GET /api/v1/me/appeals/{appeal}/file`,
//! `GET /api/v1/appeals-by-rule`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use service::AppealRequest;
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{
    AppealText, Body, EvidenceText, InPath, WireAppeal, WireAppealsByRule, WireText, attached,
    file_bytes,
};

/// An appeal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAppeal {
    /// Evidence behind the restrictions that are wrong, as the status names it; left out or empty: every
    /// restriction that was not appealed against before.
    #[serde(default)]
    against: Vec<EvidenceText>,
    /// Why, in at most 2,000 characters.
    why: String,
    /// A PDF or a picture (JPEG, PNG or WebP) of at most 5 MB, in base64.
    #[schema(format = Byte)]
    file: Option<String>,
}

/// Appeal against restrictions
///
/// Somebody else than who submitted the evidence answers, by the time that the policy in force promises.
/// Until then the restrictions give what the policy grants. Each piece of evidence is appealed against once.
#[utoipa::path(
    post, path = "/api/v1/me/appeals", tag = "appeals", security(("resident" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = NewAppeal,
    responses((status = 201, body = WireAppeal), Refusals),
)]
pub(crate) async fn file_appeal(
    State(app): State<App>,
    Resident(resident): Resident,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewAppeal>,
) -> Result<Created<WireAppeal>, Problem> {
    let request = AppealRequest {
        request,
        ..body.into_request()?
    };
    let filed = app.service.appeals.file(&resident, request).await?;
    Ok((StatusCode::CREATED, axum::Json(filed.into())))
}

/// List one's appeals
///
/// Newest first, with their answers.
#[utoipa::path(
    get, path = "/api/v1/me/appeals", tag = "appeals", security(("resident" = [])),
    responses((status = 200, body = Vec<WireAppeal>), Refusals),
)]
pub(crate) async fn own_appeals(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<Vec<WireAppeal>>, Problem> {
    let own = app.service.appeals.own(&resident).await?;
    Ok(axum::Json(own.into_iter().map(Into::into).collect()))
}

/// Get the file of one's appeal
///
/// As it was sent.
#[utoipa::path(
    get, path = "/api/v1/me/appeals/{appeal}/file", tag = "appeals", security(("resident" = [])),
    params(("appeal" = AppealText, Path, description = "Which")),
    responses((status = 200, description = "A PDF or a picture", body = Vec<u8>), Refusals),
)]
pub(crate) async fn own_file(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(id)): InPath<AppealText>,
) -> Result<Response, Problem> {
    Ok(attached(app.service.appeals.own_file(&resident, id).await?))
}

/// How appeals against each rule went
///
/// Of the policy in force, as of at most a minute ago: appeals that wait, and those that were answered in the
/// days that each row says. Older ones are erased.
#[utoipa::path(
    get, path = "/api/v1/appeals-by-rule", tag = "appeals",
    responses((status = 200, body = Vec<WireAppealsByRule>), Refusals),
)]
pub(crate) async fn appeals_by_rule(
    State(app): State<App>,
) -> Result<axum::Json<Vec<WireAppealsByRule>>, Problem> {
    let rules = app.service.appeals.by_rule().await?;
    Ok(axum::Json(rules.into_iter().map(Into::into).collect()))
}

impl NewAppeal {
    /// What is asked for, without a key.
    ///
    /// # Errors
    /// A problem that names `file` if that is no base64.
    pub(crate) fn into_request(self) -> Result<AppealRequest, Problem> {
        Ok(AppealRequest {
            request: None,
            against: self
                .against
                .into_iter()
                .map(|evidence| evidence.0)
                .collect(),
            why: self.why,
            file: file_bytes(self.file.as_deref())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::testing::City;

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer\n%%EOF\n";

    #[tokio::test]
    async fn a_person_appeals_and_has_what_the_policy_grants() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let file = |body: serde_json::Value| {
            city.post("/api/v1/me/appeals")
                .token(&ming.token)
                .json(&body)
        };
        let against = [&sent.json["evidence"]];
        let silent = file(json!({ "against": against, "why": " " })).await;
        assert_eq!(
            (silent.status, &silent.json["errors"][0]["field"]),
            (422, &json!("why"))
        );
        for (bytes, said) in [
            ("R0lGODlh", "neither a PDF nor a picture"),
            ("no base64", "expected base64"),
        ] {
            let refused = file(json!({ "why": "No.", "file": bytes })).await;
            assert_eq!(refused.json["errors"][0]["field"], "file", "{refused:?}");
            let reason = refused.json["errors"][0]["reason"].as_str().unwrap();
            assert!(reason.contains(said), "{reason}");
        }
        let other = json!({ "against": ["0".repeat(32)], "why": "No." });
        assert_eq!(file(other).await.status, 404, "not a restriction of theirs");
        assert_eq!(city.status(&ming).await, "red");

        let body =
            json!({ "against": against, "why": "I was at home.", "file": STANDARD.encode(PDF) });
        let filed = file(body.clone()).await;
        assert_eq!(
            (filed.status, &filed.json["state"]),
            (201, &json!("open")),
            "{filed:?}"
        );
        assert_eq!(filed.json["restrictions"][0]["rule"], "close-contact");
        assert_eq!(city.status(&ming).await, "yellow");
        assert_eq!(file(body).await.status, 409, "each piece of evidence once");
        let own = city.get("/api/v1/me/appeals").token(&ming.token).await;
        assert_eq!(own.json, json!([filed.json]));
        let address = format!(
            "/api/v1/me/appeals/{}/file",
            filed.json["id"].as_str().unwrap()
        );
        let file = city.get(&address).token(&ming.token).await;
        assert_eq!(file.text.as_bytes(), PDF);
        assert_eq!(file.headers["content-type"], "application/pdf");
        assert_eq!(
            file.headers["content-disposition"],
            "attachment; filename=\"appeal.pdf\""
        );
        let wu = city.well_resident("Wu").await;
        assert_eq!(city.get(&address).token(&wu.token).await.status, 404);
    }

    #[tokio::test]
    async fn a_repeated_appeal_is_answered_as_the_first() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let body = json!({ "why": "I was at home." });
        let file = || {
            let ask = city.post("/api/v1/me/appeals").token(&ming.token);
            ask.key("7f").json(&body)
        };
        let (first, second) = (file().await, file().await);
        assert_eq!((first.status, second.status), (201, 201));
        assert_eq!(first.json, second.json);
    }

    #[tokio::test]
    async fn anybody_reads_how_appeals_went_and_no_small_number() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let body = json!({ "why": "I was at home." });
        let filed = city
            .post("/api/v1/me/appeals")
            .token(&ming.token)
            .json(&body);
        assert_eq!(filed.await.status, 201);
        let counted = city.get("/api/v1/appeals-by-rule").await;
        let rule = &counted.json[0];
        assert_eq!(rule["rule"], "close-contact", "{counted:?}");
        assert_eq!(
            (rule.get("filed"), &rule["days"], &rule["loses_half"]),
            (None, &json!(180), &json!(false))
        );
    }
}
