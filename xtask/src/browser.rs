//! What is drawn and measured in a browser, by tests of `crates/healthcode` that run only when they are asked for.

use std::process::Command;

use anyhow::Result;

use crate::prerequisites::chromedriver;
use crate::run::{cargo, output, run, say};
use crate::settings::Settings;

/// Takes the pictures of the README anew.
///
/// # Errors
/// There is no browser, or a page does not look as it should.
pub fn pictures(settings: &Settings) -> Result<bool> {
    run(&mut asked_for(settings, "browser::pictures")?)?;
    say("docs/images is written anew; look at each picture before you commit it.");
    Ok(true)
}

/// How long a scanner takes from a frame of its camera to the answer, as a table.
///
/// # Errors
/// There is no browser, or a code is not read.
pub fn frames(settings: &Settings) -> Result<String> {
    say("frames");
    let printed = output(&mut asked_for(settings, "browser::frames")?)?;
    let rows = printed.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<&str> = rows.collect();
    Ok(format!(
        "## From the frame to the answer\n\nA scanner without a network, in a browser without a window.\n\n{}",
        rows.join("\n")
    ))
}

/// A test that is left out otherwise.
fn asked_for(settings: &Settings, name: &str) -> Result<Command> {
    let mut test = cargo(
        &settings.root,
        &["test", "--quiet", "--package", "healthcode"],
    );
    test.args(["--test", "command_line", "--", "--ignored", "--nocapture"])
        .arg(name)
        .env("HEALTHCODE_TEST_CHROMEDRIVER", chromedriver()?);
    Ok(test)
}
