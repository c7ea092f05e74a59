//! What goes with a visit that a scanner at a gate recorded: which one, and what was measured there.
//! Nothing that decides about a person reads it (invariant 12).

use domain::evidence::Temperature;
use domain::{EvidenceId, PersonId, ScannerId};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{DOOR_VISIT_ADD, DOOR_VISITS_OF};

/// A visit that a scanner recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorVisit {
    /// Who.
    pub person: PersonId,
    /// Which visit.
    pub visit: EvidenceId,
    /// Which scanner recorded it.
    pub scanner: ScannerId,
    /// What was measured at the gate.
    pub temperature: Option<Temperature>,
}

/// Notes visits, each once: what came first stays, but that a temperature is added where none was measured.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, visits: &[DoorVisit]) -> Result<()> {
    let rows: Vec<Vec<Value>> = visits
        .iter()
        .map(|one| {
            let tenths = one.temperature.map(|measured| i64::from(measured.tenths()));
            vec![
                one.person.into(),
                one.visit.into(),
                one.scanner.into(),
                Value::Int(tenths),
            ]
        })
        .collect();
    tx.execute_each(&DOOR_VISIT_ADD, &rows).await?;
    Ok(())
}

/// Those of a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<DoorVisit>> {
    let rows = tx.rows(&DOOR_VISITS_OF, &[person.into()]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<DoorVisit> {
    let tenths = row.int_or_null(3)?.map(Temperature::from_tenths);
    Ok(DoorVisit {
        person: row.id(0)?,
        visit: row.id(1)?,
        scanner: row.id(2)?,
        temperature: tenths.transpose().map_err(|error| row.corrupt(3, error))?,
    })
}
