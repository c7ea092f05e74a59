//! `POST /api/v1/me/phones`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{Body, DeviceText, TimeText, WireText, hex};

/// A phone's public keys, one for each day. The private keys never leave the phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneKeys {
    /// Each a point of P-256 as SEC1 in hexadecimal digits: 33 bytes compressed, or the 65 bytes that
    /// WebCrypto exports as `raw`. The first is for today, the next for tomorrow, and so on.
    #[schema(
        min_items = 1,
        max_items = 8,
        pattern = "^([0-9a-f]{66}|[0-9a-f]{130})$"
    )]
    public_keys: Vec<String>,
    /// For how many days, from today on, the phone has keys already; the first key is for the day
    /// after those.
    #[serde(default)]
    #[schema(maximum = 7)]
    skip_days: u8,
}

/// A batch of keys that is enrolled.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolledKeys {
    /// The keys, in the order in which they came.
    keys: Vec<DayKey>,
}

/// A key that is enrolled for a day.
#[derive(Serialize, ToSchema)]
pub(crate) struct DayKey {
    /// What phone and key are called on this day.
    device: DeviceText,
    /// When the day begins: from then on the phone shows codes of this key.
    from: TimeText,
    /// When the last code of this key ends, some minutes after the day. The phone then forgets it.
    until: TimeText,
}

/// Enrol a phone's keys
///
/// A batch for up to eight days. Each day has another key and another place in the status lists, so
/// that checkpoints which compare what they saw cannot follow a person from one day to the next. The
/// same keys for the same days give the same answer; a key is enrolled for one day only. A person may
/// enrol several phones.
#[utoipa::path(
    post, path = "/api/v1/me/phones", tag = "codes", security(("resident" = [])),
    request_body = PhoneKeys,
    responses((status = 201, body = EnrolledKeys), Refusals),
)]
pub(crate) async fn enrol_phone(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<PhoneKeys>,
) -> Result<Created<EnrolledKeys>, Problem> {
    let refused = |why| Problem::invalid("public_keys", why);
    if body.public_keys.is_empty() {
        return Err(refused("expected 1 to 8 keys"));
    }
    let public_keys = body.public_keys.iter().map(|key| hex::decode(key));
    let public_keys: Option<Vec<Vec<u8>>> = public_keys.collect();
    let public_keys =
        public_keys.ok_or_else(|| refused("expected 66 or 130 hexadecimal digits in each"))?;
    let codes = &app.service.codes;
    let enrolled = codes
        .enrol(&resident, &public_keys, body.skip_days.into())
        .await?;
    let keys = enrolled.into_iter().map(|key| DayKey {
        device: WireText(key.device),
        from: WireText(key.from),
        until: WireText(key.until),
    });
    let keys = keys.collect();
    Ok((StatusCode::CREATED, axum::Json(EnrolledKeys { keys })))
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
            let body = json!({ "public_keys": [key] });
            let answer = city
                .post("/api/v1/me/phones")
                .token(&ming.token)
                .json(&body)
                .await;
            assert_eq!(
                answer.json["errors"][0]["field"], "public_keys",
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

    #[tokio::test]
    async fn a_batch_of_keys_has_one_for_each_day() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let keys: Vec<String> = (11..19).map(City::public_key).collect();
        let enrol = async |keys: &[String], skip_days: u8| {
            let body = json!({ "public_keys": keys, "skip_days": skip_days });
            let address = "/api/v1/me/phones";
            city.post(address).token(&ming.token).json(&body).await
        };
        let batch = enrol(&keys, 0).await;
        assert_eq!(batch.status, 201, "{batch:?}");
        // Local days of the policy: Shanghai.
        assert_eq!(batch.json["keys"][0]["from"], "2020-02-19T16:00:00Z");
        assert_eq!(batch.json["keys"][1]["from"], "2020-02-20T16:00:00Z");
        assert_eq!(batch.json["keys"][7]["until"], "2020-02-27T16:10:00Z");
        assert_eq!(enrol(&keys, 0).await.json, batch.json, "a repeat");
        for (refused, skip_days) in [(&keys[..1], 1), (&keys[..], 1), (&[][..], 0)] {
            let answer = enrol(refused, skip_days).await;
            assert!((400..=422).contains(&answer.status), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_phone_is_given_an_assertion_for_tomorrow_but_not_for_later_days() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let keys: Vec<String> = (11..14).map(City::public_key).collect();
        let body = json!({ "public_keys": keys });
        let address = "/api/v1/me/phones";
        let batch = city.post(address).token(&ming.token).json(&body).await;
        for (day, status) in [(0, 200), (1, 200), (2, 404)] {
            let device = batch.json["keys"][day]["device"].as_str().unwrap();
            let address = format!("{address}/{device}/assertion");
            let answer = city.post(&address).token(&ming.token).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
}
