//! Whether a plan can be run at all: plans are also written by hand.

use std::collections::BTreeSet;

use store_sim::Lie;

use super::{DisasterKind, PLAN_FORMAT, Plan, Rates, TAIL_DOUBLINGS_MAX};
use crate::fault::Injection;
use crate::world::words_of;

/// The most nodes of a cluster.
const NODES_MAX: u16 = 9;
/// The most cores of a node.
const CORES_MAX: u16 = 8;
/// The most shards of a cluster.
const SHARDS_MAX: u16 = 1_024;
/// The most clients.
const CLIENTS_MAX: usize = 10_000;
/// The longest run: a day.
pub const DURATION_MS_MAX: u64 = 24 * 3_600_000;
/// The longest interval or patience of an engine.
const INTERVAL_MS_MAX: u64 = 10 * 60_000;
/// The most of anything that an engine counts.
const COUNT_MAX: u64 = 1 << 32;
/// Rows in memory need this much to get anywhere.
const MEMORY_BYTES_MIN: u64 = 4 << 10;
/// Slower ways than this and nodes lose their leases by it.
const LATENCY_US_MAX: u64 = 50_000;
/// Faster or slower clocks than this are no clocks.
const DRIFT_PPM_MAX: i64 = 500_000;
/// The furthest jump of a wall clock: a day.
const JUMP_MS_MAX: i64 = 24 * 3_600_000;
/// All of a million.
const RATE_MAX: u32 = 1_000_000;
/// The longest time between commits that share a version: a second, far more than FoundationDB takes.
const COMMIT_INTERVAL_US_MAX: u64 = 1_000_000;

/// Why a plan can't be run: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan's `{field}` {what}")]
pub struct PlanError {
    field: String,
    what: String,
}

impl Plan {
    /// Names the first field that makes no sense.
    pub fn check(&self) -> Result<(), PlanError> {
        let format = u64::from(self.format);
        within(
            "format",
            format,
            u64::from(PLAN_FORMAT),
            u64::from(PLAN_FORMAT),
        )?;
        within("nodes", self.nodes.into(), 1, NODES_MAX.into())?;
        within("cores", self.cores.into(), 1, CORES_MAX.into())?;
        within("duration_ms", self.duration_ms, 1, DURATION_MS_MAX)?;
        self.check_engine()?;
        self.check_clients()?;
        self.rates.check()?;
        self.check_disasters()?;
        self.check_injection()?;
        match self.lie.as_deref().map(str::parse::<Lie>) {
            Some(Err(unknown)) => Err(wrong("lie", unknown.to_string())),
            _ => Ok(()),
        }
    }

    fn check_engine(&self) -> Result<(), PlanError> {
        let engine = &self.engine;
        within("engine.shards", engine.shards.into(), 1, SHARDS_MAX.into())?;
        let counts = [
            ("batch_events_max", engine.batch_events_max),
            ("batch_bytes_max", engine.batch_bytes_max),
            ("waiters_max", engine.waiters_max),
            ("loads_max", engine.loads_max),
            ("dirty_rows_max", engine.dirty_rows_max),
            ("flush_rows_max", engine.flush_rows_max),
            ("ring_messages_max", engine.ring_messages_max),
        ];
        for (field, value) in counts {
            within(&format!("engine.{field}"), value as u64, 1, COUNT_MAX)?;
        }
        let intervals = [
            ("ask_timeout_ms", engine.ask_timeout_ms),
            ("tick_ms", engine.tick_ms),
            ("lease_ms", engine.lease_ms),
        ];
        for (field, value) in intervals {
            within(&format!("engine.{field}"), value, 1, INTERVAL_MS_MAX)?;
        }
        // Never, where it is longer than the run.
        let flush_after_ms = engine.flush_after_ms;
        within("engine.flush_after_ms", flush_after_ms, 1, DURATION_MS_MAX)?;
        // Some questions go to all cores at once.
        let cores = u64::from(self.nodes) * u64::from(self.cores);
        within("engine.asks_max", engine.asks_max as u64, cores, COUNT_MAX)?;
        within(
            "engine.memory_bytes",
            engine.memory_bytes,
            MEMORY_BYTES_MIN,
            u64::MAX,
        )?;
        within(
            "engine.heartbeat_ms",
            engine.heartbeat_ms,
            1,
            engine.lease_ms,
        )
    }

