//! What the environment says, read once.

use std::env;
use std::path::{Path, PathBuf};

/// What the verbs need to know about their surroundings.
pub struct Settings {
    /// The repository.
    pub root: PathBuf,
    /// Where builds go.
    pub target: PathBuf,
    /// A PostgreSQL the tests may use.
    pub postgres: Option<String>,
}

impl Settings {
    /// Reads the environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the binary's one place for it"
    )]
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."));
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        let postgres = env::var("HEALTHCODE_TEST_POSTGRES")
            .ok()
            .filter(|url| !url.is_empty());
        Self {
            root: root.to_owned(),
            target,
            postgres,
        }
    }
}
