//! Feeds: machines of an authority, each with a credential that can submit certain kinds of evidence
//! and nothing else, and that ends.

use domain::{Authority, AuthorityId, FactKind, FeedId, Regions, StaffId, Timestamp, text};
use jiff::SignedDuration;
use store::feeds::{self, FeedCredential, FeedRecord};
use store::{Transaction, audit, counters};
use tracing::{info, instrument};

use super::StaffAccounts;
use super::feed_proposals::{FeedChange, FeedWish};
use crate::access::{Action, FeedKey, Operator, Resource, Staff, Token, may_staff};
use crate::audit::{Actor, AuditEntry, Did};
use crate::people::CredentialPurpose;
use crate::{Result, ServiceError};

/// How long a feed lasts at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// How long the credential before a renewal goes on, so that there is no gap.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// A machine that is to submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFeed {
    /// For which authority.
    pub authority: AuthorityId,
    /// Its name among the authority's feeds: 1 to 100 characters.
    pub name: String,
    /// The kinds of evidence it may submit; every kind that the authority may if empty. Never orders.
    pub kinds: Vec<FactKind>,
    /// Where; the authority's region if empty.
    pub regions: Regions,
    /// Requests that it may send in a minute: 1 to 100,000.
    pub rate_per_minute: u32,
    /// How long it lasts: at most 366 days.
    pub lasts: SignedDuration,
    /// The key with which it signs each request, if it does.
    pub public_key: Option<FeedKey>,
}

/// A feed, without what it presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedView {
    /// Its identifier.
    pub id: FeedId,
    /// Whose it is.
    pub authority: Authority,
    /// Its name.
    pub name: String,
    /// The kinds of evidence it may submit.
    pub kinds: Vec<FactKind>,
    /// Requests that it may send in a minute.
    pub rate_per_minute: u32,
    /// When it ends.
    pub ends_at: Timestamp,
    /// The key with which it signs each request, if it does.
    pub public_key: Option<FeedKey>,
}

