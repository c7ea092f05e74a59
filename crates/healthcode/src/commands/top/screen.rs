//! How the figures are laid out: what is wrong first, then what is asked, then what waits.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::reading::Change;

/// So many transactions are listed.
const SLOWEST: usize = 8;
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const PLAIN: &str = "\x1b[0m";

/// What waits, and for how long at most it does on a good day, in seconds.
const WAITS: [(&str, &str, f64); 4] = [
    ("contacts of a case", "healthcode_trace_wait_seconds", 60.0),
    (
        "verdicts whose time came",
        "healthcode_sweep_wait_seconds",
        600.0,
    ),
    ("messages", "healthcode_outbox_wait_seconds", 600.0),
    ("log to be signed", "healthcode_log_wait_seconds", 60.0),
];

/// One page.
pub(super) struct Screen<'a> {
    change: &'a Change,
    monitor: SocketAddr,
    is_coloured: bool,
}

impl<'a> Screen<'a> {
    pub(super) const fn of(change: &'a Change, monitor: SocketAddr, is_coloured: bool) -> Self {
        Self {
            change,
            monitor,
            is_coloured,
        }
    }

    fn value(&self, name: &str) -> Option<f64> {
        self.change.now.value(name, &[])
    }

    /// A word that is seen at once. Colour never says it alone.
    fn marked(&self, mark: &str, text: &str) -> String {
        if self.is_coloured {
            format!("{mark}{text}{PLAIN}")
        } else {
            text.to_owned()
        }
    }

    fn node(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let now = &self.change.now;
        let version = now.by("healthcode_build_info", "version").next();
        let version = version.map_or("", |(version, _)| version);
        let running = self.value("healthcode_running_seconds").map(shown);
        writeln!(
            f,
            "healthcode {version} at {}, running for {}",
            self.monitor,
            or_unknown(running)
        )?;
        let wrong = now.wrong();
        let database = match self.value("healthcode_database_answers") {
            Some(1.0) => "answers",
            Some(_) => "DOES NOT ANSWER",
            None => "not asked yet",
        };
        if wrong.is_empty() {
            writeln!(f, "{}", self.marked(BOLD, "WELL: no fault is named"))?;
        } else {
            let named = format!(
                "FAULTS: {}; what to do: `healthcode doctor`",
                wrong.join(", ")
            );
            writeln!(f, "{}", self.marked(RED, &named))?;
        }
        writeln!(
            f,
            "database {database}, {} large, {} free on its disk; {} wait for their turn",
            or_unknown(self.value("healthcode_database_bytes").map(bytes)),
            or_unknown(self.value("healthcode_disk_free_bytes").map(bytes)),
            or_unknown(self.value("healthcode_store_queue")),
        )?;
        let ahead = self.value("healthcode_clock_ahead_seconds");
        let left = now.by("healthcode_key_left_seconds", "key");
        let keys: Vec<String> = left
            .map(|(key, left)| format!("{key} {}", shown(left)))
            .collect();
        writeln!(
            f,
            "clock {} s ahead; revoked codes known {} ago; ends in: {}",
            or_unknown(ahead.map(|ahead| format!("{ahead:.1}"))),
            or_unknown(self.value("healthcode_revocations_age_seconds").map(shown)),
            keys.join(", "),
        )?;
        writeln!(
            f,
            "memory {}; files {} of {}; connections {} of {}",
            or_unknown(self.value("process_resident_memory_bytes").map(bytes)),
            or_unknown(self.value("process_open_fds")),
            or_unknown(self.value("process_max_fds")),
            or_unknown(self.value("healthcode_connections")),
            or_unknown(self.value("healthcode_connections_limit")),
        )
    }

    fn work(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let head = format!(
            "{:14} {:>9} {:>9} {:>9} {:>9} {:>11} {:>10}",
            "a second", "answered", "failed", "refused", "over rate", "99 % within", "in flight"
        );
        writeln!(f, "\n{}", self.marked(BOLD, &head))?;
        for row in rows(self.change) {
            let within = row.within.map_or_else(|| "-".to_owned(), shown_bound);
            writeln!(
                f,
                "{:14} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {within:>11} {:>10}",
                row.work, row.answered, row.failed, row.refused, row.over_rate, row.in_flight
            )?;
        }
        writeln!(
            f,
            "of what needs the database {} may be in flight at once",
            or_unknown(self.value("healthcode_in_flight_limit")),
        )
    }

