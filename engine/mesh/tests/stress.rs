//! The mesh on the real machine: real threads, real caches, random sleeping. It covers what loom can't, such as load
//! buffering, and sizes that no model reaches.
#![cfg(not(loom))]
#![allow(
    clippy::disallowed_methods,
    reason = "real threads are what is tested here"
)]
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use mesh::{Bell, Doorbell, Port, PushError, WakeSet, mesh};

const CORES: usize = 3;
const MESSAGES: u64 = 1_000_000;
const RING_CAPACITY: usize = 64;
/// Up to twice a ring, so that some bursts meet a full ring and some do not.
const BURST_MAX: u64 = 2 * RING_CAPACITY as u64;
/// A burst is half of its maximum on average; half as many rounds again leave no doubt about the sum.
const ROUNDS: u64 = 3 * MESSAGES / (CORES * (CORES - 1)) as u64 / BURST_MAX;

const WAKERS: usize = 3;
const SLOTS: usize = 130;
const WAKES_PER_WAKER: u64 = 200_000;

/// Only so that a lost wake-up fails the test instead of hanging it.
const HANG: Duration = Duration::from_secs(120);

/// An eventfd in miniature: it remembers a ring.
#[derive(Default)]
struct Sleep {
    rung: Mutex<bool>,
    wake: Condvar,
}

impl Sleep {
    fn sleep(&self) {
        let rung = self.rung.lock().unwrap();
        let (mut rung, waited) = self
            .wake
            .wait_timeout_while(rung, HANG, |rung| !*rung)
            .unwrap();
        assert!(!waited.timed_out(), "a wake-up was lost");
        *rung = false;
    }
}

impl Bell for Sleep {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.wake.notify_one();
    }
}

/// xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016.
struct Random(Cell<u64>);

impl Random {
    fn new(seed: usize) -> Self {
        Self(Cell::new(0x9E37_79B9_7F4A_7C15 ^ (seed as u64 + 1)))
    }

    fn below(&self, end: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}

/// How many messages a pair exchanges in a round: both ends work it out.
fn burst(round: u64, from: usize, to: usize) -> u64 {
    Random::new((round as usize * CORES + from) * CORES + to).below(BURST_MAX)
}

/// One core: in each round it sends a burst to each peer and then waits for theirs, asleep if need be. The message of a
/// pair is its number, boxed so that a double drop would crash.
struct Core {
    port: Port<Box<u64>>,
    bell: Arc<Sleep>,
    random: Random,
    /// By peer: what was sent, received, and what this round should bring each to.
    sent: [u64; CORES],
    received: [u64; CORES],
    to_send: [u64; CORES],
    to_receive: [u64; CORES],
    sleeps: u64,
}

impl Core {
    fn new(port: Port<Box<u64>>, bell: Arc<Sleep>) -> Self {
        let random = Random::new(port.core());
        let zero = [0; CORES];
        Self {
            port,
            bell,
            random,
            sent: zero,
            received: zero,
            to_send: zero,
            to_receive: zero,
            sleeps: 0,
        }
    }

    fn run(mut self) -> Self {
        for round in 0..ROUNDS {
            self.run_round(round);
        }
        self.port.close();
        while !self.port.is_closed() {
            assert_eq!(self.receive_some(), 0, "all was received in the last round");
            self.sleep_if_idle();
        }
        self
    }

    fn run_round(&mut self, round: u64) {
        let me = self.port.core();
        for peer in (0..CORES).filter(|&peer| peer != me) {
            self.to_send[peer] += burst(round, me, peer);
            self.to_receive[peer] += burst(round, peer, me);
        }
        while !self.round_is_complete() {
            for to in 0..CORES {
                self.send_some(to);
            }
            // Nobody says when a full ring has room again: who has something to send stays awake.
            if self.receive_some() == 0 && self.sent == self.to_send && !self.round_is_complete() {
                self.sleep_if_idle();
            }
        }
    }

    /// A quick peer may be a round ahead, hence "at least".
    fn round_is_complete(&self) -> bool {
        let received = || {
            self.received
                .iter()
                .zip(&self.to_receive)
                .all(|(got, due)| got >= due)
        };
        self.sent == self.to_send && received()
    }

