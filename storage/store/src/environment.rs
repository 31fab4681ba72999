//! Where time and chance come from, so that a simulation can decide both.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The clock, the dice and the timer of one core. Not `Send`: each core has its own.
///
/// Handles that share one in-memory database should share one clock origin too: versions follow it.
pub trait Environment: 'static {
    /// Monotonic time in microseconds since some origin.
    fn now_us(&self) -> u64;

    /// Sixty-four random bits.
    fn random_u64(&self) -> u64;

    /// Resolves once `duration` has passed.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>>;

    /// Told that a rare path was taken, so that a simulation can count which ones it never took.
    fn probe(&self, _name: &'static str) {}
}
