//! Machines of other offices: the maker of one is that office as far as evidence goes, so one staff
//! member proposes it and another approves. So it is for another token. Somebody of the office
//! itself makes its machines alone.

use domain::{Authority, AuthorityId, FeedId, ProposalId, Regions};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::audit::{self, NewEntry};
use store::feeds::FeedCredential;
use store::proposals::{ProposalKind, ProposalRecord, Settlement, Signature};
use store::{StoreError, Transaction, feeds};
use tracing::{info, instrument};

use super::StaffAccounts;
use super::feeds::{NewFeed, OVERLAP, check_name, hold_names};
use crate::access::{Action, FeedKey, Resource, Staff, Token, may_staff};
use crate::audit::{AuditEntry, Did};
use crate::two_persons::{Approving, unreadable};
use crate::{Result, ServiceError};

const KIND: ProposalKind = ProposalKind::Feed;

/// What became of the wish for a machine, or for another token of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedWish {
    /// It is there; its token, which is shown once.
    Made(FeedId, Token),
    /// It is of another office, and waits for a second person.
    Waits(ProposalId),
}

/// What is proposed about a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedChange {
    /// It is to be made.
    Make(NewFeed),
    /// It is to get another token.
    Renew(FeedId),
}

/// A proposal about a machine of another office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedProposal {
    /// Its identifier.
    pub id: ProposalId,
    /// Whose machine it is to be.
    pub authority: Authority,
    /// What the machine is called.
    pub name: String,
    /// What is proposed.
    pub change: FeedChange,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// An approval on its way into the database, with what it makes.
struct Making {
    approving: Approving,
    feed: feeds::FeedRecord,
    /// Whether it is new.
    is_new: bool,
    credential: FeedCredential,
    entry: NewEntry,
}

impl StaffAccounts {
    /// What is proposed about machines of the authorities that the asker may read of: what waits first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "staff.proposed_feeds", skip_all)]
    pub async fn proposed_feeds(&self, by: &Staff) -> Result<Vec<FeedProposal>> {
        let theirs = self.authorities(by).await?;
        let mut proposed = Vec::new();
        for record in self.two_persons.all(KIND).await? {
            let content = Content::read(&record)?;
            let authority = theirs.iter().find(|one| one.id == content.0);
            proposed.extend(authority.map(|one| view(record, one.clone(), content)));
        }
        Ok(proposed)
    }

    /// Approves a machine of an office, or another token of one; its token, which is shown once, to be
    /// handed to the office.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::SamePerson`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::ProposalSettled`];
    /// [`ServiceError::UnknownFeed`] if it has ended since; [`ServiceError::BadField`];
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.approve_feed", skip_all, fields(proposal = %id))]
    pub async fn approve_feed(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<(FeedId, Token)> {
        let (record, proposal) = self.their_feed(by, id).await?;
        if record.settled.is_some() {
            // A token is shown once; a lost one is renewed.
            return Err(ServiceError::ProposalSettled);
        }
        let approving = self.two_persons.approving(&record, by, reason)?;
        let (feed, is_new) = match proposal.change {
            FeedChange::Make(feed) => (self.checked_feed(feed).await?, true),
            FeedChange::Renew(feed) => (self.living_feed(feed).await?, false),
        };
        let (id, token, now) = (feed.id, Token::generate(&*self.ids), self.clock.now());
        let did = if is_new {
            Did::FeedMade
        } else {
            Did::FeedRenewed
        };
        let making = Making {
            entry: AuditEntry::new(by.into(), did, now)
                .what(id)
                .seal(&*self.ids),
            approving,
            credential: self.credential(&feed, &token, Some(by.id()), now),
            feed,
            is_new,
        };
        let made = self
            .store
            .transaction("staff.approve_feed", making, |tx, making| {
                Box::pin(making.run(tx))
            });
        made.await?;
        info!(feed = %id, by = %by.id(), "a machine of another office was approved");
        Ok((id, token))
    }

    /// Rejects what was proposed about a machine, or takes one's own proposal back.
    ///
    /// # Errors
    /// As [`Self::approve_feed`], but for the same person.
    #[instrument(name = "staff.reject_feed", skip_all, fields(proposal = %id))]
    pub async fn reject_feed(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<FeedProposal> {
        let (record, proposal) = self.their_feed(by, id).await?;
        let record = self.two_persons.reject(&record, by, reason).await?;
        Ok(FeedProposal {
            settled: record.settled,
            ..proposal
        })
    }

    pub(super) async fn propose_feed(
        &self,
        by: &Staff,
        authority: AuthorityId,
        name: String,
        change: FeedChange,
    ) -> Result<FeedWish> {
        let proposed = self.proposed_feeds(by).await?.into_iter();
        let mut waiting = proposed.filter(|one| {
            let is_own = one.proposed.staff == Some(by.id()) && one.settled.is_none();
            is_own && one.authority.id == authority && one.name == name
        });
        if let Some(waiting) = waiting.next() {
            if waiting.change == change {
                return Ok(FeedWish::Waits(waiting.id));
            }
            let why = "something else about a feed of this name waits already; take it back first";
            return Err(ServiceError::field("name", why));
        }
        let content = Content::of(authority, name, &change).to_json()?;
        let proposed = self.two_persons.propose(by, KIND, content).await?;
        info!(proposal = %proposed.id, by = %by.id(), "a machine of another office was proposed");
        Ok(FeedWish::Waits(proposed.id))
    }

    /// A proposal that the asker may settle, as far as whose it is goes.
    async fn their_feed(
        &self,
        by: &Staff,
        id: ProposalId,
    ) -> Result<(ProposalRecord, FeedProposal)> {
        by.may(Action::ApproveStaff)?;
        let record = self.two_persons.find(id, KIND).await?;
        let content = Content::read(&record)?;
        let authority = self.access.authority(content.0).await?;
        let resource = Resource::of(authority.id, Some(authority.region));
        let may = by.check(Action::ApproveStaff, &resource, self.clock.now());
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownProposal))?;
        if !may_staff(by.authority().kind, authority.kind) {
            return Err(ServiceError::UnknownProposal);
        }
        let proposal = view(record.clone(), authority, content);
        Ok((record, proposal))
    }
}

