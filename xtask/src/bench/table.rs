//! The table of one question, as Markdown.

use std::fmt::Write as _;

use super::measured::{Measured, Question, Storage};
use super::targets::target;

/// Ours and the peers, with ratios; ours is the first row.
pub fn compare(question: Question, storage: Storage, rows: &[Measured], size: u64) -> String {
    let Some((ours, peers)) = rows.split_first() else {
        return String::new();
    };
    let mut text = format!("### {}, {}\n\n", question.title(), storage.title());
    text.push_str("| engine | median | times ours | peak memory |\n|---|---|---|---|\n");
    for row in rows {
        let ratio = row.seconds / ours.seconds;
        let memory = row.peak_bytes.map_or("-".to_owned(), bytes);
        let _ = writeln!(
            text,
            "| {} | {} | {ratio:.1} | {memory} |",
            row.engine,
            duration(row.seconds)
        );
    }
    text.push('\n');
    text.push_str(&against_target(question, storage, ours, peers, size));
    text
}

/// What was asked for, and whether it was reached.
fn against_target(
    question: Question,
    storage: Storage,
    ours: &Measured,
    peers: &[Measured],
    size: u64,
) -> String {
    let target = target(question, storage);
    if size < target.size {
        return format!(
            "- the design's figures are for {} rows; this run had {}",
            count(target.size),
            count(size)
        );
    }
    let mut lines = Vec::new();
    if target.seconds.is_finite() && size == target.size {
        let wanted = duration(target.seconds);
        lines.push(line(
            &format!("within {wanted}"),
            &duration(ours.seconds),
            ours.seconds <= target.seconds,
        ));
    }
    let ratio = |of_postgres: bool| {
        peers
            .iter()
            .filter(|peer| (peer.engine == "postgres") == of_postgres)
            .map(|peer| peer.seconds / ours.seconds)
            .min_by(f64::total_cmp)
    };
    for (name, wanted, found) in [
        (
            "the best column engine",
            target.times_the_best,
            ratio(false),
        ),
        ("PostgreSQL", target.times_postgres, ratio(true)),
    ] {
        if let (Some(wanted), Some(found)) = (wanted, found) {
            let what = format!("{wanted:.0} times {name}");
            lines.push(line(&what, &format!("{found:.1}"), found >= wanted));
        }
    }
    lines.join("\n")
}

fn line(wanted: &str, found: &str, is_reached: bool) -> String {
    let verdict = if is_reached { "reached" } else { "not reached" };
    format!("- asked for: {wanted}; measured: {found}; {verdict}")
}

/// Seconds in the unit that reads best.
pub fn duration(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.1 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{:.1} ms", seconds * 1e3)
    }
}

/// Bytes in the unit that reads best.
#[expect(
    clippy::cast_precision_loss,
    reason = "two digits after the point are shown"
)]
pub fn bytes(bytes: u64) -> String {
    if bytes >= 1_000_000_000 {
        format!("{:.2} GB", bytes as f64 / 1e9)
    } else {
        format!("{:.0} MB", bytes as f64 / 1e6)
    }
}

/// A number with its digits grouped.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn took(engine: &str, seconds: f64) -> Measured {
        Measured {
            engine: engine.to_owned(),
            question: "ring-1".to_owned(),
            seconds,
            peak_bytes: Some(1_500_000_000),
            answer: json!([[1]]),
        }
    }

    #[test]
    fn ratios_say_how_many_times_as_long_the_others_took() {
        let rows = [
            took("ours", 0.006),
            took("duckdb", 0.15),
            took("postgres", 0.048),
        ];
        let text = compare(Question::Ring1, Storage::Memory, &rows, 100_000_000);
        for expected in [
            "| duckdb | 150 ms | 25.0 | 1.50 GB |",
            "asked for: within 6.0 ms; measured: 6.0 ms; reached",
            "asked for: 25 times the best column engine; measured: 25.0; reached",
            "asked for: 10 times PostgreSQL; measured: 8.0; not reached",
        ] {
            assert!(text.contains(expected), "{expected} is missing in\n{text}");
        }
    }

    #[test]
    fn a_smaller_run_says_so_and_claims_nothing() {
        let rows = [took("ours", 0.001), took("duckdb", 0.15)];
        let text = compare(Question::Ring1, Storage::Memory, &rows, 2_000_000);
        assert!(text.contains("this run had 2,000,000"), "{text}");
        assert!(!text.contains("asked for"), "{text}");
    }
}
