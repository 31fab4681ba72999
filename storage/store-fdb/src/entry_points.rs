//! FoundationDB's C API, bound when a library is loaded and not when the program is linked.
//!
//! ```text
//!   crate foundationdb ──fdb_…──▶ the functions here ──table──▶ libfdb_c.so, opened by `load`
//! ```
//!
//! A program that is linked with libfdb_c.so does not even start where that library is missing, whatever store it was told
//! to use. So each `fdb_…` function that the crate calls is defined here, with the very type that the header gives it
//! (checked below), and hands its arguments on.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem;
use std::sync::OnceLock;

use foundationdb_sys::{
    FDBCallback, FDBConflictRangeType, FDBDatabase, FDBDatabaseOption, FDBFuture, FDBKey,
    FDBKeyValue, FDBMappedKeyValue, FDBMutationType, FDBNetworkOption, FDBStreamingMode,
    FDBTransaction, FDBTransactionOption, fdb_bool_t, fdb_error_t,
};

/// Finds a function of a library by its name; null if there is none.
pub(crate) type Lookup<'a> = &'a dyn Fn(&CStr) -> *mut c_void;

macro_rules! entry_points {
    ($(fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $answer:ty)?;)*) => {
        struct Table {
            $($name: unsafe extern "C" fn($($type),*) $(-> $answer)?,)*
        }

        impl Table {
            /// Looks every function up; the name of the first that is missing is the error.
            ///
            /// # Safety
            ///
            /// What `lookup` finds by a name is the function that FoundationDB's header declares under it.
            unsafe fn find(lookup: Lookup<'_>) -> Result<Self, &'static str> {
                Ok(Self {
                    $($name: {
                        let name = concat!(stringify!($name), "\0");
                        let name = CStr::from_bytes_with_nul(name.as_bytes()).expect("an identifier holds no zero");
                        let found = lookup(name);
                        if found.is_null() {
                            return Err(stringify!($name));
                        }
                        // SAFETY: the caller promises that this is that function; its type is checked below.
                        unsafe { mem::transmute::<*mut c_void, unsafe extern "C" fn($($type),*) $(-> $answer)?>(found) }
                    },)*
                })
            }
        }

        $(
            #[doc = concat!("Hands on to the library's `", stringify!($name), "`.")]
            ///
            /// # Safety
            ///
            /// As FoundationDB's header says.
            #[unsafe(no_mangle)]
            #[allow(clippy::too_many_arguments, reason = "the header decides")]
            unsafe extern "C" fn $name($($argument: $type),*) $(-> $answer)? {
                // SAFETY: the caller keeps to the header's contract, which is that of the function behind.
                unsafe { (table().$name)($($argument),*) }
            }

            const _: unsafe extern "C" fn($($type),*) $(-> $answer)? = foundationdb_sys::$name;
        )*

        /// Where the functions above are. That something names them keeps every linker from passing them over.
        fn addresses() -> usize {
            [$($name as *const () as usize),*].into_iter().fold(0, |all, one| all | one)
        }
    };
}

static TABLE: OnceLock<Table> = OnceLock::new();

fn table() -> &'static Table {
    TABLE
        .get()
        .expect("the library is loaded before anything else of FoundationDB is called")
}

