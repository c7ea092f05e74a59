//! Becoming `seen`: an account is bound to its document's person, and its own person becomes that one.

use std::sync::Arc;

use domain::{
    AccountId, Assurance, Clock, Evidence, EvidenceId, IdSource, Identity, PersonId, Region,
    Timestamp,
};
use store::accounts::{Account, HeldPerson};
use store::door_visits::{self, DoorVisit};
use store::identities::{self, BlindIndex, NewIdentity};
use store::{
    ChangeNumber, Device, RevokedIndex, Transaction, accounts, audit, changes, devices, evidence,
    people, sessions, status_indexes,
};
use tracing::info;

use super::second_worker::{AtCounter, may_be_done};
use super::security::Happened;
use super::{Accounts, Act, Actor, note_act, repeated, repeated_id};
use crate::audit::{AuditEntry, Did, Stated};
use crate::decisions::{DecisionContext, Decisions, record};
use crate::people::{Keys, documents};
use crate::visits::hold_repeated;
use crate::{Result, ServiceError};
use crate::{appeals, contradictions};

/// How an account was seen to be the holder of its document. A newer proof of the same kind counts
/// where the phone was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenBy {
    /// A community worker saw the document and the person.
    Office,
    /// An identity provider said so.
    Provider,
    /// A one-time code went to a number that an authority had on file for the document.
    Number,
}

impl SeenBy {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Provider => "provider",
            Self::Number => "number",
        }
    }
}

/// What is to be bound, and by whom.
#[derive(Clone)]
struct Binding {
    account: AccountId,
    document: BlindIndex,
    proof: SeenBy,
    /// Whether the holder lost the phone of the account that is bound now.
    is_lost: bool,
    by: Option<Actor>,
    at: Timestamp,
    /// Completes numbers without a country.
    home: Region,
    keys: Keys,
    ids: Arc<dyn IdSource>,
    clock: Arc<dyn Clock>,
}

impl Binding {
    /// Something that is done now.
    fn act(&self) -> Act {
        Act {
            id: EvidenceId::generate(&*self.ids),
            by: self.by,
            reason: None,
            at: self.clock.now(),
        }
    }
}

/// What a transaction changed, to be taken into memory.
#[derive(Default)]
struct Changed {
    /// Nothing was done: a second worker has to agree.
    waits: bool,
    accounts: Vec<(AccountId, ChangeNumber)>,
    decisions: Vec<Decisions>,
    revoked: Vec<RevokedIndex>,
}

impl Accounts {
    /// Binds an account to the person of the document that it claims. For those who know: a community
    /// worker, or an identity provider whose claims were checked.
    ///
    /// What the account's own person said, visited and met is repeated for the document's person in
    /// the same transaction. If another account is bound already it stays bound, unless its holder
    /// lost the phone and this proof is of the same kind: then its phones and sessions end. Where a worker
    /// alone may not do it, it waits for a second one.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAccount`] unless the account claims this document;
    /// [`ServiceError::AlreadySeen`]; [`ServiceError::NoPolicy`]; [`ServiceError::Vault`];
    /// [`ServiceError::Store`].
    pub(super) async fn bind(
        &self,
        account: AccountId,
        document: BlindIndex,
        proof: SeenBy,
        is_lost: bool,
        by: Option<Actor>,
    ) -> Result<AtCounter> {
        let context = self.policies.context()?;
        let generation = context.generation;
        let binding = self.binding(account, document, (proof, is_lost), by, context.now);
        let work = self.store.transaction(
            "accounts.bind",
            (context, binding),
            |tx, (context, binding)| Box::pin(bind(tx, context, binding)),
        );
        let changed: Changed = work.await?;
        let waits = changed.waits;
        info!(
            proof = proof.as_str(),
            is_lost, waits, "an account is shown to be somebody's"
        );
        self.take_in(changed, generation).await?;
        Ok(if waits {
            AtCounter::WaitsForSecond
        } else {
            AtCounter::Done
        })
    }

