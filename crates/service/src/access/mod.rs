//! Who is asking: tokens become principals here, and nowhere else; and the authorities that there are.

mod can;
mod even_answers;
mod principals;
mod publisher;
mod signatures;
mod takeover;
mod tokens;

use std::sync::{Arc, PoisonError, RwLock};

use domain::{Authority, AuthorityId, AuthorityKind, Clock, FeedId, IdSource, Region, text};
use jiff::SignedDuration;
use store::proposals::ProposalRecord;
use store::{Store, authorities, feeds, staff};
use tracing::instrument;

pub use self::can::{Action, HANDS_OUT, Line, TABLE, Whose};
pub(crate) use self::can::{Resource, may_hand_out, may_staff};
pub(crate) use self::principals::OtherPerson;
pub use self::principals::{
    CommunityOfficial, Operator, Resident, SELF_AUTHORITY, Staff, StaffMember, Submitter,
    TRACER_AUTHORITY,
};
pub use self::publisher::Publisher;
use self::signatures::SIGNATURE_LASTS;
pub use self::signatures::{BadFeedKey, ContentDigest, FeedKey, SignatureFault, SignedRequest};
use self::takeover::Takeover;
pub use self::tokens::{BadToken, Token};
use crate::accounts::{SessionKind, Sessions};
use crate::people::{CredentialPurpose, Keys};
use crate::{Result, ServiceError};

/// A session of a staff member that is not used for so long ends.
const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(30);
/// That a session is used is noted at most this often.
const SESSION_NOTED: SignedDuration = SignedDuration::from_mins(1);

/// Knows who holds which token.
pub struct Access {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    keys: Keys,
    sessions: Arc<Sessions>,
    names: RwLock<Arc<Vec<Authority>>>,
}

