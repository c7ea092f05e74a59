//! Which field each column of a list goes to, as an office chose it once and finds it again for the next
//! list with the same headings. Of the list nothing is kept, of its headings a keyed hash.

use domain::evidence::FactKind;
use domain::{StaffId, Timestamp, text};
use store::import_mappings::{self, ImportMapping, MappingKey};
use tracing::{info, instrument};

use super::Submissions;
use crate::access::{Action, Staff};
use crate::{Result, ServiceError};

/// So many an office keeps.
const MOST: u64 = 500;
/// Characters of a name.
const LONGEST_NAME: usize = 80;
/// Characters of the fields.
const LONGEST_FIELDS: usize = 1_000;

/// What somebody saw who chooses the columns anew; nothing if there was nothing to see.
pub type SeenColumns = Option<(Timestamp, StaffId)>;

/// How an office reads the columns of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedColumns {
    /// What the office calls it.
    pub name: String,
    /// The field of each column, as a word; nothing for a column that is not used.
    pub fields: Vec<String>,
    /// Who chose it last.
    pub by: StaffId,
    /// When.
    pub saved_at: Timestamp,
}

/// A list whose columns an office chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedList {
    /// What the list holds.
    pub kind: FactKind,
    /// The keyed hash of its headings: it names the choice and tells nothing of them.
    pub headings: [u8; 32],
    /// How its columns are read.
    pub columns: SavedColumns,
}

/// What became of a choice.
enum Kept {
    Saved,
    Changed,
    Full,
}

impl Submissions {
    /// How the asker's office reads the columns under these headings, if it chose that.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.saved_columns", skip_all)]
    pub async fn saved_columns(
        &self,
        by: &Staff,
        kind: FactKind,
        headings: &[String],
    ) -> Result<Option<SavedColumns>> {
        by.may(Action::SubmitEvidence)?;
        let key = self.mapping_key(by, kind, headings);
        let read = self.store.read("import_mappings.find", key, |tx, key| {
            Box::pin(import_mappings::find(tx, key))
        });
        Ok(read.await?.map(to_columns))
    }

    /// Every list whose columns the asker's office chose, by name.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.saved_lists", skip_all)]
    pub async fn saved_lists(&self, by: &Staff) -> Result<Vec<SavedList>> {
        by.may(Action::SubmitEvidence)?;
        let office = by.authority().id;
        let read = self
            .store
            .read("import_mappings.list", office, |tx, office| {
                Box::pin(import_mappings::of_authority(tx, *office))
            });
        let known = |(kind, headings, mapping): (String, [u8; 32], ImportMapping)| {
            let kind = FactKind::ALL
                .iter()
                .copied()
                .find(|one| one.as_str() == kind)?;
            Some(SavedList {
                kind,
                headings,
                columns: to_columns(mapping),
            })
        };
        Ok(read.await?.into_iter().filter_map(known).collect())
    }

    /// Forgets how the asker's office reads the columns of a list, if that is still what the asker saw of it.
    /// `false`, with nothing changed, if somebody else changed or forgot it meanwhile.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.forget_list", skip_all)]
    pub async fn forget_list(
        &self,
        by: &Staff,
        kind: FactKind,
        headings: [u8; 32],
        seen: SeenColumns,
    ) -> Result<bool> {
        by.may(Action::SubmitEvidence)?;
        let key = MappingKey {
            authority: by.authority().id,
            kind: kind.as_str(),
            header: headings,
        };
        let done =
            self.store
                .transaction("import_mappings.forget", (key, seen), |tx, (key, seen)| {
                    Box::pin(async move {
                        let found = import_mappings::find(tx, key).await?;
                        let found = found.map(|found| (found.saved_at, found.by));
                        if found.is_none() || found != *seen {
                            return Ok(false);
                        }
                        import_mappings::drop(tx, key).await
                    })
                });
        Ok(done.await?)
    }

    /// Keeps how the asker's office reads the columns under these headings, in place of what the asker saw
    /// of it. `false`, with nothing changed, if somebody else changed that meanwhile.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::BadField`] of a name that is empty or too long, and
    /// of `fields` if the office keeps as many as there may be; [`ServiceError::Store`].
    #[instrument(name = "evidence.save_columns", skip_all)]
    pub async fn save_columns(
        &self,
        by: &Staff,
        (kind, headings): (FactKind, &[String]),
        name: &str,
        fields: &[&str],
        seen: SeenColumns,
    ) -> Result<bool> {
        by.may(Action::SubmitEvidence)?;
        let name = ServiceError::named("name", text::line(name, LONGEST_NAME))?;
        let fields = fields.join(",");
        if fields.len() > LONGEST_FIELDS {
            return Err(ServiceError::field("fields", "too many columns"));
        }
        let mapping = ImportMapping {
            name: name.to_owned(),
            fields,
            by: by.id(),
            saved_at: self.clock.now(),
        };
        let key = self.mapping_key(by, kind, headings);
        let done = self.store.transaction(
            "import_mappings.put",
            (key, mapping, seen),
            |tx, (key, mapping, seen)| {
                Box::pin(async move {
                    let found = import_mappings::find(tx, key).await?;
                    if found.as_ref().map(|found| (found.saved_at, found.by)) != *seen {
                        return Ok(Kept::Changed);
                    }
                    let is_new = found.is_none();
                    if is_new && import_mappings::count(tx, key.authority).await? >= MOST {
                        return Ok(Kept::Full);
                    }
                    import_mappings::put(tx, key, mapping).await?;
                    Ok::<_, store::StoreError>(Kept::Saved)
                })
            },
        );
        match done.await? {
            Kept::Changed => return Ok(false),
            Kept::Full => {
                let why = "the office keeps as many as there may be; forget one that is not used";
                return Err(ServiceError::field("fields", why));
            }
            Kept::Saved => {}
        }
        info!(%kind, "columns of a list were saved");
        Ok(true)
    }

    /// Forgets how the asker's office reads the columns under these headings.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.forget_columns", skip_all)]
    pub async fn forget_columns(
        &self,
        by: &Staff,
        kind: FactKind,
        headings: &[String],
    ) -> Result<()> {
        by.may(Action::SubmitEvidence)?;
        let key = self.mapping_key(by, kind, headings);
        let done = self
            .store
            .transaction("import_mappings.drop", key, |tx, key| {
                Box::pin(import_mappings::drop(tx, key))
            });
        done.await?;
        Ok(())
    }

    /// Under what it is kept. A list without headings has somebody in its first row, so that who reads the
    /// database must not find out what was there by trying.
    fn mapping_key(&self, by: &Staff, kind: FactKind, headings: &[String]) -> MappingKey {
        MappingKey {
            authority: by.authority().id,
            kind: kind.as_str(),
            header: self.keys.headings(kind.as_str(), headings),
        }
    }
}

fn to_columns(mapping: ImportMapping) -> SavedColumns {
    SavedColumns {
        name: mapping.name,
        fields: mapping.fields.split(',').map(str::to_owned).collect(),
        by: mapping.by,
        saved_at: mapping.saved_at,
    }
}
