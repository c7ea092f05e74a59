//! `GET /api/v1/me/disclosures`, `GET /api/v1/disclosure-counts`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{TimeText, WireText};

/// That a person's data were, or may be, handed to somebody outside.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnDisclosure {
    /// When it was approved.
    at: TimeText,
    /// The office that asked for it.
    office: String,
    /// To whom.
    recipient: String,
    /// The law it rests on.
    basis: String,
}

/// Half a year of disclosures.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosureCount {
    /// The year.
    year: i16,
    /// 1 until the end of June, then 2.
    half: u8,
    /// How many disclosures there were.
    disclosures: u64,
    /// About how many people, counted anew in each, rounded down to tens; null if fewer than
    /// ten.
    people: Option<u64>,
}

/// Read to whom one's data were handed
///
/// The oldest first. A disclosure may stand here later than it was approved, by at most what the
/// installation allows.
#[utoipa::path(
    get, path = "/api/v1/me/disclosures", tag = "accounts", security(("resident" = [])),
    responses((status = 200, body = Vec<OwnDisclosure>), Refusals),
)]
pub(crate) async fn my_disclosures(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<Vec<OwnDisclosure>>, Problem> {
    let found = app.service.disclosures.own(&resident).await?;
    let own = |one: service::DisclosureView| OwnDisclosure {
        at: WireText(one.at),
        office: one.office,
        recipient: one.recipient,
        basis: one.basis,
    };
    Ok(axum::Json(found.into_iter().map(own).collect()))
}

/// Count disclosures
///
/// By half-year, the oldest first: those that the people in them may read of.
#[utoipa::path(
    get, path = "/api/v1/disclosure-counts", tag = "public",
    responses((status = 200, body = Vec<DisclosureCount>), Refusals),
)]
pub(crate) async fn disclosure_counts(
    State(app): State<App>,
) -> Result<axum::Json<Vec<DisclosureCount>>, Problem> {
    let found = app.service.disclosures.by_half_year().await?;
    let count = |one: service::HalfYear| DisclosureCount {
        year: one.year,
        half: one.half,
        disclosures: one.disclosures,
        people: service::rounded_unless_small(one.people),
    };
    Ok(axum::Json(found.into_iter().map(count).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_disclosure_needs_two_and_stands_where_the_person_and_everybody_read_it() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = json!({
            "people": [ming.person], "basis": "Criminal Procedure Law, article 54",
            "recipient": "City Police", "kinds": ["declaration"],
            "from": city.hours_ago(48), "until": city.hours_ago(-1), "ends": city.hours_ago(-24),
        });
        let ask = city.post("/api/v1/disclosures").token(&city.health);
        let proposed = ask.json(&body).await;
        assert_eq!(proposed.status, 201, "{proposed:?}");
        let id = proposed.json["id"].as_str().unwrap();
        let extract = format!("/api/v1/disclosures/{id}/extract");
        let early = city.post(&extract).token(&city.health).await;
        assert_eq!(early.status, 409, "{early:?}");
        let approval = format!("/api/v1/disclosures/{id}/approval");
        let other = city.another_officer().await;
        let reason = json!({ "reason": "a judge signed it" });
        let approved = city.post(&approval).token(&other).json(&reason).await;
        assert_eq!(approved.json["state"], "approved", "{approved:?}");
        let made = city.post(&extract).token(&city.health).await;
        let person = &made.json["people"][0];
        assert_eq!(person["evidence"][0]["fact"]["kind"], "declaration");
        assert!(person.get("name").is_none(), "{made:?}");
        let own = city.get("/api/v1/me/disclosures").token(&ming.token).await;
        assert_eq!(own.json[0]["recipient"], "City Police", "{own:?}");
        let counts = city.get("/api/v1/disclosure-counts").await;
        assert_eq!(counts.json[0]["disclosures"], 1, "{counts:?}");
        assert_eq!(counts.json[0]["people"], json!(null));
    }
}
