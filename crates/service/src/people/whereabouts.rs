//! Where people are, for the question whose business they are (design, section 9: regions isolate).
//!
//! A person is where they live and where they stayed within look-back. If nobody said that, they
//! are where the authorities are that submitted anything about them; and if none did, they are
//! nobody's yet, and the first authority to act may. What somebody's own authority said does not
//! count: otherwise it could reach anybody by saying first that they were there.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, Region, Regions, Timestamp};
use store::{StoreError, Transaction, evidence};

use super::PersonFinder;
use crate::Result;
use crate::access::{Resource, SELF_AUTHORITY, TRACER_AUTHORITY};

/// Where some people are, as far as others know.
#[derive(Default)]
pub(crate) enum Whereabouts {
    /// The caller is responsible for the whole installation.
    #[default]
    DoNotMatter,
    /// Of each what is known.
    Known(BTreeMap<PersonId, Vec<Region>>),
}

impl Whereabouts {
    /// A person, as something that an action may be done to.
    pub fn of(&self, person: PersonId) -> Resource {
        match self {
            Self::DoNotMatter => Resource::person(Vec::new()),
            Self::Known(known) => Resource::person(known.get(&person).cloned().unwrap_or_default()),
        }
    }
}

impl PersonFinder {
    /// Where these people are, for somebody of `asker` who is responsible for `regions`.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    pub async fn whereabouts(
        &self,
        people: &[PersonId],
        asker: AuthorityId,
        regions: &Regions,
    ) -> Result<Whereabouts> {
        if people.is_empty() || regions.cover(self.settings.issuer) {
            return Ok(Whereabouts::DoNotMatter);
        }
        let since = self.policies.context()?.look_back_from;
        let arguments = (people.to_vec(), since, asker);
        let read = self.store.read(
            "people.whereabouts",
            arguments,
            |tx, (people, since, asker)| Box::pin(said(tx, people, *since, *asker)),
        );
        let Said { mut stays, others } = read.await?;
        let named: BTreeSet<AuthorityId> = others.values().flatten().copied().collect();
        let named: Vec<AuthorityId> = named.into_iter().collect();
        let authorities = self.access.known_authorities(&named).await?;
        let region_of: BTreeMap<AuthorityId, Region> = authorities
            .iter()
            .map(|authority| (authority.id, authority.region))
            .collect();
        for (person, authorities) in others {
            let regions = authorities.iter().filter_map(|id| region_of.get(id));
            stays.insert(person, regions.copied().collect());
        }
        Ok(Whereabouts::Known(stays))
    }
}

/// What others than the asker said of people.
struct Said {
    /// Where they were.
    stays: BTreeMap<PersonId, Vec<Region>>,
    /// Of those of whom nobody said that: who said anything.
    others: BTreeMap<PersonId, BTreeSet<AuthorityId>>,
}

async fn said(
    tx: &mut Transaction,
    people: &[PersonId],
    since: Timestamp,
    asker: AuthorityId,
) -> Result<Said, StoreError> {
    let mut stays = BTreeMap::new();
    for (person, evidence) in evidence::stays(tx, people).await? {
        let regions = stayed(&evidence, since, asker);
        if !regions.is_empty() {
            stays.insert(person, regions);
        }
    }
    let unplaced = people.iter().copied();
    let unplaced: Vec<PersonId> = unplaced
        .filter(|person| !stays.contains_key(person))
        .collect();
    let mut others = BTreeMap::new();
    for (person, evidence) in evidence::since(tx, &unplaced, since, false).await? {
        let facts = evidence.iter().filter(|piece| is_fact(piece));
        let by = facts.map(|piece| piece.authority);
        let by = by.filter(|by| ![SELF_AUTHORITY, TRACER_AUTHORITY, asker].contains(by));
        let by: BTreeSet<AuthorityId> = by.collect();
        if !by.is_empty() {
            others.insert(person, by);
        }
    }
    Ok(Said { stays, others })
}

/// Where others say that the person was within look-back, unless it was withdrawn.
fn stayed(evidence: &[Evidence], since: Timestamp, asker: AuthorityId) -> Vec<Region> {
    let withdrawn: BTreeSet<EvidenceId> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let counts = |piece: &&Evidence| {
        piece.authority != asker
            && !withdrawn.contains(&piece.id)
            && piece.fact.ends().is_none_or(|end| end >= since)
    };
    let regions = evidence.iter().filter(counts);
    let regions = regions.filter_map(|piece| match &piece.fact {
        Fact::Stay { region, .. } => Some(*region),
        _ => None,
    });
    regions.collect()
}

const fn is_fact(piece: &Evidence) -> bool {
    !matches!(piece.fact, Fact::Withdrawal { .. })
}