    /// Undoes a binding that was a mistake: the account has a person of its own again, is `claimed`,
    /// and its sessions and phones end. What was repeated for the document's person stays with it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAccount`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    pub(super) async fn release_account(
        &self,
        account: AccountId,
        document: BlindIndex,
        by: Option<Actor>,
    ) -> Result<()> {
        let context = self.policies.context()?;
        let generation = context.generation;
        let seen = (SeenBy::Office, false);
        let binding = self.binding(account, document, seen, by, context.now);
        let work = self.store.transaction(
            "accounts.release",
            (context, binding),
            |tx, (context, binding)| Box::pin(release(tx, context, binding)),
        );
        self.take_in(work.await?, generation).await
    }

    /// What a binding or its end is carried out with.
    fn binding(
        &self,
        account: AccountId,
        document: BlindIndex,
        (proof, is_lost): (SeenBy, bool),
        by: Option<Actor>,
        at: Timestamp,
    ) -> Binding {
        Binding {
            account,
            document,
            proof,
            is_lost,
            by,
            at,
            home: self.settings.issuer,
            keys: self.keys.clone(),
            ids: Arc::clone(&self.ids),
            clock: Arc::clone(&self.clock),
        }
    }

    async fn take_in(&self, changed: Changed, generation: u64) -> Result<()> {
        for (account, change) in changed.accounts {
            self.sessions.account_changed(account, change);
        }
        self.revocations.add(&changed.revoked);
        for decisions in &changed.decisions {
            self.verdicts.take_in(decisions, generation).await?;
        }
        Ok(())
    }
}

async fn bind(
    tx: &mut Transaction,
    context: &DecisionContext,
    binding: &Binding,
) -> Result<Changed> {
    let Some(mut account) = accounts::lock(tx, binding.account).await? else {
        return Err(ServiceError::UnknownAccount);
    };
    if !binding.document.is(account.document) {
        return Err(ServiceError::UnknownAccount);
    }
    let mut changed = Changed::default();
    let fresh = PersonId::generate(&*binding.ids);
    let made = documents::make(tx, context, &[(binding.document, fresh)]).await?;
    changed.decisions.push(made.decisions);
    let found = identities::person_by_document(tx, binding.document).await?;
    let person = found.unwrap_or(fresh);
    // Of two who bind the same document at once one waits here, and then finds the other's account.
    people::touch(tx, [person]).await?;
    let earlier = accounts::bound_to(tx, person).await?;
    if earlier == Some(account.id) {
        return Ok(changed);
    }
    let earlier = match earlier {
        Some(earlier) => match accounts::lock(tx, earlier).await? {
            Some(earlier) if binding.is_lost && has_proof(&earlier, binding.proof) => Some(earlier),
            _ => return Err(ServiceError::AlreadySeen),
        },
        None => None,
    };
    if let Some(by) = binding.by {
        let word = if binding.is_lost { "bind-lost" } else { "bind" };
        let (whose, asked) = ((person, binding.document), (account.id, word));
        let agreed = may_be_done(tx, whose, asked, (by, &*binding.ids), &binding.act()).await?;
        if agreed == AtCounter::WaitsForSecond {
            changed.waits = true;
            return Ok(changed);
        }
    }
    if let Some(earlier) = earlier {
        end(tx, context, binding, earlier, &mut changed).await?;
    }
    let own = account.person;
    carry(tx, context, binding, own, person, &mut changed).await?;
    account.person = person;
    account.assurance = Assurance::Seen;
    account.proof = Some(binding.proof.as_str().to_owned());
    account.proven_at = Some(binding.at);
    accounts::bind(tx, person, account.id, binding.at).await?;
    log(tx, binding, Did::AccountBound, person).await?;
    let own = match binding.proof {
        SeenBy::Provider => Happened::ProviderBound,
        SeenBy::Office | SeenBy::Number => Happened::Seen,
    };
    let happened = (own, Happened::OtherSeen);
    write(tx, binding, account, happened, &mut changed).await?;
    Ok(changed)
}

async fn release(
    tx: &mut Transaction,
    context: &DecisionContext,
    binding: &Binding,
) -> Result<Changed> {
    let account = accounts::lock(tx, binding.account).await?;
    let seen = account.filter(|account| {
        account.assurance == Assurance::Seen && binding.document.is(account.document)
    });
    let Some(account) = seen else {
        return Err(ServiceError::UnknownAccount);
    };
    log(tx, binding, Did::AccountReleased, account.person).await?;
    accounts::unbind(tx, account.person, account.id).await?;
    let mut changed = Changed::default();
    end(tx, context, binding, account, &mut changed).await?;
    Ok(changed)
}

/// Writes into the log what an office did; what an identity provider says is the resident's own act.
async fn log(tx: &mut Transaction, binding: &Binding, did: Did, person: PersonId) -> Result<()> {
    if let Some(by) = binding.by {
        let entry = AuditEntry::new(by.into(), did, binding.at).about([person]);
        let entry = entry.what(binding.account).because(Stated::AT_THE_COUNTER);
        audit::append(tx, &[entry.seal(&*binding.ids)]).await?;
    }
    Ok(())
}

