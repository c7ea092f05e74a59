//! `GET /api/v1/staff/proposals`, `POST /api/v1/staff/proposals`, and `…/{proposal}/approval`,
//! `…/{proposal}/rejection` and `…/{proposal}/half`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{NewMember, StaffChange, StaffProposal, Token};
use utoipa::ToSchema;

use super::approve::Reason;
use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, InPath, ProposalText, RegionText, RoleText, StaffText, TimeText, WireText,
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

/// What is proposed about a staff member, or was.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffProposal)]
pub(crate) struct WireStaffProposal {
    /// Its identifier.
    id: ProposalText,
    /// `joins` or `leaves`.
    change: &'static str,
    /// Whose account is to end, if they leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff: Option<StaffText>,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// For which authority.
    authority: AuthorityText,
    /// The name that colleagues read.
    name: String,
    /// What they are there to do.
    roles: Vec<RoleText>,
    /// Where.
    regions: Vec<RegionText>,
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

/// Half of an invitation. The other half is somebody else's: only both together are taken up, once,
/// within three days of the approval.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationHalf {
    /// To be handed to whom it is for. It is answered here and never again; a lost one is renewed.
    half: String,
    /// The page of this installation that takes both. What stands behind the `#` is not sent.
    address: String,
}

/// A staff member who was just proposed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposedStaff {
    /// The proposal.
    #[serde(flatten)]
    proposal: WireStaffProposal,
    /// The proposer's half of the invitation.
    #[serde(flatten)]
    invitation: InvitationHalf,
}

/// What an approval gives: the approver's half of the invitation of somebody who joins; nothing of one
/// who leaves.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffApproval {
    /// The approver's half of the invitation, to be handed to whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    half: Option<String>,
    /// The page of this installation that takes both halves.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

/// Propose a staff member
///
/// They can do nothing before another staff member approves. The answer holds the proposer's half
/// of the invitation, once; the approver gets the other.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals", tag = "staff", security(("staff" = [])),
    request_body = ProposedMember,
    responses((status = 201, body = ProposedStaff), Refusals),
)]
pub(crate) async fn propose_member(
    State(app): State<App>,
    May(staff, _): May<act::ProposeStaff>,
    Body(body): Body<ProposedMember>,
) -> Result<Created<ProposedStaff>, Problem> {
    let member = NewMember {
        authority: body.authority.0,
        name: body.name,
        roles: body.roles.into_iter().map(|role| role.0).collect(),
        regions: body.regions.into_iter().map(|region| region.0).collect(),
    };
    let (proposed, half) = app.service.staff.propose_member(&staff, member).await?;
    let proposed = ProposedStaff {
        proposal: proposed.into(),
        invitation: half.into(),
    };
    Ok((StatusCode::CREATED, axum::Json(proposed)))
}

/// List what is proposed about staff members
///
/// Who is to join or to leave: those of the asker's authority and of the authorities in their regions, newest first.
#[utoipa::path(
    get, path = "/api/v1/staff/proposals", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireStaffProposal>), Refusals),
)]
pub(crate) async fn proposed_members(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireStaffProposal>>, Problem> {
    let proposed = app.service.staff.proposed_members(&staff).await?;
    Ok(axum::Json(proposed.into_iter().map(Into::into).collect()))
}

/// Approve that somebody becomes a staff member, or stops being one
///
/// Another staff member than the one who proposed it. Of somebody who joins the answer holds the
/// approver's half of the invitation, once. An account that ends is over at once.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals/{proposal}/approval", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = StaffApproval), Refusals),
)]
pub(crate) async fn approve_member(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<StaffApproval>, Problem> {
    let accounts = &app.service.staff;
    let half = accounts.approve_member(&staff, id, &body.reason).await?;
    let half = half.map(InvitationHalf::from);
    let (half, address) = half.map(|one| (one.half, one.address)).unzip();
    Ok(axum::Json(StaffApproval { half, address }))
}

/// Renew a half of an invitation
///
/// For the proposer or approver of the staff member: their half. The one before works no more.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals/{proposal}/half", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    responses((status = 200, body = InvitationHalf), Refusals),
)]
pub(crate) async fn renew_half(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
) -> Result<axum::Json<InvitationHalf>, Problem> {
    let half = app.service.staff.renew_half(&staff, id).await?;
    Ok(axum::Json(half.into()))
}

