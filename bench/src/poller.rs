//! Readiness of sockets: epoll, level-triggered, with time-outs in nanoseconds.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{Timespec, epoll};

/// Sockets reported at once.
const EVENTS_MAX: usize = 256;

const NS_PER_S: u64 = 1_000_000_000;

/// An epoll instance. Sockets are named by numbers.
pub(crate) struct Poller {
    epoll: OwnedFd,
}

/// What was ready; kept between waits, by the thread that waits.
pub(crate) struct Ready {
    events: Vec<epoll::Event>,
}

impl Ready {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            events: Vec::with_capacity(EVENTS_MAX),
        }
    }

    /// The numbers of the sockets.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.events.iter().map(|event| {
            // The fields are packed: taken by value.
            let data = event.data;
            data.u64() as usize
        })
    }
}

impl Poller {
    /// An empty one.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
        })
    }

    /// Makes this thread's timers exact.
    pub(crate) fn sharpen_timers() -> io::Result<()> {
        // By default Linux lets a thread oversleep by 50 µs to save wake-ups: as long as what is measured here.
        Ok(rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?)
    }

    /// Watches for bytes to read.
    pub(crate) fn add(&self, socket: impl AsFd, number: usize) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number as u64);
        Ok(epoll::add(
            &self.epoll,
            socket,
            data,
            epoll::EventFlags::IN,
        )?)
    }

    /// Also watches for room to write, or no longer.
    pub(crate) fn watch_room(
        &self,
        socket: impl AsFd,
        number: usize,
        room: bool,
    ) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number as u64);
        let mut flags = epoll::EventFlags::IN;
        flags.set(epoll::EventFlags::OUT, room);
        Ok(epoll::modify(&self.epoll, socket, data, flags)?)
    }

    /// Waits until a socket is ready or the time is over.
    pub(crate) fn wait(&self, timeout_ns: u64, ready: &mut Ready) -> io::Result<()> {
        let timeout = Timespec {
            tv_sec: (timeout_ns / NS_PER_S) as i64,
            tv_nsec: (timeout_ns % NS_PER_S) as i64,
        };
        ready.events.clear();
        let spare = rustix::buffer::spare_capacity(&mut ready.events);
        match epoll::wait(&self.epoll, spare, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
