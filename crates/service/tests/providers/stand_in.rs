//! A small provider that does as a test tells it: also what a good one never would.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::{Clock, ManualClock};
use openidconnect::url::Url;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use service::providers::Callback;
use sha2::{Digest, Sha256};

/// What this installation is called at the stand-in, and the secret they share.
pub const CLIENT: &str = "healthcode";
pub const SECRET: &str = "a secret with : and % in it";

/// A provider on a loopback port.
#[derive(Clone)]
pub struct StandIn {
    /// Its address.
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

/// What it does. Tests change it between two requests.
pub struct State {
    clock: Arc<ManualClock>,
    /// Signs; another seed is another key of another name.
    pub key: u8,
    /// Keys in the key set.
    pub shown: Vec<u8>,
    /// Said in every token beside the usual claims; replaces those of the same name, `null` removes.
    pub claims: Value,
    /// Said by the userinfo endpoint.
    pub userinfo: Value,
    /// Replaces fields of the discovery document.
    pub metadata: Value,
    /// How the token is signed.
    pub signature: SignedWith,
    /// Whether the verifier of a code is asked for.
    pub checks_verifier: bool,
    /// How each address answers, if not as it should.
    pub answers: HashMap<&'static str, Answer>,
    /// How often each address was asked.
    pub asked: HashMap<String, u32>,
    codes: HashMap<String, Grant>,
}

/// How a token is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignedWith {
    /// As the header says.
    Key,
    /// Not at all, with `alg: none`.
    Nothing,
    /// With the shared secret, `HS256`.
    Secret,
    /// With a key, and the claims are changed afterwards.
    Before,
}

/// An answer that is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Does what it should and ends the connection before it answers.
    Cut,
    /// Never comes.
    Never,
    /// A fault of the provider.
    Fault,
    /// More than anybody reads.
    Endless,
    /// Somewhere else.
    Elsewhere,
    /// The right status and no JSON.
    Nonsense,
}

struct Grant {
    nonce: String,
    challenge: String,
}

impl StandIn {
    /// Begins to answer. `clock` dates its tokens.
    pub fn start(clock: Arc<ManualClock>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            clock,
            key: 1,
            shown: vec![1],
            claims: json!({}),
            userinfo: json!({ "sub": "subject-1" }),
            metadata: json!({}),
            signature: SignedWith::Key,
            checks_verifier: true,
            answers: HashMap::new(),
            asked: HashMap::new(),
            codes: HashMap::new(),
        };
        let stand_in = Self {
            issuer,
            state: Arc::new(Mutex::new(state)),
        };
        let answering = stand_in.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answering = answering.clone();
                thread::spawn(move || answering.answer(connection));
            }
        });
        stand_in
    }

    /// What it does, to be changed.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a browser does that was sent to `address`, with a person who signs in: it comes back with
    /// a code.
    pub fn sign_in(&self, address: &str) -> Callback {
        let address = Url::parse(address).unwrap();
        let asked: HashMap<String, String> = address.query_pairs().into_owned().collect();
        assert!(
            address
                .as_str()
                .starts_with(&format!("{}/auth?", self.issuer))
        );
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let mut state = self.state();
        let code = format!("code-{}", state.codes.len());
        let grant = Grant {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
        };
        state.codes.insert(code.clone(), grant);
        Callback {
            state: Some(asked["state"].clone()),
            code: Some(code),
            error: None,
            iss: Some(self.issuer.clone()),
        }
    }

    fn answer(&self, mut connection: TcpStream) {
        let Some((path, body)) = read_request(&connection) else {
            return;
        };
        let answer = {
            let mut state = self.state();
            *state.asked.entry(path.clone()).or_default() += 1;
            state.answers.get(&*path).copied()
        };
        let said = self.say(&path, &body);
        let (status, said) = match answer {
            None => said,
            Some(Answer::Cut) => return,
            Some(Answer::Never) => {
                // Ends when the other side gives up.
                let _ = connection.read(&mut [0]);
                return;
            }
            Some(Answer::Fault) => ("500 Internal Server Error", json!({})),
            Some(Answer::Endless) => ("200 OK", json!({ "a": "a".repeat(300_000) })),
            Some(Answer::Elsewhere) => ("307 Temporary Redirect", said.1),
            Some(Answer::Nonsense) => ("200 OK", json!("nonsense")),
        };
        let said = said.to_string();
        let (length, elsewhere) = (said.len(), "http://127.0.0.1:9/");
        // Nobody may be there any more.
        let _ = write!(
            connection,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             location: {elsewhere}\r\nconnection: close\r\n\r\n{said}"
        );
    }

    fn say(&self, path: &str, body: &str) -> (&'static str, Value) {
        let mut state = self.state();
        match path {
            "/.well-known/openid-configuration" => {
                let at = |path: &str| format!("{}{path}", self.issuer);
                let mut metadata = json!({
                    "issuer": self.issuer,
                    "authorization_endpoint": at("/auth"),
                    "token_endpoint": at("/token"),
                    "userinfo_endpoint": at("/userinfo"),
                    "jwks_uri": at("/keys"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
                    "authorization_response_iss_parameter_supported": true,
                });
                replace(&mut metadata, &state.metadata);
                ("200 OK", metadata)
            }
            "/keys" => {
                let keys: Vec<Value> = state.shown.iter().map(|seed| public_key(*seed)).collect();
                ("200 OK", json!({ "keys": keys }))
            }
            "/token" => state.token(&self.issuer, body),
            "/userinfo" => ("200 OK", state.userinfo.clone()),
            _ => ("404 Not Found", json!({})),
        }
    }
}

