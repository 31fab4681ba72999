//! How the store treats each core: latency for every operation, and the faults that the plan draws.

use std::rc::Weak;

use store::code;
use store_sim::{
    CommitFate, Fates, HandleId, Lie, ReadFate, ReadVersionFate, RecoveryFate, WatchFate,
};

use super::faults::Rate;
use super::latency::{Latency, between};
use super::site::{Endpoint, Site, SiteKind};
use super::world::World;
use crate::kernel::keyed;
use crate::plan::Rates;

/// What is slow takes this long.
const SLOW_US: std::ops::Range<u64> = 20_000..1_500_000;
/// What hangs takes this long: longer than any transaction may last.
const HANG_US: std::ops::Range<u64> = 5_500_000..12_000_000;
/// When the client of a commit that lands late is told that it timed out, and when it lands.
const LATE_TOLD_US: std::ops::Range<u64> = 1_000..300_000;
const LATE_LANDS_US: std::ops::Range<u64> = 1_000..4_000_000;
/// When a watch is told of nothing.
const SPURIOUS_US: std::ops::Range<u64> = 1_000..2_000_000;
/// Rows of a page that ends early, at most.
const SHORT_ROWS_MAX: u64 = 4;

/// A node may have two processes at once, by mistake: each has handles of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Turn {
    /// That of the first process, and of every other one after a mistake.
    #[default]
    First,
    /// That of the ones between.
    Second,
}

impl Turn {
    /// Both.
    pub(crate) const BOTH: [Self; 2] = [Self::First, Self::Second];

    /// The other one.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// What the store refuses without doing anything, besides conflicts and what is too old.
const REFUSALS: [i32; 5] = [
    code::DATABASE_LOCKED,
    code::COMMIT_PROXY_MEMORY_LIMIT_EXCEEDED,
    code::TAG_THROTTLED,
    code::TRANSACTION_THROTTLED_HOT_SHARD,
    code::TRANSACTION_REJECTED_RANGE_LOCKED,
];
/// What fails a read for now, besides servers that lag behind.
const READ_FAILURES: [i32; 3] = [
    code::BATCH_TRANSACTION_THROTTLED,
    code::GRV_PROXY_MEMORY_LIMIT_EXCEEDED,
    code::TRANSACTION_THROTTLED_HOT_SHARD,
];
/// What a client is told whose commit may still happen.
const LATE_CODES: [i32; 4] = [
    code::TRANSACTION_TIMED_OUT,
    code::TRANSACTION_CANCELLED,
    code::OPERATION_CANCELLED,
    code::CLUSTER_VERSION_CHANGED,
];

/// One of some codes, or in most cases the usual one.
fn code_of(usual: i32, others: &[i32], entropy: u64) -> i32 {
    let place = (entropy % (3 * others.len() as u64)) as usize;
    others.get(place).copied().unwrap_or(usual)
}

/// Fates of every core's handle in a run.
pub(crate) struct StoreFates {
    world: Weak<World>,
    latency: Latency,
    nodes: u16,
    cores: u16,
    commit: [Rate; 7],
    read: [Rate; 6],
    version: [Rate; 4],
    watch: [Rate; 1],
    lie: [Rate; 1],
}

impl StoreFates {
    /// For so many nodes with so many cores.
    pub(crate) fn new(world: Weak<World>, rates: &Rates, (nodes, cores): (u16, u16)) -> Self {
        Self {
            world,
            latency: Latency {
                mean_us: rates.store_us,
                tail_doublings: rates.tail_doublings,
            },
            commit: [
                ("commit_conflict", rates.commit_conflict),
                ("commit_unknown_done", rates.commit_unknown_done),
                ("commit_unknown_not_done", rates.commit_unknown_not_done),
                ("commit_late", rates.commit_late),
                ("commit_too_old", rates.commit_too_old),
                ("commit_slow", rates.commit_slow),
                ("commit_hangs", rates.commit_hangs),
            ],
            read: [
                ("read_slow", rates.read_slow),
                ("read_hangs", rates.read_hangs),
                ("read_too_old", rates.read_too_old),
                ("read_future_version", rates.read_future_version),
                ("read_process_behind", rates.read_process_behind),
                ("read_more_of_nothing", rates.read_more_of_nothing),
            ],
            version: [
                ("read_slow", rates.read_slow),
                ("read_hangs", rates.read_hangs),
                ("read_future_version", rates.read_future_version),
                ("read_process_behind", rates.read_process_behind),
            ],
            watch: [("watch_spurious", rates.watch_spurious)],
            lie: [("lie", rates.lie)],
            nodes,
            cores,
        }
    }

