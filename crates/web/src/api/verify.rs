//! `POST /api/v1/verifications`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::credential::{Accepted, Refusal, Settings};
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::problem::Problem;
use crate::wire::{Body, ColourText, RegionText, TimeText, WireText};

/// A code to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeToCheck {
    /// The text of the QR code.
    code: String,
    /// Whether only live codes are taken, because plain codes and cards can be copied.
    #[serde(default)]
    live_only: bool,
}

/// What a checkpoint learns. Never who the person is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checked {
    /// Whether the code is genuine and holds. Its colour decides whether the person may pass.
    is_valid: bool,
    /// When it was checked.
    checked_at: TimeText,
    /// What a valid code says, or why it is refused.
    #[serde(flatten)]
    outcome: Outcome,
}

/// What a valid code says, or why a code is refused.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Valid(Valid),
    Refused(Refused),
}

/// Why a code is refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refused {
    refusal: WireRefusal,
}

/// What a valid code says.
#[derive(Serialize, ToSchema)]
pub(crate) struct Valid {
    /// The colour.
    colour: ColourText,
    /// `live`, `plain` or `card`.
    form: &'static str,
    /// Whether green counts only once a guard has looked at a document: anybody could show a copy of a
    /// plain code or a card, and below `seen` nobody has checked whose code it is.
    look_at_document: bool,
    /// How far the person who shows it is proven to be its holder: `claimed`, `phone` or `seen`.
    /// Below `seen` nobody has checked the name.
    assurance: &'static str,
    /// Who issued it.
    issuer: RegionText,
    /// When it expires.
    expires_at: TimeText,
    /// As of when the colour is known.
    known_at: TimeText,
    /// The masked name on a card, to be compared with a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Why a code is refused. Says nothing about the person's health.
#[derive(Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(crate) struct WireRefusal {
    /// A word for programs, for example `expired` or `revoked`.
    reason: &'static str,
    /// What happened and what to do.
    detail: String,
}

/// Check a code
///
/// Anybody who is shown a code may check it, here or offline with the trust list and the status
/// lists. The text of a live code is taken once: shown again it is refused. A code that is refused is answered with 200 as well: look at `is_valid`. Of the
/// check only the outcome is counted, by day.
#[utoipa::path(
    post, path = "/api/v1/verifications", tag = "codes",
    request_body = CodeToCheck,
    responses((status = 200, body = Checked), Refusals),
)]
pub(crate) async fn verify(
    State(app): State<App>,
    Body(body): Body<CodeToCheck>,
) -> Result<axum::Json<Checked>, Problem> {
    let settings = if body.live_only {
        Settings::live_only()
    } else {
        Settings::default()
    };
    let checked_at = WireText(app.service.now());
    let checked = match app.service.checks.verify(body.code.trim(), &settings) {
        Ok(accepted) => Checked {
            is_valid: true,
            checked_at,
            outcome: Outcome::Valid(accepted.into()),
        },
        Err(refusal) => Checked {
            is_valid: false,
            checked_at,
            outcome: Outcome::Refused(Refused {
                refusal: refusal.into(),
            }),
        },
    };
    Ok(axum::Json(checked))
}

impl From<Accepted> for Valid {
    fn from(accepted: Accepted) -> Self {
        Self {
            colour: WireText(accepted.colour),
            form: accepted.form.as_str(),
            look_at_document: accepted.wants_document(),
            assurance: accepted.assurance.as_str(),
            issuer: WireText(accepted.issuer),
            expires_at: WireText(accepted.expires_at),
            known_at: WireText(accepted.known_at),
            name: accepted.name.map(|name| name.as_str().to_owned()),
        }
    }
}

impl From<Refusal> for WireRefusal {
    fn from(refusal: Refusal) -> Self {
        Self {
            reason: refusal.word(),
            detail: refusal.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_restriction_takes_every_older_green_code_away_at_once() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let code = city.post("/api/v1/me/codes/plain").token(&ming.token).await;
        let body = json!({ "code": code.json["text"] });
        let before = city.post("/api/v1/verifications").json(&body).await;
        assert_eq!(before.json["colour"], "green", "{before:?}");
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let after = city.post("/api/v1/verifications").json(&body).await;
        assert_eq!(after.json["refusal"]["reason"], "revoked", "{after:?}");
        let fresh = city.post("/api/v1/me/codes/plain").token(&ming.token).await;
        let body = json!({ "code": fresh.json["text"] });
        assert_eq!(
            city.post("/api/v1/verifications").json(&body).await.json["colour"],
            "red"
        );
    }

    #[tokio::test]
    async fn a_check_does_not_tell_who_the_person_is() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let code = city.post("/api/v1/me/codes/plain").token(&ming.token).await;
        let body = json!({ "code": code.json["text"] });
        let checked = city.post("/api/v1/verifications").json(&body).await;
        assert!(!checked.text.contains(&ming.person) && !checked.text.contains("Ming"));
    }

    #[tokio::test]
    async fn what_is_no_code_is_refused_with_a_reason() {
        let city = City::start().await;
        let body = json!({ "code": "https://example.com" });
        let checked = city.post("/api/v1/verifications").json(&body).await;
        assert_eq!(checked.json["is_valid"], false);
        assert_eq!(checked.json["refusal"]["reason"], "unknown-prefix");
    }
}