impl StaffAccounts {
    /// Makes a feed of one's own office. One of another office is proposed, and waits for a second
    /// person.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownAuthority`] also if it is not theirs;
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::BadField`]; [`ServiceError::TooManyWaiting`];
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.make_feed", skip_all)]
    pub async fn make_feed(&self, by: &Staff, feed: NewFeed) -> Result<FeedWish> {
        by.may(Action::KeepFeeds)?;
        let may = self.check_authority(by, feed.authority).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownAuthority))?;
        let covers = |region| by.member().regions.cover(region);
        if !feed.regions.iter().all(covers) {
            let why = "expected regions within your own";
            return Err(ServiceError::field("regions", why));
        }
        if feed.authority == by.authority().id {
            let (id, token) = self.add_feed(by.into(), feed).await?;
            return Ok(FeedWish::Made(id, token));
        }
        let checked = self.checked_feed(feed.clone()).await?;
        let read = self.store.read("feeds.check_name", checked, |tx, feed| {
            Box::pin(async move { check_name(tx, feed).await.map(|()| feed.name.clone()) })
        });
        let (name, authority) = (read.await?, feed.authority);
        self.propose_feed(by, authority, name, FeedChange::Make(feed))
            .await
    }

    /// The same for the operator at the command line. Feeds cannot order, and what they submit is
    /// capped, so that this is one person's business.
    ///
    /// # Errors
    /// As [`Self::make_feed`].
    #[instrument(name = "staff.make_feed_as_operator", skip_all)]
    pub async fn make_feed_as_operator(
        &self,
        _operator: &Operator,
        feed: NewFeed,
    ) -> Result<(FeedId, Token)> {
        let authority = Some(feed.authority);
        self.add_feed(Actor::Operator { authority }, feed).await
    }

    /// Gives a feed another token. The one before goes on for a day, so that there is no gap. Of another
    /// office's it is proposed, as in [`Self::make_feed`].
    ///
    /// # Errors
    /// [`ServiceError::UnknownFeed`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::TooManyWaiting`]; [`ServiceError::Store`].
    #[instrument(name = "staff.renew_feed", skip_all, fields(feed = %id))]
    pub async fn renew_feed(&self, by: &Staff, id: FeedId) -> Result<FeedWish> {
        by.may(Action::KeepFeeds)?;
        let feed = self.living_feed(id).await?;
        let may = self.check_authority(by, feed.authority).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownFeed))?;
        if feed.authority != by.authority().id {
            let (authority, change) = (feed.authority, FeedChange::Renew(id));
            return self.propose_feed(by, authority, feed.name, change).await;
        }
        let token = Token::generate(&*self.ids);
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::FeedRenewed, now).what(id);
        let credential = self.credential(&feed, &token, Some(by.id()), now);
        let entry = [entry.seal(&*self.ids)];
        let arguments = (id, credential, now + OVERLAP, entry);
        let added = self.store.transaction(
            "feeds.add_credential",
            arguments,
            |tx, (id, credential, earlier_end, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    feeds::add_credential(tx, *id, credential, *earlier_end).await
                })
            },
        );
        added.await?;
        Ok(FeedWish::Made(id, token))
    }

    /// Ends a feed at once.
    ///
    /// # Errors
    /// As [`Self::renew_feed`].
    #[instrument(name = "staff.end_feed", skip_all, fields(feed = %id))]
    pub async fn end_feed(&self, by: &Staff, id: FeedId) -> Result<()> {
        by.may(Action::KeepFeeds)?;
        let feed = self.living_feed(id).await?;
        let may = self.check_authority(by, feed.authority).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownFeed))?;
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::FeedEnded, now).what(id);
        let ended = self.store.transaction(
            "feeds.end",
            (id, now, [entry.seal(&*self.ids)]),
            |tx, (id, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    feeds::end(tx, *id, *now).await
                })
            },
        );
        ended.await?;
        info!(feed = %id, "a feed was ended");
        Ok(())
    }

    /// The feeds that last, of the authorities that the asker may read of.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "staff.feeds", skip_all)]
    pub async fn feeds(&self, by: &Staff) -> Result<Vec<FeedView>> {
        let authorities = self.authorities(by).await?;
        let read = self
            .store
            .read("feeds.all", (), |tx, ()| Box::pin(feeds::all(tx)));
        let now = self.clock.now();
        let lasting = read.await?.into_iter().filter(|feed| lasts(feed, now));
        let views = lasting.filter_map(|feed| {
            let mut authorities = authorities.iter();
            let authority = authorities.find(|one| one.id == feed.authority)?;
            Some(FeedView {
                id: feed.id,
                authority: authority.clone(),
                name: feed.name,
                kinds: feed.kinds,
                rate_per_minute: feed.rate_per_minute,
                ends_at: feed.ends_at,
                public_key: feed.public_key.map(FeedKey::from_bytes),
            })
        });
        Ok(views.collect())
    }

    /// A feed as it would be made.
    pub(super) async fn checked_feed(&self, feed: NewFeed) -> Result<FeedRecord> {
        let authority = self.access.authority(feed.authority).await?;
        let name = ServiceError::named("name", text::line(&feed.name, 100))?.to_owned();
        if !(1..=100_000).contains(&feed.rate_per_minute) {
            return Err(ServiceError::field(
                "rate_per_minute",
                "expected 1 to 100,000",
            ));
        }
        if !feed.lasts.is_positive() || feed.lasts > LONGEST {
            return Err(ServiceError::field("days", "expected 1 to 366"));
        }
        let by_machine = |kind| !matches!(kind, FactKind::Order | FactKind::Contradiction);
        let may = |kind: FactKind| authority.kind.may_submit(kind) && by_machine(kind);
        if let Some(kind) = feed.kinds.iter().find(|kind| !may(**kind)) {
            let why = format!(
                "no feed of a {} authority may submit {kind}",
                authority.kind
            );
            return Err(ServiceError::field("kinds", why));
        }
        let kinds = if feed.kinds.is_empty() {
            FactKind::ALL
                .iter()
                .copied()
                .filter(|kind| may(*kind))
                .collect()
        } else {
            feed.kinds
        };
        let regions = if feed.regions.is_empty() {
            [authority.region].into_iter().collect()
        } else {
            feed.regions
        };
        let now = self.clock.now();
        Ok(FeedRecord {
            id: FeedId::generate(&*self.ids),
            authority: authority.id,
            name,
            kinds,
            regions,
            rate_per_minute: feed.rate_per_minute,
            created_at: now,
            ends_at: now + feed.lasts,
            ended_at: None,
            public_key: feed.public_key.map(FeedKey::to_bytes),
        })
    }

    async fn add_feed(&self, by: Actor, feed: NewFeed) -> Result<(FeedId, Token)> {
        let record = self.checked_feed(feed).await?;
        let (token, now) = (Token::generate(&*self.ids), record.created_at);
        let entry = AuditEntry::new(by, Did::FeedMade, now).what(record.id);
        let entry = [entry.seal(&*self.ids)];
        let shown_to = match by {
            Actor::Staff { id, .. } => Some(id),
            _ => None,
        };
        let credential = self.credential(&record, &token, shown_to, now);
        let arguments = (record.clone(), credential, entry);
        let added =
            self.store
                .transaction("feeds.add", arguments, |tx, (feed, credential, entry)| {
                    Box::pin(async move {
                        if credential.shown_to.is_some() {
                            hold_names(tx, feed.authority).await?;
                            check_name(tx, feed).await?;
                        }
                        audit::append(tx, entry).await?;
                        feeds::add(tx, feed).await?;
                        let earlier_end = credential.created_at;
                        feeds::add_credential(tx, feed.id, credential, earlier_end).await?;
                        Ok::<_, ServiceError>(())
                    })
                });
        added.await?;
        info!(feed = %record.id, "a feed was made");
        Ok((record.id, token))
    }

    pub(super) fn credential(
        &self,
        feed: &FeedRecord,
        token: &Token,
        shown_to: Option<StaffId>,
        created_at: Timestamp,
    ) -> FeedCredential {
        FeedCredential {
            hash: self.keys.at_rest(CredentialPurpose::Feed, &token.hash()),
            created_at,
            ends_at: feed.ends_at,
            shown_to,
        }
    }

    pub(super) async fn living_feed(&self, id: FeedId) -> Result<FeedRecord> {
        let read = self
            .store
            .read("feeds.find", id, |tx, id| Box::pin(feeds::find(tx, *id)));
        let now = self.clock.now();
        let found = read.await?.filter(|feed| lasts(feed, now));
        found.ok_or(ServiceError::UnknownFeed)
    }

    async fn check_authority(&self, by: &Staff, authority: AuthorityId) -> Result<()> {
        let authority = self.access.authority(authority).await?;
        let resource = Resource::of(authority.id, Some(authority.region));
        by.check(Action::KeepFeeds, &resource, self.clock.now())?;
        if may_staff(by.authority().kind, authority.kind) {
            Ok(())
        } else {
            Err(ServiceError::NotYours)
        }
    }
}

/// Two feeds of an authority that are made at once wait for each other here.
pub(super) async fn hold_names(tx: &mut Transaction, authority: AuthorityId) -> Result<()> {
    counters::add(tx, &format!("feed names {authority}"), 0).await?;
    Ok(())
}

/// Refuses the name of a feed that the authority has.
pub(super) async fn check_name(tx: &mut Transaction, feed: &FeedRecord) -> Result<()> {
    let all = feeds::all(tx).await?;
    let is_same = |one: &FeedRecord| {
        one.authority == feed.authority && one.name == feed.name && lasts(one, feed.created_at)
    };
    if all.iter().any(is_same) {
        let why = "there is a feed of this name; give it another token instead, or end it first";
        return Err(ServiceError::field("name", why));
    }
    Ok(())
}

fn lasts(feed: &FeedRecord, now: Timestamp) -> bool {
    feed.ended_at.is_none() && now < feed.ends_at
}
