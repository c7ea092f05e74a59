//! What a command prints: results to standard output, remarks to standard error.

use std::fmt;
use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::progress::Progress;

/// How the person at the terminal wants reports.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Results as JSON.
    pub json: bool,
    /// No remarks, no progress.
    pub quiet: bool,
}

impl Report {
    /// Prints a result: `value` as one line of JSON, or `text`.
    pub fn result(&self, value: &impl Serialize, text: impl fmt::Display) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{text}")?;
        }
        Ok(())
    }

    /// Prints text as it is, whatever the wishes.
    pub fn text(&self, text: impl fmt::Display) -> Result<()> {
        writeln!(io::stdout().lock(), "{text}")?;
        Ok(())
    }

    /// Prints one line for people; nothing with `--json` or `--quiet`.
    pub fn line(&self, text: impl fmt::Display) -> Result<()> {
        if !self.json && !self.quiet {
            writeln!(io::stdout().lock(), "{text}")?;
        }
        Ok(())
    }

    /// Says something on standard error that is no result and no error; with `--json` as an object with
    /// the member `note`.
    pub fn remark(&self, text: impl fmt::Display) {
        if !self.quiet {
            let note = text.to_string();
            let note = note.strip_prefix("note: ").unwrap_or(&note);
            self.tell(&json!({ "note": note }), &text);
        }
    }

    /// Says on standard error that something was refused; with `--json` as an object with the member
    /// `refused`. Never silenced.
    pub fn refusal(&self, text: impl fmt::Display) {
        let refused = json!({ "refused": text.to_string() });
        self.tell(&refused, format_args!("refused: {text}"));
    }

    /// Says something on standard error, as one line of JSON or as text. Never silenced.
    pub fn tell(&self, value: &Value, text: impl fmt::Display) {
        if self.json {
            message(value);
        } else {
            message(text);
        }
    }

    /// A progress bar for `total` steps of work.
    pub fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        Progress::new(what, total, self.quiet)
    }

    /// A progress bar for reading files.
    pub fn progress_of_reading(&self) -> Progress {
        Progress::of_bytes("reading", self.quiet)
    }
}

/// Prints a line on standard error. Nothing ends because it is closed or full.
pub fn message(text: impl fmt::Display) {
    drop(writeln!(io::stderr(), "{text}"));
}
