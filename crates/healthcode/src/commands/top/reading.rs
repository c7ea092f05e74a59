//! What a server says to monitors, read back.

use domain::Timestamp;

/// Ten times what a server says.
const MOST_SAMPLES: usize = 5000;

/// One reading.
pub(super) struct Reading {
    pub(super) at: Timestamp,
    samples: Vec<Sample>,
}

/// One line of it.
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// Two readings, one after the other.
pub(super) struct Change {
    before: Reading,
    pub(super) now: Reading,
    seconds: f64,
}

impl Reading {
    /// Reads a page in the text format of Prometheus. A line that is none is passed over: a newer server
    /// may say more. So is one that a terminal would not only show.
    pub(super) fn of(page: &str, at: Timestamp) -> Self {
        let is_plain = |line: &&str| line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.filter(is_plain).filter_map(Sample::of);
        Self {
            at,
            samples: samples.take(MOST_SAMPLES).collect(),
        }
    }

    /// The value under these labels, among others.
    pub(super) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut found = self.samples.iter().filter(|sample| sample.is(name, labels));
        found.next().map(|sample| sample.value)
    }

    /// The sum of all values under these labels.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.samples.iter().filter(|sample| sample.is(name, labels));
        found.map(|sample| sample.value).sum()
    }

    /// The values of a metric, each with what it is labelled with as `label`.
    pub(super) fn by<'a>(
        &'a self,
        name: &'a str,
        label: &'a str,
    ) -> impl Iterator<Item = (&'a str, f64)> {
        let found = self.samples.iter().filter(move |one| one.name == name);
        found.filter_map(move |one| Some((one.label(label)?, one.value)))
    }

    /// The faults that the server names.
    pub(super) fn faults(&self) -> Vec<&str> {
        let named = self.by("healthcode_fault", "fault");
        named
            .filter(|(_, is)| *is > 0.0)
            .map(|(name, _)| name)
            .collect()
    }

    /// The workers that do not do their work.
    pub(super) fn dead_workers(&self) -> Vec<&str> {
        let alive = self.by("healthcode_worker_alive", "worker");
        alive
            .filter(|(_, is)| *is == 0.0)
            .map(|(name, _)| name)
            .collect()
    }

    /// What is wrong: each fault that is named, workers that do not do their work, a database that did not answer.
    pub(super) fn wrong(&self) -> Vec<String> {
        let mut wrong: Vec<String> = self.faults().into_iter().map(str::to_owned).collect();
        let dead = self.dead_workers().into_iter();
        wrong.extend(dead.map(|worker| format!("worker {worker}")));
        if self.value("healthcode_database_answers", &[]) == Some(0.0) {
            wrong.push("database does not answer".to_owned());
        }
        wrong
    }
}

impl Change {
    pub(super) fn between(before: Reading, now: Reading) -> Self {
        let seconds = now.at.duration_since(before.at).as_secs_f64();
        // A clock that was set back in between.
        let seconds = seconds.max(0.1);
        Self {
            before,
            now,
            seconds,
        }
    }

    /// By how much counters grew, together.
    fn growth(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let (before, now) = (self.before.sum(name, labels), self.now.sum(name, labels));
        // A server that was started again counts from 0.
        if now < before { now } else { now - before }
    }

    /// The same in a second.
    pub(super) fn rate(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.growth(name, labels) / self.seconds
    }

    /// Within how many seconds 99 of 100 answers to a kind of work came, as far as the bounds of the
    /// histogram tell; infinite above the last, `None` if there were none.
    pub(super) fn ninety_nine_of_a_hundred(&self, work: &str) -> Option<f64> {
        let of = |bound: &str| {
            let labels = [("work", work), ("le", bound)];
            self.growth("healthcode_answer_seconds_bucket", &labels)
        };
        let all = of("+Inf");
        if all <= 0.0 {
            return None;
        }
        let bounds = self.now.by("healthcode_answer_seconds_bucket", "le");
        let mut bounds: Vec<(&str, f64)> = bounds
            .filter_map(|(bound, _)| Some((bound, bound.parse().ok()?)))
            .collect();
        bounds.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        let within = bounds.iter().find(|(bound, _)| of(bound) >= all * 0.99);
        Some(within.map_or(f64::INFINITY, |(_, seconds)| *seconds))
    }
}

