//! Deleting one's account: what says who somebody is goes at once. What was said of them stays under a
//! random identifier until its day, and nobody can look them up by a name or a phone (ADR 50).

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{AccountId, ChallengeId, EvidenceId, FactKind, IdSource, PersonId, Timestamp};
use jiff::SignedDuration;
use store::identities;
use store::retention;
use store::{
    ChangeNumber, RevokedIndex, StoreError, Transaction, Visit, accounts, audit, changes, devices,
    people, sessions, status_indexes,
};
use tracing::{info, instrument};

use super::code_counts::AskedFrom;
use super::people::Relation;
use super::phone::{Purpose, attempt, hash};
use super::security::Happened;
use super::{Accounts, Act, note};
use crate::access::Resident;
use crate::audit::{Actor, AuditEntry, Did};
use crate::{Result, ServiceError};

/// What stays of a person whose account is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staying {
    /// The kind of evidence.
    pub kind: FactKind,
    /// How many pieces.
    pub count: usize,
    /// When the last of them goes; `None` at the end of the emergency.
    pub until: Option<Timestamp>,
}

/// A deletion, on its way into the database.
struct Deletion {
    account: AccountId,
    challenge: ChallengeId,
    code: [u8; 32],
    now: Timestamp,
    /// Completes numbers without a country.
    ids: Arc<dyn IdSource>,
}

/// What a deletion changed, to be taken into memory.
struct Deleted {
    accounts: Vec<(AccountId, ChangeNumber)>,
    revoked: Vec<RevokedIndex>,
}

impl Accounts {
    /// Sends the code that deletes an account to the phone that it names.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`] for somebody else on the account; else as
    /// [`Accounts::send_phone_code`].
    #[instrument(name = "accounts.send_deletion_code", skip_all)]
    pub async fn send_deletion_code(
        &self,
        resident: &Resident,
        from: AskedFrom,
        language: &str,
    ) -> Result<ChallengeId> {
        check_own(resident)?;
        self.send_own_code(resident, Purpose::Delete, from, language)
            .await
    }

    /// What would stay of a person if they deleted their account now, and until when.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`] for somebody else on the account; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    #[instrument(name = "accounts.staying", skip_all)]
    pub async fn staying(&self, resident: &Resident) -> Result<Vec<Staying>> {
        check_own(resident)?;
        let context = self.policies.context()?;
        let look_back = context.now.duration_since(context.look_back_from);
        let until = context.now.checked_add(SignedDuration::from_hours(24));
        let asked = (resident.own, until.unwrap_or(Timestamp::MAX));
        let read = self
            .store
            .read("accounts.staying", asked, |tx, (person, until)| {
                Box::pin(async move {
                    let evidence = retention::old_evidence(tx, &[*person], *until).await?;
                    let visits = retention::old_visits(tx, &[*person], *until).await?;
                    Ok::<_, StoreError>((evidence, visits))
                })
            });
        let (evidence, visits) = read.await?;
        let facts = evidence.into_iter().filter_map(|one| {
            let kind: FactKind = one.kind.parse().ok()?;
            let end = one.begins.max(one.recorded);
            Some((kind, one.ends.map_or(end, |ends| ends.max(end))))
        });
        let longest = Visit::LONGEST;
        let visits = visits.into_iter().map(|visit| {
            let end = visit.entered.checked_add(longest).unwrap_or(visit.entered);
            (FactKind::Visit, end)
        });
        let mut staying = BTreeMap::<&str, Staying>::new();
        for (kind, end) in facts.chain(visits) {
            let until = self.settings.retention.kept_until(kind, end, look_back);
            let entry = staying.entry(kind.as_str()).or_insert(Staying {
                kind,
                count: 0,
                until,
            });
            entry.count += 1;
            entry.until = entry.until.zip(until).map(|(one, other)| one.max(other));
        }
        Ok(staying.into_values().collect())
    }

    /// Deletes the account with the code that was sent for it: name, document, phone, sessions, keys and
    /// codes go, consents and guardianships end. What was said of the person stays until its day.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`] for somebody else on the account; [`ServiceError::WrongCode`];
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.delete", skip_all)]
    pub async fn delete(
        &self,
        resident: &Resident,
        challenge: ChallengeId,
        code: &str,
    ) -> Result<()> {
        check_own(resident)?;
        let deletion = Deletion {
            account: resident.account(),
            challenge,
            code: hash(&self.keys, challenge, code),
            now: self.clock.now(),
            ids: Arc::clone(&self.ids),
        };
        let work = self
            .store
            .transaction("accounts.delete", deletion, |tx, deletion| {
                Box::pin(deletion.run(tx))
            });
        let deleted: Option<Deleted> = work.await?;
        let deleted = deleted.ok_or(ServiceError::WrongCode)?;
        for (account, change) in deleted.accounts {
            self.sessions.account_changed(account, change);
        }
        self.revocations.add(&deleted.revoked);
        info!("an account was deleted by its holder");
        Ok(())
    }
}

