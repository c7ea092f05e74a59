//! The people who ask: some are registered and have phones, others come to register.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::client::Client;

/// People with a phone whose code is fetched and checked.
const PHONES: usize = 1000;
/// A point on the curve P-256, its generator, as any phone might send it.
const PUBLIC_KEY: &str = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A phone fetches its code.
    Refresh,
    /// A checkpoint checks a code.
    Check,
    /// A resident says how they are.
    Declare,
    /// Somebody opens an account, with a declaration.
    Register,
    /// Somebody looks at the public statistics.
    Statistics,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Refresh,
        Self::Check,
        Self::Declare,
        Self::Register,
        Self::Statistics,
    ];

    /// What a reader calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refresh => "code refresh",
            Self::Check => "check",
            Self::Declare => "declaration",
            Self::Register => "registration",
            Self::Statistics => "statistics",
        }
    }
}

/// Everybody.
pub struct City {
    /// Where the server listens.
    pub address: SocketAddr,
    phones: Vec<Phone>,
    registered: AtomicU64,
}

struct Phone {
    token: String,
    device: String,
    code: String,
}

impl City {
    /// Registers people, enrols a phone for each, and fetches their codes.
    ///
    /// # Errors
    /// The server refuses one of them.
    pub fn found(address: SocketAddr) -> Result<Self> {
        let mut city = Self {
            address,
            phones: Vec::new(),
            registered: AtomicU64::new(0),
        };
        let mut client = Client::new(address);
        for number in 0..PHONES {
            // More than one address may register; named proxies say for whom they ask.
            let from = format!(
                "X-Forwarded-For: 10.0.{}.{}\r\n",
                number / 100,
                number % 100
            );
            let registered = expect(&mut client, &city.registration(&from))?;
            let token = text(&registered, "token")?;
            let enrol = post(
                "/api/v1/me/phones",
                &bearer(&token),
                &json!({ "public_keys": [PUBLIC_KEY] }).to_string(),
            );
            let enrolled = expect(&mut client, &enrol)?;
            let device = text(&enrolled["keys"][0], "device")?;
            let plain = post("/api/v1/me/codes/plain", &bearer(&token), "");
            let code = text(&expect(&mut client, &plain)?, "text")?;
            city.phones.push(Phone {
                token,
                device,
                code,
            });
        }
        Ok(city)
    }

    /// The bytes of a request; `draw` chooses who asks. `headers` are further ones.
    pub fn request(&self, kind: Kind, draw: u64, headers: &str) -> Vec<u8> {
        let phone = &self.phones[(draw % self.phones.len() as u64) as usize];
        let who = format!("{headers}{}", bearer(&phone.token));
        match kind {
            Kind::Refresh => {
                let path = format!("/api/v1/me/phones/{}/assertion", phone.device);
                post(&path, &who, "")
            }
            Kind::Check => {
                let body = json!({ "code": phone.code }).to_string();
                post("/api/v1/verifications", headers, &body)
            }
            Kind::Declare => {
                let who = format!("{who}Idempotency-Key: {draw:032x}\r\n");
                let body = json!({ "declaration": { "symptoms": [], "contact": "none" } });
                post("/api/v1/me/declarations", &who, &body.to_string())
            }
            Kind::Register => self.registration(headers),
            Kind::Statistics => {
                let head =
                    format!("GET /api/v1/stats HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
                head.into_bytes()
            }
        }
    }

    fn registration(&self, headers: &str) -> Vec<u8> {
        let number = self.registered.fetch_add(1, Ordering::Relaxed);
        let person = json!({
            "name": "Li Ming",
            "document": { "kind": "20", "number": format!("L{number:015}") },
            "phones": [],
            "declaration": { "symptoms": [], "contact": "none" },
        });
        let headers = format!("{headers}Idempotency-Key: {number:032x}\r\n");
        post("/api/v1/registrations", &headers, &person.to_string())
    }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let kind = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/json\r\n"
    };
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{kind}Content-Length: {length}\r\n\r\n{body}"
    );
    request.into_bytes()
}

fn expect(client: &mut Client, request: &[u8]) -> Result<Value> {
    let answer = client.ask(request)?;
    let said = String::from_utf8_lossy(answer.body);
    ensure!(answer.status < 300, "answered {}: {said}", answer.status);
    Ok(serde_json::from_slice(answer.body).map_err(io::Error::from)?)
}

fn text(json: &Value, name: &str) -> Result<String> {
    let text = json[name].as_str();
    Ok(text
        .with_context(|| format!("no {name} in {json}"))?
        .to_owned())
}
