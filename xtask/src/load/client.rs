//! One connection to the server, which stays open as that of a phone does.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A client gives up on an answer after this.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A client.
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    line: String,
    body: Vec<u8>,
}

/// What came back.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// After how many seconds the server asks to be asked again.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: &'a [u8],
}

impl Client {
    /// A client that has not connected yet.
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
            line: String::new(),
            body: Vec::new(),
        }
    }

    /// Asks, on the connection of before or on a new one if the server has closed that.
    ///
    /// # Errors
    /// No answer came.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        let is_used = self.connection.is_some();
        let asked = match self.try_ask(request) {
            // It was idle for too long, or made room for others.
            Err(error) if is_used && error.kind() != ErrorKind::WouldBlock => {
                self.connection = None;
                self.try_ask(request)
            }
            asked => asked,
        };
        let (status, retry_after) = asked.inspect_err(|_| self.connection = None)?;
        Ok(Answer {
            status,
            retry_after,
            body: &self.body,
        })
    }

    fn try_ask(&mut self, request: &[u8]) -> io::Result<(u16, Option<u64>)> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        connection.get_mut().write_all(request)?;
        let (mut status, mut length, mut retry_after, mut closes) = (0, 0, None, false);
        for number in 0.. {
            self.line.clear();
            if connection.read_line(&mut self.line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            if number == 0 {
                let word = line.split(' ').nth(1).unwrap_or_default();
                status = word.parse().map_err(|_| ErrorKind::InvalidData)?;
            } else if let Some((name, value)) = line.split_once(':') {
                let value = value.trim();
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse().map_err(|_| ErrorKind::InvalidData)?;
                } else if name.eq_ignore_ascii_case("retry-after") {
                    retry_after = value.parse().ok();
                } else if name.eq_ignore_ascii_case("connection") {
                    closes = value.eq_ignore_ascii_case("close");
                }
            }
        }
        self.body.resize(length, 0);
        connection.read_exact(&mut self.body)?;
        if !closes {
            self.connection = Some(connection);
        }
        Ok((status, retry_after))
    }
}
