//! The least binding: handles that end with their scope, and waiting.

use std::ffi::{CString, c_int};
use std::ptr;
use std::sync::Once;

use fdb_c::api as c;

/// An error's number.
pub(crate) type Code = c_int;

/// What a call that waited got.
pub(crate) type Answer<T> = Result<T, Code>;

/// Rows, and whether there may be more.
pub(crate) type Page = (Vec<(Vec<u8>, Vec<u8>)>, bool);

/// A handle of C.
pub(crate) struct Database(pub(crate) *mut c::FDBDatabase);
pub(crate) struct Transaction(pub(crate) *mut c::FDBTransaction);
pub(crate) struct Future(pub(crate) *mut c::FDBFuture);

/// Selects the version, sets the network up and runs it, once for this process.
pub(crate) fn boot() {
    static BOOT: Once = Once::new();
    BOOT.call_once(|| {
        assert_eq!(c::fdb_select_api_version_impl(731, 731), 2203);
        assert_eq!(c::fdb_select_api_version_impl(730, 720), 2202);
        assert_eq!(c::fdb_select_api_version_impl(199, 730), 2203);
        assert_eq!(
            open("memory"),
            Err(2008),
            "nothing before the network is set up"
        );
        assert_eq!(c::fdb_select_api_version_impl(730, 730), 0);
        assert_eq!(c::fdb_select_api_version_impl(730, 730), 2201);
        assert_eq!(c::fdb_run_network(), 2008);
        assert_eq!(c::fdb_setup_network(), 0);
        assert_eq!(c::fdb_setup_network(), 2009);
        std::thread::spawn(|| assert_eq!(c::fdb_run_network(), 0));
    });
}

fn open(place: &str) -> Answer<*mut c::FDBDatabase> {
    let place = CString::new(place).unwrap();
    let mut database = ptr::null_mut();
    // SAFETY: the string and the out-parameter live for the call.
    match unsafe { c::fdb_create_database(place.as_ptr(), &raw mut database) } {
        0 => Ok(database),
        code => Err(code),
    }
}

impl Database {
    pub(crate) fn open(place: &str) -> Answer<Self> {
        boot();
        open(place).map(Self)
    }

    /// A database in memory that no other test has.
    pub(crate) fn memory(name: &str) -> Self {
        Self::open(&format!("memory:{name}")).unwrap()
    }

    pub(crate) fn begin(&self) -> Transaction {
        let mut transaction = ptr::null_mut();
        // SAFETY: the database is open, the out-parameter lives for the call.
        assert_eq!(
            unsafe { c::fdb_database_create_transaction(self.0, &raw mut transaction) },
            0
        );
        Transaction(transaction)
    }

    pub(crate) fn put(&self, key: &[u8], value: &[u8]) {
        let transaction = self.begin();
        transaction.set(key, value);
        transaction.commit().unwrap();
    }

    pub(crate) fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.begin().get(key).value().unwrap()
    }

    pub(crate) fn set_option(&self, option: c_int, value: Option<i64>) -> Code {
        let bytes = value.map(i64::to_le_bytes);
        let (pointer, length) = bytes
            .as_ref()
            .map_or((ptr::null(), 0), |bytes| (bytes.as_ptr(), 8));
        // SAFETY: the database is open and the value readable.
        unsafe { c::fdb_database_set_option(self.0, option, pointer, length) }
    }
}

impl Transaction {
    pub(crate) fn set(&self, key: &[u8], value: &[u8]) {
        // SAFETY: the transaction lives, the slices are readable.
        unsafe {
            c::fdb_transaction_set(self.0, key.as_ptr(), len(key), value.as_ptr(), len(value))
        }
    }

    pub(crate) fn clear_range(&self, begin: &[u8], end: &[u8]) {
        // SAFETY: as above.
        unsafe {
            c::fdb_transaction_clear_range(
                self.0,
                begin.as_ptr(),
                len(begin),
                end.as_ptr(),
                len(end),
            )
        }
    }

