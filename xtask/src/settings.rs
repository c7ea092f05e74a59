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
    /// Whether the gate asks a running server at random whether it answers as its document says.
    pub schemathesis: bool,
    /// Where advisories about dependencies are fetched, if not at the public place.
    pub advisories: Option<String>,
    /// Where benchmarks keep their data.
    pub bench_data: PathBuf,
    /// Where cargo keeps what it downloads.
    pub cargo_home: PathBuf,
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
        let home = env::var_os("HOME").map_or_else(|| root.join("target"), PathBuf::from);
        let bench_data = env::var_os("HEALTHCODE_BENCH_DATA").map_or_else(
            || home.join(".cache/healthcode-bench"),
            |folder| root.join(folder),
        );
        let cargo_home =
            env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
        Self {
            root: root.to_owned(),
            target,
            postgres,
            schemathesis: env::var_os("HEALTHCODE_TEST_SCHEMATHESIS").is_some(),
            advisories: env::var("HEALTHCODE_TEST_ADVISORIES")
                .ok()
                .filter(|address| !address.is_empty()),
            bench_data,
            cargo_home,
        }
    }
}
