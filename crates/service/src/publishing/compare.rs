//! Everybody decided under two policies or levels, to see whom a proposal would change: from the
//! columns of the mirror and, for whoever has newer evidence, from the database; without a mirror from
//! the database alone, page by page.
//!
//! Both ways give the same. Visits are not followed by the mirror, so a policy that reads them is
//! compared without it.

use domain::{PersonId, ProposalId, Timestamp};
use tracing::{debug, warn};

use crate::difference::{Side, Tally};
use crate::in_force::reads_visits;
use crate::mirror::Mirror;
use crate::service::Service;
use crate::{Result, ServiceError};

impl Service {
    /// Decides everybody on both sides at `now`.
    pub(crate) async fn tally(
        &self,
        proposal: ProposalId,
        before: &Side,
        after: &Side,
        now: Timestamp,
    ) -> Result<Tally> {
        let sides = [before, after].into_iter();
        let mut policies = sides.filter_map(|side| side.policy.as_ref());
        if let Some(kept) = self.mirror.get()
            && !policies.any(|policy| reads_visits(policy))
        {
            match self
                .tally_mirror(&kept.mirror, proposal, before, after, now)
                .await
            {
                Ok(Some(tally)) => return Ok(tally),
                Ok(None) => debug!("no mirror can be used; everybody is read from the database"),
                Err(error) => {
                    kept.mirror.look_again();
                    warn!(%error, "the mirror is not used; everybody is read from the database");
                }
            }
        }
        let (mut tally, mut last) = (Tally::default(), None);
        loop {
            let limit = self.settings.people_per_batch.max(1);
            let people = self.store.people_after(last, limit).await?;
            tally = self
                .tally_page(proposal, tally, &people, before, after, now)
                .await?;
            last = people.last().copied().or(last);
            if people.len() < limit as usize {
                return Ok(tally);
            }
        }
    }

    /// The same from the mirror and, for whoever it may lack evidence about, from the database.
    async fn tally_mirror(
        &self,
        mirror: &Mirror,
        proposal: ProposalId,
        before: &Side,
        after: &Side,
        now: Timestamp,
    ) -> Result<Option<Tally>> {
        let Some(snapshot) = mirror.snapshot().await? else {
            return Ok(None);
        };
        let (dir, apart) = (snapshot.dir, snapshot.apart);
        let (old, new) = (before.clone(), after.clone());
        let counted = tokio::task::spawn_blocking(move || {
            let mut tally = Tally::default();
            tally.count_mirror(&dir, &apart, &old, &new, now)?;
            Ok(tally)
        });
        let counted: Result<Tally> = counted.await.map_err(interrupted)?;
        let mut tally = counted?;
        let limit = self.settings.people_per_batch.max(1);
        for people in snapshot.from_record.chunks(limit as usize) {
            tally = self
                .tally_page(proposal, tally, people, before, after, now)
                .await?;
        }
        Ok(Some(tally))
    }

    /// Adds some people, from the database.
    async fn tally_page(
        &self,
        proposal: ProposalId,
        mut tally: Tally,
        people: &[PersonId],
        before: &Side,
        after: &Side,
        now: Timestamp,
    ) -> Result<Tally> {
        self.comparing.tell(Some((proposal, tally.people)));
        let policies = [before, after]
            .into_iter()
            .filter_map(|side| side.policy.as_ref());
        let look_back = policies.map(|policy| policy.look_back().at_most()).max();
        let since = look_back.and_then(|span| now.checked_sub(span).ok());
        let since = since.unwrap_or(Timestamp::MIN);
        let mut page = Vec::with_capacity(people.len());
        for person in people {
            page.push((*person, self.store.evidence_of(*person, since).await?));
        }
        let (old, new) = (before.clone(), after.clone());
        let counted = tokio::task::spawn_blocking(move || {
            tally.count(&page, &old, &new, now);
            tally
        });
        counted.await.map_err(interrupted)
    }
}

fn interrupted(error: tokio::task::JoinError) -> ServiceError {
    ServiceError::Interrupted(error.to_string())
}
