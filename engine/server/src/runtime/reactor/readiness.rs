//! What is known of one socket: whether it may be read and written, and who waits for that.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker, ready};

use rustix::event::epoll::EventFlags;

/// One socket's readiness.
///
/// Edge-triggered: the kernel tells of a change once. So a side counts as ready until a call says that it is not.
pub(super) struct Readiness {
    generation: u32,
    pub(super) read: Side,
    pub(super) write: Side,
    /// The peer sends no more, or the connection is broken: no further change will be told.
    ended: Cell<bool>,
}

/// One direction.
pub(super) struct Side {
    ready: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Readiness {
    /// A socket that nobody tried yet: both sides may be ready.
    pub(super) fn new(generation: u32) -> Self {
        Self {
            generation,
            read: Side::new(),
            write: Side::new(),
            ended: Cell::new(false),
        }
    }

    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether nothing more will be told.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// The kernel told of a change.
    pub(super) fn happened(&self, flags: EventFlags) {
        let broken = flags.intersects(EventFlags::HUP | EventFlags::ERR);
        let ended = broken || flags.contains(EventFlags::RDHUP);
        if ended {
            self.ended.set(true);
        }
        if ended || flags.contains(EventFlags::IN) {
            self.read.set_ready();
        }
        if broken || flags.contains(EventFlags::OUT) {
            self.write.set_ready();
        }
    }
}

impl Side {
    fn new() -> Self {
        Self {
            ready: Cell::new(true),
            waiting: RefCell::new(None),
        }
    }

    /// Ready to try; else the task is woken once it is.
    pub(super) fn poll_ready(&self, context: &Context<'_>) -> Poll<()> {
        if self.ready.get() {
            return Poll::Ready(());
        }
        let mut waiting = self.waiting.borrow_mut();
        match &mut *waiting {
            Some(waker) if waker.will_wake(context.waker()) => {}
            waiting => *waiting = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// Makes a call as often as it takes to learn something; waits where it would block.
    pub(super) fn poll_call<T>(
        &self,
        context: &Context<'_>,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            ready!(self.poll_ready(context));
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return Poll::Ready(done),
            }
        }
    }

    /// A call found it not ready.
    pub(super) fn clear(&self) {
        self.ready.set(false);
    }

    fn set_ready(&self) {
        self.ready.set(true);
        let waiting = self.waiting.borrow_mut().take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
