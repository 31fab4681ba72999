//! What the clients of each workload do, and on which hunts. A workload is data: hunts, and how often each move is made.

mod batches;
mod churn;
mod dense;
mod feed_catch_up;
mod first_to_solve;
mod guess_storm;
mod hunts;
mod key_reuse;
mod long_partition;
mod manners;
mod mixed;
mod moves;
pub(crate) mod place;
mod puzzle;
mod request_memory;
mod restock;
mod retry_storm;
mod rolling_restart;
mod scene;
mod schedule_edges;
pub(crate) mod secret;
pub(crate) mod spelling;
mod stage;
mod stale_owner;
mod stampede;
mod takeover_storm;

use crate::draw::Chance;
use crate::plan::Workload;

pub(crate) use manners::Manners;
pub(crate) use moves::{Move, Operation};
pub(crate) use scene::{Scene, Weighted};
pub(crate) use stage::{ClueKind, Edge, Stage, VERSIONS};

impl Workload {
    /// The hunts of the workload and what is done on them, in the run of a seed.
    pub(crate) fn scene(self, seed: u64) -> Scene {
        match self {
            Self::Stampede => stampede::scene(),
            Self::FirstToSolve => first_to_solve::scene(),
            Self::GuessStorm => guess_storm::scene(),
            Self::ScheduleEdges => schedule_edges::scene(),
            Self::Restock => restock::scene(),
            Self::RetryStorm => retry_storm::scene(),
            Self::KeyReuse => key_reuse::scene(),
            Self::Churn => churn::scene(),
            Self::Batches => batches::scene(),
            Self::RollingRestart => rolling_restart::scene(),
            Self::TakeoverStorm => takeover_storm::scene(),
            Self::LongPartition => long_partition::scene(),
            Self::FeedCatchUp => feed_catch_up::scene(),
            Self::Mixed => mixed::scene(),
            Self::Puzzle => puzzle::scene(Chance::new(seed)),
            Self::RequestMemory => request_memory::scene(),
            Self::StaleOwner => stale_owner::scene(),
            Self::Dense => dense::scene(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VERSIONS;
    use crate::plan::Workload;
    use hunt::Draft;

    /// Seeds whose hunts are looked at: some workloads draw theirs.
    const SEEDS: u64 = 200;

    #[test]
    fn every_hunt_of_every_workload_is_sound_in_every_version() {
        for workload in Workload::ALL {
            let seeds = if workload == Workload::Puzzle {
                SEEDS
            } else {
                1
            };
            for seed in 0..seeds {
                let scene = workload.scene(seed);
                assert!(
                    !scene.stages.is_empty() && scene.players > 0,
                    "{workload:?}"
                );
                for stage in scene.stages.iter().chain(&scene.left_alone) {
                    for version in 0..VERSIONS {
                        let json = stage.json(version).to_string();
                        if let Err(faults) = Draft::parse(json.as_bytes()) {
                            panic!("{workload:?}: {faults:#?} in {json}");
                        }
                    }
                }
            }
        }
    }
}
