//! `GET /api/v1/feeds`, `POST /api/v1/feeds`, `POST /api/v1/feeds/{feed}/renewal` and `…/end`

use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use service::{FeedView, NewFeed};
use utoipa::ToSchema;

use super::staff::WireAuthority;
use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, FactKindText, FeedText, InPath, RegionText, TimeText, WireText,
};

/// A machine that is to submit evidence.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposedFeed {
    /// For which authority.
    authority: AuthorityText,
    /// Its name among the authority's feeds: 1 to 100 characters.
    name: String,
    /// The kinds of evidence it may submit; every kind that the authority may if left out. Never
    /// orders.
    #[serde(default)]
    kinds: Vec<FactKindText>,
    /// Where; the authority's region if left out.
    #[serde(default)]
    regions: Vec<RegionText>,
    /// Requests that it may send in a minute: 1 to 100,000.
    rate_per_minute: u32,
    /// How many days it lasts: 1 to 366.
    days: u16,
}

/// A machine that submits evidence, without what it presents.
#[derive(Serialize, ToSchema)]
#[schema(as = Feed)]
pub(crate) struct WireFeed {
    /// Its identifier.
    id: FeedText,
    /// Whose it is.
    authority: WireAuthority,
    /// Its name.
    name: String,
    /// The kinds of evidence it may submit.
    kinds: Vec<FactKindText>,
    /// Requests that it may send in a minute.
    rate_per_minute: u32,
    /// When it ends.
    ends_at: TimeText,
}

/// What a feed presents.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedCredential {
    /// Which feed.
    id: FeedText,
    /// Sent as `Authorization: Bearer …`. It is answered here and never again.
    token: String,
}

/// List feeds
///
/// Those of the asker's authority and of the authorities in their regions, without what they present.
#[utoipa::path(
    get, path = "/api/v1/feeds", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Vec<WireFeed>), Refusals),
)]
pub(crate) async fn feeds(
    State(app): State<App>,
    May(staff, _): May<act::ReadStaff>,
) -> Result<axum::Json<Vec<WireFeed>>, Problem> {
    let feeds = app.service.staff.feeds(&staff).await?;
    Ok(axum::Json(feeds.into_iter().map(Into::into).collect()))
}

/// Make a feed
///
/// The answer holds its token, once: if it is lost, renew the feed.
#[utoipa::path(
    post, path = "/api/v1/feeds", tag = "staff", security(("staff" = [])),
    request_body = ProposedFeed,
    responses((status = 201, body = FeedCredential), Refusals),
)]
pub(crate) async fn make_feed(
    State(app): State<App>,
    May(staff, _): May<act::KeepFeeds>,
    Body(body): Body<ProposedFeed>,
) -> Result<Created<FeedCredential>, Problem> {
    let feed = NewFeed {
        authority: body.authority.0,
        name: body.name,
        kinds: body.kinds.into_iter().map(|kind| kind.0).collect(),
        regions: body.regions.into_iter().map(|region| region.0).collect(),
        rate_per_minute: body.rate_per_minute,
        lasts: SignedDuration::from_hours(i64::from(body.days) * 24),
    };
    let (id, token) = app.service.staff.make_feed(&staff, feed).await?;
    let credential = FeedCredential {
        id: WireText(id),
        token: token.expose(),
    };
    Ok((StatusCode::CREATED, axum::Json(credential)))
}

/// Renew a feed: give it another token
///
/// The one before goes on for a day, so that there is no gap. The feed ends when it would have.
#[utoipa::path(
    post, path = "/api/v1/feeds/{feed}/renewal", tag = "staff", security(("staff" = [])),
    params(("feed" = FeedText, Path, description = "Which")),
    responses((status = 200, body = FeedCredential), Refusals),
)]
pub(crate) async fn renew_feed(
    State(app): State<App>,
    May(staff, _): May<act::KeepFeeds>,
    InPath(WireText(id)): InPath<FeedText>,
) -> Result<axum::Json<FeedCredential>, Problem> {
    let token = app.service.staff.renew_feed(&staff, id).await?;
    Ok(axum::Json(FeedCredential {
        id: WireText(id),
        token: token.expose(),
    }))
}