/// Binds all functions, once per process; the name of one that the library lacks is the error.
///
/// # Safety
///
/// What `lookup` finds by a name is the function that FoundationDB's header declares under it, and stays there.
pub(crate) unsafe fn bind(lookup: Lookup<'_>) -> Result<(), &'static str> {
    std::hint::black_box(addresses());
    // SAFETY: the caller promises the same.
    let found = unsafe { Table::find(lookup) }?;
    // A second library would be another client in the same process; the first stays.
    let _ = TABLE.set(found);
    Ok(())
}

entry_points! {
    fn fdb_get_error(code: fdb_error_t) -> *const c_char;
    fn fdb_error_predicate(predicate: c_int, code: fdb_error_t) -> fdb_bool_t;
    fn fdb_select_api_version_impl(runtime: c_int, header: c_int) -> fdb_error_t;
    fn fdb_get_max_api_version() -> c_int;
    fn fdb_get_client_version() -> *const c_char;
    fn fdb_network_set_option(option: FDBNetworkOption, value: *const u8, value_length: c_int) -> fdb_error_t;
    fn fdb_setup_network() -> fdb_error_t;
    fn fdb_run_network() -> fdb_error_t;
    fn fdb_stop_network() -> fdb_error_t;
    fn fdb_future_destroy(future: *mut FDBFuture);
    fn fdb_future_is_ready(future: *mut FDBFuture) -> fdb_bool_t;
    fn fdb_future_set_callback(future: *mut FDBFuture, callback: FDBCallback, parameter: *mut c_void) -> fdb_error_t;
    fn fdb_future_get_error(future: *mut FDBFuture) -> fdb_error_t;
    fn fdb_future_get_int64(future: *mut FDBFuture, out: *mut i64) -> fdb_error_t;
    fn fdb_future_get_key(future: *mut FDBFuture, key: *mut *const u8, key_length: *mut c_int) -> fdb_error_t;
    fn fdb_future_get_value(
        future: *mut FDBFuture,
        present: *mut fdb_bool_t,
        value: *mut *const u8,
        value_length: *mut c_int,
    ) -> fdb_error_t;
    fn fdb_future_get_key_array(future: *mut FDBFuture, keys: *mut *const FDBKey, count: *mut c_int) -> fdb_error_t;
    fn fdb_future_get_keyvalue_array(
        future: *mut FDBFuture,
        rows: *mut *const FDBKeyValue,
        count: *mut c_int,
        more: *mut fdb_bool_t,
    ) -> fdb_error_t;
    fn fdb_future_get_mappedkeyvalue_array(
        future: *mut FDBFuture,
        rows: *mut *const FDBMappedKeyValue,
        count: *mut c_int,
        more: *mut fdb_bool_t,
    ) -> fdb_error_t;
    fn fdb_future_get_string_array(
        future: *mut FDBFuture,
        strings: *mut *mut *const c_char,
        count: *mut c_int,
    ) -> fdb_error_t;
    fn fdb_create_database(cluster_file: *const c_char, database: *mut *mut FDBDatabase) -> fdb_error_t;
    fn fdb_database_destroy(database: *mut FDBDatabase);
    fn fdb_database_set_option(
        database: *mut FDBDatabase,
        option: FDBDatabaseOption,
        value: *const u8,
        value_length: c_int,
    ) -> fdb_error_t;
    fn fdb_database_create_transaction(database: *mut FDBDatabase, transaction: *mut *mut FDBTransaction) -> fdb_error_t;
    fn fdb_database_get_main_thread_busyness(database: *mut FDBDatabase) -> f64;
    fn fdb_database_get_client_status(database: *mut FDBDatabase) -> *mut FDBFuture;
    fn fdb_transaction_destroy(transaction: *mut FDBTransaction);
    fn fdb_transaction_cancel(transaction: *mut FDBTransaction);
    fn fdb_transaction_reset(transaction: *mut FDBTransaction);
    fn fdb_transaction_set_option(
        transaction: *mut FDBTransaction,
        option: FDBTransactionOption,
        value: *const u8,
        value_length: c_int,
    ) -> fdb_error_t;
    fn fdb_transaction_set_read_version(transaction: *mut FDBTransaction, version: i64);
    fn fdb_transaction_get_read_version(transaction: *mut FDBTransaction) -> *mut FDBFuture;
    fn fdb_transaction_get(
        transaction: *mut FDBTransaction,
        key: *const u8,
        key_length: c_int,
        snapshot: fdb_bool_t,
    ) -> *mut FDBFuture;
    fn fdb_transaction_get_key(
        transaction: *mut FDBTransaction,
        key: *const u8,
        key_length: c_int,
        or_equal: fdb_bool_t,
        offset: c_int,
        snapshot: fdb_bool_t,
    ) -> *mut FDBFuture;
    fn fdb_transaction_get_addresses_for_key(
        transaction: *mut FDBTransaction,
        key: *const u8,
        key_length: c_int,
    ) -> *mut FDBFuture;
    fn fdb_transaction_get_range(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        begin_or_equal: fdb_bool_t,
        begin_offset: c_int,
        end: *const u8,
        end_length: c_int,
        end_or_equal: fdb_bool_t,
        end_offset: c_int,
        limit: c_int,
        target_bytes: c_int,
        mode: FDBStreamingMode,
        iteration: c_int,
        snapshot: fdb_bool_t,
        reverse: fdb_bool_t,
    ) -> *mut FDBFuture;
    fn fdb_transaction_get_mapped_range(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        begin_or_equal: fdb_bool_t,
        begin_offset: c_int,
        end: *const u8,
        end_length: c_int,
        end_or_equal: fdb_bool_t,
        end_offset: c_int,
        mapper: *const u8,
        mapper_length: c_int,
        limit: c_int,
        target_bytes: c_int,
        mode: FDBStreamingMode,
        iteration: c_int,
        snapshot: fdb_bool_t,
        reverse: fdb_bool_t,
    ) -> *mut FDBFuture;
    fn fdb_transaction_set(
        transaction: *mut FDBTransaction,
        key: *const u8,
        key_length: c_int,
        value: *const u8,
        value_length: c_int,
    );
    fn fdb_transaction_atomic_op(
        transaction: *mut FDBTransaction,
        key: *const u8,
        key_length: c_int,
        operand: *const u8,
        operand_length: c_int,
        operation: FDBMutationType,
    );
    fn fdb_transaction_clear(transaction: *mut FDBTransaction, key: *const u8, key_length: c_int);
    fn fdb_transaction_clear_range(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        end: *const u8,
        end_length: c_int,
    );
    fn fdb_transaction_watch(transaction: *mut FDBTransaction, key: *const u8, key_length: c_int) -> *mut FDBFuture;
    fn fdb_transaction_commit(transaction: *mut FDBTransaction) -> *mut FDBFuture;
    fn fdb_transaction_get_committed_version(transaction: *mut FDBTransaction, version: *mut i64) -> fdb_error_t;
    fn fdb_transaction_get_approximate_size(transaction: *mut FDBTransaction) -> *mut FDBFuture;
    fn fdb_transaction_get_versionstamp(transaction: *mut FDBTransaction) -> *mut FDBFuture;
    fn fdb_transaction_on_error(transaction: *mut FDBTransaction, code: fdb_error_t) -> *mut FDBFuture;
    fn fdb_transaction_add_conflict_range(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        end: *const u8,
        end_length: c_int,
        kind: FDBConflictRangeType,
    ) -> fdb_error_t;
    fn fdb_transaction_get_estimated_range_size_bytes(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        end: *const u8,
        end_length: c_int,
    ) -> *mut FDBFuture;
    fn fdb_transaction_get_range_split_points(
        transaction: *mut FDBTransaction,
        begin: *const u8,
        begin_length: c_int,
        end: *const u8,
        end_length: c_int,
        chunk_size: i64,
    ) -> *mut FDBFuture;
}
