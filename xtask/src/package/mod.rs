//! `cargo xtask package`: what is shipped is made, and tried as those who install it would.

mod check;
mod debian;
mod oci;
mod sbom;
mod tar;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, output, run, say};
use crate::settings::Settings;

/// What `cargo xtask package --help` prints.
pub const HELP: &str = "\
cargo xtask package [OPTIONS]

Builds the release program and makes of it, in target/package, a Debian package and the list of what it
is made of (sbom.cdx.json, CycloneDX 1.6). The same commit gives the same bytes on the same machine.

  --oci             also an image for containers (an OCI archive), without a daemon
  --check           then tries all of it: the package in a clean Debian, by the commands of
                    docs/operating/install.md; the proxies of packaging/proxy in front of a server; the
                    image with nothing but itself; the units; the list. As root; takes some minutes. What
                    a program is missing for is skipped aloud
  --program FILE    around this program, in place of building one
";

/// What was asked for.
#[derive(Default)]
struct Options {
    program: Option<PathBuf>,
    oci: bool,
    check: bool,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--oci" => options.oci = true,
                "--check" => options.check = true,
                "--program" => {
                    let file = arguments.next().context("--program FILE: which file?")?;
                    options.program = Some(PathBuf::from(file));
                }
                other => bail!("no option `{other}`; `cargo xtask package --help` lists them"),
            }
        }
        Ok(options)
    }
}

/// Makes what is shipped, and tries it if that is asked for; whether all that was tried held.
///
/// # Errors
/// What failed; `dpkg-deb` is needed, which every Debian has.
pub fn package(settings: &Settings, arguments: impl Iterator<Item = String>) -> Result<bool> {
    let options = Options::read(arguments)?;
    let program = match options.program {
        Some(program) => fs::canonicalize(&program)
            .with_context(|| format!("{}: there is no such program", program.display()))?,
        None => {
            let build = ["build", "--release", "--locked", "--package", "healthcode"];
            run(&mut cargo(&settings.root, &build))?;
            settings.target.join("release/healthcode")
        }
    };
    let folder = settings.target.join("package");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let listed = folder.join("sbom.cdx.json");
    fs::write(&listed, sbom::document(settings)?)?;
    let package = debian::assemble(settings, &program)?;
    run(Command::new("dpkg-deb").arg("--info").arg(&package))?;
    let image = match options.oci || options.check {
        true => Some(oci::assemble(settings, &program)?),
        false => None,
    };
    for made in [Some(&listed), Some(&package), image.as_ref()]
        .into_iter()
        .flatten()
    {
        say(&format!("packaged: {}", made.display()));
    }
    match (options.check, &image) {
        (true, Some(image)) => check::check(settings, &program, &package, image),
        _ => Ok(true),
    }
}

/// When the commit was made that is packaged, in Unix seconds; `None` outside a repository.
fn of_commit(settings: &Settings) -> Option<u64> {
    let of_commit = ["log", "-1", "--format=%ct"];
    let mut git = Command::new("git");
    let committed = output(git.args(of_commit).current_dir(&settings.root));
    committed.ok()?.trim().parse().ok()
}
