//! All cores connected: a ring for each ordered pair, a doorbell for each core.
//!
//! ```text
//!   Port 0 ──ring 0→1──▶ Port 1        each Port is moved to its core and used there alone;
//!     │  ◀──ring 1→0── │               a ring has exactly one core at each end, so that
//!   0→2 ▼▲ 2→0    1→2 ▼▲ 2→1           no push ever contends with another
//!          Port 2
//! ```

#[cfg(not(loom))]
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::doorbell::{Bell, Doorbell};
use crate::ring::{Consumer, Producer, PushError, RING_CAPACITY_MAX, ring};

/// The most cores that one mesh connects: the rings grow with the square of it.
pub const CORES_MAX: usize = 256;

/// How many messages [`Port::drain`] takes from one ring before the next one's turn.
const TURN_MESSAGES_MAX: usize = 32;

const _: () = assert!(
    TURN_MESSAGES_MAX < RING_CAPACITY_MAX,
    "a turn must end before a large ring is empty, or a busy core would starve the others"
);

/// Connects `cores` cores; port `i` is for core `i`, and `bells[i]` wakes it.
///
/// Each of the `cores * (cores - 1)` rings holds `capacity` messages, allocated now.
///
/// # Panics
///
/// If `cores` is 0 or above [`CORES_MAX`], if there is not one bell per core, or if `capacity` is not one that
/// [`ring()`] takes.
pub fn mesh<T: Send>(cores: usize, capacity: usize, bells: Vec<Arc<dyn Bell>>) -> Vec<Port<T>> {
    assert!(
        (1..=CORES_MAX).contains(&cores),
        "a mesh must have 1 to {CORES_MAX} cores, not {cores}"
    );
    assert_eq!(bells.len(), cores, "a mesh needs one bell per core");
    let doorbells: Vec<_> = bells
        .into_iter()
        .map(|bell| Arc::new(Doorbell::new(bell)))
        .collect();
    let mut ports: Vec<_> = (0..cores).map(|core| Port::new(core, &doorbells)).collect();
    for from in 0..cores {
        for to in (0..cores).filter(|&to| to != from) {
            let (producer, consumer) = ring(capacity);
            ports[from].outbound[to] = Some(producer);
            ports[to].inbound[from] = Some(Inbound {
                ring: consumer,
                closing_seen: false,
            });
        }
    }
    ports
}

/// One core's end of the mesh.
///
/// The loop of a core, with a [`WakeSet`](crate::WakeSet) on the same doorbell:
///
/// ```text
/// loop {
///     port.drain(budget, ..); wakes.drain(..); run what is ready;
///     if nothing was ready && port.arm() {
///         if !wakes.is_pending() { sleep until the bell rings; clear the bell }
///         port.disarm();
///     }
/// }
/// ```
///
/// Dropping it closes it.
pub struct Port<T: Send> {
    core: usize,
    /// By target; `None` at this core's own place, and after closing.
    outbound: Vec<Option<Producer<T>>>,
    /// By source; `None` at this core's own place.
    inbound: Vec<Option<Inbound<T>>>,
    /// By core.
    doorbells: Vec<Arc<Doorbell>>,
    /// Whose turn it is.
    turn: usize,
}

struct Inbound<T: Send> {
    ring: Consumer<T>,
    /// Whether `arm` has refused once because of this ring's end.
    closing_seen: bool,
}

impl<T: Send> Port<T> {
    fn new(core: usize, doorbells: &[Arc<Doorbell>]) -> Self {
        let cores = doorbells.len();
        Self {
            core,
            outbound: (0..cores).map(|_| None).collect(),
            inbound: (0..cores).map(|_| None).collect(),
            doorbells: doorbells.to_vec(),
            turn: 0,
        }
    }

    /// The core that this port belongs to.
    pub fn core(&self) -> usize {
        self.core
    }

    /// How many cores the mesh connects.
    pub fn cores(&self) -> usize {
        self.doorbells.len()
    }

    /// Sends to another core and wakes it if it sleeps; a refusal hands the message back.
    ///
    /// # Panics
    ///
    /// If `to` is this core itself or no core of the mesh.
    #[inline]
    pub fn send(&mut self, to: usize, message: T) -> Result<(), PushError<T>> {
        self.assert_peer(to);
        let Some(ring) = &mut self.outbound[to] else {
            return Err(PushError::Closed(message));
        };
        ring.push(message)?;
        self.doorbells[to].ring();
        Ok(())
    }

