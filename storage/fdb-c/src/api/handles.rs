//! The handles of C, which are opaque, and what they stand for.

use std::sync::Arc;

use store::{StoreError, code};

use crate::database::Database;
use crate::errors;
use crate::future::FutureCell;
use crate::transaction::TransactionHandle;

/// A value to come.
#[repr(C)]
pub struct FDBFuture {
    _opaque: [u8; 0],
}

/// A value that is there.
#[repr(C)]
pub struct FDBResult {
    _opaque: [u8; 0],
}

/// A cluster of the API before 610: only the path to its file.
#[repr(C)]
pub struct FDBCluster {
    _opaque: [u8; 0],
}

/// A database.
#[repr(C)]
pub struct FDBDatabase {
    _opaque: [u8; 0],
}

/// A tenant of a database. There are none; see [`crate::api::fdb_tenant_get_id`].
#[repr(C)]
pub struct FDBTenant {
    _opaque: [u8; 0],
}

/// A transaction.
#[repr(C)]
pub struct FDBTransaction {
    _opaque: [u8; 0],
}

/// What a handle points to.
pub(super) trait Handle: Sized {
    /// The type behind the pointer.
    type Inside;

    /// Hands `inside` to C, which destroys it by [`Handle::take`].
    fn give(inside: Self::Inside) -> *mut Self;

    /// Looks behind `handle`; 2000 for null.
    ///
    /// # Safety
    /// `handle` is null or came from [`Handle::give`] and was not taken back.
    unsafe fn inside<'a>(handle: *mut Self) -> Result<&'a Self::Inside, StoreError>;

    /// Takes `handle` back; none for null.
    ///
    /// # Safety
    /// As for [`Handle::inside`]; nobody uses it any more.
    unsafe fn take(handle: *mut Self) -> Option<Self::Inside>;
}

macro_rules! boxed {
    ($handle:ty, $inside:ty) => {
        impl Handle for $handle {
            type Inside = $inside;

            fn give(inside: $inside) -> *mut Self {
                Box::into_raw(Box::new(inside)).cast()
            }

            unsafe fn inside<'a>(handle: *mut Self) -> Result<&'a $inside, StoreError> {
                // SAFETY: by the contract it is null or points to a live value of this type.
                unsafe { handle.cast::<$inside>().as_ref() }.ok_or_else(null)
            }

            unsafe fn take(handle: *mut Self) -> Option<$inside> {
                // SAFETY: by the contract it came from `Box::into_raw` and is not used again.
                (!handle.is_null()).then(|| *unsafe { Box::from_raw(handle.cast::<$inside>()) })
            }
        }
    };
}

boxed!(FDBDatabase, Arc<Database>);
boxed!(FDBTransaction, TransactionHandle);
boxed!(FDBTenant, Arc<Database>);
boxed!(FDBCluster, String);

/// A future's pointer is that of the cell itself: a callback may still hear of a future that was destroyed,
/// and ask it, as long as the network thread has the cell.
impl FDBFuture {
    /// Hands `cell` to C, which destroys it by [`FDBFuture::take`].
    pub(super) fn give(cell: Arc<FutureCell>) -> *mut Self {
        Arc::into_raw(cell).cast_mut().cast()
    }

    /// Looks behind `future`; 2000 for null.
    ///
    /// # Safety
    /// `future` is null or came from [`FDBFuture::give`], and its cell is alive.
    pub(super) unsafe fn inside<'a>(future: *mut Self) -> Result<&'a FutureCell, StoreError> {
        // SAFETY: by the contract it is null or points to a cell that is alive.
        unsafe { future.cast::<FutureCell>().as_ref() }.ok_or_else(null)
    }

    /// Another owner of the cell; 2000 for null.
    ///
    /// # Safety
    /// As for [`FDBFuture::inside`].
    pub(super) unsafe fn share(future: *mut Self) -> Result<Arc<FutureCell>, StoreError> {
        // SAFETY: as above; the pointer came from an `Arc` that is not dropped meanwhile.
        unsafe {
            let cell: *const FutureCell = Self::inside(future)?;
            Arc::increment_strong_count(cell);
            Ok(Arc::from_raw(cell))
        }
    }

    /// Takes `future` back; none for null.
    ///
    /// # Safety
    /// As for [`FDBFuture::inside`], and it is taken back once.
    pub(super) unsafe fn take(future: *mut Self) -> Option<Arc<FutureCell>> {
        // SAFETY: by the contract it came from `Arc::into_raw`, whose count it gives back.
        (!future.is_null()).then(|| unsafe { Arc::from_raw(future.cast::<FutureCell>()) })
    }
}

fn null() -> StoreError {
    StoreError::with_context(code::CLIENT_INVALID_OPERATION, "a null handle")
}

/// A result of the blob functions, which are not there: always an error.
pub(super) struct FailedResult(pub(super) i32);

boxed!(FDBResult, FailedResult);

impl FailedResult {
    pub(super) const UNSUPPORTED: Self = Self(errors::code::UNSUPPORTED_OPERATION);
}
