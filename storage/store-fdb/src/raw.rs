//! Databases and transactions of the C API, by the functions' own rules.
//!
//! The crate's `Transaction` is consumed by `commit` and `on_error`, so that nobody could cancel or reset it meanwhile, as
//! this engine does. Here everything takes `&self`, as in C, where every function may be called from any thread.

use std::ffi::{CStr, c_int};
use std::ptr::NonNull;

use foundationdb::future::{FdbFuture, FdbSlice, FdbValues};
use foundationdb::options::DatabaseOption;
use foundationdb::{FdbError, FdbResult};
use foundationdb_sys as c;
use store::KeySelector;

/// A connection to a cluster.
pub(crate) struct RawDatabase {
    /// Destroys what `pointer` leads to.
    database: foundationdb::Database,
    pointer: NonNull<c::FDBDatabase>,
}

// SAFETY: the C API says that a database may be used from any thread.
unsafe impl Send for RawDatabase {}
// SAFETY: as above.
unsafe impl Sync for RawDatabase {}

impl RawDatabase {
    /// Reads the cluster file; the connection itself is made in the background.
    pub(crate) fn open(cluster_file: &CStr) -> FdbResult<Self> {
        let mut pointer = std::ptr::null_mut();
        // SAFETY: both pointers are good for the call.
        check(unsafe { c::fdb_create_database(cluster_file.as_ptr(), &raw mut pointer) })?;
        let pointer = NonNull::new(pointer).expect("without an error there is a database");
        // SAFETY: it was made just now, and only `database` destroys it.
        let database = unsafe { foundationdb::Database::new_from_pointer(pointer) };
        Ok(Self { database, pointer })
    }

    /// Sets a default for all transactions.
    pub(crate) fn set_option(&self, option: DatabaseOption) -> FdbResult<()> {
        self.database.set_option(option)
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> FdbResult<RawTransaction> {
        let mut pointer = std::ptr::null_mut();
        // SAFETY: the database lives, and the other pointer is good for the call.
        check(unsafe {
            c::fdb_database_create_transaction(self.pointer.as_ptr(), &raw mut pointer)
        })?;
        let pointer = NonNull::new(pointer).expect("without an error there is a transaction");
        Ok(RawTransaction(pointer))
    }
}

/// One transaction.
pub(crate) struct RawTransaction(NonNull<c::FDBTransaction>);

impl Drop for RawTransaction {
    fn drop(&mut self) {
        // SAFETY: it is destroyed here and nowhere else.
        unsafe { c::fdb_transaction_destroy(self.0.as_ptr()) }
    }
}

/// Where a page of a range read ends, and which end it begins at.
#[derive(Clone, Copy)]
pub(crate) struct RangeLimits {
    /// At most so many rows; 0 for no limit.
    pub(crate) rows: usize,
    /// Stop after the row that reaches so many bytes; at least 1.
    pub(crate) bytes: usize,
    /// From the end backwards.
    pub(crate) reverse: bool,
}

// Every function below is given a transaction that lives, and slices that are good for the call: the library copies them.
#[allow(clippy::undocumented_unsafe_blocks, reason = "said once, above")]
impl RawTransaction {
    pub(crate) fn set_option(&self, code: u32, value: Option<i64>) -> FdbResult<()> {
        let value = value.map(i64::to_le_bytes);
        let bytes = value.as_ref().map_or(&[][..], |bytes| bytes);
        check(unsafe {
            c::fdb_transaction_set_option(self.0.as_ptr(), code, bytes.as_ptr(), len(bytes))
        })
    }

    pub(crate) fn set_read_version(&self, version: i64) {
        unsafe { c::fdb_transaction_set_read_version(self.0.as_ptr(), version) }
    }

    pub(crate) fn read_version(&self) -> FdbFuture<i64> {
        FdbFuture::new(unsafe { c::fdb_transaction_get_read_version(self.0.as_ptr()) })
    }

    pub(crate) fn get(&self, key: &[u8], snapshot: bool) -> FdbFuture<Option<FdbSlice>> {
        FdbFuture::new(unsafe {
            c::fdb_transaction_get(
                self.0.as_ptr(),
                key.as_ptr(),
                len(key),
                c_int::from(snapshot),
            )
        })
    }

    pub(crate) fn get_key(&self, selector: &KeySelector, snapshot: bool) -> FdbFuture<FdbSlice> {
        FdbFuture::new(unsafe {
            c::fdb_transaction_get_key(
                self.0.as_ptr(),
                selector.key.as_ptr(),
                len(&selector.key),
                c_int::from(selector.or_equal),
                selector.offset,
                c_int::from(snapshot),
            )
        })
    }

