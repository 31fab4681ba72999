//! The loop of a core: what comes from outside, then all tasks that are ready, and sleep once none is.
//!
//! ```text
//!   ┌─▶ inlet: messages of other cores, wakes of foreign threads ─▶ timers that are due
//!   │        every other ready task runs ─▶ was anybody polled? ── yes ─▶ now and then a look at the sockets ─┐
//!   │                                              └ no ─▶ arm the bell ─▶ reactor waits ─▶ disarm ───────────┤
//!   └──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The runtime keeps its ready tasks in one queue, first in, first out. So if the pump yields and nobody was polled before its
//! next turn, nobody is ready, and only what the reactor waits for can change that. The runtime itself never parks.

use std::io;
use std::time::{Duration, Instant};

use super::reactor::Reactor;
use super::{tasks, timers};

/// How long ready tasks may go on before the sockets are looked at.
const LOOK_INTERVAL: Duration = Duration::from_micros(100);

/// What other threads put in front of this core.
pub(crate) trait Inlet {
    /// Takes what is there; returns how much it was.
    fn take(&mut self) -> usize;

    /// From now on whoever brings something rings the bell; false if something is there and nobody will ring.
    fn arm(&mut self) -> bool;

    /// Nobody need ring any more.
    fn disarm(&mut self);
}

/// Nothing comes: for a thread whose tasks wait for sockets and timers only.
pub(crate) struct NoInlet;

impl Inlet for NoInlet {
    fn take(&mut self) -> usize {
        0
    }

    fn arm(&mut self) -> bool {
        true
    }

    fn disarm(&mut self) {}
}

/// Starts the pump on the running core. Without it nothing that waits on this core goes on.
pub(crate) fn start_pump(inlet: impl Inlet + 'static) {
    // Not counted among the tasks whose polls it counts.
    glommio::spawn_local(async move {
        if let Err(error) = pump(inlet).await {
            // Without it nothing would ever be answered.
            tracing::error!(%error, "the core can't wait for its sockets");
            std::process::abort();
        }
    })
    .detach();
}

async fn pump(mut inlet: impl Inlet) -> io::Result<()> {
    let reactor = Reactor::current()?;
    let mut looked = Instant::now();
    loop {
        let taken = inlet.take();
        let polls = tasks::polls();
        glommio::executor().yield_now().await;
        let now = Instant::now();
        let fired = timers::fire(now);
        let is_busy = taken > 0 || fired > 0 || tasks::polls() != polls;
        if !is_busy {
            if inlet.arm() {
                reactor.turn(timers::until_next(now))?;
                inlet.disarm();
            }
        } else if now.duration_since(looked) >= LOOK_INTERVAL {
            reactor.turn(Duration::ZERO)?;
        } else {
            continue;
        }
        looked = Instant::now();
    }
}
