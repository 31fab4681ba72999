//! What happened. The log of events is the single source of truth: state, rows, replies and feeds all derive from it.
//!
//! One accepted command is one event, so a command is either wholly in the log or not at all. Each event carries all
//! that is needed to apply it to its hunt and to its player independently, and to render the command's reply again.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    enc::Encoder,
    error::{DecodeError, EncodeError},
};

use crate::{Definition, HuntId, Millis, Phase, PlayerId, Seq};

/// One event, at its place in its shard's log.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Event {
    /// Position in the shard's log; starts at 1, without gaps.
    pub seq: Seq,
    /// When it happened; never runs back within a shard.
    pub at: Millis,
    /// The hunt it belongs to.
    pub hunt: HuntId,
    /// What happened.
    pub body: EventBody,
}

/// Clue or treasure as its index in the hunt's definition (compatible replacements only append).
pub type Index = u16;

/// A request as the log keeps it: hashes that tell repetition from reuse, never the request itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestTag {
    /// Keyed hash of the request id.
    pub id: u64,
    /// Keyed hash of the whole command.
    pub fingerprint: u64,
}

/// Hashes fill their 64 bits, so they are stored as 8 bytes each: a varint would need 9.
impl Encode for RequestTag {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        (self.id.to_le_bytes(), self.fingerprint.to_le_bytes()).encode(encoder)
    }
}

impl<Context> Decode<Context> for RequestTag {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let (id, fingerprint) = Decode::decode(decoder)?;
        Ok(Self {
            id: u64::from_le_bytes(id),
            fingerprint: u64::from_le_bytes(fingerprint),
        })
    }
}

impl<'de, Context> BorrowDecode<'de, Context> for RequestTag {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(
        decoder: &mut D,
    ) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// One unit of a treasure that went to a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Granted {
    /// Which treasure.
    pub treasure: Index,
    /// How many were granted with this one (1 is the first).
    pub nth: u64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum EventBody {
    /// The hunt was made, or its definition replaced.
    Put {
        /// The definition, answers and codes hashed.
        definition: Box<Definition>,
        /// The hunt did not exist before.
        created: bool,
        /// Who asked.
        request: RequestTag,
    },
    /// The hunt went on to another phase.
    PhaseChanged {
        /// The phase from now on.
        phase: Phase,
        /// Asked for by an operator; `None` if the schedule did it.
        request: Option<RequestTag>,
    },
    /// A clue's time came.
    ClueUnlocked {
        /// Which clue.
        clue: Index,
    },
    /// Stock was added.
    Restocked {
        /// Which treasure.
        treasure: Index,
        /// How many more.
        add: u64,
        /// The stock left with them.
        stock_left: u64,
        /// Who asked.
        request: RequestTag,
    },
    /// A player joined.
    Joined {
        /// Who.
        player: PlayerId,
        /// Who asked.
        request: RequestTag,
    },
    /// A player solved a clue.
    Solved {
        /// Who.
        player: PlayerId,
        /// Which clue.
        clue: Index,
        /// Points for it.
        points: u32,
        /// The player's score with them.
        score: u64,
        /// The player joined by this.
        joined: bool,
        /// The leaderboard counts it (the hunt was not frozen).
        ranked: bool,
        /// Clues that it unlocked.
        unlocked: Vec<Index>,
        /// Treasures that it won.
        grants: Vec<Granted>,
        /// Who asked.
        request: RequestTag,
    },
    /// A player tried in vain, which used up a guess.
    Missed {
        /// Who.
        player: PlayerId,
        /// Which clue.
        clue: Index,
        /// Guesses left after it; `None` if they are not limited.
        guesses_left: Option<u32>,
        /// The player joined by this.
        joined: bool,
        /// Who asked.
        request: RequestTag,
    },
    /// A player claimed a treasure and got it.
    Claimed {
        /// Who.
        player: PlayerId,
        /// What.
        grant: Granted,
        /// The player joined by this.
        joined: bool,
        /// Who asked.
        request: RequestTag,
    },
}

impl EventBody {
    /// The player whose state the event changes, if any.
    pub fn player(&self) -> Option<&PlayerId> {
        match self {
            Self::Joined { player, .. }
            | Self::Solved { player, .. }
            | Self::Missed { player, .. }
            | Self::Claimed { player, .. } => Some(player),
            Self::Put { .. }
            | Self::PhaseChanged { .. }
            | Self::ClueUnlocked { .. }
            | Self::Restocked { .. } => None,
        }
    }
}
