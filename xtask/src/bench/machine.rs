//! What the figures were measured on.

use std::fs;
use std::num::NonZero;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::Result;

use super::table::bytes;
use crate::run::output;
use crate::settings::Settings;

/// Machine, system, compiler and commit.
///
/// # Errors
/// `rustc` or `git` cannot be asked.
pub fn describe(settings: &Settings) -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = field(&processors, "model name").unwrap_or("an unknown processor");
    let kibibytes = field(&memory, "MemTotal").and_then(|text| text.split(' ').next());
    let memory: u64 = kibibytes.and_then(|text| text.parse().ok()).unwrap_or(0);
    let rustc = output(Command::new("rustc").arg("--version"))?;
    let commit = output(
        Command::new("git")
            .args(["rev-parse", "--short", "HEAD"])
            .current_dir(&settings.root),
    )?;
    let date = output(Command::new("date").args(["--utc", "+%F"]))?;
    Ok(format!(
        "Measured on {} with {} of {model}, {} of memory, Linux {}; {}; commit {}.",
        date.trim(),
        cores(),
        bytes(memory * 1024),
        kernel.trim(),
        rustc.trim(),
        commit.trim()
    ))
}

fn cores() -> String {
    match available_parallelism().map_or(1, NonZero::get) {
        1 => "one core".to_owned(),
        count => format!("{count} cores"),
    }
}

/// The first value of a `name: value` line.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 2\nmodel name\t: A Processor\nMemTotal:       24000 kB\n";
        assert_eq!(field(text, "model name"), Some("A Processor"));
        assert_eq!(field(text, "MemTotal"), Some("24000 kB"));
        assert_eq!(field(text, "MemFree"), None);
    }
}
