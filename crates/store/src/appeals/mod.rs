//! Appeals against restrictions, and their answers. What people say is sealed before it comes here.

mod keeping;

use std::collections::BTreeMap;

use domain::{Appeal, AppealId, AuthorityId, EvidenceId, PersonId, PolicyRef, StaffId, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::queries::{
    APPEAL_ADD, APPEAL_ANSWER, APPEAL_ESCALATE, APPEAL_FILE_ADD, APPEAL_FILE_FIND, APPEAL_FIND,
    APPEAL_REMIND, APPEAL_RULE_ADD, APPEAL_RULE_ANSWER, APPEAL_RULES, APPEALED_EVIDENCE_ANSWER,
    APPEALED_EVIDENCE_CLAIM, APPEALING_PEOPLE, APPEALS_BY_RULE, APPEALS_DUE, APPEALS_OF,
    APPEALS_OPEN_OF, APPEALS_TO_ESCALATE, APPEALS_TO_REMIND, APPEALS_WAITING, Query,
};
use crate::{Result, Whose};

pub use self::keeping::{forget, old, reseal, sealed_before, sealed_in_months_before, sealed_with};

/// An appeal as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealRecord {
    /// Who appeals.
    pub person: PersonId,
    /// Which.
    pub id: AppealId,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// By when the policy promised an answer.
    pub answer_by: Timestamp,
    /// With which keys what the person said is sealed.
    pub seal: SealedWith,
    /// Why, sealed for the person.
    pub said: Vec<u8>,
    /// The form of the file that came with it, as a word.
    pub file_form: Option<String>,
    /// When officers were reminded of it.
    pub reminded_at: Option<Timestamp>,
    /// When it was found late.
    pub escalated_at: Option<Timestamp>,
    /// Its answer; `None` while it is open.
    pub answer: Option<AppealAnswer>,
}

/// Which keys of the vault sealed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedWith {
    /// The number of the vault's key.
    pub key: u8,
    /// The month of the other key, in months since January 1970; 0 if none is needed.
    pub month: u16,
}

/// The answer to an appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealAnswer {
    /// When.
    pub at: Timestamp,
    /// What, as a word.
    pub outcome: String,
    /// Who.
    pub staff: StaffId,
    /// For which authority.
    pub authority: AuthorityId,
    /// Why, sealed for the person.
    pub reasons: Vec<u8>,
}

/// A restriction that an appeal names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealedRule {
    /// The policy under which it restricted.
    pub policy: PolicyRef,
    /// The rule.
    pub rule: String,
    /// The evidence behind it.
    pub evidence: Vec<EvidenceId>,
    /// Whether the answer changed evidence behind it; `None` while there is none.
    pub was_right: Option<bool>,
}

/// How appeals against a rule went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAppeals {
    /// The rule.
    pub rule: String,
    /// How many there were.
    pub filed: u64,
    /// How many of them were answered.
    pub answered: u64,
    /// How many of those were right.
    pub right: u64,
    /// How many seconds all answers took together.
    pub seconds: u64,
}

/// Where a page of the queue goes on: after what is due then, of whom, and which.
pub type QueuePlace = (Timestamp, PersonId, AppealId);

/// Keeps an appeal with its restrictions and file. `false`, with something written that the caller must
/// undo, if a piece of its evidence was appealed against before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(
    tx: &mut Transaction,
    appeal: &AppealRecord,
    rules: &[AppealedRule],
    file: Option<&[u8]>,
) -> Result<bool> {
    let key = [appeal.person.into(), appeal.id.into()];
    let mut evidence: Vec<EvidenceId> = rules
        .iter()
        .flat_map(|rule| rule.evidence.iter().copied())
        .collect();
    evidence.sort_unstable();
    evidence.dedup();
    for piece in &evidence {
        let values = [
            appeal.person.into(),
            (*piece).into(),
            appeal.id.into(),
            appeal.filed_at.into(),
        ];
        if tx.execute(&APPEALED_EVIDENCE_CLAIM, &values).await? == 0 {
            return Ok(false);
        }
    }
    let values = [
        appeal.person.into(),
        appeal.id.into(),
        appeal.filed_at.into(),
        appeal.answer_by.into(),
        i64::from(appeal.seal.key).into(),
        i64::from(appeal.seal.month).into(),
        appeal.said.as_slice().into(),
        appeal.file_form.clone().into(),
    ];
    tx.execute(&APPEAL_ADD, &values).await?;
    for rule in rules {
        let bytes: Vec<u8> = rule.evidence.iter().flat_map(|id| id.to_bytes()).collect();
        let values = [
            appeal.person.into(),
            appeal.id.into(),
            rule.policy.id.as_str().into(),
            rule.policy.version.into(),
            rule.rule.as_str().into(),
            bytes.as_slice().into(),
            appeal.filed_at.into(),
        ];
        tx.execute(&APPEAL_RULE_ADD, &values).await?;
    }
    if let Some(file) = file {
        let [person, id] = key;
        tx.execute(&APPEAL_FILE_ADD, &[person, id, file.into()])
            .await?;
    }
    Ok(true)
}

