//! `GET /api/v1/batches`, `POST /api/v1/batches/{batch}/approval` and `…/rejection`

use axum::extract::State;
use serde::Serialize;
use service::{BatchApproval, HeldBatch};
use utoipa::ToSchema;

use super::Refusals;
use super::approve::Reason;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, InPath, ProposalText, TimeText, WireText};

/// A submission that would restrict more people than one may.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldBatch)]
pub(crate) struct WireBatch {
    /// Its identifier.
    id: ProposalText,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// How many pieces of evidence are in it.
    pieces: usize,
    /// About how many people.
    people: usize,
    /// How many of them it would restrict, when it was submitted.
    restricted: usize,
    /// Which kinds of evidence are in it.
    kinds: Vec<&'static str>,
    /// Whether these are the contacts of a case that tracing found.
    is_trace: bool,
    /// Who submitted it.
    submitted_by: String,
    /// When.
    submitted_at: TimeText,
    /// Who approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How many people's status changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchTaken {
    /// As a count; nobody is named. Contacts of a case are written in the background.
    changed: usize,
    /// Whether a machine submitted it and this was the first of the two persons that it needs.
    needs_another: bool,
}

/// List submissions above the cap
///
/// Those of the asker's authority and region: what waits first, each newest first.
#[utoipa::path(
    get, path = "/api/v1/batches", tag = "orders", security(("staff" = [])),
    responses((status = 200, body = Vec<WireBatch>), Refusals),
)]
pub(crate) async fn batches(
    State(app): State<App>,
    May(staff, _): May<act::ReadOrders>,
) -> Result<axum::Json<Vec<WireBatch>>, Problem> {
    let batches = app.service.batches.list(&staff).await?;
    Ok(axum::Json(batches.into_iter().map(Into::into).collect()))
}

/// Approve a submission above the cap
///
/// Another staff member than the one who submitted it. Then it is taken in as it came. What a machine
/// submitted needs two: the first answers for it, and another one approves after them.
#[utoipa::path(
    post, path = "/api/v1/batches/{batch}/approval", tag = "orders", security(("staff" = [])),
    params(("batch" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = BatchTaken), Refusals),
)]
pub(crate) async fn approve_batch(
    State(app): State<App>,
    May(staff, _): May<act::ApproveOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<BatchTaken>, Problem> {
    let batches = &app.service.batches;
    let taken = match batches.approve(&staff, id, &body.reason).await? {
        BatchApproval::AnsweredFor => BatchTaken {
            changed: 0,
            needs_another: true,
        },
        BatchApproval::Taken { changed } => BatchTaken {
            changed,
            needs_another: false,
        },
    };
    Ok(axum::Json(taken))
}

/// Reject a submission above the cap
///
/// It restricts nobody. The authority that submitted it may take it back.
#[utoipa::path(
    post, path = "/api/v1/batches/{batch}/rejection", tag = "orders", security(("staff" = [])),
    params(("batch" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireBatch), Refusals),
)]
pub(crate) async fn reject_batch(
    State(app): State<App>,
    May(staff, _): May<act::RejectOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireBatch>, Problem> {
    let rejected = app.service.batches.reject(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}

impl From<HeldBatch> for WireBatch {
    fn from(batch: HeldBatch) -> Self {
        let state = match &batch.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let (settled_by, reason) = batch.settled.map(|end| (end.by.name, end.reason)).unzip();
        Self {
            id: WireText(batch.id),
            state,
            pieces: batch.pieces,
            people: batch.people,
            restricted: batch.restricted,
            kinds: batch.kinds,
            is_trace: batch.is_trace,
            submitted_by: batch.submitted.name,
            submitted_at: WireText(batch.submitted.at),
            settled_by,
            reason,
        }
    }
}
