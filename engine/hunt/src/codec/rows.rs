//! Rows: the state of one hunt or of one player as of some event. A cache of the log, never the truth.

use super::{
    DecodeError,
    frame::{self, Body, Kind},
};
use crate::{
    Definition, HuntState, Millis, Phase, PlayerState, Seq,
    hunt_state::{ClueTally, Tally, TreasureTally},
    player_state::PlayerParts,
    ring::Request,
};

/// Writes a hunt's row.
pub fn encode_hunt(hunt: &HuntState) -> Vec<u8> {
    let (definition, tally) = (&hunt.definition, &hunt.tally);
    let mut bytes = frame::begin(Kind::Hunt, 0);
    frame::append(&mut bytes, definition);
    frame::append(
        &mut bytes,
        &(
            tally.seq,
            tally.at,
            tally.created_at,
            tally.defined_by,
            tally.phase,
            tally.players,
        ),
    );
    frame::append(
        &mut bytes,
        &(&tally.clues, &tally.treasures, &tally.requests),
    );
    frame::end(bytes)
}

/// Reads a hunt's row again.
pub fn decode_hunt(bytes: &[u8]) -> Result<HuntState, DecodeError> {
    type Head = (Seq, Millis, Millis, Seq, Phase, u64);
    let mut body = Body::open(bytes, Kind::Hunt)?;
    let definition: Definition = body.take()?;
    let (seq, at, created_at, defined_by, phase, players): Head = body.take()?;
    let (clues, treasures, requests): (Vec<ClueTally>, Vec<TreasureTally>, Vec<Request>) =
        body.take()?;
    body.close()?;
    let tally = Tally {
        seq,
        at,
        created_at,
        defined_by,
        phase,
        players,
        clues,
        treasures,
        requests,
    };
    HuntState::from_row(definition, tally)
        .ok_or_else(|| DecodeError::malformed("a hunt's tally does not fit its definition"))
}

/// Writes a player's row.
pub fn encode_player(player: &PlayerState) -> Vec<u8> {
    let mut bytes = frame::begin(Kind::Player, 2 * player.memory_bytes());
    frame::append(&mut bytes, player);
    frame::end(bytes)
}

/// Reads a player's row again.
pub fn decode_player(bytes: &[u8]) -> Result<PlayerState, DecodeError> {
    let mut body = Body::open(bytes, Kind::Player)?;
    let parts: PlayerParts = body.take()?;
    body.close()?;
    PlayerState::from_parts(parts).ok_or_else(|| {
        DecodeError::malformed("a player did more than a hunt allows, or a row contradicts itself")
    })
}
