//! An appeal, as the person reads it.

use domain::{AppealId, Authority, EvidenceId, PersonId, Pii, PolicyRef, Timestamp};
use store::appeals::{self, AppealRecord, AppealedRule};
use store::{StoreError, Transaction};
use tracing::instrument;

use super::{Appeals, FileForm, Part};
use crate::access::Resident;
use crate::{Result, ServiceError};

/// An appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealView {
    /// Who appeals.
    pub person: PersonId,
    /// Which.
    pub id: AppealId,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// By when the policy promised an answer.
    pub answer_by: Timestamp,
    /// What the person says.
    pub why: Pii<String>,
    /// What the file is that came with it.
    pub file: Option<FileForm>,
    /// Against what.
    pub restrictions: Vec<AppealedRestriction>,
    /// How it stands.
    pub state: AppealState,
    /// The answer.
    pub answer: Option<AnswerView>,
}

/// A restriction that an appeal is against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealedRestriction {
    /// The policy under which it restricted.
    pub policy: PolicyRef,
    /// The rule.
    pub rule: String,
    /// What the rule is called in the policy's first language; the rule's name if that policy is not in
    /// force any more.
    pub title: String,
    /// The evidence behind it.
    pub evidence: Vec<EvidenceId>,
    /// Whether the answer changed evidence behind it.
    pub was_right: Option<bool>,
}

/// How an appeal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealState {
    /// It waits, and there is time.
    Open,
    /// It should have been answered.
    Late,
    /// It should have been answered so long ago that the restrictions are suspended, as the policy says.
    Suspended,
    /// It was answered.
    Answered,
}

/// What an answer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealOutcome {
    /// Evidence was taken back or added.
    Changed,
    /// The evidence stays as it is.
    Upheld,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerView {
    /// When.
    pub at: Timestamp,
    /// What.
    pub outcome: AppealOutcome,
    /// Whose: the person reads the office, not who works there.
    pub authority: Authority,
    /// Why.
    pub reasons: Pii<String>,
}

impl AppealState {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Late => "late",
            Self::Suspended => "suspended",
            Self::Answered => "answered",
        }
    }
}

impl AppealOutcome {
    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Upheld => "upheld",
        }
    }
}

/// An appeal with the restrictions that it names.
pub(super) type WithRules = (AppealRecord, Vec<AppealedRule>);

impl Appeals {
    /// The person's own appeals, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.own", skip_all)]
    pub async fn own(&self, resident: &Resident) -> Result<Vec<AppealView>> {
        resident.check_whole()?;
        let person = resident.person();
        let read = self.store.read("appeals.of", person, |tx, person| {
            Box::pin(read_all(tx, *person))
        });
        let mut views = Vec::new();
        for found in read.await? {
            views.push(self.view(found).await?);
        }
        Ok(views)
    }

    /// The file that came with an appeal of the person's own.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAppeal`] also if no file came with it; [`ServiceError::Vault`];
    /// [`ServiceError::Store`].
    #[instrument(name = "appeals.own_file", skip_all)]
    pub async fn own_file(&self, resident: &Resident, id: AppealId) -> Result<(FileForm, Vec<u8>)> {
        resident.check_whole()?;
        self.file_of(resident.person(), id).await
    }

    pub(super) async fn file_of(
        &self,
        person: PersonId,
        id: AppealId,
    ) -> Result<(FileForm, Vec<u8>)> {
        let read = self
            .store
            .read("appeals.file", (person, id), |tx, (person, id)| {
                Box::pin(async move {
                    let appeal = appeals::find(tx, *person, *id).await?;
                    let file = appeals::file(tx, *person, *id).await?;
                    Ok::<_, StoreError>(appeal.zip(file))
                })
            });
        let (appeal, sealed) = read.await?.ok_or(ServiceError::UnknownAppeal)?;
        let form = appeal.file_form.as_deref().and_then(FileForm::from_word);
        let form = form.ok_or(ServiceError::UnknownAppeal)?;
        Ok((form, self.open((person, id), Part::File, &sealed)?))
    }

