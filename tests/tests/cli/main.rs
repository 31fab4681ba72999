//! The program's commands as people and scripts meet them: exit codes, what is printed where, and what is refused.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks and threads, and fail by panicking"
)]

mod commands;
mod refusals;
