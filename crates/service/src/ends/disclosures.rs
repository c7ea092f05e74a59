//! Disclosures: the only door through which data about people leave to somebody outside, the police
//! included. Two staff members answer for each, it has a legal basis, a scope and an end, and the people
//! in it read of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Clock, Evidence, EvidenceId, Fact, FactKind, PersonId, ProposalId, Timestamp, text};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use store::disclosures::{self, DisclosureRecord};
use store::identities::{self, SealedIdentity};
use store::proposals::{ProposalKind, Settlement};
use store::{Store, StoreError, evidence, people};
use tracing::{info, instrument};

use super::disclosure::{
    Content, DisclosureProposal, DisclosureRequest, DisclosureView, Extract, ExtractedPerson,
    HalfYear, view,
};
use crate::access::{Access, Action, Resident, Staff};
use crate::audit::{AuditEntry, AuditLog, Did, Purpose, Stated};
use crate::people::{Keys, PersonFinder};
use crate::two_persons::TwoPersons;
use crate::{Result, ServiceError, Settings};

/// A disclosure ends so long after it was proposed at the latest.
const LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// People in one disclosure at most: it is about persons, not about a population.
const MOST_PEOPLE: usize = 100;
/// Characters of recipient and basis.
const LONGEST: usize = 300;

/// Hands out data, with two persons.
pub struct Disclosures {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) two_persons: Arc<TwoPersons>,
}

impl Disclosures {
    /// Proposes a disclosure about people of the asker's regions. Nothing is handed out yet.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`];
    /// [`ServiceError::UnknownPerson`] also if one of them is of another region; [`ServiceError::TooMany`]; [`ServiceError::BadField`];
    /// [`ServiceError::Store`].
    #[instrument(name = "disclosures.propose", skip_all, fields(people = request.people.len()))]
    pub async fn propose(
        &self,
        by: &Staff,
        request: DisclosureRequest,
    ) -> Result<DisclosureProposal> {
        let now = self.clock.now();
        by.may(Action::ProposeDisclosure)?;
        let (count, limit) = (request.people.len(), MOST_PEOPLE);
        if count > limit {
            let field = "people";
            return Err(ServiceError::TooMany {
                field,
                count,
                limit,
            });
        }
        if count == 0 {
            return Err(ServiceError::field("people", "expected one or more"));
        }
        let mut people = Vec::with_capacity(count);
        for subject in &request.people {
            people.push(self.people.find(subject).await?);
        }
        people.sort_unstable();
        people.dedup();
        let action = Action::ProposeDisclosure;
        self.people.check(by, action, &people, now).await?;
        let content = self.content(&request, &people, now)?;
        let text = serde_json::to_string(&content)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")))?;
        let record = self.two_persons.propose(by, ProposalKind::Disclosure, text);
        view(record.await?)
    }

