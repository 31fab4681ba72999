//! Settings of the engine: as in production, or so tight that what is rare there is common here.

use super::{Chance, World};
use crate::plan::{EnginePlan, Workload};

/// A lease lasts so many heartbeats at least: a lost one, and one that is late, are no reason to take a shard over.
const HEARTBEATS_PER_LEASE_MIN: u64 = 4;

/// The tail counts as memory: a bigger part of it would leave nothing for hunts and players.
const TAIL_PART: u64 = 8;

/// So many that little happens in each.
const QUIET_SHARDS: u16 = 12;
/// Churning runs, of a hundred, in which rows are hoarded.
const HOARDS_PERCENT: u64 = 50;
/// Longer than any run.
const HOARD_MS: u64 = 3_600_000;
/// What each core may hold while rows are hoarded, and afterwards.
const PLENTY_BYTES: u64 = 64 << 20;
const HOARD_BYTES: u64 = 16 << 10;

pub(super) fn draw(mut chance: Chance, workload: Workload, world: World) -> EnginePlan {
    let standard = EnginePlan {
        shards: 8,
        memory_bytes: 64 << 20,
        batch_events_max: 16_384,
        batch_bytes_max: 2 << 20,
        waiters_max: 65_536,
        loads_max: 16_384,
        asks_max: 65_536,
        ask_timeout_ms: 5_000,
        flush_after_ms: 1_000,
        dirty_rows_max: 16_384,
        flush_rows_max: 512,
        tail_bytes: 8 << 20,
        tick_ms: 20,
        lease_ms: 2_000,
        heartbeat_ms: 400,
        ring_messages_max: 1_024,
    };
    let standard = special(standard, workload);
    match world {
        World::Standard | World::Calm | World::Dense => standard,
        World::Drawn => tighten(&mut chance, standard, workload),
    }
}

/// What a workload is about.
fn special(mut engine: EnginePlan, workload: Workload) -> EnginePlan {
    match workload {
        Workload::Churn => {
            engine.memory_bytes = 128 << 10;
            engine.dirty_rows_max = 64;
            engine.flush_after_ms = 200;
            engine.tail_bytes = 16 << 10;
        }
        Workload::TakeoverStorm => {
            engine.lease_ms = 800;
            engine.heartbeat_ms = 150;
        }
        // So short that a slow heartbeat outlasts it, and a takeover.
        Workload::StaleOwner => {
            engine.lease_ms = 500;
            engine.heartbeat_ms = 100;
        }
        Workload::FeedCatchUp => engine.tail_bytes = 4 << 10,
        _ => {}
    }
    engine
}

/// Rows are not written for as long as there is memory, of which there is plenty until all is well. Then whoever opens the
/// shards finds more in the log's tail than memory holds.
fn hoard(engine: &mut EnginePlan) {
    engine.memory_bytes = HOARD_BYTES;
    engine.tail_bytes = 512;
    engine.flush_after_ms = HOARD_MS;
    engine.dirty_rows_max = 16_384;
}

impl EnginePlan {
    /// Bytes that each core may hold until all is well; none if it is as many as afterwards.
    pub(super) fn plenty_bytes(&self) -> Option<u64> {
        (self.flush_after_ms == HOARD_MS).then_some(PLENTY_BYTES)
    }
}

/// Each setting is tight in half of the plans.
fn tighten(chance: &mut Chance, mut engine: EnginePlan, workload: Workload) -> EnginePlan {
    engine.shards = chance.between(1, 16) as u16;
    let mut tight = |value: &mut usize, values: &[usize]| {
        if chance.percent(50) {
            *value = *chance.pick(values);
        }
    };
    tight(&mut engine.batch_events_max, &[1, 2, 7, 64, 512]);
    tight(&mut engine.batch_bytes_max, &[4 << 10, 16 << 10, 256 << 10]);
    tight(&mut engine.waiters_max, &[1, 4, 32, 256]);
    tight(&mut engine.loads_max, &[1, 2, 8, 64]);
    // A batch asks every core of the cluster at once: fewer could never carry it out.
    tight(&mut engine.asks_max, &[24, 64, 256]);
    tight(&mut engine.dirty_rows_max, &[1, 4, 32, 256]);
    tight(&mut engine.flush_rows_max, &[1, 2, 16]);
    tight(&mut engine.tail_bytes, &[1, 1 << 10, 64 << 10]);
    tight(&mut engine.ring_messages_max, &[2, 8, 64]);
    // What a burst is about: many answers go the same way at once.
    if workload == Workload::Dense {
        engine.ring_messages_max = *chance.pick(&[2, 8, 64]);
    }
    // Churn has little anyway, and the hunts of a puzzle alone may take half a megabyte.
    let has_own = matches!(workload, Workload::Churn | Workload::Puzzle);
    if chance.percent(50) && !has_own {
        engine.memory_bytes = *chance.pick(&[128 << 10, 256 << 10, 1 << 20]);
    }
    let tail_most = engine.memory_bytes / TAIL_PART;
    engine.tail_bytes = engine
        .tail_bytes
        .min(usize::try_from(tail_most).unwrap_or(usize::MAX));
    if chance.percent(50) {
        engine.flush_after_ms = *chance.pick(&[1, 50, 300, 5_000]);
    }
    if chance.percent(50) {
        engine.ask_timeout_ms = *chance.pick(&[200, 1_000, 10_000]);
    }
    engine.tick_ms = *chance.pick(&[5, 20, 50]);
    // The first event of a shard tells its owner that another has it, and so does the next row that is written.
    if workload == Workload::StaleOwner {
        engine.shards = engine.shards.max(QUIET_SHARDS);
        if chance.fork(1).percent(70) {
            engine.flush_after_ms = 20_000;
        }
    }
    if !matches!(workload, Workload::TakeoverStorm | Workload::StaleOwner) {
        engine.lease_ms = *chance.pick(&[1_000, 2_000, 5_000]);
    }
    let per_lease = chance.between(HEARTBEATS_PER_LEASE_MIN, 10);
    engine.heartbeat_ms = engine.lease_ms / per_lease;
    if workload == Workload::Churn && chance.percent(HOARDS_PERCENT) {
        hoard(&mut engine);
    }
    engine
}
