//! Appending evidence and registering people: batches of requests in one transaction, each answered
//! alone.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountId, Assurance, Evidence, PersonId, SessionId, StaffId, Timestamp};
use store::accounts::Account;
use store::audit::{self, NewEntry};
use store::evidence::EvidenceKey;
use store::identities::{self, BlindIndex, NewIdentity, SealedIdentity};
use store::receipts::{self, Receipt, RequestHash};
use store::sessions::{Session, SessionHash};
use store::{
    ChangeNumber, StoreError, StoredVerdict, TraceJob, Transaction, accounts, evidence,
    office_cases, people, sessions, traces,
};

use super::record::{self, Decided, Decisions};
use super::repeated::{self, Claims};
use super::{Answering, DecisionContext, moved};
use crate::ServiceError;
use crate::accounts::NewSession;
use crate::caps::Drawing;
use crate::two_persons::Approving;

/// Counts a request once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestOnce {
    /// Keyed hash of what the client sent for that.
    pub request: RequestHash,
    /// SHA-256 of what is asked for, the same when the request is repeated.
    pub content: [u8; 32],
}

/// Evidence to append.
#[derive(Clone, Debug, Default)]
pub struct EvidenceBatch {
    /// Counts the request once, if given.
    pub once: Option<RequestOnce>,
    /// Kept with the receipt and given again when the request is repeated.
    pub note: String,
    /// The evidence; any order, any number of people.
    pub evidence: Vec<Evidence>,
    /// Tracing jobs to open in the same transaction.
    pub traces: Vec<TraceJob>,
    /// The approval by a second person that this carries out, written in the same transaction.
    pub approving: Option<Approving>,
    /// The staff members who answer for it; none of them decides an appeal against it.
    pub submitted_by: Vec<StaffId>,
    /// The answer that this carries out, written in the same transaction.
    pub answering: Option<Answering>,
    /// What the authority uses up of its day by this, drawn in the same transaction.
    pub drawing: Option<Drawing>,
    /// What the log says of it, unless an approval does or nobody but the program or the person
    /// themselves did it.
    pub entry: Option<NewEntry>,
}

/// What became of a batch of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is on record.
    New(Decisions),
    /// The same request came before.
    Repeated {
        /// People whose status it changed.
        changed: usize,
        /// The note that was kept with it.
        note: String,
    },
    /// The request key came before with another request.
    KeyReused,
    /// Somebody settled the proposal or answered the appeal meanwhile; nothing was appended.
    Settled,
    /// The authority has used up its day; nothing was appended.
    UsedUp,
}

impl Appended {
    /// How many people's status an approval changed, when it was carried out first.
    pub(crate) fn changed(self) -> Result<usize, ServiceError> {
        match self {
            Self::New(decisions) => {
                let decided = decisions.decided.iter();
                Ok(decided.filter(|one| one.is_changed()).count())
            }
            Self::Repeated { changed, .. } => Ok(changed),
            Self::KeyReused | Self::Settled | Self::UsedUp => Err(ServiceError::ProposalSettled),
        }
    }
}

/// A person to register.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// A fresh identifier.
    pub id: PersonId,
    /// Counts the request once.
    pub once: RequestOnce,
    /// The account that is opened.
    pub account: AccountId,
    /// The session of the phone that opens it.
    pub session: NewSession,
    /// The identity, sealed.
    pub identity: SealedIdentity,
    /// The document that the account claims. Others may claim it too.
    pub document: BlindIndex,
    /// Find the phones again.
    pub phones: Vec<BlindIndex>,
    /// The first declaration and stays, if any; all about the person.
    pub evidence: Vec<Evidence>,
    /// When.
    pub registered_at: Timestamp,
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// The person is registered.
    New(StoredVerdict),
    /// The same request came before; this is the person it registered.
    Repeated(PersonId),
    /// The request key came before with another request.
    KeyReused,
}

