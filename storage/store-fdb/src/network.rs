//! FoundationDB's network thread: started once in a process, stopped once, never again.

use std::sync::atomic::{AtomicBool, Ordering};

use foundationdb::FdbResult;
use foundationdb::api::{FdbApiBuilder, NetworkAutoStop};

/// The library selects its API once and runs its network once.
static STARTED: AtomicBool = AtomicBool::new(false);

/// The running network. Dropping it stops and joins the thread: whatever still waits then is never answered.
pub(crate) struct Network(
    #[allow(dead_code, reason = "held for what its drop does")] NetworkAutoStop,
);

impl Network {
    /// Starts the network; none if it was started before.
    pub(crate) fn start() -> Option<FdbResult<Self>> {
        if STARTED.swap(true, Ordering::AcqRel) {
            return None;
        }
        let start = || {
            let builder = FdbApiBuilder::default().build()?;
            // SAFETY: the guard is dropped before the process ends: by `close`, or with the last clone of the database.
            let network = unsafe { builder.boot() }?;
            Ok(Self(network))
        };
        Some(start())
    }
}
