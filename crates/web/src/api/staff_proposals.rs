//! `GET /api/v1/staff/proposals`, `POST /api/v1/staff/proposals`, and `…/{proposal}/approval` and
//! `…/{proposal}/rejection`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{NewMember, Onboarding};
use utoipa::ToSchema;

use super::approve::Reason;
use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, InPath, ProposalText, RegionText, RoleText, TimeText, WireText,
};

/// Somebody who is to become a staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposedMember {
    /// For which authority.
    authority: AuthorityText,
    /// The name that colleagues will read: 1 to 100 characters.
    name: String,
    /// What they are there to do: one role or more.
    roles: Vec<RoleText>,
    /// Where, within the proposer's own regions; the authority's region if left out.
    #[serde(default)]
    regions: Vec<RegionText>,
}

/// A staff member who is proposed, or was.
#[derive(Serialize, ToSchema)]
#[schema(as = Onboarding)]
pub(crate) struct WireOnboarding {
    /// Its identifier.
    id: ProposalText,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// For which authority.
    authority: AuthorityText,
    /// The name that colleagues will read.
    name: String,
    /// What they are there to do.
    roles: Vec<RoleText>,
    /// Where.
    regions: Vec<RegionText>,
    /// Who proposed them.
    proposed_by: String,
    /// When.
    proposed_at: TimeText,
    /// Who approved or rejected them.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// An invitation: works once, for three days.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// To be handed to whom it is for. It is answered here and never again.
    invitation: String,
    /// The page of this installation that takes it. What stands behind the `#` is not sent.
    address: String,
}

/// Propose a staff member
///
/// They can do nothing before another staff member approves.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals", tag = "staff", security(("staff" = [])),
    request_body = ProposedMember,
    responses((status = 201, body = WireOnboarding), Refusals),
)]
pub(crate) async fn propose_member(
    State(app): State<App>,
    May(staff, _): May<act::ProposeStaff>,
    Body(body): Body<ProposedMember>,
) -> Result<Created<WireOnboarding>, Problem> {
    let member = NewMember {
        authority: body.authority.0,
        name: body.name,
        roles: body.roles.into_iter().map(|role| role.0).collect(),
        regions: body.regions.into_iter().map(|region| region.0).collect(),
    };
    let proposed = app.service.staff.propose_member(&staff, member).await?;
    Ok((StatusCode::CREATED, axum::Json(proposed.into())))
}