    /// The number of a core's handle, in all lives of the same turn.
    pub(crate) fn handle(&self, node: u16, core: u16, turn: Turn) -> HandleId {
        let first = match turn {
            Turn::First => 0,
            Turn::Second => self.handles(),
        };
        first + u32::from(node) * u32::from(self.cores) + u32::from(core)
    }

    /// Whose handle it is: node and core.
    pub(crate) fn owner(&self, handle: HandleId) -> (u16, u16) {
        let (cores, handle) = (u32::from(self.cores), handle % self.handles());
        ((handle / cores) as u16, (handle % cores) as u16)
    }

    /// Those of all nodes, of the world, and of the tenant, who comes after all nodes.
    fn handles(&self) -> u32 {
        (u32::from(self.nodes) + 2) * u32::from(self.cores)
    }

    /// What becomes of a commit in flight when the store recovers.
    pub(crate) fn of_recovery(
        seed: u64,
        recovery: u64,
        handle: HandleId,
        nth: u64,
    ) -> RecoveryFate {
        /// Keeps recoveries apart from all sites.
        const RECOVERY: u64 = 1 << 32;
        match keyed(seed, [RECOVERY | recovery, u64::from(handle), nth, 0]) % 3 {
            0 => RecoveryFate::Done,
            1 => RecoveryFate::NotDone,
            _ => RecoveryFate::Refused,
        }
    }

    fn draw(
        &self,
        (handle, nth): (HandleId, u64),
        kind: impl Fn(Endpoint) -> SiteKind,
        rates: &[Rate],
    ) -> (Option<&'static str>, u64) {
        let (node, core) = self.owner(handle);
        let site = Site {
            of: kind(Endpoint::Core { node, core }),
            nth,
        };
        let world = self.world.upgrade().expect("the world outlives its nodes");
        let fate = world.faults.fate(&site, rates);
        let fault = fate.fault.map(|index| rates[index].0);
        if let Some(kind) = fault {
            world.fire_at(&site, kind, || format!("node {node}, core {core}"));
        }
        (fault, fate.entropy)
    }
}

impl Fates for StoreFates {
    fn of_commit(&self, handle: HandleId, nth: u64, _now_us: u64) -> CommitFate {
        let (fault, entropy) = self.draw((handle, nth), SiteKind::Commit, &self.commit);
        let before_us = self.latency.of_us(entropy);
        let after_us = self.latency.of_us(entropy.rotate_left(23));
        let drawn = |range: std::ops::Range<u64>| between(range.start, range.end, entropy >> 17);
        match fault {
            Some("commit_conflict") => CommitFate::Refused {
                code: code_of(code::NOT_COMMITTED, &REFUSALS, entropy >> 41),
                after_us: before_us + after_us,
            },
            Some("commit_too_old") => CommitFate::Refused {
                code: code::TRANSACTION_TOO_OLD,
                after_us: before_us + after_us,
            },
            Some("commit_unknown_done") => CommitFate::UnknownDone {
                before_us,
                after_us,
            },
            Some("commit_unknown_not_done") => CommitFate::UnknownNotDone {
                after_us: before_us + after_us,
            },
            Some("commit_late") => CommitFate::Late {
                code: LATE_CODES[(entropy >> 43) as usize % LATE_CODES.len()],
                error_after_us: drawn(LATE_TOLD_US),
                lands_after_us: between(LATE_LANDS_US.start, LATE_LANDS_US.end, entropy >> 29),
            },
            Some("commit_slow") if entropy & 1 == 0 => CommitFate::Resolve {
                before_us: before_us + drawn(SLOW_US),
                after_us,
            },
            Some("commit_slow") => CommitFate::Resolve {
                before_us,
                after_us: after_us + drawn(SLOW_US),
            },
            Some("commit_hangs") => CommitFate::Resolve {
                before_us,
                after_us: drawn(HANG_US),
            },
            _ => CommitFate::Resolve {
                before_us,
                after_us,
            },
        }
    }