/// Appends batches of evidence, in the order given where it matters, and decides everybody they are
/// about. Who is in several is decided once, with all of it.
///
/// # Errors
/// As every statement: [`StoreError`].
pub async fn append(
    tx: &mut Transaction,
    context: &DecisionContext,
    batches: &[EvidenceBatch],
) -> Result<Vec<Appended>, StoreError> {
    let mut outcomes: Vec<Option<Appended>> = Vec::with_capacity(batches.len());
    outcomes.resize_with(batches.len(), || None);
    let requests = |place: usize| {
        batches[place]
            .once
            .iter()
            .map(|once| once.request)
            .collect()
    };
    for round in rounds(batches.len(), requests) {
        append_different(tx, context, batches, &round, &mut outcomes).await?;
    }
    let missing = || StoreError::Database("a batch of evidence was not answered".to_owned());
    outcomes
        .into_iter()
        .map(|outcome| outcome.ok_or_else(missing))
        .collect()
}

/// Opens accounts, each with a person of its own, their identity and first evidence. Nothing depends
/// on whether a document is known: proving it comes later. A request key that was there before
/// changes nothing.
///
/// # Errors
/// As every statement: [`StoreError`].
pub async fn register(
    tx: &mut Transaction,
    context: &DecisionContext,
    new: &[NewPerson],
) -> Result<Vec<Registration>, StoreError> {
    let mut outcomes: Vec<Option<Registration>> = Vec::with_capacity(new.len());
    outcomes.resize_with(new.len(), || None);
    for round in rounds(new.len(), |place| vec![new[place].once.request]) {
        register_different(tx, context, new, &round, &mut outcomes).await?;
    }
    let missing = || StoreError::Database("a registration was not answered".to_owned());
    outcomes
        .into_iter()
        .map(|outcome| outcome.ok_or_else(missing))
        .collect()
}

async fn append_different(
    tx: &mut Transaction,
    context: &DecisionContext,
    batches: &[EvidenceBatch],
    round: &[usize],
    outcomes: &mut [Option<Appended>],
) -> Result<(), StoreError> {
    let asked = round.iter().filter_map(|&place| {
        let once = batches[place].once.as_ref()?;
        Some(Receipt {
            request: once.request,
            content: once.content,
            outcome: String::new(),
            at: context.now,
        })
    });
    let asked: Vec<Receipt> = asked.collect();
    let claims = Claims::of(tx, &asked).await?;
    let mut fresh = Vec::with_capacity(round.len());
    let mut released = Vec::new();
    for &place in round {
        match &batches[place].once {
            Some(once) if !claims.is_new(once) => {
                outcomes[place] = Some(claims.appended(once)?);
            }
            once => match settle(tx, &batches[place]).await? {
                None => fresh.push(place),
                refused => {
                    released.extend(once.as_ref().map(|once| once.request));
                    outcomes[place] = refused;
                }
            },
        }
    }
    receipts::release(tx, &released).await?;
    let mut revisions = people::touch(tx, concerned(batches, &fresh)).await?;
    let followed = moved::follow(tx, batches, &mut revisions).await?;
    let batches = followed.as_deref().unwrap_or(batches);
    let evidence: Vec<&Evidence> = fresh
        .iter()
        .flat_map(|&place| &batches[place].evidence)
        .collect();
    let jobs: Vec<TraceJob> = fresh
        .iter()
        .flat_map(|&place| batches[place].traces.iter().cloned())
        .collect();
    let deciding: BTreeSet<PersonId> = fresh
        .iter()
        .flat_map(|&place| batches[place].decided())
        .collect();
    revisions.retain(|person, _| deciding.contains(person));
    let (all, added) = record::decide_touched(tx, context, &evidence, &revisions).await?;
    traces::open(tx, &jobs).await?;
    office_cases::note(tx, &jobs, &evidence).await?;
    let entries = fresh
        .iter()
        .filter_map(|&place| batches[place].entry.clone());
    audit::append(tx, &entries.collect::<Vec<_>>()).await?;
    // Who says again what is on record did not submit it.
    let submitted = fresh.iter().flat_map(|&place| batches[place].submitted());
    let submitted = submitted.filter(|(key, _)| added.contains(key));
    evidence::note_staff(tx, &submitted.collect::<Vec<_>>()).await?;
    let mut answers = Vec::new();
    let by_person: BTreeMap<PersonId, &Decided> = all
        .decided
        .iter()
        .map(|one| (one.now.person, one))
        .collect();
    for &place in &fresh {
        let own: BTreeSet<PersonId> = batches[place].decided().collect();
        let decided: Vec<Decided> = own
            .iter()
            .filter_map(|person| by_person.get(person).map(|one| (*one).clone()))
            .collect();
        if let Some(once) = &batches[place].once {
            let changed = decided.iter().filter(|one| one.is_changed()).count();
            let outcome = repeated::of_evidence(changed, &batches[place].note)?;
            answers.push((once.request, outcome));
        }
        // Each caller takes in all of them: whichever is answered first, this node knows.
        let revoked = all.revoked.clone();
        outcomes[place] = Some(Appended::New(Decisions { decided, revoked }));
    }
    receipts::finish(tx, &answers).await
}

