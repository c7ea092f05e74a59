//! Memberships, each written by person and by group.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};

use super::{SqlStore, traces};
use crate::companions::{CompanionStore, GroupReach, Membership};
use crate::database::{Row, Session};
use crate::queries::{
    LATE_MEMBERSHIP_DROP, LATE_MEMBERSHIP_PUT, LATE_MEMBERSHIPS, MEMBERS_OF,
    MEMBERSHIP_PUT_BY_GROUP, MEMBERSHIP_PUT_BY_PERSON, MEMBERSHIPS_OF, TRACE_GROUP_PUT,
    TRACES_IN_GROUP, TRACES_OF_CARRIER,
};
use crate::{Result, TraceJob};

#[async_trait]
impl CompanionStore for SqlStore {
    async fn put_memberships(
        &self,
        memberships: &[Membership],
        by: AuthorityId,
        at: Timestamp,
    ) -> Result<u32> {
        let mut memberships = memberships.to_vec();
        // In order, so that no two transactions wait for each other.
        memberships.sort_by_key(|one| (one.person, one.group, one.from));
        let work = self
            .database
            .write((memberships, by, at), |session, (memberships, by, at)| {
                Box::pin(put(session, memberships, *by, *at))
            });
        work.await
    }

    async fn memberships_of(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Membership>> {
        let values = [person.into(), from.into(), until.into()];
        let mut session = self.database.reader().await?;
        let rows = session.rows(&MEMBERSHIPS_OF, &values).await?;
        rows.iter().map(read).collect()
    }

    async fn members_of(
        &self,
        group: GroupId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Membership>> {
        let values = [group.into(), from.into(), until.into()];
        let mut session = self.database.reader().await?;
        let rows = session.rows(&MEMBERS_OF, &values).await?;
        rows.iter().map(read).collect()
    }

    async fn note_groups(&self, job: &TraceJob, groups: &[GroupReach]) -> Result<()> {
        let arguments = (job.clone(), groups.to_vec());
        let work = self.database.write(arguments, |session, (job, groups)| {
            Box::pin(note(session, job, groups))
        });
        work.await
    }

    async fn reopen_traces_of_companions(&self, limit: u32) -> Result<u32> {
        let work = self
            .database
            .write(limit, |session, limit| Box::pin(reopen(session, *limit)));
        work.await
    }
}

async fn put(
    session: &mut Session,
    memberships: &[Membership],
    by: AuthorityId,
    at: Timestamp,
) -> Result<u32> {
    let mut changed = 0;
    for one in memberships {
        let (person, group, from) = (one.person, one.group, one.from);
        let kind = one.kind.as_str();
        let values = [
            person.into(),
            group.into(),
            from.into(),
            kind.into(),
            one.until.into(),
            by.into(),
            at.into(),
        ];
        let row = session.row(&MEMBERSHIP_PUT_BY_PERSON, &values).await?;
        let Some(row) = row else {
            continue;
        };
        let until = row.time_or_null(0)?;
        let values = [
            group.into(),
            person.into(),
            from.into(),
            kind.into(),
            until.into(),
        ];
        session.execute(&MEMBERSHIP_PUT_BY_GROUP, &values).await?;
        let until = until.unwrap_or(Timestamp::MAX);
        let values = [person.into(), group.into(), from.into(), until.into()];
        session.execute(&LATE_MEMBERSHIP_PUT, &values).await?;
        changed += 1;
    }
    Ok(changed)
}

async fn note(session: &mut Session, job: &TraceJob, groups: &[GroupReach]) -> Result<()> {
    for reach in groups {
        let values = [
            reach.group.into(),
            job.person.into(),
            job.diagnosis.into(),
            reach.from.into(),
            reach.until.into(),
        ];
        session.execute(&TRACE_GROUP_PUT, &values).await?;
    }
    Ok(())
}

async fn reopen(session: &mut Session, limit: u32) -> Result<u32> {
    let late = session.rows(&LATE_MEMBERSHIPS, &[limit.into()]).await?;
    let mut touched = BTreeSet::new();
    for row in &late {
        let (person, group): (PersonId, GroupId) = (row.id(0)?, row.id(1)?);
        let (from, until) = (row.time(2)?, row.time(3)?);
        // Forgotten first: what is on its way about the same membership is waited for here.
        let values = [person.into(), group.into(), from.into(), until.into()];
        session.execute(&LATE_MEMBERSHIP_DROP, &values).await?;
        // It may have counted as longer before; whatever comes after its beginning may be touched.
        let until = Timestamp::MAX;
        let followed = [person.into(), from.into(), until.into()];
        let looked_at = [group.into(), from.into(), until.into()];
        for (query, values) in [
            (&TRACES_OF_CARRIER, followed),
            (&TRACES_IN_GROUP, looked_at),
        ] {
            for row in session.rows(query, &values).await? {
                touched.insert((row.id(0)?, row.id(1)?));
            }
        }
    }
    traces::open_again(session, touched).await?;
    Ok(u32::try_from(late.len()).unwrap_or(u32::MAX))
}

fn read(row: &Row) -> Result<Membership> {
    Ok(Membership {
        person: row.id(0)?,
        group: row.id(1)?,
        kind: row.word(2)?,
        from: row.time(3)?,
        until: row.time_or_null(4)?,
    })
}
