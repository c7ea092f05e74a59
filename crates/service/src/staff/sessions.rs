//! Sessions of staff members, and tokens of their programs. Each is a row that ends: at sign-out,
//! after half an hour without use, after eight hours, or with the account. Each request looks its
//! session up in the database, so that an end counts at once on every server.

use std::sync::Arc;

use domain::StaffId;
use jiff::SignedDuration;
use store::{StoreError, audit, feeds, office_requests, staff};
use tracing::instrument;

use super::StaffAccounts;
use crate::access::{Action, Operator, Resource, Staff, StaffMember, Token};
use crate::accounts::ASKED_FOR;
use crate::audit::{Actor, AuditEntry, Did};
use crate::people::CredentialPurpose;
use crate::{Result, ServiceError};

/// How long a session lasts at most.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(8);

/// How a staff member showed who they are. The code that makes one has verified it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffProof {
    /// A passkey of theirs answered a fresh question.
    Passkey,
    /// An identity provider that the configuration names said so, just now.
    IdentityProvider,
}

impl StaffProof {
    /// The word in the log.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::IdentityProvider => "identity provider",
        }
    }
}

impl StaffAccounts {
    /// Begins a session of a staff member who showed who they are; its token, for their browser.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if there is no such account any more;
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.sign_in", skip_all, fields(staff = %id, ?proof))]
    pub async fn sign_in_as(&self, id: StaffId, proof: StaffProof) -> Result<Token> {
        self.begin(id, CredentialPurpose::StaffSession, proof.as_str())
            .await
    }

    /// A token with which a program of the asker's uses the API. It ends as a session does, and works on
    /// no page.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::NotAuthenticated`] if the account has ended;
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.make_token", skip_all, fields(staff = %by.id()))]
    pub async fn make_token(&self, by: &Staff) -> Result<Token> {
        let own = Resource::of(by.authority().id, None);
        by.check(Action::KeepOwnAccount, &own, self.clock.now())?;
        let purpose = CredentialPurpose::StaffToken;
        self.begin(by.id(), purpose, "a program's token").await
    }

    /// Begins a session at one press. Only where the installation is a demonstration.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] anywhere else, or if there is no such account;
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.sign_in_at_one_press", skip_all, fields(staff = %id))]
    pub async fn sign_in_at_one_press(&self, _operator: &Operator, id: StaffId) -> Result<Token> {
        self.refuse_outside_a_demonstration()?;
        self.begin(id, CredentialPurpose::StaffSession, "one press")
            .await
    }

    /// A token of the API at one press. Only where the installation is a demonstration.
    ///
    /// # Errors
    /// As [`Self::sign_in_at_one_press`].
    #[instrument(name = "staff.token_at_one_press", skip_all, fields(staff = %id))]
    pub async fn token_at_one_press(&self, _operator: &Operator, id: StaffId) -> Result<Token> {
        self.refuse_outside_a_demonstration()?;
        self.begin(id, CredentialPurpose::StaffToken, "one press")
            .await
    }

    /// Everybody whose account lasts, by name. Only where the installation is a demonstration.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] anywhere else; [`ServiceError::Store`].
    pub async fn names_at_one_press(&self, _operator: &Operator) -> Result<Vec<(StaffId, String)>> {
        self.refuse_outside_a_demonstration()?;
        let records = self.records().await?.into_iter();
        let alive = records.filter(|record| record.ended_at.is_none());
        Ok(alive
            .map(|record| (record.grant.id, record.grant.name))
            .collect())
    }

    /// Ends a session, at once and everywhere.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.sign_out", skip_all)]
    pub async fn sign_out(&self, token: &Token) -> Result<()> {
        let hash = self.session_hash(token);
        let now = self.clock.now();
        let ended = self
            .store
            .transaction("staff.end_session", (hash, now), |tx, (hash, now)| {
                Box::pin(staff::end_session(tx, *hash, *now))
            });
        Ok(ended.await?)
    }

    /// Ends every session of the holder of this one, those of their programs too, at once and
    /// everywhere. Of one that has ended nothing comes.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.sign_out_everywhere", skip_all)]
    pub async fn sign_out_everywhere(&self, token: &Token) -> Result<()> {
        let hash = self.session_hash(token);
        let now = self.clock.now();
        let ended = self
            .store
            .transaction("staff.end_sessions", (hash, now), |tx, (hash, now)| {
                Box::pin(staff::end_sessions_like(tx, *hash, *now))
            });
        Ok(ended.await?)
    }

