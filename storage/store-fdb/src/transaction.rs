//! One transaction, as the store's trait has it, on one of the C API.
//!
//! The library keeps the promises: read-your-writes, conflict ranges, limits, retries, watches. What is added here: faults
//! of calls that return nothing wait for the next call that does, a transaction that only read is over without a
//! question to the network thread, and everything is counted.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Instant;

use foundationdb::FdbError;
use foundationdb::future::FdbSlice;
use foundationdb_sys::{
    FDBConflictRangeType, FDBConflictRangeType_FDB_CONFLICT_RANGE_TYPE_READ as READ,
    FDBConflictRangeType_FDB_CONFLICT_RANGE_TYPE_WRITE as WRITE,
};
use store::limits::PAGE_BYTES_MAX;
use store::{
    AtomicOp, Committed, KeyRange, KeySelector, RangeRead, Rows, StoreError, Transaction,
    TransactionOption, VERSION_READ_ONLY, Version, Versionstamp, code,
};

use crate::error::store_error;
use crate::meters::CoreMeters;
use crate::raw::{RangeLimits, RawTransaction};
use crate::stopwatch::Timed;

/// A transaction on FoundationDB.
pub struct FdbTransaction {
    raw: RawTransaction,
    meters: Rc<Counted>,
    attempt: RefCell<Attempt>,
}

/// Counts for one core what its transactions do.
pub(crate) struct Counted(pub(crate) std::sync::Arc<CoreMeters>);

/// What the present try has done.
#[derive(Default)]
struct Attempt {
    /// The first fault of a call that returns nothing.
    deferred: Option<StoreError>,
    /// More was done than to read: only the library knows how the commit ends.
    touched: bool,
    /// The read version was set, or is asked for: nobody waits for it any more.
    has_version: bool,
    version_asked: Option<Timed>,
    /// It only read, and was committed.
    finished: bool,
}

impl FdbTransaction {
    pub(crate) fn new(raw: RawTransaction, meters: Rc<Counted>) -> Self {
        meters.0.begun();
        Self {
            raw,
            meters,
            attempt: RefCell::default(),
        }
    }

    /// Whether a call may go on.
    fn check(&self) -> Result<(), StoreError> {
        let attempt = self.attempt.borrow();
        match &attempt.deferred {
            Some(error) => Err(error.clone()),
            None if attempt.finished => Err(StoreError::new(code::USED_DURING_COMMIT)),
            None => Ok(()),
        }
    }

    fn begin_read(&self) -> Result<(), StoreError> {
        self.check()?;
        self.time_read_version();
        Ok(())
    }

    /// Times the read version that is about to be asked for, once.
    fn time_read_version(&self) {
        let mut attempt = self.attempt.borrow_mut();
        if !std::mem::replace(&mut attempt.has_version, true) {
            attempt.version_asked = Some(Timed::start(self.raw.read_version()));
        }
    }

    /// A call that returns nothing: done, unless the try is over or spoilt already.
    fn touch(&self, call: impl FnOnce(&RawTransaction) -> Result<(), FdbError>) {
        let mut attempt = self.attempt.borrow_mut();
        attempt.touched = true;
        if attempt.deferred.is_none()
            && let Err(error) = call(&self.raw)
        {
            attempt.deferred = Some(store_error(error));
        }
    }

    fn add_conflict_range(&self, range: &KeyRange, kind: FDBConflictRangeType) {
        self.touch(|raw| raw.add_conflict_range(&range.begin, &range.end, kind));
    }

    /// The next try begins, or the transaction ends.
    fn start_over(&self) {
        let over = self.attempt.take();
        if let Some(took) = over.version_asked.and_then(Timed::took) {
            self.meters.0.read_version_came(took);
        }
    }

    async fn send(&self) -> Result<Committed, FdbError> {
        let stamp = self.raw.versionstamp();
        self.raw.commit().await?;
        let version = self.raw.committed_version()?;
        if version == VERSION_READ_ONLY {
            return Ok(Committed::READ_ONLY);
        }
        Ok(Committed {
            version,
            versionstamp: Some(read_stamp(&stamp.await?)),
        })
    }
}

impl Counted {
    fn error(&self, error: FdbError) -> StoreError {
        self.0.failed(error.code());
        store_error(error)
    }
}

impl Drop for FdbTransaction {
    fn drop(&mut self) {
        self.start_over();
    }
}

impl Transaction for FdbTransaction {
    fn set_option(&self, option: TransactionOption) {
        let value = match option {
            TransactionOption::Timeout(ms) | TransactionOption::MaxRetryDelay(ms) => {
                Some(i64::try_from(ms).unwrap_or(i64::MAX))
            }
            TransactionOption::RetryLimit(retries) => Some(i64::from(retries)),
            TransactionOption::SizeLimit(bytes) => Some(i64::try_from(bytes).unwrap_or(i64::MAX)),
            TransactionOption::ReadYourWritesDisable
            | TransactionOption::SnapshotRywEnable
            | TransactionOption::SnapshotRywDisable
            | TransactionOption::NextWriteNoWriteConflictRange => None,
        };
        self.touch(|raw| raw.set_option(option.code(), value));
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        self.begin_read()?;
        let version = self.raw.read_version().await;
        version.map_err(|error| self.meters.error(error))
    }

