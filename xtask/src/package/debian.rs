//! A Debian package around a program, the same bytes from the same commit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{of_commit, sbom};
use crate::run::{output, run};
use crate::settings::Settings;

/// What lies where once the package is installed: from where in the repository, to where, and who may
/// do what with it.
const FILES: [(&str, &str, u32); 14] = [
    (
        "healthcode.service",
        "usr/lib/systemd/system/healthcode.service",
        0o644,
    ),
    (
        "healthcode-backup.service",
        "usr/lib/systemd/system/healthcode-backup.service",
        0o644,
    ),
    (
        "healthcode-backup.timer",
        "usr/lib/systemd/system/healthcode-backup.timer",
        0o644,
    ),
    (
        "healthcode.sysusers",
        "usr/lib/sysusers.d/healthcode.conf",
        0o644,
    ),
    (
        "healthcode.tmpfiles",
        "usr/lib/tmpfiles.d/healthcode.conf",
        0o644,
    ),
    ("nightly-backup", "usr/lib/healthcode/nightly-backup", 0o755),
    ("healthcode.toml", "etc/healthcode/healthcode.toml", 0o644),
    (
        "proxy/nginx.conf",
        "usr/share/doc/healthcode/examples/nginx.conf",
        0o644,
    ),
    (
        "proxy/Caddyfile",
        "usr/share/doc/healthcode/examples/Caddyfile",
        0o644,
    ),
    (
        "port-443.conf",
        "usr/share/doc/healthcode/examples/port-443.conf",
        0o644,
    ),
    (
        "compose.yml",
        "usr/share/doc/healthcode/examples/compose.yml",
        0o644,
    ),
    (
        "journald-limits.conf",
        "usr/share/doc/healthcode/examples/journald-limits.conf",
        0o644,
    ),
    (
        "monitoring/prometheus-alerts.yml",
        "usr/share/doc/healthcode/examples/prometheus-alerts.yml",
        0o644,
    ),
    (
        "monitoring/grafana-dashboard.json",
        "usr/share/doc/healthcode/examples/grafana-dashboard.json",
        0o644,
    ),
];
const SCRIPTS: [&str; 2] = ["postinst", "prerm"];

