//! `POST /api/v1/orders/{order}/approval`, `POST /api/v1/orders/{order}/rejection`

use axum::extract::State;

use super::Refusals;
use super::approve::Reason;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, InPath, ProposalText, WireOrder, WireText};

/// Approve an order
///
/// Another staff member than the one who proposed it. Then it restricts. Approving again changes
/// nothing.
#[utoipa::path(
    post, path = "/api/v1/orders/{order}/approval", tag = "orders", security(("staff" = [])),
    params(("order" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireOrder), Refusals),
)]
pub(crate) async fn approve_order(
    State(app): State<App>,
    May(staff, _): May<act::ApproveOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireOrder>, Problem> {
    let orders = &app.service.orders;
    orders.approve(&staff, id, &body.reason).await?;
    Ok(axum::Json(orders.order(&staff, id).await?.into()))
}

/// Reject an order
///
/// It never restricts anybody. The proposer may take back their own.
#[utoipa::path(
    post, path = "/api/v1/orders/{order}/rejection", tag = "orders", security(("staff" = [])),
    params(("order" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireOrder), Refusals),
)]
pub(crate) async fn reject_order(
    State(app): State<App>,
    May(staff, _): May<act::RejectOrders>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireOrder>, Problem> {
    let rejected = app.service.orders.reject(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}
