//! One connection as frames: what was read of it and not taken yet, what is still to be written.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::error::LinkError;
use super::frame::{Frame, Kind, split};
use super::limits::KEPT_BYTES;
use crate::connection::{Stream, give_back};

/// A connection to another node.
pub(super) struct Channel {
    stream: Stream,
    read_bytes: usize,
    input: Vec<u8>,
    taken: usize,
    output: Vec<u8>,
    written: usize,
}

impl Channel {
    /// Over a connection of which nothing was read; so many bytes are taken from the kernel at once.
    pub(super) fn new(stream: Stream, read_bytes: usize) -> Self {
        Self {
            stream,
            read_bytes,
            input: Vec::new(),
            taken: 0,
            output: Vec::new(),
            written: 0,
        }
    }

    /// What is to be written next; empty it is once all is.
    pub(super) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Hands as much to the kernel as it takes; ready once all is written.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.output.len() {
            let stream = Pin::new(&mut self.stream);
            let rest = &self.output[self.written..];
            let count = ready!(hyper::rt::Write::poll_write(stream, context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        self.written = 0;
        self.output.clear();
        give_back(&mut self.output, KEPT_BYTES);
        hyper::rt::Write::poll_flush(Pin::new(&mut self.stream), context)
    }

    /// Reads what has come, and says how much; 0: the other side sends no more.
    pub(super) fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.drain(..self.taken);
        self.taken = 0;
        give_back(&mut self.input, KEPT_BYTES);
        self.stream
            .poll_read_onto(context, &mut self.input, self.read_bytes)
    }

    /// Takes the next frame, if it is complete.
    pub(super) fn take(&mut self, bytes_max: usize) -> Result<Option<Frame<'_>>, LinkError> {
        let Some((frame, used)) = split(&self.input[self.taken..], bytes_max)? else {
            return Ok(None);
        };
        self.taken += used;
        Ok(Some(frame))
    }

    /// Waits for a frame of the greeting.
    pub(super) async fn frame(&mut self, bytes_max: usize) -> Result<(Kind, Vec<u8>), LinkError> {
        loop {
            if let Some(frame) = self.take(bytes_max)? {
                return Ok((frame.kind, frame.body.to_vec()));
            }
            if poll_fn(|context| self.poll_fill(context)).await? == 0 {
                return Err(LinkError::Closed);
            }
        }
    }

    /// Writes a frame of the greeting.
    pub(super) async fn send(&mut self, frame: &[u8]) -> Result<(), LinkError> {
        self.output.extend_from_slice(frame);
        poll_fn(|context| self.poll_flush(context)).await?;
        Ok(())
    }
}
