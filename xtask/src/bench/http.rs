//! A client that can just ask a server on this machine; the load itself comes from `wrk`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A connection that stays open.
pub struct Client {
    address: SocketAddr,
    connection: BufReader<TcpStream>,
}

/// What came back.
pub struct Answer {
    /// The body.
    pub json: Value,
    /// Head and body together.
    pub bytes: usize,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            address,
            connection: BufReader::new(stream),
        })
    }

    /// Sends a POST with `headers` and a JSON body, if there is one.
    ///
    /// # Errors
    /// The connection breaks, or the answer is no success.
    pub fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut request = format!("POST {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            request += "Content-Type: application/json\r\n";
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.connection.get_mut().write_all(request.as_bytes())?;
        self.answer(path)
    }

    fn answer(&mut self, path: &str) -> Result<Answer> {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let start = head.len();
            ensure!(
                self.connection.read_line(&mut head)? > 0,
                "the server closed the connection at {path}"
            );
            let line = head[start..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(
            status.starts_with('2'),
            "{path} was answered with {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(Answer {
            bytes: head.len() + body.len(),
            json: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }
}
