//! What a command is answered. A reply to what took effect derives from its event alone ([`Reply::of`]), so asking
//! again gives the same bytes.

use bincode::{Decode, Encode};
use serde::Serialize;

use crate::{
    ClueId, Definition, Event, EventBody, GrantId, GrantPlace, Granted, Label, Millis, Phase, Seq,
    ShardId, TreasureId, grant, grant::treasure_id,
};

/// The answer to a command that was understood. Serialises to the body of the HTTP answer.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reply {
    /// The hunt was made.
    Created {
        /// Place in the log.
        seq: Seq,
    },
    /// The hunt's definition was replaced.
    Replaced {
        /// Place in the log.
        seq: Seq,
    },
    /// The hunt is in this phase now (or was already).
    Phase {
        /// The phase.
        phase: Phase,
    },
    /// Stock was added.
    Restocked {
        /// Which treasure.
        treasure: TreasureId,
        /// How many more.
        added: u64,
        /// The stock left with them.
        stock_left: u64,
    },
    /// The player joined.
    Joined {
        /// When.
        at: Millis,
    },
    /// The player had joined before.
    AlreadyJoined {
        /// When.
        at: Millis,
    },
    /// The clue is solved.
    Solved {
        /// Points for it.
        points: u32,
        /// The player's score with them.
        score: u64,
        /// Clues that it unlocked.
        unlocked: Vec<ClueId>,
        /// Treasures that it won.
        grants: Vec<Grant>,
    },
    /// The attempt was wrong.
    Wrong {
        /// Guesses left; absent if they are not limited.
        #[serde(skip_serializing_if = "Option::is_none")]
        guesses_left: Option<u32>,
    },
    /// The player solved this clue before.
    AlreadySolved {
        /// When.
        at: Millis,
    },
    /// The clue is not unlocked for this player.
    Locked,
    /// No guesses are left for this clue.
    OutOfGuesses,
    /// The last guess was too short a while ago.
    TooSoon {
        /// Milliseconds to wait.
        retry_after_ms: u64,
    },
    /// The treasure is the player's.
    Granted {
        /// The grant.
        grant: Grant,
    },
    /// The player has as many of it as one may have; the first grant is named.
    AlreadyGranted {
        /// The first grant.
        grant: Grant,
    },
    /// No stock is left.
    SoldOut,
    /// The player has not solved what the treasure requires, or it can't be claimed at all.
    NotEligible {
        /// Clues still to be solved.
        missing: Vec<ClueId>,
    },
    /// The command can't be carried out at all: an HTTP error, not an outcome.
    #[serde(untagged)]
    Refused(Refusal),
}

/// One unit of a treasure that a player holds.
#[derive(Clone, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct Grant {
    /// Unique over all hunts: shard, sequence, and place within the event.
    pub id: GrantId,
    /// Which treasure.
    pub treasure: TreasureId,
    /// Place in the log.
    pub seq: Seq,
    /// When.
    pub at: Millis,
}

/// Why a command can't be carried out at all.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error, Encode, Decode)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// No such hunt.
    #[error("there is no hunt with this id: see GET /v1/hunts")]
    UnknownHunt,
    /// No such clue.
    #[error("the hunt has no clue with this id: see GET /v1/hunts/{{hunt}}")]
    UnknownClue,
    /// No such treasure.
    #[error("the hunt has no treasure with this id: see GET /v1/hunts/{{hunt}}")]
    UnknownTreasure,
    /// The hunt's phase does not allow it.
    #[error("the hunt is {phase}: {needs}")]
    WrongPhase {
        /// The phase it is in.
        phase: Phase,
        /// What the command needs.
        needs: Label,
    },
    /// Players have joined, and the new definition would change what they were promised.
    #[error("players have joined, and this would change what they were promised: {}", faults.join("; "))]
    Incompatible {
        /// Each change that is not allowed.
        faults: Vec<String>,
    },
    /// The attempt is not of the clue's kind, or the treasure can't be restocked.
    #[error("{detail}")]
    Mismatch {
        /// What was expected.
        detail: String,
    },
    /// The request id was used for another command.
    #[error("this Idempotency-Key was used for another request: send a new key with a new request")]
    KeyReused,
}

impl Reply {
    /// The reply to the command that made this event: a function of it alone (a definition only ever adds indexes
    /// once somebody joined), so asking again gives the same bytes. What the schedule did is nobody's command; it
    /// renders as the phase in which it happened.
    pub fn of(event: &Event, definition: &Definition, shard: ShardId) -> Self {
        let one = |granted: &Granted, place| {
            grant(
                GrantPlace {
                    treasure: granted.treasure,
                    seq: event.seq,
                    at: event.at,
                    place,
                },
                definition,
                shard,
            )
        };
        match &event.body {
            EventBody::Put { created: true, .. } => Self::Created { seq: event.seq },
            EventBody::Put { created: false, .. } => Self::Replaced { seq: event.seq },
            EventBody::PhaseChanged { phase, .. } => Self::Phase { phase: *phase },
            EventBody::ClueUnlocked { .. } => Self::Phase { phase: Phase::Open },
            EventBody::Restocked {
                treasure,
                add,
                stock_left,
                ..
            } => {
                let treasure = treasure_id(definition, *treasure);
                Self::Restocked {
                    treasure,
                    added: *add,
                    stock_left: *stock_left,
                }
            }
            EventBody::Joined { .. } => Self::Joined { at: event.at },
            EventBody::Solved {
                points,
                score,
                unlocked,
                grants,
                ..
            } => Self::Solved {
                points: *points,
                score: *score,
                unlocked: unlocked
                    .iter()
                    .filter_map(|clue| Some(definition.clue(*clue)?.id.clone()))
                    .collect(),
                grants: grants
                    .iter()
                    .zip(1..)
                    .map(|(granted, place)| one(granted, place))
                    .collect(),
            },
            EventBody::Missed { guesses_left, .. } => Self::Wrong {
                guesses_left: *guesses_left,
            },
            EventBody::Claimed { grant, .. } => Self::Granted {
                grant: one(grant, 1),
            },
        }
    }
}
