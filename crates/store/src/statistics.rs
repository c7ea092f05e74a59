//! Statistics: counts by day, kept by a worker that follows the verdicts.
//!
//! The caller computes what changes ([`CountStep`]); it is written together with how far the counting
//! is, in one transaction, and only if nobody else took the same step. So a step that is taken twice,
//! by a process that died or by two nodes, counts once.

use std::collections::BTreeMap;

use domain::{Colour, Evidence, PersonId, Region, Status, Timestamp};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::changes::{ChangeCursor, ChangeNumber};
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    DAILY_COUNT_ADD, DAILY_COUNTS, DAILY_COUNTS_OF_DAYS, TALLIED_FIND, TALLIED_PUT, TALLY_ADVANCE,
    TALLY_BEGIN, TALLY_FIND,
};
use crate::{Result, StoreError, evidence};

/// The one count there is.
const PEOPLE: &str = "people";
/// Day 0.
const EPOCH: Date = date(1970, 1, 1);

/// How far the counting of people is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountCursor {
    /// The first day that is counted.
    pub began: Date,
    /// The day that is being counted. All before it are closed.
    pub open: Date,
    /// Verdicts up to here are counted.
    pub cursor: ChangeCursor<PersonId>,
    /// Steps taken so far.
    pub step: i64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// People who became known on the day.
    Registered,
    /// People by status, at the end of the day.
    Status,
    /// People by the restriction that gives their colour, at the end of the day.
    Reason,
    /// Restrictions in force at the end of the day, also those that give no colour because a
    /// stricter one does.
    Restriction,
    /// Checks on the day, by outcome.
    Check,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountKey {
    /// What is counted.
    pub measure: Measure,
    /// Where the people live; `None` if not known, or if it is not counted by region.
    pub region: Option<Region>,
    /// Which status, rule or outcome.
    pub word: String,
}

/// How a person is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Where they live, a county at the closest.
    pub region: Option<Region>,
    /// Their status.
    pub status: Status,
    /// Colour and rule of what restricts them, the one that gives the colour first.
    pub restrictions: Vec<(Colour, String)>,
}

/// What counting a person needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPerson {
    /// How they are counted so far; `None` if they are not.
    pub counted: Option<Counted>,
    /// Their stays, and every withdrawal.
    pub stays: Vec<Evidence>,
    /// When the first evidence about them was taken in; not looked up if they are counted.
    pub known_since: Option<Timestamp>,
}

/// A step of the counting.
#[derive(Clone, Debug)]
pub struct CountStep {
    /// What it starts from.
    pub from: CountCursor,
    /// Verdicts up to here are counted after it.
    pub cursor: ChangeCursor<PersonId>,
    /// How these people are counted after it.
    pub people: Vec<(PersonId, Counted)>,
    /// What changes on the open day.
    pub changes: Vec<(CountKey, i64)>,
}

/// How far the counting is; `None` if it never began.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction) -> Result<Option<CountCursor>> {
    let row = tx.row(&TALLY_FIND, &[PEOPLE.into()]).await?;
    let cursor = |row: Row| {
        Ok(CountCursor {
            began: day_at(&row, 0)?,
            open: day_at(&row, 1)?,
            cursor: ChangeCursor {
                number: ChangeNumber::from_i64(row.int(2)?),
                after: row.id_or_null(3)?,
            },
            step: row.int(4)?,
        })
    };
    row.map(cursor).transpose()
}

/// Begins the counting on `day`, before the first verdict; a counting that began stays.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn begin(tx: &mut Transaction, day: Date) -> Result<()> {
    let values = [
        PEOPLE.into(),
        number_of(day).into(),
        number_of(day).into(),
        ChangeNumber::BEFORE_ALL.into(),
        Value::from(None::<PersonId>),
        0_i64.into(),
    ];
    tx.execute(&TALLY_BEGIN, &values).await?;
    Ok(())
}

