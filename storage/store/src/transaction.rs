//! The two traits that every backend implements: FoundationDB's model, and nothing else.

use std::future::Future;

use crate::{
    AtomicOp, Committed, KeyRange, KeySelector, RangeRead, Rows, StoreError, TransactionOption,
    Version,
};

/// A database. Cheap to clone; each core has its own handle.
pub trait Store: Clone + 'static {
    /// What [`Store::begin`] hands out.
    type Transaction: Transaction;

    /// Starts a transaction. Nothing is read until the first read asks for a read version.
    fn begin(&self) -> Self::Transaction;
}

/// One transaction: reads at one version, writes that become visible together or not at all.
///
/// Every method takes `&self`, as FoundationDB's do, so reads may run side by side. A method called
/// while [`Transaction::commit`] runs fails with 2017 `used_during_commit`. Writes report their
/// errors (2101, 2102, 2103 …) when the transaction commits.
#[allow(async_fn_in_trait)]
pub trait Transaction: 'static {
    /// Sets an option; options survive [`Transaction::on_error`] where FoundationDB's do.
    fn set_option(&self, option: TransactionOption);

    /// The version that this transaction reads at (asked for once, then kept).
    async fn read_version(&self) -> Result<Version, StoreError>;

    /// Reads at `version` instead of the newest one. Must come before the first read.
    fn set_read_version(&self, version: Version);

    /// The value of `key`, own writes included. `snapshot` reads add no conflict range.
    async fn get(&self, key: &[u8], snapshot: bool) -> Result<Option<Vec<u8>>, StoreError>;

    /// The key that `selector` names, clamped to the empty key and `\xff`.
    async fn get_key(&self, selector: &KeySelector, snapshot: bool) -> Result<Vec<u8>, StoreError>;

    /// One page of rows. `Rows::more` may be set with nothing left, and before the limits are reached: FoundationDB ends a page
    /// that holds rows where what the transaction knows already ends.
    async fn get_range(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError>;

    /// Sets `key` to `value`.
    fn set(&self, key: &[u8], value: &[u8]);

    /// Removes `key`.
    fn clear(&self, key: &[u8]);

    /// Removes every key of `range` (end exclusive).
    fn clear_range(&self, range: &KeyRange);

    /// Applies an atomic operation at commit.
    fn atomic(&self, op: AtomicOp, key: &[u8], operand: &[u8]);

    /// Fails this commit if anything in `range` is written after the read version. As with a read, a key
    /// that this transaction set or cleared before adds nothing: name what the commit rests on first, and
    /// write after.
    fn add_read_conflict_range(&self, range: &KeyRange);

    /// Makes this commit conflict with others that read `range`.
    fn add_write_conflict_range(&self, range: &KeyRange);

    /// Resolves once the value of `key` differs from what this transaction saw. Active after the commit; a
    /// failed commit fails it. At most [`crate::WATCHES_MAX`] at once (1032).
    fn watch(&self, key: &[u8]) -> impl Future<Output = Result<(), StoreError>> + 'static;

    /// Commits. A read-only transaction answers at once with version -1.
    async fn commit(&self) -> Result<Committed, StoreError>;

    /// Resets the transaction after a retryable `error` and waits for the back-off; hands back what is not retryable.
    async fn on_error(&self, error: StoreError) -> Result<(), StoreError>;

    /// Forgets everything, as if just begun.
    fn reset(&self);

    /// Makes everything outstanding fail with 1025.
    fn cancel(&self);
}
