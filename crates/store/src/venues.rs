//! Venues: places where visits are recorded.

use domain::{AuthorityId, Region, VenueId};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{VENUE_FIND, VENUE_PUT, VENUES_OF};

/// A place where visits are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its identifier.
    pub id: VenueId,
    /// Its name, as on the sign.
    pub name: String,
    /// What sort of place (`port`, `restaurant`), if a policy asks for it.
    pub category: Option<String>,
    /// Where it is.
    pub region: Option<Region>,
    /// Whose it is; `None` for one of version 0.1.
    pub authority: Option<AuthorityId>,
    /// The number under which its screens show signs; `None`: it has a printed sign.
    pub sign_number: Option<u32>,
}

/// Which venues of an office are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenuesAsked {
    /// Those in this region.
    pub region: Option<Region>,
    /// Those with a screen, or those with a printed sign.
    pub has_screen: Option<bool>,
    /// Those that come after this name and place.
    pub after: Option<(String, VenueId)>,
}

/// A page of the venues of an office, by name.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_authority(
    tx: &mut Transaction,
    authority: AuthorityId,
    asked: &VenuesAsked,
    limit: u32,
) -> Result<Vec<Venue>> {
    let (name, id): (&str, Value) = match &asked.after {
        Some((name, id)) => (name, (*id).into()),
        None => ("", [].into()),
    };
    // Every code of digits lies in China.
    let region = asked
        .region
        .map_or_else(String::new, |region| region.to_string());
    let region = if region == "CN" { "" } else { &*region };
    let sign = match asked.has_screen {
        None => "",
        Some(true) => "screen",
        Some(false) => "printed",
    };
    let values = [
        authority.into(),
        name.into(),
        id,
        region.into(),
        sign.into(),
        limit.into(),
    ];
    let rows = tx.rows(&VENUES_OF, &values).await?;
    rows.iter().map(read).collect()
}

/// Adds a venue, or changes all but the identifier of one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, venue: &Venue) -> Result<()> {
    let values = [
        venue.id.into(),
        venue.name.as_str().into(),
        venue.category.clone().into(),
        venue.region.map(|region| region.to_string()).into(),
        venue.authority.into(),
        Value::Int(venue.sign_number.map(i64::from)),
    ];
    tx.execute(&VENUE_PUT, &values).await?;
    Ok(())
}

/// A venue.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: VenueId) -> Result<Option<Venue>> {
    Ok(find_many(tx, &[id]).await?.pop())
}

/// Those of these venues that are there.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(tx: &mut Transaction, ids: &[VenueId]) -> Result<Vec<Venue>> {
    let asked: Vec<Vec<Value>> = ids.iter().map(|id| vec![(*id).into()]).collect();
    let rows = tx.rows_each(&VENUE_FIND, &asked).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Venue> {
    Ok(Venue {
        id: row.id(0)?,
        name: row.text(1)?,
        category: row.text_or_null(2)?,
        region: row.word_or_null(3)?,
        authority: row.id_or_null(4)?,
        sign_number: row.number_or_null(5)?,
    })
}
