//! Connections between nodes that break, and who sees it: who waits for an answer by one is told, if it is seen at all.

use std::rc::Rc;

use node::NodeId;

use super::due::Due;
use super::site::Endpoint;
use super::world::World;
use crate::kernel::{LifeId, keyed};

/// The core that finds it out, and tells the others of its node.
const CORE: u16 = 0;

/// What is left of a dead process closes its connections within this time.
const CLOSED_US_MAX: u64 = 2_000;

impl World {
    /// A connection broke under a message; both ends see that at `noticed_us`.
    pub(super) fn break_way(&self, from: Endpoint, to: Endpoint, noticed_us: u64) {
        if let (Endpoint::Core { node: a, .. }, Endpoint::Core { node: b, .. }) = (from, to) {
            for (node, other) in [(a, b), (b, a)] {
                self.kernel.schedule(noticed_us, Due::LostWay(node, other));
            }
        }
    }

    /// A process ended: in half of the cases the others see that at once, as when it was killed; in the others nobody does, as
    /// when its machine is gone.
    pub(super) fn break_ways_to(&self, node: u16, life: LifeId) {
        /// Keeps ends of lives apart from sites.
        const END: u64 = 1 << 36;
        let chance = |other: u16| {
            let words = [END, u64::from(life), u64::from(other), 0];
            keyed(self.plan.seed, words) as u64
        };
        if chance(node) % 2 == 0 {
            return;
        }
        for other in (1..=self.plan.nodes).filter(|other| *other != node) {
            let noticed_us = self.kernel.now_us() + chance(other) % CLOSED_US_MAX;
            self.kernel.schedule(noticed_us, Due::LostWay(other, node));
        }
    }

    /// A node sees that its connection to another broke.
    pub(super) fn notice_lost_way(self: &Rc<Self>, node: u16, to: u16) {
        let machine = &self.machines[usize::from(node)];
        if let (Some(life), Some(core)) = (machine.life(), machine.core(CORE)) {
            self.kernel
                .spawn(self.lane(node, CORE), life.id(), async move {
                    core.lost_way_to(NodeId(u64::from(to)));
                });
        }
    }
}
