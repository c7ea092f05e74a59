//! The image, unpacked as a runtime would, and run with nothing but what lies in it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::client::Client;
use super::{Shipped, Tried, free_port, missing};
use crate::package::oci::USER;
use crate::run::{output, say};

/// It makes keys, a database, publishes a policy and serves.
pub(super) fn check(shipped: &Shipped<'_>) -> Result<Tried> {
    let programs = [("unshare", "util-linux"), ("curl", "curl"), ("tar", "tar")];
    if let Some(why) = missing(&programs)? {
        return Ok(Tried::Skipped(why));
    }
    let root = unpacked(shipped)?;
    let data = root.join("var/lib/healthcode");
    let policy = shipped.settings.root.join("policies/hangzhou.toml");
    fs::copy(policy, data.join("policy.toml"))?;
    let port = free_port()?;
    fs::write(
        root.join("etc/healthcode/healthcode.toml"),
        format!(
            "database_url = \"sqlite:/var/lib/healthcode/city.db\"\n\
             keys = \"/var/lib/healthcode/keys\"\nlisten = \"127.0.0.1:{port}\"\n"
        ),
    )?;
    ensure!(
        !root.join("bin/sh").exists(),
        "there is a shell in the image"
    );
    let inside = |words: &[&str]| {
        let mut command = inside(&root);
        command.args(words);
        command
    };
    let config = ["--config", "/etc/healthcode/healthcode.toml"];
    let issuer = ["--issuer", "3301", "--url", "https://codes.example.org"];
    let keys = ["--keys", "/var/lib/healthcode/keys"];
    output(inside(&["keys", "generate"]).args(issuer).args(keys))?;
    output(inside(&["migrate"]).args(config))?;
    let publish = ["policy", "publish", "/var/lib/healthcode/policy.toml"];
    output(inside(&publish).args(config))?;
    let serving = inside(&["serve"])
        .args(config)
        .stdout(Stdio::null())
        .spawn();
    let serving = Apart(serving.context("cannot start the image")?);
    let client = Client::new(&format!("http://127.0.0.1:{port}"), &[]);
    client.wait()?;
    let uid = output(
        Command::new("stat")
            .args(["-c", "%u"])
            .arg(data.join("city.db")),
    )?;
    ensure!(
        uid.trim() == USER.to_string(),
        "the database belongs to {uid}"
    );
    drop(serving);
    let size = fs::metadata(shipped.image)?.len();
    say(&format!(
        "served as user {USER}, all but its data read-only; {} MB packed",
        size / 1_000_000
    ));
    Ok(Tried::Held)
}

/// Unpacks an archive as a runtime does: what the index names, layer by layer.
fn unpacked(shipped: &Shipped<'_>) -> Result<std::path::PathBuf> {
    let folder = shipped.folder("image")?;
    let (layout, root) = (folder.join("layout"), folder.join("root"));
    fs::create_dir_all(&layout)?;
    fs::create_dir_all(&root)?;
    output(
        Command::new("tar")
            .arg("-C")
            .arg(&layout)
            .arg("-xf")
            .arg(shipped.image),
    )?;
    let blob = |value: &Value| {
        let digest = value["digest"].as_str().unwrap_or_default();
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let read = |path: &Path| -> Result<Value> {
        let text = fs::read(path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    };
    let index = read(&layout.join("index.json"))?;
    say(&format!("image {}", index["manifests"][0]["digest"]));
    let manifest = read(&blob(&index["manifests"][0]))?;
    for layer in manifest["layers"].as_array().into_iter().flatten() {
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(&root).args(["--numeric-owner", "-xpzf"]);
        output(tar.arg(blob(layer)))?;
    }
    Ok(root)
}

/// What a runtime does with `read_only`: nothing but the folder of the data, and `/tmp`, can be written.
const READ_ONLY: &str = "\
root=$1; shift
mount --bind \"$root\" \"$root\"
mount --bind \"$root/var/lib/healthcode\" \"$root/var/lib/healthcode\"
mount -t tmpfs none \"$root/tmp\"
mount -o remount,bind,ro \"$root\"
exec chroot --userspec=$1 --groups= \"$root\" /usr/bin/healthcode \"${@:2}\"
";

/// The program inside the image: other processes and mounts than this machine's, no privilege.
fn inside(root: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--pid", "--fork", "--kill-child", "--"])
        .args(["bash", "-ec", READ_ONLY, "bash"])
        .arg(root)
        .arg(format!("{USER}:{USER}"))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null());
    command
}

/// A process of other processes and mounts, ended when dropped.
pub(super) struct Apart(pub(super) Child);

impl Drop for Apart {
    fn drop(&mut self) {
        let id = self.0.id();
        // What made the namespace waits for the one process in it, and passes no signal on.
        let inside = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let inside = inside.unwrap_or_default();
        let killed = Command::new("kill")
            .arg("-KILL")
            .args(inside.split_whitespace())
            .status();
        if !killed.is_ok_and(|killed| killed.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
