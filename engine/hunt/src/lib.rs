//! The rules of a treasure hunt: pure commands in, events and replies out.
//!
//! ```text
//! JSON ──Draft::parse──▶ Draft ──Action::Put──▶ Command
//!
//! Command ──decide(hunt, player, command, now, shard)──▶ Decision::Event(body) ──▶ Event ─┬▶ HuntState::apply
//!                                            │                                           ├▶ PlayerState::apply
//!                                            ├▶ Decision::Answer(reply)                  ├▶ Leaderboard
//!                                            └▶ Decision::Replay(seq) ──▶ Event again ───┴▶ Reply::of, views
//! ```
//!
//! Nothing here is async, reads a clock, draws a random number or does I/O: time and salt are arguments.

mod clue_set;
pub mod codec;
mod command;
mod counts;
mod decide;
mod definition;
mod draft;
mod event;
mod grant;
mod hunt_state;
mod ids;
mod label;
mod leaderboard;
pub mod limits;
mod lookup;
mod millis;
mod normalise;
mod packing;
mod phase;
mod place;
mod plan;
mod player_state;
mod records;
mod reply;
mod ring;
mod schedule;
mod secret;
mod tag;
pub mod view;

pub use codec::{
    DecodeError, decode_events, decode_hunt, decode_player, encode_events, encode_hunt,
    encode_player,
};
pub use command::{Action, Attempt, Command};
pub use decide::{Decision, decide};
pub use definition::Definition;
pub use draft::{Draft, Fault};
pub use event::{Event, EventBody, Granted, Index, RequestTag};
pub use grant::{GrantId, GrantPlace, grant};
pub use hunt_state::HuntState;
pub use ids::{ClueId, HuntId, IdError, PlayerId, RequestId, Seq, ShardId, TreasureId};
pub use label::Label;
pub use leaderboard::{BoardKey, Leaderboard};
pub use limits::{REQUESTS_PER_HUNT_MAX, REQUESTS_PER_PLAYER_MAX};
pub use millis::{Millis, MomentError};
pub use normalise::normalise;
pub use phase::Phase;
pub use place::{Place, distance_m};
pub use plan::{Award, Clue, GuessLimits, Schedule, Solve, Treasure, Unlock};
pub use player_state::{Guesses, HeldGrant, PlayerState, SolvedClue};
pub use reply::{Grant, Refusal, Reply};
pub use ring::Request;
pub use secret::{Digest, Salt};
pub use tag::request_tag;
pub use view::{
    Audience, EventView, HuntSummary, HuntView, Progress, Stats, event_view, hunt_summary,
    hunt_view, progress, stats,
};
