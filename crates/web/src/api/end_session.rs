//! `POST /api/v1/me/sessions/{session}/end`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{InPath, SessionText, WireText};

/// End a session
///
/// What it presents is refused from now on: on the node that answers at once, on others within five
/// seconds.
#[utoipa::path(
    post, path = "/api/v1/me/sessions/{session}/end", tag = "accounts", security(("resident" = [])),
    params(("session" = SessionText, Path, description = "The session")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn end_session(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(session)): InPath<SessionText>,
) -> Result<StatusCode, Problem> {
    app.service.accounts.end_session(&resident, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
