//! Accounts: who signs in, how far that is proven, and which people are on an account.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::{AccountId, Assurance, AuthorityId, EvidenceId, PersonId, StaffId, Timestamp};

use crate::Result;
use crate::changes::{ChangeCursor, ChangeNumber};
use crate::database::{Row, Transaction, Value};
use crate::identities::{BlindIndex, StoredIndex};
use crate::queries::{
    ACCOUNT_ADD, ACCOUNT_CHANGE, ACCOUNT_CLAIM_ADD, ACCOUNT_CLAIM_DROP, ACCOUNT_CLAIMS,
    ACCOUNT_EVENT_ADD, ACCOUNT_EVENTS, ACCOUNT_EVENTS_DROP, ACCOUNT_FIND, ACCOUNT_FORGET,
    ACCOUNT_LOCK, ACCOUNT_PEOPLE, ACCOUNT_PERSON_END, ACCOUNT_PERSON_PUT, ACCOUNTS_CHANGED_SINCE,
    BINDING_DROP, BINDING_FIND, BINDING_PUT, DOCUMENT_EVENT_ADD, DOCUMENT_EVENT_EXISTS,
    DOCUMENT_EVENTS, PERSON_HOLDER_END, PERSON_HOLDER_PUT, PERSON_HOLDERS,
};

/// Accounts of one document that are found.
pub const MOST_CLAIMS: u32 = 50;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// A random identifier.
    pub id: AccountId,
    /// Whose code it shows: a person of its own, or the document's person once it is seen.
    pub person: PersonId,
    /// How far it is proven.
    pub assurance: Assurance,
    /// How it was seen, as a word; `None` until then.
    pub proof: Option<String>,
    /// The document that it claims, if it is known.
    pub document: Option<StoredIndex>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it reached its assurance; `None` while it is claimed.
    pub proven_at: Option<Timestamp>,
    /// The last change of its assurance, people or sessions.
    pub change: ChangeNumber,
}

/// A person on an account besides its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPerson {
    /// The account that shows the code.
    pub account: AccountId,
    /// Whose code.
    pub person: PersonId,
    /// Why, as a word.
    pub relation: String,
    /// Since when.
    pub since: Timestamp,
}

/// Something that was done to an account, or with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// Names it; what is noted in several places has the same name in each.
    pub id: EvidenceId,
    /// When.
    pub at: Timestamp,
    /// What, as a word.
    pub kind: String,
    /// The authority that did it; `None` for the holder.
    pub by: Option<AuthorityId>,
    /// Who did it for the authority. For investigations; the holder reads the authority alone.
    pub staff: Option<StaffId>,
    /// What they wrote about it.
    pub reason: Option<String>,
}

/// Opens accounts, and notes which document each claims. A document may be claimed by many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, accounts: &[&Account]) -> Result<()> {
    let row = |account: &&Account| {
        vec![
            account.id.into(),
            account.person.into(),
            account.assurance.as_str().into(),
            account.proof.clone().into(),
            account.document.map_or(Value::Bytes(None), Value::from),
            account.created_at.into(),
            account.proven_at.into(),
            account.change.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = accounts.iter().map(row).collect();
    tx.execute_each(&ACCOUNT_ADD, &rows).await?;
    let claims = accounts.iter().filter_map(|account| {
        let document = account.document?;
        Some(vec![document.into(), account.id.into()])
    });
    let claims: Vec<Vec<Value>> = claims.collect();
    tx.execute_each(&ACCOUNT_CLAIM_ADD, &claims).await?;
    Ok(())
}

/// An account.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: AccountId) -> Result<Option<Account>> {
    Ok(find_many(tx, &[id]).await?.remove(&id))
}

/// Those of these accounts that are there.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    ids: &[AccountId],
) -> Result<BTreeMap<AccountId, Account>> {
    let asked: Vec<Vec<Value>> = ids.iter().map(|id| vec![(*id).into()]).collect();
    let rows = tx.rows_each(&ACCOUNT_FIND, &asked).await?;
    let found = rows.iter().map(account);
    found.map(|found| found.map(|one| (one.id, one))).collect()
}