    /// Takes one message and says whom it is from; the sources take turns.
    pub fn recv(&mut self) -> Option<(usize, T)> {
        for _ in 0..self.cores() {
            let from = self.next_turn();
            if let Some(message) = self.inbound[from]
                .as_mut()
                .and_then(|inbound| inbound.ring.pop())
            {
                return Some((from, message));
            }
        }
        None
    }

    /// Takes up to `max` messages and gives each to `take` with its source; returns how many.
    ///
    /// The sources take turns of a few messages, and the next call goes on with the source after the last. Cheaper than as
    /// many [`Port::recv`]. Less than `max` means that every ring was seen empty.
    pub fn drain(&mut self, max: usize, mut take: impl FnMut(usize, T)) -> usize {
        let mut taken = 0;
        let mut empty_in_a_row = 0;
        while taken < max && empty_in_a_row < self.cores() {
            let from = self.next_turn();
            let turn = TURN_MESSAGES_MAX.min(max - taken);
            let count = match &mut self.inbound[from] {
                Some(inbound) => inbound.ring.drain(turn, |message| take(from, message)),
                None => 0,
            };
            taken += count;
            empty_in_a_row = if count == 0 { empty_in_a_row + 1 } else { 0 };
        }
        taken
    }

    /// Arms this core's doorbell and looks at the rings once more: true means sleep now (after a look at whatever else rings
    /// this doorbell), and [`Port::disarm`] afterwards; false means that something came in, and the doorbell is disarmed.
    ///
    /// It also refuses once for each peer that has closed, so that nobody sleeps past [`Port::is_closed`].
    pub fn arm(&mut self) -> bool {
        self.doorbells[self.core].arm();
        let news = self.inbound.iter_mut().flatten().any(Inbound::has_news);
        if news {
            self.disarm();
        }
        !news
    }

    /// Awake again; false means that the bell rings or will at any moment (see [`Doorbell::disarm`]).
    pub fn disarm(&self) -> bool {
        self.doorbells[self.core].disarm()
    }

    /// This core's doorbell, for foreign threads that wake it too.
    pub fn doorbell(&self) -> Arc<Doorbell> {
        Arc::clone(&self.doorbells[self.core])
    }

    /// How many messages to a core wait to be taken; 0 after closing.
    ///
    /// # Panics
    ///
    /// If `to` is this core itself or no core of the mesh.
    pub fn depth(&self, to: usize) -> usize {
        self.assert_peer(to);
        self.outbound[to].as_ref().map_or(0, Producer::len)
    }

    /// Sends and accepts nothing more, and wakes all peers to notice; closing twice is closing once.
    ///
    /// Peers still get what was sent to them, and this port still gets what was sent to it: to miss nothing, receive until
    /// [`Port::is_closed`]. What is left in the rings to this port when it is dropped is dropped with it.
    pub fn close(&mut self) {
        for inbound in self.inbound.iter_mut().flatten() {
            inbound.ring.close();
        }
        for to in 0..self.cores() {
            if self.outbound[to].take().is_some() {
                self.doorbells[to].ring();
            }
        }
    }

    /// Whether every peer has closed and all that they sent was received. It stays so.
    pub fn is_closed(&self) -> bool {
        self.inbound
            .iter()
            .flatten()
            .all(|inbound| inbound.ring.is_closed())
    }

    fn next_turn(&mut self) -> usize {
        let turn = self.turn;
        self.turn = if turn + 1 == self.cores() {
            0
        } else {
            turn + 1
        };
        turn
    }

    fn assert_peer(&self, to: usize) {
        assert!(
            to < self.cores() && to != self.core,
            "core {} can't send to core {to}: peers are the other cores below {}",
            self.core,
            self.cores()
        );
    }
}

impl<T: Send> Drop for Port<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T: Send> Inbound<T> {
    fn has_news(&mut self) -> bool {
        if !self.ring.is_empty() {
            return true;
        }
        if self.closing_seen || !self.ring.is_closed() {
            return false;
        }
        self.closing_seen = true;
        true
    }
}