    fn of_read(&self, handle: HandleId, nth: u64, _now_us: u64) -> ReadFate {
        let (fault, entropy) = self.draw((handle, nth), SiteKind::Read, &self.read);
        let after_us = self.latency.of_us(entropy);
        let fails = |code| ReadFate::Fails { code, after_us };
        match fault {
            Some("read_slow") => ReadFate::Answer {
                after_us: after_us + between(SLOW_US.start, SLOW_US.end, entropy >> 17),
            },
            Some("read_hangs") => ReadFate::Answer {
                after_us: between(HANG_US.start, HANG_US.end, entropy >> 17),
            },
            Some("read_too_old") => fails(code::TRANSACTION_TOO_OLD),
            Some("read_future_version") => fails(code::FUTURE_VERSION),
            Some("read_process_behind") => {
                fails(code_of(code::PROCESS_BEHIND, &READ_FAILURES, entropy >> 41))
            }
            Some("read_more_of_nothing") => ReadFate::Short {
                rows: between(1, SHORT_ROWS_MAX + 1, entropy >> 17) as usize,
                after_us,
            },
            _ => ReadFate::Answer { after_us },
        }
    }

    fn of_read_version(&self, handle: HandleId, nth: u64, _now_us: u64) -> ReadVersionFate {
        let (fault, entropy) = self.draw((handle, nth), SiteKind::ReadVersion, &self.version);
        let before_us = self.latency.of_us(entropy);
        let after_us = self.latency.of_us(entropy.rotate_left(23));
        let fails = |code| ReadVersionFate::Fails {
            code,
            after_us: before_us + after_us,
        };
        match fault {
            Some("read_slow") => ReadVersionFate::Answer {
                before_us,
                after_us: after_us + between(SLOW_US.start, SLOW_US.end, entropy >> 17),
            },
            Some("read_hangs") => ReadVersionFate::Answer {
                before_us: between(HANG_US.start, HANG_US.end, entropy >> 17),
                after_us,
            },
            Some("read_future_version") => fails(code::FUTURE_VERSION),
            Some("read_process_behind") => {
                fails(code_of(code::PROCESS_BEHIND, &READ_FAILURES, entropy >> 41))
            }
            _ => ReadVersionFate::Answer {
                before_us,
                after_us,
            },
        }
    }

    fn of_watch(&self, handle: HandleId, nth: u64, _now_us: u64) -> WatchFate {
        let (fault, entropy) = self.draw((handle, nth), SiteKind::Watch, &self.watch);
        match fault {
            Some(_) if entropy & 1 == 0 => WatchFate::Fails {
                code: code::FUTURE_VERSION,
                after_us: between(SPURIOUS_US.start, SPURIOUS_US.end, entropy >> 17),
            },
            Some(_) => WatchFate::Spurious {
                after_us: between(SPURIOUS_US.start, SPURIOUS_US.end, entropy >> 17),
            },
            None => WatchFate::Told {
                after_us: self.latency.of_us(entropy),
            },
        }
    }

    fn tells(&self, _lie: Lie, handle: HandleId, nth: u64, _now_us: u64) -> bool {
        let (fault, _) = self.draw((handle, nth), SiteKind::Lie, &self.lie);
        fault.is_some()
    }
}
