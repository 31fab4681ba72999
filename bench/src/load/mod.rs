//! Load: when requests are planned, who sends them, what is recorded.

mod clock;
mod connection;
mod generator;
mod measure;
mod progress;
mod run;
mod schedule;

pub use clock::Clock;
pub use measure::{HISTOGRAM_MAX_NS, Measured, Second, new_histogram};
pub use progress::Progress;
pub use run::{Plan, run};
pub use schedule::{Pace, Schedule};
