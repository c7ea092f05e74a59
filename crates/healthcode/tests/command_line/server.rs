//! An installation with a running server, and requests to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::newcomer::{Folder, POLICY};

/// The document of the one person whom most stories need.
pub const DOCUMENT: &str = "990101199003077719";

/// Where people reach the installation, as far as passkeys go.
pub const ORIGIN: &str = "https://code.example";

/// A server that takes longer than this will never answer.
const HANGS: Duration = Duration::from_secs(60);

/// A folder with keys, a migrated database and a policy in force.
pub fn installation() -> Folder {
    installation_on(&[])
}

/// The same on another database than the embedded one.
pub fn installation_on(database: &[&str]) -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    let issuer = ["--issuer", "3301", "--url", "http://localhost"];
    folder
        .run(&[&["keys", "generate"], &issuer[..]].concat())
        .exits(0);
    folder.run(&[&["migrate"], database].concat()).exits(0);
    folder
        .run(&[&["policy", "publish", "policy.toml"], database].concat())
        .exits(0);
    folder
}

/// A server in the folder, ended when dropped.
pub struct Server {
    pub process: Child,
    base: String,
}

impl Server {
    pub fn start(folder: &Folder) -> Self {
        Self::start_on(folder, &[])
    }

    pub fn start_on(folder: &Folder, database: &[&str]) -> Self {
        let quietly = [&["--log", "error"], database].concat();
        Self::start_logging_to(Stdio::inherit(), folder, &quietly)
    }

    /// A server that logs to `log`. Its standard output is closed once it has said where it listens.
    pub fn start_logging_to(log: Stdio, folder: &Folder, more: &[&str]) -> Self {
        Self::started(serving(folder, more).stdout(Stdio::piped()).stderr(log))
    }

    /// A server that a command starts, which says on its standard output where it listens.
    pub fn started(command: &mut Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base = line
            .trim()
            .strip_prefix("Listening on ")
            .unwrap()
            .to_owned();
        Self { process, base }
    }

    /// A server that was started some other way and listens at `base`.
    pub fn running(process: Child, base: String) -> Self {
        Self { process, base }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.base
    }

    /// Tells the server to end and waits for that; whether it ended well.
    #[cfg(unix)]
    pub fn ends(mut self) -> bool {
        let id = self.process.id().to_string();
        let signalled = Command::new("kill").args(["-TERM", &id]).status();
        assert!(signalled.unwrap().success());
        self.process.wait().unwrap().success()
    }

    pub fn try_post(
        &self,
        path: &str,
        key: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value, ureq::Error> {
        let request = ureq::post(format!("{}{path}", self.base)).config();
        let request = request.timeout_global(Some(HANGS)).build();
        let mut request = request.header("Idempotency-Key", key);
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.send_json(body)?.body_mut().read_json()
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let key = "00112233445566778899aabbccddeeff";
        self.try_post(path, key, token, body).unwrap()
    }

    /// Sends a form as a browser would: the page that answers, and the session of a staff member if the
    /// answer sets one.
    pub fn form(&self, path: &str, form: &str) -> (String, Option<String>) {
        self.form_of("", path, form)
    }

    /// The same, from a browser that holds the session of a staff member.
    pub fn form_of(&self, session: &str, path: &str, form: &str) -> (String, Option<String>) {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .max_redirects(0)
                .http_status_as_error(false)
                .build(),
        );
        let request = agent.post(format!("{}{path}", self.base));
        let request = request.header("Origin", &self.base);
        let request = request.header("Cookie", format!("staff={session}"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let mut answer = request.send(form).unwrap();
        let cookie = answer.headers().get("set-cookie");
        let cookie =
            cookie.and_then(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='));
        let session = cookie.map(|(_, session)| session.to_owned());
        (answer.body_mut().read_to_string().unwrap(), session)
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let mut answer = ureq::get(format!("{}{path}", self.base)).call().unwrap();
        answer.body_mut().read_to_vec().unwrap()
    }

    /// What a caller with this token reads.
    pub fn get(&self, path: &str, token: &str) -> Result<Value, ureq::Error> {
        let request = ureq::get(format!("{}{path}", self.base)).config();
        let request = request.timeout_global(Some(HANGS)).build();
        let request = request.header("Authorization", format!("Bearer {token}"));
        request.call()?.body_mut().read_json()
    }

    /// What the person reads about themselves.
    pub fn status(&self, token: &str) -> Value {
        self.get("/api/v1/me/status", token).unwrap()
    }

    /// A community worker sees the document of the one person whom most stories need, and its holder:
    /// from now on their account reads what others say of the document.
    pub fn is_seen(&self, worker: &str) {
        let document = json!({ "kind": "10", "number": DOCUMENT });
        let asked = json!({ "document": document });
        let found = self.post("/api/v1/office/claims", Some(worker), &asked);
        let account = &found["claims"][0]["account"];
        let binding = json!({ "account": account, "document": document });
        let request = ureq::post(format!("{}/api/v1/office/bindings", self.base));
        let request = request.header("Authorization", format!("Bearer {worker}"));
        assert_eq!(request.send_json(&binding).unwrap().status(), 204);
    }

    pub fn register(&self) -> String {
        let registered = self.post("/api/v1/registrations", None, &registration(DOCUMENT));
        assert_eq!(registered["status"], "green", "{registered}");
        registered["token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command that serves in a folder, on a free port.
pub fn serving(folder: &Folder, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthcode"));
    command
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--plain-http",
            "--origin",
            ORIGIN,
        ])
        .args(more)
        .current_dir(folder.path(""))
        .env_clear();
    command
}

/// A person who feels well.
pub fn registration(document: &str) -> Value {
    json!({
        "name": "Mei Lan",
        "document": { "kind": "10", "number": document },
        "declaration": { "symptoms": [], "contact": "none" },
    })
}

/// A made-up identity card number (area 99) with its check digit (GB 11643).
pub fn identity_card(number: u32) -> String {
    let body = format!("99{:04}19900307{:03}", number / 1000, number % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11];
    format!("{body}{check}")
}
