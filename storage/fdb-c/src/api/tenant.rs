//! Tenants. There are none: one can be opened, as with FoundationDB, and then answers 2136 `tenants_disabled`.

use std::ffi::c_int;
use std::sync::Arc;

use store::StoreError;

use super::boundary::{answer, future, put, quietly};
use super::fdb_error_t;
use super::handles::{FDBFuture, FDBTenant, FDBTransaction, Handle};
use crate::errors::code;
use crate::future::FutureCell;

/// A transaction of a tenant: everything that is asked of it answers 2136.
///
/// # Safety
/// `tenant` is null or a tenant; `out_transaction` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_tenant_create_transaction(
    tenant: *mut FDBTenant,
    out_transaction: *mut *mut FDBTransaction,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let transaction = unsafe { FDBTenant::inside(tenant) }?.begin();
        transaction.tell(|transaction| transaction.session().refuse(disabled()));
        // SAFETY: the caller's, as above.
        unsafe { put(out_transaction, FDBTransaction::give(transaction)) }
    })
}

/// 2136.
///
/// # Safety
/// `tenant` is null or a tenant.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_tenant_get_id(tenant: *mut FDBTenant) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    unsafe { refuse(tenant) }
}

/// Ends a tenant.
///
/// # Safety
/// `tenant` is null or a tenant that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_tenant_destroy(tenant: *mut FDBTenant) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        drop(unsafe { FDBTenant::take(tenant) });
        Ok(())
    });
}

/// 2136.
///
/// # Safety
/// `tenant` is null or a tenant.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_tenant_wait_purge_granules_complete(
    tenant: *mut FDBTenant,
    _purge_key_name: *const u8,
    _purge_key_name_length: c_int,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    unsafe { refuse(tenant) }
}

macro_rules! refused_on_range {
    ($name:ident $(, $argument:ident: $type:ty)*) => {
        /// 2136.
        ///
        /// # Safety
        /// `tenant` is null or a tenant.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            tenant: *mut FDBTenant,
            _begin_key_name: *const u8,
            _begin_key_name_length: c_int,
            _end_key_name: *const u8,
            _end_key_name_length: c_int,
            $($argument: $type,)*
        ) -> *mut FDBFuture {
            // SAFETY: the caller's, as above.
            unsafe { refuse(tenant) }
        }
    };
}

refused_on_range!(fdb_tenant_purge_blob_granules, _purge_version: i64, _force: c_int);
refused_on_range!(fdb_tenant_blobbify_range);
refused_on_range!(fdb_tenant_blobbify_range_blocking);
refused_on_range!(fdb_tenant_unblobbify_range);
refused_on_range!(fdb_tenant_list_blobbified_ranges, _range_limit: c_int);
refused_on_range!(fdb_tenant_verify_blob_range, _version: i64);
refused_on_range!(fdb_tenant_flush_blob_range, _compact: c_int, _version: i64);

/// # Safety
/// `tenant` is null or a tenant.
unsafe fn refuse(tenant: *mut FDBTenant) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBTenant::inside(tenant) }?;
        Ok(Arc::new(FutureCell::ready(Err(disabled()))))
    })
}

fn disabled() -> StoreError {
    StoreError::new(code::TENANTS_DISABLED)
}