    fn waits(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.marked(BOLD, "what waits"))?;
        for (what, metric, usual) in WAITS {
            let Some(wait) = self.value(metric) else {
                continue;
            };
            let text = format!("{what:25} {:>9}", shown(wait));
            if wait > usual {
                writeln!(f, "{}", self.marked(RED, &format!("{text}  TOO LONG")))?;
            } else {
                writeln!(f, "{text}")?;
            }
        }
        writeln!(
            f,
            "submissions for a second person {}; alarms that nobody has seen {}",
            or_unknown(self.value("healthcode_held_batches")),
            or_unknown(self.value("healthcode_open_alarms")),
        )
    }

    fn transactions(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let slowest = slowest(self.change);
        if slowest.is_empty() {
            return Ok(());
        }
        let head = format!("{:33} {:>10}", "slowest transactions", "mean of ten");
        writeln!(f, "\n{}", self.marked(BOLD, &head))?;
        for (name, seconds) in slowest {
            writeln!(f, "{name:33} {:>10}", shown(seconds))?;
        }
        Ok(())
    }
}

impl Display for Screen<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.node(f)?;
        self.work(f)?;
        self.waits(f)?;
        self.transactions(f)
    }
}

/// The same for programs.
pub(super) fn as_json(change: &Change) -> Value {
    let now = &change.now;
    let value = |name: &str| now.value(name, &[]);
    let rows = rows(change).into_iter().map(|row| {
        json!({
            "work": row.work,
            "answered_a_second": row.answered,
            "failed_a_second": row.failed,
            "refused_a_second": row.refused,
            "over_rate_a_second": row.over_rate,
            "seconds_99_percent": row.within.filter(|within| within.is_finite()),
            "in_flight": row.in_flight,
        })
    });
    let waits = WAITS.map(|(what, metric, _)| json!({ "what": what, "seconds": value(metric) }));
    let slowest = slowest(change).into_iter();
    let slowest = slowest.map(|(name, seconds)| json!({ "name": name, "mean_seconds": seconds }));
    json!({
        "at": now.at.to_string(),
        "good": now.wrong().is_empty(),
        "faults": now.faults(),
        "dead_workers": now.dead_workers(),
        "database_answers": value("healthcode_database_answers").map(|answers| answers > 0.0),
        "database_bytes": value("healthcode_database_bytes"),
        "disk_free_bytes": value("healthcode_disk_free_bytes"),
        "store_queue": value("healthcode_store_queue"),
        "work": rows.collect::<Vec<_>>(),
        "waits": waits,
        "transactions": slowest.collect::<Vec<_>>(),
    })
}

/// How a kind of work fares.
struct Row<'a> {
    work: &'a str,
    answered: f64,
    failed: f64,
    refused: f64,
    over_rate: f64,
    within: Option<f64>,
    in_flight: f64,
}

/// Every kind of work, in the server's order: what is refused last stands first.
fn rows(change: &Change) -> Vec<Row<'_>> {
    let kinds = change.now.by("healthcode_in_flight", "work");
    let row = |(work, in_flight)| {
        let answers = |status| {
            change.rate(
                "healthcode_answers_total",
                &[("work", work), ("status", status)],
            )
        };
        let refused = change.rate("healthcode_shed_total", &[("work", work)]);
        Row {
            work,
            answered: answers("2xx") + answers("3xx") + answers("4xx"),
            // Who is refused is answered with 503.
            failed: (answers("5xx") - refused).max(0.0),
            refused,
            over_rate: change.rate("healthcode_over_rate_total", &[("work", work)]),
            within: change.ninety_nine_of_a_hundred(work),
            in_flight,
        }
    };
    kinds.map(row).collect()
}

fn slowest(change: &Change) -> Vec<(&str, f64)> {
    let means = change.now.by("healthcode_transaction_seconds", "name");
    let mut means: Vec<(&str, f64)> = means.collect();
    means.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    means.truncate(SLOWEST);
    means
}

fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

