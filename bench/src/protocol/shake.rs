//! The hand-shake of a new connection: blocking, before the load begins.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::BenchError;

/// How long a server may take to answer a hand-shake.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// A blocking connection; what was read and not yet used is kept.
#[derive(Debug)]
pub struct Shake {
    stream: TcpStream,
    address: SocketAddr,
    input: Vec<u8>,
}

impl Shake {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self, BenchError> {
        let what = || BenchError::io(format!("connecting to {address}"));
        let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(what())?;
        stream.set_nodelay(true).map_err(what())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(what())?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(what())?;
        Ok(Self {
            stream,
            address,
            input: Vec::new(),
        })
    }

    /// Says something.
    pub fn say(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        let address = self.address;
        self.stream
            .write_all(bytes)
            .map_err(BenchError::io(format!("writing to {address}")))
    }

    /// Reads until `parse` finds what it looks for; it returns that, and how many bytes it used.
    pub fn hear<T>(
        &mut self,
        mut parse: impl FnMut(&[u8]) -> Result<Option<(T, usize)>, String>,
    ) -> Result<T, BenchError> {
        let address = self.address;
        loop {
            let parsed = parse(&self.input)
                .map_err(|said| BenchError::Target(format!("{address}: {said}")))?;
            if let Some((value, used)) = parsed {
                self.input.drain(..used);
                return Ok(value);
            }
            let mut bytes = vec![0; READ_BYTES];
            let read = self
                .stream
                .read(&mut bytes)
                .map_err(BenchError::io(format!("reading from {address}")))?;
            if read == 0 {
                let said = String::from_utf8_lossy(&self.input).into_owned();
                return Err(BenchError::Target(format!(
                    "{address} closed the connection while it was asked; it said: {said:?}"
                )));
            }
            self.input.extend_from_slice(&bytes[..read]);
        }
    }

    /// How long reads wait from now on.
    pub fn patience(&self, patience: Duration) -> Result<(), BenchError> {
        self.stream
            .set_read_timeout(Some(patience))
            .map_err(BenchError::io("setting a time-out"))
    }

    /// The connection, no longer blocking; nothing that was read may be left over.
    pub fn finish(self) -> Result<TcpStream, BenchError> {
        if !self.input.is_empty() {
            return Err(BenchError::Target(format!(
                "{} said more than its hand-shake",
                self.address
            )));
        }
        self.stream
            .set_nonblocking(true)
            .map_err(BenchError::io("making a socket non-blocking"))?;
        Ok(self.stream)
    }
}
