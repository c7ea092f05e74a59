//! Progress on a terminal, or in lines where there is none.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::message;

/// Work that takes no longer than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where there is no terminal, a line comes so often.
const A_LINE_EVERY: Duration = Duration::from_secs(10);

/// A bar on standard error that appears once the work has taken a second; a line now and then if
/// standard error is no terminal.
pub struct Progress {
    bar: ProgressBar,
    is_shown: bool,
    is_wanted: bool,
    is_on_terminal: bool,
    /// When the last line was written, counted from the beginning of the work.
    last_line: Duration,
}

impl Progress {
    /// Work of `total` steps called `what`; `None` if nobody knows how many.
    pub fn new(what: &str, total: Option<u64>, is_quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = match total {
            Some(_) => "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
            None => "{spinner} {msg} {human_pos} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Self {
            bar,
            is_shown: false,
            is_wanted: !is_quiet,
            is_on_terminal: std::io::stderr().is_terminal(),
            last_line: Duration::ZERO,
        }
    }

    /// Work on so many bytes called `what`; [`Self::set_of`] says how many there are.
    pub fn of_bytes(what: &str, is_quiet: bool) -> Self {
        let progress = Self::new(what, Some(0), is_quiet);
        let template = "{msg} {wide_bar} {bytes}/{total_bytes} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            progress.bar.set_style(style);
        }
        progress
    }

    /// So many steps of so many are done.
    pub fn set_of(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.set(done);
    }

    /// So many steps are done in all.
    pub fn set(&mut self, done: u64) {
        if self.is_wanted && !self.is_shown && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.is_shown = true;
        }
        self.bar.set_position(done);
        let elapsed = self.bar.elapsed();
        if self.is_wanted && !self.is_on_terminal && elapsed - self.last_line >= A_LINE_EVERY {
            self.last_line = elapsed;
            message(line(&self.bar.message(), done, self.bar.length()));
        }
    }

    /// There are so many steps.
    pub fn expect(&mut self, total: u64) {
        self.bar.set_length(total);
    }

    /// So many more steps are done.
    pub fn advance(&mut self, by: u64) {
        self.set(self.bar.position() + by);
    }
}

fn line(what: &str, done: u64, total: Option<u64>) -> String {
    match total {
        Some(total) => format!("{what}: {done} of {total}"),
        None => format!("{what}: {done}"),
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_the_work_is() {
        assert_eq!(line("deciding", 3, Some(7)), "deciding: 3 of 7");
        assert_eq!(line("reading", 3, None), "reading: 3");
    }
}
