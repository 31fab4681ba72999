//! The rules of a hunt, tested from outside: scripts with their answers, properties over random play, golden bytes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod claims;
mod codec;
mod definitions;
mod examples;
mod hostile;
mod ids;
mod largest;
mod leaderboard;
mod operators;
mod players;
mod properties;
mod requests;
mod schedules;
mod seeded;
mod solves;
mod table;
mod views;
