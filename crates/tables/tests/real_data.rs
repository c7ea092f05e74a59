//! Stories on real data, which is not in the repository: `$HEALTHCODE_DATA`, or `../shared/data`
//! beside the repository. Where it is absent the tests say so aloud and pass.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where its data is not as told"
)]

#[path = "real_data/case_counts.rs"]
mod case_counts;
#[path = "real_data/conference.rs"]
mod conference;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Prints even when the test passes: what was measured, or that nothing was.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A folder or file of the real data, if it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows where its test data is"
)]
fn real(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("HEALTHCODE_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    say(&format!(
        "SKIPPED: {} is not there; set HEALTHCODE_DATA to the data folder",
        path.display()
    ));
    None
}
