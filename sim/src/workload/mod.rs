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
mod restock;
mod retry_storm;
mod rolling_restart;
mod scene;
mod schedule_edges;
pub(crate) mod secret;
mod stage;
mod stampede;
mod takeover_storm;

use crate::plan::Workload;

pub(crate) use manners::Manners;
pub(crate) use moves::{Move, Operation};
pub(crate) use scene::{Scene, Weighted};
pub(crate) use stage::{ClueKind, Stage};

impl Workload {
    /// The hunts of the workload and what is done on them.
    pub(crate) fn scene(self) -> Scene {
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
            Self::Dense => dense::scene(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::Workload;
    use hunt::Draft;

    #[test]
    fn every_hunt_of_every_workload_is_sound_in_every_version() {
        for workload in Workload::ALL {
            let scene = workload.scene();
            assert!(
                !scene.stages.is_empty() && scene.players > 0,
                "{workload:?}"
            );
            for stage in &scene.stages {
                for version in 0..4 {
                    let json = stage.json(version);
                    if let Err(faults) = Draft::parse(json.as_bytes()) {
                        panic!("{workload:?}: {faults:#?} in {json}");
                    }
                }
            }
        }
    }
}
