//! What the wall clocks of nodes showed: known as long as none of them jumps or drifts.

use hunt::Millis;

use crate::plan::{DisasterKind, Plan};
use crate::world::WALL_AT_START_MS;

/// What two clocks that show the same time may differ by, as each counts whole milliseconds.
const ROUNDING_MS: u64 = 1;

/// What the clocks of a run showed, if that can be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walls {
    are_true: bool,
}

/// From the earliest that a clock showed to the latest, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    from: Millis,
    to: Millis,
}

impl Walls {
    /// Those of a run.
    pub(crate) fn of(plan: &Plan) -> Self {
        let lies = |kind: &DisasterKind| {
            matches!(
                kind,
                DisasterKind::WallJump { .. } | DisasterKind::Drift { .. }
            )
        };
        Self {
            are_true: !plan.disasters.iter().any(|disaster| lies(&disaster.what)),
        }
    }

    /// What they showed from one moment of true time to another; none if they don't tell the true time.
    pub(crate) fn between(self, from_us: u64, to_us: u64) -> Option<Span> {
        self.are_true.then(|| Span {
            from: Millis(WALL_AT_START_MS + (from_us / 1_000).saturating_sub(ROUNDING_MS)),
            to: Millis(WALL_AT_START_MS + to_us / 1_000 + ROUNDING_MS),
        })
    }
}

impl Span {
    /// One millisecond.
    pub(crate) fn at(at: Millis) -> Self {
        Self { from: at, to: at }
    }

    /// Some clock may have shown this.
    pub(crate) fn holds(self, at: Millis) -> bool {
        self.from <= at && at <= self.to
    }
}
