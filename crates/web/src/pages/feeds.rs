//! `/officer/feeds`: the machines of the authorities, and what each of them may submit.

mod narrowing;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{AuthorityKind, FactKind, FeedId, Regions};
use fluent_bundle::FluentArgs;
use jiff::SignedDuration;
use service::{Action, FeedChange, FeedView, FeedWish, NewFeed, ServiceError, Staff};

use self::narrowing::narrowed;
pub(super) use self::narrowing::{lies_in, offices};
use super::choice::{Choice, ShownOnce};
use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter};
use super::proposals::{Decision, DecisionForm, refused_decision, signed};
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{FeedText, InPath, ProposalText, WireText};

/// What ends within that time ends soon.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What a machine is narrowed to, and the name of the text.
const STATES: [(&str, &str); 1] = [("soon", "list-ends-soon")];

/// A new feed, as it was typed.
struct FeedForm {
    authority: String,
    name: String,
    kinds: Vec<FactKind>,
    rate: String,
    days: String,
    public_key: String,
}

#[derive(Template)]
#[template(path = "officer_feeds.html")]
struct FeedsPage<'f> {
    frame: Frame,
    error: Option<&'static str>,
    /// A token, right after it was made.
    shown_once: Option<ShownOnce>,
    /// Whether the passkey must be shown before anything can be changed.
    is_stale: bool,
    can_keep: bool,
    can_approve: bool,
    /// What waits for a second person.
    waiting: Vec<Waiting>,
    filter: ListFilter,
    feeds: Vec<Entry>,
    authorities: Vec<Choice>,
    kinds: Vec<Choice>,
    form: &'f FeedForm,
}

/// A feed in the list.
struct Entry {
    id: String,
    name: String,
    authority: String,
    kinds: String,
    lasts: String,
}

/// A proposal about a machine of another office.
struct Waiting {
    id: String,
    name: String,
    authority: String,
    /// Whether it is to get another token, rather than be made.
    renews: bool,
    proposed: String,
    is_own: bool,
}

/// What the page shows besides the list.
#[derive(Default)]
struct Outcome {
    error: Option<&'static str>,
    shown_once: Option<ShownOnce>,
    form: FeedForm,
    asked: ListAsked,
}

impl Outcome {
    fn refused(error: &'static str) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }

    /// What became of the wish for a machine. One that waits is on the list.
    fn of(wish: FeedWish, about: &'static str, name: String) -> Self {
        let shown_once = match wish {
            FeedWish::Made(_, token) => Some(ShownOnce {
                about,
                name,
                secret: token.expose(),
            }),
            FeedWish::Waits(_) => None,
        };
        Self {
            shown_once,
            ..Self::default()
        }
    }
}

/// Shows the feeds.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadStaff>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let outcome = Outcome {
        asked,
        ..Outcome::default()
    };
    feeds_page(&app, frame, &staff, outcome).await
}

/// Makes one, and shows its token once.
pub(super) async fn make(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepFeeds>,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = FeedForm::read(pairs);
    let made = match form.feed() {
        Ok(feed) => app.service.staff.make_feed(&staff, feed).await,
        Err(error) => Err(error),
    };
    let outcome = match made {
        Ok(wish) => Outcome::of(wish, "feed-token", form.name),
        Err(ServiceError::TooManyWaiting { .. }) => Outcome {
            error: Some("feed-too-many-waiting"),
            form,
            ..Outcome::default()
        },
        Err(ServiceError::BadField { field, .. }) => Outcome {
            error: Some(match field {
                "name" => "feed-bad-name",
                "kinds" => "feed-bad-kinds",
                "days" => "feed-bad-days",
                "public_key" => "feed-bad-key",
                _ => "feed-bad-rate",
            }),
            form,
            ..Outcome::default()
        },
        Err(error) => return Err(error.into()),
    };
    feeds_page(&app, frame, &staff, outcome).await
}