/// Whom these batches are about, and the cases whose contacts are sought.
fn concerned(batches: &[EvidenceBatch], fresh: &[usize]) -> BTreeSet<PersonId> {
    let fresh = fresh.iter().map(|&place| &batches[place]);
    let people = |batch: &'_ EvidenceBatch| {
        let cases = batch.traces.iter().map(|job| job.person);
        batch.decided().chain(cases).collect::<Vec<_>>()
    };
    fresh.flat_map(people).collect()
}

impl EvidenceBatch {
    /// Who is decided again.
    fn decided(&self) -> impl Iterator<Item = PersonId> {
        let answered = self.answering.as_ref().map(Answering::person);
        let about = self.evidence.iter().map(|piece| piece.person);
        about.chain(answered)
    }

    /// Each piece with everybody who answers for it.
    fn submitted(&self) -> impl Iterator<Item = (EvidenceKey, StaffId)> {
        self.submitted_by.iter().flat_map(|staff| {
            let keys = self.evidence.iter().map(|piece| (piece.person, piece.id));
            keys.map(|key| (key, *staff))
        })
    }
}

/// Draws from the authority's day and writes the approval or the answer, all or none; why not, if not.
async fn settle(
    tx: &mut Transaction,
    batch: &EvidenceBatch,
) -> Result<Option<Appended>, StoreError> {
    if let Some(drawing) = &batch.drawing
        && !drawing.draw(tx).await?
    {
        return Ok(Some(Appended::UsedUp));
    }
    if let Some(approving) = &batch.approving
        && !approving.write(tx).await?
    {
        if let Some(drawing) = &batch.drawing {
            drawing.give_back(tx).await?;
        }
        return Ok(Some(Appended::Settled));
    }
    if let Some(answering) = &batch.answering
        && !answering.write(tx).await?
    {
        return Ok(Some(Appended::Settled));
    }
    Ok(None)
}

