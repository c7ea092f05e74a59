//! One's phones and sessions, and ending them.

use std::cmp::Reverse;
use std::collections::HashSet;

use domain::{Assurance, Authority, AuthorityId, DeviceId, EvidenceId, SessionId, Timestamp};
use store::accounts::{Account, AccountEvent};
use store::sessions::Session;
use store::{
    ChangeNumber, Device, RevokedIndex, StoreError, Transaction, accounts, authorities, changes,
    devices, people, sessions, status_indexes,
};
use tracing::instrument;

use super::{Accounts, note};
use crate::access::Resident;
use crate::{Result, ServiceError};

/// Events that are read, the newest first.
const READ: u32 = 2_000;
/// Events that are shown, once the look-ups of an office on a day are one.
const SHOWN: usize = 100;

/// What was done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A one-time code proved the phone.
    PhoneProven,
    /// Somebody signed in with a one-time code.
    SignedIn,
    /// A phone or session was ended.
    SessionEnded,
    /// A community office bound it to the document's person.
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
    /// Another account was connected to the document that this one claims.
    OtherSeen,
    /// Another account was disconnected from it.
    OtherEnded,
    /// An office did something with the document that this account claims.
    OfficeActed,
    /// A provider proved it for somebody.
    ProviderActed,
    /// An office was asked for something that takes a second worker.
    SecondNeeded,
    /// An account of an identity provider proved the document, and opens this account.
    ProviderBound,
    /// An account that was connected to the document was deleted by its holder.
    Deleted,
}

impl Happened {
    /// Every kind.
    pub const ALL: [Self; 17] = [
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
        Self::OtherSeen,
        Self::OtherEnded,
        Self::OfficeActed,
        Self::ProviderActed,
        Self::SecondNeeded,
        Self::ProviderBound,
        Self::Deleted,
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
            Self::OtherSeen => "other-seen",
            Self::OtherEnded => "other-ended",
            Self::OfficeActed => "office-acted",
            Self::ProviderActed => "provider-acted",
            Self::SecondNeeded => "second-needed",
            Self::ProviderBound => "provider-bound",
            Self::Deleted => "deleted",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A phone or browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
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

/// Something that was done to an account, or with the document of the person who was seen with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Happened,
    /// The authority that did it; `None` for the holder or a provider.
    pub by: Option<AuthorityId>,
    /// What that authority is called. Which of its staff members it was is kept, and not shown.
    pub office: Option<String>,
    /// Why, where the worker had to say so.
    pub reason: Option<String>,
}

/// What a person sees of their own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Phones and browsers that are signed in, the latest used first.
    pub sessions: Vec<SessionView>,
    /// Phones whose key may show codes, each since when.
    pub phones: Vec<(DeviceId, Timestamp)>,
    /// What was done to the account, the latest first. A person who was seen with a document also
    /// reads what was done with it before that.
    pub events: Vec<Event>,
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
                    let mut events = accounts::events(tx, *account, READ).await?;
                    let account = accounts::find(tx, *account).await?;
                    let is_seen = |one: &Account| one.assurance == Assurance::Seen;
                    if let Some(account) = account.filter(is_seen) {
                        let of = accounts::document_events(tx, account.person, READ).await?;
                        add_of_document(&mut events, of);
                    }
                    fold(&mut events);
                    let offices = if events.iter().any(|one| one.by.is_some()) {
                        authorities::all(tx).await?
                    } else {
                        Vec::new()
                    };
                    Ok::<_, StoreError>((sessions, phones, events, offices))
                })
            });
        let (sessions, phones, events, offices) = read.await?;
        let signed_in = |session: Session| SessionView {
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
            events: events.filter_map(|one| event(one, &offices)).collect(),
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
            // It has just ended.
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

/// Adds what was done with the document. What the account has a line of its own about is listed
/// once; where that says only that something was done, what was done takes its place.
fn add_of_document(events: &mut Vec<AccountEvent>, of_document: Vec<AccountEvent>) {
    let listed: HashSet<_> = of_document.iter().map(|one| one.id).collect();
    let hints = [Happened::OfficeActed, Happened::ProviderActed].map(Happened::as_str);
    events.retain(|one| !(listed.contains(&one.id) && hints.contains(&&*one.kind)));
    let noted: HashSet<_> = events.iter().map(|one| one.id).collect();
    let others = of_document.into_iter();
    events.extend(others.filter(|one| !noted.contains(&one.id)));
    events.sort_by_key(|one| Reverse(one.at));
}

/// Tells the look-ups of an office on a day once: a worker who types the number all day pushes nothing else
/// out of sight.
fn fold(events: &mut Vec<AccountEvent>) {
    let often = Happened::LookedUp.as_str();
    let mut seen = HashSet::new();
    events.retain(|one| {
        let day = one.at.as_second().div_euclid(24 * 60 * 60);
        one.kind != often || seen.insert((one.by, day))
    });
    events.truncate(SHOWN);
}

fn event(kept: AccountEvent, offices: &[Authority]) -> Option<Event> {
    let office = offices.iter().find(|office| Some(office.id) == kept.by);
    Some(Event {
        at: kept.at,
        kind: Happened::from_word(&kept.kind)?,
        by: kept.by,
        office: office.map(|office| office.name.clone()),
        reason: kept.reason,
    })
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
    note(tx, id, event, Happened::SessionEnded, now).await?;
    Ok(Some((account.change, revoked)))
}
