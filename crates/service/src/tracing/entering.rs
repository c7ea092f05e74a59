//! Entering a case with the people whom it names: one act, checked whole before anything is written.

use domain::evidence::{Period, Relation, Ring};
use domain::{Fact, PersonId, ProposalId, Timestamp};
use store::office_cases::{self, OfficeCase};
use store::receipts;
use tracing::instrument;

use super::cases::SAME_ILLNESS;
use super::{CaseConfirmed, CaseReport, Tracing};
use crate::access::{Action, Staff};
use crate::audit::Did;
use crate::evidence::{Item, Said, Subject, Submission, plausible};
use crate::{Result, ServiceError};

/// So many contacts are entered with a case.
const MOST_CONTACTS: usize = 50;

/// A case with the people whom it names.
#[derive(Clone, Debug)]
pub struct CaseEntry {
    /// The case.
    pub case: CaseReport,
    /// Whom it names, in the order in which they were entered.
    pub contacts: Vec<NamedContact>,
    /// The hash of what was typed, where a repeat says the same with other words: what happened today ends
    /// now. Else of the entry itself.
    pub content: Option<[u8; 32]>,
    /// Whether this is another illness than the one for which the office has the person as a case.
    pub is_another_illness: bool,
}

/// Somebody whom a case names.
#[derive(Clone, Debug)]
pub struct NamedContact {
    /// Who.
    pub subject: Subject,
    /// How they met.
    pub relation: Relation,
    /// From when until when.
    pub period: Period,
    /// How many minutes in all, if known.
    pub minutes: Option<u32>,
    /// Whether the end was left open, and is the time of the request.
    pub ends_now: bool,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRefused {
    /// Which contact, from 0; `None` for the case itself.
    pub line: Option<usize>,
    /// Which field: `person`, `same`, or a field of the fact.
    pub field: &'static str,
    /// The contact, from 0, who is the same person; `None` if that is the case.
    pub same_as: Option<usize>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Nothing was written.
    Refused(Vec<EntryRefused>),
    /// Nothing was written: the office has the person as a case of the last 14 days, entered by somebody else
    /// perhaps a moment before.
    Known(OfficeCase),
    /// It would restrict more people than one person may: it waits for a second one.
    Held(ProposalId),
    /// It is on record, with so many contacts; the search goes on.
    Done(CaseConfirmed, usize),
}

impl Tracing {
    /// Puts a diagnosis and contacts of the case on record, all of it or nothing, and opens the search for
    /// others as [`Tracing::confirm_case`] does. A document that nobody named before gets a person; whether
    /// it was known is said to nobody.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::TooMany`];
    /// [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "tracing.enter_case", skip_all, fields(contacts = entry.contacts.len()))]
    pub async fn enter_case(&self, by: &Staff, entry: CaseEntry) -> Result<Entered> {
        by.may(Action::ConfirmCase)?;
        by.check_step_up(Action::ConfirmCase, self.clock.now())?;
        if !entry.contacts.is_empty() {
            by.may(Action::SubmitEvidence)?;
        }
        let count = entry.contacts.len();
        if count > MOST_CONTACTS {
            return Err(ServiceError::TooMany {
                field: "contacts",
                count,
                limit: MOST_CONTACTS,
            });
        }
        let now = self.clock.now();
        let mut refused = self.impossible(&entry, now);
        refused.extend(self.not_theirs(by, &entry).await?);
        if !refused.is_empty() {
            refused.sort_by_key(|one| one.line);
            return Ok(Entered::Refused(refused));
        }
        if let Some(known) = self.known_case(by, &entry, now).await? {
            return Ok(Entered::Known(known));
        }
        self.write_entry(by, entry, now).await
    }

    /// The case that the office has of the same person and, as far as anybody said, the same illness; none if
    /// this very request made it. Of what other offices found nothing is told here, and the person reads that
    /// somebody looked.
    async fn known_case(
        &self,
        by: &Staff,
        entry: &CaseEntry,
        now: Timestamp,
    ) -> Result<Option<OfficeCase>> {
        if entry.is_another_illness {
            return Ok(None);
        }
        let subject = std::slice::from_ref(&entry.case.subject);
        let known = self.people.known(subject).await?;
        let Some(person) = known.into_iter().flatten().next() else {
            return Ok(None);
        };
        let request = entry.case.request;
        let request = request.map(|key| self.keys.request(by.submitter().scope(), key));
        let since = now.checked_sub(SAME_ILLNESS).unwrap_or(Timestamp::MIN);
        let asked = (request, person, by.authority().id, since);
        let read = self.store.snapshot(
            "cases.known",
            asked,
            |tx, (request, person, office, since)| {
                Box::pin(async move {
                    let made_it = match request {
                        Some(request) => receipts::find(tx, *request).await?,
                        None => None,
                    };
                    match made_it {
                        Some(_) => Ok(None),
                        None => office_cases::standing(tx, *person, *office, *since).await,
                    }
                })
            },
        );
        let known = read.await?;
        if known.is_some() {
            let entry = self.visits.looked_at(by, Did::CasesListed, [person]);
            self.note_look(entry).await?;
        }
        Ok(known)
    }

