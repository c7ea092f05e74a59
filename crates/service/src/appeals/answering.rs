//! The answer to an appeal: reasons, and the evidence that it takes back or adds.

use domain::evidence::{DiagnosisStatus, TestResult};
use domain::{AppealId, Evidence, EvidenceId, Fact, PersonId, text};
use store::appeals::{self, AppealAnswer};
use store::{StoreError, Transaction, evidence};
use tracing::{info, instrument};

use super::{AppealOutcome, AppealView, Appeals, Part};
use crate::access::Staff;
use crate::accounts::repeated_id;
use crate::audit::{AuditEntry, Did, Purpose, Stated};
use crate::decisions::{self, Appended, EvidenceBatch};
use crate::evidence::{Said, withdrawal_of};
use crate::{Result, ServiceError};

/// Characters of the reasons.
const LONGEST_REASONS: usize = 2000;

/// What a staff member decides about an appeal.
#[derive(Clone, Debug)]
pub struct AppealDecision {
    /// Why, for the person to read.
    pub reasons: String,
    /// Evidence that was wrong: some of what the appeal is against.
    pub withdraw: Vec<EvidenceId>,
    /// What is known of the person besides.
    pub add: Vec<Said>,
}

impl AppealDecision {
    /// The same over what was repeated for a person.
    fn repeated_for(self, person: PersonId) -> Self {
        let withdraw = self.withdraw.iter().map(|id| repeated_id(*id, person));
        Self {
            withdraw: withdraw.collect(),
            ..self
        }
    }
}

/// An answer, written in the transaction of the evidence that it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// Who appealed.
    pub person: PersonId,
    appeal: AppealId,
    answer: AppealAnswer,
    /// The rules whose evidence it changes.
    right: Vec<String>,
}

impl Answering {
    /// Writes it; `false` if somebody else was quicker.
    pub(crate) async fn write(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        appeals::answer(tx, self.person, self.appeal, &self.answer, &self.right).await
    }
}

impl Appeals {
    /// Answers an appeal of somebody in the region. The colour follows from the evidence that is taken
    /// back or added, and what the appeal granted ends. An appeal of somebody who was proven to be somebody
    /// else meanwhile is answered as that person's, if they are in the region.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAppeal`] also if it is another region's; [`ServiceError::NotPermitted`];
    /// [`ServiceError::OwnEvidence`] if the asker submitted some of what it is against;
    /// [`ServiceError::AppealAnswered`]; [`ServiceError::BadField`] without reasons, for evidence that it
    /// is not against, or for evidence that cannot be added; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.answer", skip_all, fields(appeal = %id))]
    pub async fn answer(
        &self,
        by: &Staff,
        person: PersonId,
        id: AppealId,
        decision: AppealDecision,
    ) -> Result<AppealView> {
        let answered = self.answer_as(by, person, id, decision.clone()).await;
        if !matches!(
            answered,
            Err(ServiceError::UnknownAppeal | ServiceError::AppealAnswered)
        ) {
            return answered;
        }
        match self.people.moved(&[person]).await?.get(&person) {
            Some(&to) => self.answer_as(by, to, id, decision.repeated_for(to)).await,
            None => answered,
        }
    }

