//! What a core does from time to time: everything that is due, but nothing that an answer waits for.

use crate::core::Core;
use crate::shard::Shard;
use crate::{CoreStatus, Host, OwnFigure, ShardStatus};

/// Every so many ticks a core looks which shards it should have.
const TICKS_PER_ROUND: u32 = 10;
/// Eviction frees a little more than it must, so that it need not run at every tick.
const EVICTION_SLACK_PERCENT: u64 = 3;

impl<H: Host> Core<H> {
    /// Runs until the core stops.
    pub(crate) async fn keep_up(self) {
        let host = &self.shared().host;
        let mut ticks: u32 = 0;
        while !self.is_stopping() {
            host.sleep(self.shared().settings.tick).await;
            let now = host.monotonic();
            if self.asks().expire(now) > 0 {
                host.probe("ask_expired");
            }
            let all = host.buggify("flush_early");
            for shard in self.shards() {
                shard.fire_schedules();
                shard.answer_stalled();
                let is_due = shard.is_flush_due(now) || all;
                let dirty = shard.dirty_rows();
                if dirty >= self.shared().settings.dirty_rows_max || (is_due && dirty > 0) {
                    shard.start_flush();
                }
            }
            self.shared().tail.borrow_mut().age(now);
            self.watch_memory();
            ticks = ticks.wrapping_add(1);
            if ticks.is_multiple_of(TICKS_PER_ROUND) {
                self.look_after_shards();
            }
        }
    }

    /// Counts what is in memory, and evicts towards the budget: a bounded number of rows at each tick.
    fn watch_memory(&self) {
        let shared = self.shared();
        let held: u64 = self.shards().map(|shard| shard.memory_bytes()).sum();
        shared.memory_bytes.set(held + shared.tail.borrow().bytes());
        if shared.host.buggify("evict_all") {
            self.shards().for_each(|shard| {
                shard.evict(u64::MAX);
            });
        }
        let excess = shared.excess_bytes();
        if excess == 0 {
            return;
        }
        let target = excess + shared.settings.memory_bytes / 100 * EVICTION_SLACK_PERCENT;
        let mut freed = 0;
        for shard in self.shards() {
            freed += shard.evict(target.saturating_sub(freed));
        }
        if freed < target {
            shared.host.probe("memory_full_of_dirty_rows");
            shared.free_tail();
            self.shards()
                .filter(|shard| shard.dirty_rows() > 0)
                .for_each(Shard::start_flush);
        }
    }

    /// What is counted as memory is what is there, and nothing is kept from eviction for nothing: counts that run away
    /// would turn callers away, or let memory grow. For simulators and tests, since it looks at everything.
    pub fn is_memory_counted_right(&self) -> bool {
        let mut shards = self.shards();
        self.shared().tail.borrow().is_counted_right()
            && shards.all(|shard| shard.is_memory_counted_right())
    }

    /// How the core and its shards are doing.
    pub(crate) fn status(&self) -> CoreStatus {
        let shared = self.shared();
        let counters = &shared.counters;
        let shards: Vec<ShardStatus> = self
            .shards()
            .map(|shard| ShardStatus {
                wanted: shard.is_open() || self.wants(shard),
                ..shard.status()
            })
            .collect();
        CoreStatus {
            core: shared.place.core,
            ready: self.is_ready(),
            commands: counters.commands.get(),
            outcomes: counters.outcomes.borrow().clone(),
            refused: counters.refused.borrow().clone(),
            queue_depth: self.shards().map(|shard| shard.waiting()).sum(),
            batch_events: counters.batch_events.borrow().clone(),
            commit_us: counters.commit_us.borrow().clone(),
            commit_retries: counters.commit_retries.get(),
            commits_fenced: OwnFigure(counters.commits_fenced.get()),
            memory_bytes: shared.memory_bytes.get(),
            memory_budget_bytes: shared.settings.memory_bytes,
            rows_loaded: counters.rows_loaded.get(),
            rows_written: counters.rows_written.get(),
            rows_evicted: counters.rows_evicted.get(),
            shards,
        }
    }
}

impl<H: Host> Shard<H> {
    /// It is in memory, be it that it is about to be given up.
    pub(crate) fn is_open(&self) -> bool {
        self.state.borrow().is_some()
    }

    /// Bytes that it holds.
    fn memory_bytes(&self) -> u64 {
        self.state
            .borrow()
            .as_ref()
            .map_or(0, |state| state.bytes())
    }

    /// Answers that wait for a commit.
    fn waiting(&self) -> u64 {
        self.state
            .borrow()
            .as_ref()
            .map_or(0, |state| state.waiting() as u64)
    }

    fn is_memory_counted_right(&self) -> bool {
        let state = self.state.borrow();
        state.as_ref().is_none_or(|state| {
            let is_written = state.dirty.len() == 0 && !self.flushing.borrow().get();
            let is_pinned = is_written && state.players.pinned() > 0;
            state.players.are_counted_right() && !is_pinned
        })
    }

    fn status(&self) -> ShardStatus {
        let state = self.state.borrow();
        let Some(state) = state.as_ref() else {
            return ShardStatus {
                shard: self.id,
                ..ShardStatus::default()
            };
        };
        ShardStatus {
            shard: self.id,
            open: !self.stopping.get(),
            epoch: state.epoch,
            last_seq: state.last_seq,
            committed_seq: state.committed_seq,
            checkpoint_seq: state.checkpoint_seq,
            hunts: state.hunts.len() as u64,
            players: state.players.len() as u64,
            dirty_rows: state.dirty.len() as u64,
            wanted: true,
        }
    }
}
