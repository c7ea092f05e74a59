//! Which items of a submission may go in, and as what.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, Timestamp};
use store::Visit;
use store::evidence::{self, EvidenceKey};

use super::submit::{Accepted, Item, Receipt, refusal};
use super::{Subject, Submissions};
use crate::access::Submitter;
use crate::decisions::RequestOnce;
use crate::people::Whereabouts;
use crate::people::keys::{evidence_id, fact_id};
use crate::{Result, ServiceError};

/// What of a submission may go in. Visits are kept by person and by venue, apart from other evidence.
#[derive(Default)]
pub(super) struct Admitted {
    pub(super) receipt: Receipt,
    /// Where the people are, for the authority that submits.
    whereabouts: Whereabouts,
    /// Items that are refused by now, as they were accepted if this repeats an earlier request: codes
    /// that hold no more, and what was taken back since.
    pub(super) lapsed: Vec<Accepted>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) traces: Vec<store::TraceJob>,
    pub(super) visits: Vec<Visit>,
}

impl Submissions {
    /// Checks each item; the good ones become evidence or visits.
    pub(super) async fn admit_all(
        &self,
        by: &Submitter,
        once: Option<&RequestOnce>,
        items: Vec<Item>,
        now: Timestamp,
    ) -> Result<Admitted> {
        let subjects: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
        let people = self.people.find_all(&subjects).await?;
        let mut admitted = Admitted::default();
        if let Some(regions) = by.regions() {
            let found: Vec<PersonId> = people.iter().flatten().copied().collect();
            let asker = by.authority().id;
            let whereabouts = self.people.whereabouts(&found, asker, regions);
            admitted.whereabouts = whereabouts.await?;
        }
        let is_whole: Vec<bool> = items.iter().map(|item| item.said.is_whole()).collect();
        let said = items.into_iter().map(|item| item.said);
        let facts = self.facts_said(said, &mut admitted.receipt);
        let facts = self
            .within_the_day(by, once, facts, now, &mut admitted.receipt)
            .await?;
        for (index, (fact, person)) in facts.into_iter().zip(people).enumerate() {
            let id = match (&fact, person) {
                (Some(fact), Some(person)) if is_whole[index] => {
                    fact_id(by.authority().id, person, fact)
                }
                _ => evidence_id(&*self.ids, once, index),
            };
            let Some(fact) = fact else {
                admitted.lapsed.extend(person.map(|person| Accepted {
                    index,
                    evidence: id,
                    person,
                }));
                continue;
            };
            let admit = self.admit(by, id, fact, person, now, &mut admitted);
            match admit.await {
                Ok(person) => admitted.receipt.accepted.push(Accepted {
                    index,
                    evidence: id,
                    person,
                }),
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => admitted.receipt.refused.push(refusal(index, error)),
            }
        }
        self.know_again(&mut admitted, by.authority().id).await?;
        admitted.receipt.refused.sort_by_key(|one| one.index);
        Ok(admitted)
    }

    /// Names what this authority said before as it is named on record, so that it counts once, and refuses
    /// what was taken back since, by whomever: a list that is sent again every day does not undo that. It
    /// is known by what it says, since what was said of somebody before they were proven has another
    /// identifier since.
    async fn know_again(&self, admitted: &mut Admitted, authority: AuthorityId) -> Result<()> {
        let people: Vec<PersonId> = admitted.evidence.iter().map(|one| one.person).collect();
        if people.is_empty() {
            return Ok(());
        }
        let read = self.store.read(
            "evidence.of_authority",
            (people, authority),
            |tx, (people, authority)| Box::pin(evidence::of_authority(tx, people, *authority)),
        );
        let before = SaidBefore::of(&admitted.evidence, &read.await?);
        let mut refused = Vec::new();
        admitted.evidence.retain_mut(|piece| {
            piece.id = before.name(piece.person, piece.id);
            !before.is_withdrawn(piece.person, piece.id)
        });
        admitted.traces.retain_mut(|job| {
            job.diagnosis = before.name(job.person, job.diagnosis);
            !before.is_withdrawn(job.person, job.diagnosis)
        });
        admitted.receipt.accepted.retain_mut(|one| {
            one.evidence = before.name(one.person, one.evidence);
            let is_withdrawn = before.is_withdrawn(one.person, one.evidence);
            if is_withdrawn {
                refused.push(one.clone());
            }
            !is_withdrawn
        });
        for one in refused {
            let why = "this was said before and taken back; if it is true after all, send what is known \
                       better, such as the exact time";
            let error = ServiceError::field("item", why);
            admitted.receipt.refused.push(refusal(one.index, error));
            admitted.lapsed.push(one);
        }
        Ok(())
    }

    async fn admit(
        &self,
        by: &Submitter,
        id: EvidenceId,
        fact: Fact,
        person: Option<PersonId>,
        now: Timestamp,
        admitted: &mut Admitted,
    ) -> Result<PersonId> {
        let authority = by.authority();
        self.check_fact(by, &fact, now)?;
        let person = person.ok_or(ServiceError::UnknownPerson)?;
        let about = admitted.whereabouts.of(person);
        if let Fact::Visit { venue, period, .. } = fact {
            let venue = self.visits.venue(venue).await?;
            by.check_region(venue.region.map(|region| ("venue", region)), &about)?;
            let (category, venue) = (venue.category, venue.id);
            admitted.visits.push(Visit {
                id,
                person,
                venue,
                category,
                entered: period.begin(),
                left: period.end(),
            });
            return Ok(person);
        }
        let place = match &fact {
            Fact::Stay { region, .. } => Some(("region", *region)),
            _ => None,
        };
        by.check_region(place, &about)?;
        let evidence = Evidence {
            id,
            person,
            authority: authority.id,
            recorded_at: now,
            fact,
        };
        let job = self.cases.job_for(&evidence, by.staff());
        admitted.traces.extend(job.await?);
        admitted.evidence.push(evidence);
        Ok(person)
    }
}

/// What an authority said before.
#[derive(Default)]
struct SaidBefore {
    /// What is on record, under which identifier.
    names: BTreeMap<EvidenceKey, EvidenceId>,
    /// What was taken back since.
    withdrawn: BTreeSet<EvidenceKey>,
}

impl SaidBefore {
    /// Of these pieces, by what is known of each person from their authority.
    fn of(said: &[Evidence], known: &BTreeMap<PersonId, Vec<Evidence>>) -> Self {
        let mut before = Self::default();
        for piece in said {
            let known = known.get(&piece.person).map_or(&[][..], Vec::as_slice);
            let is_same =
                |one: &&Evidence| one.authority == piece.authority && one.fact == piece.fact;
            let is_withdrawn = |one: &&Evidence| {
                known
                    .iter()
                    .any(|other| matches!(other.fact, Fact::Withdrawal { of, .. } if of == one.id))
            };
            let (withdrawn, stands): (Vec<&Evidence>, Vec<&Evidence>) =
                known.iter().filter(is_same).partition(is_withdrawn);
            let Some(first) = stands.first().or(withdrawn.first()) else {
                continue;
            };
            before.names.insert((piece.person, piece.id), first.id);
            if stands.is_empty() {
                before.withdrawn.insert((piece.person, first.id));
            }
        }
        before
    }

    fn name(&self, person: PersonId, id: EvidenceId) -> EvidenceId {
        self.names.get(&(person, id)).copied().unwrap_or(id)
    }

    fn is_withdrawn(&self, person: PersonId, id: EvidenceId) -> bool {
        self.withdrawn.contains(&(person, id))
    }
}
