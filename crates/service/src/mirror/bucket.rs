//! A bucket that holds the generations for all nodes; each node reads them from a folder of its own.
//!
//! An object is there whole or not at all, but there is no lock that a crash lets go of, and no
//! renaming of many objects at once. So the name under which a generation lies has a part of its hash:
//! two programs that write at once never mix their files. The list of the files is uploaded last, and
//! nobody reads a generation that the database does not list.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use object_store::path::Path as ObjectPath;
use object_store::{
    Error, MultipartUpload, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
};
use store::mirror::Generation;
use tables::mirror::Manifest;

use super::folder::{GENERATION, MARK, mark_text};
use super::{MirrorError, blocking};

/// Bytes sent or asked for at once. A bucket takes 10,000 parts a file, so files may have 80 GB.
const PART: usize = 8 << 20;
/// A list of files is far shorter.
const LONGEST_LIST: u64 = 1 << 20;

/// Asked before each step of what takes long; refuses once the program is ending.
pub(super) type GoOn<'a> = &'a (dyn Fn() -> Result<(), MirrorError> + Sync);

/// A place in an object store.
#[derive(Clone, Debug)]
pub struct Bucket {
    objects: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
    place: String,
    part: usize,
}

impl Bucket {
    /// The objects below `prefix`, which people know as `place`, for example `s3://bucket/prefix`.
    pub fn new(objects: Arc<dyn ObjectStore>, prefix: &str, place: &str) -> Self {
        Self {
            objects,
            prefix: ObjectPath::from(prefix),
            place: place.to_owned(),
            part: PART,
        }
    }

    /// The same, with so many bytes sent or asked for at once.
    #[must_use]
    pub fn with_parts_of(self, bytes: usize) -> Self {
        Self {
            part: bytes.max(1),
            ..self
        }
    }

    /// How people know it.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Makes sure that it belongs to the mirror `id`; one that is empty is taken.
    pub(super) async fn claim(&self, id: [u8; 16]) -> Result<(), MirrorError> {
        if self.read_mark().await?.is_none() {
            let there = self.objects.list_with_delimiter(Some(&self.prefix)).await;
            let there = there.map_err(|why| self.failed(&why))?;
            if !there.objects.is_empty() || !there.common_prefixes.is_empty() {
                return Err(self.foreign("it holds other objects"));
            }
            let mark = PutPayload::from(format!("{}\n", mark_text(id)));
            let options = PutOptions::from(PutMode::Create);
            let path = self.path(MARK);
            match self.objects.put_opts(&path, mark, options).await {
                // Another program was faster. Whose it is now is looked at below.
                Ok(_) | Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {}
                Err(why) => return Err(self.failed(&why)),
            }
        }
        self.find(id).await
    }

    /// Makes sure that it belongs to the mirror `id`.
    pub(super) async fn find(&self, id: [u8; 16]) -> Result<(), MirrorError> {
        match self.read_mark().await? {
            Some(mark) if mark == mark_text(id).as_bytes() => Ok(()),
            Some(_) => Err(self.foreign("it holds the mirror of another database")),
            None => Err(self.foreign("nothing was written there yet")),
        }
    }

    async fn read_mark(&self) -> Result<Option<Vec<u8>>, MirrorError> {
        let read = match self.objects.get(&self.path(MARK)).await {
            Ok(found) => found.bytes().await,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(why) => Err(why),
        };
        let mark = read.map_err(|why| self.failed(&why))?;
        Ok(Some(mark.trim_ascii().to_vec()))
    }

    /// Uploads a generation from the folder in which it was written, the list of its files last.
    ///
    /// What an upload that fails leaves is removed once a generation of that number is listed: the
    /// same objects may be those of another program that read the same evidence.
    pub(super) async fn upload(
        &self,
        generation: &Generation,
        manifest: &Manifest,
        from: &Path,
        go_on: GoOn<'_>,
    ) -> Result<(), MirrorError> {
        let to = self.path(&object_folder(generation));
        let names = manifest.files.iter().map(|file| file.name.as_str());
        for name in names.chain([Manifest::NAME]) {
            let object = to.clone().join(name);
            self.upload_file(&from.join(name), &object, go_on).await?;
        }
        Ok(())
    }

