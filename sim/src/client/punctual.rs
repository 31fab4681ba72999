//! Punctual players: they come in the very moment in which a hunt opens, freezes, closes or unlocks a clue by itself, or
//! just before or after.

use super::{Client, Purpose};
use crate::plan::Role;
use crate::workload::{Edge, Stage};

/// So often a punctual player asks about one moment.
const ASKS_PER_EDGE: u32 = 3;
/// So long before and after the moment, at most: requests need a while to arrive.
const EARLY_US: u64 = 4_000;
const LATE_US: u64 = 2_000;

impl Client {
    /// The hunt and the moment that a punctual player's `nth` operation is about, and when to ask, in microseconds of
    /// true time; none for all others, and once all moments have passed.
    pub(super) fn edge(&self, nth: u32) -> Option<(&Stage, &Edge, u64)> {
        let is_punctual = || {
            let mut chance = self.chance(u32::MAX, Purpose::Start);
            chance.percent(self.scene.punctual_percent)
        };
        if self.plan.role != Role::Player || self.scene.punctual_percent == 0 || !is_punctual() {
            return None;
        }
        let mut edges: Vec<(&Edge, &Stage)> = Vec::new();
        for stage in &self.scene.stages {
            edges.extend(stage.edges.iter().map(|edge| (edge, stage)));
        }
        edges.sort_by_key(|(edge, _)| edge.at_ms);
        let nth_edge = usize::try_from(nth / ASKS_PER_EDGE).ok()?;
        let (edge, stage) = edges.get(nth_edge)?;
        let off_us = self.chance(nth, Purpose::Start).below(EARLY_US + LATE_US);
        let at_us = edge.at_ms * 1_000 + off_us;
        Some((stage, edge, at_us.saturating_sub(EARLY_US)))
    }

    /// Sleeps until then; if that has passed, for so long.
    pub(super) async fn until(&self, at_us: u64, otherwise_us: u64) {
        let left_us = at_us.checked_sub(self.port.now_us());
        self.port.sleep(left_us.unwrap_or(otherwise_us)).await;
    }
}
