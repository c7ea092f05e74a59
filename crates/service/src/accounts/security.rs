//! One's phones and sessions, and ending them.

use domain::{AuthorityId, DeviceId, EvidenceId, SessionId, Timestamp};
use store::sessions::Session;
use store::{
    ChangeNumber, Device, RevokedIndex, StoreError, Transaction, accounts, changes, devices,
    people, sessions, status_indexes,
};
use tracing::instrument;

use super::{Accounts, note};
use crate::access::Resident;
use crate::{Result, ServiceError};

/// Events that are shown.
const SHOWN: u32 = 50;

/// What was done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A one-time code proved the phone.
    PhoneProven,
    /// Somebody signed in with a one-time code.
    SignedIn,
    /// A phone or session was ended.
    SessionEnded,
    /// A community office or provider bound it to the document's person.
    Seen,
    /// It was released, or a newer proof took its place: sessions and phones ended.
    Ended,
    /// A community office looked it up by the document.
    LookedUp,
    /// A community office printed a card.
    CardPrinted,
    /// A community office filed an appeal for its person.
    Appealed,
    /// Another person came onto it, or somebody else may show its person's code.
    PersonAdded,
    /// That was ended.
    PersonRemoved,
    /// Another account was connected to the document that this one claims, or disconnected from it.
    OtherAccount,
}

impl Happened {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::PhoneProven,
        Self::SignedIn,
        Self::SessionEnded,
        Self::Seen,
        Self::Ended,
        Self::LookedUp,
        Self::CardPrinted,
        Self::Appealed,
        Self::PersonAdded,
        Self::PersonRemoved,
        Self::OtherAccount,
    ];

    /// The word used in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PhoneProven => "phone-proven",
            Self::SignedIn => "signed-in",
            Self::SessionEnded => "session-ended",
            Self::Seen => "seen",
            Self::Ended => "ended",
            Self::LookedUp => "looked-up",
            Self::CardPrinted => "card-printed",
            Self::Appealed => "appealed",
            Self::PersonAdded => "person-added",
            Self::PersonRemoved => "person-removed",
            Self::OtherAccount => "other-account",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A phone or browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Names it; opens nothing.
    pub id: SessionId,
    /// `api` for a program, `page` for a browser.
    pub kind: String,
    /// What the person knows it by.
    pub label: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it was used last, to the hour.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// What a person sees of their own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Phones and browsers that are signed in, the latest used first.
    pub sessions: Vec<SignedIn>,
    /// Phones whose key may show codes, each since when.
    pub phones: Vec<(DeviceId, Timestamp)>,
    /// What was done to the account, the latest first: when, what, and by which authority.
    pub events: Vec<(Timestamp, Happened, Option<AuthorityId>)>,
}

impl Accounts {
    /// One's phones and sessions, and what was done to the account.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "accounts.security", skip_all)]
    pub async fn security(&self, resident: &Resident) -> Result<Security> {
        let asked = (resident.account(), resident.own, self.clock.now());
        let read = self
            .store
            .read("accounts.security", asked, |tx, (account, person, now)| {
                Box::pin(async move {
                    let sessions = sessions::of(tx, *account, *now).await?;
                    let phones = devices::of(tx, *person).await?;
                    let events = accounts::events(tx, *account, SHOWN).await?;
                    Ok::<_, StoreError>((sessions, phones, events))
                })
            });
        let (sessions, phones, events) = read.await?;
        let signed_in = |session: Session| SignedIn {
            id: session.id,
            kind: session.kind,
            label: session.label,
            since: session.created_at,
            seen_at: session.seen_at,
            is_this: session.id == resident.session(),
        };
        // A phone enrols the keys of its next days at once, and is one line of the list.
        let mut phones: Vec<Device> = phones;
        phones.retain(|phone| phone.until > asked.2);
        phones.dedup_by_key(|phone| phone.enrolled_at);
        let phones = phones.into_iter();
        let events = events.into_iter();
        Ok(Security {
            sessions: sessions.into_iter().map(signed_in).collect(),
            phones: phones
                .map(|phone: Device| (phone.id, phone.enrolled_at))
                .collect(),
            events: events
                .filter_map(|one| Some((one.at, Happened::from_word(&one.kind)?, one.by)))
                .collect(),
        })
    }

    /// Ends one of one's sessions: on this node at once, on others within 5 seconds.
    ///
    /// # Errors
    /// [`ServiceError::UnknownSession`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.end_session", skip_all)]
    pub async fn end_session(&self, resident: &Resident, session: SessionId) -> Result<()> {
        self.end(resident, What::Session(session)).await
    }

    /// Ends the session that asks.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn sign_out(&self, resident: &Resident) -> Result<()> {
        match self.end_session(resident, resident.session()).await {
            // It was ended a moment ago.
            Err(ServiceError::UnknownSession) => Ok(()),
            other => other,
        }
    }

    /// Ends every session but the one that asks.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "accounts.end_other_sessions", skip_all)]
    pub async fn end_other_sessions(&self, resident: &Resident) -> Result<()> {
        self.end(resident, What::OtherSessions).await
    }

    /// Ends one of one's phones: its key shows no code any more, and what it holds is revoked.
    ///
    /// # Errors
    /// [`ServiceError::UnknownSession`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.end_phone", skip_all)]
    pub async fn end_phone(&self, resident: &Resident, phone: DeviceId) -> Result<()> {
        self.end(resident, What::Phone(phone)).await
    }

    async fn end(&self, resident: &Resident, what: What) -> Result<()> {
        let event = EvidenceId::generate(&*self.ids);
        let arguments = (resident.clone(), what, self.clock.now(), event);
        let work = self.store.transaction(
            "accounts.end",
            arguments,
            |tx, (resident, what, now, event)| Box::pin(end(tx, resident, *what, *now, *event)),
        );
        let (change, revoked) = work.await?.ok_or(ServiceError::UnknownSession)?;
        self.sessions.account_changed(resident.account(), change);
        self.revocations.add(&revoked);
        Ok(())
    }
}

/// What is ended.
#[derive(Clone, Copy)]
enum What {
    Session(SessionId),
    OtherSessions,
    Phone(DeviceId),
}

async fn end(
    tx: &mut Transaction,
    resident: &Resident,
    what: What,
    now: Timestamp,
    event: EvidenceId,
) -> Result<Option<(ChangeNumber, Vec<RevokedIndex>)>, StoreError> {
    let id = resident.account();
    let Some(mut account) = accounts::lock(tx, id).await? else {
        return Ok(None);
    };
    let is_ended = match what {
        What::Session(session) => sessions::end(tx, id, session, now).await?,
        What::OtherSessions => {
            sessions::end_all(tx, id, Some(resident.session()), now).await?;
            true
        }
        What::Phone(phone) => {
            people::touch(tx, [account.person]).await?;
            devices::end(tx, account.person, phone, now).await?
        }
    };
    if !is_ended {
        return Ok(None);
    }
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    // The other phones of the person draw fresh indexes without noticing.
    let revoked = match what {
        What::Phone(_) => {
            status_indexes::revoke(tx, &[account.person], now, account.change).await?
        }
        _ => Vec::new(),
    };
    note(tx, id, event, Happened::SessionEnded, None, now).await?;
    Ok(Some((account.change, revoked)))
}
