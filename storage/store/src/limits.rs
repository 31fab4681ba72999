//! FoundationDB's limits, and our own, as named numbers with the relations that must hold between them.

use crate::Version;

/// The first key past what users may write; `\xff` begins FoundationDB's system keys.
pub const KEY_SPACE_END: &[u8] = b"\xff";

/// The first key past FoundationDB's system keys; special keys of its client follow.
pub const SYSTEM_KEY_SPACE_END: &[u8] = b"\xff\xff";

/// A system key that any transaction may read, and stamp: layers cache by it what they know of the database.
pub const METADATA_VERSION_KEY: &[u8] = b"\xff/metadataVersion";

/// The longest key, in bytes (2102).
pub const KEY_BYTES_MAX: usize = 10_000;

/// The longest system key, in bytes (2102).
pub const SYSTEM_KEY_BYTES_MAX: usize = 30_000;

/// The longest value, in bytes (2103). An `append_if_fits` past it does nothing.
pub const VALUE_BYTES_MAX: usize = 100_000;

/// The largest transaction: keys, values and conflict ranges, in bytes (2101).
pub const TRANSACTION_BYTES_MAX: usize = 10_000_000;

/// The smallest value of the option `SizeLimit`.
pub const SIZE_LIMIT_BYTES_MIN: usize = 32;

/// What FoundationDB counts for each mutation besides its key and value, in 7.3.79; early 7.3 counted 28.
pub const MUTATION_OVERHEAD_BYTES: usize = 44;

/// What FoundationDB counts for each conflict range besides its two keys.
pub const CONFLICT_RANGE_OVERHEAD_BYTES: usize = 24;

/// What FoundationDB counts for each row of a page besides its key and value.
pub const ROW_OVERHEAD_BYTES: usize = 24;

/// How fast versions grow.
pub const VERSIONS_PER_SECOND: Version = 1_000_000;

/// How long a read version stays good, from read to commit (1007).
pub const WINDOW_SECONDS: Version = 5;

/// [`WINDOW_SECONDS`] in versions.
pub const WINDOW_VERSIONS: Version = WINDOW_SECONDS * VERSIONS_PER_SECOND;

/// The versions that a recovery leaves out, so that nothing of before is taken for something of after
/// (FoundationDB's knob `MAX_VERSIONS_IN_FLIGHT`).
pub const RECOVERY_VERSIONS: Version = 100 * VERSIONS_PER_SECOND;

/// The most watches at once on one database (1032).
pub const WATCHES_MAX: usize = 10_000;

/// The first back-off of `on_error`.
pub const BACKOFF_MS_MIN: u64 = 10;

/// The longest back-off of `on_error`, unless the option `MaxRetryDelay` says otherwise.
pub const BACKOFF_MS_MAX: u64 = 1_000;

/// What `on_error` waits after 1007 and 1009: the next read version will do.
pub const BACKOFF_VERSION_MS: u64 = 10;

/// How long a read waits for a server that lags behind the read version before it fails with 1009.
pub const FUTURE_VERSION_WAIT_MS: u64 = 1_000;

/// The bytes after which a range read ends its page, whatever the caller asked for.
pub const PAGE_BYTES_MAX: usize = 1_000_000;

/// The most memory that a resolver's history takes before it shortens its window, about.
pub const RESOLVER_BYTES_MAX: usize = 64 << 20;

/// Into how many pieces a resolver cuts its window and its memory; it forgets one piece at a time.
pub const RESOLVER_GENERATIONS: Version = 16;

/// The most commits that share one version: a versionstamp has two bytes for the index.
pub const COMMITS_PER_VERSION_MAX: usize = u16::MAX as usize;

const _: () = assert!(
    KEY_BYTES_MAX + VALUE_BYTES_MAX < TRANSACTION_BYTES_MAX,
    "the largest row must fit one transaction"
);
const _: () = assert!(
    KEY_BYTES_MAX + VALUE_BYTES_MAX < PAGE_BYTES_MAX,
    "the largest row must fit one page"
);
const _: () = assert!(
    BACKOFF_MS_MIN <= BACKOFF_MS_MAX,
    "back-off grows from its minimum to its maximum"
);
const _: () = assert!(
    BACKOFF_VERSION_MS <= BACKOFF_MS_MAX,
    "a wait for a newer version is a short one"
);
const _: () = assert!(
    (BACKOFF_MS_MAX as Version) * 1_000 < WINDOW_VERSIONS,
    "a transaction that backs off fully must not find the window closed"
);
const _: () = assert!(
    SIZE_LIMIT_BYTES_MIN < TRANSACTION_BYTES_MAX,
    "SizeLimit needs room to choose from"
);
const _: () = assert!(
    RECOVERY_VERSIONS > WINDOW_VERSIONS,
    "what was read before a recovery is too old after it"
);
const _: () = assert!(
    RESOLVER_GENERATIONS > 1,
    "forgetting one piece must not forget the whole window"
);
const _: () = assert!(
    WINDOW_VERSIONS % RESOLVER_GENERATIONS == 0,
    "the pieces fill the window"
);
