//! The newest committed batches of a core's shards, kept for the feed and for repeated answers.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use hunt::{Event, Seq, ShardId};

use crate::batch::encoded_bytes;

/// Committed batches, oldest dropped first past a budget of bytes.
pub(crate) struct Tail {
    batches: BTreeMap<(ShardId, Seq), Rc<[Event]>>,
    order: VecDeque<(ShardId, Seq, usize)>,
    bytes: usize,
    bytes_max: usize,
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

    /// Adds a batch (at least one event).
    pub(crate) fn push(&mut self, shard: ShardId, events: Rc<[Event]>) {
        let first_seq = events[0].seq;
        let bytes = events
            .iter()
            .map(|event| size_of::<Event>() + encoded_bytes(&event.body))
            .sum();
        self.batches.insert((shard, first_seq), events);
        self.order.push_back((shard, first_seq, bytes));
        self.bytes += bytes;
        self.shrink_to(self.bytes_max);
    }

    /// Drops the oldest batches until at least `target` bytes are free, or nothing is left. Says how many it freed.
    pub(crate) fn free(&mut self, target: u64) -> u64 {
        let before = self.bytes;
        self.shrink_to(before.saturating_sub(usize::try_from(target).unwrap_or(usize::MAX)));
        (before - self.bytes) as u64
    }

    fn shrink_to(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max
            && let Some((shard, first_seq, bytes)) = self.order.pop_front()
        {
            self.batches.remove(&(shard, first_seq));
            self.bytes -= bytes;
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
        let taken: usize = self.order.iter().map(|(_, _, bytes)| bytes).sum();
        self.bytes == taken && self.order.len() == self.batches.len()
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes as u64
    }
}