/// A time for people.
fn shown(seconds: f64) -> String {
    let of = |unit: f64| seconds / unit;
    match seconds.abs() {
        ..0.0005 => "0 s".to_owned(),
        ..1.0 => format!("{:.1} ms", seconds * 1000.0),
        ..120.0 => format!("{seconds:.0} s"),
        ..7_200.0 => format!("{:.0} min", of(60.0)),
        ..172_800.0 => format!("{:.0} h", of(3600.0)),
        _ => format!("{:.0} d", of(86_400.0)),
    }
}

fn shown_bound(seconds: f64) -> String {
    if seconds.is_finite() {
        shown(seconds)
    } else {
        "over 10 s".to_owned()
    }
}

fn bytes(count: f64) -> String {
    match count {
        ..1e9 => format!("{:.0} MB", count / 1e6),
        ..1e12 => format!("{:.1} GB", count / 1e9),
        _ => format!("{:.1} TB", count / 1e12),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::tests::change;
    use super::*;

    const BEFORE: &str = "\
healthcode_build_info{version=\"0.1.0\"} 1
healthcode_running_seconds 100
healthcode_answers_total{work=\"codes\",status=\"2xx\"} 10
healthcode_in_flight{work=\"codes\"} 0
";
    const NOW: &str = "\
healthcode_build_info{version=\"0.1.0\"} 1
healthcode_running_seconds 260000
healthcode_answers_total{work=\"codes\",status=\"2xx\"} 30
healthcode_answers_total{work=\"history\",status=\"5xx\"} 8
healthcode_shed_total{work=\"history\"} 6
healthcode_answer_seconds_bucket{work=\"codes\",le=\"0.005\"} 20
healthcode_answer_seconds_bucket{work=\"codes\",le=\"+Inf\"} 20
healthcode_in_flight{work=\"codes\"} 2
healthcode_in_flight{work=\"history\"} 0
healthcode_fault{fault=\"disk_full\"} 1
healthcode_fault{fault=\"standby\"} 0
healthcode_worker_alive{worker=\"sweep\"} 0
healthcode_database_answers 0
healthcode_database_bytes 2500000000
healthcode_trace_wait_seconds 300
healthcode_outbox_wait_seconds 0
healthcode_transaction_seconds{name=\"quick\"} 0.001
healthcode_transaction_seconds{name=\"slow\"} 1.5
";

    #[test]
    fn a_page_says_first_what_is_wrong_and_then_what_is_asked() {
        let change = change(BEFORE, NOW);
        let monitor = "127.0.0.1:9464".parse().unwrap();
        let page = Screen::of(&change, monitor, false).to_string();
        let mut rest = page.as_str();
        for words in [
            "healthcode 0.1.0 at 127.0.0.1:9464, running for 3 d",
            "FAULTS: disk_full, worker sweep, database does not answer",
            "database DOES NOT ANSWER, 2.5 GB large, ? free",
            "codes               10.0       0.0       0.0       0.0      5.0 ms          2",
            "history              0.0       1.0       3.0       0.0           -          0",
            "contacts of a case            5 min  TOO LONG",
            "messages                        0 s\n",
            "slow ",
            "quick ",
        ] {
            let found = rest.split_once(words);
            rest = found.unwrap_or_else(|| panic!("{words:?} in {page}")).1;
        }
        assert!(
            !page.contains('\x1b'),
            "no colour where there is no terminal"
        );
        assert!(
            page.lines().all(|line| line.chars().count() <= 100),
            "{page}"
        );
        let coloured = Screen::of(&change, monitor, true).to_string();
        assert!(coloured.contains("\x1b[1;31mFAULTS: "), "{coloured}");
    }

    #[test]
    fn programs_read_the_same() {
        let found = as_json(&change(BEFORE, NOW));
        assert_eq!(found["good"], false);
        assert_eq!(found["faults"], json!(["disk_full"]));
        assert_eq!(found["work"][1]["refused_a_second"], 3.0);
        assert_eq!(found["transactions"][0]["name"], "slow");
        let well = change(
            "healthcode_running_seconds 1\n",
            "healthcode_running_seconds 2\n",
        );
        assert_eq!(as_json(&well)["good"], true);
    }
}
