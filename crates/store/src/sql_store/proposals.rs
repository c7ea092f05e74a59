//! Proposals and their end, and how far the walk over everybody is.

use async_trait::async_trait;
use domain::ProposalId;

use super::{SqlStore, publications};
use crate::database::{Row, Session};
use crate::proposals::{
    Comparison, ProposalKind, ProposalRecord, ProposalStore, Publishable, Settlement, Signature,
    WalkRecord,
};
use crate::queries::{
    PEOPLE_COUNT, PROPOSAL_ADD, PROPOSAL_APPROVE, PROPOSAL_COMPARED, PROPOSAL_FIND,
    PROPOSAL_REJECT, PROPOSALS, PROPOSALS_OUTDATE, PROPOSALS_WAITING, WALK_FIND, WALK_PUT,
};
use crate::{Publication, Result, StoreError};

/// The one walk there is.
const EVERYBODY: &str = "everybody";

#[async_trait]
impl ProposalStore for SqlStore {
    async fn propose(
        &self,
        id: ProposalId,
        kind: ProposalKind,
        content: &str,
        by: &Signature,
    ) -> Result<()> {
        let arguments = (id, kind, content.to_owned(), by.clone());
        let work = self.database.write(arguments, |session, arguments| {
            let (id, kind, content, by) = arguments;
            Box::pin(add(session, *id, *kind, content, by))
        });
        work.await
    }

