//! Visits that wait for a tracer. No trace reads them.

use domain::evidence::Temperature;
use domain::{AuthorityId, PersonId, ScannerId, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::queries::{HELD_VISIT_CASES, HELD_VISIT_DROP, HELD_VISIT_PUT, HELD_VISITS_OF};
use crate::{Result, Visit, Whose, nearby, visits};

/// A visit that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldVisit {
    /// The visit, under the identifier that it has once it is taken in.
    pub visit: Visit,
    /// When it came in.
    pub held_at: Timestamp,
    /// What the gate said that recorded it; `None` if the phone of the person did.
    pub gate: Option<Gate>,
}

/// What goes with a visit that a scanner at a gate recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Which scanner.
    pub scanner: ScannerId,
    /// Whose it is.
    pub authority: AuthorityId,
    /// What was measured there.
    pub temperature: Option<Temperature>,
}

/// Keeps visits until a tracer takes them in; one that is kept already stays as it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, held: &[HeldVisit]) -> Result<()> {
    let values = |one: &HeldVisit| {
        let visit = &one.visit;
        let tenths = one.gate.and_then(|gate| gate.temperature);
        let tenths = tenths.map(|measured| i64::from(measured.tenths()));
        vec![
            visit.person.into(),
            visit.id.into(),
            visit.venue.into(),
            visit.category.clone().into(),
            visit.entered.into(),
            visit.left.into(),
            one.held_at.into(),
            one.gate.map(|gate| gate.scanner).into(),
            one.gate.map(|gate| gate.authority).into(),
            Value::Int(tenths),
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
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<HeldVisit>> {
    let rows = tx.rows(&HELD_VISITS_OF, &[person.into()]).await?;
    rows.iter().map(read).collect()
}

/// Forgets that these wait; how many of them still did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop(tx: &mut Transaction, held: &[HeldVisit]) -> Result<u64> {
    let rows: Vec<Vec<Value>> = held
        .iter()
        .map(|one| vec![one.visit.person.into(), one.visit.id.into()])
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
    nearby::cases(tx, &HELD_VISIT_CASES, whose, after, limit).await
}

fn read(row: &Row) -> Result<HeldVisit> {
    let tenths = row.int_or_null(9)?.map(Temperature::from_tenths);
    let temperature = tenths.transpose().map_err(|error| row.corrupt(9, error))?;
    let gate = |(scanner, authority)| Gate {
        scanner,
        authority,
        temperature,
    };
    Ok(HeldVisit {
        visit: visits::read(row)?,
        held_at: row.time(6)?,
        gate: row.id_or_null(7)?.zip(row.id_or_null(8)?).map(gate),
    })
}
