//! Who sends one-time codes: nobody, the terminal, a file, or a gateway over HTTP.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use domain::Pii;
use serde_json::json;
use service::{CodeMessage, CodeSender, Notice, SendError};
use ureq::Agent;
use ureq::http::Uri;

use crate::config::CodesConfig;
use crate::outcome::wrong_use;
use crate::system::read_text;

/// A gateway that takes longer does not take it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The sender that the configuration names.
///
/// # Errors
/// Wrong use if the gateway's address or the file of its authorization cannot be used.
pub fn sender(config: &CodesConfig) -> Result<Arc<dyn CodeSender>> {
    Ok(match config {
        CodesConfig::Nobody => Arc::new(Nobody),
        CodesConfig::Console => Arc::new(Console),
        CodesConfig::File { file } => Arc::new(File(file.clone())),
        CodesConfig::Gateway { url, authorization } => {
            let authorization = authorization.as_deref();
            let authorization = authorization
                .map(|file| read_text(file, "one_time_codes.authorization"))
                .transpose()?;
            Arc::new(Gateway::new(url, authorization.as_deref())?)
        }
    })
}

struct Nobody;

#[async_trait]
impl CodeSender for Nobody {
    async fn send(&self, _message: &CodeMessage) -> Result<(), SendError> {
        let why = "no gateway is configured; set [one_time_codes] in the configuration file";
        Err(SendError(why.to_owned()))
    }

    /// Nothing is sent, so nothing is missing.
    async fn tell(&self, _notice: &Notice) -> Result<(), SendError> {
        Ok(())
    }
}

/// Writes codes to the terminal.
pub struct Console;

#[async_trait]
impl CodeSender for Console {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        crate::report::message(format_args!("{}", web::one_time_code_text(message)));
        Ok(())
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        crate::report::message(format_args!("{}", web::notice_text(notice)));
        Ok(())
    }
}

struct File(PathBuf);

#[async_trait]
impl CodeSender for File {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        self.append(&message.phone, &web::one_time_code_text(message))
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        self.append(&notice.phone, &web::notice_text(notice))
    }
}

impl File {
    fn append(&self, phone: &Pii<String>, text: &str) -> Result<(), SendError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let line = json!({ "phone": phone.expose(), "text": text });
        let written = options
            .open(&self.0)
            .and_then(|mut file| writeln!(file, "{line}"));
        written.map_err(|error| SendError(error.to_string()))
    }
}

/// A gateway that takes a POST of `phone` (international, with a plus) and `text`.
struct Gateway {
    agent: Agent,
    url: String,
    authorization: Option<String>,
}

impl Gateway {
    fn new(url: &str, authorization: Option<&str>) -> Result<Self> {
        if !is_on_this_machine(url) {
            return Err(wrong_use(format!(
                "one_time_codes.url: {url} is not on this machine; numbers and codes leave it only \
                 through a proxy of yours that speaks TLS: name http://127.0.0.1:PORT/…"
            )));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .build();
        Ok(Self {
            agent: Agent::new_with_config(config),
            url: url.to_owned(),
            authorization: authorization.map(|text| text.trim().to_owned()),
        })
    }

    fn post(&self, phone: &Pii<String>, text: &str) -> Result<(), SendError> {
        let mut request = self.agent.post(&self.url);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let body = json!({ "phone": format!("+{}", phone.expose()), "text": text });
        // What it says is not repeated: it may repeat the number.
        match request.send_json(body) {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(SendError(format!("it answered {}", answer.status()))),
            Err(ureq::Error::StatusCode(status)) => Err(SendError(format!("it answered {status}"))),
            Err(_) => Err(SendError("it does not answer".to_owned())),
        }
    }
}

#[async_trait]
impl CodeSender for Gateway {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        let text = web::one_time_code_text(message);
        tokio::task::block_in_place(|| self.post(&message.phone, &text))
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        let text = web::notice_text(notice);
        tokio::task::block_in_place(|| self.post(&notice.phone, &text))
    }
}

/// Whether an address is http on this machine.
pub fn is_on_this_machine(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    uri.scheme_str() == Some("http")
        && (host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::net::TcpListener;

    use super::*;

    fn message() -> CodeMessage {
        CodeMessage {
            phone: Pii::new("8613800000000".to_owned()),
            code: Pii::new("123456".to_owned()),
            language: "en".to_owned(),
        }
    }

    #[test]
    fn a_gateway_is_on_this_machine() {
        for (url, is_taken) in [
            ("http://127.0.0.1:8025/send", true),
            ("http://localhost/send", true),
            ("http://[::1]:8025/", true),
            ("http://sms.example/send", false),
            ("https://sms.example/send", false),
            ("127.0.0.1:8025", false),
        ] {
            assert_eq!(Gateway::new(url, None).is_ok(), is_taken, "{url}");
        }
    }

    #[test]
    fn a_gateway_takes_a_code_or_says_that_it_does_not() {
        for (answer, is_sent) in [("204 No Content", true), ("503 Busy", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/send", listener.local_addr().unwrap());
            let serve = std::thread::spawn(move || {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream);
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line == "\r\n" {
                        break;
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
                (head, String::from_utf8(body).unwrap())
            });
            let message = message();
            let sent = Gateway::new(&url, Some("Bearer x\n"))
                .unwrap()
                .post(&message.phone, &web::one_time_code_text(&message));
            let (head, body) = serve.join().unwrap();
            assert_eq!(sent.is_ok(), is_sent, "{sent:?}");
            assert!(
                head.to_lowercase().contains("authorization: bearer x"),
                "{head}"
            );
            assert!(
                body.contains("+8613800000000") && body.contains("123456"),
                "{body}"
            );
        }
    }

    #[tokio::test]
    async fn a_file_gets_a_line_for_each_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("codes.ndjson");
        let sender = sender(&CodesConfig::File { file: file.clone() }).unwrap();
        sender.send(&message()).await.unwrap();
        sender.send(&message()).await.unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(
            text.lines().filter(|line| line.contains("123456")).count(),
            2
        );
    }
}
