//! Lanes: the cores of the nodes, and one for the world itself.

use super::tasks::TaskKey;

/// Index of a lane; 0 is the world and its clients.
pub(crate) type LaneId = usize;

/// One core's turn at running tasks.
pub(super) struct Lane {
    /// Node and core, for traces.
    pub(super) name: (u16, u16),
    /// Nothing of it runs before.
    pub(super) free_at_us: u64,
    /// What each poll of its tasks takes.
    pub(super) poll_us: u64,
    /// None of its tasks runs until it is resumed.
    pub(super) paused: bool,
    /// Ready tasks that wait for the lane.
    pub(super) parked: Vec<TaskKey>,
}

impl Lane {
    pub(super) fn new(name: (u16, u16)) -> Self {
        Self {
            name,
            free_at_us: 0,
            poll_us: 0,
            paused: false,
            parked: Vec::new(),
        }
    }

    /// Its tasks may run.
    pub(super) fn is_free(&self, now_us: u64) -> bool {
        !self.paused && self.free_at_us <= now_us
    }
}