fn has_proof(account: &Account, proof: SeenBy) -> bool {
    account.proof.as_deref() == Some(proof.as_str())
}

/// Ends what an account that was seen is signed in with. It is `claimed` from now on, with a person
/// of its own about whom nothing is known.
async fn end(
    tx: &mut Transaction,
    context: &DecisionContext,
    binding: &Binding,
    mut account: Account,
    changed: &mut Changed,
) -> Result<()> {
    let person = account.person;
    sessions::end_all(tx, account.id, None, binding.at).await?;
    people::touch(tx, [person]).await?;
    devices::end_all(tx, person, binding.at).await?;
    let number = changes::draw(tx).await?;
    let revoked = status_indexes::revoke(tx, &[person], binding.at, number).await?;
    changed.revoked.extend(revoked);
    account.person = PersonId::generate(&*binding.ids);
    let decided = record::decide(tx, context, &[], &[account.person]).await?;
    changed.decisions.push(decided);
    account.assurance = Assurance::Claimed;
    account.proof = None;
    account.proven_at = None;
    let happened = (Happened::Ended, Happened::OtherEnded);
    write(tx, binding, account, happened, changed).await
}

/// Repeats what is known of an account's own person for the document's, with identity and phones; what
/// was signed for the account's own person no longer holds.
async fn carry(
    tx: &mut Transaction,
    context: &DecisionContext,
    binding: &Binding,
    own: PersonId,
    person: PersonId,
    changed: &mut Changed,
) -> Result<()> {
    people::touch(tx, [own, person]).await?;
    let known = evidence::of(tx, own, Timestamp::MIN).await?;
    let mut known = repeated(&known, person);
    // What a gate measured goes with the visit, under the identifier that the visit has now.
    let at_doors = door_visits::of(tx, own).await?.into_iter();
    let at_doors = at_doors.map(|one| DoorVisit {
        person,
        visit: repeated_id(one.visit, person),
        ..one
    });
    let mut at_doors: Vec<DoorVisit> = at_doors.collect();
    let waiting = hold_repeated(tx, person, &mut known, &at_doors, binding.at).await?;
    let anew = (binding.at, &*binding.ids);
    appeals::move_to(tx, &binding.keys.vault, (own, person), anew).await?;
    contradictions::move_to(tx, &binding.keys.vault, (own, person), anew).await?;
    let known: Vec<&Evidence> = known.iter().collect();
    let decided = record::decide(tx, context, &known, &[person]).await?;
    changed.decisions.push(decided);
    at_doors.retain(|one| !waiting.contains(&one.visit));
    door_visits::add(tx, &at_doors).await?;
    people::note_moved(tx, own, person, binding.at).await?;
    for device in devices::of(tx, own).await? {
        devices::enrol(tx, &Device { person, ..device }).await?;
    }
    // Who may show their code may show it under the document's person.
    for held in accounts::holders_of(tx, own).await? {
        accounts::end_holding(tx, held.account, own, binding.at).await?;
        accounts::hold(tx, &HeldPerson { person, ..held }).await?;
    }
    let number = changes::draw(tx).await?;
    let revoked = status_indexes::revoke(tx, &[own], binding.at, number).await?;
    changed.revoked.extend(revoked);
    if let Some(sealed) = identities::find(tx, own).await? {
        let vault = &binding.keys.vault;
        let identity: Identity = vault.open(own, &sealed)?;
        let phones = identity.phones.iter();
        let identity = NewIdentity {
            person,
            sealed: vault.seal(person, &identity, binding.at, &*binding.ids)?,
            phones: phones
                .map(|phone| vault.phone(phone, binding.home))
                .collect(),
        };
        identities::replace(tx, &identity).await?;
    }
    Ok(())
}

/// Writes an account that changed, and what is read about it by its holder, and by others who claim
/// the document or are seen with it later.
async fn write(
    tx: &mut Transaction,
    binding: &Binding,
    mut account: Account,
    (happened, to_others): (Happened, Happened),
    changed: &mut Changed,
) -> Result<()> {
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    let act = binding.act();
    let own = Some((account.id, happened));
    note_act(tx, binding.document, &act, to_others, own).await?;
    changed.accounts.push((account.id, account.change));
    Ok(())
}