/// End a feed
///
/// At once, with every token of its.
#[utoipa::path(
    post, path = "/api/v1/feeds/{feed}/end", tag = "staff", security(("staff" = [])),
    params(("feed" = FeedText, Path, description = "Which")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn end_feed(
    State(app): State<App>,
    May(staff, _): May<act::KeepFeeds>,
    InPath(WireText(id)): InPath<FeedText>,
) -> Result<StatusCode, Problem> {
    app.service.staff.end_feed(&staff, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<FeedView> for WireFeed {
    fn from(feed: FeedView) -> Self {
        Self {
            id: WireText(feed.id),
            authority: feed.authority.into(),
            name: feed.name,
            kinds: feed.kinds.into_iter().map(WireText).collect(),
            rate_per_minute: feed.rate_per_minute,
            ends_at: WireText(feed.ends_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::City;

    async fn new_feed(city: &City) -> Value {
        json!({ "authority": city.authority("Laboratory 1").await, "name": "sequencer",
                "kinds": ["test"], "rate_per_minute": 60, "days": 30 })
    }

    #[tokio::test]
    async fn a_feed_submits_is_renewed_without_a_gap_and_ends() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let admin = city.administrator().await;
        let ask = city.post("/api/v1/feeds").token(&admin);
        let made = ask.json(&new_feed(&city).await).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.json["id"].as_str().unwrap();
        let first = made.json["token"].as_str().unwrap();
        let tested = json!({ "person": ming.person, "fact": { "kind": "test", "test": "pcr",
            "result": "negative", "sampled": city.hours_ago(2), "reported": null, "lab": null } });
        let sent = city.submit(first, &tested).await;
        assert!(sent.status < 300, "{sent:?}");
        let other_kind = city.submit(first, &city.close_contact(&ming)).await;
        assert_eq!(other_kind.status, 422, "{other_kind:?}");
        let list = city.get("/api/v1/feeds").token(&admin).await;
        assert!(!list.text.contains(first));
        let mut feeds = list.json.as_array().unwrap().iter();
        assert!(feeds.any(|feed| feed["id"] == id && feed["name"] == "sequencer"));

        let renewal = city.post(&format!("/api/v1/feeds/{id}/renewal"));
        let renewed = renewal.token(&admin).await;
        let second = renewed.json["token"].as_str().unwrap();
        for token in [first, second] {
            let sent = city.submit(token, &tested).await;
            assert!(sent.status < 300, "both work for a day: {sent:?}");
        }
        let end = city.post(&format!("/api/v1/feeds/{id}/end"));
        assert_eq!(end.token(&admin).await.status, 204);
        for token in [first, second] {
            assert_eq!(city.submit(token, &tested).await.status, 401);
        }
        let list = city.get("/api/v1/feeds").token(&admin).await;
        let mut feeds = list.json.as_array().unwrap().iter();
        assert!(feeds.all(|feed| feed["id"] != id));
    }

    #[tokio::test]
    async fn a_feed_that_may_order_or_never_ends_is_not_made() {
        let city = City::start().await;
        let admin = city.administrator().await;
        for (field, value, named) in [
            ("kinds", json!(["order"]), "kinds"),
            ("days", json!(0), "days"),
            ("days", json!(367), "days"),
            ("rate_per_minute", json!(0), "rate_per_minute"),
            ("name", json!(" "), "name"),
        ] {
            let mut feed = new_feed(&city).await;
            feed[field] = value;
            let ask = city.post("/api/v1/feeds").token(&admin);
            let refused = ask.json(&feed).await;
            assert_eq!(refused.status, 422, "{refused:?}");
            assert_eq!(refused.json["errors"][0]["field"], named, "{refused:?}");
        }
        let ask = city.post("/api/v1/feeds").token(&city.health);
        let officer = ask.json(&new_feed(&city).await).await;
        assert_eq!(officer.status, 403, "{officer:?}");
    }
}
