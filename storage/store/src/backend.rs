//! What a store must bring so that the session can make FoundationDB's transactions of it.

use std::future::Future;
use std::rc::Rc;

use crate::{CommitRequest, Committed, Environment, Rows, StoreError, Version};

/// The bytes below the transactions: snapshots to read, a commit that resolves conflicts, watches.
///
/// One handle per core (it need not be `Send`); what they share lies behind it. Two rules bind it all:
///
/// * A snapshot holds everything that was committed before it was asked for, and nothing later.
/// * Versions keep growing with time although nothing is committed (FoundationDB's proxies commit empty
///   batches for this). So [`Backend::snapshot`] of an idle store answers a version of just now, above
///   the last commit's, and every later commit gets a higher one. Otherwise the first commit after a
///   pause longer than the window would find its own fresh read version too old.
pub trait Backend: Clone + 'static {
    /// The database at one version. Dropping it frees what it held.
    type Snapshot: Snapshot;

    /// The clock, dice and timer of this core.
    fn environment(&self) -> &Rc<dyn Environment>;

    /// The newest version whose commits are all visible, without a snapshot: for commits that name read
    /// conflict ranges and read nothing.
    fn read_version(&self) -> impl Future<Output = Result<Version, StoreError>>;

    /// The newest committed state.
    fn snapshot(&self) -> impl Future<Output = Result<Self::Snapshot, StoreError>>;

    /// The state at `version`: 1007 if it is older than the window (or no longer kept), 1009 if it lies
    /// in the future and stays there, 1037 if the store lags behind it.
    fn snapshot_at(
        &self,
        version: Version,
    ) -> impl Future<Output = Result<Self::Snapshot, StoreError>>;

    /// Resolves and applies `request`, or fails with nothing applied (1007, 1020), or with 1021.
    /// Dropping the future does not call the commit back.
    fn commit(&self, request: CommitRequest)
    -> impl Future<Output = Result<Committed, StoreError>>;

    /// Resolves once the value of `key` is not `seen`; at once if it already differs. 1032 past
    /// [`crate::WATCHES_MAX`]. Dropping the future gives its place back.
    fn watch(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static;
}

/// The database at one version. Every read fails with 1007 once that version is older than the window.
pub trait Snapshot: 'static {
    /// The version.
    fn version(&self) -> Version;

    /// The value of `key`.
    fn get(&self, key: &[u8]) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;

    /// The rows of `scan`, in its direction. `more` is set if the limit or the target of bytes ended it;
    /// it is false only if nothing is left. A page with `more` set holds at least one row. A store may end
    /// a page sooner, with `more` set: the session hands it on so, as FoundationDB's client does.
    fn range(&self, scan: Scan<'_>) -> impl Future<Output = Result<Rows, StoreError>>;
}

/// A range read with its selectors resolved.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// The first key.
    pub begin: &'a [u8],
    /// The first key past the range; always greater than `begin`.
    pub end: &'a [u8],
    /// At most so many rows; at least 1, `usize::MAX` for no limit.
    pub limit: usize,
    /// Stop after the row that reaches so many bytes of keys and values; at least 1.
    pub bytes_target: usize,
    /// From the end backwards.
    pub reverse: bool,
}