    async fn proposal(&self, id: ProposalId) -> Result<Option<ProposalRecord>> {
        let mut session = self.database.reader().await?;
        let row = session.row(&PROPOSAL_FIND, &[id.into()]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn proposals(&self, limit: u32) -> Result<Vec<ProposalRecord>> {
        let mut session = self.database.reader().await?;
        let rows = session.rows(&PROPOSALS, &[limit.into()]).await?;
        rows.iter().map(read).collect()
    }

    async fn waiting_proposals(&self) -> Result<Vec<ProposalRecord>> {
        let mut session = self.database.reader().await?;
        let rows = session.rows(&PROPOSALS_WAITING, &[]).await?;
        rows.iter().map(read).collect()
    }

    async fn note_comparison(&self, id: ProposalId, comparison: &Comparison) -> Result<bool> {
        let arguments = (id, comparison.clone());
        let work = self.database.write(arguments, |session, (id, comparison)| {
            Box::pin(note_comparison(session, *id, comparison))
        });
        work.await
    }

    async fn approve(
        &self,
        id: ProposalId,
        base: &str,
        by: &Signature,
        reason: &str,
        what: Publishable,
    ) -> Result<bool> {
        let approval = Approval {
            id,
            base: base.to_owned(),
            by: by.clone(),
            reason: reason.to_owned(),
            what,
        };
        let work = self.database.write(approval, |session, approval| {
            Box::pin(approve(session, approval))
        });
        work.await
    }

    async fn reject(&self, id: ProposalId, by: &Signature, reason: &str) -> Result<bool> {
        let arguments = (id, by.clone(), reason.to_owned());
        let work = self.database.write(arguments, |session, (id, by, reason)| {
            Box::pin(reject(session, *id, by, reason))
        });
        work.await
    }

    async fn walk(&self) -> Result<Option<WalkRecord>> {
        let mut session = self.database.reader().await?;
        let row = session.row(&WALK_FIND, &[EVERYBODY.into()]).await?;
        let walk = |row: Row| {
            Ok(WalkRecord {
                in_force: row.text(0)?,
                after: row.id_or_null(1)?,
                decided: row.number(2)?,
                changed: row.number(3)?,
                is_finished: row.int(4)? != 0,
            })
        };
        row.map(walk).transpose()
    }

    async fn note_walk(&self, walk: &WalkRecord) -> Result<()> {
        let work = self.database.write(walk.clone(), |session, walk| {
            Box::pin(note_walk(session, walk))
        });
        work.await
    }

    async fn count_people(&self) -> Result<u64> {
        let mut session = self.database.reader().await?;
        session.one_row(&PEOPLE_COUNT, &[]).await?.number(0)
    }
}

struct Approval {
    id: ProposalId,
    base: String,
    by: Signature,
    reason: String,
    what: Publishable,
}

async fn add(
    session: &mut Session,
    id: ProposalId,
    kind: ProposalKind,
    content: &str,
    by: &Signature,
) -> Result<()> {
    let values = [
        id.into(),
        word(kind).into(),
        content.into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
    ];
    session.execute(&PROPOSAL_ADD, &values).await?;
    Ok(())
}

async fn note_comparison(
    session: &mut Session,
    id: ProposalId,
    comparison: &Comparison,
) -> Result<bool> {
    let values = [
        id.into(),
        comparison.base.as_str().into(),
        comparison.difference.as_str().into(),
        comparison.at.into(),
    ];
    Ok(session.execute(&PROPOSAL_COMPARED, &values).await? > 0)
}

async fn approve(session: &mut Session, approval: &Approval) -> Result<bool> {
    let Approval {
        id,
        base,
        by,
        reason,
        what,
    } = approval;
    let values = [
        (*id).into(),
        base.as_str().into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
        reason.as_str().into(),
    ];
    if session.execute(&PROPOSAL_APPROVE, &values).await? == 0 {
        return Ok(false);
    }
    session.execute(&PROPOSALS_OUTDATE, &[]).await?;
    let row = session.one_row(&PROPOSAL_FIND, &[(*id).into()]).await?;
    let published = Publication {
        by: format!("{}, approved by {}", read(&row)?.proposed.name, by.name),
        at: by.at,
    };
    match what {
        Publishable::Policy(policy) => {
            publications::publish_policy(session, policy, &published).await?;
        }
        Publishable::Levels(levels) => {
            publications::publish_levels(session, levels, &published).await?;
        }
    }
    Ok(true)
}

async fn reject(
    session: &mut Session,
    id: ProposalId,
    by: &Signature,
    reason: &str,
) -> Result<bool> {
    let values = [
        id.into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
        reason.into(),
    ];
    Ok(session.execute(&PROPOSAL_REJECT, &values).await? > 0)
}

async fn note_walk(session: &mut Session, walk: &WalkRecord) -> Result<()> {
    let count = |people: u64| i64::try_from(people).unwrap_or(i64::MAX);
    let values = [
        EVERYBODY.into(),
        walk.in_force.as_str().into(),
        walk.after.into(),
        count(walk.decided).into(),
        count(walk.changed).into(),
        i64::from(walk.is_finished).into(),
    ];
    session.execute(&WALK_PUT, &values).await?;
    Ok(())
}

const fn word(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::Policy => "policy",
        ProposalKind::Levels => "levels",
    }
}

fn read(row: &Row) -> Result<ProposalRecord> {
    let kinds = [ProposalKind::Policy, ProposalKind::Levels];
    let written = row.text(1)?;
    let kind = kinds.into_iter().find(|kind| word(*kind) == written);
    Ok(ProposalRecord {
        id: row.id(0)?,
        kind: kind.ok_or_else(|| row.corrupt(1, "no such kind"))?,
        content: row.text(2)?,
        proposed: Signature {
            authority: row.id(3)?,
            name: row.text(4)?,
            at: row.time(5)?,
        },
        comparison: comparison(row)?,
        settled: settlement(row)?,
    })
}

fn comparison(row: &Row) -> Result<Option<Comparison>> {
    let Some(base) = row.text_or_null(6)? else {
        return Ok(None);
    };
    Ok(Some(Comparison {
        base,
        difference: row.text(7)?,
        at: row.time(8)?,
    }))
}

fn settlement(row: &Row) -> Result<Option<Settlement>> {
    let is_approved = match row.text_or_null(9)?.as_deref() {
        None => return Ok(None),
        Some("approved") => true,
        Some("rejected") => false,
        Some(_) => return Err::<_, StoreError>(row.corrupt(9, "no such outcome")),
    };
    Ok(Some(Settlement {
        is_approved,
        by: Signature {
            authority: row.id(10)?,
            name: row.text(11)?,
            at: row.time(12)?,
        },
        reason: row.text(13)?,
    }))
}
