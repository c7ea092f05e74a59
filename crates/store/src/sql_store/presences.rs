//! Visits read page by page, and the claim to write all of them.

use async_trait::async_trait;
use domain::Timestamp;

use super::{SqlStore, visits};
use crate::database::{Row, Session, Value};
use crate::presences::{Presence, PresenceStore, VisitClaim};
use crate::queries::{PRESENCES_AFTER, VISIT_CLAIM, VISIT_CLAIM_END, VISIT_CLAIM_FIND};
use crate::{Recorded, Result, Visit};

/// The row that every writer of visits looks at.
const WRITER: &str = "visit_writer";

#[async_trait]
impl PresenceStore for SqlStore {
    async fn presences_after(
        &self,
        after: Option<Presence>,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Presence>> {
        let [venue, entered, visit] = after.map_or_else(
            || [Value::from([]), i64::MIN.into(), Value::from([])],
            |last| [last.venue.into(), last.entered.into(), last.visit.into()],
        );
        let values = [venue, entered, visit, since.into(), limit.into()];
        let mut session = self.database.reader().await?;
        let rows = session.rows(&PRESENCES_AFTER, &values).await?;
        rows.iter().map(read).collect()
    }

    async fn claim_visits(&self, claim: &VisitClaim) -> Result<()> {
        let work = self.database.write(claim.clone(), |session, claim| {
            Box::pin(async move {
                let row = session.one_row(&VISIT_CLAIM, &[WRITER.into()]).await?;
                claim.set(row.int(0)?);
                Ok(())
            })
        });
        work.await
    }

    async fn is_claim_standing(&self, claim: &VisitClaim) -> Result<bool> {
        let standing = standing(&mut self.database.reader().await?).await?;
        Ok(standing == Some(claim.number()))
    }

    async fn end_claim(&self, claim: &VisitClaim) -> Result<()> {
        let work = self.database.write(claim.clone(), |session, claim| {
            Box::pin(end(session, claim.number()))
        });
        work.await
    }

    async fn is_any_claim_standing(&self) -> Result<bool> {
        let standing = standing(&mut self.database.reader().await?).await?;
        Ok(standing.is_some())
    }

    async fn record_claimed(
        &self,
        claim: &VisitClaim,
        visits: &[Visit],
        recorded: Recorded,
    ) -> Result<Vec<Presence>> {
        let arguments = (claim.clone(), visits.to_vec(), recorded);
        let work = self
            .database
            .write(arguments, |session, (claim, visits, recorded)| {
                Box::pin(visits::record(session, visits, *recorded, Some(claim)))
            });
        work.await
    }
}

/// Ends the claim of anybody but `own`, in the transaction that writes a visit.
pub(super) async fn end_other_claim(session: &mut Session, own: Option<&VisitClaim>) -> Result<()> {
    let Some(number) = standing(session).await? else {
        return Ok(());
    };
    // Looked up after the row: a claim is known here before it is seen there.
    if own.is_none_or(|own| own.number() != number) {
        end(session, number).await?;
    }
    Ok(())
}

async fn end(session: &mut Session, number: i64) -> Result<()> {
    let values = [WRITER.into(), number.into()];
    session.execute(&VISIT_CLAIM_END, &values).await?;
    Ok(())
}

async fn standing(session: &mut Session) -> Result<Option<i64>> {
    let row = session.row(&VISIT_CLAIM_FIND, &[WRITER.into()]).await?;
    let number = row.map(|row| row.int(0)).transpose()?;
    Ok(number.filter(|number| number % 2 == 1))
}

fn read(row: &Row) -> Result<Presence> {
    Ok(Presence {
        visit: row.id(0)?,
        person: row.id(1)?,
        venue: row.id(2)?,
        entered: row.time(3)?,
        left: row.time_or_null(4)?,
    })
}
