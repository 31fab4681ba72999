//! The settings of a run about which there is nothing to say.

use node::Settings;
use sim::plan::EnginePlan;

/// Shards of a plain run: few, so that what is left of a failure is easy to follow.
const SHARDS: u16 = 4;

/// The engine's own defaults, with the times of a cluster in one rack.
pub(super) fn engine() -> EnginePlan {
    let own = Settings::default();
    EnginePlan {
        shards: SHARDS,
        memory_bytes: own.memory_bytes,
        batch_events_max: own.batch_events_max,
        batch_bytes_max: own.batch_bytes_max,
        waiters_max: own.waiters_max,
        asks_max: own.asks_max,
        ask_timeout_ms: 5_000,
        flush_after_ms: 1_000,
        loads_max: own.loads_max,
        dirty_rows_max: own.dirty_rows_max,
        flush_rows_max: own.flush_rows_max,
        tail_bytes: own.tail_bytes,
        tick_ms: 100,
        lease_ms: 3_000,
        heartbeat_ms: 500,
        ring_messages_max: 1_024,
    }
}
