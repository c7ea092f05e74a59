//! Phones and tablets that scan codes at a gate for an authority.

use domain::{AuthorityId, ScannerId, StaffId, Timestamp, VenueId};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    SCANNER_ADD, SCANNER_END, SCANNER_ENROL, SCANNER_FIND, SCANNER_RECORD_VISITS,
    SCANNER_RECORDING, SCANNERS_OF_AUTHORITY,
};

/// A scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerRecord {
    /// Its identifier.
    pub id: ScannerId,
    /// Whose.
    pub authority: AuthorityId,
    /// Its name among the authority's scanners.
    pub name: String,
    /// The staff member who made it.
    pub made_by: StaffId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a device was enrolled.
    pub enrolled_at: Option<Timestamp>,
    /// When it ends whatever happens: until a device is enrolled, when the square does.
    pub ends_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// The venue for which it records visits.
    pub venue: Option<VenueId>,
    /// The venue for which it did before.
    pub venue_before: Option<VenueId>,
    /// When the venue was changed last.
    pub venue_changed_at: Option<Timestamp>,
    /// The keyed hash of what the square holds.
    pub enrolment_hash: [u8; 32],
    /// The keyed hash of what the device presents.
    pub token_hash: Option<[u8; 32]>,
}

/// What makes a device a scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannerEnrolment {
    /// Which scanner.
    pub scanner: ScannerId,
    /// The keyed hash of what the square held.
    pub enrolment_hash: [u8; 32],
    /// The keyed hash of what the device presents from now on.
    pub token_hash: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Adds a scanner without a device.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, scanner: &ScannerRecord) -> Result<()> {
    let values = [
        scanner.id.into(),
        scanner.authority.into(),
        scanner.name.as_str().into(),
        scanner.made_by.into(),
        scanner.created_at.into(),
        scanner.enrolment_hash.into(),
        scanner.ends_at.into(),
        scanner.venue.into(),
    ];
    tx.execute(&SCANNER_ADD, &values).await?;
    Ok(())
}

/// A scanner, ended or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: ScannerId) -> Result<Option<ScannerRecord>> {
    let row = tx.row(&SCANNER_FIND, &[id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The scanners of an authority that last, the newest first, `limit` at most.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(
    tx: &mut Transaction,
    authority: AuthorityId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ScannerRecord>> {
    let values = [authority.into(), now.into(), limit.into()];
    let rows = tx.rows(&SCANNERS_OF_AUTHORITY, &values).await?;
    rows.iter().map(read).collect()
}

/// Makes a device the scanner; `false` if another one was, or if it is over.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn enrol(tx: &mut Transaction, enrolment: &ScannerEnrolment) -> Result<bool> {
    let values = [
        enrolment.scanner.into(),
        enrolment.enrolment_hash.into(),
        enrolment.token_hash.into(),
        enrolment.at.into(),
        enrolment.ends_at.into(),
    ];
    Ok(tx.execute(&SCANNER_ENROL, &values).await? > 0)
}

/// Ends a scanner; `false` if it was ended before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(tx: &mut Transaction, id: ScannerId, at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&SCANNER_END, &[id.into(), at.into()]).await? > 0)
}

/// Has a scanner record visits to a venue, or none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn record_visits(
    tx: &mut Transaction,
    id: ScannerId,
    venue: Option<VenueId>,
    at: Timestamp,
) -> Result<()> {
    let values = [id.into(), venue.into(), at.into()];
    tx.execute(&SCANNER_RECORD_VISITS, &values).await?;
    Ok(())
}

/// Whether any scanner records visits, or did after `since`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn is_any_recording(tx: &mut Transaction, since: Timestamp) -> Result<bool> {
    let row = tx.row(&SCANNER_RECORDING, &[since.into()]).await?;
    Ok(row.is_some())
}

fn read(row: &Row) -> Result<ScannerRecord> {
    Ok(ScannerRecord {
        id: row.id(0)?,
        authority: row.id(1)?,
        name: row.text(2)?,
        made_by: row.id(3)?,
        created_at: row.time(4)?,
        enrolled_at: row.time_or_null(5)?,
        ends_at: row.time(6)?,
        ended_at: row.time_or_null(7)?,
        venue: row.id_or_null(8)?,
        venue_before: row.id_or_null(9)?,
        venue_changed_at: row.time_or_null(10)?,
        enrolment_hash: row.array(11)?,
        token_hash: row.array_or_null(12)?,
    })
}
