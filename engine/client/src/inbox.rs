//! What programs hand to the client's thread, and how it is woken.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use crate::feed::FeedStart;
use crate::item::Item;

/// Something for the client's thread.
#[derive(Debug)]
pub(crate) enum Submission {
    /// Commands.
    Commands(Vec<Item>),
    /// A feed to read.
    FeedStarted(FeedStart),
    /// Events of a feed were taken.
    FeedTaken(u64, u32),
    /// A feed is read no more.
    FeedEnded(u64),
    /// A socket that was asked for under this number, or why there is none.
    Socket(u64, io::Result<TcpStream>),
}

/// The way to the client's thread.
#[derive(Debug)]
pub(crate) struct Inbox {
    inner: Mutex<Inner>,
    bell: OwnedFd,
}

#[derive(Debug, Default)]
struct Inner {
    submissions: Vec<Submission>,
    /// The thread waits, and must be woken.
    asleep: bool,
    closed: bool,
}

impl Inbox {
    pub(crate) fn new() -> io::Result<Self> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            inner: Mutex::default(),
            bell,
        })
    }

    /// Hands something over. Dropped if the thread is gone, which answers commands "closed".
    pub(crate) fn push(&self, submission: Submission) {
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            // Only now: what is dropped may wake somebody who comes back here.
            drop(submission);
            return;
        }
        inner.submissions.push(submission);
        let asleep = std::mem::take(&mut inner.asleep);
        drop(inner);
        if asleep {
            self.ring();
        }
    }

    /// Nothing is taken any more; the thread ends.
    pub(crate) fn close(&self) {
        let left = {
            let mut inner = self.lock();
            inner.closed = true;
            std::mem::take(&mut inner.submissions)
        };
        self.ring();
        drop(left);
    }

    /// What came since; none once it is closed.
    pub(crate) fn take(&self) -> Option<Vec<Submission>> {
        let mut inner = self.lock();
        inner.asleep = false;
        (!inner.closed).then(|| std::mem::take(&mut inner.submissions))
    }

    /// The thread is about to wait; false if something came meanwhile.
    pub(crate) fn sleep(&self) -> bool {
        let mut inner = self.lock();
        let idle = inner.submissions.is_empty() && !inner.closed;
        inner.asleep = idle;
        idle
    }

    /// Takes back what rang.
    pub(crate) fn silence(&self) {
        let mut count = [0; 8];
        // Nothing to read: nobody rang.
        let _ = rustix::io::read(&self.bell, &mut count);
    }

    fn ring(&self) {
        // It fails only if it rang 2^64 times already.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}
