//! `issue`: a code for a registered person.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use credential::{Assertion, HolderKey, Qr, live_code};
use domain::{Clock, IdSource, SystemClock};
use serde_json::json;
use service::{IssuedCode, Resident, Service, Token};

use crate::config::ConfigArgs;
use crate::hex;
use crate::keystore::write_private;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::{SystemIds, read_text};
use crate::wiring;

/// Sign a code for a registered person.
///
/// The colour is that of the person's verdict; nothing here sets it. The person's own token is
/// needed, as at registration: nobody gets another person's code by knowing a name or a number.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    healthcode issue --token token.txt --form card -o card.svg\n  \
    healthcode issue --token token.txt --phone phone.key | healthcode verify -")]
pub struct Args {
    /// File with the person's token
    #[arg(long, value_name = "FILE")]
    token: PathBuf,
    /// How the code is to be shown
    #[arg(long, value_enum, default_value_t = Form::Plain)]
    form: Form,
    /// A live code: file with the key of a phone that is a program; made and enrolled for today if
    /// absent
    #[arg(long, value_name = "FILE")]
    phone: Option<PathBuf>,
    /// Write the QR code as SVG to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Short-lived, needs no script.
    Plain,
    /// To be printed, long-lived; with the masked name, for comparison with a document.
    Card,
}

/// Issues.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let token: Token = read_text(&args.token, "--token")?
        .trim()
        .parse()
        .map_err(|error| anyhow!("{}: {error}", args.token.display()))?;
    let config = args.config.resolve()?;
    let (code, text) = wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let resident = service.access.resident(&token).await?;
        match (&args.phone, args.form) {
            (Some(path), _) => live(&service, &resident, path).await,
            (None, Form::Plain) => with_text(service.codes.plain_code(&resident).await?),
            (None, Form::Card) => with_text(service.codes.card(&resident).await?),
        }
    })?;
    if let Some(path) = &args.output {
        let svg = Qr::new(&text)?.svg("Health code");
        fs::write(path, svg).with_context(|| {
            format!(
                "{}: cannot be written; check that its folder is there",
                path.display()
            )
        })?;
    }
    report.result(
        &json!({
            "code": text,
            "form": code.form.as_str(),
            "colour": code.colour.as_str(),
            "issued_at": code.issued_at.to_string(),
            "expires_at": code.expires_at.to_string(),
        }),
        &text,
    )?;
    report.remark(format_args!(
        "{}, {} code, until {}",
        code.colour.as_str(),
        code.form.as_str(),
        code.expires_at
    ));
    Ok(Outcome::Done)
}

fn with_text(code: IssuedCode) -> Result<(IssuedCode, String)> {
    match code.text.clone() {
        Some(text) => Ok((code, text)),
        None => bail!("the service gave a code without its text"),
    }
}

/// Does what a phone does: enrols its key, fetches the assertion, signs the present time.
async fn live(service: &Service, resident: &Resident, path: &Path) -> Result<(IssuedCode, String)> {
    let key = phone_key(path)?;
    let public_key = key.public_key()?.to_bytes().to_vec();
    let enrolled = service.codes.enrol(resident, &[public_key], 0).await;
    let enrolled = enrolled.with_context(|| {
        format!(
            "{}: remove it for a fresh key; a phone has another one each day",
            path.display()
        )
    })?;
    let [enrolled] = enrolled[..] else {
        bail!("the service enrolled another number of keys than one");
    };
    let code = service.codes.live_code(resident, enrolled.device).await?;
    let assertion = Assertion::decode(&code.assertion)?;
    // The counter goes up with the seconds, so that no two codes of this phone have the same.
    let now = SystemClock.now();
    let counter = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
    let presentation = key.present(&assertion, now, counter)?;
    let text = live_code(&assertion, &presentation)?;
    Ok((code, text))
}

/// The key in the file, or a fresh one if there is no such file.
fn phone_key(path: &Path) -> Result<HolderKey> {
    if path.exists() {
        let bytes = hex::decode_32(read_text(path, "--phone")?.trim()).with_context(|| {
            format!(
                "{}: expected 64 hexadecimal digits; remove it for a fresh key",
                path.display()
            )
        })?;
        return HolderKey::from_bytes(bytes).with_context(|| format!("{}", path.display()));
    }
    let mut secret = [0; 32];
    SystemIds.fill(&mut secret);
    let key = HolderKey::from_bytes(secret)?;
    write_private(path, &format!("{}\n", hex::encode(&secret)))?;
    Ok(key)
}
