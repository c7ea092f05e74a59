//! The tables of the mirror.

use async_trait::async_trait;
use domain::evidence::OpenPeriod;
use domain::{EvidenceId, Fact, PersonId};

use super::SqlStore;
use crate::Result;
use crate::database::{Row, Session, Value};
use crate::mirror::{Generation, MirrorStore, Noted, PersonEvidence};
use crate::queries::{
    GENERATION_ADD, GENERATIONS, GENERATIONS_DROP, MIRROR_CLAIM, MIRROR_EVIDENCE, MIRROR_FIND,
    MIRROR_PEOPLE, MIRROR_VISITS, UNMIRRORED_AFTER, UNMIRRORED_DROP, UNMIRRORED_PUT,
};
use crate::wire::{self, WireFact};

/// The one mirror there is.
const MIRROR: &str = "mirror";

#[async_trait]
impl MirrorStore for SqlStore {
    async fn claim_mirror(&self, fresh: [u8; 16]) -> Result<[u8; 16]> {
        let work = self
            .database
            .write(fresh, |session, fresh| Box::pin(claim(session, *fresh)));
        work.await
    }

    async fn people_with_evidence(
        &self,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonEvidence>> {
        people_with_evidence(&mut self.database.reader().await?, after, limit).await
    }

    async fn noted(&self, after: Option<PersonId>, limit: u32) -> Result<Vec<Noted>> {
        let mut session = self.database.reader().await?;
        let values = [before_all(after), limit.into()];
        let rows = session.rows(&UNMIRRORED_AFTER, &values).await?;
        let noted = |row: &Row| {
            Ok(Noted {
                person: row.id(0)?,
                revision: row.number(1)?,
            })
        };
        rows.iter().map(noted).collect()
    }

    async fn forget_noted(&self, people: &[Noted]) -> Result<()> {
        let work = self.database.write(people.to_vec(), |session, people| {
            Box::pin(forget(session, people))
        });
        work.await
    }

    async fn generations(&self) -> Result<Vec<Generation>> {
        let mut session = self.database.reader().await?;
        let rows = session.rows(&GENERATIONS, &[]).await?;
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

    async fn add_generation(&self, generation: &Generation) -> Result<bool> {
        let work = self
            .database
            .write(generation.clone(), |session, generation| {
                Box::pin(add(session, generation))
            });
        work.await
    }

    async fn drop_generations(&self, up_to: u64) -> Result<()> {
        let work = self.database.write(up_to, |session, up_to| {
            Box::pin(drop_generations(session, *up_to))
        });
        work.await
    }
}

/// Notes that evidence about a person was written, with the revision that this transaction gave
/// them. The person's row must be locked.
pub(super) async fn note(session: &mut Session, person: PersonId, revision: i64) -> Result<()> {
    let values = [person.into(), revision.into()];
    session.execute(&UNMIRRORED_PUT, &values).await?;
    Ok(())
}

async fn claim(session: &mut Session, fresh: [u8; 16]) -> Result<[u8; 16]> {
    let values = [MIRROR.into(), fresh.into()];
    session.execute(&MIRROR_CLAIM, &values).await?;
    let row = session.one_row(&MIRROR_FIND, &[MIRROR.into()]).await?;
    row.array(0)
}

/// Revisions are read first, so that the evidence up to each is found.
async fn people_with_evidence(
    session: &mut Session,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonEvidence>> {
    let rows = session
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
    for row in session.rows(&MIRROR_EVIDENCE, &page).await? {
        let WireFact(fact) = wire::from_json(&row.text(2)?).map_err(|why| row.corrupt(2, why))?;
        give(&mut people, row.id(0)?, row.id(1)?, fact);
    }
    for row in session.rows(&MIRROR_VISITS, &page).await? {
        let fact = Fact::visit(
            row.id(2)?,
            row.text_or_null(3)?,
            OpenPeriod::mended(row.time(4)?, row.time_or_null(5)?),
        );
        give(&mut people, row.id(0)?, row.id(1)?, fact);
    }
    Ok(people)
}

/// Whoever became known after the page was read is not on it.
fn give(people: &mut [PersonEvidence], person: PersonId, id: EvidenceId, fact: Fact) {
    if let Ok(place) = people.binary_search_by_key(&person, |other| other.person) {
        people[place].evidence.push((id, fact));
    }
}

async fn forget(session: &mut Session, people: &[Noted]) -> Result<()> {
    let mut people: Vec<&Noted> = people.iter().collect();
    // In order, so that no two transactions wait for each other.
    people.sort_by_key(|noted| noted.person);
    for noted in people {
        let values = [noted.person.into(), number(noted.revision).into()];
        session.execute(&UNMIRRORED_DROP, &values).await?;
    }
    Ok(())
}

async fn add(session: &mut Session, generation: &Generation) -> Result<bool> {
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
    Ok(session.execute(&GENERATION_ADD, &values).await? > 0)
}

async fn drop_generations(session: &mut Session, up_to: u64) -> Result<()> {
    session
        .execute(&GENERATIONS_DROP, &[number(up_to).into()])
        .await?;
    Ok(())
}

fn before_all(after: Option<PersonId>) -> Value {
    after.map_or_else(|| Value::from([]), Value::from)
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
