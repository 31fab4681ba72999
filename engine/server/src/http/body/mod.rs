//! Bodies of requests: pure functions from bytes to commands, or to the problem that a caller gets.
//!
//! ```text
//! bytes ──UTF-8?──▶ text ──JSON, an object?──▶ raw fields ──each known, once, in range?──▶ command
//!            400                  400                              422, with pointers
//! ```
//!
//! What a player tried is never repeated in a problem: it may be the answer.

mod batch;
mod object;
mod play;
mod read;
#[cfg(test)]
mod tests;
mod text;

pub use batch::{Batch, parse_batch};
pub use play::{SolveBody, parse_drain, parse_nothing, parse_player, parse_solve, parse_stock};
pub(super) use read::read;
pub use text::check_json;