/// Gives one another token, and shows it once.
pub(super) async fn renew(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepFeeds>,
    InPath(WireText(id)): InPath<FeedText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let outcome = match app.service.staff.renew_feed(&staff, id).await {
        Ok(wish) => {
            let name = name_of(&app, &staff, id).await?;
            Outcome::of(wish, "feed-token-renewed", name)
        }
        Err(ServiceError::TooManyWaiting { .. }) => Outcome::refused("feed-too-many-waiting"),
        Err(error) => return Err(error.into()),
    };
    feeds_page(&app, frame, &staff, outcome).await
}

async fn name_of(app: &App, staff: &Staff, id: FeedId) -> Result<String, Problem> {
    let feeds = app.service.staff.feeds(staff).await?;
    let mut feeds = feeds.into_iter().filter(|feed| feed.id == id);
    Ok(feeds.next().map(|feed| feed.name).unwrap_or_default())
}

/// Approves a machine of another office and shows its token once, or rejects it.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(form): SameOriginForm<DecisionForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.staff;
    let settled = match form.decision {
        Decision::Approve => accounts.approve_feed(&staff, id, &form.reason).await,
        Decision::Reject => match accounts.reject_feed(&staff, id, &form.reason).await {
            Ok(_) => return Ok(go_to("/officer/feeds", None)),
            Err(error) => Err(error),
        },
    };
    let outcome = match settled {
        Ok((feed, token)) => {
            let name = name_of(&app, &staff, feed).await?;
            Outcome::of(FeedWish::Made(feed, token), "feed-token-approved", name)
        }
        Err(ServiceError::BadField { field: "name", .. }) => Outcome::refused("feed-bad-name"),
        Err(error) => Outcome::refused(refused_decision(error, "two-persons-own")?),
    };
    feeds_page(&app, frame, &staff, outcome).await
}

/// Ends one.
pub(super) async fn end(
    State(app): State<App>,
    StaffMay(staff, _): StaffMay<act::KeepFeeds>,
    InPath(WireText(id)): InPath<FeedText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    app.service.staff.end_feed(&staff, id).await?;
    Ok(go_to("/officer/feeds", None))
}

impl Default for FeedForm {
    fn default() -> Self {
        Self {
            authority: String::new(),
            name: String::new(),
            kinds: Vec::new(),
            rate: "60".to_owned(),
            days: "90".to_owned(),
            public_key: String::new(),
        }
    }
}

impl FeedForm {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match &*name {
                "authority" => form.authority = value,
                "name" => form.name = value,
                "rate" => form.rate = value,
                "days" => form.days = value,
                "public_key" => form.public_key = value,
                "kind" => form.kinds.extend(value.parse::<FactKind>()),
                _ => {}
            }
        }
        form
    }

    fn feed(&self) -> Result<NewFeed, ServiceError> {
        let days = self.days.trim().parse::<u16>();
        let rate = self.rate.trim().parse::<u32>();
        let public_key = match self.public_key.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| bad("public_key"))?),
        };
        Ok(NewFeed {
            authority: self
                .authority
                .parse()
                .map_err(|_| ServiceError::UnknownAuthority)?,
            name: self.name.clone(),
            kinds: self.kinds.clone(),
            regions: Regions::default(),
            rate_per_minute: rate.map_err(|_| bad("rate_per_minute"))?,
            lasts: SignedDuration::from_hours(24 * i64::from(days.map_err(|_| bad("days"))?)),
            public_key,
        })
    }
}

fn bad(field: &'static str) -> ServiceError {
    ServiceError::BadField {
        field,
        why: "expected something else".to_owned(),
    }
}

/// Every kind of evidence that some feed may submit. Orders are never among them, and only a staff
/// member takes back.
fn kinds() -> impl Iterator<Item = FactKind> {
    let offices = [
        AuthorityKind::Health,
        AuthorityKind::Laboratory,
        AuthorityKind::Transport,
        AuthorityKind::Community,
    ];
    let all = FactKind::ALL.iter().copied();
    all.filter(move |kind| {
        let is_known = offices.iter().any(|office| office.may_submit(*kind));
        is_known
            && !matches!(
                kind,
                FactKind::Order | FactKind::Contradiction | FactKind::Withdrawal
            )
    })
}

