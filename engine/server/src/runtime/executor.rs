//! One executor, set up so that the known faults of the runtime do not show.

use std::time::Duration;

use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};

/// How long the tasks run before the runtime looks at its own rings; nothing of the engine waits for those.
const PREEMPT_INTERVAL: Duration = Duration::from_millis(100);
/// Entries of each ring.
const RING_ENTRIES: usize = 128;
/// Registered buffers of files; the engine reads no files through the runtime.
const FILE_BUFFER_BYTES: usize = 64 << 10;

/// An executor for this thread, pinned to `core` if one is given.
pub(crate) fn executor(core: Option<usize>) -> Result<LocalExecutor, String> {
    LocalExecutorBuilder::new(core.map_or(Placement::Unbound, Placement::Fixed))
        .preempt_timer(PREEMPT_INTERVAL)
        .ring_depth(RING_ENTRIES)
        .io_memory(FILE_BUFFER_BYTES)
        .make()
        .map_err(|error| error.to_string())
}

/// Asks the kernel not to interrupt another program the moment that this thread has something to do.
///
/// A core that wakes for each packet takes the processor from whoever sends the next ones, and then serves them one by
/// one. On a processor of its own this changes nothing; where clients share it, it serves more with each wake-up.
/// A kernel that refuses is no reason not to start.
pub(crate) fn prefer_batches() {
    let unused = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to a live value; 0 names the calling thread.
    if unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &unused) } != 0 {
        let error = std::io::Error::last_os_error();
        tracing::debug!(%error, "the core runs under the default scheduling policy");
    }
}
