//! `POST /api/v1/me/scans`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::Scan;
use utoipa::ToSchema;

use super::Refusals;
use super::check_in::ONE_OF_BOTH;
use crate::App;
use crate::principal::Resident;
use crate::problem::{FieldError, Problem};
use crate::wire::{Body, RequestText, SignText, TimeText, VenueText, WireText};

/// Visits that the phone kept while it had no network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upload {
    /// The scans, at most 10,000.
    scans: Vec<WireScan>,
}

/// One visit, as the phone kept it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Scan)]
pub(crate) struct WireScan {
    /// Drawn at random by the phone when it scanned the sign.
    id: RequestText,
    /// The venue on a printed sign.
    venue: Option<VenueText>,
    /// The text of a sign on a screen, in place of the venue. It was shown within a minute of `entered`.
    sign: Option<SignText>,
    /// From when.
    entered: TimeText,
    /// Until when, if the person checked out.
    left: Option<TimeText>,
}

impl WireScan {
    fn read(self) -> Option<Scan> {
        let (venue, sign) = match (self.venue, self.sign) {
            (Some(WireText(venue)), None) => (venue, None),
            (None, Some(WireText(sign))) => (sign.venue(), Some(sign)),
            _ => return None,
        };
        Some(Scan {
            id: self.id.0,
            venue,
            sign,
            entered: self.entered.0,
            left: self.left.map(|left| left.0),
        })
    }
}

/// What became of an upload.
#[derive(Serialize, ToSchema)]
pub(crate) struct Uploaded {
    /// Scans that are durable, those uploaded before included. The phone may delete them.
    accepted: Vec<RequestText>,
    /// Those of the accepted that wait for a tracer, since they came from a confirmed case after the
    /// confirmation. Whom the person met there is looked for once a tracer has talked to them.
    waiting: Vec<RequestText>,
    /// Scans that were refused.
    refused: Vec<RefusedScan>,
}

/// A scan that was refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedScan {
    /// Which.
    id: RequestText,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// Upload visits that were kept without a network
///
/// Each scan counts exactly once, however often it is uploaded.
#[utoipa::path(
    post, path = "/api/v1/me/scans", tag = "venues", security(("resident" = [])),
    request_body = Upload,
    responses((status = 200, body = Uploaded), Refusals),
)]
pub(crate) async fn upload_scans(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<Upload>,
) -> Result<axum::Json<Uploaded>, Problem> {
    let refusal = |id, field, reason: String| RefusedScan {
        id: WireText(id),
        errors: vec![FieldError::new(field, reason)],
    };
    let (mut scans, mut refused) = (Vec::with_capacity(body.scans.len()), Vec::new());
    for scan in body.scans {
        let id = scan.id.0;
        match scan.read() {
            Some(scan) => scans.push(scan),
            None => refused.push(refusal(id, "sign", ONE_OF_BOTH.to_owned())),
        }
    }
    let receipt = app.service.visits.upload_scans(&resident, &scans).await?;
    let unfit = receipt.refused.into_iter();
    refused.extend(unfit.map(|one| refusal(one.id, one.field, one.reason)));
    let accepted = receipt.accepted.into_iter().map(WireText).collect();
    let waiting = receipt.waiting.into_iter().map(WireText).collect();
    Ok(axum::Json(Uploaded {
        accepted,
        waiting,
        refused,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn scans_kept_offline_go_in_once_and_bad_ones_are_named() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let venue = city.venue("Noodle bar").await;
        let (good, bad) = ("1".repeat(32), "2".repeat(32));
        let body = json!({ "scans": [
            { "id": good, "venue": venue, "entered": city.hours_ago(5), "left": city.hours_ago(4) },
            { "id": bad, "venue": venue, "entered": city.hours_ago(4), "left": city.hours_ago(5) },
        ]});
        for _ in 0..2 {
            let answer = city
                .post("/api/v1/me/scans")
                .token(&ming.token)
                .json(&body)
                .await;
            assert_eq!(answer.json["accepted"], json!([good]), "{answer:?}");
            assert_eq!(answer.json["refused"][0]["id"], json!(bad));
            assert_eq!(answer.json["refused"][0]["errors"][0]["field"], "left");
        }
    }
}