    async fn upload_file(
        &self,
        from: &Path,
        to: &ObjectPath,
        go_on: GoOn<'_>,
    ) -> Result<(), MirrorError> {
        go_on()?;
        let path = from.to_owned();
        let file = opened(&path, File::open(&path))?;
        let (file, bytes) = read_part(from, file, self.part).await?;
        if bytes.len() < self.part {
            let put = self.objects.put(to, bytes.into()).await;
            return put.map(drop).map_err(|why| self.failed(&why));
        }
        let upload = self.objects.put_multipart(to).await;
        let mut upload = upload.map_err(|why| self.failed(&why))?;
        let sent = self
            .send_parts(&mut *upload, from, file, bytes, go_on)
            .await;
        if sent.is_err() {
            // A bucket drops parts by itself too, if so configured.
            let _ = upload.abort().await;
        }
        sent
    }

    async fn send_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        from: &Path,
        mut file: File,
        mut bytes: Vec<u8>,
        go_on: GoOn<'_>,
    ) -> Result<(), MirrorError> {
        while !bytes.is_empty() {
            go_on()?;
            let sent = upload.put_part(bytes.into()).await;
            sent.map_err(|why| self.failed(&why))?;
            (file, bytes) = read_part(from, file, self.part).await?;
        }
        let whole = upload.complete().await;
        whole.map(drop).map_err(|why| self.failed(&why))
    }

    /// Downloads a generation into the folder `to`, which is empty. The content of the files is not
    /// looked at, but for the list.
    ///
    /// # Errors
    /// [`MirrorError::is_lasting`] if something of it is missing or damaged.
    pub(super) async fn download(
        &self,
        generation: &Generation,
        to: &Path,
        go_on: GoOn<'_>,
    ) -> Result<(), MirrorError> {
        let from = self.path(&object_folder(generation));
        let list = to.join(Manifest::NAME);
        self.download_file(
            &from.clone().join(Manifest::NAME),
            &list,
            0..=LONGEST_LIST,
            go_on,
        )
        .await?;
        let (dir, digest) = (to.to_owned(), generation.digest);
        let manifest = blocking(move || Ok(super::read::listed(&dir, digest)?)).await?;
        for file in manifest.files {
            let object = from.clone().join(file.name.as_str());
            self.download_file(
                &object,
                &to.join(&file.name),
                file.bytes..=file.bytes,
                go_on,
            )
            .await?;
        }
        Ok(())
    }

    async fn download_file(
        &self,
        from: &ObjectPath,
        to: &Path,
        lengths: RangeInclusive<u64>,
        go_on: GoOn<'_>,
    ) -> Result<(), MirrorError> {
        let about = self.objects.head(from).await;
        let length = about.map_err(|why| self.missing(from, &why))?.size;
        if !lengths.contains(&length) {
            return Err(self.lost(from, "its length is not that of what was written"));
        }
        let mut file = opened(to, File::create_new(to))?;
        let mut at = 0;
        while at < length {
            go_on()?;
            let end = length.min(at + self.part as u64);
            let bytes = self.objects.get_range(from, at..end).await;
            let bytes = bytes.map_err(|why| self.missing(from, &why))?;
            let path = to.to_owned();
            file = blocking(move || {
                opened(&path, file.write_all(&bytes))?;
                Ok(file)
            })
            .await?;
            at = end;
        }
        let path = to.to_owned();
        blocking(move || opened(&path, file.sync_all())).await
    }

    /// The names of the generations of which there is anything.
    pub(super) async fn generations(&self) -> Result<Vec<String>, MirrorError> {
        let there = self.objects.list_with_delimiter(Some(&self.prefix)).await;
        let there = there.map_err(|why| self.failed(&why))?;
        let names = there
            .common_prefixes
            .iter()
            .filter_map(ObjectPath::filename);
        Ok(names.map(str::to_owned).collect())
    }

    /// Removes a generation, the list of its files first.
    pub(super) async fn remove(&self, name: &str) -> Result<(), MirrorError> {
        let folder = self.path(name);
        let there = self.objects.list_with_delimiter(Some(&folder)).await;
        let there = there.map_err(|why| self.failed(&why))?;
        let mut objects: Vec<_> = there.objects.into_iter().map(|one| one.location).collect();
        objects.sort_by_key(|object| object.filename() != Some(Manifest::NAME));
        for object in objects {
            match self.objects.delete(&object).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(why) => return Err(self.failed(&why)),
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> ObjectPath {
        self.prefix.clone().join(name)
    }

    fn foreign(&self, why: &'static str) -> MirrorError {
        MirrorError::Foreign {
            path: self.place.as_str().into(),
            why,
        }
    }

    fn lost(&self, object: &ObjectPath, why: &'static str) -> MirrorError {
        MirrorError::Lost {
            place: self.place.clone(),
            object: object.to_string(),
            why,
        }
    }

    fn missing(&self, object: &ObjectPath, why: &Error) -> MirrorError {
        match why {
            Error::NotFound { .. } => self.lost(object, "it is not there"),
            other => self.failed(other),
        }
    }

    fn failed(&self, why: &Error) -> MirrorError {
        MirrorError::Bucket {
            place: self.place.clone(),
            why: without_answer(why),
        }
    }
}

/// The name of a generation in a bucket.
pub(super) fn object_folder(generation: &Generation) -> String {
    let digest = &generation.digest[..8];
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{GENERATION}{:06}-{digest}", generation.number)
}

/// Whether nobody needs what has this name: the database does not list it, and nobody can be
/// writing it, because a writer uses the number after the newest.
pub(super) fn is_leftover(name: &str, listed: &[Generation]) -> bool {
    let number = name.strip_prefix(GENERATION);
    let number = number.and_then(|rest| rest.split('-').next()?.parse::<u64>().ok());
    let next = listed.first().map_or(1, |newest| newest.number + 1);
    number.is_some_and(|number| number != next)
        && !listed.iter().any(|one| object_folder(one) == name)
}

/// What went wrong, without what the server answered: it repeats half of the credentials.
fn without_answer(why: &Error) -> String {
    let text = why.to_string();
    let text = text.split(['<', '{']).next().unwrap_or_default();
    text.trim_end_matches([' ', ':']).to_owned()
}

/// The next bytes of a file, as many as there are but no more than `most`.
async fn read_part(path: &Path, file: File, most: usize) -> Result<(File, Vec<u8>), MirrorError> {
    let path = path.to_owned();
    blocking(move || {
        let mut bytes = Vec::new();
        let read = (&file).take(most as u64).read_to_end(&mut bytes);
        opened(&path, read)?;
        Ok((file, bytes))
    })
    .await
}

fn opened<T>(path: &Path, result: io::Result<T>) -> Result<T, MirrorError> {
    result.map_err(|why| MirrorError::folder(path, why))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn generation(number: u64) -> Generation {
        Generation {
            number,
            place: "s3://bucket".to_owned(),
            digest: [0xab; 32],
            people: 0,
            facts: 0,
            bytes: 0,
            begun_at: Timestamp::UNIX_EPOCH,
            written_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_nobody_lists_and_nobody_can_be_writing_is_left_over() {
        let listed = [generation(8), generation(7)];
        let leftovers = [
            "generation-000006-abababababababab",
            "generation-000008-cdcdcdcdcdcdcdcd",
            "generation-000010-abababababababab",
            "generation-000008",
        ];
        for name in leftovers {
            assert!(is_leftover(name, &listed), "{name}");
        }
        let kept = [
            "generation-000008-abababababababab",
            "generation-000007-abababababababab",
            // Another node may be writing it.
            "generation-000009-abababababababab",
            "letters",
            "generation-x",
        ];
        for name in kept {
            assert!(!is_leftover(name, &listed), "{name}");
        }
        assert!(!is_leftover("generation-000001-abababababababab", &[]));
    }

    #[test]
    fn what_a_server_answers_is_not_repeated() {
        let answer = "status code: 403 Forbidden: <?xml?><AWSAccessKeyId>AKIA</AWSAccessKeyId>";
        let error = Error::Generic {
            store: "S3",
            source: answer.into(),
        };
        let said = without_answer(&error);
        assert_eq!(said, "Generic S3 error: status code: 403 Forbidden");
    }
}
