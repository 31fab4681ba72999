//! Requests as bytes: what is sent is exactly what a test wrote.

use std::fmt::Write as _;

/// An HTTP/1.1 request in the making.
#[derive(Clone, Debug)]
pub struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// A request of any method.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            head: format!("{method} {path} HTTP/1.1\r\nhost: engine\r\n"),
            body: Vec::new(),
        }
    }

    /// GET.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// POST.
    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    /// PUT.
    pub fn put(path: &str) -> Self {
        Self::new("PUT", path)
    }

    /// A header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        write!(self.head, "{name}: {value}\r\n").expect("a String takes whatever is written");
        self
    }

    /// The caller's token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// The Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// For whom a service acts.
    pub fn player(self, player: &str) -> Self {
        self.header("hunt-player", player)
    }

    /// The body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// All of it, as it goes over the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone().into_bytes();
        if !self.body.is_empty() || self.head.starts_with("P") {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
