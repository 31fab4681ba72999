//! What an operator may set.

use crate::OpenError;
use crate::log::segment_bytes_min;

/// Sizes and limits of an [`crate::EmbeddedDatabase`]. The defaults keep the whole store below 160 MB of
/// memory: cache, three write buffers, the queue, the resolver's history and what is being merged.
#[derive(Clone, Debug)]
pub struct EmbeddedSettings {
    /// Blocks of tables kept in memory, in bytes.
    pub cache_bytes: u64,
    /// Committed rows are written into a table once so many bytes of them are in memory. At most
    /// [`WRITE_BUFFERS_MAX`] such buffers exist before commits wait for the disk.
    pub write_buffer_bytes: u64,
    /// The size of one file of the log. A new one is begun with each write buffer, or when it is full; so
    /// at most about [`WRITE_BUFFERS_MAX`] files are read when the store is opened.
    pub segment_bytes: u64,
    /// Commits that may wait for the committer; one more fails with 1042, which is retryable.
    pub commit_queue_max: usize,
    /// The bytes of such commits; one commit always fits.
    pub commit_queue_bytes_max: usize,
    /// A group ends with the commit that reaches so many bytes.
    pub group_bytes_max: usize,
    /// Values from this length on are stored apart from their keys, and not rewritten with them.
    pub separate_value_bytes: u32,
    /// Tables kept open at once.
    pub open_files_max: usize,
    /// What all write buffers may take in memory, those included that are in tables and kept for readers of the past only. Past it
    /// the 5 s window of those gets shorter.
    pub history_bytes_max: u64,
    /// Called by the committer's thread from time to time while nobody commits. An allocator may keep what other threads freed for
    /// the thread that asked for it, until that one comes for it; then this tells it to. Nothing by default.
    pub when_idle: fn(),
}

/// Write buffers that may exist at once: one that takes commits, and those on their way into tables.
pub const WRITE_BUFFERS_MAX: usize = 3;

/// However much memory there is, buffers that are in tables are not kept for readers of the past if all take more than this. Memory
/// that is used again costs less than fresh memory.
const HISTORY_BYTES_MAX: u64 = 64 << 20;

/// The longest write buffer and file of the log: a buffer that takes some of these when the store is opened stays below the 4 GiB that
/// it can hold.
const BUFFER_BYTES_MAX: u64 = 512 << 20;

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            cache_bytes: 32 << 20,
            write_buffer_bytes: 12 << 20,
            segment_bytes: 16 << 20,
            commit_queue_max: 100_000,
            commit_queue_bytes_max: 32 << 20,
            group_bytes_max: 4 << 20,
            separate_value_bytes: 4 << 10,
            open_files_max: 256,
            history_bytes_max: 48 << 20,
            when_idle: || {},
        }
    }
}

impl EmbeddedSettings {
    /// The settings for a store that may take about `bytes` of memory, 64 MiB at least.
    #[must_use]
    pub fn for_memory(bytes: u64) -> Self {
        let share = |parts: u64| (bytes.max(64 << 20) / 160) * parts;
        Self {
            cache_bytes: share(40),
            write_buffer_bytes: share(12).min(28 << 20),
            segment_bytes: (share(16) / 4096 * 4096).min(32 << 20),
            history_bytes_max: share(48).min(HISTORY_BYTES_MAX),
            ..Self::default()
        }
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let within = |name, value: u64, least: u64, most: u64, bounds| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(OpenError::Setting {
                    name,
                    value,
                    bounds,
                })
            }
        };
        let at_least = |name, value, least, bounds| within(name, value, least, u64::MAX, bounds);
        at_least("cache_bytes", self.cache_bytes, 1 << 20, "at least 1 MiB")?;
        within(
            "write_buffer_bytes",
            self.write_buffer_bytes,
            64 << 10,
            BUFFER_BYTES_MAX,
            "64 KiB to 512 MiB",
        )?;
        within(
            "segment_bytes",
            self.segment_bytes,
            segment_bytes_min(),
            BUFFER_BYTES_MAX,
            "260 KiB to 512 MiB",
        )?;
        at_least(
            "commit_queue_max",
            self.commit_queue_max as u64,
            1,
            "at least 1",
        )?;
        at_least(
            "group_bytes_max",
            self.group_bytes_max as u64,
            1,
            "at least 1",
        )?;
        at_least(
            "separate_value_bytes",
            self.separate_value_bytes.into(),
            256,
            "at least 256",
        )?;
        at_least(
            "open_files_max",
            self.open_files_max as u64,
            16,
            "at least 16",
        )
    }
}
