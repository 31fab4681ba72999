//! What people see of a hunt: plain structs that serialise to the bodies of HTTP answers. No answer and no code is in
//! any of them, and no place in those for players.

mod event;
mod hunt;
mod progress;
mod stats;

pub use event::{EventView, GrantView, event_view};
pub use hunt::{
    Audience, ClueView, GuessesView, HuntSummary, HuntView, TreasureView, UnlockView, hunt_summary,
    hunt_view,
};
pub use progress::{GuessesLeft, Progress, SolvedView, progress};
pub use stats::{Stats, stats};
