//! Plans drawn from seeds. Each seed has faults of its own: which kinds there are at all, how often, and when the
//! disasters come ("swarm testing", Groce et al., 2012: tests that leave features out find more than tests with all).

mod chance;
mod clients;
mod disasters;
mod engine;
mod rates;
#[cfg(test)]
mod tests;

use crate::fault::Injection;
use crate::plan::{PLAN_FORMAT, Plan, Workload};
pub(crate) use chance::Chance;

/// How long clients act, if nothing else is asked for.
pub const DURATION_MS_DEFAULT: u64 = 60_000;

/// What is asked of a drawn plan; all else is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawOptions {
    /// This workload.
    pub workload: Option<Workload>,
    /// So long.
    pub duration_ms: Option<u64>,
    /// Which kind of world.
    pub world: World,
}

/// Kinds of worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// 3 nodes of 2 cores, 20 clients, all faults on.
    Standard,
    /// Nodes, cores, settings, clients and faults as the seed has it.
    #[default]
    Drawn,
    /// One node, one core, few clients, no faults.
    Calm,
    /// The standard cluster without faults, and as many commands as its clients can make: measures the simulator.
    Dense,
}

impl World {
    /// A workload that fits it. The dense one is a burst, and no measure of how fast virtual time goes.
    fn workload(self, mut chance: Chance, weather: Weather) -> Workload {
        match self {
            Self::Standard => *chance.pick(&Workload::STEADY),
            Self::Drawn if weather == Weather::Fair && chance.percent(QUIET_CHURN_PERCENT) => {
                Workload::Churn
            }
            Self::Drawn if weather == Weather::Fair && chance.percent(QUIET_BURST_PERCENT) => {
                Workload::Dense
            }
            Self::Drawn if chance.percent(STALE_PERCENT) => Workload::StaleOwner,
            Self::Drawn | Self::Calm => *chance.pick(&Workload::ALL),
            Self::Dense => Workload::Dense,
        }
    }
}

/// Which faults there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    /// None: whatever is late or lost then is the engine's own doing.
    Fair,
    /// All, as often as usual.
    Usual,
    /// As the seed has it.
    Drawn,
}

/// Drawn runs, of a hundred, that are about stale owners beyond those that happen to be: what goes wrong there is seldom seen.
const STALE_PERCENT: u64 = 12;

/// Drawn runs without any fault, of a hundred.
const FAIR_PERCENT: u64 = 12;

/// Those of them, of a hundred, in which rows come and go: only without faults does a read that nobody was told of show.
const QUIET_CHURN_PERCENT: u64 = 20;

/// Those of the others of them in which many commands come together: only then does it show that an answer found no room on
/// its way.
const QUIET_BURST_PERCENT: u64 = 25;

impl Weather {
    fn draw(mut chance: Chance, world: World) -> Self {
        match world {
            World::Calm | World::Dense => Self::Fair,
            World::Standard => Self::Usual,
            World::Drawn if chance.percent(FAIR_PERCENT) => Self::Fair,
            World::Drawn => Self::Drawn,
        }
    }
}

impl Plan {
    /// The plan of a seed. The same seed and options give the same plan.
    pub fn draw(seed: u64, options: &DrawOptions) -> Self {
        let chance = Chance::new(seed);
        let weather = Weather::draw(chance.fork(7), options.world);
        let workload = options
            .workload
            .unwrap_or_else(|| options.world.workload(chance.fork(1), weather));
        let duration_ms = options.duration_ms.unwrap_or(DURATION_MS_DEFAULT);
        let (nodes, cores) = size(chance.fork(2), workload, options.world);
        let mut plan = Self {
            format: PLAN_FORMAT,
            seed,
            workload,
            duration_ms,
            nodes,
            cores,
            engine: engine::draw(chance.fork(3), workload, options.world),
            clients: clients::draw(chance.fork(4), workload, options.world, duration_ms),
            rates: rates::draw(chance.fork(5), workload, options.world, weather),
            disasters: Vec::new(),
            injection: Injection::AsDrawn,
            schedule: None,
            named_clients: None,
            lie: None,
        };
        if weather != Weather::Fair {
            plan.disasters = disasters::draw(chance.fork(6), &plan, options.world);
        }
        plan
    }
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 18] = {
        let mut all = [Self::Dense; 18];
        all[Self::STEADY.len()] = Self::StaleOwner;
        let mut index = 0;
        while index < Self::STEADY.len() {
            all[index] = Self::STEADY[index];
            index += 1;
        }
        all
    };

    /// Those whose commands come now and then for as long as the run does.
    const STEADY: [Self; 16] = [
        Self::Stampede,
        Self::FirstToSolve,
        Self::GuessStorm,
        Self::ScheduleEdges,
        Self::Restock,
        Self::RetryStorm,
        Self::KeyReuse,
        Self::Churn,
        Self::Batches,
        Self::RollingRestart,
        Self::TakeoverStorm,
        Self::LongPartition,
        Self::FeedCatchUp,
        Self::Mixed,
        Self::Puzzle,
        Self::RequestMemory,
    ];

    /// It is about nodes that come, go and part.
    fn needs_nodes(self) -> bool {
        matches!(
            self,
            Self::RollingRestart | Self::TakeoverStorm | Self::LongPartition | Self::StaleOwner
        )
    }

    /// It is about what cores of a node say to each other.
    fn needs_cores(self) -> bool {
        self == Self::Dense
    }
}

fn size(mut chance: Chance, workload: Workload, world: World) -> (u16, u16) {
    match world {
        World::Standard | World::Dense => (3, 2),
        World::Calm => (1, 1),
        World::Drawn => {
            let least = if workload.needs_nodes() { 2 } else { 1 };
            let nodes = chance.between(least, 5) as u16;
            let least = if workload.needs_cores() { 2 } else { 1 };
            (nodes, chance.between(least, 3) as u16)
        }
    }
}