/// Puts a package together around `program`, and says where it lies.
///
/// # Errors
/// What could not be read, written or run.
pub fn assemble(settings: &Settings, program: &Path) -> Result<PathBuf> {
    let folder = settings.target.join("package");
    let stage = folder.join("stage");
    if stage.exists() {
        fs::remove_dir_all(&stage).with_context(|| format!("cannot empty {}", stage.display()))?;
    }
    let packaging = settings.root.join("packaging");
    for (from, to, mode) in FILES {
        copy(&packaging.join(from), &stage.join(to), mode)?;
    }
    copy(program, &stage.join("usr/bin/healthcode"), 0o755)?;
    let documents = stage.join("usr/share/doc/healthcode");
    for page in fs::read_dir(settings.root.join("docs/operating"))? {
        let page = page?.path();
        let name = page.file_name().unwrap_or_default();
        copy(&page, &documents.join("operating").join(name), 0o644)?;
    }
    copy(
        &settings.root.join("LICENSE"),
        &documents.join("copyright"),
        0o644,
    )?;
    let listed = documents.join("sbom.cdx.json");
    fs::write(&listed, sbom::document(settings)?)?;
    fs::set_permissions(&listed, fs::Permissions::from_mode(0o644))?;
    let control = stage.join("DEBIAN");
    for script in SCRIPTS {
        copy(
            &packaging.join("debian").join(script),
            &control.join(script),
            0o755,
        )?;
    }
    copy(
        &packaging.join("debian/conffiles"),
        &control.join("conffiles"),
        0o644,
    )?;
    let described = fs::read_to_string(packaging.join("debian/control"))?;
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
    let libc = output(Command::new("dpkg-query").args(["-W", "-f", "${Version}", "libc6"]))?;
    // Without the revision of the distribution: another one has another.
    let libc = libc.split_once('-').map_or(&*libc, |(version, _)| version);
    let described = described
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{architecture}", architecture.trim())
        .replace("{libc}", libc);
    fs::write(control.join("control"), described)?;
    let made = folder.join(format!(
        "healthcode_{}_{}.deb",
        env!("CARGO_PKG_VERSION"),
        architecture.trim()
    ));
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "-Zxz", "--build"]);
    build.arg(&stage).arg(&made);
    // The times in it are the commit's. Outside a repository they are the clock's.
    if let Some(committed) = of_commit(settings) {
        build.env("SOURCE_DATE_EPOCH", committed.to_string());
    }
    run(&mut build)?;
    Ok(made)
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the mode of {}", to.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::{find_program, say};

    fn packaging() -> PathBuf {
        Settings::read().root.join("packaging")
    }

    fn text(name: &str) -> String {
        fs::read_to_string(packaging().join(name)).unwrap()
    }

    #[test]
    fn what_units_start_is_packaged_and_what_is_packaged_exists() {
        let packaged: BTreeSet<String> = FILES
            .iter()
            .map(|(_, to, _)| format!("/{to}"))
            .chain(["/usr/bin/healthcode".to_owned()])
            .collect();
        for (from, _, _) in FILES {
            assert!(packaging().join(from).is_file(), "{from}");
        }
        for unit in ["healthcode.service", "healthcode-backup.service"] {
            let text = text(unit);
            let starts = text
                .lines()
                .find_map(|line| line.strip_prefix("ExecStart="));
            let words: Vec<&str> = starts.unwrap().split(' ').collect();
            assert!(packaged.contains(words[0]), "{unit}: {words:?}");
            for place in words.iter().filter(|word| word.starts_with("/etc/")) {
                assert!(packaged.contains(*place), "{unit}: {place}");
            }
        }
        for page in ["install", "backup"] {
            let page = Settings::read()
                .root
                .join(format!("docs/operating/{page}.md"));
            assert!(page.is_file(), "units name it: {}", page.display());
        }
        assert!(packaged.contains(text("debian/conffiles").trim()));
    }

    /// Units, and one with what lets it listen at port 443.
    #[test]
    fn units_give_little_away() {
        if find_program("systemd-analyze").is_none() {
            say("skipped: systemd-analyze is not installed");
            return;
        }
        let folder = std::env::temp_dir().join(format!("healthcode-units-{}", std::process::id()));
        let units = ["healthcode.service", "healthcode-backup.service"];
        for unit in units {
            copy(&packaging().join(unit), &folder.join(unit), 0o644).unwrap();
        }
        let exposed = |unit: &str| {
            let mut analyze = Command::new("systemd-analyze");
            // In tenths: an exposure of 2.0 of 10.
            analyze.args(["security", "--offline=true", "--threshold=20", "--no-pager"]);
            output(analyze.arg(folder.join(unit)))
        };
        for unit in units {
            let analyzed = exposed(unit);
            assert!(analyzed.is_ok(), "{unit}: {analyzed:?}");
        }
        let service = text("healthcode.service") + &text("port-443.conf");
        fs::write(folder.join("healthcode.service"), service).unwrap();
        let analyzed = exposed("healthcode.service");
        assert!(analyzed.is_ok(), "at port 443: {analyzed:?}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_package_holds_the_program_and_is_the_same_each_time() {
        if find_program("dpkg-deb").is_none() {
            say("skipped: dpkg-deb is not installed");
            return;
        }
        let mut settings = Settings::read();
        let folder =
            std::env::temp_dir().join(format!("healthcode-package-{}", std::process::id()));
        settings.target = folder.clone();
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("healthcode");
        fs::write(&program, "not the program itself").unwrap();
        let made = |settings: &Settings| fs::read(assemble(settings, &program).unwrap()).unwrap();
        let (first, second) = (made(&settings), made(&settings));
        assert!(first == second, "two packages of one commit differ");
        let made = assemble(&settings, &program).unwrap();
        let listed = output(Command::new("dpkg-deb").arg("--contents").arg(&made)).unwrap();
        for (_, to, _) in FILES {
            assert!(listed.contains(to), "{to}:\n{listed}");
        }
        assert!(listed.contains("usr/share/doc/healthcode/sbom.cdx.json"));
        let ours = |line: &str| line.contains("root/root");
        assert!(listed.lines().all(ours), "{listed}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