    /// Disclosures of the asker's authority and of those in their regions, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "disclosures.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<DisclosureProposal>> {
        by.may(Action::ReadDisclosures)?;
        let mut theirs = Vec::new();
        for record in self.two_persons.all(ProposalKind::Disclosure).await? {
            let may = self
                .access
                .check_proposal(by, Action::ReadDisclosures, &record);
            match may.await {
                Ok(()) => theirs.push(view(record)?),
                Err(ServiceError::UnknownProposal) => {}
                Err(error) => return Err(error),
            }
        }
        if !theirs.is_empty() {
            // They say nothing of it: a person who is in one may have to read of it later.
            let entry = AuditEntry::new(by.into(), Did::DisclosuresRead, self.clock.now());
            self.two_persons
                .note_read(entry.count(theirs.len()))
                .await?;
        }
        Ok(theirs)
    }

    /// Approves a disclosure: from now on extracts may be made, until its end. The people in it read of
    /// it from now on, or after the delay.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::SamePerson`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::DisclosureOver`];
    /// [`ServiceError::LogBroken`]; [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "disclosures.approve", skip_all, fields(proposal = %id))]
    pub async fn approve(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<DisclosureProposal> {
        by.may(Action::ApproveDisclosure)?;
        let record = self.two_persons.find(id, ProposalKind::Disclosure).await?;
        self.access
            .check_proposal(by, Action::ApproveDisclosure, &record)
            .await?;
        let approving = self.two_persons.approving(&record, by, reason)?;
        // A machine or an operator answers for nothing that leaves.
        record.proposed.staff.ok_or(ServiceError::NeedsTwoPersons)?;
        let approved = view(approving.settle(record.clone()))?;
        let asked = view(record)?;
        let now = self.clock.now();
        if asked.ends <= now {
            return Err(ServiceError::DisclosureOver);
        }
        self.audit.refuse_unverified().await?;
        let made = DisclosureRecord {
            id,
            authority: asked.proposed.authority,
            recipient: asked.recipient,
            basis: asked.basis,
            people: u32::try_from(asked.people.len()).unwrap_or(u32::MAX),
            approved_at: now,
            // The configuration may have become stricter since.
            visible_at: now + asked.delay.min(self.settings.retention.disclosure_delay()),
            ends_at: asked.ends,
        };
        let arguments = (approving, made, asked.people);
        let written = self.store.transaction(
            "disclosures.approve",
            arguments,
            |tx, (approving, made, people)| {
                Box::pin(async move {
                    let is_written = approving.write(tx).await?;
                    if is_written {
                        disclosures::add(tx, made, people).await?;
                    }
                    Ok::<_, StoreError>(is_written)
                })
            },
        );
        if !written.await? {
            // Approving again what one approved changes nothing; somebody else may have been quicker.
            let found = view(self.two_persons.find(id, ProposalKind::Disclosure).await?)?;
            let theirs = |end: &Settlement| end.is_approved && end.by.staff == Some(by.id());
            let is_theirs = found.settled.as_ref().is_some_and(theirs);
            return is_theirs
                .then_some(found)
                .ok_or(ServiceError::ProposalSettled);
        }
        info!(proposal = %id, by = %by.id(), "a disclosure was approved");
        Ok(approved)
    }

    /// Rejects a disclosure, or takes one's own back.
    ///
    /// # Errors
    /// As [`Self::approve`], but for the same person and the log.
    #[instrument(name = "disclosures.reject", skip_all, fields(proposal = %id))]
    pub async fn reject(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<DisclosureProposal> {
        let record = self.two_persons.find(id, ProposalKind::Disclosure).await?;
        if record.proposed.staff != Some(by.id()) {
            self.access
                .check_proposal(by, Action::ApproveDisclosure, &record)
                .await?;
        }
        view(self.two_persons.reject(&record, by, reason).await?)
    }

    /// Makes the extract of an approved disclosure: the kinds, the period and the people that were
    /// approved, and nothing else. Each time it is an entry of the log about each of them, written
    /// before anything is handed out.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is another authority's;
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`];
    /// [`ServiceError::DisclosureOver`]; [`ServiceError::LogBroken`]; [`ServiceError::Vault`];
    /// [`ServiceError::Store`].
    #[instrument(name = "disclosures.extract", skip_all, fields(disclosure = %id))]
    pub async fn extract(&self, by: &Staff, id: ProposalId) -> Result<Extract> {
        let record = self.two_persons.find(id, ProposalKind::Disclosure).await?;
        self.access
            .check_proposal(by, Action::MakeExtract, &record)
            .await?;
        let asked = view(record.clone())?;
        let now = self.clock.now();
        let read = self.store.read("disclosures.find", id, |tx, id| {
            Box::pin(disclosures::find(tx, *id))
        });
        let approved = read.await?.filter(|approved| now < approved.ends_at);
        approved.ok_or(ServiceError::DisclosureOver)?;
        self.audit.refuse_unapproved(&record).await?;
        let entry = AuditEntry::new(by.into(), Did::Disclosed, now).what(id);
        let entry = entry.about(asked.people.iter().copied());
        let entry = entry.because(Stated::of(Purpose::Disclosure));
        self.two_persons.note_read(entry).await?;
        let people = self.extracts_of(&asked).await?;
        info!(disclosure = %id, by = %by.id(), "an extract was made");
        Ok(Extract { id, people })
    }

    /// The disclosures that a person is in, as far as they may read of them by now, oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "disclosures.own", skip_all)]
    pub async fn own(&self, resident: &Resident) -> Result<Vec<DisclosureView>> {
        resident.check_whole()?;
        let arguments = (resident.person(), self.clock.now());
        let read = self
            .store
            .read("disclosures.about", arguments, |tx, (person, now)| {
                Box::pin(async move {
                    // Also of whom they were before they were bound.
                    let mut people = people::earlier(tx, *person).await?;
                    people.push(*person);
                    disclosures::about(tx, &people, *now).await
                })
            });
        let mut views = Vec::new();
        for made in read.await? {
            views.push(DisclosureView {
                at: made.approved_at,
                office: self.access.authority(made.authority).await?.name,
                recipient: made.recipient,
                basis: made.basis,
            });
        }
        Ok(views)
    }

    /// How many disclosures there were, by half-year, oldest first: those that the people in them may
    /// read of.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "disclosures.by_half_year", skip_all)]
    pub async fn by_half_year(&self) -> Result<Vec<HalfYear>> {
        let now = self.clock.now();
        let read = self.store.read("disclosures.visible", now, |tx, now| {
            Box::pin(disclosures::visible(tx, *now))
        });
        let mut halves = BTreeMap::<(i16, u8), (u64, u64)>::new();
        for (visible_at, people) in read.await? {
            let date = visible_at.to_zoned(TimeZone::UTC).date();
            let half = if date.month() <= 6 { 1 } else { 2 };
            let counts = halves.entry((date.year(), half)).or_default();
            counts.0 += 1;
            counts.1 += u64::from(people);
        }
        let half_year = |((year, half), (disclosures, people))| HalfYear {
            year,
            half,
            disclosures,
            people,
        };
        Ok(halves.into_iter().map(half_year).collect())
    }

    async fn extracts_of(&self, asked: &DisclosureProposal) -> Result<Vec<ExtractedPerson>> {
        let arguments = (asked.people.clone(), asked.from, asked.with_identity);
        let read = self.store.read(
            "disclosures.extract",
            arguments,
            |tx, (people, from, with_identity)| {
                Box::pin(async move {
                    let found = evidence::since(tx, people, *from, true).await?;
                    let sealed = match with_identity {
                        true => identities::find_many(tx, people).await?,
                        false => BTreeMap::new(),
                    };
                    Ok::<_, StoreError>((found, sealed))
                })
            },
        );
        let (mut found, mut sealed) = read.await?;
        let extract = |person: &PersonId| {
            let found = found.remove(person).unwrap_or_default();
            self.extract_of(asked, *person, found, sealed.remove(person))
        };
        asked.people.iter().map(extract).collect()
    }

    fn extract_of(
        &self,
        asked: &DisclosureProposal,
        person: PersonId,
        found: Vec<Evidence>,
        sealed: Option<SealedIdentity>,
    ) -> Result<ExtractedPerson> {
        // What was taken back is nobody's business.
        let withdrawn: BTreeSet<EvidenceId> = found
            .iter()
            .filter_map(|piece| match piece.fact {
                Fact::Withdrawal { of, .. } => Some(of),
                _ => None,
            })
            .collect();
        let is_in = |piece: &Evidence| {
            let begins = piece.fact.begins();
            let is_asked = asked.kinds.contains(&piece.fact.kind());
            let is_then = asked.from <= begins && begins < asked.until;
            is_asked && is_then && !withdrawn.contains(&piece.id)
        };
        let opened = sealed.map(|sealed| self.keys.vault.open(person, &sealed));
        Ok(ExtractedPerson {
            person,
            identity: opened.transpose()?,
            evidence: found.into_iter().filter(is_in).collect(),
        })
    }

    /// What the record keeps of a request that makes sense.
    fn content(
        &self,
        request: &DisclosureRequest,
        people: &[PersonId],
        now: Timestamp,
    ) -> Result<Content> {
        let line = |field, line: &str| {
            let line = ServiceError::named(field, text::line(line, LONGEST));
            line.map(str::to_owned)
        };
        if request.kinds.is_empty() {
            return Err(ServiceError::field("kinds", "expected one or more"));
        }
        if request.until <= request.from {
            return Err(ServiceError::field("until", "expected a time after `from`"));
        }
        if request.ends <= now || request.ends > now + LASTS {
            let why = "expected a time within 30 days";
            return Err(ServiceError::field("ends", why));
        }
        let longest = self.settings.retention.disclosure_delay();
        if request.delay.is_negative() || request.delay > longest {
            let why = format!("expected at most {} hours", longest.as_hours());
            return Err(ServiceError::field("delay_hours", why));
        }
        let mut kinds: Vec<String> = request.kinds.iter().map(FactKind::to_string).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Content {
            people: people.iter().map(PersonId::to_string).collect(),
            basis: line("basis", &request.basis)?,
            recipient: line("recipient", &request.recipient)?,
            kinds,
            from: request.from.as_second(),
            until: request.until.as_second(),
            with_identity: request.with_identity,
            delay: request.delay.as_secs(),
            ends: request.ends.as_second(),
        })
    }
}
