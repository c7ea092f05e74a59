//! An appeal comes in.

use std::collections::BTreeSet;

use domain::{AppealId, EvidenceId, PersonId, RequestKey, Timestamp, Verdict, text};
use store::appeals::{self, AppealRecord, AppealedRule};
use store::audit::{self, NewEntry};
use store::{Transaction, people};
use tracing::{info, instrument};

use super::view::read_all;
use super::{AppealView, Appeals, Part, attachment};
use crate::access::{CommunityOfficial, Resident};
use crate::accounts::{AppealingHolder, CounterDeed};
use crate::audit::{Actor, AuditEntry, Did, Stated};
use crate::decisions::{DecisionContext, Decisions, record};
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

/// Characters of what a person says.
const LONGEST_TEXT: usize = 2000;
/// So many appeals of one person may be open at once.
const MOST_OPEN: u32 = 5;

/// An appeal, as a person files it.
#[derive(Clone, Debug)]
pub struct AppealRequest {
    /// Drawn by the sender and kept for repeats: a repeated appeal counts once.
    pub request: Option<RequestKey>,
    /// Evidence behind the restrictions that are wrong; none at all means every restriction that was not
    /// appealed against before.
    pub against: Vec<EvidenceId>,
    /// Why.
    pub why: String,
    /// A PDF or a picture.
    pub file: Option<Vec<u8>>,
}

/// An appeal on its way into the database.
struct NewAppeal {
    record: AppealRecord,
    rules: Vec<AppealedRule>,
    file: Option<Vec<u8>>,
    entry: NewEntry,
    /// What a worker of an office did, if one files it.
    deed: Option<CounterDeed>,
}

impl Appeals {
    /// Files an appeal against restrictions of the person. From then on they have what the policy grants
    /// while nobody has answered.
    ///
    /// # Errors
    /// [`ServiceError::NoAppeals`] if the policy takes none; [`ServiceError::BadField`] without a reason,
    /// or if the file cannot be taken; [`ServiceError::RequestKeyReused`]; [`ServiceError::UnknownRestriction`] if no restriction of the person
    /// rests on that evidence; [`ServiceError::AppealedBefore`]; [`ServiceError::TooManyAppeals`];
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.file", skip_all)]
    pub async fn file(&self, resident: &Resident, request: AppealRequest) -> Result<AppealView> {
        resident.check_whole()?;
        let own = |did, at| AuditEntry::new(Actor::Resident, did, at);
        self.take_in(resident, request, own, None).await
    }

    /// Files an appeal for the holder of a document, who stands in an office. Where it takes two workers,
    /// what they agreed on is used up by the appeal, in one transaction.
    ///
    /// # Errors
    /// As [`Self::file`]; [`ServiceError::AgreementUsed`]. After an error the agreement still counts.
    #[instrument(name = "appeals.file_for", skip_all)]
    pub async fn file_for(
        &self,
        by: &CommunityOfficial,
        holder: AppealingHolder,
        request: AppealRequest,
    ) -> Result<AppealView> {
        let at_office =
            |did, at| AuditEntry::new(by.into(), did, at).because(Stated::AT_THE_COUNTER);
        let AppealingHolder { holder, deed } = holder;
        self.take_in(&holder, request, at_office, Some(deed)).await
    }

    async fn take_in(
        &self,
        resident: &Resident,
        request: AppealRequest,
        entry: impl Fn(Did, Timestamp) -> AuditEntry,
        deed: Option<CounterDeed>,
    ) -> Result<AppealView> {
        let person = resident.person();
        let why = ServiceError::named("why", text::lines(&request.why, LONGEST_TEXT))?;
        let form = request.file.as_deref().map(attachment::look_at).transpose();
        let form = form.map_err(|bad| ServiceError::field("file", bad.to_string()))?;
        let active = self.policies.active()?;
        let rule = active.policy.appeal().ok_or(ServiceError::NoAppeals)?;
        let id = match request.request {
            Some(key) => {
                let key = key.as_u128().to_be_bytes();
                let id = hashed_id(b"appeal", &[&person.to_bytes(), &key]);
                AppealId::from_u128(id.as_u128())
            }
            None => AppealId::generate(&*self.ids),
        };
        if let Some(known) = self.find(person, id).await? {
            return self.repeated(person, known, why, &request).await;
        }
        let verdict = self.verdicts.current(person).await?.verdict;
        let restrictions = self.restrictions(person, &verdict, &request.against);
        let rules = match restrictions.await {
            // The same request may have been quicker, and left nothing to appeal against.
            Err(error @ (ServiceError::UnknownRestriction | ServiceError::AppealedBefore)) => {
                let known = self.find(person, id).await?;
                return self
                    .repeated(person, known.ok_or(error)?, why, &request)
                    .await;
            }
            rules => rules?,
        };
        let now = self.clock.now();
        let open = domain::Appeal {
            evidence: Vec::new(),
            filed_at: now,
            answered_at: None,
        };
        let file = request.file.as_deref();
        let new = NewAppeal {
            record: AppealRecord {
                person,
                id,
                filed_at: now,
                answer_by: rule.answer_by(&open, active.policy.time_zone()),
                seal: self.keys.vault.sealing_with(now),
                said: self.seal((person, id), Part::Said, why.as_bytes())?,
                file_form: form.map(|form| form.as_str().to_owned()),
                reminded_at: None,
                escalated_at: None,
                answer: None,
            },
            rules,
            file: file
                .map(|file| self.seal((person, id), Part::File, file))
                .transpose()?,
            entry: entry(Did::AppealFiled, now)
                .what(id)
                .about([person])
                .seal(&*self.ids),
            deed,
        };
        let context = self.policies.context()?;
        let generation = context.generation;
        let filed = (new.record.clone(), new.rules.clone());
        let written =
            self.store
                .transaction("appeals.file", (context, new), |tx, (context, new)| {
                    Box::pin(write(tx, context, new))
                });
        let decided = match written.await {
            // The same request may have been quicker.
            Err(ServiceError::AppealedBefore) => {
                let known = self.find(person, id).await?;
                let known = known.ok_or(ServiceError::AppealedBefore)?;
                return self.repeated(person, known, why, &request).await;
            }
            written => written?,
        };
        self.verdicts.take_in(&decided, generation).await?;
        info!(appeal = %id, has_file = form.is_some(), "an appeal was filed");
        self.view(filed).await
    }