/// List proposed staff members
///
/// Those of the asker's authority and of the authorities in their regions, newest first.
#[utoipa::path(
    get, path = "/api/v1/staff/proposals", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireOnboarding>), Refusals),
)]
pub(crate) async fn proposed_members(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireOnboarding>>, Problem> {
    let proposed = app.service.staff.proposed_members(&staff).await?;
    Ok(axum::Json(proposed.into_iter().map(Into::into).collect()))
}

/// Approve a staff member
///
/// Another staff member than the one who proposed them. The answer holds the invitation, once: if it
/// is lost, they must be proposed again.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals/{proposal}/approval", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = Invitation), Refusals),
)]
pub(crate) async fn approve_member(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<Invitation>, Problem> {
    let accounts = &app.service.staff;
    let token = accounts.approve_member(&staff, id, &body.reason).await?;
    let invitation = token.expose();
    let address = format!("/staff/invitation#{invitation}");
    Ok(axum::Json(Invitation {
        invitation,
        address,
    }))
}

/// Reject a staff member
///
/// They never become one. The proposer may take back their own proposal.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals/{proposal}/rejection", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireOnboarding), Refusals),
)]
pub(crate) async fn reject_member(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireOnboarding>, Problem> {
    let accounts = &app.service.staff;
    let rejected = accounts.reject_member(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}

impl From<Onboarding> for WireOnboarding {
    fn from(proposal: Onboarding) -> Self {
        let state = match &proposal.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let settled = proposal.settled.map(|end| (end.by.name, end.reason));
        let (settled_by, reason) = settled.unzip();
        let member = proposal.member;
        Self {
            id: WireText(proposal.id),
            state,
            authority: WireText(member.authority),
            name: member.name,
            roles: member.roles.iter().map(WireText).collect(),
            regions: member.regions.iter().map(WireText).collect(),
            proposed_by: proposal.proposed.name,
            proposed_at: WireText(proposal.proposed.at),
            settled_by,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::{Value, json};

    use crate::testing::{Answer, City};

    /// Has `token` propose Dr Ou, an approver of the authority called `office`.
    async fn propose(city: &City, token: &str, office: &str) -> Answer {
        let ou = json!({ "authority": city.authority(office).await, "name": "Dr Ou",
                         "roles": ["approver"], "regions": ["330106"] });
        let ask = city.post("/api/v1/staff/proposals").token(token);
        ask.json(&ou).await
    }

    async fn settle(city: &City, token: &str, proposed: &Answer, how: &str) -> Answer {
        let id = proposed.json["id"].as_str().unwrap();
        let ask = city.post(&format!("/api/v1/staff/proposals/{id}/{how}"));
        ask.token(token).json(&json!({ "reason": "known" })).await
    }

    async fn names(city: &City, token: &str) -> Vec<Value> {
        let list = city.get("/api/v1/staff").token(token).await;
        let members = list.json.as_array().unwrap().iter();
        members.map(|member| member["name"].clone()).collect()
    }

    #[tokio::test]
    async fn one_proposes_another_approves_and_the_invited_one_signs_in() {
        let city = City::start().await;
        let (admin, other) = (city.administrator().await, city.another_officer().await);
        let proposed = propose(&city, &admin, "City health office").await;
        assert_eq!(
            (proposed.status, &proposed.json["state"]),
            (201, &json!("waiting"))
        );
        let list = city.get("/api/v1/staff/proposals").token(&other).await;
        let waiting = list.json.as_array().unwrap();
        assert!(waiting.contains(&proposed.json), "{list:?}");
        let approved = settle(&city, &other, &proposed, "approval").await;
        assert_eq!(approved.status, 200, "{approved:?}");
        let invitation = approved.json["invitation"].as_str().unwrap();
        let address = approved.json["address"].as_str().unwrap();
        assert_eq!(address, format!("/staff/invitation#{invitation}"));
        let again = settle(&city, &other, &proposed, "approval").await;
        assert_eq!(again.status, 409, "it is answered once: {again:?}");
        assert!(!names(&city, &admin).await.contains(&json!("Dr Ou")));
        let ou = city.join(invitation).await;
        let orders = city.get("/api/v1/orders").token(&ou).await;
        assert_eq!(orders.status, 200, "an approver: {orders:?}");
        assert!(names(&city, &admin).await.contains(&json!("Dr Ou")));
    }

    #[tokio::test]
    async fn nobody_brings_somebody_in_alone() {
        let city = City::start().await;
        let admin = city.administrator().await;
        let proposed = propose(&city, &admin, "City health office").await;
        let own = settle(&city, &admin, &proposed, "approval").await;
        assert_eq!(own.status, 403, "{own:?}");
        let taken_back = settle(&city, &admin, &proposed, "rejection").await;
        assert_eq!(taken_back.json["state"], "rejected", "{taken_back:?}");
        let other = city.another_officer().await;
        let late = settle(&city, &other, &proposed, "approval").await;
        assert_eq!(late.status, 409, "{late:?}");
        let officer = propose(&city, &city.health, "City health office").await;
        assert_eq!(officer.status, 403, "only administrators: {officer:?}");
    }

    #[tokio::test]
    async fn staff_of_another_region_do_not_exist() {
        let city = City::start().await;
        let (kind, region) = (AuthorityKind::Health, "4201");
        let far = city.add_authority(kind, "Far office", region).await;
        let admin = city.administrator().await;
        let authorities = city.get("/api/v1/authorities").token(&admin).await;
        let mut authorities = authorities.json.as_array().unwrap().iter();
        assert!(authorities.all(|one| one["id"] != far));
        let refused = propose(&city, &admin, "Far office").await;
        assert_eq!(refused.status, 404, "{refused:?}");
    }

    #[tokio::test]
    async fn a_sensitive_act_asks_for_the_passkey_again() {
        let city = City::start().await;
        let admin = city.administrator().await;
        city.later(6);
        let stale = propose(&city, &admin, "City health office").await;
        assert_eq!(
            (stale.status, &stale.json["type"]),
            (403, &json!("/problems/step-up-needed"))
        );
    }

    #[tokio::test]
    async fn whoever_is_ended_is_out_at_once() {
        let city = City::start().await;
        let admin = city.administrator().await;
        let auditor = city.staff_with(AuthorityKind::Health, Role::Auditor).await;
        let list = city.get("/api/v1/staff").token(&auditor).await;
        let mut members = list.json.as_array().unwrap().iter();
        let own = members.find(|one| one["name"] == "The auditor").unwrap();
        let address = format!("/api/v1/staff/{}/end", own["id"].as_str().unwrap());
        let own = city.post(&address).token(&auditor).await;
        assert_eq!(own.status, 403, "{own:?}");
        let ended = city.post(&address).token(&admin).await;
        assert_eq!(ended.status, 204, "{ended:?}");
        assert_eq!(city.get("/api/v1/staff").token(&auditor).await.status, 401);
    }
}