impl State {
    fn token(&mut self, issuer: &str, body: &str) -> (&'static str, Value) {
        let body = Url::parse(&format!("http://form/?{body}")).unwrap();
        let form: HashMap<String, String> = body.query_pairs().into_owned().collect();
        let Some(grant) = self.codes.remove(&form["code"]) else {
            return ("400 Bad Request", json!({ "error": "invalid_grant" }));
        };
        let challenge = BASE64.encode(Sha256::digest(&form["code_verifier"]));
        if self.checks_verifier && challenge != grant.challenge {
            return ("400 Bad Request", json!({ "error": "invalid_grant" }));
        }
        let now = self.clock.now().as_second();
        let mut claims = json!({
            "iss": issuer, "sub": "subject-1", "aud": CLIENT, "nonce": grant.nonce,
            "iat": now, "exp": now + 300, "acr": "high", "auth_time": now - 30,
            "name": "Mei Lan", "document": { "number": "E1234567" },
            "phone_number": "+8613800000000",
        });
        replace(&mut claims, &self.claims);
        let token = self.sign(&claims);
        let answer = json!({
            "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token,
        });
        ("200 OK", answer)
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| BASE64.encode(value.to_string());
        let with_header = |alg: &str, claims: &Value| {
            let header = json!({ "alg": alg, "kid": self.key.to_string(), "typ": "JWT" });
            format!("{}.{}", part(&header), part(claims))
        };
        match self.signature {
            SignedWith::Nothing => format!("{}.", with_header("none", claims)),
            SignedWith::Secret => {
                use hmac::{Hmac, KeyInit, Mac};
                let signed = with_header("HS256", claims);
                let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
                mac.update(signed.as_bytes());
                format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
            }
            SignedWith::Key | SignedWith::Before => {
                let signed = with_header("ES256", claims);
                let signature: Signature = signing_key(self.key).sign(signed.as_bytes());
                let signature = BASE64.encode(signature.to_bytes());
                if self.signature == SignedWith::Key {
                    return format!("{signed}.{signature}");
                }
                let mut changed = claims.clone();
                changed["document"]["number"] = json!("E7654321");
                format!("{}.{signature}", with_header("ES256", &changed))
            }
        }
    }
}

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn public_key(seed: u8) -> Value {
    let point = signing_key(seed).verifying_key().to_sec1_point(false);
    let (x, y) = (
        BASE64.encode(point.x().unwrap()),
        BASE64.encode(point.y().unwrap()),
    );
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": seed.to_string(), "x": x, "y": y })
}

fn replace(fields: &mut Value, with: &Value) {
    for (name, value) in with.as_object().unwrap() {
        match value {
            Value::Null => drop(fields.as_object_mut().unwrap().remove(name)),
            value => fields[name] = value.clone(),
        }
    }
}

/// The path and the body of a request; `None` if the connection ends before.
fn read_request(connection: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(digits) = header.strip_prefix("content-length:") {
            length = digits.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}
