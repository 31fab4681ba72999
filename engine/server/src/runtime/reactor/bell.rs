//! What ends a core's sleep from another thread: an eventfd.
//!
//! It is never read. Each write is an edge that epoll tells, however high the count stands; 2^64 rings fill it, which no
//! process lives to see.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};

/// The side that any thread may ring.
pub(crate) struct Bell(Arc<OwnedFd>);

/// The side that its core waits on; attach it to that core's reactor.
pub(crate) struct BellPull(Arc<OwnedFd>);

/// A bell and its pull.
pub(crate) fn bell() -> io::Result<(Bell, BellPull)> {
    let event = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
    Ok((Bell(Arc::clone(&event)), BellPull(event)))
}

impl mesh::Bell for Bell {
    fn ring(&self) {
        if let Err(error) = rustix::io::write(&*self.0, &1_u64.to_ne_bytes()) {
            tracing::error!(%error, "a core's bell does not ring");
        }
    }
}

impl AsFd for BellPull {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
