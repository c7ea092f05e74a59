//! `POST /api/v1/me/declarations`

use axum::extract::State;
use axum::http::StatusCode;
use domain::evidence::Temperature;
use serde::{Deserialize, Serialize};
use service::Declaration;
use utoipa::ToSchema;

use super::register::WireStay;
use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{Body, ContactText, EvidenceText, SymptomText, WireText};

/// A person's report of their health, made now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Declaration)]
pub(crate) struct WireDeclaration {
    /// What they feel; empty if well.
    #[serde(default)]
    symptoms: Vec<SymptomText>,
    /// Degrees Celsius, if measured.
    temperature: Option<f64>,
    /// Whether they met a case in the last 14 days.
    contact: ContactText,
}

/// A declaration, and where the person has been since the last one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    /// How they are.
    declaration: WireDeclaration,
    /// Where they have been.
    #[serde(default)]
    stays: Vec<WireStay>,
}

/// A declaration that is durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct Declared {
    /// The evidence, declaration first.
    evidence: Vec<EvidenceText>,
    /// `green`, `yellow`, `red` or `undeclared`.
    status: &'static str,
}

/// Report one's health
///
/// The answer holds the status that follows; `GET /api/v1/me/status` explains it.
#[utoipa::path(
    post, path = "/api/v1/me/declarations", tag = "residents", security(("resident" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = Report,
    responses((status = 201, body = Declared), Refusals),
)]
pub(crate) async fn declare(
    State(app): State<App>,
    Resident(resident): Resident,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<Report>,
) -> Result<Created<Declared>, Problem> {
    let declaration = body.declaration.into_declaration()?;
    let stays: Vec<_> = body.stays.into_iter().map(WireStay::into_stay).collect();
    let declared = app
        .service
        .people
        .declare(&resident, request, declaration, &stays)
        .await?;
    let answer = Declared {
        evidence: declared.evidence.into_iter().map(WireText).collect(),
        status: declared.verdict.status.as_str(),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

impl WireDeclaration {
    /// The declaration itself.
    ///
    /// # Errors
    /// A problem that names `temperature` if no living person has it.
    pub(crate) fn into_declaration(self) -> Result<Declaration, Problem> {
        let temperature = self.temperature.map(Temperature::from_degrees).transpose();
        Ok(Declaration {
            symptoms: self.symptoms.into_iter().map(|symptom| symptom.0).collect(),
            temperature: temperature
                .map_err(|why| Problem::invalid("declaration.temperature", why.to_string()))?,
            contact: self.contact.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_declaration_turns_no_code_yet_into_green() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        assert_eq!(city.status(&ming).await, "undeclared");
        let body = json!({ "declaration": { "temperature": 36.6, "contact": "none" } });
        let answer = city.declare(&ming, &body).await;
        assert_eq!(
            (answer.status, answer.json["status"].as_str()),
            (201, Some("green"))
        );
        assert_eq!(city.status(&ming).await, "green");
    }

    #[tokio::test]
    async fn a_repeated_declaration_counts_once() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let body = json!({ "declaration": { "contact": "none" } });
        let send = || {
            city.post("/api/v1/me/declarations")
                .token(&ming.token)
                .key("morning")
                .json(&body)
        };
        let (first, again) = (send().await, send().await);
        assert_eq!(first.json["evidence"], again.json["evidence"], "{again:?}");
    }

    #[tokio::test]
    async fn a_temperature_that_nobody_has_is_refused() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let body = json!({ "declaration": { "temperature": 366, "contact": "none" } });
        let answer = city.declare(&ming, &body).await;
        assert_eq!(
            answer.json["errors"][0]["field"], "declaration.temperature",
            "{answer:?}"
        );
    }
}
