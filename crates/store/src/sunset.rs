//! The end of the emergency: that it began, and erasing everything about people.

use domain::{ProposalId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{Query, SUNSET_BEGIN, SUNSET_FIND, SUNSET_FINISH};

/// The one sunset there is.
const SUNSET: &str = "sunset";

/// That the emergency has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SunsetRecord {
    /// What two staff members agreed on.
    pub proposal: ProposalId,
    /// The law.
    pub law: String,
    /// From when on nothing is taken in.
    pub began_at: Timestamp,
    /// When everything was erased.
    pub finished_at: Option<Timestamp>,
}

/// A table that is erased.
#[derive(Debug)]
pub struct ErasedTable {
    /// Its name.
    pub name: &'static str,
    count: Query,
    erase: Query,
}

/// One line of SQL for each table, spelled here rather than in a file each: the list is what is to be
/// reviewed, and a test holds it against the tables that there are.
macro_rules! erased {
    ($($table:literal $(but $kept:literal)?)*) => {
        /// The tables that a sunset erases: those that others refer to come after these. A row that a
        /// table cannot be without stays, and says nothing about anybody.
        pub static ERASED: &[ErasedTable] = &[$(ErasedTable {
            name: $table,
            count: Query {
                name: concat!("count of ", $table),
                sqlite: concat!("SELECT COUNT(*) FROM ", $table $(, " WHERE NOT ", $kept)?),
                postgres: concat!("SELECT COUNT(*) FROM ", $table $(, " WHERE NOT ", $kept)?),
                postgres_set: None,
            },
            erase: Query {
                name: concat!("erase ", $table),
                sqlite: concat!("DELETE FROM ", $table $(, " WHERE NOT ", $kept)?),
                postgres: concat!("DELETE FROM ", $table $(, " WHERE NOT ", $kept)?),
                postgres_set: None,
            },
        }),*];
    };
}

erased! {
    "appeal_file" "appeal_rule" "appealed_evidence" "appeal" "evidence_staff" "contradiction"
    "evidence" "verdict" "outbox" "visit_by_person" "visit_by_venue" "door_visit" "late_visit" "held_visit" "held_membership"
    "office_case" "trace_job" "trace_carrier" "trace_venue" "trace_contact" "trace_group"
    "membership_by_person" "membership_by_group" "late_membership" "scanner" "venue"
    "device" "slot" "slot_claim" "receipt"
    "identity" "identity_document" "identity_phone" "document_person" "document_event" "office_request"
    "person_token"
    "account" "account_claim" "account_event" "account_person" "person_binding" "person_holder"
    "person_moved" "resident_session" "session_token" "one_time_code" "code_sent"
    "mirror" "mirror_generation" "unmirrored" "tally" "tallied" "walk" but "name = 'index'" "proposal" "alarm"
    "glitch" "import_mapping" "disclosure_person" "audit_person" "look_count" "authority_token"
    "feed" "feed_credential" "feed_signature" "staff_identity" "staff_session" "staff_challenge" "staff_invitation" "staff_passkey"
    "staff_member" "person"
}

/// The tables that a sunset keeps, and why: nothing in them is about a person.
pub const KEPT: &[(&str, &str)] = &[
    (
        "audit_entry",
        "the skeleton of the log: commitments and places; what they say is erased",
    ),
    ("audit_tile", "the tree over the log"),
    ("audit_head", "what the log signed last"),
    ("audit_witness", "what witnesses signed"),
    ("daily_count", "aggregate statistics"),
    ("policy", "what was in force"),
    ("region_level", "what was in force"),
    ("authority", "the offices that took part, by name"),
    (
        "disclosure",
        "how many hand-overs there were, to whom and by which law",
    ),
    ("counter", "numbers that only grow"),
    ("sunset", "the end itself"),
    ("schema_version", "the version of the schema"),
];

impl ErasedTable {
    /// How many rows there are. Reads all of them: ask in a snapshot, which takes its time.
    ///
    /// # Errors
    /// As every statement: [`crate::StoreError`].
    pub async fn count(&self, tx: &mut Transaction) -> Result<u64> {
        tx.one_row(&self.count, &[]).await?.number(0)
    }

    /// Deletes every row; how many there were.
    ///
    /// # Errors
    /// As every statement: [`crate::StoreError`].
    pub async fn erase(&self, tx: &mut Transaction) -> Result<u64> {
        tx.take_time().await?;
        tx.execute(&self.erase, &[]).await
    }
}

/// Notes that the emergency has ended; `false` if that was noted before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn begin(
    tx: &mut Transaction,
    proposal: ProposalId,
    law: &str,
    at: Timestamp,
) -> Result<bool> {
    let values = [SUNSET.into(), proposal.into(), law.into(), at.into()];
    Ok(tx.execute(&SUNSET_BEGIN, &values).await? > 0)
}

/// The sunset, once it began.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction) -> Result<Option<SunsetRecord>> {
    let row = tx.row(&SUNSET_FIND, &[SUNSET.into()]).await?;
    let record = |row: Row| {
        let finished = row.int_or_null(3)?.map(Timestamp::from_second);
        let finished = finished.transpose();
        Ok(SunsetRecord {
            proposal: row.id(0)?,
            law: row.text(1)?,
            began_at: row.time(2)?,
            finished_at: finished.map_err(|_| row.corrupt(3, "no such time"))?,
        })
    };
    row.map(record).transpose()
}

/// Notes that everything was erased; `false` if that was noted before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn finish(tx: &mut Transaction, at: Timestamp) -> Result<bool> {
    Ok(tx
        .execute(&SUNSET_FINISH, &[SUNSET.into(), at.into()])
        .await?
        > 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_table_is_erased_or_kept_for_a_reason() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let mut tables = BTreeSet::from(["schema_version".to_owned()]);
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            for line in text.lines() {
                let name = |rest: &str| {
                    let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                    rest[..end.unwrap_or(rest.len())].to_owned()
                };
                if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                    tables.insert(name(rest));
                }
                if let Some(rest) = line.strip_prefix("DROP TABLE ") {
                    tables.remove(&name(rest));
                }
            }
        }
        let erased = ERASED.iter().map(|table| table.name);
        let kept = KEPT.iter().map(|(table, _)| *table);
        let mut named: Vec<&str> = erased.chain(kept).collect();
        named.sort_unstable();
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        assert_eq!(named, tables);
    }
}