    pub(crate) fn atomic(&self, operation: c_int, key: &[u8], operand: &[u8]) {
        // SAFETY: as above.
        unsafe {
            c::fdb_transaction_atomic_op(
                self.0,
                key.as_ptr(),
                len(key),
                operand.as_ptr(),
                len(operand),
                operation,
            );
        }
    }

    pub(crate) fn add_read_conflict(&self, begin: &[u8], end: &[u8]) {
        const READ: c_int = 0;
        self.add_conflict(begin, end, READ);
    }

    pub(crate) fn add_write_conflict(&self, begin: &[u8], end: &[u8]) {
        const WRITE: c_int = 1;
        self.add_conflict(begin, end, WRITE);
    }

    fn add_conflict(&self, begin: &[u8], end: &[u8], kind: c_int) {
        // SAFETY: as above.
        let code = unsafe {
            c::fdb_transaction_add_conflict_range(
                self.0,
                begin.as_ptr(),
                len(begin),
                end.as_ptr(),
                len(end),
                kind,
            )
        };
        assert_eq!(code, 0);
    }

    pub(crate) fn read_version(&self) -> Answer<i64> {
        // SAFETY: as above.
        Future(unsafe { c::fdb_transaction_get_read_version(self.0) }).int64()
    }

    pub(crate) fn get(&self, key: &[u8]) -> Future {
        // SAFETY: as above.
        Future(unsafe { c::fdb_transaction_get(self.0, key.as_ptr(), len(key), 0) })
    }

    /// The key that lies `offset` after the last one before `key`.
    pub(crate) fn get_key(&self, key: &[u8], offset: c_int) -> Future {
        // SAFETY: as above.
        Future(unsafe { c::fdb_transaction_get_key(self.0, key.as_ptr(), len(key), 0, offset, 0) })
    }

    /// A page from `begin` to `end`, both included where they are.
    pub(crate) fn range(&self, begin: &[u8], end: &[u8], limit: c_int, mode: c_int) -> Future {
        // SAFETY: as above.
        Future(unsafe {
            c::fdb_transaction_get_range(
                self.0,
                begin.as_ptr(),
                len(begin),
                0,
                1,
                end.as_ptr(),
                len(end),
                0,
                1,
                limit,
                0,
                mode,
                1,
                0,
                0,
            )
        })
    }

    /// A page of at most `limit` rows between two selectors, each a key and an offset.
    pub(crate) fn range_between(
        &self,
        begin: (&[u8], c_int),
        end: (&[u8], c_int),
        limit: c_int,
        reverse: bool,
    ) -> Future {
        const EXACT: c_int = 0;
        // SAFETY: as above.
        Future(unsafe {
            c::fdb_transaction_get_range(
                self.0,
                begin.0.as_ptr(),
                len(begin.0),
                0,
                begin.1,
                end.0.as_ptr(),
                len(end.0),
                0,
                end.1,
                limit,
                0,
                EXACT,
                1,
                0,
                c_int::from(reverse),
            )
        })
    }

    pub(crate) fn watch(&self, key: &[u8]) -> Future {
        // SAFETY: as above.
        Future(unsafe { c::fdb_transaction_watch(self.0, key.as_ptr(), len(key)) })
    }

    pub(crate) fn versionstamp(&self) -> Future {
        // SAFETY: the transaction lives.
        Future(unsafe { c::fdb_transaction_get_versionstamp(self.0) })
    }

    pub(crate) fn start_commit(&self) -> Future {
        // SAFETY: the transaction lives.
        Future(unsafe { c::fdb_transaction_commit(self.0) })
    }

    pub(crate) fn commit(&self) -> Answer<()> {
        self.start_commit().wait()
    }

    pub(crate) fn on_error(&self, error: Code) -> Answer<()> {
        // SAFETY: the transaction lives.
        Future(unsafe { c::fdb_transaction_on_error(self.0, error) }).wait()
    }

