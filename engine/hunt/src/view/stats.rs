//! How a hunt goes, in figures.

use bincode::{Decode, Encode};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::{ClueId, HuntId, HuntState, Index, Phase, Seq, TreasureId};

/// How a hunt goes.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct Stats {
    /// Its id.
    pub hunt: HuntId,
    /// Its phase.
    pub phase: Phase,
    /// The last event in it.
    pub seq: Seq,
    /// How many joined.
    pub players: u64,
    /// How many solved each clue.
    pub solves: BTreeMap<ClueId, u64>,
    /// Units left of each treasure; null is no limit.
    pub stock_left: BTreeMap<TreasureId, Option<u64>>,
    /// Units granted of each treasure.
    pub granted: BTreeMap<TreasureId, u64>,
}

/// How a hunt goes.
pub fn stats(hunt: &HuntState) -> Stats {
    let definition = hunt.definition();
    let clues = (0..).zip(definition.clues());
    let treasures = || (0..).zip(definition.treasures());
    Stats {
        hunt: hunt.id().clone(),
        phase: hunt.phase(),
        seq: hunt.seq(),
        players: hunt.players(),
        solves: clues
            .map(|(index, clue): (Index, _)| (clue.id.clone(), hunt.solves(index)))
            .collect(),
        stock_left: treasures()
            .map(|(index, each)| (each.id.clone(), hunt.stock_left(index)))
            .collect(),
        granted: treasures()
            .map(|(index, each)| (each.id.clone(), hunt.granted(index)))
            .collect(),
    }
}
