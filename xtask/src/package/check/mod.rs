//! `cargo xtask package --check`: what is shipped is tried as those who install it would.

mod client;
mod debian_root;
mod image;
mod install;
mod page;
mod proxies;
mod sbom_schema;
mod units;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::prerequisites::is_root;
use crate::run::{find_program, say};
use crate::settings::Settings;

/// How a check went.
enum Tried {
    Held,
    Skipped(String),
}

/// What is shipped, and what it is made from.
struct Shipped<'a> {
    settings: &'a Settings,
    program: &'a Path,
    package: &'a Path,
    image: &'a Path,
}

impl Shipped<'_> {
    /// A folder for a check, emptied.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.settings.target.join("package").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }
}

type Check = (&'static str, fn(&Shipped<'_>) -> Result<Tried>);

const CHECKS: [Check; 6] = [
    (
        "the list follows the schema of CycloneDX",
        sbom_schema::check,
    ),
    ("the units give little away", units::check),
    ("nginx in front of a server", proxies::nginx),
    ("Caddy in front of a server", proxies::caddy),
    ("the image serves with nothing but itself", image::check),
    (
        "a clean Debian, by the commands of the page",
        install::check,
    ),
];

/// Tries everything, also after something failed; whether nothing failed.
///
/// # Errors
/// None: what fails is printed.
pub fn check(settings: &Settings, program: &Path, package: &Path, image: &Path) -> Result<bool> {
    let shipped = Shipped {
        settings,
        program,
        package,
        image,
    };
    let mut lines = Vec::new();
    let mut holds = true;
    for (name, check) in CHECKS {
        say(&format!("\n== {name}"));
        let line = match check(&shipped) {
            Ok(Tried::Held) => format!("  held     {name}"),
            Ok(Tried::Skipped(why)) => format!("  skipped  {name}: {why}"),
            Err(error) => {
                holds = false;
                format!("  FAILED   {name}: {error:#}")
            }
        };
        say(&line);
        lines.push(line);
    }
    say(&format!("\n== how it went\n{}", lines.join("\n")));
    Ok(holds)
}

/// Why a check cannot be made that needs these programs, and root.
fn missing(programs: &[(&str, &str)]) -> Result<Option<String>> {
    for (program, package) in programs {
        if find_program(program).is_none() {
            let why = format!("`{program}` is not installed (Debian: `apt-get install {package}`)");
            return Ok(Some(why));
        }
    }
    match is_root()? {
        true => Ok(None),
        false => Ok(Some("this needs root".to_owned())),
    }
}

/// A port at which nobody listens.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}
