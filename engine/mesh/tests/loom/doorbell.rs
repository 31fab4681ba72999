//! No message without a wake-up, no second bell for one arming.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use loom::sync::atomic::AtomicUsize;
use loom::thread;
use mesh::{Consumer, Doorbell, Producer, ring};

use super::{Count, Sleep, check, doorbell};

fn send(producer: &mut Producer<usize>, doorbell: &Doorbell, message: usize) {
    producer.push(message).unwrap();
    doorbell.ring();
}

/// The receiver's loop as a core runs it; a lost wake-up sleeps for ever.
fn receive(consumers: &mut [Consumer<usize>], doorbell: &Doorbell, bell: &Sleep, messages: usize) {
    let mut got = 0;
    loop {
        got += consumers
            .iter_mut()
            .map(|consumer| consumer.drain(9, |_| ()))
            .sum::<usize>();
        if got == messages {
            return;
        }
        doorbell.arm();
        if consumers.iter().all(Consumer::is_empty) {
            bell.sleep();
        }
        doorbell.disarm();
    }
}

#[test]
fn two_senders_wake_one_receiver() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let mut consumers = Vec::new();
        for _ in 0..2 {
            let (mut producer, consumer) = ring(1);
            consumers.push(consumer);
            let doorbell = Arc::clone(&doorbell);
            thread::spawn(move || send(&mut producer, &doorbell, 1));
        }
        receive(&mut consumers, &doorbell, &bell, 2);
    });
}

#[test]
fn one_sender_wakes_a_receiver_twice() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let (mut producer, consumer) = ring(2);
        let senders = Arc::clone(&doorbell);
        thread::spawn(move || {
            send(&mut producer, &senders, 1);
            send(&mut producer, &senders, 2);
        });
        receive(&mut [consumer], &doorbell, &bell, 2);
    });
}

/// The bell here orders nothing, unlike the one that the receivers above sleep on: the second look must see a message
/// for which nobody rang by the doorbell's own orderings.
#[test]
fn a_message_is_seen_or_rung_for() {
    check(|| {
        let bell = Arc::new(Count::default());
        let doorbell = doorbell(&bell);
        let posted: Arc<[AtomicUsize; 2]> = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let senders = [0, 1].map(|sender| {
            let (posted, doorbell) = (Arc::clone(&posted), Arc::clone(&doorbell));
            thread::spawn(move || {
                posted[sender].store(1, Relaxed);
                doorbell.ring();
            })
        });
        // Armed twice: the message of the sender that rang in vain must be seen after the second arming.
        doorbell.arm();
        let quiet = doorbell.disarm();
        doorbell.arm();
        let seen = posted.iter().filter(|slot| slot.load(Relaxed) == 1).count();
        for sender in senders {
            sender.join().unwrap();
        }
        let rung_again = !doorbell.disarm();
        assert!(
            seen == 2 || rung_again,
            "a message was neither seen nor rung for"
        );
        assert_eq!(
            bell.get(),
            usize::from(!quiet) + usize::from(rung_again),
            "one bell for each arming taken"
        );
    });
}

#[test]
fn a_receiver_that_never_arms_is_never_rung() {
    check(|| {
        let bell = Arc::new(Count::default());
        let doorbell = doorbell(&bell);
        let ringer = Arc::clone(&doorbell);
        let sender = thread::spawn(move || ringer.ring());
        assert!(!doorbell.ring());
        assert!(!doorbell.disarm());
        assert!(!sender.join().unwrap());
        assert_eq!(bell.get(), 0);
    });
}