    /// The appeal that was filed under the same key, if it says the same.
    async fn repeated(
        &self,
        person: PersonId,
        known: AppealView,
        why: &str,
        request: &AppealRequest,
    ) -> Result<AppealView> {
        let against: BTreeSet<EvidenceId> = known.evidence().collect();
        let file = match known.file {
            Some(_) => Some(self.file_of(person, known.id).await?.1),
            None => None,
        };
        let is_same = known.why.expose() == why
            && file == request.file
            && request.against.iter().all(|id| against.contains(id));
        match request.request {
            Some(key) if !is_same => Err(ServiceError::RequestKeyReused(key)),
            _ => {
                self.verdicts.take_in_what_was_lost().await?;
                Ok(known)
            }
        }
    }

    /// The restrictions of a verdict that rest on this evidence, with all their evidence.
    async fn restrictions(
        &self,
        person: PersonId,
        verdict: &Verdict,
        against: &[EvidenceId],
    ) -> Result<Vec<AppealedRule>> {
        let restrictions = verdict.restrictions.iter().map(|one| &one.finding);
        let behind: BTreeSet<EvidenceId> = restrictions
            .clone()
            .flat_map(|finding| finding.evidence.iter().copied())
            .collect();
        let named: BTreeSet<EvidenceId> = if against.is_empty() {
            let appealed = self.appealed(person).await?;
            behind.difference(&appealed).copied().collect()
        } else {
            against.iter().copied().collect()
        };
        if named.is_empty() || !named.is_subset(&behind) {
            return Err(ServiceError::UnknownRestriction);
        }
        let mut rules: Vec<AppealedRule> = Vec::new();
        for finding in restrictions {
            let evidence = finding.evidence.iter().copied();
            let evidence: Vec<EvidenceId> = evidence.filter(|id| named.contains(id)).collect();
            if evidence.is_empty() {
                continue;
            }
            let rule = finding.rule.as_str();
            // Under an earlier appeal a rule may give two colours.
            match rules.iter_mut().find(|known| known.rule == rule) {
                Some(known) => known.evidence.extend(evidence),
                None => rules.push(AppealedRule {
                    policy: verdict.policy.clone(),
                    rule: rule.to_owned(),
                    evidence,
                    was_right: None,
                }),
            }
        }
        // As they are read.
        rules.sort_by(|one, other| one.rule.cmp(&other.rule));
        Ok(rules)
    }

    /// The evidence of a person that was appealed against, ever.
    async fn appealed(&self, person: PersonId) -> Result<BTreeSet<EvidenceId>> {
        let read = self.store.read("appeals.appealed", person, |tx, person| {
            Box::pin(read_all(tx, *person))
        });
        let rules = read.await?.into_iter().flat_map(|(_, rules)| rules);
        Ok(rules.flat_map(|rule| rule.evidence).collect())
    }
}

/// Keeps the appeal and decides the person, in one transaction; refuses one that is kept already, or against
/// what was appealed against before.
async fn write(
    tx: &mut Transaction,
    context: &DecisionContext,
    new: &NewAppeal,
) -> Result<Decisions> {
    let NewAppeal {
        record,
        rules,
        file,
        entry,
        deed,
    } = new;
    let person = record.person;
    // Of those that come at once each counts what the one before left open.
    people::touch(tx, [person]).await?;
    if appeals::find(tx, person, record.id).await?.is_some() {
        return Err(ServiceError::AppealedBefore);
    }
    let open = appeals::open_of(tx, &[person]).await?;
    if open.get(&person).map_or(0, Vec::len) >= MOST_OPEN as usize {
        return Err(ServiceError::TooManyAppeals { cap: MOST_OPEN });
    }
    if let Some(deed) = deed {
        deed.write(tx).await?;
    }
    if !appeals::add(tx, record, rules, file.as_deref()).await? {
        return Err(ServiceError::AppealedBefore);
    }
    audit::append(tx, std::slice::from_ref(entry)).await?;
    Ok(record::decide(tx, context, &[], &[person]).await?)
}
