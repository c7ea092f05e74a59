//! Writing a generation: all evidence anew, page by page, and then all visits once more in the order of
//! tracing.
//!
//! Everybody who declares every day has newer evidence every day, so mending an old generation would
//! read as much from the database as writing a new one, and could go wrong in more ways.

use std::iter::Peekable;
use std::sync::atomic::Ordering;

use domain::PersonId;
use store::mirror::{Generation, Noted, PersonEvidence};
use store::{Visit, publications};
use tables::files::FileError;
use tables::mirror::{Memory, MirrorWriter, MirroredPerson, PersonFacts, Persons, VisitsWriter};
use tracing::{debug, info, instrument, warn};

use super::bucket::{Bucket, is_leftover, object_folder};
use super::folder::{MirrorFolder, Turn};
use super::{KEPT, Mirror, MirrorError, blocking};

/// A generation on its way.
struct Begun {
    folder: MirrorFolder,
    number: u64,
    listed: Vec<Generation>,
    _turn: Turn,
}

impl Mirror {
    /// Writes a generation with everything that is in the database when this begins, and lists it.
    /// After each page `tell` receives how many people are written so far.
    ///
    /// # Errors
    /// [`MirrorError`]; then the generation before stays the newest, and nothing of the new one is
    /// left.
    #[instrument(name = "mirror.write", skip_all)]
    pub async fn write(&self, tell: impl FnMut(u64) + Send) -> Result<Generation, MirrorError> {
        let begun = self.begin().await?;
        let part = begun.folder.part(begun.number);
        let written = self.write_part(&begun, tell).await;
        if written.is_err() {
            // What does not go away now is removed by the next writer.
            let _ = blocking(move || Ok(std::fs::remove_dir_all(part))).await;
        }
        let generation = written?;
        self.remove_older(&begun).await?;
        self.forget_noted(&begun).await?;
        info!(
            generation = generation.number,
            people = generation.people,
            facts = generation.facts,
            bytes = generation.bytes,
            "mirror written"
        );
        Ok(generation)
    }

    /// Ends a [`Self::write`] or a download that runs, as soon as its page or part is done, and
    /// refuses later ones: the program is ending.
    pub fn interrupt(&self) {
        self.is_interrupted.store(true, Ordering::Release);
    }

    /// Refuses once the program is ending.
    pub(super) fn go_on(&self) -> Result<(), MirrorError> {
        match self.is_interrupted.load(Ordering::Acquire) {
            true => Err(MirrorError::Interrupted("the program is ending".to_owned())),
            false => Ok(()),
        }
    }

    /// Takes the turn, and removes what a crash left.
    async fn begin(&self) -> Result<Begun, MirrorError> {
        let mut fresh = [0; 16];
        self.ids.fill(&mut fresh);
        let id = self.claim_id(fresh).await?;
        let path = self.folder.clone();
        let (folder, turn) = blocking(move || {
            let folder = MirrorFolder::claim(&path, id)?;
            let turn = folder.lock()?;
            Ok((folder, turn))
        })
        .await?;
        if let Some(bucket) = &self.bucket {
            bucket.claim(id).await?;
        }
        let listed = self.generations().await?;
        let numbers: Vec<u64> = listed.iter().map(|one| one.number).collect();
        // There will be about as many people as the last time.
        let people = listed.first().map_or(0, |newest| newest.people);
        let memory = MirrorWriter::MEMORY.max(VisitsWriter::memory(people));
        let (path, leftovers) = (self.folder.clone(), folder.clone());
        let removed = blocking(move || {
            Memory::Available.check(&path, memory)?;
            leftovers.remove_leftovers(&numbers)
        })
        .await?;
        if !removed.is_empty() {
            warn!(
                ?removed,
                "removed what an interrupted writer left of the mirror"
            );
        }
        let number = listed.first().map_or(1, |newest| newest.number + 1);
        Ok(Begun {
            folder,
            number,
            listed,
            _turn: turn,
        })
    }

    /// Writes the files, uploads them to the bucket if there is one, gives the folder its name, and
    /// lists it.
    async fn write_part(
        &self,
        begun: &Begun,
        mut tell: impl FnMut(u64) + Send,
    ) -> Result<Generation, MirrorError> {
        let (folder, number) = (begun.folder.clone(), begun.number);
        let begun_at = self.clock.now();
        let part = folder.part(number);
        let levels = self.store.read("publications.levels", (), |tx, ()| {
            Box::pin(publications::levels(tx))
        });
        let levels = levels.await?;
        let mut writer = blocking(move || {
            let mut writer = MirrorWriter::begin(&part)?;
            writer.add_levels(&levels)?;
            Ok(writer)
        })
        .await?;
        let mut after: Option<PersonId> = None;
        let mut people = 0;
        loop {
            self.go_on()?;
            let page = self.people_after(after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.person);
            people += page.len() as u64;
            writer = blocking(move || {
                writer.add(&facts(&page))?;
                Ok(writer)
            })
            .await?;
            tell(people);
        }
        let visits = self.write_visits(writer, || tell(people)).await?;
        let (manifest, digest) = blocking(move || Ok(visits.finish()?)).await?;
        if manifest.left_out > 0 {
            warn!(
                facts = manifest.left_out,
                "evidence that the mirror cannot hold is read from the database"
            );
        }
        let generation = Generation {
            number,
            place: self.place(),
            digest,
            people: manifest.people,
            facts: manifest.facts,
            bytes: manifest.bytes(),
            begun_at,
            written_at: self.clock.now(),
        };
        if let Some(bucket) = &self.bucket {
            let part = folder.part(number);
            let go_on = || self.go_on();
            bucket.upload(&generation, &manifest, &part, &go_on).await?;
        }
        blocking(move || folder.place(number)).await?;
        if !self.list(&generation).await? {
            let path = begun.folder.generation(number);
            let _ = blocking(move || Ok(std::fs::remove_dir_all(path))).await;
            return Err(MirrorError::Superseded(number));
        }
        self.note_looked_through(&generation);
        Ok(generation)
    }

