//! How a command ends: its exit status and its last words.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::report::message;

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; exit status 0.
    Done,
    /// Something was refused, or the answer is no; exit status 1. What it was is already printed.
    Negative,
}

impl Outcome {
    /// [`Self::Done`] if `good`.
    pub fn done_if(good: bool) -> Self {
        if good { Self::Done } else { Self::Negative }
    }
}

/// What was asked cannot be meant: exit status 2. Says what is wrong and what to write instead.
#[derive(Debug)]
pub struct WrongUse(pub String);

impl fmt::Display for WrongUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}

/// A [`WrongUse`] as the error of a command.
pub fn wrong_use(message: impl Into<String>) -> anyhow::Error {
    WrongUse(message.into()).into()
}

/// Prints the error of a command, if it had one, and gives its exit status.
pub fn conclude(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        // The reader of our output has seen enough, for example `head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            message(format_args!("error: {}", with_causes(&error)));
            ExitCode::from(if error.downcast_ref::<WrongUse>().is_some() {
                2
            } else {
                1
            })
        }
    }
}

/// An error with its causes, each once: some say theirs themselves.
pub fn with_causes(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut text, cause| {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
        text
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}
