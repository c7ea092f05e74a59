//! Reading the newest generation, and whom to read from the database instead.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use domain::PersonId;
use store::mirror::{Generation, Noted};
use tables::files::FileError;
use tables::mirror::{Manifest, Persons};
use tracing::{debug, warn};

use super::bucket::Bucket;
use super::folder::MirrorFolder;
use super::{Mirror, MirrorError, blocking};

/// If more people than this have newer evidence, the database alone is read: a list of them would
/// take too much memory.
const MOST_NOTED: usize = 5_000_000;
/// How often the newest generation may be replaced while it is opened.
const TRIES: u32 = 3;

/// A generation, and what it lacks.
pub(crate) struct Snapshot {
    /// Where its files lie.
    pub dir: PathBuf,
    /// The numbers of people about whom it may lack evidence, or who have an open appeal, ascending.
    pub apart: Vec<u32>,
    /// Whom to read from the database: those, and whom it does not know.
    pub from_record: Vec<PersonId>,
}

impl Mirror {
    /// The newest generation, whose files are as they were written, and where they lie. One whose
    /// files are missing or damaged is dropped, with all older ones; then there is none.
    ///
    /// # Errors
    /// [`MirrorError`]; nothing is dropped because a folder or bucket cannot be reached or is another one.
    pub async fn newest(&self) -> Result<Option<(Generation, PathBuf)>, MirrorError> {
        let Some(newest) = self.generations().await?.into_iter().next() else {
            return Ok(None);
        };
        if newest.place != self.place() {
            return Err(MirrorError::Elsewhere {
                path: self.folder.clone(),
                place: newest.place,
            });
        }
        let id = self.claim_id([0; 16]).await?;
        let (path, number) = (self.folder.clone(), newest.number);
        let is_copy = self.bucket.is_some();
        let folder = blocking(move || match is_copy {
            true => MirrorFolder::claim(&path, id),
            false => MirrorFolder::find(&path, id),
        })
        .await?;
        let dir = folder.generation(number);
        if self.has_looked_through(&newest) {
            return Ok(Some((newest, dir)));
        }
        let (looked_at, digest) = (dir.clone(), newest.digest);
        let mut looked = blocking(move || look_through(&looked_at, digest)).await;
        if let (Err(error), Some(bucket)) = (&looked, &self.bucket)
            && error.is_lasting()
        {
            debug!(generation = number, %error, "downloading a generation of the mirror");
            looked = self.download(bucket, id, &folder, &newest).await;
        }
        match looked {
            Ok(()) => {
                self.note_looked_through(&newest);
                Ok(Some((newest, dir)))
            }
            Err(error) if error.is_lasting() => {
                warn!(
                    generation = newest.number,
                    %error,
                    "a generation of the mirror is dropped; everything is read from the database \
                     until it is written anew"
                );
                self.unlist(newest.number).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Brings a generation from the bucket into the folder, replacing its content.
    async fn download(
        &self,
        bucket: &Bucket,
        id: [u8; 16],
        folder: &MirrorFolder,
        generation: &Generation,
    ) -> Result<(), MirrorError> {
        bucket.find(id).await?;
        let listed = self.generations().await?;
        let others = listed.iter().map(|one| one.number);
        let others: Vec<u64> = others.filter(|one| *one != generation.number).collect();
        let (here, number) = (folder.clone(), generation.number);
        let (_turn, part) = blocking(move || {
            let turn = here.lock()?;
            here.remove_leftovers(&others)?;
            Ok((turn, here.make_part(number)?))
        })
        .await?;
        let downloaded = bucket.download(generation, &part, &|| self.go_on()).await;
        let (here, digest) = (folder.clone(), generation.digest);
        blocking(move || {
            let placed = downloaded
                .and_then(|()| look_through(&part, digest))
                .and_then(|()| here.place(number));
            if placed.is_err() {
                // What does not go away now is removed before the next is downloaded.
                let _ = std::fs::remove_dir_all(part);
            }
            placed
        })
        .await
    }

    /// The newest generation and whom it may lack evidence about, as of some time during this call.
    /// `None` if there is none, or so many have newer evidence that it is of no use.
    pub(crate) async fn snapshot(&self) -> Result<Option<Snapshot>, MirrorError> {
        for _ in 0..TRIES {
            let Some((generation, dir)) = self.newest().await? else {
                return Ok(None);
            };
            let Some(mut noted) = self.all_noted().await? else {
                debug!("so many people have newer evidence that the mirror is not used");
                return Ok(None);
            };
            note_appealing(&mut noted, &self.appealing().await?);
            // The writer of a newer generation deletes notes only after listing it, so while this
            // one is the newest, every note that it needs is kept.
            let newest = self.generations().await?.into_iter().next();
            if newest.as_ref() != Some(&generation) {
                continue;
            }
            let found = blocking(move || {
                let (apart, from_record) = compare(Persons::open(&dir)?, &noted)?;
                Ok(Snapshot {
                    dir,
                    apart,
                    from_record,
                })
            });
            return found.await.map(Some).inspect_err(|_| self.look_again());
        }
        Ok(None)
    }

    async fn all_noted(&self) -> Result<Option<Vec<Noted>>, MirrorError> {
        let mut all: Vec<Noted> = Vec::new();
        loop {
            let after = all.last().map(|last| last.person);
            let page = self.noted_after(after).await?;
            if page.is_empty() {
                return Ok(Some(all));
            }
            all.extend(page);
            if all.len() > MOST_NOTED {
                return Ok(None);
            }
        }
    }

    /// Everybody who has an open appeal, in order.
    async fn appealing(&self) -> Result<Vec<PersonId>, MirrorError> {
        let mut all = Vec::new();
        loop {
            let page = self.appealing_after(all.last().copied()).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Has the files looked through again before they are next used: something was wrong with them.
    pub(crate) fn look_again(&self) {
        *self
            .looked_through
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn note_looked_through(&self, generation: &Generation) {
        *self
            .looked_through
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((generation.number, generation.digest));
    }

    fn has_looked_through(&self, generation: &Generation) -> bool {
        let known = self.looked_through.lock();
        *known.unwrap_or_else(PoisonError::into_inner)
            == Some((generation.number, generation.digest))
    }
}

impl Snapshot {
    /// Refuses if a file is not there any more: one that is missing reads as if nothing were known.
    pub(crate) fn check_present(&self) -> Result<(), MirrorError> {
        let (manifest, _) = Manifest::read(&self.dir)?;
        for file in &manifest.files {
            let path = self.dir.join(&file.name);
            let found = std::fs::metadata(&path);
            found.map_err(|source| MirrorError::folder(&path, source))?;
        }
        Ok(())
    }
}

/// Whether all files are there and as they were written.
fn look_through(dir: &Path, digest: [u8; 32]) -> Result<(), MirrorError> {
    Ok(listed(dir, digest)?.check(dir)?)
}

/// The list of a generation's files, if it is the one that the database knows.
pub(super) fn listed(dir: &Path, digest: [u8; 32]) -> Result<Manifest, FileError> {
    let (manifest, found) = Manifest::read(dir)?;
    if found != digest {
        return Err(FileError::NotMirror {
            path: dir.join(Manifest::NAME),
            why: "it is not the list that the database knows".to_owned(),
        });
    }
    Ok(manifest)
}

/// Notes those who have an open appeal as if the mirror lacked evidence about them: it knows of no appeal.
fn note_appealing(noted: &mut Vec<Noted>, appealing: &[PersonId]) {
    noted.retain(|one| appealing.binary_search(&one.person).is_err());
    noted.extend(appealing.iter().map(|person| Noted {
        person: *person,
        revision: u64::MAX,
    }));
    noted.sort_unstable_by_key(|one| one.person);
}

/// The numbers of whom the mirror may lack evidence about, and whom to read from the database:
/// those and the people who are noted and not in the mirror. Both lists are in order.
fn compare(
    persons: impl Iterator<Item = Result<tables::mirror::MirroredPerson, FileError>>,
    noted: &[Noted],
) -> Result<(Vec<u32>, Vec<PersonId>), FileError> {
    let (mut apart, mut from_record) = (Vec::new(), Vec::new());
    let mut noted = noted.iter().peekable();
    for person in persons {
        let person = person?;
        while let Some(other) = noted.next_if(|one| one.person < person.id) {
            from_record.push(other.person);
        }
        let newer = noted.next_if(|one| one.person == person.id);
        let is_newer = newer.is_some_and(|one| one.revision > person.revision);
        if is_newer || person.revision == 0 {
            apart.push(person.number);
            from_record.push(person.id);
        }
    }
    from_record.extend(noted.map(|other| other.person));
    Ok((apart, from_record))
}

#[cfg(test)]
mod tests {
    use tables::mirror::MirroredPerson;

    use super::*;

    #[test]
    fn whoever_has_an_open_appeal_is_read_from_the_record() {
        let id = PersonId::from_u128;
        let persons = (1..=3).map(|number| {
            Ok(MirroredPerson {
                number,
                id: id(u128::from(number)),
                revision: 5,
            })
        });
        let seen = |person| Noted {
            person: id(person),
            revision: 5,
        };
        let mut noted = vec![seen(1), seen(2)];
        note_appealing(&mut noted, &[id(2), id(3)]);
        let (apart, from_record) = compare(persons, &noted).unwrap();
        assert_eq!((apart, from_record), (vec![2, 3], vec![id(2), id(3)]));
    }

    #[test]
    fn whoever_is_newer_unknown_or_not_whole_is_read_from_the_record() {
        let id = PersonId::from_u128;
        let person = |number: u32, revision| {
            Ok(MirroredPerson {
                number,
                id: id(u128::from(number) * 10),
                revision,
            })
        };
        let noted = |person: u128, revision| Noted {
            person: id(person),
            revision,
        };
        let persons = [person(1, 5), person(2, 5), person(3, 0), person(4, 5)];
        let noted = [
            noted(5, 1),
            noted(10, 6),
            noted(20, 5),
            noted(35, 1),
            noted(99, 1),
        ];
        let (apart, from_record) = compare(persons.into_iter(), &noted).unwrap();
        assert_eq!(apart, [1, 3]);
        let expected = [5, 10, 30, 35, 99].map(id);
        assert_eq!(from_record, expected);
    }
}