    /// Writes all visits for tracing, after everybody's evidence.
    async fn write_visits(
        &self,
        writer: MirrorWriter,
        mut tell: impl FnMut() + Send,
    ) -> Result<VisitsWriter, MirrorError> {
        let mut visits = blocking(move || Ok(writer.then_visits(Memory::Available)?)).await?;
        let mut last: Option<Visit> = None;
        loop {
            self.go_on()?;
            let page = self.visits_after(last).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            visits = blocking(move || {
                visits.add(&page.iter().map(visit).collect::<Vec<_>>())?;
                Ok(visits)
            })
            .await?;
            tell();
        }
        if visits.left_out() > 0 {
            debug!(
                visits = visits.left_out(),
                "visits of people who became known since are in the next generation"
            );
        }
        Ok(visits)
    }

    /// Drops the generations that nobody needs: first from the list, then their files.
    async fn remove_older(&self, begun: &Begun) -> Result<(), MirrorError> {
        let mut kept = vec![begun.number];
        kept.extend(begun.listed.iter().take(KEPT - 1).map(|one| one.number));
        if let Some(newest) = begun.listed.get(KEPT - 1) {
            self.unlist(newest.number).await?;
        }
        let folder = begun.folder.clone();
        blocking(move || folder.remove_leftovers(&kept)).await?;
        if let Some(bucket) = &self.bucket
            && let Err(error) = self.remove_from_bucket(bucket, &begun.listed).await
        {
            warn!(%error, "what nobody needs stays in the bucket until the mirror is written again");
        }
        Ok(())
    }

    async fn remove_from_bucket(
        &self,
        bucket: &Bucket,
        before: &[Generation],
    ) -> Result<(), MirrorError> {
        // In this order: what is listed in between is kept.
        let there = bucket.generations().await?;
        let listed = self.generations().await?;
        let before: Vec<String> = before.iter().map(object_folder).collect();
        for name in there.iter().filter(|name| is_leftover(name, &listed)) {
            bucket.remove(name).await?;
            if !before.contains(name) {
                warn!(
                    name,
                    "removed what an interrupted writer left of the mirror in the bucket"
                );
            }
        }
        Ok(())
    }

    /// Forgets whom the new generation holds all evidence about.
    async fn forget_noted(&self, begun: &Begun) -> Result<(), MirrorError> {
        let path = begun.folder.generation(begun.number);
        let mut persons = blocking(move || Ok(Persons::open(&path)?.peekable())).await?;
        let mut after = None;
        loop {
            let noted = self.noted_after(after).await?;
            let Some(last) = noted.last() else {
                return Ok(());
            };
            after = Some(last.person);
            let (rest, held) = blocking(move || {
                let held = held(&mut persons, &noted)?;
                Ok((persons, held))
            })
            .await?;
            persons = rest;
            if !held.is_empty() {
                self.forget(held).await?;
            }
        }
    }
}

fn facts(page: &[PersonEvidence]) -> Vec<PersonFacts<'_>> {
    let facts = page.iter().map(|one| PersonFacts {
        person: one.person,
        revision: one.revision,
        evidence: &one.evidence,
    });
    facts.collect()
}

fn visit(visit: &Visit) -> engine::trace::Visit<PersonId, domain::VenueId> {
    engine::trace::Visit {
        person: visit.person,
        venue: visit.venue,
        entered: visit.entered,
        left: visit.left,
    }
}

/// Those of a page of noted people, in order of identifier, about whom the mirror has all.
fn held(persons: &mut Peekable<Persons>, noted: &[Noted]) -> Result<Vec<Noted>, MirrorError> {
    let mut held = Vec::new();
    let Some(last) = noted.last() else {
        return Ok(held);
    };
    let is_on_page = |person: &Result<MirroredPerson, FileError>| {
        person
            .as_ref()
            .map_or(true, |person| person.id <= last.person)
    };
    while let Some(person) = persons.next_if(is_on_page) {
        let person = person?;
        if let Ok(place) = noted.binary_search_by_key(&person.id, |one| one.person)
            && noted[place].revision <= person.revision
        {
            held.push(noted[place]);
        }
    }
    Ok(held)
}
