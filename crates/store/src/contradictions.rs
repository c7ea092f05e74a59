//! What people declared, held against what others recorded: found, heard, settled. What people say is sealed
//! before it comes here.

use domain::{AuthorityId, ContradictionId, EvidenceId, PersonId, StaffId, Timestamp};

use crate::appeals::SealedWith;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    CONTRADICTION_ADD, CONTRADICTION_FIND, CONTRADICTION_FORGET, CONTRADICTION_RESEAL,
    CONTRADICTION_SAY, CONTRADICTION_SETTLE, CONTRADICTION_TOLD, CONTRADICTIONS_OF,
    CONTRADICTIONS_OLD, CONTRADICTIONS_SEALED_BEFORE, CONTRADICTIONS_SEALED_IN,
    CONTRADICTIONS_SEALED_WITH, CONTRADICTIONS_TO_TELL, CONTRADICTIONS_WAITING,
};
use crate::{Result, Whose};

/// A contradiction as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContradictionRecord {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub id: ContradictionId,
    /// What it is about, as a word.
    pub about: String,
    /// What the person declared.
    pub declared: EvidenceId,
    /// What somebody recorded.
    pub recorded: EvidenceId,
    /// When it was found.
    pub found_at: Timestamp,
    /// Until when the person has time to say something before it is confirmed without.
    pub hear_by: Timestamp,
    /// With which keys what is sealed of it is.
    pub seal: SealedWith,
    /// What the person says; `None` while they said nothing.
    pub said: Option<Hearing>,
    /// How it was settled; `None` while it waits.
    pub settled: Option<ContradictionSettled>,
    /// When the person was sent a message that they may say something, or it was found that they cannot be
    /// sent one; `None` until then.
    pub told_at: Option<Timestamp>,
}

/// A contradiction of which the person is to be told, so that they are heard first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToHear {
    /// Whose.
    pub person: PersonId,
    /// Which; identifies the message.
    pub id: ContradictionId,
    /// When it was found.
    pub found_at: Timestamp,
    /// Until when they have time to say something before it is confirmed without.
    pub hear_by: Timestamp,
}

/// What a person says about a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// When.
    pub at: Timestamp,
    /// What, sealed for the person.
    pub said: Vec<u8>,
    /// Who wrote it down; `None` if the person did.
    pub to: Option<StaffId>,
}

/// How a contradiction was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContradictionSettled {
    /// When.
    pub at: Timestamp,
    /// How, as a word.
    pub outcome: String,
    /// By whom, and for which authority; `None` if the program dropped it.
    pub by: Option<(StaffId, AuthorityId)>,
    /// Why, sealed for the person; empty if the program dropped it.
    pub reasons: Vec<u8>,
}

/// Where a page of what waits goes on: after what the person had until then to say, of whom, and which.
pub type WaitingPlace = (Timestamp, PersonId, ContradictionId);

/// Which contradiction of whom.
pub type ContradictionKey = (PersonId, ContradictionId);

/// Keeps contradictions, settled or not; how many of them were not known.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, found: &[ContradictionRecord]) -> Result<u64> {
    let row = |one: &ContradictionRecord| {
        let (said, settled) = (one.said.as_ref(), one.settled.as_ref());
        let by = settled.and_then(|end| end.by);
        vec![
            one.person.into(),
            one.id.into(),
            one.about.as_str().into(),
            one.declared.into(),
            one.recorded.into(),
            one.found_at.into(),
            one.hear_by.into(),
            i64::from(one.seal.key).into(),
            i64::from(one.seal.month).into(),
            said.map(|said| said.said.as_slice()).into(),
            said.map(|said| said.at).into(),
            said.and_then(|said| said.to).into(),
            settled.map(|end| end.at).into(),
            settled.map(|end| end.outcome.clone()).into(),
            by.map(|by| by.0).into(),
            by.map(|by| by.1).into(),
            settled.map(|end| end.reasons.as_slice()).into(),
            one.told_at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = found.iter().map(row).collect();
    tx.execute_each(&CONTRADICTION_ADD, &rows).await
}

/// A contradiction.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(
    tx: &mut Transaction,
    (person, id): ContradictionKey,
) -> Result<Option<ContradictionRecord>> {
    let values = [person.into(), id.into()];
    let row = tx.row(&CONTRADICTION_FIND, &values).await?;
    row.as_ref().map(read).transpose()
}