    fn set_read_version(&self, version: Version) {
        self.attempt.borrow_mut().has_version = true;
        self.touch(|raw| {
            raw.set_read_version(version);
            Ok(())
        });
    }

    async fn get(&self, key: &[u8], snapshot: bool) -> Result<Option<Vec<u8>>, StoreError> {
        self.begin_read()?;
        let value = self.raw.get(key, snapshot).await;
        let value = value.map_err(|error| self.meters.error(error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    async fn get_key(&self, selector: &KeySelector, snapshot: bool) -> Result<Vec<u8>, StoreError> {
        self.begin_read()?;
        let key = self.raw.get_key(selector, snapshot).await;
        Ok(key.map_err(|error| self.meters.error(error))?.to_vec())
    }

    async fn get_range(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        self.begin_read()?;
        let limits = RangeLimits {
            rows: read.limit,
            bytes: match read.bytes_target {
                0 => PAGE_BYTES_MAX,
                bytes => bytes.min(PAGE_BYTES_MAX),
            },
            reverse: read.reverse,
        };
        let page = self.raw.get_range(&read.begin, &read.end, limits, snapshot);
        let page = page.await.map_err(|error| self.meters.error(error))?;
        let row =
            |row: &foundationdb::future::FdbKeyValue| (row.key().to_vec(), row.value().to_vec());
        Ok(Rows {
            rows: page.iter().map(row).collect(),
            more: page.more(),
        })
    }

    fn set(&self, key: &[u8], value: &[u8]) {
        self.touch(|raw| {
            raw.set(key, value);
            Ok(())
        });
    }

    fn clear(&self, key: &[u8]) {
        self.touch(|raw| {
            raw.clear(key);
            Ok(())
        });
    }

    fn clear_range(&self, range: &KeyRange) {
        self.touch(|raw| {
            raw.clear_range(&range.begin, &range.end);
            Ok(())
        });
    }

    fn atomic(&self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        self.touch(|raw| {
            raw.atomic(u32::from(op.code()), key, operand);
            Ok(())
        });
    }

    fn add_read_conflict_range(&self, range: &KeyRange) {
        self.add_conflict_range(range, READ);
    }

    fn add_write_conflict_range(&self, range: &KeyRange) {
        self.add_conflict_range(range, WRITE);
    }

    fn watch(&self, key: &[u8]) -> impl Future<Output = Result<(), StoreError>> + 'static {
        let usable = self.check();
        self.attempt.borrow_mut().touched = true;
        let watch = usable.map(|()| self.raw.watch(key));
        let meters = Rc::clone(&self.meters);
        async move { watch?.await.map_err(|error| meters.error(error)) }
    }

    async fn commit(&self) -> Result<Committed, StoreError> {
        self.check()?;
        if !self.attempt.borrow().touched {
            self.start_over();
            self.attempt.borrow_mut().finished = true;
            return Ok(Committed::READ_ONLY);
        }
        let started = Instant::now();
        let result = self.send().await;
        match &result {
            Ok(committed) if committed.versionstamp.is_some() => {
                let took = started.elapsed();
                self.meters.0.committed(took);
                tracing::trace!(version = committed.version, ?took, "committed");
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(code = error.code(), took = ?started.elapsed(), "not known to be committed");
            }
        }
        result.map_err(|error| {
            let error = self.meters.error(error);
            if error.is_maybe_committed() {
                self.meters.0.result_unknown();
            }
            error
        })
    }

    async fn on_error(&self, error: StoreError) -> Result<(), StoreError> {
        let next = self.raw.on_error(known_to_library(error.code())).await;
        next.map_err(store_error)?;
        self.start_over();
        self.meters.0.retried();
        tracing::debug!(code = error.code(), "tries again");
        Ok(())
    }

    fn reset(&self) {
        self.raw.reset();
        self.start_over();
    }

    fn cancel(&self) {
        self.raw.cancel();
        let mut attempt = self.attempt.borrow_mut();
        (attempt.touched, attempt.finished) = (true, false);
    }
}

/// The number by which a library of 7.3 retries an error that it would hand back.
fn known_to_library(number: i32) -> i32 {
    match number {
        // Only later versions of FoundationDB answer these; they say, as a conflict does, that nothing was committed.
        code::TRANSACTION_THROTTLED_HOT_SHARD | code::TRANSACTION_REJECTED_RANGE_LOCKED => {
            code::NOT_COMMITTED
        }
        // Retried only by a library that has loaded others below itself. As with an unknown result, it may be committed.
        code::CLUSTER_VERSION_CHANGED => code::COMMIT_UNKNOWN_RESULT,
        known => known,
    }
}

/// What the library answers is a stamp, always.
fn read_stamp(bytes: &FdbSlice) -> Versionstamp {
    let stamp = <[u8; Versionstamp::LEN]>::try_from(&bytes[..]);
    Versionstamp(stamp.expect("a versionstamp has 10 bytes"))
}