/// The open appeals of these people, as they are decided by.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn open_of(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<Appeal>>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let rows = tx.rows_each(&APPEALS_OPEN_OF, &asked).await?;
    let mut open = BTreeMap::<PersonId, BTreeMap<AppealId, Appeal>>::new();
    for row in &rows {
        let filed_at = row.time(3)?;
        let appeals = open.entry(row.id(0)?).or_default();
        let appeal = appeals.entry(row.id(1)?).or_insert_with(|| Appeal {
            evidence: Vec::new(),
            filed_at,
            answered_at: None,
        });
        appeal.evidence.push(row.id(2)?);
    }
    let open = open.into_iter();
    Ok(open
        .map(|(person, appeals)| (person, appeals.into_values().collect()))
        .collect())
}

/// All appeals of a person, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<AppealRecord>> {
    let rows = tx.rows(&APPEALS_OF, &[person.into()]).await?;
    rows.iter().map(read).collect()
}

/// An appeal.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(
    tx: &mut Transaction,
    person: PersonId,
    id: AppealId,
) -> Result<Option<AppealRecord>> {
    let row = tx.row(&APPEAL_FIND, &[person.into(), id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The restrictions that an appeal names, by rule.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn rules_of(
    tx: &mut Transaction,
    person: PersonId,
    id: AppealId,
) -> Result<Vec<AppealedRule>> {
    let mut rules = rules_of_many(tx, &[(person, id)]).await?;
    Ok(rules.remove(&(person, id)).unwrap_or_default())
}

/// The restrictions that each of these appeals names, by rule.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn rules_of_many(
    tx: &mut Transaction,
    appeals: &[(PersonId, AppealId)],
) -> Result<BTreeMap<(PersonId, AppealId), Vec<AppealedRule>>> {
    let asked: Vec<Vec<Value>> = appeals
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    let mut rules = BTreeMap::<(PersonId, AppealId), Vec<AppealedRule>>::new();
    for row in tx.rows_each(&APPEAL_RULES, &asked).await? {
        let evidence = row.bytes(5)?.chunks(16).map(EvidenceId::from_slice);
        let evidence: Result<Vec<EvidenceId>, _> = evidence.collect();
        let rule = AppealedRule {
            policy: PolicyRef {
                id: row.text(2)?,
                version: row.number(3)?,
            },
            rule: row.text(4)?,
            evidence: evidence.map_err(|error| row.corrupt(5, error))?,
            was_right: row.int_or_null(6)?.map(|right| right != 0),
        };
        let of_appeal = rules.entry((row.id(0)?, row.id(1)?)).or_default();
        of_appeal.push(rule);
    }
    Ok(rules)
}

/// The file that came with an appeal, sealed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn file(tx: &mut Transaction, person: PersonId, id: AppealId) -> Result<Option<Vec<u8>>> {
    let values = [person.into(), id.into()];
    let row = tx.row(&APPEAL_FILE_FIND, &values).await?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// One page of the open appeals, the soonest due first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(
    tx: &mut Transaction,
    whose: &Whose,
    due_by: Timestamp,
    after: Option<QueuePlace>,
    limit: u32,
) -> Result<Vec<AppealRecord>> {
    let (at, person, appeal): (Value, Value, Value) = match after {
        Some((at, person, appeal)) => (at.into(), person.into(), appeal.into()),
        None => (i64::MIN.into(), [].into(), [].into()),
    };
    let mut values = whose.values().to_vec();
    values.extend([at, person, appeal, due_by.into(), limit.into()]);
    let rows = tx.rows(&APPEALS_WAITING, &values).await?;
    rows.iter().map(read).collect()
}

/// Answers an appeal; of its restrictions those under the rules `right` were wrong. `false`, with nothing
/// changed, if it was answered before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn answer(
    tx: &mut Transaction,
    person: PersonId,
    id: AppealId,
    answer: &AppealAnswer,
    right: &[String],
) -> Result<bool> {
    let values = [
        person.into(),
        id.into(),
        answer.at.into(),
        answer.outcome.as_str().into(),
        answer.staff.into(),
        answer.authority.into(),
        answer.reasons.as_slice().into(),
    ];
    if tx.execute(&APPEAL_ANSWER, &values).await? == 0 {
        return Ok(false);
    }
    for rule in rules_of(tx, person, id).await? {
        let was_right = i64::from(right.contains(&rule.rule));
        let values = [
            person.into(),
            id.into(),
            rule.rule.as_str().into(),
            answer.at.into(),
            was_right.into(),
        ];
        tx.execute(&APPEAL_RULE_ANSWER, &values).await?;
    }
    let values = [person.into(), id.into(), answer.at.into()];
    tx.execute(&APPEALED_EVIDENCE_ANSWER, &values).await?;
    Ok(true)
}

