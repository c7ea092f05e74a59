//! The OpenAPI document against a running server: Schemathesis makes requests from the document, right
//! and wrong ones, and reads whether the answers are what it promises.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::bench::{Server, UNLIMITED};
use crate::load::Client;
use crate::python;
use crate::run::{output, run};
use crate::settings::Settings;

const PACKAGE: &str = "schemathesis==4.32.5";
/// How long each of those who ask may take.
const SECONDS: &str = "60";
/// No answer is a fault of the server, and each has a status and a body that the document names.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// The program; installed from PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, or PyPI cannot be reached.
pub fn program(settings: &Settings) -> Result<PathBuf> {
    let environment = settings.target.join("schemathesis");
    python::install(&environment, "Schemathesis", PACKAGE, [PACKAGE])?;
    Ok(environment.join("bin/schemathesis"))
}

/// Asks a server that was built as a resident and as a machine of a health authority, a minute each.
///
/// # Errors
/// An answer is another than the document says; the server does not start.
pub fn ask(settings: &Settings, schemathesis: &Path, healthcode: &Path) -> Result<()> {
    let server = Server::of(settings, healthcode);
    let folder = settings.target.join("schemathesis-city");
    // Without anybody who sends one-time codes, asking for one is answered 503.
    let codes = folder.join("codes.txt").display().to_string();
    let config = format!("{UNLIMITED}\n[one_time_codes]\nsend = \"file\"\nfile = {codes:?}\n");
    let running = server.start_with(&folder, &config)?;
    let mut client = Client::new(running.address);
    let resident = resident(&mut client)?;
    let feed = feed(&server, &folder)?;
    let document = settings.root.join("docs/api/openapi.json");
    for token in [&resident, &feed] {
        // The seed is fixed, so that what fails was failed by the change.
        run(Command::new(schemathesis)
            .arg("run")
            .arg(&document)
            .args(["--url", &format!("http://{}", running.address)])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", CHECKS, "--max-time", SECONDS, "--seed", "1"])
            .args(["--max-examples", "10", "--workers", "1", "--no-color"])
            // A policy is TOML, which it cannot make up; who signed out is asked nothing more.
            .args(["--exclude-name", "POST /api/v1/policies"])
            .args(["--exclude-path-regex", "/(end|sign-out|deletion)$"])
            .current_dir(&folder))?;
    }
    // Else most was refused at the door, and says nothing.
    let status = format!(
        "GET /api/v1/me/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {resident}\r\n\r\n"
    );
    let status = client.ask(status.as_bytes())?.status;
    ensure!(
        status == 200,
        "the resident was signed out on the way: {status}"
    );
    drop(running);
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// The token of somebody who opened an account.
fn resident(client: &mut Client) -> Result<String> {
    let body = json!({
        "name": "Li Chen",
        "document": { "kind": "20", "number": "E1234567" },
        "phones": ["13800000000"],
        "declaration": { "symptoms": [], "contact": "none" },
    })
    .to_string();
    let request = format!(
        "POST /api/v1/registrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Idempotency-Key: 00112233445566778899aabbccddeeff\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = client.ask(request.as_bytes())?;
    let answer: Value = serde_json::from_slice(answer.body)?;
    let token = answer["token"].as_str();
    let token = token.with_context(|| format!("nobody can register: {answer}"))?;
    Ok(token.to_owned())
}

/// The token of a machine of a health authority.
fn feed(server: &Server, folder: &Path) -> Result<String> {
    let database = format!("sqlite:{}", folder.join("city.db").display());
    let made = output(
        Command::new(server.program())
            .args([
                "keys",
                "token",
                "--kind",
                "health",
                "--name",
                "Health office",
            ])
            .args(["--json", "--quiet", "--database-url", &database])
            .arg("--keys")
            .arg(folder.join("keys")),
    )?;
    let made: Value = serde_json::from_str(&made)?;
    let token = made["token"].as_str();
    Ok(token.context("`keys token` printed no token")?.to_owned())
}
