//! `POST /api/v1/registrations`

use axum::extract::State;
use axum::http::StatusCode;
use domain::{Identity, Pii};
use serde::{Deserialize, Serialize};
use service::{DeclaredStay, RegistrationRequest, SessionKind};
use utoipa::ToSchema;

use super::declare::WireDeclaration;
use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::RegistrationKey;
use crate::problem::Problem;
use crate::wire::{Body, ModeText, PersonText, RegionText, TimeText, WireDocument, WireText};

/// Somebody who opens an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The name as in the document.
    name: String,
    /// The document.
    document: WireDocument,
    /// Up to five telephone numbers.
    #[serde(default)]
    phones: Vec<String>,
    /// How they are, if they say so at once. Without it there is no code yet.
    declaration: Option<WireDeclaration>,
    /// Where they have been.
    #[serde(default)]
    stays: Vec<WireStay>,
}

/// Where a person says they have been.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeclaredStay)]
pub(crate) struct WireStay {
    /// Where.
    region: RegionText,
    /// From when.
    arrived: TimeText,
    /// Until when; absent while they are there.
    left: Option<TimeText>,
    /// How.
    mode: ModeText,
}

/// A registration that is durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    /// The person. Says nothing about who it is.
    person: PersonText,
    /// What the phone presents from now on, as `Authorization: Bearer …`.
    token: String,
    /// `green`, `yellow`, `red` or `undeclared`.
    status: &'static str,
}

/// Open an account
///
/// Identity, number and phones go sealed into the vault. Whether the document is known makes no
/// difference: the account is `claimed`, and reads what others said of the document once it is proven
/// to be its holder. A repeat with the same `Idempotency-Key` and document gives the same answer.
#[utoipa::path(
    post, path = "/api/v1/registrations", tag = "residents",
    params(("Idempotency-Key" = String, Header, description = "32 random hexadecimal digits")),
    request_body = Registration,
    responses((status = 201, body = Registered), Refusals),
)]
pub(crate) async fn register(
    State(app): State<App>,
    RegistrationKey(request): RegistrationKey,
    Body(body): Body<Registration>,
) -> Result<Created<Registered>, Problem> {
    let document = body
        .document
        .into_document()
        .map_err(service::ServiceError::from)?;
    let phones = body.phones.into_iter().map(Pii::new).collect();
    let registered = app
        .service
        .people
        .register(RegistrationRequest {
            request,
            identity: Identity {
                name: Pii::new(body.name),
                document,
                phones,
            },
            declaration: body
                .declaration
                .map(WireDeclaration::into_declaration)
                .transpose()?,
            stays: body.stays.into_iter().map(WireStay::into_stay).collect(),
            session: SessionKind::Api,
            label: None,
        })
        .await?;
    let answer = Registered {
        person: WireText(registered.person),
        token: registered.token.expose(),
        status: registered.status.as_str(),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

impl WireStay {
    /// The stay itself; whether its dates fit is the service's to say.
    pub(crate) fn into_stay(self) -> DeclaredStay {
        DeclaredStay {
            region: self.region.0,
            arrived: self.arrived.0,
            left: self.left.map(|left| left.0),
            mode: self.mode.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Answer, City};

    fn mei() -> serde_json::Value {
        json!({
            "name": "Mei Lan",
            "document": { "kind": "10", "number": "990101199003077719" },
            "phones": ["13800000000"],
            "declaration": { "symptoms": [], "contact": "none" },
        })
    }

    async fn register(city: &City, digit: &str, body: &serde_json::Value) -> Answer {
        let ask = city.post("/api/v1/registrations");
        ask.key(&digit.repeat(32)).json(body).await
    }

    #[tokio::test]
    async fn a_person_registers_and_reads_a_green_status_with_the_token() {
        let city = City::start().await;
        let answer = register(&city, "1", &mei()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json["status"], "green");
        let token = answer.json["token"].as_str().unwrap().to_owned();
        let status = city.get("/api/v1/me/status").token(&token).await;
        assert_eq!(status.json["status"], "green", "{status:?}");
    }

    #[tokio::test]
    async fn a_lost_answer_is_given_again() {
        let city = City::start().await;
        let first = register(&city, "1", &mei()).await;
        let again = register(&city, "1", &mei()).await;
        assert_eq!((again.status, &again.json), (201, &first.json));
    }

    #[tokio::test]
    async fn invariant_9_a_known_document_gets_the_same_answer_and_learns_nothing() {
        let city = City::start().await;
        let first = register(&city, "1", &mei()).await;
        let contact = json!({
            "document": mei()["document"],
            "fact": { "kind": "contact", "relation": "close", "ring": 1, "minutes": 40,
                      "first": city.hours_ago(26), "last": city.hours_ago(25) },
        });
        assert_eq!(city.submit(&city.health, &contact).await.status, 201);
        let second = register(&city, "2", &mei()).await;
        assert_eq!((second.status, second.text.len()), (201, first.text.len()));
        for answer in [first, second] {
            let token = answer.json["token"].as_str().unwrap();
            let status = city.get("/api/v1/me/status").token(token).await;
            assert_eq!(status.json["status"], "green", "{status:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_number_is_refused_by_name_and_never_repeated() {
        let city = City::start().await;
        let mut body = mei();
        body["document"]["number"] = json!("990101199003077716");
        let answer = register(&city, "1", &body).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json["errors"][0]["field"], "document.number");
        assert!(!answer.text.contains("9901011990"));
    }

    #[tokio::test]
    async fn a_registration_without_a_secret_key_is_refused() {
        let city = City::start().await;
        let answer = city.post("/api/v1/registrations").json(&mei()).await;
        assert_eq!(
            answer.json["errors"][0]["field"], "Idempotency-Key",
            "{answer:?}"
        );
    }
}
