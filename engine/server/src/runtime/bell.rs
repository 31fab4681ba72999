//! What wakes a sleeping core: one byte through a socket pair.
//!
//! A core sleeps in one of its io_uring rings. Of what the runtime offers, a receive on a socket is the one wait that
//! goes to the ring which also ends the running task's turn; a read of an eventfd would be seen only when
//! the core's queues are empty or its time slice is over.

use std::io::{ErrorKind, Write};
use std::os::fd::{FromRawFd, IntoRawFd};
use std::os::unix::net::UnixStream;

use futures::AsyncReadExt;

/// The side that any thread may ring.
pub(crate) struct SocketBell(UnixStream);

/// The side that its core waits on; bind it on that core's executor.
pub(crate) struct BellPull(UnixStream);

/// The waiting side on its executor.
pub(crate) struct BoundBellPull(glommio::net::UnixStream);

/// A bell and its pull.
pub(crate) fn bell() -> std::io::Result<(SocketBell, BellPull)> {
    let (ring, wait) = UnixStream::pair()?;
    ring.set_nonblocking(true)?;
    Ok((SocketBell(ring), BellPull(wait)))
}

impl mesh::Bell for SocketBell {
    fn ring(&self) {
        match (&self.0).write(&[1]) {
            Ok(_) => {}
            // Full of rings that nobody took yet: the next sleep ends at once, which is all a ring promises.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The core is gone; who rings will learn it from the mesh.
            Err(error) => tracing::debug!(%error, "a core's bell is gone"),
        }
    }
}

impl BellPull {
    /// Binds it to the running executor.
    pub(crate) fn bind(self) -> BoundBellPull {
        // SAFETY: the descriptor is owned, open, a stream socket, and given away here.
        BoundBellPull(unsafe { glommio::net::UnixStream::from_raw_fd(self.0.into_raw_fd()) })
    }
}

impl BoundBellPull {
    /// Resolves when the bell was rung since the last time; also, rarely, when it was not.
    pub(crate) async fn rung(&mut self) -> std::io::Result<()> {
        let mut byte = [0];
        self.0.peek(&mut byte).await.map_err(std::io::Error::from)?;
        // A buffer that gets filled: less would make the runtime poll for more.
        self.0.read_exact(&mut byte).await
    }
}
