//! One engine's time for one question, and its answer.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::options::Part;

/// What the engines are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Status, rule, since and until of everybody.
    Decide,
    /// Everybody who met a case for 15 minutes.
    Ring1,
    /// Those, and everybody who met one of them.
    Rings1And2,
}

/// Where the data lies when the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In the engine's own columns.
    Memory,
    /// In Parquet files that the operating system has in its cache.
    Parquet,
}

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Which engine.
    pub engine: String,
    /// Which question.
    pub question: String,
    /// Median of the runs after the warm-up.
    pub seconds: f64,
    /// Most memory the process held meanwhile, its copy of the data included; `None` where other
    /// processes do the work.
    pub peak_bytes: Option<u64>,
    /// Counts and checksums of the answer.
    pub answer: Value,
}

impl Question {
    /// The questions of one part.
    pub fn of(part: Part) -> Vec<Self> {
        match part {
            Part::Decide => vec![Self::Decide],
            Part::Trace => vec![Self::Ring1, Self::Rings1And2],
            Part::Files | Part::Store | Part::Codes | Part::Frames => Vec::new(),
        }
    }

    /// The word on the command lines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Ring1 => "ring-1",
            Self::Rings1And2 => "rings-1-2",
        }
    }

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Decide => "Decide everybody",
            Self::Ring1 => "Trace ring 1",
            Self::Rings1And2 => "Trace rings 1 and 2",
        }
    }
}

impl Storage {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Memory, Self::Parquet];

    /// The word on the command lines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Parquet => "parquet",
        }
    }

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Memory => "in memory",
            Self::Parquet => "from Parquet",
        }
    }
}

impl Measured {
    /// Reads the lines that a runner prints, one for each question; lines that are no JSON objects
    /// are remarks.
    ///
    /// # Errors
    /// A line is incomplete, or there is none.
    pub fn read_all(output: &str) -> Result<Vec<Self>> {
        let lines = output.lines().filter(|line| line.starts_with('{'));
        let all: Vec<Self> = lines.map(Self::read).collect::<Result<_>>()?;
        ensure!(!all.is_empty(), "a runner printed no result: {output}");
        Ok(all)
    }

    fn read(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line)
            .with_context(|| format!("a runner printed `{line}` instead of its result"))?;
        let word = |name: &str| {
            let word = value[name].as_str().map(str::to_owned);
            word.with_context(|| format!("the result names no {name}: {line}"))
        };
        Ok(Self {
            engine: word("engine")?,
            question: word("question")?,
            seconds: value["median"]
                .as_f64()
                .with_context(|| format!("the result has no median: {line}"))?,
            peak_bytes: value["peak_bytes"].as_u64(),
            answer: value["answer"].clone(),
        })
    }
}

/// Compares every answer with the first one.
///
/// # Errors
/// One differs, or there is nothing to compare.
pub fn must_agree(rows: &[Measured]) -> Result<()> {
    let Some((first, others)) = rows.split_first() else {
        return Ok(());
    };
    ensure!(
        first.answer.as_array().is_some_and(|rows| !rows.is_empty()),
        "{} gave an empty answer: there is nothing to compare",
        first.engine
    );
    for other in others {
        ensure!(
            other.answer == first.answer,
            "{} and {} do not agree:\n{}\n{}",
            first.engine,
            other.engine,
            first.answer,
            other.answer
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn measured(engine: &str, answer: Value) -> Measured {
        Measured {
            engine: engine.to_owned(),
            question: "ring-1".to_owned(),
            seconds: 1.0,
            peak_bytes: None,
            answer,
        }
    }

    #[test]
    fn results_are_read_and_remarks_are_not() {
        let line = json!({
            "engine": "duckdb", "question": "ring-1", "median": 0.5, "peak_bytes": 7, "answer": [[1]],
        });
        let read = Measured::read_all(&format!("loading\n{line}\n")).unwrap();
        assert_eq!(
            read,
            [Measured {
                peak_bytes: Some(7),
                seconds: 0.5,
                ..measured("duckdb", json!([[1]]))
            }]
        );
        assert!(Measured::read_all("Killed").is_err());
        assert!(Measured::read_all("{\"engine\":\"duckdb\"}").is_err());
    }

    #[test]
    fn answers_that_differ_or_say_nothing_stop_the_run() {
        let ours = measured("ours", json!([[1, 5]]));
        let same = measured("polars", json!([[1, 5]]));
        let other = measured("duckdb", json!([[1, 6]]));
        assert!(must_agree(&[ours.clone(), same]).is_ok());
        let error = must_agree(&[ours, other]).unwrap_err().to_string();
        assert!(error.contains("ours and duckdb do not agree"), "{error}");
        assert!(must_agree(&[measured("ours", json!([]))]).is_err());
    }
}
