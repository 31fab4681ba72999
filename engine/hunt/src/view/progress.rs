//! How far a player is in a hunt.

use bincode::{Decode, Encode};
use serde::Serialize;

use crate::{ClueId, Grant, HuntId, HuntState, Millis, PlayerState, Seq, ShardId, grant};

/// How far a player is.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct Progress {
    /// The hunt.
    pub hunt: HuntId,
    /// The player has joined.
    pub joined: bool,
    /// When that was.
    pub joined_at: Option<Millis>,
    /// The points of all solved clues.
    pub score: u64,
    /// The solved clues, in order.
    pub solved: Vec<SolvedView>,
    /// The clues at which the player guessed wrong.
    pub guesses: Vec<GuessesLeft>,
    /// What the player won, in order.
    pub grants: Vec<Grant>,
    /// The last event of the player; 0 if none.
    pub seq: Seq,
}

/// A solved clue.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct SolvedView {
    /// Which.
    pub clue: ClueId,
    /// What it was worth.
    pub points: u32,
    /// When.
    pub at: Millis,
}

/// Wrong guesses at a clue.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct GuessesLeft {
    /// Which.
    pub clue: ClueId,
    /// How many.
    pub used: u32,
    /// How many are left; null is no limit.
    pub left: Option<u32>,
}

/// How far a player is.
pub fn progress(hunt: &HuntState, player: &PlayerState, shard: ShardId) -> Progress {
    let definition = hunt.definition();
    let per_clue = definition.guesses().per_clue;
    let solved = player
        .solved()
        .filter_map(|solved| Some((solved, definition.clue(solved.clue)?)));
    let guesses = player
        .guesses()
        .filter_map(|guesses| Some((guesses.used, definition.clue(guesses.clue)?)));
    Progress {
        hunt: hunt.id().clone(),
        joined: player.joined_at().is_some(),
        joined_at: player.joined_at(),
        score: player.score(),
        solved: solved
            .map(|(solved, clue)| SolvedView {
                clue: clue.id.clone(),
                points: clue.points,
                at: solved.at,
            })
            .collect(),
        guesses: guesses
            .map(|(used, clue)| GuessesLeft {
                clue: clue.id.clone(),
                used,
                left: per_clue.map(|max| max.saturating_sub(used)),
            })
            .collect(),
        grants: player
            .grants()
            .map(|held| grant(held.place(), definition, shard))
            .collect(),
        seq: player.seq(),
    }
}