pub(super) fn kind_text(kind: FactKind) -> String {
    format!("kind-{kind}")
}

async fn feeds_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let asked = &outcome.asked;
    let authorities = app.service.staff.authorities(staff).await?;
    let authorities = offices(authorities, asked, staff.authority());
    let soon = app.service.now() + ENDS_SOON;
    let (feeds, next) = narrowed(app.service.staff.feeds(staff).await?, asked, soon);
    let filter = ListFilter::new(&frame, "/officer/feeds", &STATES, asked, next);
    let calendar = Calendar::or_utc(&frame, app);
    let feeds = feeds.into_iter().map(|feed| entry(&frame, &calendar, feed));
    let waiting = app.service.staff.proposed_feeds(staff).await?.into_iter();
    let waiting = waiting.filter(|one| one.settled.is_none());
    let waiting = waiting.map(|one| Waiting {
        id: one.id.to_string(),
        name: one.name,
        authority: one.authority.name,
        renews: matches!(one.change, FeedChange::Renew(_)),
        proposed: signed(&frame, app, "proposal-by", &one.proposed),
        is_own: one.proposed.staff == Some(staff.id()),
    });
    let kinds = kinds().map(|kind| {
        let is_chosen = outcome.form.kinds.contains(&kind);
        Choice::new(kind, frame.t(&kind_text(kind)), is_chosen)
    });
    page(&FeedsPage {
        error: outcome.error,
        shown_once: outcome.shown_once,
        is_stale: must_show_passkey(app, staff),
        can_keep: staff.may(Action::KeepFeeds).is_ok(),
        can_approve: staff.may(Action::ApproveStaff).is_ok(),
        waiting: waiting.collect(),
        filter: filter.by_region(asked),
        feeds: feeds.collect(),
        authorities: Choice::authorities(&authorities, &outcome.form.authority, staff),
        kinds: kinds.collect(),
        form: &outcome.form,
        frame,
    })
}

