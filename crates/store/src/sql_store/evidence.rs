//! Evidence: added, never changed. Visits lie in tables of their own and are read as evidence.

use domain::evidence::OpenPeriod;
use domain::{Evidence, EvidenceId, Fact, PersonId, Timestamp};

use super::{presences, visits};
use crate::database::{Row, Session};
use crate::queries::{EVIDENCE_ADD, EVIDENCE_FIND, EVIDENCE_OF_STAYS, EVIDENCE_SINCE};
use crate::wire::{self, WireFact};
use crate::{Court, Recorded, Result, Visit};

/// Adds one piece; `false` if it was there.
pub(super) async fn add(session: &mut Session, evidence: &Evidence) -> Result<bool> {
    if let Fact::Visit {
        venue,
        category,
        period,
    } = &evidence.fact
    {
        let visit = Visit {
            id: evidence.id,
            person: evidence.person,
            venue: *venue,
            category: category.clone(),
            entered: period.begin(),
            left: period.end(),
        };
        let (by, at) = (evidence.authority, evidence.recorded_at);
        presences::end_other_claim(session, None).await?;
        let put = visits::put(session, &visit, by, at, Recorded::Late).await?;
        return Ok(put.is_some());
    }
    let values = [
        evidence.person.into(),
        evidence.id.into(),
        evidence.authority.into(),
        evidence.fact.kind().as_str().into(),
        evidence.fact.begins().into(),
        evidence.fact.ends().into(),
        evidence.recorded_at.into(),
        wire::to_json(&WireFact(evidence.fact.clone()))?.into(),
    ];
    Ok(session.execute(&EVIDENCE_ADD, &values).await? > 0)
}

/// What a judge is given.
pub(super) async fn before_court(
    session: &mut Session,
    person: PersonId,
    court: &Court,
) -> Result<Vec<Evidence>> {
    let mut evidence = without_visits(session, person, court.look_back_from).await?;
    if court.reads_visits {
        evidence.extend(visits::as_evidence(session, person, court.look_back_from).await?);
        evidence.sort_by_key(|piece| (piece.fact.begins(), piece.id));
    }
    Ok(evidence)
}

pub(super) async fn of(
    session: &mut Session,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Evidence>> {
    let mut evidence = without_visits(session, person, since).await?;
    evidence.extend(visits::as_evidence(session, person, since).await?);
    evidence.sort_by_key(|piece| (piece.fact.begins(), piece.id));
    Ok(evidence)
}

pub(super) async fn one(
    session: &mut Session,
    person: PersonId,
    id: EvidenceId,
) -> Result<Option<Evidence>> {
    match session
        .row(&EVIDENCE_FIND, &[person.into(), id.into()])
        .await?
    {
        Some(row) => read(&row, person).map(Some),
        None => visits::one_as_evidence(session, person, id).await,
    }
}

/// The person's stays and every withdrawal, oldest first.
pub(super) async fn stays(session: &mut Session, person: PersonId) -> Result<Vec<Evidence>> {
    let rows = session.rows(&EVIDENCE_OF_STAYS, &[person.into()]).await?;
    rows.iter().map(|row| read(row, person)).collect()
}

async fn without_visits(
    session: &mut Session,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Evidence>> {
    let rows = session
        .rows(&EVIDENCE_SINCE, &[person.into(), since.into()])
        .await?;
    rows.iter().map(|row| read(row, person)).collect()
}

fn read(row: &Row, person: PersonId) -> Result<Evidence> {
    let WireFact(fact) = wire::from_json(&row.text(3)?).map_err(|why| row.corrupt(3, why))?;
    Ok(Evidence {
        id: row.id(0)?,
        person,
        authority: row.id(1)?,
        recorded_at: row.time(2)?,
        fact,
    })
}

impl From<Visit> for Fact {
    fn from(visit: Visit) -> Self {
        let period = OpenPeriod::mended(visit.entered, visit.left);
        Self::visit(visit.venue, visit.category, period)
    }
}
