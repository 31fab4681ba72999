//! All that clients need to know of a workload.

use super::{Manners, Move, Operation, Stage};

/// Things with how often each is taken.
pub(crate) type Weighted<T> = Vec<(u64, T)>;

/// All that clients need to know of a workload.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// The hunts that are played.
    pub(crate) stages: Vec<Stage>,
    /// Hunts that are made, and then left to their schedules.
    pub(crate) left_alone: Vec<Stage>,
    /// Players behind each client.
    pub(crate) players: u64,
    /// How often, in a hundred, a client acts for a player of another client.
    pub(crate) shared_percent: u64,
    /// What players do.
    pub(crate) moves: Weighted<Move>,
    /// What operators do once all hunts are made and opened.
    pub(crate) operations: Weighted<Operation>,
    /// So many of a hundred players come in the very moment in which a hunt does something by itself.
    pub(crate) punctual_percent: u64,
    /// How clients ask again.
    pub(crate) manners: Manners,
}

impl Scene {
    /// Ordinary play on these hunts; a workload changes what it is about.
    pub(super) fn of(stages: Vec<Stage>) -> Self {
        Self {
            stages,
            left_alone: Vec::new(),
            players: 3,
            shared_percent: 10,
            moves: vec![
                (6, Move::Join),
                (30, Move::Solve),
                (15, Move::Miss),
                (30, Move::Claim),
                (2, Move::WrongKind),
                (3, Move::Unknown),
                (4, Move::Again),
                (2, Move::ReuseKey),
                (4, Move::Batch { max: 6 }),
            ],
            operations: vec![
                (3, Operation::Replace),
                (4, Operation::Restock),
                (1, Operation::RestockTooMuch),
                (1, Operation::Open),
            ],
            punctual_percent: 0,
            manners: Manners::default(),
        }
    }
}