impl Access {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        keys: Keys,
        sessions: Arc<Sessions>,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            keys,
            sessions,
            names: RwLock::default(),
        }
    }

    /// The resident whose token of the API this is.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is nobody's, or its session ended;
    /// [`ServiceError::Store`].
    #[instrument(name = "access.resident", skip_all)]
    pub async fn resident(&self, token: &Token) -> Result<Resident> {
        self.sessions.resident(SessionKind::Api, token).await
    }

    /// The resident whose browser presents this.
    ///
    /// # Errors
    /// As [`Self::resident`].
    #[instrument(name = "access.resident_page", skip_all)]
    pub async fn resident_page(&self, token: &Token) -> Result<Resident> {
        self.sessions.resident(SessionKind::Page, token).await
    }

    /// The staff member whose browser presents this.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is nobody's session, or has ended: signed out, eight
    /// hours old, unused for half an hour, or its member's account was ended; [`ServiceError::Store`].
    #[instrument(name = "access.staff", skip_all)]
    pub async fn staff(&self, token: &Token) -> Result<Staff> {
        self.staff_by(CredentialPurpose::StaffSession, token).await
    }

    /// The staff member whose token of the API this is. What their browser presents is none.
    ///
    /// # Errors
    /// As [`Self::staff`].
    #[instrument(name = "access.staff_program", skip_all)]
    pub async fn staff_program(&self, token: &Token) -> Result<Staff> {
        self.staff_by(CredentialPurpose::StaffToken, token).await
    }

    async fn staff_by(&self, purpose: CredentialPurpose, token: &Token) -> Result<Staff> {
        let hash = self.keys.at_rest(purpose, token.bytes());
        let read = self.store.read("staff.session", hash, |tx, hash| {
            Box::pin(staff::session(tx, *hash))
        });
        let (session, member) = read.await?.ok_or(ServiceError::NotAuthenticated)?;
        let now = self.clock.now();
        let idle = now.duration_since(session.seen_at);
        let is_over = session.ended_at.is_some()
            || member.ended_at.is_some()
            || session.ends_at <= now
            || idle > SESSION_IDLE;
        if is_over {
            return Err(ServiceError::NotAuthenticated);
        }
        if idle >= SESSION_NOTED {
            let noted =
                self.store
                    .transaction("staff.note_seen", (hash, now), |tx, (hash, now)| {
                        Box::pin(staff::note_seen(tx, *hash, *now))
                    });
            noted.await?;
        }
        let member = self.member(member.grant).await?;
        Ok(Staff::new(member, session.stepped_up_at))
    }

    /// Who submits evidence with this token of the API: a feed that signs nothing, or a staff member.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is neither's, or has ended;
    /// [`ServiceError::BadSignature`] if it is a feed's that must sign; [`ServiceError::Store`].
    #[instrument(name = "access.submitter", skip_all)]
    pub async fn submitter(&self, token: &Token) -> Result<Submitter> {
        match self.token_holder(token).await? {
            (_, Some(_)) => Err(SignatureFault::Missing.into()),
            (submitter, None) => Ok(submitter),
        }
    }

    /// The same for a request that may be signed; and what its body must hash to, if it must be.
    ///
    /// # Errors
    /// As [`Self::submitter`]; [`ServiceError::BadSignature`] also if the signature does not count.
    #[instrument(name = "access.submitter_of", skip_all)]
    pub async fn submitter_of(
        &self,
        token: &Token,
        request: &SignedRequest<'_>,
    ) -> Result<(Submitter, Option<ContentDigest>)> {
        let (submitter, signing) = self.token_holder(token).await?;
        let Some((feed, key)) = signing else {
            return Ok((submitter, None));
        };
        let verified = signatures::verify(request, feed, key, self.clock.now())?;
        let ends_at = verified.created_at + SIGNATURE_LASTS;
        let arguments = (feed, verified.signed_hash, ends_at);
        let noted = self.store.transaction(
            "feeds.note_signature",
            arguments,
            |tx, (feed, signed, ends_at)| {
                Box::pin(feeds::note_signature(tx, *feed, *signed, *ends_at))
            },
        );
        if !noted.await? {
            return Err(SignatureFault::Replayed.into());
        }
        Ok((submitter, Some(verified.digest)))
    }

    /// Who submits with this token, and with which key they must sign.
    async fn token_holder(&self, token: &Token) -> Result<(Submitter, Option<(FeedId, FeedKey)>)> {
        // Version 0.1 kept SHA-256 of a token; what is kept now is made from that, so that its tokens
        // go on as feeds until they end.
        let hash = self.keys.at_rest(CredentialPurpose::Feed, &token.hash());
        let read = self.store.read("feeds.by_credential", hash, |tx, hash| {
            Box::pin(feeds::by_credential(tx, *hash))
        });
        let Some((feed, credential)) = read.await? else {
            return Ok((self.staff_program(token).await?.submitter().clone(), None));
        };
        let now = self.clock.now();
        if feed.ended_at.is_some() || feed.ends_at <= now || credential.ends_at <= now {
            return Err(ServiceError::NotAuthenticated);
        }
        let authority = self.authority(feed.authority).await?;
        let key = feed.public_key.map(FeedKey::from_bytes);
        let signing = key.map(|key| (feed.id, key));
        Ok((
            Submitter::feed(authority, feed, credential.shown_to),
            signing,
        ))
    }

    /// Lets the operator act for the authority called `name`, for example to import its files.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    #[instrument(name = "access.act_for", skip_all)]
    pub async fn act_for(&self, _operator: &Operator, name: &str) -> Result<Submitter> {
        let authorities = self.authorities().await?;
        let authority = authorities
            .into_iter()
            .find(|authority| authority.name == name);
        authority
            .map(Submitter::operator)
            .ok_or(ServiceError::UnknownAuthority)
    }

    /// Adds an authority. It can do nothing before it has staff members or feeds.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if the name is empty, too long or taken, or if the kind is that of
    /// the person or the tracer, of which there is one each; [`ServiceError::Store`].
    #[instrument(name = "access.add_authority", skip_all)]
    pub async fn add_authority(
        &self,
        _operator: &Operator,
        kind: AuthorityKind,
        name: &str,
        region: Region,
    ) -> Result<Authority> {
        let name = ServiceError::named("name", text::line(name, 200))?;
        if matches!(kind, AuthorityKind::Person | AuthorityKind::Tracer) {
            let why =
                "expected health, laboratory, transport or community; the others are built in";
            return Err(ServiceError::field("kind", why));
        }
        if self
            .authorities()
            .await?
            .iter()
            .any(|known| known.name == name)
        {
            return Err(ServiceError::field(
                "name",
                "another authority has this name already",
            ));
        }
        let authority = Authority {
            id: AuthorityId::generate(&*self.ids),
            kind,
            name: name.to_owned(),
            region,
        };
        self.put(&authority).await?;
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        Ok(authority)
    }

    /// Every authority, built-in ones included.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn authorities(&self) -> Result<Vec<Authority>> {
        let read = self.store.read("authorities.all", (), |tx, ()| {
            Box::pin(authorities::all(tx))
        });
        Ok(read.await?)
    }

    /// Makes sure that the two built-in authorities are there, and takes over what version 0.1 left:
    /// authorities without a region lie in the installation's, and a token becomes a feed that ends.
    pub(crate) async fn prepare(&self, issuer: Region) -> Result<()> {
        let fill = self
            .store
            .transaction("authorities.fill_regions", issuer, |tx, issuer| {
                Box::pin(authorities::fill_regions(tx, *issuer))
            });
        fill.await?;
        let known = self.authorities().await?;
        let built_in = [
            (SELF_AUTHORITY, AuthorityKind::Person, "Yourself"),
            (TRACER_AUTHORITY, AuthorityKind::Tracer, "Contact tracing"),
        ];
        for (id, kind, name) in built_in {
            if known.iter().all(|authority| authority.id != id) {
                let authority = Authority {
                    id,
                    kind,
                    name: name.to_owned(),
                    region: issuer,
                };
                self.put(&authority).await?;
            }
        }
        let takeover = Takeover {
            authorities: self.authorities().await?,
            keys: self.keys.clone(),
            ids: Arc::clone(&self.ids),
            now: self.clock.now(),
        };
        let taken = self
            .store
            .transaction("feeds.take_over", takeover, |tx, takeover| {
                Box::pin(takeover.run(tx))
            });
        Ok(taken.await?)
    }

    /// A staff member, with their authority.
    pub(crate) async fn member(&self, grant: staff::StaffGrant) -> Result<StaffMember> {
        let authority = self.authority(grant.authority).await?;
        Ok(StaffMember {
            id: grant.id,
            name: grant.name,
            authority,
            roles: grant.roles,
            regions: grant.regions,
        })
    }

    /// Whether a staff member may do `action` to what was proposed, as far as whose it is goes.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::Store`].
    pub(crate) async fn check_proposal(
        &self,
        by: &Staff,
        action: Action,
        record: &ProposalRecord,
    ) -> Result<()> {
        let authority = self.authority(record.proposed.authority).await?;
        let resource = Resource::of(authority.id, Some(authority.region));
        by.check(action, &resource, self.clock.now())
            .map_err(|error| error.if_not_theirs(ServiceError::UnknownProposal))
    }

    /// The authorities to whose things a staff member may do `action`.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    pub(crate) async fn authorities_for(
        &self,
        by: &Staff,
        action: Action,
    ) -> Result<Vec<Authority>> {
        by.may(action)?;
        let now = self.clock.now();
        let mut theirs = self.authorities().await?;
        theirs.retain(|authority| {
            let resource = Resource::of(authority.id, Some(authority.region));
            by.check(action, &resource, now).is_ok()
        });
        Ok(theirs)
    }

    /// An authority.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    pub(crate) async fn authority(&self, id: AuthorityId) -> Result<Authority> {
        let found = self.known_authorities(&[id]).await?.pop();
        found.ok_or(ServiceError::UnknownAuthority)
    }

    /// These authorities, from memory. One that is not there was added elsewhere: then all are read.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn known_authorities(&self, ids: &[AuthorityId]) -> Result<Vec<Authority>> {
        let of = |all: &[Authority]| -> Vec<Authority> {
            all.iter()
                .filter(|authority| ids.contains(&authority.id))
                .cloned()
                .collect()
        };
        let held = {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&names)
        };
        let found = of(&held);
        if found.len() == ids.len() {
            return Ok(found);
        }
        let all = self.authorities().await?;
        let found = of(&all);
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
        Ok(found)
    }

    async fn put(&self, authority: &Authority) -> Result<()> {
        let put = self
            .store
            .transaction("authorities.put", authority.clone(), |tx, authority| {
                Box::pin(authorities::put(tx, authority))
            });
        Ok(put.await?)
    }
}
