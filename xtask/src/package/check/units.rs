//! What systemd says of how much of the machine the units get.

use std::process::Command;

use anyhow::Result;

use super::{Shipped, Tried};
use crate::run::{find_program, output, say};

/// Less than 2 of 10, each.
pub(super) fn check(shipped: &Shipped<'_>) -> Result<Tried> {
    if find_program("systemd-analyze").is_none() {
        return Ok(Tried::Skipped(
            "`systemd-analyze` is not installed".to_owned(),
        ));
    }
    for unit in ["healthcode.service", "healthcode-backup.service"] {
        let unit = shipped.settings.root.join("packaging").join(unit);
        let mut analyze = Command::new("systemd-analyze");
        analyze.args(["security", "--offline=true", "--threshold=19", "--no-pager"]);
        let said = output(analyze.arg(unit))?;
        say(said.lines().last().unwrap_or_default());
    }
    Ok(Tried::Held)
}
