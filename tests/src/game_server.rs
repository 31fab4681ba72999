//! A game server on the binary protocol, on a plain blocking socket: it says exactly what the test wants said.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use wire::{FromClient, FromServer, Hello, Welcome, split};

use crate::engine::Engine;
use crate::tokens::{Role, token};

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection.
pub struct GameServer {
    socket: TcpStream,
    input: Vec<u8>,
}

impl GameServer {
    /// Connects and says nothing yet.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    pub fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self {
            socket,
            input: Vec::new(),
        }
    }

    /// Connects to the engine's first core with a good token.
    ///
    /// # Panics
    ///
    /// If it is not welcome.
    pub fn of(engine: &Engine) -> (Self, Welcome) {
        let mut server = Self::connect(wire_address(engine));
        let hello = Hello {
            version: wire::VERSION,
            token: token(Role::Service, "game"),
            client: "tests".to_owned(),
        };
        server.say(&FromClient::Hello(hello));
        match server.hear().unwrap() {
            FromServer::Welcome(welcome) => (server, welcome),
            other => panic!("not welcome: {other:?}"),
        }
    }

    /// Sends a message.
    ///
    /// # Panics
    ///
    /// If it is no valid message, or the connection is gone.
    pub fn say(&mut self, message: &FromClient) {
        let mut bytes = Vec::new();
        message.append(&mut bytes).unwrap();
        self.send(&bytes);
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    ///
    /// If the connection is gone.
    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).unwrap();
    }

    /// The next message; an error once the connection is closed.
    ///
    /// # Panics
    ///
    /// If what comes is no message.
    pub fn hear(&mut self) -> io::Result<FromServer> {
        loop {
            if let Some((frame, used)) = split(&self.input).unwrap() {
                let message = FromServer::decode(frame).unwrap();
                self.input.drain(..used);
                return Ok(message);
            }
            let mut bytes = [0; 16 << 10];
            let count = self.socket.read(&mut bytes)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.input.extend_from_slice(&bytes[..count]);
        }
    }
}

/// Where the engine's first core speaks the binary protocol, as it said when it was ready.
///
/// # Panics
///
/// If it said nothing of it: start it with `wire_listen`.
pub fn wire_address(engine: &Engine) -> SocketAddr {
    let log = engine.log();
    let line = log
        .lines()
        .find_map(|line| line.trim().strip_prefix("wire "));
    let first = line.and_then(|line| line.split_whitespace().next());
    first.expect("the engine said where").parse().unwrap()
}
