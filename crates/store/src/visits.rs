//! Visits. Each is written twice, by person and by venue.

use std::collections::BTreeMap;

use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, Timestamp, VenueId};
use jiff::SignedDuration;

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    LATE_VISIT_PUT, VISIT_FIND, VISIT_PUT_BY_PERSON, VISIT_PUT_BY_VENUE, VISITS_AFTER, VISITS_AT,
    VISITS_OF, VISITS_SINCE,
};

/// A stay at a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its identifier, the same in the person's evidence.
    pub id: EvidenceId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub venue: VenueId,
    /// What sort of place, copied from the venue.
    pub category: Option<String>,
    /// From when.
    pub entered: Timestamp,
    /// Until when, if checked out.
    pub left: Option<Timestamp>,
}

impl Visit {
    /// An open visit counts as ended so long after entry.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);
    /// The authority of a visit that was recorded as such, not submitted as evidence: the person,
    /// who checked in.
    pub const RECORDED_BY: AuthorityId = AuthorityId::from_u128(1);
}

/// How visits come to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// As they happen: somebody enters or leaves now. Every case traced so far was found before, so
    /// no trace is touched.
    Live,
    /// Afterwards: scans of a phone that had no network, or what an authority reports. They may
    /// touch traces that are finished.
    Late,
}

/// A visit with who submitted it and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedVisit {
    /// The visit.
    pub visit: Visit,
    /// Who submitted it.
    pub authority: AuthorityId,
    /// When the system took it in.
    pub recorded_at: Timestamp,
}

impl RecordedVisit {
    /// A visit that the person checked in to.
    pub const fn own(visit: Visit) -> Self {
        let recorded_at = visit.entered;
        Self {
            visit,
            authority: Visit::RECORDED_BY,
            recorded_at,
        }
    }

    /// The visit that a piece of evidence is, if it is one.
    pub fn of_evidence(piece: &Evidence) -> Option<Self> {
        let Fact::Visit {
            venue,
            category,
            period,
        } = &piece.fact
        else {
            return None;
        };
        let visit = Visit {
            id: piece.id,
            person: piece.person,
            venue: *venue,
            category: category.clone(),
            entered: period.begin(),
            left: period.end(),
        };
        Some(Self {
            visit,
            authority: piece.authority,
            recorded_at: piece.recorded_at,
        })
    }
}

/// Writes visits, or the end of those that are known: the first check-out wins. Returns what
/// changed, as it is stored. What changed with [`Recorded::Late`] is noted for
/// [`crate::traces::reopen`].
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(
    tx: &mut Transaction,
    visits: &[RecordedVisit],
    recorded: Recorded,
) -> Result<Vec<Visit>> {
    let mut changed = Vec::with_capacity(visits.len());
    for round in rounds(visits) {
        changed.extend(put_different(tx, &round, recorded).await?);
    }
    Ok(changed)
}

/// A person's visits that touch `[from, until)`, by entry time. An open visit touches everything
/// after its entry, up to [`Visit::LONGEST`].
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(
    tx: &mut Transaction,
    person: PersonId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Visit>> {
    of_many(tx, &[(person, from, until)]).await
}

/// The same of many people, in the order in which they are given and then by entry time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_many(
    tx: &mut Transaction,
    spans: &[(PersonId, Timestamp, Timestamp)],
) -> Result<Vec<Visit>> {
    let asked: Vec<Vec<Value>> = spans
        .iter()
        .map(|(person, from, until)| vec![(*person).into(), (*from).into(), (*until).into()])
        .collect();
    let rows = tx.rows_each(&VISITS_OF, &asked).await?;
    rows.iter().map(read).collect()
}

/// Visits to venues that touch `[from, until)` of each, in order of the spans given and then by
/// entry time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn at(
    tx: &mut Transaction,
    spans: &[(VenueId, Timestamp, Timestamp)],
) -> Result<Vec<Visit>> {
    let asked: Vec<Vec<Value>> = spans
        .iter()
        .map(|(venue, from, until)| vec![(*venue).into(), (*from).into(), (*until).into()])
        .collect();
    let rows = tx.rows_each(&VISITS_AT, &asked).await?;
    rows.iter().map(read).collect()
}

/// Those of these visits that are there, each asked for by whose it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    keys: &[(PersonId, EvidenceId)],
) -> Result<Vec<Visit>> {
    let rows = found_rows(tx, keys).await?;
    rows.iter().map(read_found).collect()
}

/// One page of everybody's visits, in order of venue, entry and identifier, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn after(tx: &mut Transaction, after: Option<&Visit>, limit: u32) -> Result<Vec<Visit>> {
    let [venue, entered, visit] = after.map_or_else(
        || [Value::from([]), i64::MIN.into(), Value::from([])],
        |last| [last.venue.into(), last.entered.into(), last.id.into()],
    );
    let values = [venue, entered, visit, limit.into()];
    let rows = tx.rows(&VISITS_AFTER, &values).await?;
    rows.iter().map(read).collect()
}

