//! `POST /api/v1/me/visits`

use axum::extract::State;
use axum::http::StatusCode;
use domain::RequestKey;
use serde::{Deserialize, Serialize};
use service::VisitReceipt;
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{Body, EvidenceText, SignText, TimeText, VenueText, WireText};

/// Where the person enters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckIn {
    /// The venue on a printed sign.
    venue: Option<VenueText>,
    /// The text of a sign on a screen, which counts for a minute, in place of the venue.
    sign: Option<SignText>,
}

/// A visit on record.
#[derive(Serialize, ToSchema)]
pub(crate) struct Visit {
    /// The visit; a check-out names it.
    visit: EvidenceText,
    /// Where.
    venue: VenueText,
    /// The venue's name, to be shown to the person.
    venue_name: String,
    /// From when.
    entered: TimeText,
    /// Until when, once checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<TimeText>,
}

/// Enter a venue
///
/// The person's own phone reports this after scanning the sign at the door; nobody can report it for
/// them.
#[utoipa::path(
    post, path = "/api/v1/me/visits", tag = "venues", security(("resident" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = CheckIn,
    responses((status = 201, body = Visit), Refusals),
)]
pub(crate) async fn check_in(
    State(app): State<App>,
    Resident(resident): Resident,
    IdempotencyKey(scan): IdempotencyKey,
    Body(body): Body<CheckIn>,
) -> Result<Created<Visit>, Problem> {
    let scan = scan.unwrap_or_else(|| RequestKey::generate(&*app.settings.ids));
    let visits = &app.service.visits;
    let receipt = match (body.venue, body.sign) {
        (Some(WireText(venue)), None) => visits.check_in(&resident, venue, scan).await?,
        (None, Some(WireText(sign))) => visits.check_in_by_sign(&resident, &sign, scan).await?,
        _ => return Err(Problem::invalid("sign", ONE_OF_BOTH)),
    };
    Ok((StatusCode::CREATED, axum::Json(receipt.into())))
}

pub(super) const ONE_OF_BOTH: &str =
    "expected `venue` from a printed sign, or `sign` from one on a screen, and not both";

impl From<VisitReceipt> for Visit {
    fn from(receipt: VisitReceipt) -> Self {
        Self {
            visit: WireText(receipt.visit),
            venue: WireText(receipt.venue),
            venue_name: receipt.venue_name,
            entered: WireText(receipt.entered),
            left: receipt.left.map(WireText),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_person_enters_and_leaves_and_a_second_check_out_changes_nothing() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let venue = city.venue("Noodle bar").await;
        let body = json!({ "venue": venue });
        let entered = city
            .post("/api/v1/me/visits")
            .token(&ming.token)
            .json(&body)
            .await;
        assert_eq!(
            (entered.status, &entered.json["venue_name"]),
            (201, &json!("Noodle bar"))
        );
        let address = format!(
            "/api/v1/me/visits/{}/departure",
            entered.json["visit"].as_str().unwrap()
        );
        city.later(40);
        let left = city.post(&address).token(&ming.token).await;
        assert_eq!(left.status, 200, "{left:?}");
        city.later(40);
        let again = city.post(&address).token(&ming.token).await;
        assert_eq!(again.json["left"], left.json["left"]);
    }

    #[tokio::test]
    async fn a_repeated_check_in_is_one_visit() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = json!({ "venue": city.venue("Noodle bar").await });
        let send = || {
            city.post("/api/v1/me/visits")
                .token(&ming.token)
                .key("scan 1")
                .json(&body)
        };
        let (first, again) = (send().await, send().await);
        assert_eq!(first.json["visit"], again.json["visit"], "{again:?}");
    }

    #[tokio::test]
    async fn somebody_elses_visit_does_not_exist_for_me() {
        let city = City::start().await;
        let (ming, lan) = (
            city.well_resident("Ming").await,
            city.well_resident("Lan").await,
        );
        let body = json!({ "venue": city.venue("Noodle bar").await });
        let entered = city
            .post("/api/v1/me/visits")
            .token(&ming.token)
            .json(&body)
            .await;
        let address = format!(
            "/api/v1/me/visits/{}/departure",
            entered.json["visit"].as_str().unwrap()
        );
        assert_eq!(city.post(&address).token(&lan.token).await.status, 404);
    }
}
