//! A client on one blocking socket. It keeps its connection, opens another if that broke, and can be cut anywhere.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::request::Request;

/// How long an answer is waited for: far longer than any limit of the engine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer whose body is still to come, from all bytes of its head.
    pub fn of_head(head: &[u8]) -> io::Result<Self> {
        let head = std::str::from_utf8(head).map_err(io::Error::other)?;
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line.split(' ').nth(1).unwrap_or_default();
        let status = status
            .parse()
            .map_err(|_| io::Error::other(format!("not an answer: {status_line:?}")))?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Ok(Self {
            status,
            headers,
            body: Vec::new(),
        })
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether it repeats an earlier answer.
    pub fn is_replay(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The `outcome` of the body, if it has one.
    pub fn outcome(&self) -> String {
        self.json()["outcome"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// What has arrived and is not used up.
    arrived: Vec<u8>,
    patience: Duration,
}

impl Client {
    /// A client of the engine at this address; connects when it is first used.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            arrived: Vec::new(),
            patience: PATIENCE,
        }
    }

    /// Waits no longer than this for an answer.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends a request and waits for its answer.
    pub fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.ask_bytes(&request.bytes())
    }

    /// Whether the engine says that it is ready.
    pub fn finds_ready(&mut self) -> bool {
        let asked = self.ask(&Request::get("/readyz"));
        asked.is_ok_and(|answer| answer.status == 200)
    }

    /// A counter or gauge of the server's metrics, summed over its labels.
    pub fn metric(&mut self, name: &str) -> u64 {
        let page = self.ask(&Request::get("/metrics")).unwrap().text();
        let samples = page.lines().filter_map(|line| {
            let labels = line.strip_prefix(name)?;
            labels.starts_with(['{', ' ']).then_some(labels)
        });
        let values = samples.filter_map(|labels| labels.rsplit(' ').next()?.parse::<u64>().ok());
        values.sum()
    }

    /// Sends bytes and waits for an answer. As any client of HTTP does, it first looks whether the other side has closed the
    /// connection since it was last used, and opens another then.
    pub fn ask_bytes(&mut self, bytes: &[u8]) -> io::Result<Answer> {
        if matches!(self.poll(), Some(Err(_))) {
            self.cut();
        }
        self.send(bytes)?;
        self.receive()
    }

    /// Sends bytes, over a new connection if there is none.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sent = self.connected().and_then(|stream| stream.write_all(bytes));
        sent.inspect_err(|_| self.cut())
    }

    /// Sends more bytes over the connection that there is, which stays open if that fails: an answer may wait on it.
    pub fn send_more(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream
            .as_mut()
            .ok_or_else(broken_off)?
            .write_all(bytes)
    }

    /// What has arrived, or that the other side closed (as an error); `None` if neither.
    pub fn poll(&mut self) -> Option<io::Result<usize>> {
        let stream = self.stream.as_mut()?;
        stream.set_nonblocking(true).ok()?;
        let seen = stream.peek(&mut [0; 1]);
        stream.set_nonblocking(false).ok()?;
        match seen {
            Ok(0) => Some(Err(broken_off())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            seen => Some(seen),
        }
    }

    /// Waits for the next answer on the connection.
    pub fn receive(&mut self) -> io::Result<Answer> {
        let answer = self.read_answer();
        match &answer {
            Err(_) => self.cut(),
            Ok(answer) if answer.header("connection") == Some("close") => self.cut(),
            Ok(_) => {}
        }
        answer
    }

    /// Breaks the connection, whatever is under way.
    pub fn cut(&mut self) {
        self.stream = None;
        self.arrived.clear();
    }

    /// Says that nothing more will be sent; answers can still be received.
    pub fn finish_sending(&mut self) -> io::Result<()> {
        self.connected()?.shutdown(Shutdown::Write)
    }

    /// All that arrives until the other side closes.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = std::mem::take(&mut self.arrived);
        self.connected()?.read_to_end(&mut rest)?;
        self.cut();
        Ok(rest)
    }

    fn connected(&mut self) -> io::Result<&mut TcpStream> {
        if self.stream.is_none() {
            let stream = TcpStream::connect_timeout(&self.address, self.patience)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(self.patience))?;
            stream.set_write_timeout(Some(self.patience))?;
            self.arrived.clear();
            self.stream = Some(stream);
        }
        self.stream.as_mut().ok_or_else(broken_off)
    }

    fn read_answer(&mut self) -> io::Result<Answer> {
        let mut head_bytes = self.head_end()?;
        while self.arrived.starts_with(b"HTTP/1.1 1") {
            self.arrived.drain(..head_bytes);
            head_bytes = self.head_end()?;
        }
        let head: Vec<u8> = self.arrived.drain(..head_bytes).collect();
        let mut answer = Answer::of_head(&head)?;
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.read_chunks()?;
        } else if let Some(length) = answer.header("content-length") {
            let length = length.parse().map_err(io::Error::other)?;
            answer.body = self.take(length)?;
        }
        Ok(answer)
    }

    fn head_end(&mut self) -> io::Result<usize> {
        loop {
            if let Some(at) = self.arrived.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(at + 4);
            }
            if self.arrived.len() > HEAD_BYTES_MAX {
                return Err(io::Error::other("the head of the answer has no end"));
            }
            self.more()?;
        }
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line_end = loop {
                match self.arrived.windows(2).position(|two| two == b"\r\n") {
                    Some(at) => break at,
                    None => self.more()?,
                }
            };
            let line: Vec<u8> = self.arrived.drain(..line_end + 2).collect();
            let line = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            let mut chunk = self.take(size + 2)?;
            chunk.truncate(size);
            body.extend_from_slice(&chunk);
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.arrived.len() < count {
            self.more()?;
        }
        Ok(self.arrived.drain(..count).collect())
    }

    fn more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 << 10];
        let stream = self.stream.as_mut().ok_or_else(broken_off)?;
        let count = loop {
            match stream.read(&mut buffer) {
                // A test that has engines in its own process shares their signals.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if count == 0 {
            return Err(broken_off());
        }
        self.arrived.extend_from_slice(&buffer[..count]);
        Ok(())
    }
}

fn broken_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the connection broke off")
}