/// An account, locked until the transaction ends.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn lock(tx: &mut Transaction, id: AccountId) -> Result<Option<Account>> {
    let row = tx.row(&ACCOUNT_LOCK, &[id.into()]).await?;
    row.as_ref().map(account).transpose()
}

/// Writes an account that is locked and was changed, with the number of the change.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn change(tx: &mut Transaction, account: &Account) -> Result<()> {
    let values = [
        account.id.into(),
        account.person.into(),
        account.assurance.as_str().into(),
        account.proof.clone().into(),
        account.proven_at.into(),
        account.change.into(),
    ];
    tx.execute(&ACCOUNT_CHANGE, &values).await?;
    Ok(())
}

/// Takes from an account whatever says whose it was: its document, its proof, its person and what was
/// done to it. The row stays under its random identifier, with a `change` that other nodes follow.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(
    tx: &mut Transaction,
    account: &Account,
    person: PersonId,
    change: ChangeNumber,
) -> Result<()> {
    if let Some(document) = account.document {
        let claim = [document.into(), account.id.into()];
        tx.rows(&ACCOUNT_CLAIM_DROP, &claim).await?;
    }
    let values = [account.id.into(), person.into(), change.into()];
    tx.execute(&ACCOUNT_FORGET, &values).await?;
    tx.execute(&ACCOUNT_EVENTS_DROP, &[account.id.into()])
        .await?;
    Ok(())
}

/// The accounts that changed since, in order of change and identifier.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn changed_since(
    tx: &mut Transaction,
    since: ChangeCursor<AccountId>,
    limit: u32,
) -> Result<Vec<(AccountId, ChangeNumber)>> {
    let after = since.after.map_or_else(|| Value::from([]), Value::from);
    let values = [since.number.into(), after, limit.into()];
    let rows = tx.rows(&ACCOUNTS_CHANGED_SINCE, &values).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, ChangeNumber::from_i64(row.int(1)?))))
        .collect()
}

/// The accounts that claim a document: those proven furthest first, then the first opened;
/// [`MOST_CLAIMS`] at most, so that opening many more puts nobody out of sight.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claiming(tx: &mut Transaction, document: BlindIndex) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for form in document.forms() {
        for row in tx.rows(&ACCOUNT_CLAIMS, &[form.into()]).await? {
            accounts.extend(find(tx, row.id(0)?).await?);
        }
    }
    accounts.sort_by_key(|one| (Reverse(one.assurance), one.created_at, one.id));
    accounts.truncate(MOST_CLAIMS as usize);
    Ok(accounts)
}

/// Binds a document's person to an account, in the place of another if there is one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn bind(
    tx: &mut Transaction,
    person: PersonId,
    account: AccountId,
    at: Timestamp,
) -> Result<()> {
    let values = [person.into(), account.into(), at.into()];
    tx.execute(&BINDING_PUT, &values).await?;
    Ok(())
}

/// The account that is bound to a document's person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn bound_to(tx: &mut Transaction, person: PersonId) -> Result<Option<AccountId>> {
    let row = tx.row(&BINDING_FIND, &[person.into()]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// Takes a document's person from an account.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn unbind(tx: &mut Transaction, person: PersonId, account: AccountId) -> Result<()> {
    tx.execute(&BINDING_DROP, &[person.into(), account.into()])
        .await?;
    Ok(())
}

/// Lets an account show a person's code, besides its own.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn hold(tx: &mut Transaction, held: &HeldPerson) -> Result<()> {
    let (account, person) = (held.account.into(), held.person.into());
    let rest = [held.relation.as_str().into(), held.since.into()];
    let [relation, since] = rest.clone();
    tx.execute(&ACCOUNT_PERSON_PUT, &[account, person, relation, since])
        .await?;
    let (account, person) = (held.account.into(), held.person.into());
    let [relation, since] = rest;
    tx.execute(&PERSON_HOLDER_PUT, &[person, account, relation, since])
        .await?;
    Ok(())
}

