//! `GET /api/v1/feeds`, `POST /api/v1/feeds`, `POST /api/v1/feeds/{feed}/renewal` and `…/end`; what waits
//! for a second person: see `feed_proposals`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::FeedId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use service::{FeedKey, FeedView, FeedWish, NewFeed, Token};
use utoipa::ToSchema;

use super::Refusals;
use super::staff::WireAuthority;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, FactKindText, FeedText, InPath, ProposalText, RegionText, TimeText,
    WireText,
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
    /// The Ed25519 public key with which it signs each request (RFC 9421), its 32 bytes in base64; then
    /// requests without a signature are refused. It signs none if left out.
    #[schema(pattern = "^[A-Za-z0-9+/]{43}=$")]
    public_key: Option<String>,
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
    /// The key with which it signs each request, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
}

/// What a feed presents.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedCredential {
    /// Which feed.
    id: FeedText,
    /// Sent as `Authorization: Bearer …`. It is answered here and never again.
    token: String,
}

/// A machine of another office, or another token of one, that waits for a second person.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedWaits {
    /// The proposal.
    proposal: ProposalText,
}

impl FeedCredential {
    pub(super) fn new(id: FeedId, token: &Token) -> Self {
        Self {
            id: WireText(id),
            token: token.expose(),
        }
    }
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
/// The answer holds its token, once: if it is lost, renew the feed. A machine of another office than one's
/// own waits for a second person, who gets the token.
#[utoipa::path(
    post, path = "/api/v1/feeds", tag = "staff", security(("staff" = [])),
    request_body = ProposedFeed,
    responses(
        (status = 201, body = FeedCredential),
        (status = 202, body = FeedWaits, description = "It waits for a second person"),
        Refusals,
    ),
)]
pub(crate) async fn make_feed(
    State(app): State<App>,
    May(staff, _): May<act::KeepFeeds>,
    Body(body): Body<ProposedFeed>,
) -> Result<Response, Problem> {
    let public_key = body.public_key.map(|text| text.parse::<FeedKey>());
    let public_key = public_key.transpose();
    let public_key = public_key.map_err(|bad| Problem::invalid("public_key", bad.to_string()))?;
    let feed = NewFeed {
        public_key,
        authority: body.authority.0,
        name: body.name,
        kinds: body.kinds.into_iter().map(|kind| kind.0).collect(),
        regions: body.regions.into_iter().map(|region| region.0).collect(),
        rate_per_minute: body.rate_per_minute,
        lasts: SignedDuration::from_hours(i64::from(body.days) * 24),
    };
    let wish = app.service.staff.make_feed(&staff, feed).await?;
    Ok(answer(StatusCode::CREATED, wish))
}

fn answer(made: StatusCode, wish: FeedWish) -> Response {
    match wish {
        FeedWish::Made(id, token) => {
            let credential = FeedCredential::new(id, &token);
            (made, axum::Json(credential)).into_response()
        }
        FeedWish::Waits(proposal) => {
            let proposal = WireText(proposal);
            (StatusCode::ACCEPTED, axum::Json(FeedWaits { proposal })).into_response()
        }
    }
}

