//! The package is installed in a clean Debian, and `docs/operating/install.md` followed by the commands
//! in it, from keys to a code that a checkpoint takes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::client::{Client, text};
use super::debian_root::DebianRoot;
use super::image::Apart;
use super::page::commands;
use super::{Shipped, Tried, free_port, missing};
use crate::run::{output, run, say};

/// Who runs the server, made by the package.
const USER: &str = "healthcode";
const CONFIG: &str = "/etc/healthcode/healthcode.toml";
/// Where one-time codes come in place of a phone.
const SENT: &str = "/var/lib/healthcode/sent.ndjson";

/// Follows the page.
pub(super) fn check(shipped: &Shipped<'_>) -> Result<Tried> {
    let programs = [
        ("debootstrap", "debootstrap"),
        ("unshare", "util-linux"),
        ("curl", "curl"),
    ];
    if let Some(why) = missing(&programs)? {
        return Ok(Tried::Skipped(why));
    }
    let root = DebianRoot::fresh(shipped)?;
    root.copy(shipped.package, "/root/healthcode.deb")?;
    run(&mut root.shell("root", "dpkg --install /root/healthcode.deb"))?;
    let port = configure(&root)?;
    files_of_the_operator(shipped, &root)?;
    let mut is_published = false;
    let mut serving = None;
    for command in commands(shipped.settings)? {
        say(&format!("  # {command}"));
        let words: Vec<&str> = command.split(' ').collect();
        match words[1..] {
            ["serve", ..] => {
                let mut serve = root.shell(USER, &format!("exec {command}"));
                serving = Some(Apart(serve.spawn().context("cannot start the server")?));
            }
            // Nothing is wrong before the policy is published but that it is missing.
            ["doctor", ..] if !is_published => {
                let said = output(&mut root.shell(USER, &format!("{command} || true")))?;
                let bad: Vec<&str> = said
                    .lines()
                    .filter(|line| line.starts_with("BAD"))
                    .collect();
                ensure!(
                    bad.len() == 1 && bad[0].contains("healthcode policy publish"),
                    "doctor says of a fresh installation:\n{said}"
                );
            }
            _ => {
                output(&mut root.shell(USER, &command))?;
                is_published |= words[1..].starts_with(&["policy", "publish"]);
            }
        }
    }
    ensure!(serving.is_some(), "the page does not tell to serve");
    let client = Client::new(&format!("http://127.0.0.1:{port}"), &[]);
    client.wait()?;
    output(&mut root.shell(USER, &format!("healthcode doctor --config {CONFIG}")))?;
    let code = a_code(&root, &client)?;
    checked(&root, &client, &code)?;
    output(&mut root.shell(USER, "/usr/lib/healthcode/nightly-backup"))?;
    let listed = root.path("/usr/share/doc/healthcode/sbom.cdx.json");
    ensure!(listed.is_file(), "{} is not installed", listed.display());
    drop(serving);
    run(&mut root.shell("root", "dpkg --remove healthcode"))?;
    let database = root.path("/var/lib/healthcode/city.db");
    ensure!(database.is_file(), "removing the package took the database");
    Ok(Tried::Held)
}

/// Changes the packaged configuration as the page says: who sends codes; and where this machine has room.
fn configure(root: &DebianRoot) -> Result<u16> {
    let file = root.path(CONFIG);
    let packaged = fs::read_to_string(&file).context("the package brings no configuration")?;
    let port = free_port()?;
    let changed = packaged.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
    ensure!(
        changed != packaged,
        "the packaged configuration listens elsewhere"
    );
    let codes = format!("\n[one_time_codes]\nsend = \"file\"\nfile = \"{SENT}\"\n");
    fs::write(&file, changed + &codes)?;
    Ok(port)
}

/// What the page takes for granted: a policy with its worked cases, and levels of regions.
fn files_of_the_operator(shipped: &Shipped<'_>, root: &DebianRoot) -> Result<()> {
    let policies = shipped.settings.root.join("policies");
    for (from, to) in [
        ("hangzhou.toml", "my-policy.toml"),
        ("hangzhou.cases.toml", "my-policy.cases.toml"),
    ] {
        root.copy(&policies.join(from), &format!("/var/lib/healthcode/{to}"))?;
    }
    fs::write(
        root.path("/var/lib/healthcode/levels.csv"),
        "region,level,from,until\n330100,low,2020-02-17T00:00:00+08:00,\n",
    )?;
    output(&mut root.shell("root", "chown healthcode /var/lib/healthcode/*"))?;
    Ok(())
}

/// Somebody registers, proves their phone and fetches a code.
fn a_code(root: &DebianRoot, client: &Client) -> Result<String> {
    let token = client.register("ZZ9800001")?;
    let refused = client.code(&token);
    ensure!(
        refused.is_err(),
        "a code was given to somebody who proved nothing"
    );
    let asked = client.post("/api/v1/me/phone-codes", Some(&token), &json!({}))?;
    let proof = json!({
        "challenge": text(&asked.json(202)?, "challenge")?,
        "code": last_code(&root.path(SENT))?,
    });
    let proven = client
        .post("/api/v1/me/phone-proofs", Some(&token), &proof)?
        .json(200)?;
    ensure!(
        proven["assurance"] == "phone",
        "the phone is not proven: {proven}"
    );
    client.code(&token)
}

/// A checkpoint takes the code with a document beside it, with and without the server.
fn checked(root: &DebianRoot, client: &Client, code: &str) -> Result<()> {
    let folder = "/var/lib/healthcode";
    fs::write(root.path(&format!("{folder}/code.txt")), code)?;
    let list = root.path(&format!("{folder}/trust-list.bin"));
    let to = list.display().to_string();
    let fetched = client.ask("/api/v1/trust-list", &["--output", &to])?;
    ensure!(fetched.status == 200, "no trust list: {}", fetched.status);
    output(&mut root.shell("root", "chown healthcode /var/lib/healthcode/*"))?;
    let verify = "healthcode verify code.txt --with-document";
    let alone = "--trust-list trust-list.bin --root keys/root.pub";
    for command in [
        format!("{verify} --config {CONFIG}"),
        format!("{verify} {alone}"),
    ] {
        let said = output(&mut root.shell(USER, &command))?;
        ensure!(said.to_lowercase().contains("green"), "{command}: {said}");
    }
    Ok(())
}

/// The six digits of the last message.
fn last_code(sent: &Path) -> Result<String> {
    let text = fs::read_to_string(sent).context("no one-time code was sent")?;
    let message: Value = serde_json::from_str(text.lines().last().unwrap_or_default())?;
    let message = message["text"].as_str().unwrap_or_default().to_owned();
    let mut words = message.split(|letter: char| !letter.is_ascii_digit());
    match words.find(|word| word.len() == 6) {
        Some(code) => Ok(code.to_owned()),
        None => bail!("a message without a code: {message}"),
    }
}