/// What counting these people needs, in the same order.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn counted_people(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<Vec<CountedPerson>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let mut counted = BTreeMap::new();
    for row in tx.rows_each(&TALLIED_FIND, &asked).await? {
        let person: PersonId = row.id(0)?;
        counted.insert(person, read_counted(&row)?);
    }
    let new: Vec<PersonId> = people
        .iter()
        .filter(|person| !counted.contains_key(person))
        .copied()
        .collect();
    let known_since = evidence::earliest(tx, &new).await?;
    let mut stays = evidence::stays(tx, people).await?;
    let person = |person: &PersonId| CountedPerson {
        counted: counted.remove(person),
        stays: stays.remove(person).unwrap_or_default(),
        known_since: known_since.get(person).copied(),
    };
    Ok(people.iter().map(person).collect())
}

fn read_counted(row: &Row) -> Result<Counted> {
    let restriction = |text: &str| {
        let (colour, rule) = text.split_once(':')?;
        Some((colour.parse::<Colour>().ok()?, rule.to_owned()))
    };
    let text = row.text(3)?;
    let restrictions = text.split_whitespace().map(restriction);
    Ok(Counted {
        region: row.word_or_null(1)?,
        status: row.word(2)?,
        restrictions: restrictions
            .collect::<Option<_>>()
            .ok_or_else(|| row.corrupt(3, "expected colour:rule"))?,
    })
}

/// Takes a step; `false`, with nothing changed, if somebody else took it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn advance(tx: &mut Transaction, step: &CountStep) -> Result<bool> {
    if !move_on(tx, &step.from, step.from.open, step.cursor).await? {
        return Ok(false);
    }
    let people: Vec<Vec<Value>> = step.people.iter().map(values).collect();
    tx.execute_each(&TALLIED_PUT, &people).await?;
    let changes = step.changes.iter().cloned();
    add(
        tx,
        changes.map(|(key, change)| ((step.from.open, key), change)),
    )
    .await?;
    Ok(true)
}

fn values((person, counted): &(PersonId, Counted)) -> Vec<Value> {
    let restrictions: Vec<String> = counted
        .restrictions
        .iter()
        .map(|(colour, rule)| format!("{colour}:{rule}"))
        .collect();
    vec![
        (*person).into(),
        counted.region.map(|region| region.to_string()).into(),
        counted.status.as_str().into(),
        restrictions.join(" ").into(),
    ]
}

/// Closes the open day and opens the next one, with as many people in each status; `false`, with
/// nothing changed, if somebody else took a step.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn close_day(tx: &mut Transaction, from: &CountCursor) -> Result<bool> {
    let next = from.open.tomorrow();
    let next = next.map_err(|error| StoreError::Database(error.to_string()))?;
    if !move_on(tx, from, next, from.cursor).await? {
        return Ok(false);
    }
    let counts = day_counts(tx, from.open).await?.into_iter();
    let stays = |key: &CountKey| {
        matches!(
            key.measure,
            Measure::Status | Measure::Reason | Measure::Restriction
        )
    };
    let counts = counts.filter(|(key, _)| stays(key));
    add(tx, counts.map(|(key, count)| ((next, key), signed(count)))).await?;
    Ok(true)
}

/// Moves the counting on; `false` if somebody else did.
async fn move_on(
    tx: &mut Transaction,
    from: &CountCursor,
    open: Date,
    cursor: ChangeCursor<PersonId>,
) -> Result<bool> {
    let values = [
        PEOPLE.into(),
        from.step.into(),
        number_of(open).into(),
        cursor.number.into(),
        cursor.after.into(),
    ];
    Ok(tx.execute(&TALLY_ADVANCE, &values).await? > 0)
}

