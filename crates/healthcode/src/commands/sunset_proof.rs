//! The proof that an emergency was ended, as files: those of the log, its public key, and
//! `sunset.json`, which says what the last entries of the log say.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use credential::log::{
    Checkpoint, ENTRY_BYTES, Entry, LogFiles, TILE_WIDTH, TileKind, TilePath, VerifierKey,
    check_log,
};
use serde::{Deserialize, Serialize};
use service::{ProofEntry, Service, SunsetProof};

use super::log_files::Files;
use crate::system::read_text;

/// The file that says what the last entries say.
pub const PROOF: &str = "sunset.json";
const CHECKPOINT: &str = "checkpoint";
/// The first byte of what an entry says: the version of its form. The rest is text.
const VERSION: u8 = 1;
/// Levels of tiles of the largest log.
const LEVELS: u8 = 8;

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    law: String,
    entries: Vec<WrittenEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    index: u64,
    /// 32 hexadecimal digits.
    salt: String,
    /// What it says, without the byte for its form.
    content: String,
}

/// Writes the files of the log and the proof into a folder, the proof last.
///
/// # Errors
/// If a file cannot be written or the database does not answer.
pub async fn write(folder: &Path, proof: &SunsetProof, service: &Service) -> Result<()> {
    let put = |name: &str, content: &[u8]| -> Result<()> {
        let file = folder.join(name);
        let parent = file.parent().unwrap_or(folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&file, content));
        written.with_context(|| format!("{}: cannot be written", file.display()))
    };
    let size = service.audit.signed_checkpoint().await?;
    let size = size.map_or(0, |signed| signed.checkpoint().size);
    let kinds = (0..LEVELS).map(TileKind::Hashes).chain([TileKind::Entries]);
    for kind in kinds {
        for path in (0..).map_while(|index| TilePath::in_tree(kind, index, size)) {
            let tile = service.audit.tile(path).await?;
            let tile = tile.ok_or_else(|| anyhow!("the log has no {path}; run `audit verify`"))?;
            put(&path.to_string(), &tile)?;
        }
    }
    put(
        "log.pub",
        format!("{}\n", service.audit.verifier()).as_bytes(),
    )?;
    put(CHECKPOINT, proof.checkpoint.as_bytes())?;
    let entries: Result<Vec<WrittenEntry>> = proof.entries.iter().map(written).collect();
    let written = Written {
        law: proof.law.clone(),
        entries: entries?,
    };
    put(PROOF, &serde_json::to_vec_pretty(&written)?)
}

/// Reads the proof in a folder.
///
/// # Errors
/// If there is none, or it has another form.
pub fn read(folder: &Path) -> Result<SunsetProof> {
    let file = folder.join(PROOF);
    let text = read_text(&file, "DIR")?;
    let written: Written =
        serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
    let entries: Result<Vec<ProofEntry>> = written.entries.iter().map(to_entry).collect();
    Ok(SunsetProof {
        law: written.law,
        checkpoint: read_text(&folder.join(CHECKPOINT), "DIR")?,
        entries: entries.with_context(|| format!("{}", file.display()))?,
    })
}

/// What is wrong with a proof: in the log, in what the entries say, or between the two. `seen`: a
/// checkpoint of before that the log must continue.
///
/// # Errors
/// If there is no log in the folder.
pub fn check(
    folder: &Path,
    proof: &SunsetProof,
    key: &VerifierKey,
    seen: Option<&Checkpoint>,
) -> Result<Vec<String>> {
    let mut files = Files::in_folder(&folder.to_string_lossy());
    let checked = check_log(&mut files, key, seen)?;
    let mut findings: Vec<String> = checked.flaws.iter().map(ToString::to_string).collect();
    findings.extend(proof.flaw().map(str::to_owned));
    let size = checked.checkpoint.map_or(0, |checkpoint| checkpoint.size);
    for entry in &proof.entries {
        let expected = Entry::of_commitment(entry.commitment()).0;
        if in_log(&mut files, entry.index, size) != Some(expected) {
            let index = entry.index;
            findings.push(format!(
                "entry {index} of the log says something else than the proof"
            ));
        }
    }
    let last = proof.entries.last().map(|entry| entry.index + 1);
    if last != Some(size) {
        findings.push("something was written into the log after the end".to_owned());
    }
    Ok(findings)
}

/// What the entries say, a line for each.
pub fn said(proof: &SunsetProof) -> Vec<String> {
    let said = proof.said().unwrap_or_default();
    let line = |entry: &service::AuditEntry| {
        let what = entry.what.as_deref().unwrap_or_default();
        let count = entry.count.map(|count| format!(": {count}"));
        format!(
            "{} {} {what}{}",
            entry.at,
            entry.did,
            count.unwrap_or_default()
        )
    };
    said.iter().map(line).collect()
}

/// An entry as the log's files hold it.
fn in_log(files: &mut Files, index: u64, size: u64) -> Option<[u8; ENTRY_BYTES]> {
    let bundle = TilePath::in_tree(TileKind::Entries, index / TILE_WIDTH, size)?;
    let bundle = files.read(&bundle.to_string()).ok()?;
    let place = usize::try_from(index % TILE_WIDTH).ok()?;
    // Two bytes of length before each.
    let from = place * (2 + ENTRY_BYTES) + 2;
    bundle.get(from..from + ENTRY_BYTES)?.try_into().ok()
}

fn written(entry: &ProofEntry) -> Result<WrittenEntry> {
    let text = entry.content.strip_prefix(&[VERSION]);
    let text = text.context("an entry has a form that this program does not know")?;
    Ok(WrittenEntry {
        index: entry.index,
        salt: format!("{:032x}", u128::from_be_bytes(entry.salt)),
        content: String::from_utf8(text.to_vec())?,
    })
}

fn to_entry(entry: &WrittenEntry) -> Result<ProofEntry> {
    let is_hex = entry.salt.len() == 32 && entry.salt.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(is_hex, "salt: expected 32 hexadecimal digits");
    Ok(ProofEntry {
        index: entry.index,
        salt: u128::from_str_radix(&entry.salt, 16)?.to_be_bytes(),
        content: [&[VERSION][..], entry.content.as_bytes()].concat(),
    })
}
