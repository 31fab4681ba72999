//! One client's bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use super::framing::Protocol;

/// Bytes that one request may have: a frame of the wire protocol and its length.
const REQUEST_BYTES_MAX: usize = wire::FRAME_BYTES_MAX + wire::FRAME_HEAD_BYTES;

/// A connection.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    /// The beginning of a request.
    input: Vec<u8>,
    /// Answers that have not gone.
    output: Vec<u8>,
    /// How far they may go by now.
    released: usize,
    /// Whether it waits for room to write.
    pub(super) is_full: bool,
}

/// What was read in one go.
#[derive(Clone, Copy, Default)]
pub(super) struct Received {
    /// Claims in it.
    pub(super) claims: u64,
    /// Bytes of the answers.
    pub(super) answer_bytes: usize,
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            released: 0,
            is_full: false,
        })
    }

    /// Reads once, by way of `buffer`, and prepares the answers to what is complete; an error is the connection's end.
    pub(super) fn receive(
        &mut self,
        protocol: Protocol,
        buffer: &mut [u8],
    ) -> io::Result<Received> {
        let count = match self.stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Received::default()),
            Err(error) => return Err(error),
        };
        let had = self.output.len();
        let mut claims = 0;
        // Mostly what is read is whole requests, and needs no copy.
        let mut kept = std::mem::take(&mut self.input);
        let whole: &[u8] = match kept.is_empty() {
            true => &buffer[..count],
            false => {
                kept.extend_from_slice(&buffer[..count]);
                &kept
            }
        };
        let mut used = 0;
        while let Some(request) = protocol
            .answer(&whole[used..], &mut self.output)
            .map_err(io::Error::other)?
        {
            used += request.bytes;
            claims += request.claims;
        }
        let rest = &whole[used..];
        if rest.len() > REQUEST_BYTES_MAX {
            return Err(io::Error::other("a request is too long"));
        }
        self.input = match used {
            0 if !kept.is_empty() => kept,
            _ => rest.to_vec(),
        };
        Ok(Received {
            claims,
            answer_bytes: self.output.len() - had,
        })
    }

    /// So many bytes more may go.
    pub(super) fn release(&mut self, bytes: usize) {
        self.released += bytes;
    }

    /// Writes what may go, as far as it can.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        self.is_full = false;
        while written < self.released {
            match self.stream.write(&self.output[written..self.released]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_full = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.output.drain(..written);
        self.released -= written;
        Ok(())
    }
}
