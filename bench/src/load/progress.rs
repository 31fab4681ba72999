//! How a run is getting on: counted by the generators, shown once a second on a terminal.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::Clock;

/// What is shared between generators and whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    pub(crate) accepted: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) errors: AtomicU64,
    /// 99th percentile of the last full second's response time, of whichever thread wrote last.
    pub(crate) p99_ns: AtomicU64,
    pub(crate) done: AtomicBool,
}

/// How often the end of a run is looked for.
const POLL: Duration = Duration::from_millis(50);

/// Shows progress until the run is done.
pub(crate) fn show(progress: &Arc<Progress>, clock: Clock, what: &str, total: Duration) {
    let terminal = std::io::stderr().is_terminal();
    let (mut shown_s, mut accepted_before) = (0, 0);
    while !progress.done.load(Relaxed) {
        std::thread::sleep(POLL);
        let second = clock.now_ns() / 1_000_000_000;
        if !terminal || second == shown_s {
            continue;
        }
        shown_s = second;
        let accepted = progress.accepted.load(Relaxed);
        let line = format!(
            "\r\x1b[K{what}  {second}/{} s  {} commands/s  p99 {:.2} ms  refused {}  errors {}",
            total.as_secs(),
            accepted.saturating_sub(accepted_before),
            progress.p99_ns.load(Relaxed) as f64 / 1e6,
            progress.refused.load(Relaxed),
            progress.errors.load(Relaxed),
        );
        accepted_before = accepted;
        // Nobody is harmed if a terminal is gone.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    if terminal {
        let _ = std::io::stderr().write_all(b"\r\x1b[K");
    }
}
