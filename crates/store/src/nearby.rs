//! Whose things an officer sees: people who are in some regions, as the statements ask it that list and
//! count what waits. What one person's whereabouts are is decided by the service; the statements say the
//! same of many.

use domain::{AuthorityId, PersonId, Region, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::Query;

/// Whom a list is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody.
    Everybodys,
    /// Those who are in some regions.
    Near(Nearby),
}

/// People who are in some regions, as far as others know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearby {
    /// The regions.
    pub regions: Vec<Region>,
    /// Who asks: what they said themselves does not count.
    pub asker: AuthorityId,
    /// Since when.
    pub since: Timestamp,
    /// Whether people of whom nobody said anything are among them.
    pub has_unknown: bool,
    /// Authorities that are nowhere: the person and the tracer.
    pub nowhere: [AuthorityId; 2],
}

impl Whose {
    /// The parameters of the rule of sight, `$1` to `$7` (`queries/sqlite/in_sight.part`).
    pub(crate) fn values(&self) -> [Value; 7] {
        let nobody = AuthorityId::from_u128(0);
        match self {
            Self::Everybodys => [
                1_i64.into(),
                near(&[]).into(),
                nobody.into(),
                0_i64.into(),
                1_i64.into(),
                nobody.into(),
                nobody.into(),
            ],
            Self::Near(of) => [
                0_i64.into(),
                near(&of.regions).into(),
                of.asker.into(),
                of.since.into(),
                i64::from(of.has_unknown).into(),
                of.nowhere[0].into(),
                of.nowhere[1].into(),
            ],
        }
    }
}

/// Cases of which something waits, after one of them in the order of their numbers, and of how many things: what
/// `query` lists.
pub(crate) async fn cases(
    tx: &mut Transaction,
    query: &Query,
    whose: &Whose,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<(PersonId, u64)>> {
    let after: Value = after.map_or_else(|| [].into(), Value::from);
    let mut values = whose.values().to_vec();
    values.extend([after, limit.into()]);
    let rows = tx.rows(query, &values).await?;
    let read = |row: &Row| Ok((row.id(0)?, row.number(1)?));
    rows.iter().map(read).collect()
}

/// Regions as a JSON array of codes: what begins with one of them lies inside it, and what is the beginning
/// of one of them lies around it. Every code of digits lies in `CN`, which begins none of them.
pub(crate) fn near(regions: &[Region]) -> String {
    let mut codes: Vec<String> = regions.iter().map(Region::to_string).collect();
    let is_division = |code: &String| code.starts_with(|first: char| first.is_ascii_digit());
    let has_china = codes.iter().any(|code| code == CHINA);
    if !has_china && codes.iter().any(is_division) {
        codes.push(CHINA.to_owned());
    }
    if has_china {
        codes.extend(('0'..='9').map(String::from));
    }
    format!(
        "[{}]",
        codes
            .iter()
            .map(|code| format!("\"{code}\""))
            .collect::<Vec<_>>()
            .join(",")
    )
}

const CHINA: &str = "CN";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_written_so_that_beginnings_tell_what_lies_where() {
        let codes = [
            "CN",
            "DE",
            "33",
            "42",
            "010203",
            "3301",
            "3302",
            "330102",
            "330106",
            "330106001",
            "420106",
        ];
        let regions: Vec<Region> = codes.iter().map(|code| code.parse().unwrap()).collect();
        for asked in &regions {
            let near: Vec<String> = serde_json::from_str(&near(&[*asked])).unwrap();
            for region in &regions {
                let code = region.to_string();
                let found = near
                    .iter()
                    .any(|one| code.starts_with(one) || one.starts_with(&code));
                let meets = asked.lies_within(*region) || region.lies_within(*asked);
                assert_eq!(found, meets, "{code} and {asked}");
            }
        }
        assert_eq!(near(&[]), "[]");
    }
}