fn entry(frame: &Frame, calendar: &Calendar, feed: FeedView) -> Entry {
    let offered: Vec<FactKind> = kinds().collect();
    let known = feed.kinds.iter().filter(|kind| offered.contains(kind));
    let kinds: Vec<String> = known.map(|kind| frame.t(&kind_text(*kind))).collect();
    let mut args = FluentArgs::new();
    args.set("until", calendar.end(feed.ends_at));
    args.set("rate", feed.rate_per_minute.to_string());
    Entry {
        id: feed.id.to_string(),
        name: feed.name,
        authority: feed.authority.name,
        kinds: kinds.join(" · "),
        lasts: frame.language.fill("feed-lasts", &args),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn the_page_renders_in_every_language_with_every_kind() {
        for frame in frames() {
            for is_stale in [false, true] {
                let kinds =
                    kinds().map(|kind| Choice::new(kind, frame.t(&kind_text(kind)), is_stale));
                let entry = Entry {
                    id: "0".repeat(32),
                    name: "<b>machine".to_owned(),
                    authority: "Laboratory".to_owned(),
                    kinds: "Test".to_owned(),
                    lasts: "Until tomorrow".to_owned(),
                };
                let html = assert_sound(
                    &frame,
                    &FeedsPage {
                        frame: frame.clone(),
                        error: is_stale.then_some("feed-bad-kinds"),
                        shown_once: Some(ShownOnce {
                            about: "feed-token",
                            name: "machine".to_owned(),
                            secret: "0".repeat(64),
                        }),
                        is_stale,
                        can_keep: true,
                        can_approve: true,
                        waiting: [false, true]
                            .map(|is_own| Waiting {
                                id: "1".repeat(32),
                                name: "<b>machine".to_owned(),
                                authority: "Laboratory".to_owned(),
                                renews: is_own,
                                proposed: "by Dr Mei".to_owned(),
                                is_own,
                            })
                            .into(),
                        filter: {
                            let asked = ListAsked::default();
                            ListFilter::new(&frame, "/officer/feeds", &STATES, &asked, None)
                        },
                        feeds: if is_stale { Vec::new() } else { vec![entry] },
                        authorities: vec![Choice::new("0", "City".to_owned(), true)],
                        kinds: kinds.collect(),
                        form: &FeedForm::default(),
                    },
                );
                assert!(!html.contains("<b>machine"));
            }
            for text in [
                "feed-bad-days",
                "feed-bad-key",
                "feed-bad-rate",
                "feed-token-renewed",
                "feed-token-approved",
                "feed-too-many-waiting",
            ] {
                assert!(!frame.t(text).contains('⟦'));
            }
        }
    }

    async fn send(city: &City, session: &str, address: &str, form: &str) -> Answer {
        let ask = city.post(&format!("/officer/feeds{address}?lang=en"));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
    }

    fn shown(page: &Answer) -> String {
        let shown = page.text.split("class=\"mono once\">").nth(1);
        shown.unwrap_or_else(|| panic!("{page:?}"))[..64].to_owned()
    }

    #[tokio::test]
    async fn a_feed_is_made_renewed_and_ended_on_the_page() {
        let city = City::start().await;
        let admin = city.administrator().await;
        let laboratory = city.authority("Laboratory 1").await;
        let form = |kind: &str, days: &str| {
            format!("authority={laboratory}&name=Sequencer&kind={kind}&rate=60&days={days}")
        };
        let wrong = send(&city, &admin, "", &form("diagnosis", "90")).await;
        assert!(wrong.text.contains("may not submit"), "{wrong:?}");
        let wrong = send(&city, &admin, "", &form("test", "x")).await;
        assert!(wrong.text.contains("1 to 366"), "{wrong:?}");
        assert!(wrong.text.contains("value=\"Sequencer\""));
        let wrong = format!("{}&public_key=AAAA", form("test", "90"));
        let wrong = send(&city, &admin, "", &wrong).await;
        assert!(wrong.text.contains("32 bytes"), "{wrong:?}");
        assert!(wrong.text.contains("value=\"AAAA\""), "{wrong:?}");
        // It is another office's: somebody else approves it.
        let waits = send(&city, &admin, "", &form("test", "90")).await;
        let decide = async |page: &Answer, who: &str| {
            let id = page.text.split("/officer/feeds/proposals/").nth(1);
            let id = id.unwrap_or_else(|| panic!("{page:?}"))[..32].to_owned();
            let form = "decision=approve&reason=known";
            send(&city, who, &format!("/proposals/{id}"), form).await
        };
        let own = decide(&waits, &admin).await;
        assert!(own.text.contains("somebody else must approve"), "{own:?}");
        let other = city.another_officer().await;
        let first = shown(&decide(&waits, &other).await);
        let works = async |token: &str| {
            let ask = city.post("/api/v1/evidence").token(token);
            ask.json(&serde_json::json!({})).await.status != 401
        };
        assert!(works(&first).await);
        let list = city.get("/officer/feeds?lang=en");
        let list = list.cookie(SECURE_STAFF_COOKIE, &admin).await;
        assert!(!list.text.contains(&first), "shown once");
        let after = list.text.split("Sequencer").nth(1).unwrap();
        let id = &after.split("/officer/feeds/").nth(1).unwrap()[..32];
        let waits = send(&city, &admin, &format!("/{id}/renew"), "").await;
        assert!(waits.text.contains("another token"), "{waits:?}");
        let second = shown(&decide(&waits, &other).await);
        assert!(works(&first).await && works(&second).await);
        let ended = send(&city, &admin, &format!("/{id}/end"), "").await;
        assert_eq!(ended.status, 303, "{ended:?}");
        assert!(!works(&first).await && !works(&second).await);
    }
}