/// Ends that an account shows a person's code; `false` if it did not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_holding(
    tx: &mut Transaction,
    account: AccountId,
    person: PersonId,
    at: Timestamp,
) -> Result<bool> {
    let values = [account.into(), person.into(), at.into()];
    let ended = tx.execute(&ACCOUNT_PERSON_END, &values).await?;
    let values = [person.into(), account.into(), at.into()];
    tx.execute(&PERSON_HOLDER_END, &values).await?;
    Ok(ended > 0)
}

/// The people on an account besides its own.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn held_by(tx: &mut Transaction, account: AccountId) -> Result<Vec<HeldPerson>> {
    let rows = tx.rows(&ACCOUNT_PEOPLE, &[account.into()]).await?;
    rows.iter().map(held).collect()
}

/// The accounts that show a person's code and are not the person's own.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn holders_of(tx: &mut Transaction, person: PersonId) -> Result<Vec<HeldPerson>> {
    let rows = tx.rows(&PERSON_HOLDERS, &[person.into()]).await?;
    rows.iter().map(held).collect()
}

/// Notes what was done to an account, for its holder to read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, account: AccountId, event: &AccountEvent) -> Result<()> {
    let values = event_values(account.into(), event);
    tx.execute(&ACCOUNT_EVENT_ADD, &values).await?;
    Ok(())
}

/// Notes what was done with the document of a person, for the person who is seen with it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_document(
    tx: &mut Transaction,
    person: PersonId,
    event: &AccountEvent,
) -> Result<()> {
    let values = event_values(person.into(), event);
    tx.execute(&DOCUMENT_EVENT_ADD, &values).await?;
    Ok(())
}

/// What was done to an account, the latest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn events(
    tx: &mut Transaction,
    account: AccountId,
    limit: u32,
) -> Result<Vec<AccountEvent>> {
    let values = [account.into(), limit.into()];
    let rows = tx.rows(&ACCOUNT_EVENTS, &values).await?;
    rows.iter().map(event).collect()
}

/// What was done with the document of a person, the latest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn document_events(
    tx: &mut Transaction,
    person: PersonId,
    limit: u32,
) -> Result<Vec<AccountEvent>> {
    let values = [person.into(), limit.into()];
    let rows = tx.rows(&DOCUMENT_EVENTS, &values).await?;
    rows.iter().map(event).collect()
}

/// Whether anything of a kind was ever done with the document of a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn is_noted(tx: &mut Transaction, person: PersonId, kind: &str) -> Result<bool> {
    let values = [person.into(), kind.into()];
    Ok(tx.row(&DOCUMENT_EVENT_EXISTS, &values).await?.is_some())
}

fn event_values(whose: Value, event: &AccountEvent) -> [Value; 7] {
    [
        whose,
        event.at.into(),
        event.id.into(),
        event.kind.as_str().into(),
        event.by.into(),
        event.staff.into(),
        event.reason.clone().into(),
    ]
}

fn event(row: &Row) -> Result<AccountEvent> {
    Ok(AccountEvent {
        id: row.id(0)?,
        at: row.time(1)?,
        kind: row.text(2)?,
        by: row.id_or_null(3)?,
        staff: row.id_or_null(4)?,
        reason: row.text_or_null(5)?,
    })
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.id(0)?,
        person: row.id(1)?,
        assurance: row.word(2)?,
        proof: row.text_or_null(3)?,
        document: StoredIndex::of_or_null(row, 4)?,
        created_at: row.time(5)?,
        proven_at: row.time_or_null(6)?,
        change: ChangeNumber::from_i64(row.int(7)?),
    })
}

fn held(row: &Row) -> Result<HeldPerson> {
    Ok(HeldPerson {
        account: row.id(0)?,
        person: row.id(1)?,
        relation: row.text(2)?,
        since: row.time(3)?,
    })
}