/// Visits that had not ended, as evidence, each asked for by person and time.
pub(crate) async fn as_evidence(
    tx: &mut Transaction,
    asked: &[Vec<Value>],
) -> Result<Vec<Evidence>> {
    let rows = tx.rows_each(&VISITS_SINCE, asked).await?;
    rows.iter().map(read_evidence).collect()
}

/// Those of these visits that are there, as evidence.
pub(crate) async fn find_as_evidence(
    tx: &mut Transaction,
    keys: &[(PersonId, EvidenceId)],
) -> Result<Vec<Evidence>> {
    let rows = found_rows(tx, keys).await?;
    rows.iter().map(read_evidence).collect()
}

async fn found_rows(tx: &mut Transaction, keys: &[(PersonId, EvidenceId)]) -> Result<Vec<Row>> {
    let asked: Vec<Vec<Value>> = keys
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    tx.rows_each(&VISIT_FIND, &asked).await
}

/// Splits visits into rounds in which each is named once: PostgreSQL refuses to touch a row twice in
/// one statement. Each round is in order, so that no two transactions wait for each other.
fn rounds(visits: &[RecordedVisit]) -> Vec<Vec<&RecordedVisit>> {
    let mut times = BTreeMap::<(PersonId, EvidenceId), usize>::new();
    let mut rounds: Vec<Vec<&RecordedVisit>> = Vec::new();
    for one in visits {
        let round = times.entry((one.visit.person, one.visit.id)).or_default();
        if *round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[*round].push(one);
        *round += 1;
    }
    for round in &mut rounds {
        round.sort_by_key(|one| (one.visit.person, one.visit.id));
    }
    rounds
}

async fn put_different(
    tx: &mut Transaction,
    visits: &[&RecordedVisit],
    recorded: Recorded,
) -> Result<Vec<Visit>> {
    let values = |one: &&RecordedVisit| {
        let visit = &one.visit;
        vec![
            visit.person.into(),
            visit.id.into(),
            one.authority.into(),
            visit.venue.into(),
            visit.category.clone().into(),
            visit.entered.into(),
            visit.left.into(),
            one.recorded_at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = visits.iter().map(values).collect();
    let mut changed = Vec::with_capacity(rows.len());
    for row in tx.rows_each(&VISIT_PUT_BY_PERSON, &rows).await? {
        // What is stored counts, not what came: a repeated visit changes only its end.
        changed.push(Visit {
            person: row.id(0)?,
            id: row.id(1)?,
            venue: row.id(2)?,
            category: row.text_or_null(3)?,
            entered: row.time(4)?,
            left: row.time_or_null(5)?,
        });
    }
    let by_venue: BTreeMap<_, _> = changed
        .iter()
        .map(|visit| ((visit.venue, visit.entered, visit.id), visit))
        .collect();
    let rows: Vec<Vec<Value>> = by_venue.into_values().map(values_by_venue).collect();
    tx.execute_each(&VISIT_PUT_BY_VENUE, &rows).await?;
    if recorded == Recorded::Late {
        let rows: Vec<Vec<Value>> = changed.iter().map(values_if_late).collect();
        tx.execute_each(&LATE_VISIT_PUT, &rows).await?;
    }
    Ok(changed)
}

fn values_by_venue(visit: &Visit) -> Vec<Value> {
    vec![
        visit.venue.into(),
        visit.entered.into(),
        visit.id.into(),
        visit.person.into(),
        visit.category.clone().into(),
        visit.left.into(),
    ]
}

fn values_if_late(visit: &Visit) -> Vec<Value> {
    // Before its end was known the visit may have counted as long as an open one.
    let until = visit.entered.checked_add(Visit::LONGEST);
    let until = until.unwrap_or(visit.entered);
    let until = visit.left.map_or(until, |left| left.max(until));
    vec![
        visit.person.into(),
        visit.id.into(),
        visit.venue.into(),
        visit.entered.into(),
        until.into(),
    ]
}

pub(crate) fn read(row: &Row) -> Result<Visit> {
    Ok(Visit {
        id: row.id(0)?,
        person: row.id(1)?,
        venue: row.id(2)?,
        category: row.text_or_null(3)?,
        entered: row.time(4)?,
        left: row.time_or_null(5)?,
    })
}

fn read_found(row: &Row) -> Result<Visit> {
    Ok(Visit {
        person: row.id(0)?,
        id: row.id(1)?,
        venue: row.id(4)?,
        category: row.text_or_null(5)?,
        entered: row.time(6)?,
        left: row.time_or_null(7)?,
    })
}

fn read_evidence(row: &Row) -> Result<Evidence> {
    let visit = read_found(row)?;
    Ok(Evidence {
        id: visit.id,
        person: visit.person,
        authority: row.id(2)?,
        recorded_at: row.time(3)?,
        fact: visit.into(),
    })
}
