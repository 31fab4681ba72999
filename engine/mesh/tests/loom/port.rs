//! Ports as cores use them: send, sleep, close.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread;
use mesh::{Bell, Port, PushError, WakeSet, mesh};

use super::{Count, Drops, Sleep, check};

/// Two ports and what the second one sleeps on.
fn pair<T: Send>(capacity: usize) -> (Port<T>, Port<T>, Arc<Sleep>) {
    let bell = Sleep::new();
    let bells: Vec<Arc<dyn Bell>> = vec![Arc::new(Count::default()), Arc::clone(&bell) as _];
    let mut ports = mesh(2, capacity, bells);
    let second = ports.pop().expect("two ports");
    let first = ports.pop().expect("two ports");
    (first, second, bell)
}

/// Receives until the peers have closed, sleeping in between; a lost wake-up sleeps for ever.
fn receive_all<T: Send>(port: &mut Port<T>, bell: &Sleep) -> Vec<T> {
    let mut got = Vec::new();
    loop {
        port.drain(9, |_, message| got.push(message));
        if port.is_closed() {
            return got;
        }
        if port.arm() {
            bell.sleep();
            port.disarm();
        }
    }
}

#[test]
fn what_was_sent_before_a_close_is_received() {
    check(|| {
        let (mut first, mut second, bell) = pair(2);
        let sender = thread::spawn(move || {
            first.send(1, 1).unwrap();
            first.send(1, 2).unwrap();
            first.close();
            assert_eq!(first.send(1, 3), Err(PushError::Closed(3)));
        });
        assert_eq!(receive_all(&mut second, &bell), [1, 2]);
        sender.join().unwrap();
    });
}

#[test]
fn closing_wakes_a_peer_that_sleeps() {
    check(|| {
        let (first, mut second, bell) = pair::<u8>(1);
        thread::spawn(move || drop(first));
        assert_eq!(receive_all(&mut second, &bell), []);
    });
}

#[test]
fn a_closing_receiver_leaks_nothing() {
    check(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (mut first, mut second, _bell) = pair(1);
        let count = Arc::clone(&drops);
        let sender = thread::spawn(move || {
            for _ in 0..2 {
                drop(first.send(1, Drops(Arc::clone(&count))));
            }
        });
        second.close();
        drop(second.recv());
        drop(second);
        sender.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_peer_and_a_foreign_thread_share_one_bell() {
    check(|| {
        let (mut first, mut second, bell) = pair(1);
        let set = WakeSet::new(1, second.doorbell());
        let slot = set.slot().unwrap();
        let waker = slot.waker();
        thread::spawn(move || waker.wake());
        let sender = thread::spawn(move || {
            first.send(1, 1).unwrap();
            first
        });
        let (mut messages, mut wakes) = (0, 0);
        while messages + wakes < 2 {
            messages += second.drain(9, |_, _| ());
            wakes += set.drain(|_| ());
            if messages + wakes < 2 && second.arm() {
                if !set.is_pending() {
                    bell.sleep();
                }
                second.disarm();
            }
        }
        assert_eq!((messages, wakes), (1, 1));
        drop(sender.join().unwrap());
    });
}