    pub(crate) fn cancel(&self) {
        // SAFETY: the transaction lives.
        unsafe { c::fdb_transaction_cancel(self.0) }
    }

    pub(crate) fn set_option(&self, option: c_int, value: Option<&[u8]>) -> Code {
        let (pointer, length) =
            value.map_or((ptr::null(), 0), |value| (value.as_ptr(), len(value)));
        // SAFETY: the transaction lives and the value is readable.
        unsafe { c::fdb_transaction_set_option(self.0, option, pointer, length) }
    }
}

impl Future {
    /// Waits; its error, if it holds one.
    pub(crate) fn wait(&self) -> Answer<()> {
        // SAFETY: the future lives.
        unsafe {
            assert_eq!(c::fdb_future_block_until_ready(self.0), 0);
            ok(c::fdb_future_get_error(self.0))
        }
    }

    pub(crate) fn value(&self) -> Answer<Option<Vec<u8>>> {
        self.wait()?;
        let (mut present, mut value, mut length) = (0, ptr::null(), 0);
        // SAFETY: the future lives, and owns what it hands out.
        unsafe {
            ok(c::fdb_future_get_value(
                self.0,
                &raw mut present,
                &raw mut value,
                &raw mut length,
            ))?;
            Ok((present != 0).then(|| copied(value, length)))
        }
    }

    pub(crate) fn key(&self) -> Answer<Vec<u8>> {
        self.wait()?;
        let (mut key, mut length) = (ptr::null(), 0);
        // SAFETY: the future lives, and owns what it hands out.
        unsafe {
            ok(c::fdb_future_get_key(self.0, &raw mut key, &raw mut length))?;
            Ok(copied(key, length))
        }
    }

    pub(crate) fn int64(&self) -> Answer<i64> {
        self.wait()?;
        let mut number = 0;
        // SAFETY: the future lives.
        ok(unsafe { c::fdb_future_get_int64(self.0, &raw mut number) })?;
        Ok(number)
    }

    /// The rows, and whether there may be more.
    pub(crate) fn rows(&self) -> Answer<Page> {
        self.wait()?;
        let (mut rows, mut count, mut more) = (ptr::null(), 0, 0);
        // SAFETY: the future lives, and owns what it hands out.
        unsafe {
            ok(c::fdb_future_get_keyvalue_array(
                self.0,
                &raw mut rows,
                &raw mut count,
                &raw mut more,
            ))?;
            let row = |place: c_int| {
                let row = rows.add(usize::try_from(place).unwrap()).read_unaligned();
                (
                    copied(row.key, row.key_length),
                    copied(row.value, row.value_length),
                )
            };
            Ok(((0..count).map(row).collect(), more != 0))
        }
    }
}

/// # Safety
/// `pointer` is readable for `length` bytes, or `length` is 0.
unsafe fn copied(pointer: *const u8, length: c_int) -> Vec<u8> {
    match length {
        0 => Vec::new(),
        // SAFETY: the caller's, as above.
        _ => unsafe { std::slice::from_raw_parts(pointer, usize::try_from(length).unwrap()) }
            .to_vec(),
    }
}

pub(crate) fn ok(code: Code) -> Answer<()> {
    match code {
        0 => Ok(()),
        code => Err(code),
    }
}

pub(crate) fn len(bytes: &[u8]) -> c_int {
    c_int::try_from(bytes.len()).unwrap()
}

macro_rules! ends {
    ($($handle:ty: $destroy:path,)*) => {
        $(impl Drop for $handle {
            fn drop(&mut self) {
                // SAFETY: it came from the library and ends here.
                unsafe { $destroy(self.0) }
            }
        }

        // SAFETY: the C API may be called from any thread.
        unsafe impl Send for $handle {}
        // SAFETY: as above.
        unsafe impl Sync for $handle {})*
    };
}

ends!(
    Database: c::fdb_database_destroy,
    Transaction: c::fdb_transaction_destroy,
    Future: c::fdb_future_destroy,
);
