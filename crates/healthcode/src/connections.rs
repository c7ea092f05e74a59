//! `[connections]` of the configuration: what clients may hold open, within what the system gives.

use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use serde::Deserialize;
use web::ConnectionSettings;

use crate::outcome::wrong_use;

/// The limits that the file sets; those that it leaves out follow from how many files the process
/// may hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionsConfig {
    most: Option<usize>,
    from_one_address: Option<usize>,
    head: Option<String>,
    idle: Option<String>,
    body: Option<String>,
}

impl ConnectionsConfig {
    /// The limits for a process that may hold so many `files`.
    ///
    /// # Errors
    /// Wrong use if more connections are asked for than there are files, or a limit is no limit.
    pub fn for_files(&self, files: u64) -> Result<ConnectionSettings> {
        let room = ConnectionSettings::for_files(files);
        let fit = files.saturating_sub(web::FILES_KEPT_FREE);
        let most = self.most.unwrap_or(room.most);
        if most == 0 || self.most.is_some() && u64::try_from(most).is_ok_and(|most| most > fit) {
            return Err(wrong_use(format!(
                "connections: most = {most}: this process may hold {files} files, of which {} are \
                 kept for the database and other things; choose 1 to {fit}, or raise the limit \
                 (LimitNOFILE= of systemd, `ulimit -n`)",
                web::FILES_KEPT_FREE
            )));
        }
        let defaults = ConnectionSettings::with_most(most);
        let from_one_address = self.from_one_address.unwrap_or(defaults.from_one_address);
        if from_one_address == 0 {
            return Err(wrong_use(
                "connections: from_one_address = 0 would let nobody in; leave it out for a quarter \
                 of all",
            ));
        }
        Ok(ConnectionSettings {
            most,
            from_one_address,
            head: time("head", self.head.as_deref(), defaults.head)?,
            idle: time("idle", self.idle.as_deref(), defaults.idle)?,
            body: time("body", self.body.as_deref(), defaults.body)?,
        })
    }
}

fn time(name: &str, text: Option<&str>, default: Duration) -> Result<Duration> {
    let Some(text) = text else {
        return Ok(default);
    };
    let parsed = text.parse::<SignedDuration>().ok();
    let parsed = parsed.and_then(|time| Duration::try_from(time).ok());
    let parsed = parsed.filter(|time| *time >= Duration::from_secs(1));
    parsed.ok_or_else(|| {
        wrong_use(format!(
            "connections: {name} = {text:?}: expected a time of at least a second, such as \"10s\""
        ))
    })
}

/// Lets the process hold as many files as it may, and says how many that are.
///
/// The usual limit of 1,024 is for programs that look for a free one by walking over all; an
/// operator who wants fewer connections says so in the configuration.
#[cfg(unix)]
pub fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // `None` is no limit.
    now.unwrap_or(u64::MAX)
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub fn raise_file_limit() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str, files: u64) -> Result<ConnectionSettings> {
        toml::from_str::<ConnectionsConfig>(text)?.for_files(files)
    }

    #[test]
    fn what_is_not_set_follows_from_how_many_files_there_are() {
        let usual = settings("", 1024).unwrap();
        assert_eq!((usual.most, usual.from_one_address), (896, 224));
        let many = settings("", 1 << 20).unwrap();
        assert_eq!((many.most, many.from_one_address), (10_000, 2_500));
        let set = settings("most = 100\nidle = \"5s\"", 1024).unwrap();
        assert_eq!((set.most, set.from_one_address), (100, 25));
        assert_eq!(set.idle, Duration::from_secs(5));
    }

    #[test]
    fn a_limit_that_cannot_hold_is_refused() {
        for (text, why) in [
            ("most = 900", "choose 1 to 896"),
            ("most = 0", "choose 1 to 896"),
            ("from_one_address = 0", "let nobody in"),
            ("head = \"soon\"", "at least a second"),
            ("idle = \"10ms\"", "at least a second"),
        ] {
            let refused = settings(text, 1024).unwrap_err().to_string();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
