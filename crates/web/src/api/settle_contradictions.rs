//! `GET /api/v1/contradictions`, `GET /api/v1/people/{person}/contradictions/{id}`, and what an
//! officer does with it

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use super::contradictions::SaidWords;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    Body, ContradictionText, InPath, PersonText, WireContradiction, WireContradictionToSettle,
    WireQueuedContradiction, WireText,
};

/// Why an officer confirms or dismisses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettlingReasons {
    /// For the person to read, in at most 2,000 characters.
    reasons: String,
}

type Which = InPath<(PersonText, ContradictionText)>;

/// List contradictions
///
/// Of people in the asker's regions, the first found first.
#[utoipa::path(
    get, path = "/api/v1/contradictions", tag = "contradictions", security(("staff" = [])),
    responses((status = 200, body = Vec<WireQueuedContradiction>), Refusals),
)]
pub(crate) async fn contradictions(
    State(app): State<App>,
    May(staff, _): May<act::SettleContradictions>,
) -> Result<axum::Json<Vec<WireQueuedContradiction>>, Problem> {
    let queue = app.service.contradictions.queue(&staff).await?;
    Ok(axum::Json(queue.into_iter().map(Into::into).collect()))
}

/// Read a contradiction
///
/// With what was declared, what was recorded, and what the person says. One of somebody in another region
/// does not exist.
#[utoipa::path(
    get, path = "/api/v1/people/{person}/contradictions/{id}", tag = "contradictions",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Whose"),
        ("id" = ContradictionText, Path, description = "Which"),
    ),
    responses((status = 200, body = WireContradictionToSettle), Refusals),
)]
pub(crate) async fn contradiction(
    State(app): State<App>,
    May(staff, _): May<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
) -> Result<axum::Json<WireContradictionToSettle>, Problem> {
    let contradictions = &app.service.contradictions;
    let found = contradictions.to_settle(&staff, person, id).await?;
    Ok(axum::Json(found.into()))
}

/// Write down what the person says
///
/// For people who say it on the telephone or at the office.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/contradictions/{id}/words",
    tag = "contradictions", security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Whose"),
        ("id" = ContradictionText, Path, description = "Which"),
    ),
    request_body = SaidWords,
    responses((status = 200, body = WireContradiction), Refusals),
)]
pub(crate) async fn write_down(
    State(app): State<App>,
    May(staff, _): May<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
    Body(body): Body<SaidWords>,
) -> Result<axum::Json<WireContradiction>, Problem> {
    let contradictions = &app.service.contradictions;
    let heard = contradictions.write_down(&staff, person, id, &body.words);
    Ok(axum::Json(heard.await?.into()))
}

/// Confirm a contradiction
///
/// Once the person said something, or had the time that the policy gives them. It becomes evidence; the
/// colour follows from the rules in force, if any of them reads it.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/contradictions/{id}/confirmation",
    tag = "contradictions", security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Whose"),
        ("id" = ContradictionText, Path, description = "Which"),
    ),
    request_body = SettlingReasons,
    responses((status = 200, body = WireContradiction), Refusals),
)]
pub(crate) async fn confirm_contradiction(
    State(app): State<App>,
    May(staff, _): May<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
    Body(body): Body<SettlingReasons>,
) -> Result<axum::Json<WireContradiction>, Problem> {
    let contradictions = &app.service.contradictions;
    let confirmed = contradictions.confirm(&staff, person, id, &body.reasons);
    Ok(axum::Json(confirmed.await?.into()))
}

/// Dismiss a contradiction
///
/// Nothing changes, and it is not found again.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/contradictions/{id}/dismissal",
    tag = "contradictions", security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Whose"),
        ("id" = ContradictionText, Path, description = "Which"),
    ),
    request_body = SettlingReasons,
    responses((status = 200, body = WireContradiction), Refusals),
)]
pub(crate) async fn dismiss_contradiction(
    State(app): State<App>,
    May(staff, _): May<act::SettleContradictions>,
    InPath((WireText(person), WireText(id))): Which,
    Body(body): Body<SettlingReasons>,
) -> Result<axum::Json<WireContradiction>, Problem> {
    let contradictions = &app.service.contradictions;
    let dismissed = contradictions.dismiss(&staff, person, id, &body.reasons);
    Ok(axum::Json(dismissed.await?.into()))
}
