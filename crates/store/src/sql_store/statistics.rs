//! Counts by day, and how far the counting is.

use async_trait::async_trait;
use domain::{Colour, PersonId, Timestamp};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::{SqlStore, evidence};
use crate::database::{Row, Session, Value};
use crate::queries::{
    DAILY_COUNT_ADD, DAILY_COUNTS, EVIDENCE_EARLIEST, TALLIED_FIND, TALLIED_PUT, TALLY_ADVANCE,
    TALLY_BEGIN, TALLY_FIND,
};
use crate::statistics::{
    CountKey, Counted, CountedPerson, Measure, StatisticsStore, Tally, TallyStep,
};
use crate::{Result, Since, StoreError};

/// The one count there is.
const PEOPLE: &str = "people";
/// Day 0.
const EPOCH: Date = date(1970, 1, 1);

#[async_trait]
impl StatisticsStore for SqlStore {
    async fn tally(&self) -> Result<Option<Tally>> {
        find(&mut self.database.reader().await?).await
    }

    async fn begin_tally(&self, day: Date) -> Result<()> {
        let work = self
            .database
            .write(day, |session, day| Box::pin(begin(session, *day)));
        work.await
    }

    async fn counted_people(&self, people: &[PersonId]) -> Result<Vec<CountedPerson>> {
        let mut session = self.database.reader().await?;
        let mut found = Vec::with_capacity(people.len());
        for person in people {
            found.push(counted_person(&mut session, *person).await?);
        }
        Ok(found)
    }

    async fn take_step(&self, step: TallyStep) -> Result<bool> {
        let work = self
            .database
            .write(step, |session, step| Box::pin(take_step(session, step)));
        work.await
    }

    async fn close_day(&self, from: &Tally) -> Result<bool> {
        let work = self
            .database
            .write(*from, |session, from| Box::pin(close_day(session, *from)));
        work.await
    }

    async fn add_checks(&self, checks: &[(Date, String, u64)]) -> Result<()> {
        let work = self.database.write(checks.to_vec(), |session, checks| {
            Box::pin(add_checks(session, checks))
        });
        work.await
    }

    async fn day_counts(&self, day: Date) -> Result<Vec<(CountKey, u64)>> {
        day_counts(&mut self.database.reader().await?, day).await
    }
}

async fn find(session: &mut Session) -> Result<Option<Tally>> {
    let row = session.row(&TALLY_FIND, &[PEOPLE.into()]).await?;
    let tally = |row: Row| {
        Ok(Tally {
            began: day_at(&row, 0)?,
            open: day_at(&row, 1)?,
            cursor: Since {
                at: row.time(2)?,
                after: row.id_or_null(3)?,
            },
            step: row.int(4)?,
        })
    };
    row.map(tally).transpose()
}

async fn begin(session: &mut Session, day: Date) -> Result<()> {
    let values = [
        PEOPLE.into(),
        number_of(day).into(),
        number_of(day).into(),
        Timestamp::UNIX_EPOCH.into(),
        Value::from(None::<PersonId>),
        0_i64.into(),
    ];
    session.execute(&TALLY_BEGIN, &values).await?;
    Ok(())
}

async fn counted_person(session: &mut Session, person: PersonId) -> Result<CountedPerson> {
    let row = session.row(&TALLIED_FIND, &[person.into()]).await?;
    let counted = row.as_ref().map(counted).transpose()?;
    let known_since = match counted {
        Some(_) => None,
        None => {
            let row = session.row(&EVIDENCE_EARLIEST, &[person.into()]).await?;
            row.map(|row| row.time(0)).transpose()?
        }
    };
    Ok(CountedPerson {
        counted,
        stays: evidence::stays(session, person).await?,
        known_since,
    })
}

fn counted(row: &Row) -> Result<Counted> {
    let restriction = |text: &str| {
        let (colour, rule) = text.split_once(':')?;
        Some((colour.parse::<Colour>().ok()?, rule.to_owned()))
    };
    let text = row.text(2)?;
    let restrictions = text.split_whitespace().map(restriction);
    Ok(Counted {
        region: row.word_or_null(0)?,
        status: row.word(1)?,
        restrictions: restrictions
            .collect::<Option<_>>()
            .ok_or_else(|| row.corrupt(2, "expected colour:rule"))?,
    })
}

async fn take_step(session: &mut Session, step: &TallyStep) -> Result<bool> {
    if !advance(session, &step.from, step.from.open, step.cursor).await? {
        return Ok(false);
    }
    for (person, counted) in &step.people {
        let restrictions: Vec<String> = counted
            .restrictions
            .iter()
            .map(|(colour, rule)| format!("{colour}:{rule}"))
            .collect();
        let values = [
            (*person).into(),
            counted.region.map(|region| region.to_string()).into(),
            counted.status.as_str().into(),
            restrictions.join(" ").into(),
        ];
        session.execute(&TALLIED_PUT, &values).await?;
    }
    for (key, change) in &step.changes {
        add(session, step.from.open, key, *change).await?;
    }
    Ok(true)
}

async fn close_day(session: &mut Session, from: Tally) -> Result<bool> {
    let next = from.open.tomorrow();
    let next = next.map_err(|error| StoreError::Database(error.to_string()))?;
    if !advance(session, &from, next, from.cursor).await? {
        return Ok(false);
    }
    for (key, count) in day_counts(session, from.open).await? {
        if matches!(
            key.measure,
            Measure::Status | Measure::Reason | Measure::Restriction
        ) {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            add(session, next, &key, count).await?;
        }
    }
    Ok(true)
}

/// Moves the counting on; `false` if somebody else did.
async fn advance(
    session: &mut Session,
    from: &Tally,
    open: Date,
    cursor: Since<PersonId>,
) -> Result<bool> {
    let values = [
        PEOPLE.into(),
        from.step.into(),
        number_of(open).into(),
        cursor.at.into(),
        cursor.after.into(),
    ];
    Ok(session.execute(&TALLY_ADVANCE, &values).await? > 0)
}

async fn add_checks(session: &mut Session, checks: &[(Date, String, u64)]) -> Result<()> {
    let open = find(session).await?.map(|tally| tally.open);
    for (day, word, count) in checks {
        let key = CountKey {
            measure: Measure::Check,
            region: None,
            word: word.clone(),
        };
        let day = open.map_or(*day, |open| open.max(*day));
        add(
            session,
            day,
            &key,
            i64::try_from(*count).unwrap_or(i64::MAX),
        )
        .await?;
    }
    Ok(())
}

async fn add(session: &mut Session, day: Date, key: &CountKey, change: i64) -> Result<()> {
    let values = [
        number_of(day).into(),
        word(key.measure).into(),
        key.region
            .map_or_else(String::new, |region| region.to_string())
            .into(),
        key.word.as_str().into(),
        change.into(),
    ];
    session.execute(&DAILY_COUNT_ADD, &values).await?;
    Ok(())
}

async fn day_counts(session: &mut Session, day: Date) -> Result<Vec<(CountKey, u64)>> {
    let rows = session
        .rows(&DAILY_COUNTS, &[number_of(day).into()])
        .await?;
    rows.iter().map(count).collect()
}

fn count(row: &Row) -> Result<(CountKey, u64)> {
    let written = row.text(0)?;
    let measure = MEASURES.into_iter().find(|(_, word)| *word == written);
    let (measure, _) = measure.ok_or_else(|| row.corrupt(0, "no such measure"))?;
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
