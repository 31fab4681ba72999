//! Readiness of sockets, and the one place where a core sleeps.
//!
//! ```text
//!   Socket, Listener ──register──▶ Reactor ◀──turn── pump: once nobody is ready, it waits here
//!        ▲                            │                    for sockets, the bell and the next timer
//!        └──── wake who waits ◀── epoll (edge-triggered)
//! ```
//!
//! The runtime's own sockets ask io_uring anew for every wait, and a runtime that parks by itself was seen to sleep with
//! tasks ready. Here a socket is registered once; to read and to write costs the system call that does it and no other.

mod bell;
mod listener;
mod readiness;
mod socket;

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use slab::Slab;

pub(crate) use bell::{BellPull, bell};
pub(crate) use listener::Listener;
use readiness::Readiness;
pub use socket::Socket;

/// Events taken from the kernel at once.
const EVENTS_MAX: usize = 256;

/// What the bell's events carry; a source's carry its place and its generation.
const BELL: u64 = u64::MAX;

thread_local! {
    static REACTOR: OnceCell<Rc<Reactor>> = const { OnceCell::new() };
}

/// One core's sockets.
pub(crate) struct Reactor {
    epoll: OwnedFd,
    sources: RefCell<Slab<Rc<Readiness>>>,
    events: RefCell<Vec<epoll::Event>>,
    /// Tells a source from an earlier one in the same place.
    generation: Cell<u32>,
}

/// A registered socket's place; given back when it is dropped.
struct Source {
    reactor: Rc<Reactor>,
    place: usize,
    readiness: Rc<Readiness>,
}

impl Reactor {
    /// This thread's, made when first asked for.
    pub(crate) fn current() -> io::Result<Rc<Self>> {
        REACTOR.with(|held| {
            if let Some(reactor) = held.get() {
                return Ok(Rc::clone(reactor));
            }
            let made = Rc::new(Self {
                epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
                sources: RefCell::default(),
                events: RefCell::new(Vec::with_capacity(EVENTS_MAX)),
                generation: Cell::new(0),
            });
            Ok(Rc::clone(held.get_or_init(|| made)))
        })
    }

    /// Takes what happened and wakes who waits for it; waits for it until `timeout` has passed.
    pub(crate) fn turn(&self, timeout: Duration) -> io::Result<()> {
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        let mut events = self.events.borrow_mut();
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) => {
                events.iter().for_each(|event| self.happened(event));
                Ok(())
            }
            Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets `bell` end a wait.
    pub(crate) fn attach(&self, bell: &BellPull) -> io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        Ok(epoll::add(
            &self.epoll,
            bell,
            epoll::EventData::new_u64(BELL),
            flags,
        )?)
    }

    /// Watches `socket` until the source is dropped, which must come before the socket is closed or soon after.
    fn register(self: &Rc<Self>, socket: impl AsFd) -> io::Result<Source> {
        let generation = self.generation.get().wrapping_add(1);
        self.generation.set(generation);
        let readiness = Rc::new(Readiness::new(generation));
        let place = self.sources.borrow_mut().insert(Rc::clone(&readiness));
        // Dropped on failure: the place is given back.
        let source = Source {
            reactor: Rc::clone(self),
            place,
            readiness,
        };
        let flags = epoll::EventFlags::IN
            | epoll::EventFlags::OUT
            | epoll::EventFlags::RDHUP
            | epoll::EventFlags::ET;
        let data = epoll::EventData::new_u64(pack(place, generation));
        epoll::add(&self.epoll, socket, data, flags)?;
        Ok(source)
    }

    fn happened(&self, event: &epoll::Event) {
        // The fields are packed: taken by value.
        let (data, flags) = (event.data.u64(), event.flags);
        if data == BELL {
            return;
        }
        let (place, generation) = unpack(data);
        // Outside the borrow: whoever is woken may drop its socket.
        let source = self.sources.borrow().get(place).cloned();
        if let Some(readiness) = source
            && readiness.generation() == generation
        {
            readiness.happened(flags);
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // Closing the socket ends the kernel's watch; events under way are told apart by their generation.
        self.reactor.sources.borrow_mut().remove(self.place);
    }
}

fn pack(place: usize, generation: u32) -> u64 {
    let place = u32::try_from(place).expect("sockets of one core number fewer than 2^32");
    u64::from(generation) << 32 | u64::from(place)
}

fn unpack(data: u64) -> (usize, u32) {
    ((data & u64::from(u32::MAX)) as usize, (data >> 32) as u32)
}

#[cfg(test)]
mod tests;