/// Nobody deletes for somebody else, and nobody deletes their own account from the page of a child.
fn check_own(resident: &Resident) -> Result<()> {
    let is_own = resident.person() == resident.own;
    is_own.then_some(()).ok_or(ServiceError::OnlyShown)
}

impl Deletion {
    /// `None` if the code is wrong: then only the attempt is counted.
    async fn run(&self, tx: &mut Transaction) -> Result<Option<Deleted>> {
        let tried = attempt(tx, self.challenge, Purpose::Delete, self.code, self.now).await?;
        if tried != Some(self.account) {
            return Ok(None);
        }
        let Some(account) = accounts::lock(tx, self.account).await? else {
            return Ok(None);
        };
        let person = account.person;
        let mut deleted = Deleted {
            accounts: Vec::new(),
            revoked: Vec::new(),
        };
        let wards = accounts::held_by(tx, account.id).await?;
        let shown: Vec<PersonId> = wards.iter().map(|held| held.person).collect();
        let everybody: Vec<PersonId> = shown.iter().copied().chain([person]).collect();
        people::touch(tx, everybody.iter().copied()).await?;
        for ward in &shown {
            accounts::end_holding(tx, account.id, *ward, self.now).await?;
            let own = accounts::bound_to(tx, *ward).await?;
            self.tell_removed(tx, own.filter(|own| *own != account.id))
                .await?;
        }
        // A guardian's right was seen by an office, and is the guardian's.
        for holder in accounts::holders_of(tx, person).await? {
            if holder.relation != Relation::Guardian.as_str() {
                let change = self.end_consent(tx, holder.account, person).await?;
                deleted.accounts.extend(change);
            }
        }
        for one in &everybody {
            devices::end_all(tx, *one, self.now).await?;
        }
        let change = changes::draw(tx).await?;
        deleted.revoked = status_indexes::revoke(tx, &everybody, self.now, change).await?;
        if accounts::bound_to(tx, person).await? == Some(account.id) {
            accounts::unbind(tx, person, account.id).await?;
            // A person who is seen with the document later reads that there was an account.
            let act = self.act();
            accounts::note_document(tx, person, &act.event(Happened::Deleted)).await?;
        }
        // Also what was sealed before the account was seen.
        let mut theirs = people::earlier(tx, person).await?;
        theirs.push(person);
        for one in theirs {
            identities::forget(tx, one).await?;
        }
        sessions::forget(tx, account.id).await?;
        let nobody = PersonId::generate(&*self.ids);
        accounts::forget(tx, &account, nobody, change).await?;
        deleted.accounts.push((account.id, change));
        let entry = AuditEntry::new(Actor::Resident, Did::AccountDeleted, self.now);
        let entry = entry.about([person]).seal(&*self.ids);
        audit::append(tx, &[entry]).await?;
        Ok(Some(deleted))
    }

    fn act(&self) -> Act {
        Act {
            id: EvidenceId::generate(&*self.ids),
            by: None,
            reason: None,
            at: self.now,
        }
    }

    async fn tell_removed(
        &self,
        tx: &mut Transaction,
        account: Option<AccountId>,
    ) -> Result<(), StoreError> {
        let Some(account) = account else {
            return Ok(());
        };
        let event = EvidenceId::generate(&*self.ids);
        note(tx, account, event, Happened::PersonRemoved, self.now).await
    }

    /// Ends that another account shows the person's code; how that account changed.
    async fn end_consent(
        &self,
        tx: &mut Transaction,
        holder: AccountId,
        person: PersonId,
    ) -> Result<Option<(AccountId, ChangeNumber)>, StoreError> {
        accounts::end_holding(tx, holder, person, self.now).await?;
        let Some(mut holder) = accounts::lock(tx, holder).await? else {
            return Ok(None);
        };
        holder.change = changes::draw(tx).await?;
        accounts::change(tx, &holder).await?;
        self.tell_removed(tx, Some(holder.id)).await?;
        Ok(Some((holder.id, holder.change)))
    }
}