/// Adds checks, each by day, outcome and number. What comes in late for a closed day counts on the open
/// one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_checks(tx: &mut Transaction, checks: &[(Date, String, u64)]) -> Result<()> {
    let open = find(tx).await?.map(|cursor| cursor.open);
    let counts = checks.iter().map(|(day, word, count)| {
        let key = CountKey {
            measure: Measure::Check,
            region: None,
            word: word.clone(),
        };
        let day = open.map_or(*day, |open| open.max(*day));
        ((day, key), signed(*count))
    });
    add(tx, counts).await
}

/// Adds to the counts of days. What is named twice is added up first: PostgreSQL refuses to touch a
/// row twice in one statement.
async fn add(
    tx: &mut Transaction,
    changes: impl Iterator<Item = ((Date, CountKey), i64)>,
) -> Result<()> {
    let mut sums = BTreeMap::<(Date, CountKey), i64>::new();
    for (key, change) in changes {
        *sums.entry(key).or_default() += change;
    }
    let values = |((day, key), change): ((Date, CountKey), i64)| {
        vec![
            number_of(day).into(),
            word(key.measure).into(),
            key.region
                .map_or_else(String::new, |region| region.to_string())
                .into(),
            key.word.into(),
            change.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = sums.into_iter().map(values).collect();
    tx.execute_each(&DAILY_COUNT_ADD, &rows).await?;
    Ok(())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What was counted on a day; nothing that is zero.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn day_counts(tx: &mut Transaction, day: Date) -> Result<Vec<(CountKey, u64)>> {
    let rows = tx.rows(&DAILY_COUNTS, &[number_of(day).into()]).await?;
    rows.iter().map(count).collect()
}

/// How many became known and how many checks there were on each of these days, over all regions;
/// nothing that is zero.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn counts_of_days(
    tx: &mut Transaction,
    from: Date,
    until: Date,
) -> Result<Vec<(Date, Measure, u64)>> {
    let values = [number_of(from).into(), number_of(until).into()];
    let rows = tx.rows(&DAILY_COUNTS_OF_DAYS, &values).await?;
    let read = |row: &Row| Ok((day_at(row, 0)?, measure_at(row, 1)?, row.number(2)?));
    rows.iter().map(read).collect()
}

fn measure_at(row: &Row, column: usize) -> Result<Measure> {
    let written = row.text(column)?;
    let measure = MEASURES.into_iter().find(|(_, word)| *word == written);
    let (measure, _) = measure.ok_or_else(|| row.corrupt(column, "no such measure"))?;
    Ok(measure)
}

fn count(row: &Row) -> Result<(CountKey, u64)> {
    let measure = measure_at(row, 0)?;
    let region = match row.text(1)?.as_str() {
        "" => None,
        _ => Some(row.word(1)?),
    };
    let key = CountKey {
        measure,
        region,
        word: row.text(2)?,
    };
    Ok((key, row.number(3)?))
}

const MEASURES: [(Measure, &str); 5] = [
    (Measure::Registered, "registered"),
    (Measure::Status, "status"),
    (Measure::Reason, "reason"),
    (Measure::Restriction, "restriction"),
    (Measure::Check, "check"),
];

fn word(measure: Measure) -> &'static str {
    let found = MEASURES.iter().find(|(one, _)| *one == measure);
    found.map_or("", |(_, word)| word)
}

/// Days since 1 January 1970.
fn number_of(day: Date) -> i64 {
    (day - EPOCH).get_days().into()
}

fn day_at(row: &Row, column: usize) -> Result<Date> {
    let number: i32 = row.number(column)?;
    EPOCH
        .checked_add(number.days())
        .map_err(|_| row.corrupt(column, "no such day"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_word_of_its_own() {
        let all = [
            Measure::Registered,
            Measure::Status,
            Measure::Reason,
            Measure::Restriction,
            Measure::Check,
        ];
        let words: std::collections::BTreeSet<&str> = all.into_iter().map(word).collect();
        assert_eq!(words.len(), all.len());
        assert!(!words.contains(""));
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(number_of(date(1970, 1, 2)), 1);
        assert_eq!(number_of(date(2020, 2, 17)), 18_309);
    }
}
