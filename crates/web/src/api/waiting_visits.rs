//! `GET` and `POST /api/v1/people/{person}/waiting-visits`, `POST …/waiting-visits/refusal`

use axum::extract::{RawQuery, State};
use serde::Serialize;
use service::TakenIn;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{GroupKindText, InPath, PersonText, TimeText, VenueText, WireText};

/// What became known of a confirmed case after the confirmation.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingVisits {
    /// What the phone uploaded, by the time of entry.
    visits: Vec<WaitingVisit>,
    /// Households, buildings and vehicles that were listed.
    groups: Vec<WaitingGroup>,
    /// Stands for exactly this; a request that takes it in or refuses it names it as `seen`.
    state: String,
}

/// A group that is not traced before a tracer takes it in. Its members are shown to nobody.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingGroup)]
pub(crate) struct WaitingGroup {
    /// What is shared.
    relation: GroupKindText,
    /// How many people were listed.
    people: usize,
    /// Which authority listed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_by: Option<String>,
    /// Since when it waits.
    since: TimeText,
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

/// How much was taken in, or refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct Released {
    /// Visits that waited; a repeat takes in none.
    released: usize,
    /// Memberships in groups that waited.
    memberships: usize,
}

/// Read what waits of a case
///
/// Who knows that somebody is a case could name places where they never were, and people whom they
/// never lived with. So what comes in from then on is kept, and traced once a tracer has talked to them.
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
    let waiting = app.service.tracing.waiting(&staff, person).await?;
    let visits = waiting.visits.into_iter().map(|visit| WaitingVisit {
        venue: WireText(visit.venue),
        entered: WireText(visit.entered),
        left: visit.left.map(WireText),
    });
    let groups = waiting.groups.into_iter().map(|group| WaitingGroup {
        relation: WireText(group.kind),
        people: group.people,
        listed_by: group.by.map(|authority| authority.name),
        since: WireText(group.since),
    });
    Ok(axum::Json(WaitingVisits {
        visits: visits.collect(),
        groups: groups.collect(),
        state: waiting.state,
    }))
}

/// Take in what waits of a case
///
/// Those who were there at the time are looked for in the background, as after every diagnosis.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/waiting-visits", tag = "evidence",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "The case"),
        ("seen" = String, Query, description = "The `state` that was read"),
    ),
    responses((status = 200, body = Released), Refusals),
)]
pub(crate) async fn release_visits(
    State(app): State<App>,
    May(staff, _): May<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
    RawQuery(query): RawQuery,
) -> Result<axum::Json<Released>, Problem> {
    let (tracing, seen) = (&app.service.tracing, seen(query.as_deref())?);
    let taken = tracing.take_in(&staff, person, seen).await?;
    Ok(axum::Json(taken.into()))
}

/// Refuse what waits of a case
///
/// The visits are forgotten, and no search ever goes through these memberships.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/waiting-visits/refusal", tag = "evidence",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "The case"),
        ("seen" = String, Query, description = "The `state` that was read"),
    ),
    responses((status = 200, body = Released), Refusals),
)]
pub(crate) async fn refuse_visits(
    State(app): State<App>,
    May(staff, _): May<act::TakeInVisits>,
    InPath(WireText(person)): InPath<PersonText>,
    RawQuery(query): RawQuery,
) -> Result<axum::Json<Released>, Problem> {
    let (tracing, seen) = (&app.service.tracing, seen(query.as_deref())?);
    let refused = tracing.refuse(&staff, person, seen).await?;
    Ok(axum::Json(refused.into()))
}

/// The state that `?seen=` names.
fn seen(query: Option<&str>) -> Result<&str, Problem> {
    let mut pairs = query.unwrap_or_default().split('&');
    let seen = pairs.find_map(|pair| pair.strip_prefix("seen="));
    seen.ok_or_else(|| Problem::invalid("seen", "expected the `state` of what you have looked at"))
}

impl From<TakenIn> for Released {
    fn from(taken: TakenIn) -> Self {
        Self {
            released: taken.visits,
            memberships: taken.memberships,
        }
    }
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
        let seen = |state: &str| format!("{address}?seen={state}");
        let other = city.post(&seen("another")).token(&city.health).await;
        assert_eq!(other.status, 409, "nobody looked at that: {other:?}");
        let state = waiting().await["state"].as_str().unwrap().to_owned();
        for unseen in [address.clone(), format!("{address}/refusal")] {
            let refused = city.post(&unseen).token(&city.health).await;
            assert_eq!(
                refused.status, 422,
                "nobody says what they saw: {refused:?}"
            );
        }
        for expected in [1, 0] {
            let released = city.post(&seen(&state)).token(&city.health).await;
            assert_eq!(released.json["released"], expected, "{released:?}");
        }
        let rest = waiting().await;
        assert_eq!((&rest["visits"], &rest["groups"]), (&json!([]), &json!([])));
    }
}
