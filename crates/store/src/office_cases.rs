//! The cases that each office confirmed: what its list shows and its curve counts, without reading the
//! evidence of everybody. A row lives as long as the diagnosis that it names.

use std::collections::BTreeSet;

use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, Region, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::nearby::near;
use crate::queries::{
    OFFICE_CASE_ADD, OFFICE_CASE_FIND, OFFICE_CASE_STANDING, OFFICE_CASE_WITHDRAW, OFFICE_CASES,
    OFFICE_CASES_COUNTED, OFFICE_SEARCHES,
};
use crate::{Result, TraceJob};

/// Seconds of a quarter of an hour: no zone in use begins its days in between.
const QUARTER: i64 = 900;

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeCase {
    /// Who.
    pub person: PersonId,
    /// The diagnosis.
    pub diagnosis: EvidenceId,
    /// Which office confirmed it.
    pub authority: AuthorityId,
    /// When the illness was found.
    pub found_at: Timestamp,
    /// When it began, if that is known.
    pub onset: Option<Timestamp>,
    /// When the search for contacts was opened.
    pub opened_at: Timestamp,
    /// When the diagnosis was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// What the search for the contacts of a case does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// It runs.
    Running,
    /// It is over.
    Done,
    /// The diagnosis was taken back.
    Withdrawn,
}

/// Which cases of an office are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CasesAsked {
    /// Those that were opened since then.
    pub since: Timestamp,
    /// Those that come after this one in the list, which has the newest first.
    pub before: CaseKey,
    /// Those of which the search does this.
    pub state: Option<CaseState>,
    /// Those of people who stayed in this region, as anybody says.
    pub region: Option<Region>,
}

impl CaseState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Withdrawn];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The place of a case in the list of its office.
pub type CaseKey = (Timestamp, PersonId, EvidenceId);

impl OfficeCase {
    /// Where the next page goes on after it.
    pub const fn key(&self) -> CaseKey {
        (self.opened_at, self.person, self.diagnosis)
    }
}

/// Notes the cases whose searches are opened, in the transaction of their diagnoses; and that a
/// diagnosis was taken back, in that of its withdrawal.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, jobs: &[TraceJob], evidence: &[&Evidence]) -> Result<()> {
    let opening: BTreeSet<EvidenceId> = jobs.iter().map(|job| job.diagnosis).collect();
    let (mut cases, mut withdrawn) = (Vec::new(), Vec::new());
    for piece in evidence.iter().filter(|piece| opening.contains(&piece.id)) {
        match piece.fact {
            Fact::Diagnosis { at, onset, .. } => cases.push(vec![
                piece.person.into(),
                piece.id.into(),
                piece.authority.into(),
                at.into(),
                onset.into(),
                piece.recorded_at.into(),
            ]),
            Fact::Withdrawal { of, at, .. } => {
                withdrawn.push(vec![piece.person.into(), of.into(), at.into()]);
            }
            _ => {}
        }
    }
    tx.execute_each(&OFFICE_CASE_ADD, &cases).await?;
    tx.execute_each(&OFFICE_CASE_WITHDRAW, &withdrawn).await?;
    Ok(())
}

/// These cases, as far as there are any, in no order.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    diagnoses: &[(PersonId, EvidenceId)],
) -> Result<Vec<OfficeCase>> {
    let asked: Vec<Vec<Value>> = diagnoses
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    let rows = tx.rows_each(&OFFICE_CASE_FIND, &asked).await?;
    rows.iter().map(read).collect()
}

/// The newest case that an office has of a person, found `since` and not taken back.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn standing(
    tx: &mut Transaction,
    person: PersonId,
    authority: AuthorityId,
    since: Timestamp,
) -> Result<Option<OfficeCase>> {
    let values = [person.into(), authority.into(), since.into()];
    let row = tx.row(&OFFICE_CASE_STANDING, &values).await?;
    row.as_ref().map(read).transpose()
}

/// One page of the cases of an office, the newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_authority(
    tx: &mut Transaction,
    authority: AuthorityId,
    asked: CasesAsked,
    limit: u32,
) -> Result<Vec<OfficeCase>> {
    let (opened_at, person, diagnosis) = asked.before;
    let region: Vec<Region> = asked.region.into_iter().collect();
    let values = [
        authority.into(),
        asked.since.into(),
        opened_at.into(),
        person.into(),
        diagnosis.into(),
        limit.into(),
        asked.state.map_or("", CaseState::as_str).into(),
        near(&region).into(),
    ];
    let rows = tx.rows(&OFFICE_CASES, &values).await?;
    rows.iter().map(read).collect()
}

/// Since when searches for contacts run for an office, the oldest first, and so many at most.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn searches(
    tx: &mut Transaction,
    authority: AuthorityId,
    limit: u32,
) -> Result<Vec<Timestamp>> {
    let values = [authority.into(), limit.into()];
    let rows = tx.rows(&OFFICE_SEARCHES, &values).await?;
    rows.iter().map(|row| row.time(0)).collect()
}

/// How many cases of an office that were opened `since` and stand began in each quarter of an hour: those
/// of which that is known, and those that are counted by when they were found.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn counted(
    tx: &mut Transaction,
    authority: AuthorityId,
    since: Timestamp,
) -> Result<Vec<(Timestamp, u64, u64)>> {
    let values = [authority.into(), since.into()];
    let rows = tx.rows(&OFFICE_CASES_COUNTED, &values).await?;
    let read = |row: &Row| {
        let at = Timestamp::from_second(row.int(0)?.saturating_mul(QUARTER));
        let at = at.map_err(|_| row.corrupt(0, "no such time"))?;
        let (known, all): (u64, u64) = (row.number(1)?, row.number(2)?);
        Ok((at, known, all.saturating_sub(known)))
    };
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<OfficeCase> {
    Ok(OfficeCase {
        person: row.id(0)?,
        diagnosis: row.id(1)?,
        authority: row.id(2)?,
        found_at: row.time(3)?,
        onset: row.time_or_null(4)?,
        opened_at: row.time(5)?,
        withdrawn_at: row.time_or_null(6)?,
    })
}