/// Notes that officers are reminded of the open appeals that are due by `due_by`, at most so many; how many
/// there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn remind(
    tx: &mut Transaction,
    due_by: Timestamp,
    now: Timestamp,
    limit: u32,
) -> Result<u64> {
    note_all(tx, (&APPEALS_TO_REMIND, &APPEAL_REMIND), due_by, now, limit).await
}

/// Notes that the open appeals that were due at `now` are late, at most so many; how many there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn escalate(tx: &mut Transaction, now: Timestamp, limit: u32) -> Result<u64> {
    note_all(
        tx,
        (&APPEALS_TO_ESCALATE, &APPEAL_ESCALATE),
        now,
        now,
        limit,
    )
    .await
}

async fn note_all(
    tx: &mut Transaction,
    (find, note): (&Query, &Query),
    due_by: Timestamp,
    now: Timestamp,
    limit: u32,
) -> Result<u64> {
    let rows = tx.rows(find, &[due_by.into(), limit.into()]).await?;
    let mut noted = 0;
    for row in &rows {
        let (person, appeal): (PersonId, AppealId) = (row.id(0)?, row.id(1)?);
        let values = [person.into(), appeal.into(), now.into()];
        noted += tx.execute(note, &values).await?;
    }
    Ok(noted)
}

/// How many open appeals are due by then.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count_due(tx: &mut Transaction, due_by: Timestamp) -> Result<u64> {
    let row = tx.one_row(&APPEALS_DUE, &[due_by.into()]).await?;
    row.number(0)
}

/// How appeals against each rule of a policy version went.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn by_rule(tx: &mut Transaction, policy: &PolicyRef) -> Result<Vec<RuleAppeals>> {
    let values = [policy.id.as_str().into(), policy.version.into()];
    let rows = tx.rows(&APPEALS_BY_RULE, &values).await?;
    let counts = |row: &Row| {
        Ok(RuleAppeals {
            rule: row.text(0)?,
            filed: row.number(1)?,
            answered: row.number(2)?,
            right: row.number(3)?,
            seconds: row.number(4)?,
        })
    };
    rows.iter().map(counts).collect()
}

/// One page of the people who have an open appeal, in order of identifier.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn appealing(
    tx: &mut Transaction,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let rows = tx.rows(&APPEALING_PEOPLE, &[after, limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Keeps an appeal as it stands, as [`add`] keeps a new one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_as_it_stands(
    tx: &mut Transaction,
    appeal: &AppealRecord,
    rules: &[AppealedRule],
    file: Option<&[u8]>,
) -> Result<bool> {
    if !add(tx, appeal, rules, file).await? {
        return Ok(false);
    }
    for (note, at) in [
        (&APPEAL_REMIND, appeal.reminded_at),
        (&APPEAL_ESCALATE, appeal.escalated_at),
    ] {
        if let Some(at) = at {
            let values = [appeal.person.into(), appeal.id.into(), at.into()];
            tx.execute(note, &values).await?;
        }
    }
    if let Some(given) = &appeal.answer {
        let right = rules.iter().filter(|rule| rule.was_right == Some(true));
        let right: Vec<String> = right.map(|rule| rule.rule.clone()).collect();
        answer(tx, appeal.person, appeal.id, given, &right).await?;
    }
    Ok(true)
}

fn read(row: &Row) -> Result<AppealRecord> {
    let answered_at = row.time_or_null(10)?;
    let answer = answered_at.map(|at| -> Result<AppealAnswer> {
        let bytes = row.bytes_or_null(14)?.unwrap_or_default();
        Ok(AppealAnswer {
            at,
            outcome: row.text(11)?,
            staff: row.id(12)?,
            authority: row.id(13)?,
            reasons: bytes.to_vec(),
        })
    });
    Ok(AppealRecord {
        person: row.id(0)?,
        id: row.id(1)?,
        filed_at: row.time(2)?,
        answer_by: row.time(3)?,
        seal: SealedWith {
            key: row.number(4)?,
            month: row.number(5)?,
        },
        said: row.bytes(6)?.to_vec(),
        file_form: row.text_or_null(7)?,
        reminded_at: row.time_or_null(8)?,
        escalated_at: row.time_or_null(9)?,
        answer: answer.transpose()?,
    })
}
