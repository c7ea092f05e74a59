//! The text format of Prometheus, version 0.0.4.
//!
//! Names, labels and their values are texts of the program, by their type: nothing that a request
//! brought along can get into them (invariant 10).

use std::fmt::{Display, Write as _};

/// A label and its value.
pub(super) type Label = (&'static str, &'static str);

/// How a metric behaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// It only grows, until the program starts again.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts what took no longer than each of some times.
    Histogram,
}

/// What is answered, metric after metric.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    /// Begins a metric. What is written next is of it.
    pub(super) fn metric(&mut self, kind: Kind, name: &'static str, about: &'static str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.name = name;
        // Writing into a text never fails.
        let _ = writeln!(self.text, "# HELP {name} {about}\n# TYPE {name} {kind}");
    }

    /// Its value under these labels.
    pub(super) fn value(&mut self, labels: &[Label], value: impl Display) {
        self.part("", labels, value);
    }

    /// Its value, if it is known.
    pub(super) fn known(&mut self, value: Option<impl Display>) {
        if let Some(value) = value {
            self.value(&[], value);
        }
    }

    /// The value of a part of it: `_bucket`, `_sum` and `_count` of a histogram.
    pub(super) fn part(&mut self, part: &'static str, labels: &[Label], value: impl Display) {
        let _ = write!(self.text, "{}{part}", self.name);
        for (at, (label, word)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{word}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_prometheus_expects_it() {
        let mut page = Page::default();
        page.metric(Kind::Gauge, "open", "What is open.");
        page.value(&[], 3);
        page.metric(Kind::Histogram, "seconds", "How long it took.");
        page.part("_bucket", &[("work", "codes"), ("le", "+Inf")], 2);
        page.part("_sum", &[("work", "codes")], 0.25);
        page.metric(Kind::Counter, "absent", "What is not known.");
        page.known(None::<u64>);
        let expected = "# HELP open What is open.\n# TYPE open gauge\nopen 3\n\
            # HELP seconds How long it took.\n# TYPE seconds histogram\n\
            seconds_bucket{work=\"codes\",le=\"+Inf\"} 2\nseconds_sum{work=\"codes\"} 0.25\n\
            # HELP absent What is not known.\n# TYPE absent counter\n";
        assert_eq!(page.into_text(), expected);
    }
}
