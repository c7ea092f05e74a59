//! `GET /api/v1/me/security`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{AssuranceText, DeviceText, SessionText, TimeText, WireText};

/// What is signed in to one's account, and what was done to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Security {
    /// How far the account is proven.
    assurance: AssuranceText,
    /// Phones and browsers that are signed in, the latest used first.
    sessions: Vec<Session>,
    /// Phones whose key may show codes.
    phones: Vec<EnrolledPhone>,
    /// What was done to the account, the latest first.
    events: Vec<Event>,
}

/// A phone or browser that is signed in.
#[derive(Serialize, ToSchema)]
struct Session {
    /// Names it.
    session: SessionText,
    /// `api` for a program, `page` for a browser.
    kind: String,
    /// What the person knows it by.
    label: Option<String>,
    /// Since when.
    since: TimeText,
    /// When it was used last, to the hour.
    seen_at: TimeText,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// A phone whose key may show codes.
#[derive(Serialize, ToSchema)]
struct EnrolledPhone {
    /// Which.
    device: DeviceText,
    /// Since when.
    since: TimeText,
}

/// Something that was done to the account.
#[derive(Serialize, ToSchema)]
struct Event {
    /// When.
    at: TimeText,
    /// What.
    kind: &'static str,
    /// Whether an authority did it.
    is_by_authority: bool,
    /// The office that did it.
    office: Option<String>,
    /// Why, where a worker had to say so.
    reason: Option<String>,
}

/// Read what is signed in
#[utoipa::path(
    get, path = "/api/v1/me/security", tag = "accounts", security(("resident" = [])),
    responses((status = 200, body = Security), Refusals),
)]
pub(crate) async fn security(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<Security>, Problem> {
    let found = app.service.accounts.security(&resident).await?;
    let session = |one: service::SessionView| Session {
        session: WireText(one.id),
        kind: one.kind,
        label: one.label,
        since: WireText(one.since),
        seen_at: WireText(one.seen_at),
        is_this: one.is_this,
    };
    let phones = found.phones.into_iter();
    let events = found.events.into_iter();
    Ok(axum::Json(Security {
        assurance: WireText(resident.assurance()),
        sessions: found.sessions.into_iter().map(session).collect(),
        phones: phones
            .map(|(device, since)| EnrolledPhone {
                device: WireText(device),
                since: WireText(since),
            })
            .collect(),
        events: events
            .map(|one| Event {
                at: WireText(one.at),
                kind: one.kind.as_str(),
                is_by_authority: one.by.is_some(),
                office: one.office,
                reason: one.reason,
            })
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn what_is_signed_in_is_listed_and_ended() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        city.phone(&ming, 7).await;
        let read = || city.get("/api/v1/me/security").token(&ming.token);
        let listed = read().await.json;
        let sessions = listed["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), 2, "a program and a browser: {listed}");
        assert_eq!(listed["assurance"], "claimed");
        let other = sessions.iter().find(|one| one["is_this"] == false).unwrap();
        let end = |address: String| city.post(&address).token(&ming.token).into_future();
        let session = other["session"].as_str().unwrap();
        let ended = end(format!("/api/v1/me/sessions/{session}/end")).await;
        assert_eq!(ended.status, 204, "{ended:?}");
        let twice = end(format!("/api/v1/me/sessions/{session}/end")).await;
        assert_eq!(twice.status, 404);
        let phone = listed["phones"][0]["device"].as_str().unwrap();
        assert_eq!(
            end(format!("/api/v1/me/phones/{phone}/end")).await.status,
            204
        );
        let left = read().await.json;
        assert_eq!(left["sessions"].as_array().map(Vec::len), Some(1));
        assert_eq!(left["phones"].as_array().map(Vec::len), Some(0));
        assert_eq!(end("/api/v1/me/sign-out".to_owned()).await.status, 204);
        assert_eq!(read().await.status, 401);
    }
}
