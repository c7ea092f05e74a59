//! The tables of the mirror: who has evidence that no copy holds yet, and which copies there are.

use domain::Timestamp;
use domain::evidence::OpenPeriod;
use domain::{EvidenceId, Fact, PersonId};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::evidence::read_fact;
use crate::people::Revision;
use crate::queries::{
    GENERATION_ADD, GENERATIONS, GENERATIONS_DROP, MIRROR_CLAIM, MIRROR_EVIDENCE, MIRROR_FIND,
    MIRROR_PEOPLE, MIRROR_VISITS, UNMIRRORED_AFTER, UNMIRRORED_DROP, UNMIRRORED_PUT,
};

/// The one mirror there is.
const MIRROR: &str = "mirror";

/// All evidence about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEvidence {
    /// Who.
    pub person: PersonId,
    /// Whatever was committed up to this revision of the person is among the evidence.
    pub revision: u64,
    /// What is known, visits included, in no order that means anything.
    pub evidence: Vec<(EvidenceId, Fact)>,
}

/// Somebody whose evidence grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Who.
    pub person: PersonId,
    /// Their revision as of the last evidence.
    pub revision: u64,
}

/// One complete copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Counts up from 1.
    pub number: u64,
    /// The folder or bucket it was written into.
    pub place: String,
    /// SHA-256 of the list of its files.
    pub digest: [u8; 32],
    /// How many people it knows.
    pub people: u64,
    /// How many pieces of evidence it holds.
    pub facts: u64,
    /// How many bytes its files have.
    pub bytes: u64,
    /// When it was begun; whatever was committed before is in it.
    pub begun_at: Timestamp,
    /// When it was complete.
    pub written_at: Timestamp,
}

/// Notes that evidence about people was written, each with the revision that this transaction gave
/// them. The people must be locked.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, people: &[(PersonId, Revision)]) -> Result<()> {
    let rows: Vec<Vec<Value>> = people
        .iter()
        .map(|(person, revision)| vec![(*person).into(), (*revision).into()])
        .collect();
    tx.execute_each(&UNMIRRORED_PUT, &rows).await?;
    Ok(())
}

/// The identifier of this database's mirror: `fresh`, unless one was claimed before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim(tx: &mut Transaction, fresh: [u8; 16]) -> Result<[u8; 16]> {
    let values = [MIRROR.into(), fresh.into()];
    tx.execute(&MIRROR_CLAIM, &values).await?;
    let row = tx.one_row(&MIRROR_FIND, &[MIRROR.into()]).await?;
    row.array(0)
}

/// One page of everybody with all their evidence, in order of identifier, after `after`. Revisions are
/// read first, so that the evidence up to each is found.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_with_evidence(
    tx: &mut Transaction,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonEvidence>> {
    let rows = tx
        .rows(&MIRROR_PEOPLE, &[before_all(after), limit.into()])
        .await?;
    let person = |row: &Row| {
        Ok(PersonEvidence {
            person: row.id(0)?,
            revision: row.number(1)?,
            evidence: Vec::new(),
        })
    };
    let mut people = rows.iter().map(person).collect::<Result<Vec<_>>>()?;
    let Some(last) = people.last().map(|last| last.person) else {
        return Ok(people);
    };
    let page = [before_all(after), last.into()];
    for row in tx.rows(&MIRROR_EVIDENCE, &page).await? {
        give(&mut people, row.id(0)?, row.id(1)?, read_fact(&row, 2)?);
    }
    for row in tx.rows(&MIRROR_VISITS, &page).await? {
        let fact = Fact::visit(
            row.id(2)?,
            row.text_or_null(3)?,
            OpenPeriod::mended(row.time(4)?, row.time_or_null(5)?),
        );
        give(&mut people, row.id(0)?, row.id(1)?, fact);
    }
    Ok(people)
}

/// A person who became known after the page was read is not on it.
fn give(people: &mut [PersonEvidence], person: PersonId, id: EvidenceId, fact: Fact) {
    if let Ok(place) = people.binary_search_by_key(&person, |other| other.person) {
        people[place].evidence.push((id, fact));
    }
}

/// Forgets people, unless they were noted again with a greater revision.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, people: &[Noted]) -> Result<()> {
    let mut people: Vec<&Noted> = people.iter().collect();
    // In order, so that no two transactions wait for each other.
    people.sort_by_key(|noted| noted.person);
    let rows: Vec<Vec<Value>> = people
        .into_iter()
        .map(|noted| vec![noted.person.into(), number(noted.revision).into()])
        .collect();
    tx.execute_each(&UNMIRRORED_DROP, &rows).await?;
    Ok(())
}

/// Lists a copy that is complete; `false` if another one has its number.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_generation(tx: &mut Transaction, generation: &Generation) -> Result<bool> {
    let values = [
        number(generation.number).into(),
        generation.place.as_str().into(),
        generation.digest.into(),
        number(generation.people).into(),
        number(generation.facts).into(),
        number(generation.bytes).into(),
        generation.begun_at.into(),
        generation.written_at.into(),
    ];
    Ok(tx.execute(&GENERATION_ADD, &values).await? > 0)
}

/// Forgets a copy and every older one. They say nothing any more about who is noted.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_generations(tx: &mut Transaction, up_to: u64) -> Result<()> {
    tx.execute(&GENERATIONS_DROP, &[number(up_to).into()])
        .await?;
    Ok(())
}

/// One page of the people noted, in order of identifier, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn noted(
    tx: &mut Transaction,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<Noted>> {
    let values = [before_all(after), limit.into()];
    let rows = tx.rows(&UNMIRRORED_AFTER, &values).await?;
    let noted = |row: &Row| {
        Ok(Noted {
            person: row.id(0)?,
            revision: row.number(1)?,
        })
    };
    rows.iter().map(noted).collect()
}

/// The complete copies, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn generations(tx: &mut Transaction) -> Result<Vec<Generation>> {
    let rows = tx.rows(&GENERATIONS, &[]).await?;
    let generation = |row: &Row| {
        Ok(Generation {
            number: row.number(0)?,
            place: row.text(1)?,
            digest: row.array(2)?,
            people: row.number(3)?,
            facts: row.number(4)?,
            bytes: row.number(5)?,
            begun_at: row.time(6)?,
            written_at: row.time(7)?,
        })
    };
    rows.iter().map(generation).collect()
}

fn before_all(after: Option<PersonId>) -> Value {
    after.map_or_else(|| Value::from([]), Value::from)
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
