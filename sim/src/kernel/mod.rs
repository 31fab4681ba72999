//! One thread, virtual time, tasks in an order that a seed decides.
//!
//! ```text
//!   wakers ─▶ woken ─▶ ready ──seeded choice──▶ poll one task ─▶ hash of the step
//!                        ▲                            │
//!   timers ──────────────┘ (nothing ready: time goes to the next one)
//! ```

mod alarm;
mod choice;
mod executor;
mod lane;
mod sleep;
mod step_hash;
mod streams;
mod tasks;
mod timers;
mod waker;

#[cfg(test)]
mod tests;

pub(crate) use choice::Schedule;
pub(crate) use executor::{Kernel, Turn};
pub(crate) use lane::LaneId;
pub(crate) use sleep::Sleep;
pub(crate) use streams::{Stream, keyed, stream};
pub(crate) use tasks::LifeId;
pub(crate) use timers::TimerKey;
