//! The newest committed batches of a core's shards, kept for the feed and for repeated answers.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use hunt::{Event, Seq, ShardId};

use crate::batch::encoded_bytes;

/// For how long a batch is kept at most. A reader of the feed who keeps up asks for it within milliseconds; who does not reads what it
/// needs in large pieces from the store.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// Committed batches, oldest dropped first past a budget of bytes.
pub(crate) struct Tail {
    batches: BTreeMap<(ShardId, Seq), Rc<[Event]>>,
    order: VecDeque<Kept>,
    bytes: usize,
    bytes_max: usize,
}

/// A batch that is kept.
struct Kept {
    shard: ShardId,
    first_seq: Seq,
    bytes: usize,
    since: Duration,
}

impl Tail {
    /// Keeps up to `bytes_max`.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            batches: BTreeMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Adds a batch (at least one event) at `now`, by the host's own time.
    pub(crate) fn push(&mut self, shard: ShardId, events: Rc<[Event]>, now: Duration) {
        let first_seq = events[0].seq;
        let bytes = events
            .iter()
            .map(|event| size_of::<Event>() + encoded_bytes(&event.body))
            .sum();
        self.batches.insert((shard, first_seq), events);
        self.order.push_back(Kept {
            shard,
            first_seq,
            bytes,
            since: now,
        });
        self.bytes += bytes;
        self.shrink_to(self.bytes_max);
    }

    /// Drops what has been kept for long enough at `now`.
    pub(crate) fn age(&mut self, now: Duration) {
        let is_old = |kept: &Kept| now.saturating_sub(kept.since) > KEPT_FOR;
        while self.order.front().is_some_and(is_old) {
            self.drop_oldest();
        }
    }

    /// Drops the oldest batches until at least `target` bytes are free, or nothing is left. Says how many it freed.
    pub(crate) fn free(&mut self, target: u64) -> u64 {
        let before = self.bytes;
        self.shrink_to(before.saturating_sub(usize::try_from(target).unwrap_or(usize::MAX)));
        (before - self.bytes) as u64
    }

    fn shrink_to(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max && !self.order.is_empty() {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.batches.remove(&(oldest.shard, oldest.first_seq));
            self.bytes -= oldest.bytes;
        }
    }

    /// The batch that starts at `first_seq`.
    pub(crate) fn batch(&self, shard: ShardId, first_seq: Seq) -> Option<Rc<[Event]>> {
        self.batches.get(&(shard, first_seq)).cloned()
    }

    /// The event `seq`.
    pub(crate) fn event(&self, shard: ShardId, seq: Seq) -> Option<Event> {
        let (_, events) = self.batches.range((shard, 0)..=(shard, seq)).next_back()?;
        let index = usize::try_from(seq - events[0].seq).ok()?;
        events.get(index).cloned()
    }

    /// The count of bytes is what the batches take.
    pub(crate) fn is_counted_right(&self) -> bool {
        let taken: usize = self.order.iter().map(|kept| kept.bytes).sum();
        self.bytes == taken && self.order.len() == self.batches.len()
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes as u64
    }
}

#[cfg(test)]
mod tests {
    use hunt::{EventBody, HuntId, Millis, Phase};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn batch(seq: Seq) -> Rc<[Event]> {
        let hunt = HuntId::new("h").expect("an id");
        let body = EventBody::PhaseChanged {
            phase: Phase::Open,
            request: None,
        };
        let at = Millis(0);
        Rc::new([Event {
            seq,
            at,
            hunt,
            body,
        }])
    }

    #[test]
    fn keeps_what_is_newest_in_bytes_and_time() {
        let mut tail = Tail::new(usize::MAX);
        (1..=9).for_each(|seq| tail.push(3, batch(seq), SECOND * seq as u32));
        let one = tail.bytes() / 9;
        tail.age(SECOND * 4);
        assert!(tail.batch(3, 2).is_none());
        assert!(tail.batch(3, 3).is_some());
        assert!(tail.is_counted_right());

        assert_eq!(tail.free(one + 1), 2 * one);
        assert!(tail.event(3, 4).is_none());
        assert_eq!(tail.event(3, 5).map(|event| event.seq), Some(5));

        tail.bytes_max = 2 * one as usize;
        tail.push(4, batch(1), SECOND * 10);
        assert_eq!(tail.bytes(), 2 * one);
        assert!(tail.batch(3, 9).is_some());

        tail.age(SECOND * 99);
        assert_eq!(tail.bytes(), 0);
        assert!(tail.is_counted_right());
    }
}