impl Making {
    async fn run(&self, tx: &mut Transaction) -> Result<()> {
        if !self.approving.write(tx).await? {
            return Err(ServiceError::ProposalSettled);
        }
        let earlier_end = if self.is_new {
            hold_names(tx, self.feed.authority).await?;
            check_name(tx, &self.feed).await?;
            feeds::add(tx, &self.feed).await?;
            self.credential.created_at
        } else {
            self.credential.created_at + OVERLAP
        };
        audit::append(tx, std::slice::from_ref(&self.entry)).await?;
        feeds::add_credential(tx, self.feed.id, &self.credential, earlier_end).await?;
        Ok(())
    }
}

/// What the record keeps of a proposal about a machine.
#[derive(Serialize, Deserialize)]
struct Content {
    authority: String,
    name: String,
    /// The machine that is to get another token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renews: Option<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    regions: String,
    #[serde(default)]
    rate_per_minute: u32,
    #[serde(default)]
    seconds: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
}

impl Content {
    fn of(authority: AuthorityId, name: String, change: &FeedChange) -> Self {
        let empty = Self {
            authority: authority.to_string(),
            name,
            renews: None,
            kinds: Vec::new(),
            regions: String::new(),
            rate_per_minute: 0,
            seconds: 0,
            public_key: None,
        };
        match change {
            FeedChange::Renew(feed) => Self {
                renews: Some(feed.to_string()),
                ..empty
            },
            FeedChange::Make(feed) => Self {
                kinds: feed.kinds.iter().map(ToString::to_string).collect(),
                regions: feed.regions.to_string(),
                rate_per_minute: feed.rate_per_minute,
                seconds: feed.lasts.as_secs(),
                public_key: feed.public_key.as_ref().map(ToString::to_string),
                ..empty
            },
        }
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    fn read(record: &ProposalRecord) -> Result<(AuthorityId, String, FeedChange)> {
        let bad = || unreadable(record.id);
        let content: Self = serde_json::from_str(&record.content).map_err(|_| bad())?;
        let authority = content.authority.parse().map_err(|_| bad())?;
        let change = match content.renews {
            Some(feed) => FeedChange::Renew(feed.parse().map_err(|_| bad())?),
            None => {
                let kinds = content.kinds.iter().map(|kind| kind.parse());
                let kinds = kinds.collect::<Result<Vec<_>, _>>().map_err(|_| bad())?;
                let key = content.public_key.map(|key| key.parse::<FeedKey>());
                FeedChange::Make(NewFeed {
                    authority,
                    name: content.name.clone(),
                    kinds,
                    regions: content.regions.parse::<Regions>().map_err(|_| bad())?,
                    rate_per_minute: content.rate_per_minute,
                    lasts: SignedDuration::from_secs(content.seconds),
                    public_key: key.transpose().map_err(|_| bad())?,
                })
            }
        };
        Ok((authority, content.name, change))
    }
}

fn view(
    record: ProposalRecord,
    authority: Authority,
    (_, name, change): (AuthorityId, String, FeedChange),
) -> FeedProposal {
    FeedProposal {
        id: record.id,
        authority,
        name,
        change,
        proposed: record.proposed,
        settled: record.settled,
    }
}
