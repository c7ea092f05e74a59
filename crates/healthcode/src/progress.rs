//! Progress on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on standard error that appears once the work has taken a second, and only on a terminal.
pub struct Progress {
    bar: ProgressBar,
    is_shown: bool,
    is_wanted: bool,
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
    }

    /// So many more steps are done.
    pub fn advance(&mut self, by: u64) {
        self.set(self.bar.position() + by);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
