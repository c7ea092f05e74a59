//! `POST /api/v1/me/phones`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{Body, DeviceText, WireText, hex};

/// A phone's public key. The private key never leaves the phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneKey {
    /// A point of P-256 as SEC1 in hexadecimal digits: 33 bytes compressed, or the 65 bytes that
    /// WebCrypto exports as `raw`.
    #[schema(pattern = "^([0-9a-f]{66}|[0-9a-f]{130})$")]
    public_key: String,
}

/// A phone that is enrolled.
#[derive(Serialize, ToSchema)]
pub(crate) struct Phone {
    /// Its identifier.
    device: DeviceText,
}

/// Enrol a phone
///
/// The same key gives the same device again. A person may enrol several phones.
#[utoipa::path(
    post, path = "/api/v1/me/phones", tag = "codes", security(("resident" = [])),
    request_body = PhoneKey,
    responses((status = 201, body = Phone), Refusals),
)]
pub(crate) async fn enrol_phone(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<PhoneKey>,
) -> Result<Created<Phone>, Problem> {
    let public_key = hex::decode(&body.public_key)
        .ok_or_else(|| Problem::invalid("public_key", "expected 66 or 130 hexadecimal digits"))?;
    let device = app.service.codes.enrol(&resident, &public_key).await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(Phone {
            device: WireText(device),
        }),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_point_that_is_not_on_the_curve_is_refused() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        for key in ["", "02", &"f".repeat(66), &"z".repeat(66)] {
            let body = json!({ "public_key": key });
            let answer = city
                .post("/api/v1/me/phones")
                .token(&ming.token)
                .json(&body)
                .await;
            assert_eq!(
                answer.json["errors"][0]["field"], "public_key",
                "{key}: {answer:?}"
            );
        }
    }

    #[tokio::test]
    async fn the_same_key_is_the_same_phone() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let phone = city.phone(&ming, 7).await;
        assert_eq!(city.phone(&ming, 7).await.device, phone.device);
        assert_ne!(city.phone(&ming, 8).await.device, phone.device);
    }
}
