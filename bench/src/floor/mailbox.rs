//! How a worker is told things while it waits for its sockets.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rustix::event::{EventfdFlags, eventfd};

/// What a worker is told.
pub(super) enum Told {
    /// Serve this one too.
    Client(TcpStream),
    /// So many of its oldest groups are on the disk.
    Synced(usize),
}

/// The way to a worker.
#[derive(Clone)]
pub(super) struct Mailbox {
    sender: Sender<Told>,
    bell: Arc<OwnedFd>,
}

/// A worker's end of it.
pub(super) struct Inbox {
    receiver: Receiver<Told>,
    bell: Arc<OwnedFd>,
}

/// Both ends.
pub(super) fn mailbox() -> io::Result<(Mailbox, Inbox)> {
    let (sender, receiver) = channel();
    let bell = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
    let mailbox = Mailbox {
        sender,
        bell: Arc::clone(&bell),
    };
    Ok((mailbox, Inbox { receiver, bell }))
}

impl Mailbox {
    /// Tells, and wakes; `false` if the worker is gone.
    pub(super) fn tell(&self, told: Told) -> bool {
        self.sender.send(told).is_ok() && rustix::io::write(&self.bell, &1u64.to_ne_bytes()).is_ok()
    }
}

impl Inbox {
    /// Takes what there is.
    pub(super) fn take(&self) -> impl Iterator<Item = Told> {
        // Read first: what comes later rings again. Nothing to read is no error of anybody's.
        let _ = rustix::io::read(&self.bell, &mut [0; size_of::<u64>()]);
        self.receiver.try_iter()
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}