    async fn answer_as(
        &self,
        by: &Staff,
        person: PersonId,
        id: AppealId,
        decision: AppealDecision,
    ) -> Result<AppealView> {
        self.check(by, person).await?;
        let reasons = text::lines(&decision.reasons, LONGEST_REASONS);
        let reasons = ServiceError::named("reasons", reasons)?;
        let found = self.record(person, id).await?;
        let (mut record, mut rules) = found.ok_or(ServiceError::UnknownAppeal)?;
        if record.answer.is_some() {
            return Err(ServiceError::AppealAnswered);
        }
        let against: Vec<EvidenceId> = rules
            .iter()
            .flat_map(|rule| rule.evidence.iter().copied())
            .collect();
        if decision.withdraw.iter().any(|id| !against.contains(id)) {
            let why = "the appeal is not against this evidence; withdraw it where it was submitted";
            return Err(ServiceError::field("withdraw", why));
        }
        let withdrawn = self
            .to_withdraw(by, person, &against, &decision.withdraw)
            .await?;
        let now = self.clock.now();
        let added = self
            .submissions
            .admit_about(by, person, decision.add)
            .await?;
        let is_changed = !withdrawn.is_empty() || !added.evidence.is_empty();
        // What was added may speak against the person as well: then nobody was right.
        let speaks_for = added.evidence.iter().any(|one| relieves(&one.fact));
        for rule in &mut rules {
            let is_behind = |id: &EvidenceId| rule.evidence.contains(id);
            let was_right = speaks_for || decision.withdraw.iter().any(is_behind);
            rule.was_right = Some(was_right);
        }
        let right = rules.iter().filter(|rule| rule.was_right == Some(true));
        let outcome = match is_changed {
            true => AppealOutcome::Changed,
            false => AppealOutcome::Upheld,
        };
        let answering = Answering {
            person,
            appeal: id,
            answer: AppealAnswer {
                at: now,
                outcome: outcome.as_str().to_owned(),
                staff: by.id(),
                authority: by.authority().id,
                reasons: self.seal((person, id), Part::Reasons, reasons.as_bytes())?,
            },
            right: right.map(|rule| rule.rule.clone()).collect(),
        };
        record.answer = Some(answering.answer.clone());
        let changed = withdrawn.len() + added.evidence.len();
        let entry = AuditEntry::new(by.into(), Did::AppealAnswered, now)
            .what(format_args!("{id} {}", outcome.as_str()))
            .count(changed)
            .about([person])
            .because(Stated::of(Purpose::Appeal));
        let mut batch = EvidenceBatch {
            entry: Some(entry.seal(&*self.ids)),
            evidence: added.evidence,
            traces: added.traces,
            submitted_by: vec![by.id()],
            answering: Some(decisions::Answering::Appeal(answering)),
            ..EvidenceBatch::default()
        };
        for record in &withdrawn {
            let withdrawal = withdrawal_of(record, by.authority().id, now);
            let trace = self.cases.job_against(record, withdrawal.id).await?;
            batch.traces.extend(trace);
            batch.evidence.push(withdrawal);
        }
        let opens_trace = !batch.traces.is_empty();
        match self.verdicts.append(batch).await? {
            Appended::New(_) => {}
            Appended::Settled => return Err(ServiceError::AppealAnswered),
            Appended::Repeated { .. } | Appended::KeyReused | Appended::UsedUp => {
                let why = "an answer was not written".to_owned();
                return Err(StoreError::Database(why).into());
            }
        }
        if opens_trace {
            self.wake.traces.notify_one();
        }
        info!(outcome = outcome.as_str(), authority = %by.authority().id, "an appeal was answered");
        self.view((record, rules)).await
    }

    /// The evidence to take back, if nobody answers about what they submitted themselves.
    async fn to_withdraw(
        &self,
        by: &Staff,
        person: PersonId,
        against: &[EvidenceId],
        withdraw: &[EvidenceId],
    ) -> Result<Vec<Evidence>> {
        let read = self.store.read(
            "appeals.to_withdraw",
            (person, against.to_vec(), withdraw.to_vec()),
            |tx, (person, against, withdraw)| {
                Box::pin(async move {
                    let staff = evidence::staff_of(tx, *person, against).await?;
                    let pieces = evidence::find_each(tx, *person, withdraw).await?;
                    Ok::<_, StoreError>((staff, pieces))
                })
            },
        );
        let (staff, pieces) = read.await?;
        if staff.contains(&by.id()) {
            return Err(ServiceError::OwnEvidence);
        }
        Ok(pieces)
    }
}

/// Whether a fact can only make a colour better.
const fn relieves(fact: &Fact) -> bool {
    match fact {
        Fact::Test { result, .. } => matches!(result, TestResult::Negative),
        Fact::Diagnosis { status, .. } => matches!(
            status,
            DiagnosisStatus::Recovered | DiagnosisStatus::Excluded
        ),
        Fact::Vaccination { .. } => true,
        _ => false,
    }
}