    /// Sends what is left for this round, until the ring is full.
    fn send_some(&mut self, to: usize) {
        while self.sent[to] < self.to_send[to] {
            match self.port.send(to, Box::new(self.sent[to])) {
                Ok(()) => self.sent[to] += 1,
                Err(PushError::Full(message)) => {
                    assert_eq!(*message, self.sent[to], "the message comes back");
                    return thread::yield_now();
                }
                Err(PushError::Closed(_)) => panic!("a core closes only after it has received all"),
            }
        }
    }

    /// Receives in one of the two ways, and checks the order of each source.
    fn receive_some(&mut self) -> usize {
        let Self {
            port,
            random,
            received,
            ..
        } = self;
        let mut check = |from: usize, message: Box<u64>| {
            assert_eq!(
                *message, received[from],
                "in order, none missing, none twice"
            );
            received[from] += 1;
        };
        if random.below(4) > 0 {
            return port.drain(random.below(200) as usize + 1, check);
        }
        let message = port.recv();
        let count = usize::from(message.is_some());
        message
            .into_iter()
            .for_each(|(from, message)| check(from, message));
        count
    }

    fn sleep_if_idle(&mut self) {
        // At random, so that messages come to cores that sleep, that are about to, and that are awake.
        if self.random.below(4) == 0 {
            return thread::yield_now();
        }
        if self.port.arm() {
            self.sleeps += 1;
            self.bell.sleep();
            self.port.disarm();
        }
    }
}

#[test]
fn a_million_messages_among_three_cores() {
    let bells: Vec<_> = (0..CORES).map(|_| Arc::new(Sleep::default())).collect();
    let ports = mesh(
        CORES,
        RING_CAPACITY,
        bells
            .iter()
            .map(|bell| Arc::clone(bell) as Arc<dyn Bell>)
            .collect(),
    );
    let threads: Vec<_> = ports
        .into_iter()
        .zip(bells)
        .map(|(port, bell)| thread::spawn(|| Core::new(port, bell).run()))
        .collect();
    let cores: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    for (from, to) in (0..CORES).flat_map(|from| (0..CORES).map(move |to| (from, to))) {
        assert_eq!(
            cores[from].sent[to], cores[to].received[from],
            "{from} to {to}"
        );
    }
    let messages: u64 = cores.iter().flat_map(|core| core.received).sum();
    let sleeps: u64 = cores.iter().map(|core| core.sleeps).sum();
    println!("{messages} messages, {sleeps} sleeps");
    assert!(messages >= MESSAGES, "{messages}");
    assert!(sleeps > 0, "nobody ever slept, so no wake-up was tested");
}

/// Each waker announces its wakes in a counter per slot before it wakes; the owner must see the last of each.
#[test]
fn foreign_threads_wake_all_slots() {
    let bell = Arc::new(Sleep::default());
    let doorbell = Arc::new(Doorbell::new(Arc::clone(&bell) as Arc<dyn Bell>));
    let set = WakeSet::new(SLOTS, Arc::clone(&doorbell));
    let slots: Vec<_> = (0..SLOTS).map(|_| set.slot().unwrap()).collect();
    let announced: Arc<Vec<AtomicU64>> = Arc::new((0..SLOTS).map(|_| AtomicU64::new(0)).collect());
    let threads: Vec<_> = (0..WAKERS)
        .map(|waker| {
            let wakers: Vec<_> = slots.iter().map(|slot| slot.waker().into_waker()).collect();
            let (announced, random) = (Arc::clone(&announced), Random::new(waker));
            thread::spawn(move || {
                for _ in 0..WAKES_PER_WAKER {
                    let slot = random.below(SLOTS as u64) as usize;
                    announced[slot].fetch_add(1, Ordering::Relaxed);
                    wakers[slot].wake_by_ref();
                }
            })
        })
        .collect();
    let mut seen = [0; SLOTS];
    while seen.iter().sum::<u64>() < WAKERS as u64 * WAKES_PER_WAKER {
        let woken = set.drain(|slot| seen[slot] = announced[slot].load(Ordering::Relaxed));
        if woken == 0 {
            doorbell.arm();
            if !set.is_pending() {
                bell.sleep();
            }
            doorbell.disarm();
        }
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
