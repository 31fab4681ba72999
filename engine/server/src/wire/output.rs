//! What waits to be written to one connection.

use std::task::{Context, Poll, ready};
use std::{io, pin::Pin};

use wire::{FromServer, WireError};

use super::settings::OUTPUT_BYTES_MAX;
use crate::connection::{Stream, give_back};

/// Room that an idle connection keeps.
const KEPT_BYTES: usize = 16 << 10;

/// Frames in the order in which they are sent.
#[derive(Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    written: usize,
}

impl Output {
    /// Appends a frame.
    pub(super) fn push(&mut self, message: &FromServer) -> Result<(), WireError> {
        message.append(&mut self.bytes)
    }

    /// So much waits that nothing more may be asked for.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() - self.written >= OUTPUT_BYTES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.len() == self.written
    }

    /// Hands as much to the kernel as it takes; ready once nothing waits.
    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut Stream,
    ) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let rest = &self.bytes[self.written..];
            let count = ready!(hyper::rt::Write::poll_write(
                Pin::new(stream),
                context,
                rest
            ))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        self.written = 0;
        self.bytes.clear();
        give_back(&mut self.bytes, KEPT_BYTES);
        Poll::Ready(Ok(()))
    }
}
