//! Somebody who asks a server, by `curl`: in clear or in TLS, from one address of this machine or another.

use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::run::output;

const PAUSE: Duration = Duration::from_millis(100);
/// A server that takes longer to begin will never.
const PAUSES: u32 = 300;

/// A client.
#[derive(Clone)]
pub struct Client {
    base: String,
    more: Vec<String>,
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The version of HTTP in which it came.
    pub version: String,
    /// The head, in small letters.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Client {
    /// One that asks below an address, with further words for `curl`.
    pub fn new(base: &str, more: &[&str]) -> Self {
        Self {
            base: base.to_owned(),
            more: more.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    /// The same with further words.
    pub fn with(&self, more: &[&str]) -> Self {
        let mut client = self.clone();
        client
            .more
            .extend(more.iter().map(|word| (*word).to_owned()));
        client
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// No answer comes.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.ask(path, &[])
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// No answer comes.
    pub fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Answer> {
        let body = body.to_string();
        let authorization = token.map(|token| format!("authorization: Bearer {token}"));
        let mut words = vec![
            "--data-binary",
            &body,
            "-H",
            "content-type: application/json",
        ];
        if let Some(authorization) = &authorization {
            words.extend(["-H", authorization]);
        }
        self.ask(path, &words)
    }

    /// Asks with further words for `curl`.
    ///
    /// # Errors
    /// No answer comes.
    pub fn ask(&self, path: &str, words: &[&str]) -> Result<Answer> {
        let mut curl = Command::new("curl");
        // Neither what a proxy in the environment says, nor a file of settings, counts here.
        curl.args([
            "-q",
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--max-time",
            "60",
        ])
        .args([
            "--dump-header",
            "/dev/stderr",
            "--write-out",
            "\n%{http_code} %{http_version}",
        ])
        .args(&self.more)
        .args(words)
        .arg(format!("{}{path}", self.base));
        let answered = curl.output().context("cannot start `curl`")?;
        let head = String::from_utf8_lossy(&answered.stderr).to_lowercase();
        let printed = String::from_utf8_lossy(&answered.stdout).into_owned();
        let (body, status) = printed.rsplit_once('\n').unwrap_or(("", &printed));
        let (status, version) = status.split_once(' ').unwrap_or((status, ""));
        let status = status.parse().unwrap_or(0);
        ensure!(status != 0, "{}{path}: no answer: {head}", self.base);
        Ok(Answer {
            status,
            version: version.to_owned(),
            head,
            body: body.to_owned(),
        })
    }

    /// Waits until the server answers.
    ///
    /// # Errors
    /// It does not.
    pub fn wait(&self) -> Result<()> {
        for _ in 0..PAUSES {
            if self.get("/health").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("{} does not begin to answer", self.base)
    }

    /// Registers somebody who feels well, and gives their token.
    ///
    /// # Errors
    /// They are not taken in.
    pub fn register(&self, number: &str) -> Result<String> {
        let registered = self.try_register(number)?;
        let registered = registered.json(201)?;
        ensure!(registered["status"] == "green", "not green: {registered}");
        text(&registered, "token")
    }

    /// Tries to register somebody.
    ///
    /// # Errors
    /// No answer comes.
    pub fn try_register(&self, number: &str) -> Result<Answer> {
        let body = json!({
            "name": "Somebody who tries a package",
            "document": { "kind": "20", "number": number },
            "phones": ["00000 123456"],
            "declaration": { "symptoms": [], "temperature": 36.6, "contact": "none" },
        });
        let key = output(Command::new("cat").arg("/proc/sys/kernel/random/uuid"))?;
        let key = key.trim().replace('-', "");
        self.with(&["-H", &format!("idempotency-key: {key}")]).post(
            "/api/v1/registrations",
            None,
            &body,
        )
    }

    /// Fetches a code of the person whose token it is.
    ///
    /// # Errors
    /// None is given.
    pub fn code(&self, token: &str) -> Result<String> {
        let code = self.post("/api/v1/me/codes/plain", Some(token), &json!({}))?;
        text(&code.json(200)?, "text")
    }
}

impl Answer {
    /// The body, if the status is this one.
    ///
    /// # Errors
    /// It is another, or the body is no JSON.
    pub fn json(&self, status: u16) -> Result<Value> {
        ensure!(
            self.status == status,
            "status {} and not {status}: {}",
            self.status,
            self.body
        );
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {}", self.body))
    }
}

/// A member that is text.
///
/// # Errors
/// There is none.
pub fn text(value: &Value, member: &str) -> Result<String> {
    let text = value[member].as_str().map(str::to_owned);
    text.with_context(|| format!("`{member}` is missing in {value}"))
}
