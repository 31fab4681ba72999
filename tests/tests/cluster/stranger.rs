//! Somebody who dials a node's port by hand, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection to a port for nodes.
pub(crate) struct Stranger(TcpStream);

impl Stranger {
    /// Dials.
    pub(crate) fn dial(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    /// Sends bytes; the other side may have hung up.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// All that is said until the other side hangs up.
    pub(crate) fn hear_out(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        // A reset ends it as well as a farewell does.
        let _ = self.0.read_to_end(&mut heard);
        heard
    }

    /// Waits for one frame: kind and body.
    pub(crate) fn frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 6];
        self.0.read_exact(&mut head).unwrap();
        let length = u32::from_le_bytes(head[..4].try_into().unwrap()) as usize;
        let mut body = vec![0; length - 2];
        self.0.read_exact(&mut body).unwrap();
        (head[5], body)
    }
}

/// A frame of a version and a kind.
pub(crate) fn frame(version: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32 + 2).to_le_bytes().to_vec();
    bytes.extend([version, kind]);
    bytes.extend_from_slice(body);
    bytes
}
