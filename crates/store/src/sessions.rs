//! Sessions of residents: phones with a token of the API, and browsers.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountId, SessionId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    CURSOR_FIND, CURSOR_PUT, SESSION_ADD, SESSION_END, SESSION_FIND, SESSION_FORGET, SESSION_SEE,
    SESSION_TOKEN_CLAIM, SESSION_TOKEN_FIND, SESSION_TOKEN_FORGET, SESSION_TOKENS_AFTER,
    SESSIONS_DROP, SESSIONS_END, SESSIONS_OF,
};

/// The pass over everything that sessions present.
const PASS: &str = "retention of sessions";

/// Keyed hash of what a phone or browser presents.
pub type SessionHash = [u8; 32];

/// A phone or browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: AccountId,
    /// Names it in a list.
    pub id: SessionId,
    /// Whether it is a token of the API or a browser, as a word.
    pub kind: String,
    /// What the person knows it by.
    pub label: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last, to the hour.
    pub seen_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

/// Claims the hashes of what sessions present, before they are begun; returns those that nobody had.
/// One that is somebody's already stays theirs.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim(
    tx: &mut Transaction,
    sessions: &[(SessionHash, AccountId, SessionId)],
) -> Result<BTreeSet<SessionHash>> {
    let mut sessions = sessions.to_vec();
    // In order, so that no two transactions wait for each other; of equal ones the first stays first.
    sessions.sort_by_key(|(hash, ..)| *hash);
    let row = |(hash, account, id): &(SessionHash, AccountId, SessionId)| {
        vec![(*hash).into(), (*account).into(), (*id).into()]
    };
    let rows: Vec<Vec<Value>> = sessions.iter().map(row).collect();
    let claimed = tx.rows_each(&SESSION_TOKEN_CLAIM, &rows).await?;
    claimed.iter().map(|row| row.array(0)).collect()
}

/// Begins sessions whose hashes are claimed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, sessions: &[&Session]) -> Result<()> {
    let row = |session: &&Session| {
        vec![
            session.account.into(),
            session.id.into(),
            session.kind.as_str().into(),
            session.label.clone().into(),
            session.created_at.into(),
            session.seen_at.into(),
            session.ends_at.into(),
            session.ended_at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = sessions.iter().map(row).collect();
    tx.execute_each(&SESSION_ADD, &rows).await?;
    Ok(())
}

/// Whose session presents this, and which, ended or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn owner(
    tx: &mut Transaction,
    hash: SessionHash,
) -> Result<Option<(AccountId, SessionId)>> {
    Ok(owners(tx, &[hash]).await?.remove(&hash))
}

/// The same of many sessions.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn owners(
    tx: &mut Transaction,
    hashes: &[SessionHash],
) -> Result<BTreeMap<SessionHash, (AccountId, SessionId)>> {
    let asked: Vec<Vec<Value>> = hashes.iter().map(|hash| vec![(*hash).into()]).collect();
    let rows = tx.rows_each(&SESSION_TOKEN_FIND, &asked).await?;
    rows.iter()
        .map(|row| Ok((row.array(0)?, (row.id(1)?, row.id(2)?))))
        .collect()
}

/// A session, ended or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(
    tx: &mut Transaction,
    account: AccountId,
    id: SessionId,
) -> Result<Option<Session>> {
    let row = tx.row(&SESSION_FIND, &[account.into(), id.into()]).await?;
    row.as_ref().map(session).transpose()
}

/// The sessions of an account that last at `now`, the latest used first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, account: AccountId, now: Timestamp) -> Result<Vec<Session>> {
    let rows = tx.rows(&SESSIONS_OF, &[account.into(), now.into()]).await?;
    rows.iter().map(session).collect()
}

/// Notes that a session was used.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn see(
    tx: &mut Transaction,
    account: AccountId,
    id: SessionId,
    at: Timestamp,
) -> Result<()> {
    let values = [account.into(), id.into(), at.into()];
    tx.execute(&SESSION_SEE, &values).await?;
    Ok(())
}

/// Ends a session; `false` if the account has no such session, or it was ended before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(
    tx: &mut Transaction,
    account: AccountId,
    id: SessionId,
    at: Timestamp,
) -> Result<bool> {
    let values = [account.into(), id.into(), at.into()];
    Ok(tx.execute(&SESSION_END, &values).await? > 0)
}

