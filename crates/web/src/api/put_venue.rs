//! `POST /api/v1/venues`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{NewVenue, SignKind};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, RegionText, VenueText, WireText};

/// A place where visits are to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVenue)]
pub(crate) struct WireVenue {
    /// Its identifier, to change a venue; absent for a new one.
    id: Option<VenueText>,
    /// Its name, as on the sign.
    name: String,
    /// What sort of place (`port`, `restaurant`), if a policy asks for it.
    category: Option<String>,
    /// Where it is.
    region: Option<RegionText>,
    /// `printed`: the sign at the door is on paper, and anybody with a picture of it can say that
    /// they were there. `screen`: it changes, and only what the screen showed within a minute
    /// counts; a screen is opened on the page of venues. Absent: as before, printed for a new
    /// venue.
    sign: Option<WireSignKind>,
}

/// How a venue shows its sign.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SignKind)]
pub(crate) enum WireSignKind {
    /// On paper.
    Printed,
    /// On a screen, where it changes.
    Screen,
}

/// A venue.
#[derive(Serialize, ToSchema)]
pub(crate) struct Venue {
    /// Its identifier, for the sign at the door.
    id: VenueText,
    /// Its name.
    name: String,
}

/// Add a venue, or change one
#[utoipa::path(
    post, path = "/api/v1/venues", tag = "venues", security(("staff" = [])),
    request_body = WireVenue,
    responses((status = 201, body = Venue), Refusals),
)]
pub(crate) async fn put_venue(
    State(app): State<App>,
    May(staff, _): May<act::KeepVenues>,
    Body(body): Body<WireVenue>,
) -> Result<Created<Venue>, Problem> {
    let venue = NewVenue {
        sign: body.sign.map(|sign| match sign {
            WireSignKind::Printed => SignKind::Printed,
            WireSignKind::Screen => SignKind::OnScreen,
        }),
        id: body.id.map(|id| id.0),
        name: body.name,
        category: body.category,
        region: body.region.map(|region| region.0),
    };
    let venue = app.service.visits.put_venue(&staff, venue).await?;
    let answer = Venue {
        id: WireText(venue.id),
        name: venue.name,
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_venue_has_a_name_and_keeps_its_identifier_when_it_changes() {
        let city = City::start().await;
        let send = async |body| {
            city.post("/api/v1/venues")
                .token(&city.health)
                .json(&body)
                .await
        };
        let first = send(json!({ "name": "Noodle bar", "category": "restaurant" })).await;
        assert_eq!(first.status, 201, "{first:?}");
        let renamed = send(json!({ "id": first.json["id"], "name": "Dumpling bar" })).await;
        assert_eq!(renamed.json["id"], first.json["id"]);
        let nameless = send(json!({ "name": " " })).await;
        assert_eq!(nameless.json["errors"][0]["field"], "name", "{nameless:?}");
    }
}
