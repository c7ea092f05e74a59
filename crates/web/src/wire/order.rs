//! Orders in JSON.

use serde::Serialize;
use service::OrderProposal;
use utoipa::ToSchema;

use super::{ColourText, PersonText, ProposalText, TimeText, WireText};

/// An order that two staff members answer for, or do not yet.
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct WireOrder {
    /// Its identifier.
    id: ProposalText,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// Whom it restricts.
    people: Vec<PersonText>,
    /// `red` or `yellow`.
    colour: ColourText,
    /// From when.
    from: TimeText,
    /// The first instant after.
    until: TimeText,
    /// The law it rests on.
    basis: String,
    /// Who proposed it.
    proposed_by: String,
    /// When.
    proposed_at: TimeText,
    /// Who approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<OrderProposal> for WireOrder {
    fn from(order: OrderProposal) -> Self {
        let state = match &order.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let (settled_by, reason) = order.settled.map(|end| (end.by.name, end.reason)).unzip();
        Self {
            id: WireText(order.id),
            state,
            people: order.people.into_iter().map(WireText).collect(),
            colour: WireText(order.colour),
            from: WireText(order.from),
            until: WireText(order.until),
            basis: order.basis,
            proposed_by: order.proposed.name,
            proposed_at: WireText(order.proposed.at),
            settled_by,
            reason,
        }
    }
}
