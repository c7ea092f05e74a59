//! An image for containers: an OCI archive, made without a daemon, the same bytes each time.
//!
//! It holds the program, the libraries that it is linked to, the roots that the machine trusts, and a
//! user without privileges; no shell, and nothing else that could be run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::of_commit;
use super::tar::{Archive, Owned};
use crate::run::output;
use crate::settings::Settings;

/// Who the program runs as; distroless images call it so.
pub const USER: u32 = 65532;
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Makes the archive around `program`, and says where it lies.
///
/// # Errors
/// What could not be read, written or run.
pub fn assemble(settings: &Settings, program: &Path) -> Result<PathBuf> {
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    let time = of_commit(settings).unwrap_or(0);
    let layer = layer(program, time)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&layer)?;
    let packed = packed.finish()?;
    let version = env!("CARGO_PKG_VERSION");
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            "ExposedPorts": { "8080/tcp": {} },
            "Entrypoint": ["/usr/bin/healthcode"],
            "Cmd": ["serve", "--config", "/etc/healthcode/healthcode.toml"],
            "Volumes": { "/var/lib/healthcode": {} },
            "WorkingDir": "/var/lib/healthcode",
            "StopSignal": "SIGTERM",
            "Labels": {
                "org.opencontainers.image.title": "healthcode",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "Apache-2.0",
            },
        },
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
    });
    let mut blobs = Blobs::default();
    let layer = blobs.add(packed, "application/vnd.oci.image.layer.v1.tar+gzip");
    let config = blobs.add(
        config.to_string().into_bytes(),
        "application/vnd.oci.image.config.v1+json",
    );
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": [layer],
    });
    let mut manifest = blobs.add(manifest.to_string().into_bytes(), MANIFEST);
    // How podman and docker call it once it is loaded.
    manifest["annotations"] = json!({
        "org.opencontainers.image.ref.name": version,
        "io.containerd.image.name": format!("localhost/healthcode:{version}"),
    });
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });

    let mut archive = Archive::new(time);
    let file = Owned::by_root(0o644);
    archive.file("oci-layout", file, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    archive.file("index.json", file, index.to_string().as_bytes())?;
    for name in ["blobs", "blobs/sha256"] {
        archive.folder(name, Owned::by_root(0o755))?;
    }
    for (name, content) in &blobs.0 {
        archive.file(&format!("blobs/sha256/{name}"), file, content)?;
    }
    let folder = settings.target.join("package");
    let made = folder.join(format!("healthcode_{version}_{architecture}.oci.tar"));
    fs::create_dir_all(&folder)?;
    fs::write(&made, archive.finish()).with_context(|| made.display().to_string())?;
    Ok(made)
}

/// What lies in the image.
fn layer(program: &Path, time: u64) -> Result<Vec<u8>> {
    let users = format!(
        "root:x:0:0:root:/root:/nonexistent\n\
         healthcode:x:{USER}:{USER}:healthcode:/var/lib/healthcode:/nonexistent\n"
    );
    let groups = format!("root:x:0:\nhealthcode:x:{USER}:\n");
    let mut files = BTreeMap::from([
        (
            "/usr/bin/healthcode".to_owned(),
            (0o755, fs::read(program)?),
        ),
        ("/etc/passwd".to_owned(), (0o644, users.into_bytes())),
        ("/etc/group".to_owned(), (0o644, groups.into_bytes())),
        (
            "/etc/nsswitch.conf".to_owned(),
            (0o644, b"hosts: files dns\n".to_vec()),
        ),
    ]);
    for library in libraries(program)? {
        let content = fs::read(&library).with_context(|| library.clone())?;
        files.insert(library, (0o755, content));
    }
    // What the program trusts when it asks gateways and identity providers.
    if let Ok(roots) = fs::read(ROOTS) {
        files.insert(ROOTS.to_owned(), (0o644, roots));
    }
    let mut folders = BTreeMap::from([
        ("/etc/healthcode".to_owned(), Owned::by_root(0o755)),
        ("/tmp".to_owned(), Owned::by_root(0o1777)),
    ]);
    for name in files
        .keys()
        .map(String::as_str)
        .chain(["/var/lib/healthcode"])
    {
        for folder in Path::new(name).ancestors().skip(1) {
            if folder.parent().is_some() {
                let folder = folder.display().to_string();
                folders.entry(folder).or_insert(Owned::by_root(0o755));
            }
        }
    }
    let (mode, owner) = (0o700, USER);
    folders.insert("/var/lib/healthcode".to_owned(), Owned { mode, owner });
    let mut archive = Archive::new(time);
    // In the order of their names a folder comes before what lies in it.
    for (name, owned) in folders {
        archive.folder(name.trim_start_matches('/'), owned)?;
    }
    for (name, (mode, content)) in files {
        archive.file(name.trim_start_matches('/'), Owned::by_root(mode), &content)?;
    }
    Ok(archive.finish())
}

