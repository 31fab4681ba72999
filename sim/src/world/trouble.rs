//! The disasters of the plan: when each begins, what it does, and how it ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::due::Due;
use super::fates::{StoreFates, Turn};
use super::network::CLIENTS;
use super::world::World;
use crate::kernel::keyed;
use crate::plan::DisasterKind;

/// How long a recovering store does nothing, at most.
const RECOVERY_US_MAX: u64 = 3_000_000;

/// How far one disaster has come.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// It has begun and not ended.
    active: Cell<bool>,
    /// Ways that it has cut: sender and receiver.
    cuts: RefCell<Vec<(u16, u16)>>,
}

impl World {
    /// Puts every disaster of the plan that happens on the calendar.
    pub(crate) fn schedule_disasters(&self) {
        for (index, disaster) in self.plan.disasters.iter().enumerate() {
            if self.faults.allow(&disaster.id) {
                self.kernel
                    .schedule(disaster.at_ms * 1_000, Due::Begin(index));
            }
        }
    }

    /// A disaster begins.
    pub(crate) fn begin_disaster(self: &Rc<Self>, index: usize) {
        if self.faults.are_over() {
            return;
        }
        let disaster = &self.plan.disasters[index];
        self.fire(
            disaster.id.clone(),
            name(&disaster.what),
            format!("{:?}", disaster.what),
        );
        self.troubles[index].active.set(true);
        self.database.advance(self.kernel.now_us());
        if let Some(for_ms) = self.strike(index, &disaster.what) {
            let end_us = self.kernel.now_us() + for_ms * 1_000;
            self.kernel.schedule(end_us, Due::End(index));
        }
    }

    /// Does it, and says how long it lasts; none if it needs no end, or none before all faults end.
    fn strike(self: &Rc<Self>, index: usize, what: &DisasterKind) -> Option<u64> {
        let now_us = self.kernel.now_us();
        let machine = |node: u16| &self.machines[usize::from(node)];
        match *what {
            DisasterKind::Kill { node, down_ms } => {
                self.kill_node(node);
                return self.hold_down(node, down_ms);
            }
            DisasterKind::Restart { node, down_ms } => {
                self.stop_node(node);
                return self.hold_down(node, down_ms);
            }
            DisasterKind::Pause { node, for_ms } => {
                machine(node).paused.set(machine(node).paused.get() + 1);
                self.lanes(node).for_each(|lane| self.kernel.pause(lane));
                return Some(for_ms);
            }
            DisasterKind::PauseCore { node, core, for_ms } => {
                machine(node).paused.set(machine(node).paused.get() + 1);
                self.kernel.pause(self.lane(node, core));
                return Some(for_ms);
            }
            DisasterKind::Twin { node, for_ms } => {
                self.start_twin(node, now_us + for_ms * 1_000);
            }
            DisasterKind::Slow {
                node,
                for_ms,
                poll_us,
            } => {
                self.lanes(node)
                    .for_each(|lane| self.kernel.set_poll_us(lane, poll_us));
                return Some(for_ms);
            }
            DisasterKind::WallJump { node, by_ms } => machine(node).clock.jump(by_ms),
            DisasterKind::Drift { node, ppm } => machine(node).clock.drift(now_us, ppm),
            DisasterKind::Partition {
                ref from,
                ref to,
                both,
                for_ms,
            } => {
                self.part(index, from, to, both);
                return Some(for_ms);
            }
            DisasterKind::Clog { from, to, for_ms } => {
                self.network.clog(from, to, now_us + for_ms * 1_000);
            }
            DisasterKind::Swizzle { ref nodes, each_ms } => {
                for step in 0..2 * nodes.len() {
                    let at_us = now_us + step as u64 * each_ms * 1_000;
                    self.kernel.schedule(at_us, Due::Step(index, step));
                }
            }
            DisasterKind::NoClients { node, for_ms } => {
                self.part(index, &[CLIENTS], &[node], true);
                return Some(for_ms);
            }
            DisasterKind::CutOff { node, for_ms } => {
                let until_us = now_us + for_ms * 1_000;
                self.cut_off(node, until_us);
            }
            DisasterKind::StoreUnavailable { for_ms } => {
                self.take_store_down(now_us + for_ms * 1_000);
            }
            DisasterKind::StoreRecovery => self.recover_store(index),
            DisasterKind::MemoryPressure {
                node,
                for_ms,
                bytes,
            } => {
                machine(node).memory_bytes.set(Some(bytes));
                self.kill_node(node);
                self.kernel.schedule(now_us, Due::Start(node));
                return Some(for_ms);
            }
        }
        None
    }

    /// Neither of the processes that a node may have reaches the store until then.
    fn cut_off(&self, node: u16, until_us: u64) {
        for core in 0..self.plan.cores {
            for turn in Turn::BOTH {
                let handle = self.fates.handle(node, core, turn);
                self.database.cut_off(handle, until_us);
            }
        }
    }

    fn hold_down(&self, node: u16, down_ms: u64) -> Option<u64> {
        self.machines[usize::from(node)].hold_down();
        (down_ms > 0).then_some(down_ms)
    }

    fn part(&self, index: usize, from: &[u16], to: &[u16], both: bool) {
        for &a in from {
            for &b in to.iter().filter(|b| **b != a) {
                self.cut(index, a, b);
                if both {
                    self.cut(index, b, a);
                }
            }
        }
    }

    fn cut(&self, index: usize, from: u16, to: u16) {
        self.network.cut(from, to, true);
        self.troubles[index].cuts.borrow_mut().push((from, to));
    }

