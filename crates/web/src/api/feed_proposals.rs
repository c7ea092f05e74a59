//! `GET /api/v1/feeds/proposals`, `POST /api/v1/feeds/proposals/{proposal}/approval` and `…/rejection`

use axum::extract::State;
use serde::Serialize;
use service::{FeedChange, FeedProposal};
use utoipa::ToSchema;

use super::Refusals;
use super::approve::Reason;
use super::feeds::FeedCredential;
use super::staff::WireAuthority;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    Body, FactKindText, FeedText, InPath, ProposalText, RegionText, TimeText, WireText,
};

/// What is proposed about a machine of another office, or was.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedProposal)]
pub(crate) struct WireFeedProposal {
    /// Its identifier.
    id: ProposalText,
    /// `make` or `renew`.
    change: &'static str,
    /// The machine that is to get another token.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<FeedText>,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// Whose machine it is.
    authority: WireAuthority,
    /// What it is called.
    name: String,
    /// The kinds of evidence that it may submit; every kind that the authority may if there are none. Of
    /// one that is to be made.
    kinds: Vec<FactKindText>,
    /// Where; the authority's region if there are none. Of one that is to be made.
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

/// List what is proposed about machines of other offices
///
/// Those of the asker's authority and of the authorities in their regions: what waits first.
#[utoipa::path(
    get, path = "/api/v1/feeds/proposals", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireFeedProposal>), Refusals),
)]
pub(crate) async fn proposed_feeds(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireFeedProposal>>, Problem> {
    let proposed = app.service.staff.proposed_feeds(&staff).await?;
    Ok(axum::Json(proposed.into_iter().map(Into::into).collect()))
}

/// Approve a machine of another office, or another token of one
///
/// Another staff member than the one who proposed it. The answer holds the token, once, to be handed to
/// the office.
#[utoipa::path(
    post, path = "/api/v1/feeds/proposals/{proposal}/approval", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = FeedCredential), Refusals),
)]
pub(crate) async fn approve_feed(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<FeedCredential>, Problem> {
    let accounts = &app.service.staff;
    let (id, token) = accounts.approve_feed(&staff, id, &body.reason).await?;
    Ok(axum::Json(FeedCredential::new(id, &token)))
}

/// Reject a machine of another office, or another token of one
///
/// The proposer may take back their own proposal.
#[utoipa::path(
    post, path = "/api/v1/feeds/proposals/{proposal}/rejection", tag = "staff",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireFeedProposal), Refusals),
)]
pub(crate) async fn reject_feed(
    State(app): State<App>,
    May(staff, _): May<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireFeedProposal>, Problem> {
    let accounts = &app.service.staff;
    let rejected = accounts.reject_feed(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}

impl From<FeedProposal> for WireFeedProposal {
    fn from(proposal: FeedProposal) -> Self {
        let state = match &proposal.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let settled = proposal.settled.map(|end| (end.by.name, end.reason));
        let (settled_by, reason) = settled.unzip();
        let (change, feed, kinds, regions) = match proposal.change {
            FeedChange::Make(feed) => ("make", None, feed.kinds, feed.regions),
            FeedChange::Renew(feed) => {
                let (kinds, regions) = Default::default();
                ("renew", Some(WireText(feed)), kinds, regions)
            }
        };
        Self {
            id: WireText(proposal.id),
            change,
            feed,
            state,
            authority: proposal.authority.into(),
            name: proposal.name,
            kinds: kinds.into_iter().map(WireText).collect(),
            regions: regions.iter().map(WireText).collect(),
            proposed_by: proposal.proposed.name,
            proposed_at: WireText(proposal.proposed.at),
            settled_by,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_machine_of_another_office_waits_for_a_second_person() {
        let city = City::start().await;
        let (admin, other) = (city.administrator().await, city.another_officer().await);
        let feed = json!({ "authority": city.authority("Laboratory 1").await, "name": "sequencer",
                           "kinds": ["test"], "rate_per_minute": 60, "days": 30 });
        let ask = || city.post("/api/v1/feeds").token(&admin).json(&feed);
        let waits = ask().await;
        assert_eq!(waits.status, 202, "{waits:?}");
        let id = waits.json["proposal"].as_str().unwrap().to_owned();
        let settle = async |token: &str, how: &str| {
            let ask = city.post(&format!("/api/v1/feeds/proposals/{id}/{how}"));
            ask.token(token).json(&json!({ "reason": "known" })).await
        };
        let own = settle(&admin, "approval").await;
        assert_eq!(own.status, 403, "{own:?}");
        let list = city.get("/api/v1/feeds/proposals").token(&other).await;
        assert_eq!(list.json[0]["state"], "waiting", "{list:?}");
        assert_eq!(list.json[0]["kinds"], json!(["test"]));
        let rejected = settle(&other, "rejection").await;
        assert_eq!(rejected.json["state"], "rejected", "{rejected:?}");
        assert_eq!(settle(&other, "approval").await.status, 409);
        let feeds = city.get("/api/v1/feeds").token(&admin).await;
        let mut feeds = feeds.json.as_array().unwrap().iter();
        assert!(feeds.all(|feed| feed["name"] != "sequencer"));
        // That of one's own office is made at once.
        let mut own = feed.clone();
        own["authority"] = json!(city.authority("City health office").await);
        let made = city.post("/api/v1/feeds").token(&admin).json(&own).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
}
