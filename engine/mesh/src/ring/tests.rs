use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use super::*;

/// Runs a script of calls on a ring, and a second time on one whose positions are about to wrap.
fn check(capacity: usize, script: &str, answers: &str) {
    for start in [0, usize::MAX, usize::MAX - 1] {
        assert_eq!(
            run(capacity, start, script),
            answers,
            "capacity {capacity}, start {start}: {script}"
        );
    }
}

fn run(capacity: usize, start: usize, script: &str) -> String {
    let (mut producer, mut consumer) = ring(capacity);
    move_to(&mut producer, &mut consumer, start);
    let mut producer = Some(producer);
    let mut consumer = Some(consumer);
    let mut next = 0;
    let mut answers = Vec::new();
    for call in script.split(' ') {
        answers.push(match (call, &mut producer, &mut consumer) {
            ("push", Some(producer), _) => {
                next += 1;
                match producer.push(next) {
                    Ok(()) => format!("ok{}", producer.len()),
                    Err(error) => format!("{error:?}{}", error.into_inner()),
                }
            }
            ("pop", _, Some(consumer)) => consumer
                .pop()
                .map_or("none".to_owned(), |item| item.to_string()),
            ("drain2", _, Some(consumer)) => {
                let mut got = Vec::new();
                let count = consumer.drain(2, |item: usize| got.push(item));
                assert_eq!(count, got.len());
                format!("{got:?}").replace(' ', "")
            }
            ("closed?", Some(producer), None) => producer.is_closed().to_string(),
            ("closed?", _, Some(consumer)) => consumer.is_closed().to_string(),
            ("close", _, Some(consumer)) => {
                consumer.close();
                "-".to_owned()
            }
            ("-producer", ..) => producer.take().map_or("?", |_| "-").to_owned(),
            ("-consumer", ..) => consumer.take().map_or("?", |_| "-").to_owned(),
            _ => panic!("no such call: {call}"),
        });
    }
    answers.join(" ")
}

/// As if `start` items had gone through.
fn move_to<T: Send>(producer: &mut Producer<T>, consumer: &mut Consumer<T>, start: usize) {
    producer.move_to(start);
    consumer.move_to(start);
}

#[test]
fn first_in_first_out() {
    check(
        4,
        "push push push pop pop pop pop",
        "ok1 ok2 ok3 1 2 3 none",
    );
}

#[test]
fn a_full_ring_hands_the_item_back() {
    check(
        2,
        "push push push pop push pop pop",
        "ok1 ok2 Full(..)3 1 ok2 2 4",
    );
}

#[test]
fn a_ring_of_one() {
    check(
        1,
        "pop push push pop push pop pop",
        "none ok1 Full(..)2 1 ok1 3 none",
    );
}

#[test]
fn a_capacity_that_is_no_power_of_two_is_exact() {
    check(
        3,
        "push push push push pop push push",
        "ok1 ok2 ok3 Full(..)4 1 ok3 Full(..)6",
    );
}

#[test]
fn a_drain_takes_at_most_what_is_asked() {
    check(
        4,
        "push push push drain2 push drain2 drain2",
        "ok1 ok2 ok3 [1,2] ok2 [3,4] []",
    );
}

#[test]
fn a_drain_makes_room() {
    check(
        2,
        "push push drain2 push push push",
        "ok1 ok2 [1,2] ok1 ok2 Full(..)5",
    );
}

#[test]
fn what_was_sent_outlives_the_producer() {
    check(
        4,
        "push push -producer closed? pop closed? pop closed? pop",
        "ok1 ok2 - false 1 false 2 true none",
    );
}

#[test]
fn an_empty_ring_with_a_producer_is_not_closed() {
    check(4, "closed? push pop closed?", "false ok1 1 false");
}

#[test]
fn a_push_to_nobody_is_closed() {
    check(4, "push -consumer closed? push", "ok1 - true Closed(..)2");
}

#[test]
fn closed_goes_before_full() {
    check(1, "push close push", "ok1 - Closed(..)2");
}

#[test]
fn a_consumer_that_closed_still_takes_what_is_there() {
    check(
        4,
        "push push close push pop pop pop",
        "ok1 ok2 - Closed(..)3 1 2 none",
    );
}

#[test]
fn it_agrees_with_a_deque() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for capacity in 1..=9 {
        let (mut producer, mut consumer) = ring(capacity);
        let mut model = VecDeque::new();
        for step in 0..2_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            match random % 5 {
                0..3 if model.len() == capacity => {
                    assert_eq!(producer.push(step), Err(PushError::Full(step)))
                }
                0..3 => {
                    assert_eq!(producer.push(step), Ok(()));
                    model.push_back(step);
                }
                3 => assert_eq!(consumer.pop(), model.pop_front()),
                _ => {
                    let max = (random >> 32) as usize % 6;
                    let taken =
                        consumer.drain(max, |item| assert_eq!(Some(item), model.pop_front()));
                    assert!(taken == max || model.is_empty());
                }
            }
            assert_eq!((producer.len(), consumer.len()), (model.len(), model.len()));
        }
    }
}

/// An item that is `Send` and counts its owners.
fn counted() -> (Arc<()>, impl Fn(usize, &str)) {
    let item = Arc::new(());
    let count = Arc::clone(&item);
    (item, move |expected, when: &str| {
        assert_eq!(Arc::strong_count(&count) - 2, expected, "{when}")
    })
}

#[test]
fn leftovers_are_dropped_once_whoever_goes_first() {
    for producer_first in [true, false] {
        let (item, check_alive) = counted();
        let (mut producer, mut consumer) = ring(4);
        for _ in 0..3 {
            producer.push(Arc::clone(&item)).unwrap();
        }
        drop(consumer.pop());
        check_alive(2, "two are in the ring");
        if producer_first {
            drop(producer);
            check_alive(2, "the consumer may still take them");
            drop(consumer);
        } else {
            drop(consumer);
            check_alive(0, "nobody can take them any more");
            assert!(producer.push(Arc::clone(&item)).is_err());
            drop(producer);
        }
        check_alive(0, "both are gone");
    }
}

#[test]
fn a_panic_in_a_drain_drops_nothing_twice() {
    let (item, check_alive) = counted();
    let (mut producer, mut consumer) = ring(4);
    for _ in 0..3 {
        producer.push(Arc::clone(&item)).unwrap();
    }
    let drain = || {
        consumer.drain(3, |item| {
            panic!("on the first of {}", Arc::strong_count(&item))
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(drain)).is_err());
    check_alive(2, "one was taken");
    assert_eq!(consumer.len(), 2);
    drop((producer, consumer));
    check_alive(0, "both are gone");
}

#[test]
fn items_need_no_size() {
    let (mut producer, mut consumer) = ring(2);
    producer.push(()).unwrap();
    producer.push(()).unwrap();
    assert_eq!(producer.push(()), Err(PushError::Full(())));
    assert_eq!(consumer.drain(9, |()| ()), 2);
}

#[test]
fn a_capacity_out_of_range_is_refused() {
    for capacity in [0, RING_CAPACITY_MAX + 1] {
        assert!(catch_unwind(|| ring::<u8>(capacity)).is_err(), "{capacity}");
    }
}

#[test]
fn a_refused_item_is_not_printed() {
    let error = PushError::Full(Rc::new(1));
    assert_eq!(format!("{error:?}"), "Full(..)");
    assert_eq!(
        error.to_string(),
        "the ring to the receiving core is full: retry later or send less"
    );
}
