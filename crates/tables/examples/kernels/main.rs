//! Makes data for the two kernels and measures them.
//!
//! ```text
//! kernels generate k1|k2 --people N -o DIR
//! kernels run decide|trace --data DIR --storage memory|parquet [--runs N] [--json]
//! ```
//!
//! `k1` is a population to decide: a mirror, `regions.csv`, `policy.toml`. `k2` are visits to trace:
//! the four files of visits and `cases.csv`. The same number of people gives the same data
//! everywhere. `run` prints the median of the runs, and sums by which answers can be compared.

mod answer;
mod k1;
mod k2;
mod random;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use domain::{Status, Timestamp};
use engine::columns::NONE;
use engine::decide::Decisions;
use engine::trace::{Search, VisitColumns};
use serde_json::{Value, json};
use tables::mirror::visits::VisitFiles;
use tables::mirror::{Memory, Scope, read_columns, read_visits};

const USE: &str = "kernels generate k1|k2 --people N -o DIR\n\
    kernels run decide|trace --data DIR --storage memory|parquet [--runs N] [--json]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(lines) => {
            for line in lines {
                print(&line, words.contains(&"--json"));
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run(words: &[&str]) -> Result<Vec<Value>, String> {
    let value = |name: &str| {
        let place = words.iter().position(|word| *word == name)?;
        words.get(place + 1).copied()
    };
    let needed = |name: &str| value(name).ok_or_else(|| format!("{name} is missing\n{USE}"));
    let number = |text: &str| text.parse::<u32>().map_err(|why| format!("{text}: {why}"));
    match words {
        ["generate", what, ..] => {
            let people = number(needed("--people")?)?;
            let dir = PathBuf::from(needed("-o")?);
            match *what {
                "k1" => k1::generate(people, &dir)?,
                "k2" => k2::generate(people, &dir)?,
                _ => return Err(USE.into()),
            }
            Ok(Vec::new())
        }
        ["run", kernel, ..] => {
            let dir = PathBuf::from(needed("--data")?);
            let runs = number(value("--runs").unwrap_or("7"))?.max(1);
            let in_memory = match needed("--storage")? {
                "memory" => true,
                "parquet" => false,
                _ => return Err(USE.into()),
            };
            match *kernel {
                "decide" => decide(&dir, in_memory, runs),
                "trace" => trace(&dir, in_memory, runs),
                _ => Err(USE.into()),
            }
        }
        _ => Err(USE.into()),
    }
}

fn decide(dir: &Path, in_memory: bool, runs: u32) -> Result<Vec<Value>, String> {
    let policy = k1::policy()?;
    let levels = k1::read_levels(dir)?;
    let now = Timestamp::from_second(k1::NOW.into()).map_err(|why| why.to_string())?;
    let scope = Scope::Decide(&policy, now);
    let text = |why: tables::files::FileError| why.to_string();
    let load = |scope| read_columns(dir, scope, Memory::Available).map_err(text);
    let held = if in_memory {
        Some(load(Scope::Everything)?)
    } else {
        None
    };
    let facts = held.as_ref().map(|columns| {
        let (d, s) = (columns.declarations.len(), columns.stays.len());
        d + s + columns.contacts.len() + columns.tests.len()
    });
    let mut reading = Vec::new();
    // Officers try one policy after the other: memory for the answer is taken once.
    let mut decisions = Decisions::default();
    let (times, ()) = measure(runs, || {
        let read;
        let columns = match &held {
            Some(columns) => columns,
            None => {
                let (time, columns) = timed(|| load(scope));
                reading.push(time);
                read = columns?;
                &read
            }
        };
        let renewed = decisions.renew(&policy, &levels, columns, now);
        renewed.map_err(|why| why.to_string())
    })?;
    let mut counts = [0_u64; 4];
    let mut ends = 0_u64;
    for person in 0..decisions.outcome.len() {
        counts[match decisions.status(&policy, person as u32) {
            Status::Undeclared => 0,
            Status::Decided(colour) => 1 + colour as usize,
        }] += 1;
        if decisions.outcome[person] > 1 && decisions.until[person] != NONE {
            ends += u64::from(decisions.until[person] - k1::START);
        }
    }
    let mut line = json!({
        "kernel": "decide", "storage": if in_memory { "memory" } else { "parquet" },
        "people": decisions.outcome.len(), "facts": facts, "seconds": times,
        "undeclared": counts[0], "green": counts[1], "yellow": counts[2], "red": counts[3],
        "sum_of_ends": ends, "answer": answer::decided(&decisions), "peak_bytes": peak_bytes(),
    });
    if !in_memory {
        line["seconds_reading"] = json!(median(reading));
    }
    Ok(vec![line])
}

fn trace(dir: &Path, in_memory: bool, runs: u32) -> Result<Vec<Value>, String> {
    let cases = k2::cases(dir)?;
    let text = |why: tables::files::FileError| why.to_string();
    let (loading, held) = timed(|| match in_memory {
        true => read_visits(dir, Memory::Available).map(Some).map_err(text),
        false => Ok(None),
    });
    let held = held?;
    let mut lines = Vec::new();
    for rings in [1, 2] {
        let search = Search {
            minutes: 15,
            rings,
            by_day: None,
        };
        let (times, contacts) = measure(runs, || match &held {
            Some(visits) => Ok(visits.trace(&cases, &search)),
            None => VisitFiles::open(dir)
                .and_then(|files| files.trace(&cases, &search))
                .map_err(text),
        })?;
        let minutes: u64 = contacts
            .iter()
            .map(|contact| u64::from(contact.minutes))
            .sum();
        let venues: u64 = contacts
            .iter()
            .map(|contact| u64::from(contact.venues))
            .sum();
        let first: i64 = contacts
            .iter()
            .map(|contact| contact.first.as_second())
            .sum();
        let people: u64 = contacts
            .iter()
            .map(|contact| u64::from(contact.person))
            .sum();
        lines.push(json!({
            "kernel": "trace", "storage": if in_memory { "memory" } else { "parquet" },
            "rings": rings, "cases": cases.len(), "seconds": times,
            "seconds_loading": in_memory.then_some(loading.as_secs_f64()),
            "contacts": contacts.len(), "minutes": minutes, "venues": venues,
            "sum_of_first": first, "sum_of_people": people,
            "answer": answer::traced(&contacts),
            "bytes": held.as_ref().map(VisitColumns::bytes), "peak_bytes": peak_bytes(),
        }));
    }
    Ok(lines)
}

/// Once to warm up, then `runs` times: the median and the last result.
fn measure<T>(runs: u32, mut work: impl FnMut() -> Result<T, String>) -> Result<(f64, T), String> {
    let mut result = work()?;
    let mut times = Vec::new();
    for _ in 0..runs {
        let (time, new) = timed(&mut work);
        result = new?;
        times.push(time);
    }
    Ok((median(times), result))
}

#[expect(clippy::disallowed_methods, reason = "this program measures")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, Duration::as_secs_f64)
}

/// The most memory this process has had, where Linux says it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[expect(clippy::print_stdout, reason = "the result of this program")]
fn print(line: &Value, as_json: bool) {
    match line.as_object() {
        Some(fields) if !as_json => {
            let shown = fields.iter().filter(|(_, value)| !value.is_null());
            let shown: Vec<String> = shown
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            println!("{}", shown.join(", "));
        }
        _ => println!("{line}"),
    }
}
