//! Changes of colour that people have to be told.

use std::collections::BTreeSet;

use domain::{EvidenceId, PersonId, Status, Timestamp};

use crate::database::{Session, Value};
use crate::queries::{OUTBOX_ADD, OUTBOX_DELIVERED, OUTBOX_WAITING};
use crate::{ColourChange, Result};

pub(super) async fn add(session: &mut Session, change: &ColourChange) -> Result<()> {
    let values = [
        change.person.into(),
        change.id.into(),
        Value::Text(
            change
                .before
                .map(|before: Status| before.as_str().to_owned()),
        ),
        change.after.as_str().into(),
        change.at.into(),
    ];
    session.execute(&OUTBOX_ADD, &values).await?;
    Ok(())
}

pub(super) async fn waiting(session: &mut Session, limit: u32) -> Result<Vec<ColourChange>> {
    let rows = session.rows(&OUTBOX_WAITING, &[limit.into()]).await?;
    let change = |row: &crate::database::Row| {
        Ok(ColourChange {
            person: row.id(0)?,
            id: row.id(1)?,
            before: row.word_or_null(2)?,
            after: row.word(3)?,
            at: row.time(4)?,
        })
    };
    rows.iter().map(change).collect()
}

pub(super) async fn delivered(
    session: &mut Session,
    messages: &[(PersonId, EvidenceId)],
    at: Timestamp,
) -> Result<()> {
    // In order, so that no two transactions wait for each other.
    for (person, id) in messages.iter().collect::<BTreeSet<_>>() {
        let values = [(*person).into(), (*id).into(), at.into()];
        session.execute(&OUTBOX_DELIVERED, &values).await?;
    }
    Ok(())
}
