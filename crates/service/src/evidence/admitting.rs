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
    /// that hold no more, what was taken back since, and who lives elsewhere by now.
    pub(super) lapsed: Vec<Accepted>,
    /// Which of the evidence is on record already.
    pub(super) known: BTreeSet<EvidenceKey>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) traces: Vec<store::TraceJob>,
    pub(super) visits: Vec<Visit>,
}

/// The items of a submission: about whom, and what is said of them, where that can be.
struct Named {
    people: Vec<Option<PersonId>>,
    is_whole: Vec<bool>,
    facts: Vec<Option<Fact>>,
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
        let (is_whole, facts) = self.read_said(items, &mut admitted.receipt);
        let facts = self
            .within_the_day(by, once, facts, now, &mut admitted.receipt)
            .await?;
        let named = Named {
            people,
            is_whole,
            facts,
        };
        self.admit_each(by, once, named, now, admitted).await
    }

    /// The same as if it came now, with nothing written: who is named for the first time gets a number
    /// that nobody keeps, and nothing is drawn of the authority's day.
    pub(super) async fn admit_in_mind(
        &self,
        by: &Submitter,
        items: Vec<Item>,
        now: Timestamp,
    ) -> Result<Admitted> {
        let subjects: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
        let mut people = self.people.known(&subjects).await?;
        let mut made = BTreeMap::new();
        for (subject, person) in subjects.iter().zip(&mut people) {
            if let (Subject::Document(document), None) = (subject, &person) {
                let document = self.keys.vault.document(document);
                let new = || PersonId::generate(&*self.ids);
                *person = Some(*made.entry(document).or_insert_with(new));
            }
        }
        let mut admitted = Admitted::default();
        let (is_whole, facts) = self.read_said(items, &mut admitted.receipt);
        let named = Named {
            people,
            is_whole,
            facts,
        };
        self.admit_each(by, None, named, now, admitted).await
    }

    /// What each item says, where that can be, and whether it was said whole.
    fn read_said(&self, items: Vec<Item>, receipt: &mut Receipt) -> (Vec<bool>, Vec<Option<Fact>>) {
        let is_whole = items.iter().map(|item| item.said.is_whole()).collect();
        let said = items.into_iter().map(|item| item.said);
        (is_whole, self.facts_said(said, receipt))
    }

    async fn admit_each(
        &self,
        by: &Submitter,
        once: Option<&RequestOnce>,
        named: Named,
        now: Timestamp,
        mut admitted: Admitted,
    ) -> Result<Admitted> {
        let Named {
            people,
            is_whole,
            facts,
        } = named;
        if let Some(regions) = by.regions() {
            let found: Vec<PersonId> = people.iter().flatten().copied().collect();
            let asker = by.authority().id;
            let whereabouts = self.people.whereabouts(&found, asker, regions);
            admitted.whereabouts = whereabouts.await?;
        }
        for (index, (fact, person)) in facts.into_iter().zip(people).enumerate() {
            let id = match (&fact, person) {
                (Some(fact), Some(person)) if is_whole[index] => {
                    fact_id(by.authority().id, person, fact)
                }
                _ => evidence_id(&*self.ids, once, index),
            };
            let accepted = |person| Accepted {
                index,
                evidence: id,
                person,
            };
            let Some(fact) = fact else {
                admitted.lapsed.extend(person.map(accepted));
                continue;
            };
            let admit = self.admit(by, id, fact, person, now, &mut admitted);
            match admit.await {
                Ok(person) => admitted.receipt.accepted.push(accepted(person)),
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => {
                    admitted.receipt.refused.push(refusal(index, error));
                    admitted.lapsed.extend(person.map(accepted));
                }
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
        let before = self.said_before(&admitted.evidence, authority).await?;
        let mut refused = Vec::new();
        admitted.evidence.retain_mut(|piece| {
            piece.id = before.name(piece.person, piece.id);
            !before.is_withdrawn(piece.person, piece.id)
        });
        // The contacts of what has another name on record were sought under that name.
        let is_another =
            |job: &store::TraceJob| before.name(job.person, job.diagnosis) != job.diagnosis;
        admitted
            .traces
            .retain(|job| !is_another(job) && !before.is_withdrawn(job.person, job.diagnosis));
        admitted.receipt.accepted.retain_mut(|one| {
            one.evidence = before.name(one.person, one.evidence);
            let is_withdrawn = before.is_withdrawn(one.person, one.evidence);
            if is_withdrawn {
                refused.push(one.clone());
            }
            !is_withdrawn
        });
        for one in refused {
            admitted
                .receipt
                .refused
                .push(refusal(one.index, taken_back()));
            admitted.lapsed.push(one);
        }
        let is_known = |piece: &Evidence| before.is_known(piece.person, piece.id);
        let known = admitted.evidence.iter().filter(|piece| is_known(piece));
        admitted.known = known.map(|piece| (piece.person, piece.id)).collect();
        Ok(())
    }

    /// What this authority said of these people before.
    pub(super) async fn said_before(
        &self,
        said: &[Evidence],
        authority: AuthorityId,
    ) -> Result<SaidBefore> {
        let people: Vec<PersonId> = said.iter().map(|one| one.person).collect();
        if people.is_empty() {
            return Ok(SaidBefore::default());
        }
        let read = self.store.read(
            "evidence.of_authority",
            (people, authority),
            |tx, (people, authority)| Box::pin(evidence::of_authority(tx, people, *authority)),
        );
        Ok(SaidBefore::of(said, &read.await?))
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

/// Why what was taken back is refused.
pub(super) fn taken_back() -> ServiceError {
    let why = "this was said before and taken back; if it is true after all, send what is known better, \
               such as the exact time";
    ServiceError::field("item", why)
}

/// What an authority said before.
#[derive(Default)]
pub(super) struct SaidBefore {
    /// What is on record, under which identifier.
    names: BTreeMap<EvidenceKey, EvidenceId>,
    /// What stands.
    known: BTreeSet<EvidenceKey>,
    /// What was taken back since.
    withdrawn: BTreeSet<EvidenceKey>,
}

impl SaidBefore {
    /// Of these pieces, by what is known of each person from their authority.
    fn of(said: &[Evidence], known: &BTreeMap<PersonId, Vec<Evidence>>) -> Self {
        let all = || known.values().flatten();
        let withdrawn: BTreeSet<EvidenceKey> = all()
            .filter_map(|one| match one.fact {
                Fact::Withdrawal { of, .. } => Some((one.person, of)),
                _ => None,
            })
            .collect();
        // By what they say, under whichever identifier they are on record.
        let mut by_words = BTreeMap::<EvidenceKey, Vec<EvidenceId>>::new();
        for one in all() {
            by_words.entry(words_of(one)).or_default().push(one.id);
        }
        let mut before = Self::default();
        for piece in said {
            let same = by_words
                .get(&words_of(piece))
                .map_or(&[][..], Vec::as_slice);
            let stands = |id: &&EvidenceId| !withdrawn.contains(&(piece.person, **id));
            let standing = same.iter().find(stands);
            let Some(&id) = standing.or(same.first()) else {
                continue;
            };
            before.names.insert((piece.person, piece.id), id);
            match standing {
                Some(_) => before.known.insert((piece.person, id)),
                None => before.withdrawn.insert((piece.person, id)),
            };
        }
        before
    }

    pub(super) fn name(&self, person: PersonId, id: EvidenceId) -> EvidenceId {
        self.names.get(&(person, id)).copied().unwrap_or(id)
    }

    pub(super) fn is_withdrawn(&self, person: PersonId, id: EvidenceId) -> bool {
        self.withdrawn.contains(&(person, id))
    }

    fn is_known(&self, person: PersonId, id: EvidenceId) -> bool {
        self.known.contains(&(person, id))
    }
}

fn words_of(piece: &Evidence) -> EvidenceKey {
    (
        piece.person,
        fact_id(piece.authority, piece.person, &piece.fact),
    )
}