/// Renew a feed: give it another token
///
/// The one before goes on for a day, so that there is no gap. The feed ends when it would have. That of
/// another office waits for a second person, who gets the token.
#[utoipa::path(
    post, path = "/api/v1/feeds/{feed}/renewal", tag = "staff", security(("staff" = [])),
    params(("feed" = FeedText, Path, description = "Which")),
    responses(
        (status = 200, body = FeedCredential),
        (status = 202, body = FeedWaits, description = "It waits for a second person"),
        Refusals,
    ),
)]
pub(crate) async fn renew_feed(
    State(app): State<App>,
    May(staff, _): May<act::KeepFeeds>,
    InPath(WireText(id)): InPath<FeedText>,
) -> Result<Response, Problem> {
    let wish = app.service.staff.renew_feed(&staff, id).await?;
    Ok(answer(StatusCode::OK, wish))
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
            public_key: feed.public_key.map(|key| key.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};

    use crate::testing::{Answer, City};

    async fn new_feed(city: &City) -> Value {
        json!({ "authority": city.authority("Laboratory 1").await, "name": "sequencer",
                "kinds": ["test"], "rate_per_minute": 60, "days": 30 })
    }

    /// Has a second person approve what waits.
    async fn approved(city: &City, waits: &Answer) -> Answer {
        assert_eq!(waits.status, 202, "{waits:?}");
        let id = waits.json["proposal"].as_str().unwrap();
        let ask = city.post(&format!("/api/v1/feeds/proposals/{id}/approval"));
        let other = city.another_officer().await;
        let reason = json!({ "reason": "the laboratory asked for it" });
        ask.token(&other).json(&reason).await
    }

    #[tokio::test]
    async fn a_feed_submits_is_renewed_without_a_gap_and_ends() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let admin = city.administrator().await;
        let ask = city.post("/api/v1/feeds").token(&admin);
        let waits = ask.json(&new_feed(&city).await).await;
        let made = approved(&city, &waits).await;
        assert_eq!(made.status, 200, "{made:?}");
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
        let renewed = approved(&city, &renewal.token(&admin).await).await;
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

    /// A machine that signs what it sends.
    struct Machine {
        id: String,
        token: String,
        pair: Ed25519KeyPair,
    }

    impl Machine {
        async fn new(city: &City) -> Self {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
            let mut feed = new_feed(city).await;
            feed["public_key"] = json!(BASE64_STANDARD.encode(pair.public_key()));
            let admin = city.administrator().await;
            let ask = city.post("/api/v1/feeds").token(&admin);
            let made = approved(city, &ask.json(&feed).await).await;
            assert_eq!(made.status, 200, "{made:?}");
            let text = |name: &str| made.json[name].as_str().unwrap().to_owned();
            Self {
                id: text("id"),
                token: text("token"),
                pair,
            }
        }

        /// Signs `signed` at `created`, and sends `sent` to the same address.
        async fn send(&self, city: &City, signed: &Value, sent: &Value, created: i64) -> Answer {
            let digest = BASE64_STANDARD.encode(Sha256::digest(signed.to_string()));
            let digest = format!("sha-256=:{digest}:");
            let input = format!(
                "(\"@method\" \"@target-uri\" \"content-digest\");created={created};keyid=\"{}\"",
                self.id
            );
            let base = format!(
                "\"@method\": POST\n\"@target-uri\": https://code.example/api/v1/evidence\n\
                 \"content-digest\": {digest}\n\"@signature-params\": {input}"
            );
            let signature = BASE64_STANDARD.encode(self.pair.sign(base.as_bytes()));
            city.post("/api/v1/evidence")
                .header("host", "code.example")
                .header("content-digest", &digest)
                .header("signature-input", &format!("sig={input}"))
                .header("signature", &format!("sig=:{signature}:"))
                .token(&self.token)
                .json(sent)
                .await
        }
    }

    #[tokio::test]
    async fn a_feed_with_a_key_signs_each_request_and_each_signature_counts_once() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let machine = Machine::new(&city).await;
        let tested = |hours| {
            json!({ "person": ming.person, "fact": { "kind": "test", "test": "pcr",
                "result": "negative", "sampled": city.hours_ago(hours), "reported": null,
                "lab": null } })
        };
        let unsigned = city.submit(&machine.token, &tested(2)).await;
        assert_eq!(unsigned.status, 401, "{unsigned:?}");
        assert!(unsigned.text.contains("RFC 9421"), "{unsigned:?}");
        let now = city.now().as_second();
        let good = machine.send(&city, &tested(2), &tested(2), now).await;
        assert!(good.status < 300, "{good:?}");
        let replayed = machine.send(&city, &tested(2), &tested(2), now).await;
        assert_eq!(replayed.status, 401, "{replayed:?}");
        assert!(replayed.text.contains("used before"), "{replayed:?}");
        let changed = machine.send(&city, &tested(3), &tested(4), now).await;
        assert_eq!(changed.status, 401, "{changed:?}");
        assert!(changed.text.contains("Content-Digest"), "{changed:?}");
        let old = machine.send(&city, &tested(5), &tested(5), now - 301).await;
        assert_eq!(old.status, 401, "{old:?}");
        let admin = city.administrator().await;
        let list = city.get("/api/v1/feeds").token(&admin).await;
        let mut feeds = list.json.as_array().unwrap().iter();
        let feed = feeds.find(|feed| feed["id"] == *machine.id).unwrap();
        assert_eq!(feed["public_key"].as_str().unwrap().len(), 44);
        let mut bad = new_feed(&city).await;
        bad["public_key"] = json!("AAAA");
        let ask = city.post("/api/v1/feeds").token(&admin);
        let refused = ask.json(&bad).await;
        assert_eq!(refused.status, 422, "{refused:?}");
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