    async fn write_entry(&self, by: &Staff, entry: CaseEntry, now: Timestamp) -> Result<Entered> {
        let content = entry.content;
        let content = content.unwrap_or_else(|| self.entry_content(&entry));
        let case = self
            .people
            .find_all(std::slice::from_ref(&entry.case.subject))
            .await?;
        let case = case.into_iter().flatten().next();
        let case = case.ok_or(ServiceError::UnknownPerson)?;
        let mut items = vec![Item {
            // Not the person: of a document that nobody named before, nobody knows them yet.
            subject: entry.case.subject.clone(),
            said: entry.case.said(now),
        }];
        items.extend(entry.contacts.iter().map(|contact| Item {
            subject: contact.subject.clone(),
            said: match contact.ends_now {
                true => Said::FactNow(contact.fact(Some(case))),
                false => Said::Fact(contact.fact(Some(case))),
            },
        }));
        let submission = Submission {
            request: entry.case.request,
            content: Some(content),
            items,
        };
        let submissions = &self.submissions;
        let receipt = submissions.submit_whole(by.submitter(), submission);
        let receipt = receipt.await?;
        if let Some(held) = receipt.held {
            return Ok(Entered::Held(held));
        }
        // What was fine just before and is not any more: somebody else said where a person is.
        if !receipt.refused.is_empty() {
            let refused = receipt.refused.iter().map(|one| EntryRefused {
                line: one.index.checked_sub(1),
                field: one.field,
                same_as: None,
            });
            return Ok(Entered::Refused(refused.collect()));
        }
        let diagnosis = receipt.accepted.iter().find(|one| one.index == 0);
        let diagnosis = diagnosis.ok_or(ServiceError::UnknownPerson)?;
        let job = self.record_of(diagnosis.person, diagnosis.evidence).await?;
        let confirmed = CaseConfirmed {
            diagnosis: diagnosis.evidence,
            person: diagnosis.person,
            from: job.job.from,
            until: job.job.until,
        };
        Ok(Entered::Done(confirmed, receipt.accepted.len() - 1))
    }

    /// Facts that cannot be.
    fn impossible(&self, entry: &CaseEntry, now: Timestamp) -> Vec<EntryRefused> {
        let contacts = entry.contacts.iter().enumerate();
        let contacts = contacts.map(|(line, contact)| (Some(line), contact.fact(None)));
        let facts = std::iter::once((None, entry.case.fact(now))).chain(contacts);
        let skew = self.settings.clock_skew;
        let refused = facts.filter_map(|(line, fact)| {
            let Err(ServiceError::BadField { field, .. }) = plausible::check(&fact, now, skew)
            else {
                return None;
            };
            Some(EntryRefused {
                line,
                field,
                same_as: None,
            })
        });
        refused.collect()
    }

    /// Identifiers that are nobody's, people of other regions, and who is named twice.
    async fn not_theirs(&self, by: &Staff, entry: &CaseEntry) -> Result<Vec<EntryRefused>> {
        let contacts = entry.contacts.iter().map(|contact| &contact.subject);
        let subjects: Vec<Subject> = std::iter::once(&entry.case.subject)
            .chain(contacts)
            .cloned()
            .collect();
        let known = self.people.known(&subjects).await?;
        let people: Vec<PersonId> = known.iter().flatten().copied().collect();
        let (asker, regions) = (by.authority().id, &by.member().regions);
        let whereabouts = self.people.whereabouts(&people, asker, regions).await?;
        let now = self.clock.now();
        let mut refused = Vec::new();
        let mut named = Vec::<(&Subject, Option<PersonId>)>::new();
        for (place, (subject, person)) in subjects.iter().zip(&known).enumerate() {
            let line = place.checked_sub(1);
            let action = match line {
                None => Action::ConfirmCase,
                Some(_) => Action::SubmitEvidence,
            };
            let is_theirs = match (subject, person) {
                (Subject::Person(_), None) => false,
                (Subject::Document(_), None) => true,
                (_, Some(person)) => by.check(action, &whereabouts.of(*person), now).is_ok(),
            };
            let same = named.iter().position(|(other, earlier)| {
                *other == subject || person.is_some() && earlier == person
            });
            if let Some(same) = same {
                refused.push(EntryRefused {
                    line,
                    field: "same",
                    same_as: same.checked_sub(1),
                });
            } else if !is_theirs {
                refused.push(EntryRefused {
                    line,
                    field: "person",
                    same_as: None,
                });
            }
            named.push((subject, *person));
        }
        Ok(refused)
    }

    fn entry_content(&self, entry: &CaseEntry) -> [u8; 32] {
        let canonical = self.content_of(&entry.case);
        let contacts = entry.contacts.iter();
        let canonical = contacts.fold(canonical, |canonical, contact| {
            self.submissions
                .subject(canonical, &contact.subject)
                .fact(&contact.fact(None))
        });
        canonical.hash()
    }
}

impl NamedContact {
    fn fact(&self, with: Option<PersonId>) -> Fact {
        Fact::contact(with, self.relation, Ring::FIRST, self.period, self.minutes)
    }
}
