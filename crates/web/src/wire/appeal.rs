//! Appeals in JSON.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use service::{
    AnswerView, AppealToAnswer, AppealView, AppealedRestriction, AppealsByRule, FileForm,
    QueuedAppeal,
};
use utoipa::ToSchema;

use super::{AppealText, EvidenceText, PersonText, TimeText, WireText};
use crate::problem::Problem;

/// An appeal against restrictions.
#[derive(Serialize, ToSchema)]
#[schema(as = Appeal)]
pub(crate) struct WireAppeal {
    /// Which.
    id: AppealText,
    /// Who appeals.
    person: PersonText,
    /// When it was filed.
    filed_at: TimeText,
    /// By when the policy promised an answer.
    answer_by: TimeText,
    /// `open`, `late` (after that time), `suspended` (so late that the restrictions are suspended) or
    /// `answered`.
    state: &'static str,
    /// What the person says.
    why: String,
    /// `pdf`, `jpeg`, `png` or `webp`, if a file came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'static str>,
    /// Against what.
    restrictions: Vec<WireAppealed>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<WireAnswer>,
}

/// A restriction that is appealed against.
#[derive(Serialize, ToSchema)]
#[schema(as = AppealedRestriction)]
pub(crate) struct WireAppealed {
    /// The rule's name in the policy.
    rule: String,
    /// What the rule is called.
    title: String,
    /// The policy under which it restricted.
    policy: String,
    /// The evidence behind it.
    evidence: Vec<EvidenceText>,
    /// Whether the answer changed evidence behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    was_right: Option<bool>,
}

/// The answer to an appeal.
#[derive(Serialize, ToSchema)]
#[schema(as = AppealAnswer)]
pub(crate) struct WireAnswer {
    /// When.
    at: TimeText,
    /// `changed`: evidence was taken back or added. `upheld`: the evidence stays.
    outcome: &'static str,
    /// Which office answered.
    authority: String,
    /// Why.
    reasons: String,
}

/// An appeal in the queue.
#[derive(Serialize, ToSchema)]
#[schema(as = QueuedAppeal)]
pub(crate) struct WireQueuedAppeal {
    /// Which.
    id: AppealText,
    /// Who appeals.
    person: PersonText,
    /// When it was filed.
    filed_at: TimeText,
    /// By when the policy promised an answer.
    answer_by: TimeText,
    /// Whether a quarter of the time or less was left when it was looked at.
    is_due_soon: bool,
    /// `open`, `late` or `suspended`.
    state: &'static str,
}

/// An appeal, as shown to an officer who may answer it.
#[derive(Serialize, ToSchema)]
#[schema(as = AppealToAnswer)]
pub(crate) struct WireAppealToAnswer {
    /// The appeal.
    appeal: WireAppeal,
    /// The evidence that it is against.
    evidence: Vec<WireAppealedEvidence>,
    /// Whether the reader submitted some of it: then somebody else must answer.
    is_own: bool,
}

/// A piece of evidence that is appealed against.
#[derive(Serialize, ToSchema)]
#[schema(as = AppealedEvidence)]
pub(crate) struct WireAppealedEvidence {
    /// Which.
    id: EvidenceText,
    /// The kind, such as `contact`.
    kind: &'static str,
    /// When what it says began.
    begins: TimeText,
    /// When that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<TimeText>,
    /// When it was recorded.
    recorded_at: TimeText,
    /// Who submitted it.
    authority: String,
}

/// How appeals against a rule went. A number of people that would be 1 to 9, or tell one, is left out.
#[derive(Serialize, ToSchema)]
#[schema(as = AppealsByRule)]
pub(crate) struct WireAppealsByRule {
    /// The rule.
    rule: String,
    /// An appeal is kept for so many days once it was answered. What is counted are appeals that wait, and
    /// those that were answered in these days; the rule may be older.
    days: u32,
    /// How many appeals there were.
    #[serde(skip_serializing_if = "Option::is_none")]
    filed: Option<u64>,
    /// How many were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<u64>,
    /// How many of the answered were right.
    #[serde(skip_serializing_if = "Option::is_none")]
    right: Option<u64>,
    /// How many hours an answer took on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<u64>,
    /// Whether half or more of at least ten answers said that the appeal was right.
    loses_half: bool,
}

impl From<AppealView> for WireAppeal {
    fn from(appeal: AppealView) -> Self {
        Self {
            id: WireText(appeal.id),
            person: WireText(appeal.person),
            filed_at: WireText(appeal.filed_at),
            answer_by: WireText(appeal.answer_by),
            state: appeal.state.as_str(),
            why: appeal.why.expose().clone(),
            file: appeal.file.map(FileForm::as_str),
            restrictions: appeal.restrictions.into_iter().map(Into::into).collect(),
            answer: appeal.answer.map(Into::into),
        }
    }
}

impl From<AppealedRestriction> for WireAppealed {
    fn from(restriction: AppealedRestriction) -> Self {
        Self {
            rule: restriction.rule,
            title: restriction.title,
            policy: restriction.policy.to_string(),
            evidence: restriction.evidence.into_iter().map(WireText).collect(),
            was_right: restriction.was_right,
        }
    }
}

impl From<AnswerView> for WireAnswer {
    fn from(answer: AnswerView) -> Self {
        Self {
            at: WireText(answer.at),
            outcome: answer.outcome.as_str(),
            authority: answer.authority.name,
            reasons: answer.reasons.expose().clone(),
        }
    }
}

impl From<QueuedAppeal> for WireQueuedAppeal {
    fn from(queued: QueuedAppeal) -> Self {
        Self {
            id: WireText(queued.id),
            person: WireText(queued.person),
            filed_at: WireText(queued.filed_at),
            answer_by: WireText(queued.answer_by),
            is_due_soon: queued.is_due_soon,
            state: queued.state.as_str(),
        }
    }
}

impl From<AppealToAnswer> for WireAppealToAnswer {
    fn from(found: AppealToAnswer) -> Self {
        let name = |id| {
            let authority = found.authorities.iter().find(|one| one.id == id);
            authority.map(|one| one.name.clone()).unwrap_or_default()
        };
        let evidence = found.evidence.iter().map(|piece| WireAppealedEvidence {
            id: WireText(piece.id),
            kind: piece.fact.kind().as_str(),
            begins: WireText(piece.fact.begins()),
            ends: piece.fact.ends().map(WireText),
            recorded_at: WireText(piece.recorded_at),
            authority: name(piece.authority),
        });
        Self {
            evidence: evidence.collect(),
            appeal: found.appeal.into(),
            is_own: found.is_own,
        }
    }
}

impl From<AppealsByRule> for WireAppealsByRule {
    fn from(rule: AppealsByRule) -> Self {
        Self {
            rule: rule.rule,
            days: rule.days,
            filed: rule.filed,
            answered: rule.answered,
            right: rule.right,
            hours: rule.hours,
            loses_half: rule.loses_half,
        }
    }
}

/// The bytes of a file that JSON holds as base64.
///
/// # Errors
/// A problem that names `file` if it is something else.
pub(crate) fn file_bytes(file: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    let bytes = file.map(|file| STANDARD.decode(file)).transpose();
    bytes.map_err(|_| Problem::invalid("file", "expected base64 as RFC 4648, section 4, has it"))
}

/// A file as it is handed out: to be saved, never drawn in a page of ours, and kept by nobody.
pub(crate) fn attached((form, bytes): (FileForm, Vec<u8>)) -> Response {
    let name = format!("attachment; filename=\"appeal.{}\"", form.as_str());
    let headers = [
        (header::CONTENT_TYPE, form.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