    fn check_clients(&self) -> Result<(), PlanError> {
        within("clients", self.clients.len() as u64, 0, CLIENTS_MAX as u64)?;
        within("named_clients", self.named(), 1, CLIENTS_MAX as u64)?;
        let mut ids = BTreeSet::new();
        match self
            .clients
            .iter()
            .position(|client| !ids.insert(client.id))
        {
            Some(index) => {
                let id = self.clients[index].id;
                Err(wrong(
                    &format!("clients[{index}].id"),
                    format!("is {id}, as is another's"),
                ))
            }
            None => Ok(()),
        }
    }

    fn check_disasters(&self) -> Result<(), PlanError> {
        let mut ids = BTreeSet::new();
        for (index, disaster) in self.disasters.iter().enumerate() {
            let field = |name: &str| format!("disasters[{index}].{name}");
            let nth = disaster.id.0.strip_prefix("plan/").map(str::parse::<u32>);
            if !matches!(nth, Some(Ok(_))) {
                let what = format!("is {:?}: name it plan/ and a number", disaster.id.0);
                return Err(wrong(&field("id"), what));
            }
            if !ids.insert(&disaster.id) {
                return Err(wrong(
                    &field("id"),
                    format!("is {}, as is another's", disaster.id),
                ));
            }
            within(&field("at_ms"), disaster.at_ms, 0, DURATION_MS_MAX)?;
            self.check_disaster(&field("what"), &disaster.what)?;
        }
        Ok(())
    }

    fn check_disaster(&self, field: &str, what: &DisasterKind) -> Result<(), PlanError> {
        for node in nodes_of(what) {
            within(&format!("{field}.node"), node.into(), 1, self.nodes.into())?;
        }
        match what {
            DisasterKind::Drift { ppm, .. } => within(
                &format!("{field}.ppm"),
                ppm.unsigned_abs(),
                0,
                DRIFT_PPM_MAX.unsigned_abs(),
            ),
            DisasterKind::WallJump { by_ms, .. } => within(
                &format!("{field}.by_ms"),
                by_ms.unsigned_abs(),
                0,
                JUMP_MS_MAX.unsigned_abs(),
            ),
            DisasterKind::Swizzle { nodes, .. } => {
                each_once(&format!("{field}.nodes"), nodes)?;
                check_span(field, what)
            }
            DisasterKind::Partition { from, to, .. } => {
                each_once(&format!("{field}.from"), from)?;
                each_once(&format!("{field}.to"), to)?;
                check_span(field, what)
            }
            DisasterKind::PauseCore { core, .. } if *core >= self.cores => Err(wrong(
                &format!("{field}.core"),
                format!("is {core}: a node has {} cores, from 0", self.cores),
            )),
            _ => check_span(field, what),
        }
    }

    fn check_injection(&self) -> Result<(), PlanError> {
        let Injection::Only(ids) = &self.injection else {
            return Ok(());
        };
        let of_plan = |id: &&crate::fault::FaultId| self.disasters.iter().any(|d| d.id == **id);
        match ids
            .iter()
            .find(|id| words_of(&id.0).is_none() && !of_plan(id))
        {
            Some(id) => Err(wrong(
                "injection.only",
                format!("names {id}, which is no fault of this plan"),
            )),
            None => Ok(()),
        }
    }
}