    /// An appeal, if there is one.
    pub(super) async fn find(&self, person: PersonId, id: AppealId) -> Result<Option<AppealView>> {
        match self.record(person, id).await? {
            Some(found) => self.view(found).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn record(&self, person: PersonId, id: AppealId) -> Result<Option<WithRules>> {
        let read = self
            .store
            .read("appeals.find", (person, id), |tx, (person, id)| {
                Box::pin(async move {
                    let Some(appeal) = appeals::find(tx, *person, *id).await? else {
                        return Ok::<_, StoreError>(None);
                    };
                    let rules = appeals::rules_of(tx, *person, *id).await?;
                    Ok(Some((appeal, rules)))
                })
            });
        Ok(read.await?)
    }

    pub(super) async fn view(&self, (record, rules): WithRules) -> Result<AppealView> {
        let of = (record.person, record.id);
        let state = self.state(&record)?;
        let answer = match &record.answer {
            None => None,
            Some(answer) => {
                let is_changed = answer.outcome == AppealOutcome::Changed.as_str();
                Some(AnswerView {
                    at: answer.at,
                    outcome: match is_changed {
                        true => AppealOutcome::Changed,
                        false => AppealOutcome::Upheld,
                    },
                    authority: self.access.authority(answer.authority).await?,
                    reasons: Pii::new(self.open_text(of, Part::Reasons, &answer.reasons)?),
                })
            }
        };
        Ok(AppealView {
            person: record.person,
            id: record.id,
            filed_at: record.filed_at,
            answer_by: record.answer_by,
            why: Pii::new(self.open_text(of, Part::Said, &record.said)?),
            file: record.file_form.as_deref().and_then(FileForm::from_word),
            restrictions: rules
                .into_iter()
                .map(|rule| self.restriction(rule))
                .collect(),
            state,
            answer,
        })
    }

    fn restriction(&self, rule: AppealedRule) -> AppealedRestriction {
        let policy = self.policies.policy();
        let title = policy.filter(|policy| *policy.reference() == rule.policy);
        let title = title.and_then(|policy| {
            let known = policy
                .rules()
                .iter()
                .find(|one| one.id.as_str() == rule.rule)?;
            let text = known.texts.title.in_language(policy.languages().first()?)?;
            Some(text.to_owned())
        });
        AppealedRestriction {
            title: title.unwrap_or_else(|| rule.rule.clone()),
            policy: rule.policy,
            rule: rule.rule,
            evidence: rule.evidence,
            was_right: rule.was_right,
        }
    }

    /// How an appeal stands now, by the policy in force.
    pub(super) fn state(&self, record: &AppealRecord) -> Result<AppealState> {
        if record.answer.is_some() {
            return Ok(AppealState::Answered);
        }
        let now = self.clock.now();
        let active = self.policies.active()?;
        let open = domain::Appeal {
            evidence: Vec::new(),
            filed_at: record.filed_at,
            answered_at: None,
        };
        let zone = active.policy.time_zone();
        let rule = active.policy.appeal();
        let suspended_from = rule.and_then(|rule| rule.suspended_from(&open, zone));
        Ok(if suspended_from.is_some_and(|from| from <= now) {
            AppealState::Suspended
        } else if record.answer_by <= now {
            AppealState::Late
        } else {
            AppealState::Open
        })
    }
}

/// All appeals of a person, newest first, with the restrictions that each names.
pub(super) async fn read_all(
    tx: &mut Transaction,
    person: PersonId,
) -> Result<Vec<WithRules>, StoreError> {
    let all = appeals::of(tx, person).await?;
    let keys: Vec<_> = all.iter().map(|appeal| (person, appeal.id)).collect();
    let mut rules = appeals::rules_of_many(tx, &keys).await?;
    let with_rules = |appeal: AppealRecord| {
        let rules = rules.remove(&(person, appeal.id)).unwrap_or_default();
        (appeal, rules)
    };
    Ok(all.into_iter().map(with_rules).collect())
}
