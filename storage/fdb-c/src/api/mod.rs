//! The functions of `fdb_c.h` 730, in its order.
//!
//! Every function may be called from any thread. Pointers are checked as far as they can be: null where
//! something must be, negative lengths. Beyond that the caller keeps what the header says, which each
//! function's `Safety` only names: a handle is one that this library handed out and that was not destroyed,
//! a key or value is readable for its length, an out-parameter is writable.

#![allow(non_camel_case_types, reason = "the names are those of fdb_c.h")]

mod arguments;
mod blob;
mod boundary;
mod database;
mod future;
mod future_get;
mod handles;
mod legacy;
mod network;
mod tenant;
mod transaction;
mod transaction_range;
mod transaction_read;
mod version;

use std::ffi::c_int;

pub use blob::*;
pub use database::*;
pub use future::*;
pub use future_get::*;
pub use handles::*;
pub use legacy::*;
pub use network::*;
pub use tenant::*;
pub use transaction::*;
pub use transaction_range::*;
pub use transaction_read::*;
pub use version::*;

pub use crate::future::{
    FDBGetRangeReqAndResult, FDBKey, FDBKeyRange, FDBKeySelector, FDBKeyValue, FDBMappedKeyValue,
};

/// An error's number; 0 for none.
pub type fdb_error_t = c_int;

/// Zero for no, anything else for yes.
pub type fdb_bool_t = c_int;