/// The libraries that the program is linked to, and what loads them, where it looks for them.
fn libraries(program: &Path) -> Result<Vec<String>> {
    let listed = output(Command::new("ldd").arg(program))?;
    let mut libraries = Vec::new();
    for line in listed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [_, "=>", place, _] => libraries.push(place.to_owned()),
            [place, _] if place.starts_with('/') => libraries.push(place.to_owned()),
            // What the kernel itself gives.
            [name, _] if name.starts_with("linux-") => {}
            _ => ensure!(
                line.contains("statically linked"),
                "`ldd {}` says {line:?}, which names no library",
                program.display()
            ),
        }
    }
    Ok(libraries)
}

/// What an image refers to, by the hash of its content.
#[derive(Default)]
struct Blobs(BTreeMap<String, Vec<u8>>);

impl Blobs {
    fn add(&mut self, content: Vec<u8>, media_type: &str) -> Value {
        let (digest, size) = (digest(&content), content.len());
        let name = digest.trim_start_matches("sha256:").to_owned();
        self.0.insert(name, content);
        json!({ "mediaType": media_type, "digest": digest, "size": size })
    }
}

fn digest(content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::{find_program, say};

    #[test]
    fn the_compose_file_names_the_image_that_is_made() {
        let compose = Settings::read().root.join("packaging/compose.yml");
        let compose = fs::read_to_string(compose).unwrap();
        let name = format!(
            "image: localhost/healthcode:{}\n",
            env!("CARGO_PKG_VERSION")
        );
        assert!(compose.contains(&name), "{name}");
    }

    #[test]
    fn an_image_is_the_same_each_time_and_holds_no_shell() {
        if find_program("dpkg").is_none() || find_program("ldd").is_none() {
            say("skipped: dpkg or ldd is not installed");
            return;
        }
        let mut settings = Settings::read();
        let folder = std::env::temp_dir().join(format!("healthcode-image-{}", std::process::id()));
        settings.target.clone_from(&folder);
        // Any program that is linked as ours is.
        let program = std::env::current_exe().unwrap();
        let made = || fs::read(assemble(&settings, &program).unwrap()).unwrap();
        assert!(made() == made(), "two images of one commit differ");
        let image = assemble(&settings, &program).unwrap();
        let run = |command: &mut Command| output(command).unwrap();
        run(Command::new("tar")
            .arg("-C")
            .arg(&folder)
            .arg("-xf")
            .arg(&image));
        let read = |digest: &Value| {
            let name = digest.as_str().unwrap().trim_start_matches("sha256:");
            let path = folder.join("blobs/sha256").join(name);
            let summed = run(Command::new("sha256sum").arg(&path));
            assert!(summed.starts_with(name), "{summed}");
            path
        };
        let json =
            |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let index = json(&folder.join("index.json"));
        let manifest = json(&read(&index["manifests"][0]["digest"]));
        let config = json(&read(&manifest["config"]["digest"]));
        assert_eq!(config["config"]["User"], "65532:65532");
        let layer = read(&manifest["layers"][0]["digest"]);
        let listed = run(Command::new("tar")
            .args(["--numeric-owner", "-tvzf"])
            .arg(&layer));
        let names: BTreeSet<&str> = listed
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .collect();
        assert!(names.contains("usr/bin/healthcode"), "{listed}");
        assert!(
            names.iter().any(|name| name.contains("libc.so")),
            "{listed}"
        );
        assert!(names.iter().all(|name| !name.ends_with("/sh")), "{listed}");
        let ours = listed
            .lines()
            .find(|line| line.ends_with("var/lib/healthcode/"));
        assert!(ours.unwrap().contains("65532/65532"), "{listed}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
