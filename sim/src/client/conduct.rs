//! How one operation is asked: how long to wait, whether to ask twice at once, when to give up, whether to ask again.

use crate::draw::Chance;
use crate::history::Ask;
use crate::workload::Scene;

/// What was answered is asked again after so long at most.
const AGAIN_MS_MAX: u64 = 5_000;
/// Who gives up does so after so many tries at most.
const TRIES_BEFORE_GIVING_UP_MAX: u64 = 3;
/// A look is tried so often: nobody needs its answer later.
const LOOKS_MAX: u32 = 4;

/// A batch is tried so often: with limits of a few commands there are batches that never pass whole.
const BATCHES_MAX: u32 = 12;

/// Who is waited for waits so long for an answer at most.
const DETERMINED_TIMEOUT_US: u64 = 300_000;

/// The inspector waits so long for an answer, then asks somebody else; one that comes later counts too.
const INSPECTOR_TIMEOUT_US: u64 = 500_000;

/// How one operation is asked.
#[derive(Clone, Debug)]
pub(super) struct Conduct {
    /// How long an answer is waited for.
    pub(super) timeout_us: u64,
    /// Two tries are under way at once, to two nodes.
    pub(super) overlaps: bool,
    /// Given up after so many tries.
    pub(super) tries_max: Option<u32>,
    /// Once it is answered, asked again after so long.
    pub(super) again_after_us: Option<u64>,
    /// To choose nodes and pauses by.
    pub(super) chance: Chance,
}

impl Conduct {
    /// As the manners of the workload are.
    pub(super) fn draw(chance: &mut Chance, scene: &Scene, ask: &Ask) -> Self {
        let manners = &scene.manners;
        let (least_ms, most_ms) = manners.timeout_ms;
        let timeout_us = chance.between(least_ms * 1_000, most_ms * 1_000);
        let is_command = matches!(ask, Ask::Command(_) | Ask::Commands(_));
        let overlaps = chance.percent(manners.overlap_percent);
        let gives_up = chance.percent(manners.give_up_percent);
        let tries = chance.between(1, TRIES_BEFORE_GIVING_UP_MAX);
        let again = is_command && chance.percent(manners.ask_again_percent);
        let again_after_us = chance.below(AGAIN_MS_MAX * 1_000);
        Self {
            timeout_us,
            overlaps,
            tries_max: match ask {
                Ask::Query(_) | Ask::Hunts | Ask::Status | Ask::Feed { .. } => Some(LOOKS_MAX),
                Ask::Command(_) | Ask::Commands(_) if gives_up => u32::try_from(tries).ok(),
                Ask::Commands(_) => Some(BATCHES_MAX),
                Ask::Command(_) => None,
            },
            again_after_us: again.then_some(again_after_us),
            chance: chance.fork(0),
        }
    }

    /// Asks again until it is answered.
    pub(super) fn of_inspector(chance: Chance) -> Self {
        Self {
            timeout_us: INSPECTOR_TIMEOUT_US,
            overlaps: false,
            tries_max: None,
            again_after_us: None,
            chance,
        }
    }

    /// Soon tried again, and never given up: others wait for it.
    pub(super) fn determined(self) -> Self {
        Self {
            timeout_us: self.timeout_us.min(DETERMINED_TIMEOUT_US),
            tries_max: None,
            ..self
        }
    }
}