impl Rates {
    fn check(&self) -> Result<(), PlanError> {
        let rates = [
            ("message_lost", self.message_lost),
            ("message_doubled", self.message_doubled),
            ("message_late", self.message_late),
            ("commit_conflict", self.commit_conflict),
            ("commit_unknown_done", self.commit_unknown_done),
            ("commit_unknown_not_done", self.commit_unknown_not_done),
            ("commit_late", self.commit_late),
            ("commit_too_old", self.commit_too_old),
            ("commit_slow", self.commit_slow),
            ("commit_hangs", self.commit_hangs),
            ("read_slow", self.read_slow),
            ("read_hangs", self.read_hangs),
            ("read_too_old", self.read_too_old),
            ("read_future_version", self.read_future_version),
            ("read_process_behind", self.read_process_behind),
            ("read_more_of_nothing", self.read_more_of_nothing),
            ("watch_spurious", self.watch_spurious),
            ("buggify", self.buggify),
            ("buggify_sites", self.buggify_sites),
            ("lie", self.lie),
        ];
        for (name, rate) in rates {
            within(&format!("rates.{name}"), rate.into(), 0, RATE_MAX.into())?;
        }
        for (name, latency) in [("network_us", self.network_us), ("store_us", self.store_us)] {
            within(&format!("rates.{name}"), latency.into(), 0, LATENCY_US_MAX)?;
        }
        let window_max = store::limits::WINDOW_VERSIONS.unsigned_abs();
        within("rates.window_versions", self.window_versions, 0, window_max)?;
        within(
            "rates.commit_interval_us",
            self.commit_interval_us.into(),
            0,
            COMMIT_INTERVAL_US_MAX,
        )?;
        let tail = self.tail_doublings.into();
        within("rates.tail_doublings", tail, 0, TAIL_DOUBLINGS_MAX.into())
    }
}

/// Every node that the disaster names.
fn nodes_of(what: &DisasterKind) -> Vec<u16> {
    match what {
        DisasterKind::Kill { node, .. }
        | DisasterKind::Restart { node, .. }
        | DisasterKind::Pause { node, .. }
        | DisasterKind::PauseCore { node, .. }
        | DisasterKind::Twin { node, .. }
        | DisasterKind::Slow { node, .. }
        | DisasterKind::WallJump { node, .. }
        | DisasterKind::Drift { node, .. }
        | DisasterKind::NoClients { node, .. }
        | DisasterKind::CutOff { node, .. }
        | DisasterKind::MemoryPressure { node, .. } => vec![*node],
        DisasterKind::Partition { from, to, .. } => [from.as_slice(), to].concat(),
        DisasterKind::Clog { from, to, .. } => vec![*from, *to],
        DisasterKind::Swizzle { nodes, .. } => nodes.clone(),
        DisasterKind::StoreUnavailable { .. } | DisasterKind::StoreRecovery => Vec::new(),
    }
}

fn check_span(field: &str, what: &DisasterKind) -> Result<(), PlanError> {
    within(
        &format!("{field}.for_ms"),
        lasts_ms(what),
        0,
        DURATION_MS_MAX,
    )
}

/// Some nodes, none of them twice.
fn each_once(field: &str, nodes: &[u16]) -> Result<(), PlanError> {
    let count = nodes.len();
    if !(1..=usize::from(NODES_MAX)).contains(&count) {
        let what = format!("names {count} nodes: make it 1 to {NODES_MAX}");
        return Err(wrong(field, what));
    }
    match nodes.iter().collect::<BTreeSet<_>>().len() == nodes.len() {
        true => Ok(()),
        false => Err(wrong(field, "names a node twice".to_owned())),
    }
}

fn lasts_ms(what: &DisasterKind) -> u64 {
    match what {
        DisasterKind::Kill { down_ms, .. } | DisasterKind::Restart { down_ms, .. } => *down_ms,
        DisasterKind::Pause { for_ms, .. }
        | DisasterKind::PauseCore { for_ms, .. }
        | DisasterKind::Twin { for_ms, .. }
        | DisasterKind::Slow { for_ms, .. }
        | DisasterKind::Partition { for_ms, .. }
        | DisasterKind::Clog { for_ms, .. }
        | DisasterKind::NoClients { for_ms, .. }
        | DisasterKind::CutOff { for_ms, .. }
        | DisasterKind::StoreUnavailable { for_ms }
        | DisasterKind::MemoryPressure { for_ms, .. } => *for_ms,
        DisasterKind::Swizzle { each_ms, .. } => *each_ms,
        DisasterKind::WallJump { .. }
        | DisasterKind::Drift { .. }
        | DisasterKind::StoreRecovery => 0,
    }
}

