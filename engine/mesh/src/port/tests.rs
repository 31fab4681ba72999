use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[derive(Default)]
struct Count(AtomicUsize);

impl Bell for Count {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The ports of a mesh, and how often the bell of each was rung since it was last asked.
struct Fixture {
    ports: Vec<Port<u32>>,
    bells: Vec<Arc<Count>>,
}

impl Fixture {
    fn new(cores: usize, capacity: usize) -> Self {
        let bells: Vec<_> = (0..cores).map(|_| Arc::new(Count::default())).collect();
        let dyn_bells = bells
            .iter()
            .map(|bell| Arc::clone(bell) as Arc<dyn Bell>)
            .collect();
        Self {
            ports: mesh(cores, capacity, dyn_bells),
            bells,
        }
    }

    fn send(&mut self, from: usize, to: usize, messages: impl IntoIterator<Item = u32>) {
        for message in messages {
            self.ports[from].send(to, message).unwrap();
        }
    }

    fn bells(&self, core: usize) -> usize {
        self.bells[core].0.swap(0, Ordering::Relaxed)
    }

    fn drained(&mut self, core: usize, max: usize) -> Vec<(usize, u32)> {
        let mut got = Vec::new();
        let count = self.ports[core].drain(max, |from, message| got.push((from, message)));
        assert_eq!(count, got.len());
        got
    }
}

#[test]
fn every_pair_is_connected() {
    let mut mesh = Fixture::new(4, 1);
    for from in 0..4 {
        for to in (0..4).filter(|&to| to != from) {
            mesh.send(from, to, [(10 * from + to) as u32]);
            assert_eq!(mesh.ports[from].depth(to), 1);
        }
    }
    for to in 0..4 {
        let expected: Vec<_> = (0..4)
            .filter(|&from| from != to)
            .map(|from| (from, (10 * from + to) as u32))
            .collect();
        assert_eq!(mesh.drained(to, 9), expected);
    }
}

#[test]
fn the_sources_take_turns() {
    let mut mesh = Fixture::new(3, 8);
    mesh.send(0, 2, 0..3);
    mesh.send(1, 2, 10..13);
    let got: Vec<_> = std::iter::from_fn(|| mesh.ports[2].recv()).collect();
    assert_eq!(got, [(0, 0), (1, 10), (0, 1), (1, 11), (0, 2), (1, 12)]);
}

#[test]
fn a_busy_source_does_not_starve_another() {
    let mut mesh = Fixture::new(3, 1_000);
    mesh.send(0, 2, 0..1_000);
    mesh.send(1, 2, [7]);
    let got = mesh.drained(2, TURN_MESSAGES_MAX + 1);
    assert_eq!(got[TURN_MESSAGES_MAX], (1, 7));
}

#[test]
fn a_drain_goes_on_after_the_last_source() {
    let mut mesh = Fixture::new(3, 8);
    mesh.send(0, 2, 0..4);
    mesh.send(1, 2, 10..14);
    assert_eq!(mesh.drained(2, 2), [(0, 0), (0, 1)]);
    assert_eq!(mesh.drained(2, 2), [(1, 10), (1, 11)]);
    assert_eq!(mesh.drained(2, 9), [(0, 2), (0, 3), (1, 12), (1, 13)]);
    assert_eq!(mesh.drained(2, 9), []);
}

#[test]
fn a_full_ring_stops_one_pair_only() {
    let mut mesh = Fixture::new(3, 1);
    mesh.send(0, 1, [1]);
    assert_eq!(mesh.ports[0].send(1, 2), Err(PushError::Full(2)));
    mesh.send(0, 2, [3]);
    mesh.send(2, 1, [4]);
    assert_eq!(mesh.drained(1, 9), [(0, 1), (2, 4)]);
    mesh.send(0, 1, [5]);
}

#[test]
fn only_a_sleeping_core_is_rung_and_once() {
    let mut mesh = Fixture::new(3, 8);
    mesh.send(0, 1, [1]);
    assert_eq!(mesh.bells(1), 0, "core 1 is awake");
    assert!(!mesh.ports[1].arm(), "a message waits");
    mesh.send(0, 1, [2]);
    assert_eq!(mesh.bells(1), 0, "arming was refused");
    mesh.drained(1, 9);
    assert!(mesh.ports[1].arm());
    mesh.send(0, 1, [3, 4]);
    mesh.send(2, 1, [5]);
    assert_eq!((mesh.bells(0), mesh.bells(1), mesh.bells(2)), (0, 1, 0));
    assert!(!mesh.ports[1].disarm(), "it was rung");
}

#[test]
fn a_refused_message_rings_nobody() {
    let mut mesh = Fixture::new(2, 1);
    mesh.send(0, 1, [1]);
    mesh.ports[1].doorbell().arm();
    assert!(mesh.ports[0].send(1, 2).is_err());
    assert_eq!(mesh.bells(1), 0);
}

#[test]
fn closing_delivers_what_was_sent() {
    let mut mesh = Fixture::new(2, 8);
    mesh.send(0, 1, [1]);
    mesh.send(1, 0, [2]);
    mesh.ports[0].close();
    assert_eq!(mesh.ports[1].send(0, 3), Err(PushError::Closed(3)));
    assert_eq!(mesh.ports[0].send(1, 4), Err(PushError::Closed(4)));
    assert_eq!(mesh.ports[0].depth(1), 0);
    assert!(!mesh.ports[1].is_closed(), "a message waits");
    assert_eq!(mesh.drained(1, 9), [(0, 1)]);
    assert!(mesh.ports[1].is_closed());
    assert_eq!(mesh.drained(0, 9), [(1, 2)]);
    assert!(!mesh.ports[0].is_closed(), "core 1 has not closed");
    mesh.ports[1].close();
    assert!(mesh.ports[0].is_closed());
}

#[test]
fn dropping_a_port_closes_it() {
    let mut mesh = Fixture::new(2, 8);
    mesh.send(0, 1, [1]);
    drop(mesh.ports.remove(0));
    let mut left = mesh.ports.remove(0);
    assert_eq!(left.send(0, 2), Err(PushError::Closed(2)));
    assert_eq!(left.recv(), Some((0, 1)));
    assert!(left.is_closed());
}

#[test]
fn a_sleeping_core_is_rung_for_a_closing() {
    let mut mesh = Fixture::new(3, 8);
    assert!(mesh.ports[1].arm());
    mesh.ports[0].close();
    assert_eq!(mesh.bells(1), 1);
    mesh.ports[0].close();
    assert_eq!(mesh.bells(1), 0, "closing twice is closing once");
}

#[test]
fn arming_refuses_once_per_closing() {
    let mut mesh = Fixture::new(3, 8);
    mesh.ports[0].close();
    assert!(!mesh.ports[1].arm());
    assert!(mesh.ports[1].arm());
    mesh.ports[1].disarm();
    mesh.ports[2].close();
    assert!(!mesh.ports[1].arm());
    assert!(mesh.ports[1].arm());
}

#[test]
fn one_core_is_a_mesh() {
    let mut mesh = Fixture::new(1, 8);
    assert_eq!((mesh.ports[0].core(), mesh.ports[0].cores()), (0, 1));
    assert_eq!(mesh.drained(0, 9), []);
    assert!(mesh.ports[0].arm());
    mesh.ports[0].doorbell().ring();
    assert_eq!(mesh.bells(0), 1);
    assert!(mesh.ports[0].is_closed(), "there is no peer");
}

#[test]
#[should_panic(expected = "core 1 can't send to core 1: peers are the other cores below 2")]
fn a_core_has_no_ring_to_itself() {
    let _ = Fixture::new(2, 8).ports[1].send(1, 0);
}

#[test]
#[should_panic(expected = "a mesh needs one bell per core")]
fn a_core_without_a_bell_is_refused() {
    mesh::<u32>(2, 8, Vec::new());
}
