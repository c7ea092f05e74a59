//! A small HTTP client, as a phone, a checkpoint or an office would be one.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use service::Token;
use ureq::Agent;

/// Talks to one server.
pub struct Client {
    agent: Agent,
    base: String,
}

/// An answer in JSON.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    body: Value,
    request: String,
}

impl Client {
    /// A client of the server at `base`, for example `http://127.0.0.1:8080`.
    pub fn new(base: String) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: Agent::new_with_config(config),
            base,
        }
    }

    /// Gets JSON.
    ///
    /// # Errors
    /// If the server does not answer in JSON.
    pub fn get(&self, path: &str, token: Option<&Token>) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {}", token.expose()));
        }
        let response = request.call().with_context(|| format!("GET {path}"))?;
        Answer::read(response, format!("GET {path}"))
    }

    /// Gets bytes.
    ///
    /// # Errors
    /// If the server does not answer with 200.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .call()
            .with_context(|| format!("GET {path}"))?;
        ensure!(
            response.status() == 200,
            "GET {path}: answered {}",
            response.status()
        );
        Ok(response.body_mut().read_to_vec()?)
    }

    /// Presses a button of a page, and gives the session that the browser gets then.
    ///
    /// # Errors
    /// If the server does not answer with a cookie of that name.
    pub fn press(&self, path: &str, form: &[(&str, &str)], cookie: &str) -> Result<Token> {
        let response = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("Origin", &self.base)
            .send_form(form.iter().copied())
            .with_context(|| format!("POST {path}"))?;
        let set = response.headers().get_all("set-cookie").iter();
        let mut values = set.filter_map(|one| {
            let (name, rest) = one.to_str().ok()?.split_once('=')?;
            let value = rest.split(';').next()?;
            (name == cookie && !value.is_empty()).then(|| value.to_owned())
        });
        let value = values.next().with_context(|| {
            let status = response.status();
            format!("POST {path}: answered {status}, and without a session")
        })?;
        Ok(value.parse()?)
    }

    /// Gets a page, as the browser that has this session.
    ///
    /// # Errors
    /// If the server does not answer with 200.
    pub fn page(&self, path: &str, cookie: &str, session: &Token) -> Result<String> {
        let cookie = format!("{cookie}={}", session.expose());
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("Cookie", cookie)
            .call()
            .with_context(|| format!("GET {path}"))?;
        let status = response.status();
        ensure!(status == 200, "GET {path}: answered {status}");
        Ok(response.body_mut().read_to_string()?)
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// If the server does not answer in JSON.
    pub fn post(
        &self,
        path: &str,
        token: Option<&Token>,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Answer> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {}", token.expose()));
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let response = request
            .send_json(body)
            .with_context(|| format!("POST {path}"))?;
        Answer::read(response, format!("POST {path}"))
    }
}

impl Answer {
    fn read(mut response: ureq::http::Response<ureq::Body>, request: String) -> Result<Self> {
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .read_json()
            .with_context(|| format!("{request}: answered {status}, and not in JSON"))?;
        Ok(Self {
            status,
            body,
            request,
        })
    }

    /// The body of a good answer.
    ///
    /// # Errors
    /// If the status is not 2xx; says what the server said.
    pub fn good(self) -> Result<Value> {
        ensure!(
            (200..300).contains(&self.status),
            "{}: answered {}: {}",
            self.request,
            self.status,
            self.body
        );
        Ok(self.body)
    }
}

/// A text in a JSON answer.
///
/// # Errors
/// If there is none at this place (a JSON pointer).
pub fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("the answer has no text at {pointer}: {value}"))
}
