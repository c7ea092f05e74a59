//! Venues and visits. Each visit is written twice, by person and by venue.

use domain::{AuthorityId, Evidence, EvidenceId, PersonId, Timestamp, VenueId};

use super::presences;
use crate::database::{Row, Session};
use crate::presences::{Presence, VisitClaim};
use crate::queries::{
    LATE_VISIT_PUT, VENUE_FIND, VENUE_PUT, VISIT_FIND, VISIT_PUT_BY_PERSON, VISIT_PUT_BY_VENUE,
    VISITS_AT, VISITS_OF, VISITS_SINCE,
};
use crate::{Recorded, Result, Venue, Visit};

pub(super) async fn put_venue(session: &mut Session, venue: &Venue) -> Result<()> {
    let values = [
        venue.id.into(),
        venue.name.as_str().into(),
        venue.category.clone().into(),
        venue.region.map(|region| region.to_string()).into(),
    ];
    session.execute(&VENUE_PUT, &values).await?;
    Ok(())
}

pub(super) async fn venue(session: &mut Session, id: VenueId) -> Result<Option<Venue>> {
    let Some(row) = session.row(&VENUE_FIND, &[id.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Venue {
        id: row.id(0)?,
        name: row.text(1)?,
        category: row.text_or_null(2)?,
        region: row.word_or_null(3)?,
    }))
}

/// Records visits under a claim to write all of them, or under none; what changed.
pub(super) async fn record(
    session: &mut Session,
    visits: &[Visit],
    recorded: Recorded,
    claim: Option<&VisitClaim>,
) -> Result<Vec<Presence>> {
    presences::end_other_claim(session, claim).await?;
    let mut visits: Vec<&Visit> = visits.iter().collect();
    // In order, so that no two transactions wait for each other.
    visits.sort_by_key(|visit| (visit.person, visit.id));
    let mut changed = Vec::new();
    for visit in visits {
        let by = Visit::RECORDED_BY;
        changed.extend(put(session, visit, by, visit.entered, recorded).await?);
    }
    Ok(changed)
}

/// Writes a visit, or the end of one that is known; what is stored then, `None` if nothing changed.
pub(super) async fn put(
    session: &mut Session,
    visit: &Visit,
    authority: AuthorityId,
    recorded_at: Timestamp,
    recorded: Recorded,
) -> Result<Option<Presence>> {
    let values = [
        visit.person.into(),
        visit.id.into(),
        authority.into(),
        visit.venue.into(),
        visit.category.clone().into(),
        visit.entered.into(),
        visit.left.into(),
        recorded_at.into(),
    ];
    let Some(row) = session.row(&VISIT_PUT_BY_PERSON, &values).await? else {
        return Ok(None);
    };
    // What is stored counts, not what came: a repeated visit changes only its end.
    let venue: VenueId = row.id(0)?;
    let (entered, left) = (row.time(2)?, row.time_or_null(3)?);
    let values = [
        venue.into(),
        entered.into(),
        visit.id.into(),
        visit.person.into(),
        row.text_or_null(1)?.into(),
        left.into(),
    ];
    session.execute(&VISIT_PUT_BY_VENUE, &values).await?;
    if recorded == Recorded::Late {
        // Before its end was known the visit may have counted as long as an open one.
        let until = entered.checked_add(Visit::LONGEST).unwrap_or(entered);
        let until = left.map_or(until, |left| left.max(until));
        let values = [
            visit.person.into(),
            visit.id.into(),
            venue.into(),
            entered.into(),
            until.into(),
        ];
        session.execute(&LATE_VISIT_PUT, &values).await?;
    }
    Ok(Some(Presence {
        visit: visit.id,
        person: visit.person,
        venue,
        entered,
        left,
    }))
}

pub(super) async fn of(
    session: &mut Session,
    person: PersonId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Visit>> {
    let rows = session
        .rows(&VISITS_OF, &[person.into(), from.into(), until.into()])
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn at(
    session: &mut Session,
    venue: VenueId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Visit>> {
    let rows = session
        .rows(&VISITS_AT, &[venue.into(), from.into(), until.into()])
        .await?;
    rows.iter().map(read).collect()
}

/// Visits that had not ended at `since`, as evidence.
pub(super) async fn as_evidence(
    session: &mut Session,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Evidence>> {
    let rows = session
        .rows(&VISITS_SINCE, &[person.into(), since.into()])
        .await?;
    rows.iter().map(|row| read_evidence(row, person)).collect()
}

/// One visit as evidence.
pub(super) async fn one_as_evidence(
    session: &mut Session,
    person: PersonId,
    id: EvidenceId,
) -> Result<Option<Evidence>> {
    let row = session
        .row(&VISIT_FIND, &[person.into(), id.into()])
        .await?;
    row.map(|row| read_evidence(&row, person)).transpose()
}

fn read(row: &Row) -> Result<Visit> {
    Ok(Visit {
        id: row.id(0)?,
        person: row.id(1)?,
        venue: row.id(2)?,
        category: row.text_or_null(3)?,
        entered: row.time(4)?,
        left: row.time_or_null(5)?,
    })
}

fn read_evidence(row: &Row, person: PersonId) -> Result<Evidence> {
    let visit = Visit {
        id: row.id(0)?,
        person,
        venue: row.id(3)?,
        category: row.text_or_null(4)?,
        entered: row.time(5)?,
        left: row.time_or_null(6)?,
    };
    Ok(Evidence {
        id: visit.id,
        person,
        authority: row.id(1)?,
        recorded_at: row.time(2)?,
        fact: visit.into(),
    })
}
