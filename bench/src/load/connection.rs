//! One connection under load: bytes in both directions, and the requests that are under way.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::protocol::{Answered, Link, Protocol};
use crate::workload::Deed;

/// Bytes that are read at once, at least.
const READ_BYTES: usize = 32 << 10;

/// A request under way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flight {
    pub(crate) planned: u64,
    pub(crate) sent: u64,
    /// Commands of it; 0: nothing is under way.
    pub(crate) commands: u64,
}

/// What became of a try to move bytes.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection ended.
    Ended(String),
    /// The target speaks another protocol.
    Nonsense(String),
}

/// A connection and its slots.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    protocol: Box<dyn Protocol>,
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    written: usize,
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// Whether it waits for room to write.
    pub(crate) is_full: bool,
}

impl Connection {
    pub(crate) fn new(link: Link, depth: u32) -> Self {
        Self {
            stream: link.stream,
            protocol: link.protocol,
            input: vec![0; READ_BYTES],
            filled: 0,
            output: Vec::new(),
            written: 0,
            flights: vec![Flight::default(); depth as usize],
            free: (0..depth).rev().collect(),
            is_full: false,
        }
    }

    /// Whether another request may be sent now.
    pub(crate) fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    /// Puts a request into the output.
    pub(crate) fn send(&mut self, planned: u64, now: u64, deeds: &[Deed]) {
        let Some(slot) = self.free.pop() else {
            return;
        };
        self.flights[slot as usize] = Flight {
            planned,
            sent: now,
            commands: deeds.len() as u64,
        };
        self.protocol.append(slot, deeds, &mut self.output);
    }

    /// Writes what it can; `true` if something is left.
    pub(crate) fn flush(&mut self) -> Result<bool, Broken> {
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(0) => return Err(Broken::Ended("it takes no more bytes".to_owned())),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ended(&error)),
            }
        }
        self.output.clear();
        self.written = 0;
        Ok(false)
    }

    /// Reads what is there, once, and takes complete answers from it.
    pub(crate) fn receive(&mut self, answered: &mut Vec<Answered>) -> Result<(), Broken> {
        if self.filled == self.input.len() {
            self.input.resize(2 * self.filled, 0);
        }
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => return Err(Broken::Ended("it was closed".to_owned())),
            Ok(count) => self.filled += count,
            Err(error) => {
                return match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
                    _ => Err(ended(&error)),
                };
            }
        }
        let used = self
            .protocol
            .read(&self.input[..self.filled], answered)
            .map_err(Broken::Nonsense)?;
        if used > 0 {
            self.input.copy_within(used..self.filled, 0);
            self.filled -= used;
        }
        Ok(())
    }

    /// Takes an answered request out.
    pub(crate) fn land(&mut self, slot: u32) -> Option<Flight> {
        let flight = self.flights.get_mut(slot as usize)?;
        let landed = std::mem::take(flight);
        if landed.commands == 0 {
            return None;
        }
        self.free.push(slot);
        Some(landed)
    }

    /// Commands whose answers have not come.
    pub(crate) fn commands_under_way(&self) -> u64 {
        self.flights.iter().map(|flight| flight.commands).sum()
    }
}

fn ended(error: &io::Error) -> Broken {
    Broken::Ended(error.to_string())
}