/// All contradictions of these people, of each the newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, people: &[PersonId]) -> Result<Vec<ContradictionRecord>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let rows = tx.rows_each(&CONTRADICTIONS_OF, &asked).await?;
    rows.iter().map(read).collect()
}

/// One page of what waits.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(
    tx: &mut Transaction,
    whose: &Whose,
    hear_by: Timestamp,
    after: Option<WaitingPlace>,
    limit: u32,
) -> Result<Vec<ContradictionRecord>> {
    let (at, person, id): (Value, Value, Value) = match after {
        Some((at, person, id)) => (at.into(), person.into(), id.into()),
        None => (i64::MIN.into(), [].into(), [].into()),
    };
    let mut values = whose.values().to_vec();
    values.extend([at, person, id, hear_by.into(), limit.into()]);
    let rows = tx.rows(&CONTRADICTIONS_WAITING, &values).await?;
    rows.iter().map(read).collect()
}

/// The next contradictions of which the person is still to be told and that they have time to speak of at
/// `now`, the first found first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn to_tell(tx: &mut Transaction, now: Timestamp, limit: u32) -> Result<Vec<ToHear>> {
    let rows = tx
        .rows(&CONTRADICTIONS_TO_TELL, &[now.into(), limit.into()])
        .await?;
    let one = |row: &Row| {
        Ok(ToHear {
            person: row.id(0)?,
            id: row.id(1)?,
            found_at: row.time(2)?,
            hear_by: row.time(3)?,
        })
    };
    rows.iter().map(one).collect()
}

/// Notes that people were told, or that nobody could be.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn told(tx: &mut Transaction, which: &[ContradictionKey], at: Timestamp) -> Result<()> {
    // In order, so that no two transactions wait for each other.
    let mut which = which.to_vec();
    which.sort_unstable();
    let values = |(person, id): &ContradictionKey| vec![(*person).into(), (*id).into(), at.into()];
    let rows: Vec<Vec<Value>> = which.iter().map(values).collect();
    tx.execute_each(&CONTRADICTION_TOLD, &rows).await?;
    Ok(())
}

/// Keeps what a person says in the place of what they said before; `false` if it was settled, or if
/// somebody else writes down what the person has written themselves.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn say(
    tx: &mut Transaction,
    (person, id): ContradictionKey,
    hearing: &Hearing,
) -> Result<bool> {
    let values = [
        person.into(),
        id.into(),
        hearing.said.as_slice().into(),
        hearing.at.into(),
        hearing.to.into(),
        i64::from(hearing.to.is_some()).into(),
    ];
    Ok(tx.execute(&CONTRADICTION_SAY, &values).await? > 0)
}

/// Settles a contradiction; `false`, with nothing changed, if it was settled before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn settle(
    tx: &mut Transaction,
    which: ContradictionKey,
    settled: &ContradictionSettled,
) -> Result<bool> {
    Ok(settle_all(tx, &[which], settled).await? > 0)
}

/// Settles contradictions in the same way; how many had not been settled before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn settle_all(
    tx: &mut Transaction,
    which: &[ContradictionKey],
    settled: &ContradictionSettled,
) -> Result<u64> {
    let values = |(person, id): &ContradictionKey| {
        vec![
            (*person).into(),
            (*id).into(),
            settled.at.into(),
            settled.outcome.as_str().into(),
            settled.by.map(|by| by.0).into(),
            settled.by.map(|by| by.1).into(),
            settled.reasons.as_slice().into(),
        ]
    };
    let rows: Vec<Vec<Value>> = which.iter().map(values).collect();
    tx.execute_each(&CONTRADICTION_SETTLE, &rows).await
}