    /// A page by the caller's own limits, which the mode EXACT leaves alone.
    pub(crate) fn get_range(
        &self,
        begin: &KeySelector,
        end: &KeySelector,
        limits: RangeLimits,
        snapshot: bool,
    ) -> FdbFuture<FdbValues> {
        const ITERATION: c_int = 1;
        FdbFuture::new(unsafe {
            c::fdb_transaction_get_range(
                self.0.as_ptr(),
                begin.key.as_ptr(),
                len(&begin.key),
                c_int::from(begin.or_equal),
                begin.offset,
                end.key.as_ptr(),
                len(&end.key),
                c_int::from(end.or_equal),
                end.offset,
                saturated(limits.rows),
                saturated(limits.bytes),
                c::FDBStreamingMode_FDB_STREAMING_MODE_EXACT,
                ITERATION,
                c_int::from(snapshot),
                c_int::from(limits.reverse),
            )
        })
    }

    pub(crate) fn set(&self, key: &[u8], value: &[u8]) {
        unsafe {
            c::fdb_transaction_set(
                self.0.as_ptr(),
                key.as_ptr(),
                len(key),
                value.as_ptr(),
                len(value),
            );
        }
    }

    pub(crate) fn clear(&self, key: &[u8]) {
        unsafe { c::fdb_transaction_clear(self.0.as_ptr(), key.as_ptr(), len(key)) }
    }

    pub(crate) fn clear_range(&self, begin: &[u8], end: &[u8]) {
        unsafe {
            c::fdb_transaction_clear_range(
                self.0.as_ptr(),
                begin.as_ptr(),
                len(begin),
                end.as_ptr(),
                len(end),
            );
        }
    }

    pub(crate) fn atomic(&self, code: u32, key: &[u8], operand: &[u8]) {
        unsafe {
            c::fdb_transaction_atomic_op(
                self.0.as_ptr(),
                key.as_ptr(),
                len(key),
                operand.as_ptr(),
                len(operand),
                code,
            );
        }
    }

    pub(crate) fn add_conflict_range(
        &self,
        begin: &[u8],
        end: &[u8],
        kind: c::FDBConflictRangeType,
    ) -> FdbResult<()> {
        check(unsafe {
            c::fdb_transaction_add_conflict_range(
                self.0.as_ptr(),
                begin.as_ptr(),
                len(begin),
                end.as_ptr(),
                len(end),
                kind,
            )
        })
    }

    pub(crate) fn watch(&self, key: &[u8]) -> FdbFuture<()> {
        FdbFuture::new(unsafe { c::fdb_transaction_watch(self.0.as_ptr(), key.as_ptr(), len(key)) })
    }

    /// To be asked for before the commit; answered after it.
    pub(crate) fn versionstamp(&self) -> FdbFuture<FdbSlice> {
        FdbFuture::new(unsafe { c::fdb_transaction_get_versionstamp(self.0.as_ptr()) })
    }

    pub(crate) fn commit(&self) -> FdbFuture<()> {
        FdbFuture::new(unsafe { c::fdb_transaction_commit(self.0.as_ptr()) })
    }

    /// Of a transaction that has committed; -1 if it wrote nothing.
    pub(crate) fn committed_version(&self) -> FdbResult<i64> {
        let mut version = 0;
        check(unsafe {
            c::fdb_transaction_get_committed_version(self.0.as_ptr(), &raw mut version)
        })?;
        Ok(version)
    }

    pub(crate) fn on_error(&self, code: i32) -> FdbFuture<()> {
        FdbFuture::new(unsafe { c::fdb_transaction_on_error(self.0.as_ptr(), code) })
    }

    pub(crate) fn reset(&self) {
        unsafe { c::fdb_transaction_reset(self.0.as_ptr()) }
    }

    pub(crate) fn cancel(&self) {
        unsafe { c::fdb_transaction_cancel(self.0.as_ptr()) }
    }
}

fn check(code: c::fdb_error_t) -> FdbResult<()> {
    if code == 0 {
        Ok(())
    } else {
        Err(FdbError::from_code(code))
    }
}

/// A length as C takes it. Longer slices are cut: their first 2 GiB are as far past every limit as the whole.
fn len(bytes: &[u8]) -> c_int {
    saturated(bytes.len())
}

fn saturated(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}
