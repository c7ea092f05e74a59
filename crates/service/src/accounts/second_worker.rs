//! What takes a second worker of the office (ADR 43). A worker who lies and an accomplice with an account
//! would otherwise read what others said of anybody whose number they know.

use domain::{AccountId, IdSource, PersonId, Timestamp};
use jiff::SignedDuration;
use store::identities::BlindIndex;
use store::office_requests::{self, OfficeRequest};
use store::{StoreError, Transaction, accounts, audit, evidence};

use super::security::Happened;
use super::{Act, Actor, note_act};
use crate::access::SELF_AUTHORITY;
use crate::audit::{AuditEntry, Did, Stated};

/// A second worker agrees within this.
pub(crate) const ASKED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What became of what a worker asked for at the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtCounter {
    /// It is done.
    Done,
    /// It is done once a second worker of the office, who looks at the document too, asks for the same
    /// within an hour.
    WaitsForSecond,
}

/// Whether what a worker asks for may be done, and by whose agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreed {
    /// No second worker is needed.
    Alone,
    /// This is the second. The request of the first is used up in the transaction of what is done.
    Second(OfficeRequest),
    /// The request of this one is kept.
    NotYet,
}

/// Whether what a worker asks for may be done: no second one is needed, or this is the second, whose
/// agreement is used up by that. Otherwise the request of this one is kept, and a person who is seen with
/// the document reads of it.
pub(super) async fn may_be_done(
    tx: &mut Transaction,
    whose: (PersonId, BlindIndex),
    asked: (AccountId, &'static str),
    with: (Actor, &dyn IdSource),
    act: &Act,
) -> Result<AtCounter, StoreError> {
    Ok(match agreed(tx, whose, asked, with, act).await? {
        Agreed::Alone => AtCounter::Done,
        Agreed::Second(request) => {
            office_requests::drop(tx, &request).await?;
            AtCounter::Done
        }
        Agreed::NotYet => AtCounter::WaitsForSecond,
    })
}

/// The same, for what is done in a later transaction: the agreement stays until then.
pub(super) async fn agreed(
    tx: &mut Transaction,
    (person, document): (PersonId, BlindIndex),
    (account, word): (AccountId, &'static str),
    (by, ids): (Actor, &dyn IdSource),
    act: &Act,
) -> Result<Agreed, StoreError> {
    if !needs_second(tx, person, account).await? {
        return Ok(Agreed::Alone);
    }
    let request = OfficeRequest {
        person,
        account,
        act: word,
        authority: by.authority,
    };
    let asked = office_requests::asked_by(tx, &request).await?;
    let is_second = asked.is_some_and(|(first, asked_at)| {
        first != by.staff && act.at.duration_since(asked_at) <= ASKED_FOR
    });
    if is_second {
        return Ok(Agreed::Second(request));
    }
    office_requests::put(tx, &request, by.staff, act.at).await?;
    let entry = AuditEntry::new(by.into(), Did::SecondWorkerAsked, act.at).about([person]);
    let entry = entry.what(format_args!("{word} {account}"));
    let entry = entry.because(Stated::AT_THE_COUNTER).seal(ids);
    audit::append(tx, &[entry]).await?;
    note_act(tx, document, act, Happened::SecondNeeded, None).await?;
    Ok(Agreed::NotYet)
}

/// Whether there is something to read or to take away: somebody else said something of the person,
/// or another account is bound to the document, or was: what its holder said is there, and who may
/// release it could else give it away alone. Not what was said: that would reveal who is ill.
async fn needs_second(
    tx: &mut Transaction,
    person: PersonId,
    account: AccountId,
) -> Result<bool, StoreError> {
    let bound = accounts::bound_to(tx, person).await?;
    if bound.is_some_and(|bound| bound != account) {
        return Ok(true);
    }
    for earlier in [Happened::OtherEnded, Happened::Deleted] {
        if accounts::is_noted(tx, person, earlier.as_str()).await? {
            return Ok(true);
        }
    }
    let known = evidence::of(tx, person, Timestamp::MIN).await?;
    Ok(known.iter().any(|one| one.authority != SELF_AUTHORITY))
}
