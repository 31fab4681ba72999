//! One producer, one consumer: nothing lost, nothing doubled, in order, also at the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread;
use mesh::{PushError, ring};

use super::{Drops, check};

/// Boxed, so that an item taken twice would crash.
#[test]
fn items_arrive_in_order_through_a_ring_that_wraps() {
    check(|| {
        let (mut producer, mut consumer) = ring(2);
        let sender = thread::spawn(move || {
            for item in 0..3 {
                let mut item = Box::new(item);
                while let Err(error) = producer.push(item) {
                    item = error.into_inner();
                    thread::yield_now();
                }
            }
        });
        for expected in 0..3 {
            let got = loop {
                match consumer.pop() {
                    Some(item) => break item,
                    None => thread::yield_now(),
                }
            };
            assert_eq!(*got, expected);
        }
        assert!(consumer.pop().is_none());
        sender.join().unwrap();
    });
}

#[test]
fn a_full_ring_takes_the_item_after_a_pop() {
    check(|| {
        let (mut producer, mut consumer) = ring(1);
        producer.push(1).unwrap();
        assert_eq!(producer.push(2), Err(PushError::Full(2)));
        let receiver = thread::spawn(move || {
            assert_eq!(consumer.pop(), Some(1));
            consumer
        });
        while producer.push(2).is_err() {
            thread::yield_now();
        }
        let mut consumer = receiver.join().unwrap();
        assert_eq!(consumer.pop(), Some(2));
        assert_eq!(consumer.pop(), None);
    });
}

#[test]
fn a_drain_takes_a_prefix_and_makes_room() {
    check(|| {
        let (mut producer, mut consumer) = ring(2);
        let sender = thread::spawn(move || {
            for item in 0..3 {
                while producer.push(item).is_err() {
                    thread::yield_now();
                }
            }
        });
        let mut got = Vec::new();
        while got.len() < 3 {
            if consumer.drain(2, |item| got.push(item)) == 0 {
                thread::yield_now();
            }
        }
        assert_eq!(got, [0, 1, 2]);
        sender.join().unwrap();
    });
}

#[test]
fn closed_means_that_all_was_taken() {
    check(|| {
        let (mut producer, mut consumer) = ring(2);
        let sender = thread::spawn(move || {
            producer.push(0).unwrap();
            producer.push(1).unwrap();
        });
        let mut got = Vec::new();
        while !consumer.is_closed() {
            match consumer.pop() {
                Some(item) => got.push(item),
                None => thread::yield_now(),
            }
        }
        assert_eq!(got, [0, 1]);
        sender.join().unwrap();
    });
}

#[test]
fn a_consumer_that_goes_while_items_come_leaks_none() {
    check(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let (mut producer, mut consumer) = ring(1);
        let count = Arc::clone(&drops);
        let sender = thread::spawn(move || {
            for _ in 0..3 {
                // Refused as full or closed, it is handed back and dropped here.
                drop(producer.push(Drops(Arc::clone(&count))));
            }
        });
        drop(consumer.pop());
        drop(consumer);
        sender.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_push_after_the_consumer_went_is_closed() {
    check(|| {
        let (mut producer, consumer) = ring(2);
        let receiver = thread::spawn(move || drop(consumer));
        let before = producer.push(1);
        assert!(matches!(before, Ok(()) | Err(PushError::Closed(1))));
        receiver.join().unwrap();
        assert_eq!(producer.push(2), Err(PushError::Closed(2)));
    });
}

#[test]
fn what_is_accepted_before_a_close_is_seen_is_delivered() {
    check(|| {
        let (mut producer, mut consumer) = ring(2);
        let sender =
            thread::spawn(move || (0..2).filter(|&item| producer.push(item).is_ok()).count());
        consumer.close();
        let mut got = 0;
        while !consumer.is_closed() {
            match consumer.pop() {
                Some(_) => got += 1,
                None => thread::yield_now(),
            }
        }
        assert_eq!(got, sender.join().unwrap());
    });
}
