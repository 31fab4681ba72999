//! Asks a running node for something over HTTP, as an operator. One connection for each question: there are few.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

use super::error::CliError;

/// How long a connection, a read or a write may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Where a node listens if the URL does not say.
const PORT: u16 = 7117;

/// One node, and the right to ask it.
pub(super) struct Operator {
    host: String,
    port: u16,
    token: String,
    tls: Option<Arc<ClientConfig>>,
}

/// What a node answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Null if it is not JSON.
    pub(super) body: Value,
}

impl Operator {
    /// For the node at `url`.
    pub(super) fn new(url: &str, token: &str, ca: Option<&Path>) -> Result<Self, CliError> {
        let bad = |why: &str| {
            CliError::Usage(format!(
                "--url: expected such as http://10.0.0.5:7117, not {url:?}: {why}"
            ))
        };
        let uri: Uri = url.parse().map_err(|_| bad("it is no URL"))?;
        let tls = match (uri.scheme_str(), ca) {
            (Some("http"), _) => None,
            (Some("https"), Some(ca)) => Some(trusting(ca)?),
            (Some("https"), None) => {
                return Err(bad("for https say with --ca who signed its certificate"));
            }
            _ => return Err(bad("it must begin with http:// or https://")),
        };
        let host = uri.host().ok_or_else(|| bad("it has no host"))?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(bad("nothing may follow the port"));
        }
        Ok(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(PORT),
            token: token.to_owned(),
            tls,
        })
    }

    /// Asks and waits for the answer.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<Answer, CliError> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.authority(),
            self.token,
            body.len()
        );
        let answer = self
            .exchange(request.as_bytes())
            .map_err(|error| CliError::io(format!("can't ask {}", self.authority()), error))?;
        Answer::parse(&answer).ok_or_else(|| {
            CliError::Faults(format!(
                "what answers at {} is no HTTP server",
                self.authority()
            ))
        })
    }

    fn exchange(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut last = io::Error::other("the name has no address");
        for address in (host, self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(PATIENCE))?;
                    stream.set_write_timeout(Some(PATIENCE))?;
                    return match &self.tls {
                        None => ask(stream, request),
                        Some(config) => ask(sealed(stream, config, host)?, request),
                    };
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

fn ask(mut stream: impl Read + Write, request: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

fn sealed(
    stream: TcpStream,
    config: &Arc<ClientConfig>,
    host: &str,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let session = ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(session, stream))
}

fn trusting(ca: &Path) -> Result<Arc<ClientConfig>, CliError> {
    crate::tls::trusting(ca).map_err(|error| CliError::Usage(format!("--ca: {error}")))
}

impl Answer {
    /// Status and body of an answer that was read to its end.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut words = head.split_whitespace();
        let is_http = words.next()?.starts_with("HTTP/1.");
        let status = words.next()?.parse().ok().filter(|_| is_http)?;
        Some(Self {
            status,
            body: serde_json::from_str(body).unwrap_or_default(),
        })
    }

    /// Why it was refused, for people.
    pub(super) fn explain(&self) -> String {
        match self.body["detail"].as_str() {
            Some(detail) => format!("refused ({}): {detail}", self.status),
            None => format!("refused with status {}", self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        let found = match Operator::new(url, "t", None) {
            Ok(operator) => operator.authority(),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{url}: {found}");
    }

    #[test]
    fn urls_are_read_strictly() {
        check("http://10.0.0.5:8000", "10.0.0.5:8000");
        check("http://engine-1/", "engine-1:7117");
        check("http://[::1]:7117", "[::1]:7117");
        check("10.0.0.5:8000", "expected such as http://10.0.0.5:7117");
        check("ftp://a", "must begin with http://");
        check("https://a", "say with --ca who signed");
        check("http://a:1/v1", "nothing may follow the port");
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let refused = b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{\"detail\":\"alone\"}";
        let answer = Answer::parse(refused).expect("it is HTTP");
        assert_eq!(
            (answer.status, answer.explain().as_str()),
            (409, "refused (409): alone")
        );
        assert!(Answer::parse(b"220 mail\r\n\r\n").is_none());
    }
}