/// No figure of a server is larger, and its digits fit a screen; none is not a number.
const MOST_VALUE: f64 = 1e18;

impl Sample {
    fn of(line: &str) -> Option<Self> {
        let (named, value) = line.rsplit_once(' ')?;
        let value: f64 = value.parse().ok()?;
        if value.is_nan() || value.abs() > MOST_VALUE {
            return None;
        }
        let (name, labels) = match named.split_once('{') {
            None => (named, ""),
            Some((name, labels)) => (name, labels.strip_suffix('}')?),
        };
        let labels = labels.split(',').filter_map(|label| {
            let (label, word) = label.split_once('=')?;
            Some((label.to_owned(), word.trim_matches('"').to_owned()))
        });
        Some(Self {
            name: name.to_owned(),
            labels: labels.collect(),
            value,
        })
    }

    fn label(&self, label: &str) -> Option<&str> {
        let mut found = self.labels.iter().filter(|(name, _)| name == label);
        found.next().map(|(_, word)| word.as_str())
    }

    fn is(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.name == name
            && labels
                .iter()
                .all(|(label, word)| self.label(label) == Some(word))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn change(before: &str, now: &str) -> Change {
        let at = Timestamp::UNIX_EPOCH;
        let later = Timestamp::from_second(2).unwrap();
        Change::between(Reading::of(before, at), Reading::of(now, later))
    }

    #[test]
    fn counters_are_read_by_the_second_and_a_server_that_began_again_counts_from_nothing() {
        let page = |codes: u32, history: u32| {
            format!(
                "# HELP asked What is asked.\n# TYPE asked counter\n\
                 asked{{work=\"codes\",status=\"2xx\"}} {codes}\nasked{{work=\"codes\",status=\"5xx\"}} 1\n\
                 asked{{work=\"history\",status=\"2xx\"}} {history}\nodd line\n"
            )
        };
        let change = change(&page(10, 100), &page(30, 4));
        assert_eq!(change.rate("asked", &[("work", "codes")]), 10.0);
        assert_eq!(change.rate("asked", &[("status", "5xx")]), 0.0);
        assert_eq!(change.rate("asked", &[("work", "history")]), 2.0);
        assert_eq!(change.now.sum("asked", &[("work", "codes")]), 31.0);
        assert_eq!(change.now.value("asked", &[("work", "none")]), None);
    }

    #[test]
    fn what_a_terminal_would_not_only_show_is_passed_over() {
        let page = "a{w=\"\u{1b}]52;c;ZQ==\u{7}\"} 1\na{w=\"é\"} 1\na -1e308\na NaN\nb 2\n";
        let reading = Reading::of(page, Timestamp::UNIX_EPOCH);
        assert_eq!(reading.samples.len(), 1);
        let many = "a 1\n".repeat(6000);
        assert_eq!(
            Reading::of(&many, Timestamp::UNIX_EPOCH).samples.len(),
            5000
        );
    }

    #[test]
    fn of_a_histogram_the_bound_is_told_within_which_99_of_100_came() {
        let page = |counts: [u32; 3]| {
            let [tenth, second, all] = counts;
            let bucket = "healthcode_answer_seconds_bucket{work=\"codes\",le=";
            format!(
                "{bucket}\"0.1\"}} {tenth}\n{bucket}\"1\"}} {second}\n{bucket}\"+Inf\"}} {all}\n"
            )
        };
        for (now, within) in [
            ([7, 7, 7], None),
            ([106, 107, 107], Some(0.1)),
            ([105, 107, 107], Some(1.0)),
            ([7, 100, 107], Some(f64::INFINITY)),
        ] {
            let found = change(&page([7, 7, 7]), &page(now));
            assert_eq!(found.ninety_nine_of_a_hundred("codes"), within, "{now:?}");
        }
    }
}