/// Ends every session of an account but one, if one is named; how many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_all(
    tx: &mut Transaction,
    account: AccountId,
    but: Option<SessionId>,
    at: Timestamp,
) -> Result<u64> {
    let but = but.map_or_else(|| Value::from([]), Value::from);
    tx.execute(&SESSIONS_END, &[account.into(), but, at.into()])
        .await
}

/// Deletes every session of an account: what presents one opens nothing from then on.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, account: AccountId) -> Result<u64> {
    tx.execute(&SESSIONS_DROP, &[account.into()]).await
}

/// How far a pass over everything that sessions present is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPass {
    /// What the pass is for: a pass of another day begins anew.
    pub turn: String,
    /// Everything up to this hash was looked at; `None` before the first.
    pub after: Option<SessionHash>,
    /// How many were looked at.
    pub seen: u64,
    /// How many sessions were deleted.
    pub forgotten: u64,
    /// Whether the end was reached.
    pub is_finished: bool,
}

/// How far the pass is; `None` if it never began.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn pass(tx: &mut Transaction) -> Result<Option<SessionPass>> {
    let row = tx.row(&CURSOR_FIND, &[PASS.into()]).await?;
    let pass = |row: Row| {
        Ok(SessionPass {
            turn: row.text(0)?,
            after: row.array_or_null(1)?,
            seen: row.number(2)?,
            forgotten: row.number(3)?,
            is_finished: row.int(4)? != 0,
        })
    };
    row.map(pass).transpose()
}

/// Looks at the next `limit` hashes of a pass: deletes sessions that were over before, and what presented
/// sessions that are gone, and notes how far the pass is. How many sessions were deleted.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_over(
    tx: &mut Transaction,
    pass: &mut SessionPass,
    before: Timestamp,
    limit: u32,
) -> Result<u64> {
    let after = pass.after.map_or_else(|| Value::from([]), Value::from);
    let page = tx
        .rows(&SESSION_TOKENS_AFTER, &[after, limit.into()])
        .await?;
    let mut tokens: Vec<(SessionHash, AccountId, SessionId)> = Vec::with_capacity(page.len());
    for row in &page {
        tokens.push((row.array(0)?, row.id(1)?, row.id(2)?));
    }
    let asked = tokens
        .iter()
        .map(|(_, account, id)| vec![(*account).into(), (*id).into()]);
    let found = tx
        .rows_each(&SESSION_FIND, &asked.collect::<Vec<_>>())
        .await?;
    let (mut lasting, mut over) = (BTreeSet::new(), Vec::new());
    for row in &found {
        let session = session(row)?;
        let ended = session.ended_at.unwrap_or(session.ends_at);
        match ended.min(session.ends_at) < before {
            true => over.push(vec![session.account.into(), session.id.into()]),
            false => drop(lasting.insert((session.account, session.id))),
        }
    }
    let gone = tokens
        .iter()
        .filter(|(_, account, id)| !lasting.contains(&(*account, *id)));
    let gone: Vec<Vec<Value>> = gone.map(|(hash, ..)| vec![(*hash).into()]).collect();
    tx.execute_each(&SESSION_TOKEN_FORGET, &gone).await?;
    let forgotten = tx.execute_each(&SESSION_FORGET, &over).await?;
    pass.is_finished = tokens.len() < limit as usize;
    pass.after = tokens.last().map(|(hash, ..)| *hash).or(pass.after);
    pass.seen += tokens.len() as u64;
    pass.forgotten += forgotten;
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let values = [
        PASS.into(),
        pass.turn.as_str().into(),
        pass.after.into(),
        count(pass.seen).into(),
        count(pass.forgotten).into(),
        i64::from(pass.is_finished).into(),
    ];
    tx.execute(&CURSOR_PUT, &values).await?;
    Ok(forgotten)
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        account: row.id(0)?,
        id: row.id(1)?,
        kind: row.text(2)?,
        label: row.text_or_null(3)?,
        created_at: row.time(4)?,
        seen_at: row.time(5)?,
        ends_at: row.time(6)?,
        ended_at: row.time_or_null(7)?,
    })
}
