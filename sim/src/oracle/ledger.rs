//! The log as it landed, by shard and by hunt, with the time of each commit.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::{Event, EventBody, HuntId, PlayerId, RequestTag, Salt, ShardId};

use crate::truth::{LandedBatch, Truth};

/// So many of a player's newest requests that took effect are remembered, as promised.
pub(crate) const REQUESTS_PER_PLAYER: usize = 32;

/// So many of those of a hunt's operators.
pub(crate) const REQUESTS_PER_HUNT: usize = 128;

/// Units of a treasure, with all that is added: what every JSON reader can hold exactly.
pub(crate) const STOCK_MAX: u64 = (1 << 53) - 1;

/// An event where it landed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed<'a> {
    /// The event.
    pub(crate) event: &'a Event,
    /// The batch that brought it.
    pub(crate) batch: &'a LandedBatch,
}

impl Placed<'_> {
    /// When it was committed.
    pub(crate) fn at_us(&self) -> u64 {
        self.batch.at_us
    }
}

/// A player, or the operators, and the id of a request as the log knows it.
type Requested<'a> = (Option<&'a PlayerId>, u64);

/// The events of one hunt, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct HuntLog<'a> {
    /// Its shard.
    pub(crate) shard: ShardId,
    /// Its events.
    pub(crate) events: Vec<Placed<'a>>,
    /// Places in `done` of each request.
    requests: HashMap<Requested<'a>, usize, FixedState>,
    /// Places in `events` of what each request did.
    done: Vec<(Requested<'a>, Vec<usize>)>,
}

impl<'a> HuntLog<'a> {
    /// How many of the events were committed before this moment: whoever asks from then on sees them.
    pub(crate) fn before(&self, at_us: u64) -> usize {
        self.events.partition_point(|placed| placed.at_us() < at_us)
    }

    /// How many were committed up to this moment: nobody has seen more.
    pub(crate) fn until(&self, at_us: u64) -> usize {
        self.events
            .partition_point(|placed| placed.at_us() <= at_us)
    }

    /// The randomness of the hunt, if it was made.
    pub(crate) fn salt(&self) -> Option<&'a Salt> {
        self.events
            .first()
            .and_then(|placed| match &placed.event.body {
                EventBody::Put { definition, .. } => Some(definition.salt()),
                _ => None,
            })
    }

    /// What requests with this id, of this player or of the operators, did: places in [`Self::events`].
    pub(crate) fn with_id(&self, player: Option<&'a PlayerId>, id: u64) -> &[usize] {
        let place = self.requests.get(&(player, id));
        let done = place.and_then(|place| self.done.get(*place));
        done.map_or(&[], |(_, places)| places)
    }

    /// All requests that did something: whose, and where.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &(Requested<'a>, Vec<usize>)> {
        self.done.iter()
    }

    fn push(&mut self, placed: Placed<'a>) {
        if let Some(tag) = request(&placed.event.body) {
            let key = (placed.event.body.player(), tag.id);
            let place = *self.requests.entry(key).or_insert(self.done.len());
            match self.done.get_mut(place) {
                Some((_, places)) => places.push(self.events.len()),
                None => self.done.push((key, vec![self.events.len()])),
            }
        }
        self.events.push(placed);
    }
}

/// The log, by shard and by hunt.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    /// Events by shard, in the order in which they landed.
    pub(crate) shards: BTreeMap<ShardId, Vec<Placed<'a>>>,
    hunts: BTreeMap<&'a HuntId, HuntLog<'a>>,
    shard_count: u16,
}

impl<'a> Ledger<'a> {
    /// Indexes the log of a cluster with so many shards.
    pub(crate) fn of(truth: &'a Truth, shard_count: u16) -> Self {
        let mut ledger = Self {
            shards: BTreeMap::new(),
            hunts: BTreeMap::new(),
            shard_count,
        };
        for batch in &truth.batches {
            for event in &batch.events {
                let placed = Placed { event, batch };
                ledger.shards.entry(batch.shard).or_default().push(placed);
                let log = ledger.hunts.entry(&event.hunt).or_default();
                log.shard = batch.shard;
                log.push(placed);
            }
        }
        ledger
    }

    /// The log of a hunt, if it has events.
    pub(crate) fn hunt(&self, hunt: &HuntId) -> Option<&HuntLog<'a>> {
        self.hunts.get(hunt)
    }

    /// The logs of all hunts.
    pub(crate) fn hunts(&self) -> impl Iterator<Item = (&'a HuntId, &HuntLog<'a>)> {
        self.hunts.iter().map(|(hunt, log)| (*hunt, log))
    }

    /// The shard in which a hunt belongs.
    pub(crate) fn shard_of(&self, hunt: &HuntId) -> ShardId {
        hunt.shard(self.shard_count)
    }
}

/// The request that made an event; none if the schedule did.
pub(crate) fn request(body: &EventBody) -> Option<&RequestTag> {
    match body {
        EventBody::PhaseChanged { request, .. } => request.as_ref(),
        EventBody::ClueUnlocked { .. } => None,
        EventBody::Put { request, .. }
        | EventBody::Restocked { request, .. }
        | EventBody::Joined { request, .. }
        | EventBody::Solved { request, .. }
        | EventBody::Missed { request, .. }
        | EventBody::Claimed { request, .. } => Some(request),
    }
}

/// Somebody joined by it.
pub(crate) fn joins(body: &EventBody) -> bool {
    match body {
        EventBody::Joined { .. } => true,
        EventBody::Solved { joined, .. }
        | EventBody::Missed { joined, .. }
        | EventBody::Claimed { joined, .. } => *joined,
        _ => false,
    }
}
