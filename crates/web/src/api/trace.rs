//! `GET /api/v1/people/{person}/traces/{diagnosis}`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{EvidenceText, InPath, PersonText, TimeText, WireText};

/// How far the search for a case's contacts is. Counts, never names.
#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
pub(crate) struct WireTrace {
    /// `running` or `finished`.
    state: &'static str,
    /// Contacts found, once finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<u32>,
    /// Start of the infectious window.
    from: TimeText,
    /// Its end.
    until: TimeText,
    /// When the search was opened.
    opened_at: TimeText,
    /// When it was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<TimeText>,
}

/// Follow the search for a case's contacts
///
/// Those who were found read it on their own code page.
#[utoipa::path(
    get, path = "/api/v1/people/{person}/traces/{diagnosis}", tag = "evidence",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "The case"),
        ("diagnosis" = EvidenceText, Path, description = "The diagnosis"),
    ),
    responses((status = 200, body = WireTrace), Refusals),
)]
pub(crate) async fn trace(
    State(app): State<App>,
    May(staff, _): May<act::ReadTrace>,
    InPath((WireText(person), WireText(diagnosis))): InPath<(PersonText, EvidenceText)>,
) -> Result<axum::Json<WireTrace>, Problem> {
    let trace = app.service.tracing.trace(&staff, person, diagnosis).await?;
    let finished = trace.finished;
    Ok(axum::Json(WireTrace {
        state: if finished.is_some() {
            "finished"
        } else {
            "running"
        },
        contacts: finished.map(|finished| finished.contacts),
        from: WireText(trace.job.from),
        until: WireText(trace.job.until),
        opened_at: WireText(trace.job.opened_at),
        finished_at: finished.map(|finished| WireText(finished.at)),
    }))
}
