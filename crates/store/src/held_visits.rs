//! Visits that wait for a tracer. No trace reads them.

use domain::{PersonId, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::queries::{HELD_VISIT_CASES, HELD_VISIT_DROP, HELD_VISIT_PUT, HELD_VISITS_OF};
use crate::{Result, Visit, Whose, visits};

/// Keeps visits until a tracer takes them in; one that is kept already stays as it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, held: &[Visit], at: Timestamp) -> Result<()> {
    let values = |visit: &Visit| {
        vec![
            visit.person.into(),
            visit.id.into(),
            visit.venue.into(),
            visit.category.clone().into(),
            visit.entered.into(),
            visit.left.into(),
            at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = held.iter().map(values).collect();
    tx.execute_each(&HELD_VISIT_PUT, &rows).await?;
    Ok(())
}

/// Those of a person, by entry time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<Visit>> {
    let rows = tx.rows(&HELD_VISITS_OF, &[person.into()]).await?;
    rows.iter().map(visits::read).collect()
}

/// Forgets that these wait; how many of them still did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop(tx: &mut Transaction, held: &[Visit]) -> Result<u64> {
    let rows: Vec<Vec<Value>> = held
        .iter()
        .map(|visit| vec![visit.person.into(), visit.id.into()])
        .collect();
    tx.execute_each(&HELD_VISIT_DROP, &rows).await
}

/// Cases of which some wait, after one of them in the order of their numbers, and how many visits do.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn cases(
    tx: &mut Transaction,
    whose: &Whose,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<(PersonId, u64)>> {
    let after: Value = after.map_or_else(|| [].into(), Value::from);
    let mut values = whose.values().to_vec();
    values.extend([after, limit.into()]);
    let rows = tx.rows(&HELD_VISIT_CASES, &values).await?;
    let read = |row: &Row| Ok((row.id(0)?, row.number(1)?));
    rows.iter().map(read).collect()
}
