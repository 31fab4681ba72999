//! One executor, set up so that the known faults of the runtime do not show.

use std::time::Duration;

use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};

/// How long a task queue runs before the rings are looked at again; the runtime's own default is 100 ms.
const PREEMPT_INTERVAL: Duration = Duration::from_millis(1);
/// Entries of each ring.
const RING_ENTRIES: usize = 512;
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
