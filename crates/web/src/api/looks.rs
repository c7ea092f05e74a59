//! `GET /api/v1/me/looks`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{RoleText, TimeText, WireText};

/// That somebody looked at a person's data.
#[derive(Serialize, ToSchema)]
pub(crate) struct Look {
    /// When.
    at: TimeText,
    /// The office that they acted for; absent if it was the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    office: Option<String>,
    /// What they are there to do.
    roles: Vec<RoleText>,
    /// What they did.
    did: &'static str,
    /// What for: `at_the_counter`, `case_investigation`, `contact_tracing`, `order`, `appeal`,
    /// `correction`, `audit` or `disclosure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'static str>,
    /// The case, file or letter that it was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// How often on that day.
    times: u32,
}

/// Read who looked at one's data
///
/// The newest first; what one person did often on a day, for one reason, once with how often. Office and
/// role, not the name. An account that somebody consented to reads nothing of them.
#[utoipa::path(
    get, path = "/api/v1/me/looks", tag = "accounts", security(("resident" = [])),
    responses((status = 200, body = Vec<Look>), Refusals),
)]
pub(crate) async fn looks(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<Vec<Look>>, Problem> {
    let found = app.service.audit.looks(&resident).await?;
    let look = |one: service::Look| Look {
        at: WireText(one.at),
        office: one.office,
        roles: one.roles.into_iter().map(WireText).collect(),
        did: one.did.as_str(),
        purpose: one.why.as_ref().map(|why| why.purpose().as_str()),
        reference: one.why.and_then(|why| why.reference().map(str::to_owned)),
        times: one.times,
    };
    Ok(axum::Json(found.into_iter().map(look).collect()))
}