/// Those that an older key of the vault sealed, or the key of an earlier month, at most so many, in order of
/// person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_before(
    tx: &mut Transaction,
    seal: SealedWith,
    after: Option<ContradictionKey>,
    limit: u32,
) -> Result<Vec<ContradictionRecord>> {
    let (person, id): (Value, Value) = match after {
        Some((person, id)) => (person.into(), id.into()),
        None => ([].into(), [].into()),
    };
    let key = i64::from(seal.key).into();
    let month = i64::from(seal.month).into();
    let values = [key, month, person, id, limit.into()];
    let rows = tx.rows(&CONTRADICTIONS_SEALED_BEFORE, &values).await?;
    rows.iter().map(read).collect()
}

/// How many still need the key of a month before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_in_months_before(tx: &mut Transaction, month: u16) -> Result<u64> {
    let values = [i64::from(month).into()];
    tx.one_row(&CONTRADICTIONS_SEALED_IN, &values)
        .await?
        .number(0)
}

/// How many a key of the vault sealed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_with(tx: &mut Transaction, key: u8) -> Result<u64> {
    let values = [i64::from(key).into()];
    tx.one_row(&CONTRADICTIONS_SEALED_WITH, &values)
        .await?
        .number(0)
}

/// Puts in place what is sealed anew, unless something was said, settled or sealed since `before` was read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reseal(
    tx: &mut Transaction,
    before: &ContradictionRecord,
    fresh: &ContradictionRecord,
) -> Result<()> {
    let said = fresh.said.as_ref().map(|said| said.said.as_slice());
    let reasons = fresh.settled.as_ref().map(|end| end.reasons.as_slice());
    let said_at = before.said.as_ref().map_or(-1, |said| said.at.as_second());
    let settled_at = before.settled.as_ref().map_or(-1, |end| end.at.as_second());
    let values = [
        before.person.into(),
        before.id.into(),
        i64::from(before.seal.key).into(),
        i64::from(before.seal.month).into(),
        i64::from(fresh.seal.key).into(),
        i64::from(fresh.seal.month).into(),
        said.into(),
        reasons.into(),
        said_at.into(),
        settled_at.into(),
    ];
    tx.execute(&CONTRADICTION_RESEAL, &values).await?;
    Ok(())
}

/// Those of these people that were settled before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn old(
    tx: &mut Transaction,
    people: &[PersonId],
    before: Timestamp,
) -> Result<Vec<ContradictionKey>> {
    let asked: Vec<Vec<Value>> = people
        .iter()
        .map(|person| vec![(*person).into(), before.into()])
        .collect();
    let rows = tx.rows_each(&CONTRADICTIONS_OLD, &asked).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// Deletes contradictions; how many there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, which: &[ContradictionKey]) -> Result<u64> {
    let rows: Vec<Vec<Value>> = which
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    tx.execute_each(&CONTRADICTION_FORGET, &rows).await
}

fn read(row: &Row) -> Result<ContradictionRecord> {
    let said_at = row.time_or_null(10)?;
    let hearing = said_at.map(|at| -> Result<Hearing> {
        Ok(Hearing {
            at,
            said: row.bytes_or_null(9)?.unwrap_or_default().to_vec(),
            to: row.id_or_null(11)?,
        })
    });
    let settled_at = row.time_or_null(12)?;
    let settled = settled_at.map(|at| -> Result<ContradictionSettled> {
        let (staff, authority) = (row.id_or_null(14)?, row.id_or_null(15)?);
        Ok(ContradictionSettled {
            at,
            outcome: row.text(13)?,
            by: staff.zip(authority),
            reasons: row.bytes_or_null(16)?.unwrap_or_default().to_vec(),
        })
    });
    Ok(ContradictionRecord {
        person: row.id(0)?,
        id: row.id(1)?,
        about: row.text(2)?,
        declared: row.id(3)?,
        recorded: row.id(4)?,
        found_at: row.time(5)?,
        hear_by: row.time(6)?,
        seal: SealedWith {
            key: row.number(7)?,
            month: row.number(8)?,
        },
        said: hearing.transpose()?,
        settled: settled.transpose()?,
        told_at: row.time_or_null(17)?,
    })
}