async fn register_different(
    tx: &mut Transaction,
    context: &DecisionContext,
    new: &[NewPerson],
    round: &[usize],
    outcomes: &mut [Option<Registration>],
) -> Result<(), StoreError> {
    let mut asked = Vec::with_capacity(round.len());
    for &place in round {
        let person = &new[place];
        asked.push(Receipt {
            request: person.once.request,
            content: person.once.content,
            outcome: repeated::of_registration(person.id)?,
            at: person.registered_at,
        });
    }
    let claims = Claims::of(tx, &asked).await?;
    let mut fresh = Vec::with_capacity(round.len());
    for &place in round {
        if claims.is_new(&new[place].once) {
            fresh.push(place);
        } else {
            outcomes[place] = Some(claims.registration(&new[place].once)?);
        }
    }
    let tokens: Vec<(SessionHash, AccountId, SessionId)> = fresh
        .iter()
        .map(|&place| {
            let new = &new[place];
            (new.session.hash, new.account, new.session.session.id)
        })
        .collect();
    let claimed = sessions::claim(tx, &tokens).await?;
    let is_claimed = |place: &usize| claimed.contains(&new[*place].session.hash);
    let (fresh, known): (Vec<usize>, Vec<usize>) = fresh.into_iter().partition(is_claimed);
    // The same requests, so late that their receipts are gone: the tokens are the same. They get no other
    // receipt, which would refuse the right request if this one asks for something else.
    let tokens: Vec<SessionHash> = known.iter().map(|&place| new[place].session.hash).collect();
    let people = people_by_tokens(tx, &tokens).await?;
    for &place in &known {
        let person = people.get(&new[place].session.hash);
        let person = person.ok_or_else(|| repeated::unreadable("the token is nobody's"))?;
        outcomes[place] = Some(Registration::Repeated(*person));
    }
    let released = known.iter().map(|&place| new[place].once.request);
    receipts::release(tx, &released.collect::<Vec<_>>()).await?;
    let registered: Vec<&NewPerson> = fresh.iter().map(|&place| &new[place]).collect();
    let verdicts = write_people(tx, context, &registered).await?;
    for place in fresh {
        outcomes[place] = verdicts.get(&new[place].id).cloned().map(Registration::New);
    }
    Ok(())
}

async fn write_people(
    tx: &mut Transaction,
    context: &DecisionContext,
    registered: &[&NewPerson],
) -> Result<BTreeMap<PersonId, StoredVerdict>, StoreError> {
    let evidence: Vec<&Evidence> = registered.iter().flat_map(|new| &new.evidence).collect();
    let people: Vec<PersonId> = registered.iter().map(|new| new.id).collect();
    let decisions = record::decide(tx, context, &evidence, &people).await?;
    let opened: Vec<Account> = registered.iter().map(|new| account_of(new)).collect();
    accounts::add(tx, &opened.iter().collect::<Vec<_>>()).await?;
    let begun: Vec<&Session> = registered.iter().map(|new| &new.session.session).collect();
    sessions::add(tx, &begun).await?;
    let sealed: Vec<NewIdentity> = registered
        .iter()
        .map(|new| NewIdentity {
            person: new.id,
            sealed: new.identity.clone(),
            phones: new.phones.clone(),
        })
        .collect();
    identities::put(tx, &sealed).await?;
    let verdicts = decisions.decided.into_iter();
    Ok(verdicts.map(|one| (one.now.person, one.now)).collect())
}

fn account_of(new: &NewPerson) -> Account {
    Account {
        id: new.account,
        person: new.id,
        assurance: Assurance::Claimed,
        proof: None,
        document: Some(new.document.newest),
        created_at: new.registered_at,
        proven_at: None,
        change: ChangeNumber::BEFORE_ALL,
    }
}

async fn people_by_tokens(
    tx: &mut Transaction,
    tokens: &[SessionHash],
) -> Result<BTreeMap<SessionHash, PersonId>, StoreError> {
    let owners = sessions::owners(tx, tokens).await?;
    let accounts: Vec<AccountId> = owners.values().map(|(account, _)| *account).collect();
    let accounts = accounts::find_many(tx, &accounts).await?;
    let people = owners.into_iter();
    Ok(people
        .filter_map(|(token, (account, _))| Some((token, accounts.get(&account)?.person)))
        .collect())
}

/// Splits requests into rounds in which no key occurs twice, in order.
fn rounds<K: Ord>(count: usize, keys: impl Fn(usize) -> Vec<K>) -> Vec<Vec<usize>> {
    let mut next = BTreeMap::<K, usize>::new();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for place in 0..count {
        let keys = keys(place);
        let round = keys.iter().filter_map(|key| next.get(key)).max();
        let round = round.copied().unwrap_or_default();
        if round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[round].push(place);
        for key in keys {
            next.insert(key, round + 1);
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_are_in_different_rounds_and_in_order() {
        let keys = ["a", "b", "a", "a", "c", "b"];
        let rounds = rounds(keys.len(), |place| vec![keys[place]]);
        assert_eq!(rounds, [vec![0, 1, 4], vec![2, 5], vec![3]]);
    }
}
