//! What this program takes from the machine: randomness, timestamps as typed, files by name.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, Result};
use domain::{IdSource, Timestamp, from_unix_seconds};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::outcome::wrong_use;

/// Random bits from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws from the machine"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Keys and tokens made without randomness would be worse than no program.
            panic!("the operating system gives no random bits: {error}");
        }
    }
}

/// A timestamp on the command line: RFC 3339 or Unix seconds.
pub fn timestamp(text: &str) -> Result<Timestamp, String> {
    if let Ok(number) = text.parse() {
        let timestamp = from_unix_seconds(number);
        return timestamp.map_err(|what| format!("the number {what}; {}", what.remedy()));
    }
    text.parse().map_err(|_| {
        "expected a moment such as 2020-02-20T12:00:00+08:00, or Unix seconds".to_owned()
    })
}

/// Where something listens: an address in numbers and a port. `localhost` is 127.0.0.1, whatever the
/// machine calls so.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let here = text.strip_prefix("localhost:").map(str::parse);
    if let Some(Ok(port)) = here {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| {
        format!(
            "{text:?} is no address to listen on; write it in numbers, with a port, such as \
             \"127.0.0.1:8080\" or \"[::1]:8080\", or \"localhost:8080\""
        )
    })
}

/// A stretch of time on the command line: at least a minute.
pub fn span(text: &str) -> Result<SignedDuration, String> {
    let parsed = text.parse::<SignedDuration>().ok();
    let parsed = parsed.filter(|span| *span >= SignedDuration::from_mins(1));
    parsed.ok_or_else(|| "expected a time of at least a minute, such as 6h or 30m".to_owned())
}

/// A time zone on the command line, by its IANA name.
pub fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text)
        .map_err(|_| "expected an IANA time zone such as Asia/Shanghai, or UTC".to_owned())
}

/// The text of a file that was named on the command line by `flag`.
pub fn read_text(path: &Path, flag: &str) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(wrong_use(format!(
            "{}: there is no such file; give {flag} the path of a file that exists",
            path.display()
        ))),
        Err(error) => Err(error).with_context(|| {
            format!(
                "{}: cannot be read; check that {flag} names a readable text file",
                path.display()
            )
        }),
    }
}

/// The text of a code: as given, in a file, or on standard input for `-`.
pub fn read_code(file: &str) -> Result<String> {
    let text = if file.starts_with(credential::PREFIX) {
        file.to_owned()
    } else if file == "-" {
        std::io::read_to_string(std::io::stdin()).context("standard input cannot be read")?
    } else {
        read_text(Path::new(file), "the command")?
    };
    Ok(text.trim().to_owned())
}