/// Reject that somebody becomes a staff member, or stops being one
///
/// The proposer may take back their own proposal. Nobody rejects the end of their own account.
#[utoipa::path(
    post, path = "/api/v1/staff/proposals/{proposal}/rejection", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireStaffProposal), Refusals),
)]
pub(crate) async fn reject_member(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireStaffProposal>, Problem> {
    let accounts = &app.service.staff;
    let rejected = accounts.reject_member(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}

impl From<Token> for InvitationHalf {
    fn from(half: Token) -> Self {
        let half = half.expose();
        let address = format!("/staff/invitation#{half}");
        Self { half, address }
    }
}

impl From<StaffProposal> for WireStaffProposal {
    fn from(proposal: StaffProposal) -> Self {
        let state = match &proposal.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let settled = proposal.settled.map(|end| (end.by.name, end.reason));
        let (settled_by, reason) = settled.unzip();
        let member = proposal.member;
        let (change, staff) = match proposal.change {
            StaffChange::Joins => ("joins", None),
            StaffChange::Leaves(staff) => ("leaves", Some(WireText(staff))),
        };
        Self {
            id: WireText(proposal.id),
            change,
            staff,
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
        let mut waiting = list.json.as_array().unwrap().iter();
        let waiting = waiting.find(|one| one["id"] == proposed.json["id"]);
        assert_eq!(waiting.unwrap()["change"], "joins", "{list:?}");
        assert_eq!(waiting.unwrap().get("half"), None, "{list:?}");
        let approved = settle(&city, &other, &proposed, "approval").await;
        assert_eq!(approved.status, 200, "{approved:?}");
        let [first, second] = [&proposed, &approved].map(|answer| {
            let half = answer.json["half"].as_str().unwrap();
            let address = answer.json["address"].as_str().unwrap();
            assert_eq!(address, format!("/staff/invitation#{half}"));
            half
        });
        let again = settle(&city, &other, &proposed, "approval").await;
        assert_eq!(again.status, 409, "it is answered once: {again:?}");
        assert!(!names(&city, &admin).await.contains(&json!("Dr Ou")));
        let ou = city.join(first, second).await;
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
        assert_eq!((ended.status, &ended.json["state"]), (200, &json!("ended")));
        assert_eq!(city.get("/api/v1/staff").token(&auditor).await.status, 401);
    }

    #[tokio::test]
    async fn a_lost_half_is_renewed_by_whose_it_is() {
        let city = City::start().await;
        let (admin, other) = (city.administrator().await, city.another_officer().await);
        let proposed = propose(&city, &admin, "City health office").await;
        let address = proposed.json["id"].as_str().unwrap();
        let address = format!("/api/v1/staff/proposals/{address}/half");
        let early = city.post(&address).token(&other).await;
        assert_eq!(early.status, 403, "they approved nothing yet: {early:?}");
        let approved = settle(&city, &other, &proposed, "approval").await;
        let lost = approved.json["half"].as_str().unwrap();
        let renewed = city.post(&address).token(&other).await;
        assert_eq!(renewed.status, 200, "{renewed:?}");
        let renewed = renewed.json["half"].as_str().unwrap();
        let first = proposed.json["half"].as_str().unwrap();
        assert_ne!(renewed, lost);
        let form = format!("invitation={first}&second={lost}");
        let void = city.post("/staff/invitation?lang=en").form(&form).await;
        assert!(void.text.contains("does not work"), "{void:?}");
        city.join(renewed, first).await;
        let late = city.post(&address).token(&other).await;
        assert_eq!(late.status, 409, "{late:?}");
    }

    #[tokio::test]
    async fn whoever_lets_others_in_is_ended_by_two_or_by_themselves() {
        let city = City::start().await;
        let (admin, other) = (city.administrator().await, city.another_officer().await);
        let approver = city.staff_with(AuthorityKind::Health, Role::Approver).await;
        let list = city.get("/api/v1/staff").token(&admin).await;
        let mut members = list.json.as_array().unwrap().iter();
        let found = members.find(|one| one["name"] == "The approver").unwrap();
        let end = format!("/api/v1/staff/{}/end", found["id"].as_str().unwrap());
        let asked = city.post(&end).token(&admin).await;
        assert_eq!(
            (asked.status, &asked.json["state"]),
            (200, &json!("waiting"))
        );
        let again = city.post(&end).token(&admin).await;
        assert_eq!(again.json, asked.json, "a repeat is the same proposal");
        let asked = Answer {
            json: json!({ "id": asked.json["proposal"] }),
            ..asked
        };
        let own = settle(&city, &approver, &asked, "rejection").await;
        assert_eq!(own.status, 403, "nobody rejects their own end: {own:?}");
        let alone = settle(&city, &admin, &asked, "approval").await;
        assert_eq!(alone.status, 403, "{alone:?}");
        assert_eq!(city.get("/api/v1/staff").token(&approver).await.status, 200);
        let approved = settle(&city, &other, &asked, "approval").await;
        assert_eq!((approved.status, approved.json), (200, json!({})));
        assert_eq!(city.get("/api/v1/staff").token(&approver).await.status, 401);

        let end_own = async |token: &str, body: Value| {
            let ask = city.post("/api/v1/staff/me/end").token(token);
            ask.json(&body).await
        };
        let auditor = city.staff_with(AuthorityKind::Health, Role::Auditor).await;
        let unsure = end_own(&auditor, json!({ "confirmed": false })).await;
        assert_eq!(unsure.status, 422, "{unsure:?}");
        let done = end_own(&auditor, json!({ "confirmed": true })).await;
        assert_eq!(done.status, 204, "{done:?}");
        assert_eq!(city.get("/api/v1/staff").token(&auditor).await.status, 401);
        let last = end_own(&admin, json!({ "confirmed": true })).await;
        assert_eq!(last.status, 409, "the last administrator: {last:?}");
    }

    #[tokio::test]
    async fn two_of_one_name_are_told_apart() {
        let city = City::start().await;
        let admin = city.administrator().await;
        let again = json!({ "authority": city.authority("City health office").await,
                            "name": "dr. MEI", "roles": ["auditor"] });
        let ask = city.post("/api/v1/staff/proposals").token(&admin);
        let refused = ask.json(&again).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(refused.json["errors"][0]["field"], "name", "{refused:?}");
    }
}