    /// Commits in flight end as chance will have it, and nothing works until the recovery is done.
    fn recover_store(&self, index: usize) {
        let (seed, now_us) = (self.plan.seed, self.kernel.now_us());
        self.database.recover(now_us, |handle, nth| {
            StoreFates::of_recovery(seed, index as u64, handle, nth)
        });
        let lasts_us = self.chance(index, 0) % RECOVERY_US_MAX;
        self.take_store_down(now_us + lasts_us);
    }

    /// The store does nothing until then, or longer if it already was to.
    fn take_store_down(&self, until_us: u64) {
        let until_us = until_us.max(self.store_down_until_us.get());
        self.store_down_until_us.set(until_us);
        self.database.set_unavailable_until(until_us);
    }

    /// Random bits of one disaster.
    fn chance(&self, index: usize, salt: u64) -> u64 {
        /// Keeps disasters apart from sites.
        const DISASTER: u64 = 1 << 34;
        keyed(self.plan.seed, [DISASTER, index as u64, salt, 0]) as u64
    }

    /// One step of a swizzle: first each node is cut off from everybody, then each comes back.
    pub(crate) fn step_disaster(&self, index: usize, step: usize) {
        let DisasterKind::Swizzle { nodes, .. } = &self.plan.disasters[index].what else {
            return;
        };
        if !self.troubles[index].active.get() {
            return;
        }
        let (round, turn) = (step / nodes.len(), step % nodes.len());
        let mut order = nodes.clone();
        order.sort_by_key(|node| self.chance(index, (round as u64) << 32 | u64::from(*node)));
        let node = order[turn];
        if round == 0 {
            let others: Vec<u16> = (0..=self.plan.nodes)
                .filter(|other| *other != node)
                .collect();
            self.part(index, &[node], &others, true);
        } else {
            self.join(index, |cut| cut.0 == node || cut.1 == node);
        }
    }

    /// Joins the ways again that the disaster cut.
    fn join(&self, index: usize, is_joined: impl Fn((u16, u16)) -> bool) {
        self.troubles[index]
            .cuts
            .borrow_mut()
            .retain(|&(from, to)| {
                let joined = is_joined((from, to));
                if joined {
                    self.network.cut(from, to, false);
                }
                !joined
            });
    }

    /// A disaster ends; once all faults have, it already did.
    pub(crate) fn end_disaster(self: &Rc<Self>, index: usize) {
        if !self.troubles[index].active.replace(false) {
            return;
        }
        let machine = |node: u16| &self.machines[usize::from(node)];
        match self.plan.disasters[index].what {
            DisasterKind::Kill { node, .. } | DisasterKind::Restart { node, .. } => {
                machine(node)
                    .held_down
                    .set(machine(node).held_down.get() - 1);
                self.start_node(node);
            }
            DisasterKind::Pause { node, .. } | DisasterKind::PauseCore { node, .. } => {
                machine(node).paused.set(machine(node).paused.get() - 1);
                if machine(node).paused.get() == 0 {
                    self.lanes(node).for_each(|lane| self.kernel.resume(lane));
                }
            }
            DisasterKind::Slow { node, .. } => {
                self.lanes(node)
                    .for_each(|lane| self.kernel.set_poll_us(lane, 0));
            }
            DisasterKind::MemoryPressure { node, .. } => machine(node).memory_bytes.set(None),
            _ => self.join(index, |_| true),
        }
    }

    /// All that went wrong ends: whoever is down comes up, whatever is cut is joined.
    pub(crate) fn heal(self: &Rc<Self>) {
        let now_us = self.kernel.now_us();
        self.faults.end();
        self.network.heal();
        self.database.advance(now_us);
        self.database.set_unavailable_until(now_us);
        self.database.set_window(store::limits::WINDOW_VERSIONS);
        self.database.set_commit_interval_us(0);
        for trouble in &self.troubles {
            trouble.active.set(false);
        }
        for node in 1..=self.plan.nodes {
            let machine = &self.machines[usize::from(node)];
            machine.clock.drift(now_us, 0);
            machine.held_down.set(0);
            machine.paused.set(0);
            machine.memory_bytes.set(None);
            if machine.is_unfit(self.plan.engine.memory_bytes) {
                self.kill_node(node);
            }
            self.lanes(node).for_each(|lane| self.kernel.renew(lane));
            self.cut_off(node, 0);
            self.start_node(node);
        }
    }
}

/// By which a campaign counts.
fn name(what: &DisasterKind) -> &'static str {
    match what {
        DisasterKind::Kill { .. } => "node_killed",
        DisasterKind::Restart { .. } => "node_restarted",
        DisasterKind::Pause { .. } => "node_paused",
        DisasterKind::PauseCore { .. } => "core_paused",
        DisasterKind::Twin { .. } => "node_started_twice",
        DisasterKind::Slow { .. } => "node_slow",
        DisasterKind::WallJump { .. } => "wall_jump",
        DisasterKind::Drift { .. } => "clock_drift",
        DisasterKind::Partition { both: true, .. } => "partition",
        DisasterKind::Partition { both: false, .. } => "partition_one_way",
        DisasterKind::Clog { .. } => "network_clogged",
        DisasterKind::Swizzle { .. } => "swizzle",
        DisasterKind::NoClients { .. } => "clients_cut_off",
        DisasterKind::CutOff { .. } => "node_cut_off_from_store",
        DisasterKind::StoreUnavailable { .. } => "store_unavailable",
        DisasterKind::StoreRecovery => "store_recovery",
        DisasterKind::MemoryPressure { .. } => "memory_pressure",
    }
}
