//! `GET /api/v1/staff`, `POST /api/v1/staff/{staff}/end`, `POST /api/v1/staff/me/end`,
//! `GET /api/v1/authorities`

use axum::extract::State;
use axum::http::StatusCode;
use domain::Authority;
use serde::{Deserialize, Serialize};
use service::{MemberEnd, StaffMember};
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, InPath, ProposalText, RegionText, RoleText, StaffText, WireText,
};

/// A body that staff members and feeds act for.
#[derive(Serialize, ToSchema)]
#[schema(as = Authority)]
pub(crate) struct WireAuthority {
    /// Its identifier.
    id: AuthorityText,
    /// Its name.
    name: String,
    /// `health`, `laboratory`, `transport` or `community`.
    kind: &'static str,
    /// Where it lies.
    region: RegionText,
}

/// Somebody who acts for an authority.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffMember)]
pub(crate) struct WireStaffMember {
    /// Who.
    id: StaffText,
    /// The name that colleagues read.
    name: String,
    /// For which authority.
    authority: WireAuthority,
    /// What they are there to do.
    roles: Vec<RoleText>,
    /// Where.
    regions: Vec<RegionText>,
}

/// What became of the wish to end an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffEnd {
    /// `ended`, or `waiting` for a second person.
    state: &'static str,
    /// The proposal that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<ProposalText>,
}

/// That somebody wants to end their own account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnEnd {
    /// `true`: it cannot be undone.
    confirmed: bool,
}

/// List staff members
///
/// Those of the asker's authority and of the authorities in their regions.
#[utoipa::path(
    get, path = "/api/v1/staff", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireStaffMember>), Refusals),
)]
pub(crate) async fn staff(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireStaffMember>>, Problem> {
    let members = app.service.staff.members(&staff).await?;
    Ok(axum::Json(members.into_iter().map(Into::into).collect()))
}

/// End a staff member's account
///
/// With every session of theirs, at once. Of an approver or an administrator this only proposes it: then
/// another staff member approves the proposal.
#[utoipa::path(
    post, path = "/api/v1/staff/{staff}/end", tag = "staff", security(("staff" = [])),
    params(("staff" = StaffText, Path, description = "Who")),
    responses((status = 200, body = StaffEnd), Refusals),
)]
pub(crate) async fn end_member(
    State(app): State<App>,
    May(staff, _): May<act::EndStaff>,
    InPath(WireText(id)): InPath<StaffText>,
) -> Result<axum::Json<StaffEnd>, Problem> {
    let (state, proposal) = match app.service.staff.end_member(&staff, id).await? {
        MemberEnd::Ended => ("ended", None),
        MemberEnd::Waits(proposal) => ("waiting", Some(WireText(proposal))),
    };
    Ok(axum::Json(StaffEnd { state, proposal }))
}

/// End one's own account
///
/// With every session, at once. The last administrator cannot.
#[utoipa::path(
    post, path = "/api/v1/staff/me/end", tag = "staff", security(("staff" = [])),
    request_body = OwnEnd,
    responses((status = 204), Refusals),
)]
pub(crate) async fn end_own_account(
    State(app): State<App>,
    May(staff, _): May<act::KeepOwnAccount>,
    Body(body): Body<OwnEnd>,
) -> Result<StatusCode, Problem> {
    if !body.confirmed {
        return Err(Problem::invalid("confirmed", "expected true"));
    }
    app.service.staff.end_own_account(&staff).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List authorities
///
/// For which the asker may read who the staff members and feeds are.
#[utoipa::path(
    get, path = "/api/v1/authorities", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireAuthority>), Refusals),
)]
pub(crate) async fn authorities(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireAuthority>>, Problem> {
    let authorities = app.service.staff.authorities(&staff).await?;
    Ok(axum::Json(
        authorities.into_iter().map(Into::into).collect(),
    ))
}

impl From<Authority> for WireAuthority {
    fn from(authority: Authority) -> Self {
        Self {
            id: WireText(authority.id),
            name: authority.name,
            kind: authority.kind.as_str(),
            region: WireText(authority.region),
        }
    }
}

impl From<StaffMember> for WireStaffMember {
    fn from(member: StaffMember) -> Self {
        Self {
            id: WireText(member.id),
            name: member.name,
            authority: member.authority.into(),
            roles: member.roles.iter().map(WireText).collect(),
            regions: member.regions.iter().map(WireText).collect(),
        }
    }
}
