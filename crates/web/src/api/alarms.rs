//! `GET /api/v1/alarms` and `POST /api/v1/alarms/{alarm}/acknowledgement`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use service::Alarm;
use utoipa::ToSchema;

use super::Refusals;
use super::staff::WireAuthority;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{AlarmText, InPath, TimeText, WireText};

/// Something that somebody should look at.
#[derive(Serialize, ToSchema)]
#[schema(as = Alarm)]
pub(crate) struct WireAlarm {
    /// Its identifier.
    id: AlarmText,
    /// `batch-held`, `cap-near`, `sign-ins-fail`, `rate-bites`, `key-ends`, `looks-many`, `appeals-due`,
    /// `appeals-late` or `reports-wait`.
    kind: &'static str,
    /// Which cap, kind of request or key, as a word; empty if there is one only.
    about: String,
    /// The authority concerned; absent if it is the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<WireAuthority>,
    /// When it was raised first, on that day.
    raised_at: TimeText,
    /// How many people, requests, attempts or days.
    number: u64,
    /// When a staff member said that they have seen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<TimeText>,
}

/// List alarms
///
/// The newest first: those of the installation, of the asker's authority and of the authorities in
/// their regions.
#[utoipa::path(
    get, path = "/api/v1/alarms", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireAlarm>), Refusals),
)]
pub(crate) async fn alarms(
    State(app): State<App>,
    May(staff, _): May<act::ReadAlarms>,
) -> Result<axum::Json<Vec<WireAlarm>>, Problem> {
    let alarms = app.service.alarms.list(&staff).await?;
    Ok(axum::Json(alarms.into_iter().map(Into::into).collect()))
}

/// Say that one has seen an alarm
///
/// Who said so first stays.
#[utoipa::path(
    post, path = "/api/v1/alarms/{alarm}/acknowledgement", tag = "staff", security(("staff" = [])),
    params(("alarm" = AlarmText, Path, description = "Which")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn acknowledge_alarm(
    State(app): State<App>,
    May(staff, _): May<act::AcknowledgeAlarms>,
    InPath(WireText(id)): InPath<AlarmText>,
) -> Result<StatusCode, Problem> {
    app.service.alarms.acknowledge(&staff, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Alarm> for WireAlarm {
    fn from(alarm: Alarm) -> Self {
        Self {
            id: WireText(alarm.id),
            kind: alarm.kind.as_str(),
            about: alarm.about,
            authority: alarm.authority.map(Into::into),
            raised_at: WireText(alarm.raised_at),
            number: alarm.number,
            acknowledged_at: alarm.acknowledged_at.map(WireText),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn an_administrator_sees_alarms_and_says_so() {
        let city = City::start().await;
        let administrator = city.administrator().await;
        let list = || city.get("/api/v1/alarms").token(&administrator);
        assert_eq!(list().await.json, serde_json::json!([]));
        let alarms = &city.service.alarms;
        alarms
            .raise(service::AlarmKind::RateBites, "sign_ins", 1024)
            .await;
        let listed = list().await.json;
        assert_eq!(listed[0]["kind"], "rate-bites", "{listed}");
        assert_eq!(listed[0]["number"], 1024);
        let id = listed[0]["id"].as_str().unwrap();
        assert_eq!(city.get("/health").await.json["open_alarms"], 1);
        let seen = city.post(&format!("/api/v1/alarms/{id}/acknowledgement"));
        assert_eq!(seen.token(&administrator).await.status, 204);
        assert!(list().await.json[0]["acknowledged_at"].is_string());
        assert_eq!(city.get("/health").await.json["open_alarms"], 0);
        let nowhere = city.post(&format!(
            "/api/v1/alarms/{}/acknowledgement",
            "0".repeat(32)
        ));
        assert_eq!(nowhere.token(&administrator).await.status, 404);
    }
}