fn within(field: &str, value: u64, min: u64, max: u64) -> Result<(), PlanError> {
    match value {
        value if value < min => Err(wrong(field, format!("is {value}: make it at least {min}"))),
        value if value > max => Err(wrong(field, format!("is {value}: make it at most {max}"))),
        _ => Ok(()),
    }
}

fn wrong(field: &str, what: String) -> PlanError {
    PlanError {
        field: field.to_owned(),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultId;
    use crate::plan::{Disaster, Workload};

    fn check(change: impl FnOnce(&mut Plan), complaint: &str) {
        let mut plan = crate::world::tests::plan(Workload::Mixed);
        assert_eq!(plan.check(), Ok(()));
        change(&mut plan);
        let error = plan.check().expect_err("it makes no sense");
        assert!(error.to_string().starts_with(complaint), "{error}");
    }

    #[test]
    fn a_plan_that_makes_no_sense_is_refused_by_field() {
        check(
            |plan| plan.nodes = 10,
            "the plan's `nodes` is 10: make it at most 9",
        );
        check(
            |plan| plan.cores = 0,
            "the plan's `cores` is 0: make it at least 1",
        );
        check(
            |plan| plan.engine.shards = 0,
            "the plan's `engine.shards` is 0",
        );
        check(
            |plan| plan.engine.heartbeat_ms = 9_000,
            "the plan's `engine.heartbeat_ms`",
        );
        check(|plan| plan.format = 7, "the plan's `format` is 7");
        check(
            |plan| plan.lie = Some("truth".into()),
            "the plan's `lie` no lie is called",
        );
        check(
            |plan| plan.rates.buggify = 1_000_001,
            "the plan's `rates.buggify`",
        );
        check(
            |plan| plan.rates.tail_doublings = TAIL_DOUBLINGS_MAX + 1,
            "the plan's `rates.tail_doublings`",
        );
        check(
            |plan| plan.rates.store_us = 50_001,
            "the plan's `rates.store_us` is 50001: make it at most 50000",
        );
        check(
            |plan| plan.engine.lease_ms = u64::MAX,
            "the plan's `engine.lease_ms` is 18446744073709551615: make it at most 600000",
        );
        check(
            |plan| plan.engine.memory_bytes = 0,
            "the plan's `engine.memory_bytes` is 0: make it at least 4096",
        );
        check(
            |plan| plan.clients.push(plan.clients[0].clone()),
            "the plan's `clients[1].id`",
        );
        let disaster = |id: &str, what| Disaster {
            id: FaultId(id.to_owned()),
            at_ms: 1,
            what,
        };
        let kill = |node| DisasterKind::Kill { node, down_ms: 1 };
        check(
            |plan| plan.disasters = vec![disaster("plan/0", kill(2))],
            "the plan's `disasters[0].what.node` is 2: make it at most 1",
        );
        check(
            |plan| plan.disasters = vec![disaster("0", kill(1))],
            "the plan's `disasters[0].id`",
        );
        let parted = |from: &[u16]| DisasterKind::Partition {
            from: from.to_vec(),
            to: vec![1],
            both: true,
            for_ms: 1,
        };
        check(
            |plan| plan.disasters = vec![disaster("plan/0", parted(&[1, 1]))],
            "the plan's `disasters[0].what.from` names a node twice",
        );
        check(
            |plan| plan.disasters = vec![disaster("plan/0", parted(&[]))],
            "the plan's `disasters[0].what.from` names 0 nodes: make it 1 to 9",
        );
        let only = |id: &str| Injection::Only([FaultId(id.to_owned())].into());
        check(
            |plan| plan.injection = only("plan/3"),
            "the plan's `injection.only` names plan/3",
        );
        check(
            |plan| plan.injection = only("comit/1.0/3"),
            "the plan's `injection.only`",
        );
    }
}