    /// Notes that the holder of a session showed their passkey again.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the session has ended; [`ServiceError::Store`].
    #[instrument(name = "staff.step_up", skip_all, fields(?proof))]
    pub async fn step_up(&self, token: &Token, proof: StaffProof) -> Result<()> {
        let staff = self.access.staff(token).await?;
        let hash = self.session_hash(token);
        let now = self.clock.now();
        let entry = AuditEntry::new((&staff).into(), Did::SteppedUp, now).what(proof.as_str());
        let noted = self.store.transaction(
            "staff.step_up",
            (hash, now, [entry.seal(&*self.ids)]),
            |tx, (hash, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    staff::note_step_up(tx, *hash, *now).await
                })
            },
        );
        if noted.await? {
            Ok(())
        } else {
            Err(ServiceError::NotAuthenticated)
        }
    }

    /// Every staff member whose account lasts, of the authorities that the asker may read of.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "staff.members", skip_all)]
    pub async fn members(&self, by: &Staff) -> Result<Vec<StaffMember>> {
        let authorities = self.authorities(by).await?;
        let mut members = Vec::new();
        for record in self.records().await? {
            let is_theirs = authorities
                .iter()
                .any(|one| one.id == record.grant.authority);
            if record.ended_at.is_none() && is_theirs {
                members.push(self.access.member(record.grant).await?);
            }
        }
        Ok(members)
    }

    /// Forgets what is long over.
    pub(crate) async fn forget_old(&self) -> Result<()> {
        let now = self.clock.now();
        // Clocks of servers differ by seconds, and a feed may sign a thousand requests a minute.
        let (day, minute) = (SignedDuration::from_hours(24), SignedDuration::from_mins(1));
        let dropped = self.store.transaction(
            "staff.drop_old",
            (now - day, now - minute, now - ASKED_FOR - minute),
            |tx, (day_ago, minute_ago, asked_before)| {
                Box::pin(async move {
                    staff::drop_old(tx, *day_ago).await?;
                    office_requests::drop_old(tx, *asked_before).await?;
                    feeds::drop_old_signatures(tx, *minute_ago).await
                })
            },
        );
        Ok(dropped.await?)
    }

    pub(super) async fn records(&self) -> Result<Vec<staff::StaffRecord>> {
        let read = self
            .store
            .read("staff.all", (), |tx, ()| Box::pin(staff::all(tx)));
        Ok(read.await?)
    }

    pub(super) fn refuse_outside_a_demonstration(&self) -> Result<()> {
        if self.settings.is_demonstration {
            Ok(())
        } else {
            Err(ServiceError::NotAuthenticated)
        }
    }

    /// Notes in the log that somebody failed to sign in as a staff member, if there is such a one:
    /// names that are made up fill nothing.
    pub(super) async fn note_refused(&self, id: StaffId) -> Result<()> {
        let entry = AuditEntry::new(Actor::Nobody, Did::SignInRefused, self.clock.now()).what(id);
        let noted = self.store.transaction(
            "staff.note_refused",
            (id, [entry.seal(&*self.ids)]),
            |tx, (id, entry)| {
                Box::pin(async move {
                    if staff::find(tx, *id).await?.is_some() {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            },
        );
        Ok(noted.await?)
    }

    async fn begin(
        &self,
        id: StaffId,
        purpose: CredentialPurpose,
        with: &'static str,
    ) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        let hash = self.keys.at_rest(purpose, token.bytes());
        let now = self.clock.now();
        let begun = self.store.transaction(
            "staff.begin_session",
            (hash, id, now, (with, Arc::clone(&self.ids))),
            |tx, (hash, id, now, (with, ids))| {
                Box::pin(async move {
                    let member = staff::find(tx, *id).await?;
                    let member = member.filter(|member| member.ended_at.is_none());
                    let member = member.ok_or(ServiceError::NotAuthenticated)?;
                    let by = Actor::Staff {
                        id: *id,
                        authority: member.grant.authority,
                    };
                    let entry = AuditEntry::new(by, Did::SignedIn, *now).what(with);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    staff::add_session(tx, *hash, *id, *now, *now + SESSION_LASTS).await?;
                    Ok::<_, ServiceError>(())
                })
            },
        );
        begun.await?;
        Ok(token)
    }

    fn session_hash(&self, token: &Token) -> [u8; 32] {
        self.keys
            .at_rest(CredentialPurpose::StaffSession, token.bytes())
    }
}
