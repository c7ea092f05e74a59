//! `GET` and `POST /api/v1/people/{person}/waiting-visits`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{InPath, PersonText, TimeText, VenueText, WireText};

/// Visits that a confirmed case uploaded after the confirmation.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingVisits {
    /// By the time of entry.
    visits: Vec<WaitingVisit>,
}

/// A visit that is not traced before a tracer takes it in.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingVisit {
    /// Where.
    venue: VenueText,
    /// From when.
    entered: TimeText,
    /// Until when, if the person checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<TimeText>,
}

/// How many visits were taken in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Released {
    /// Those that waited; a repeat takes in none.
    released: usize,
}

/// Read which visits of a case wait
///
/// Who knows that they are a case could name places where they never were. So what their phone uploads
/// from then on is kept, and traced once a tracer has talked to them.
#[utoipa::path(
    get, path = "/api/v1/people/{person}/waiting-visits", tag = "evidence",
    security(("staff" = [])),
    params(("person" = PersonText, Path, description = "The case")),
    responses((status = 200, body = WaitingVisits), Refusals),
)]
pub(crate) async fn waiting_visits(
    State(app): State<App>,
    May(staff, _): May<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
) -> Result<axum::Json<WaitingVisits>, Problem> {
    let held = app.service.visits.held_visits(&staff, person).await?;
    let visits = held.into_iter().map(|visit| WaitingVisit {
        venue: WireText(visit.venue),
        entered: WireText(visit.entered),
        left: visit.left.map(WireText),
    });
    let visits = visits.collect();
    Ok(axum::Json(WaitingVisits { visits }))
}

/// Take in the visits of a case that wait
///
/// Whoever was there at the time is looked for in the background, as after every diagnosis.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/waiting-visits", tag = "evidence",
    security(("staff" = [])),
    params(("person" = PersonText, Path, description = "The case")),
    responses((status = 200, body = Released), Refusals),
)]
pub(crate) async fn release_visits(
    State(app): State<App>,
    May(staff, _): May<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
) -> Result<axum::Json<Released>, Problem> {
    let released = app.service.visits.release_visits(&staff, person).await?;
    Ok(axum::Json(Released { released }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn what_a_case_uploads_later_waits_until_a_tracer_takes_it_in() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let venue = city.venue("Noodle bar").await;
        let body = json!({ "person": wu.person });
        let confirmed = city.post("/api/v1/cases").token(&city.health).json(&body);
        assert_eq!(confirmed.await.status, 201);
        let id = "1".repeat(32);
        let body = json!({ "scans": [{
            "id": id, "venue": venue, "entered": city.hours_ago(5), "left": city.hours_ago(4),
        }]});
        let uploaded = city.post("/api/v1/me/scans").token(&wu.token).json(&body);
        assert_eq!(uploaded.await.json["waiting"], json!([id]));
        let address = format!("/api/v1/people/{}/waiting-visits", wu.person);
        let waiting = async || city.get(&address).token(&city.health).await.json;
        assert_eq!(waiting().await["visits"][0]["venue"], json!(venue));
        for expected in [1, 0] {
            let released = city.post(&address).token(&city.health).await;
            assert_eq!(released.json["released"], expected, "{released:?}");
        }
        assert_eq!(waiting().await, json!({ "visits": [] }));
    }
}
