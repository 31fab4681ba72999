//! Special keys, `\xff\xff…`: what FoundationDB's client tells of itself and of its cluster.
//!
//! ```text
//!   module (a range of keys) ──▶ rows, made when they are asked for ──▶ selectors, limits ──▶ page
//! ```
//!
//! A read stays within one module, unless the option `special_key_space_relaxed` lets it span all. Modules
//! that only a cluster has something for are there and empty.

mod conflicts;
mod module;
mod page;
mod status;
mod tracing;

use std::cell::{Cell, RefCell};
use std::ffi::CStr;

use store::limits::SYSTEM_KEY_SPACE_END;
use store::{Backend as _, KeyRange, RangeRead, Rows, StoreError, code};

use crate::api_version;
use crate::transaction::Transaction;

pub(crate) use status::client as client_status;

/// Under which address the only process would be found.
pub(crate) const ADDRESS: &CStr = c"127.0.0.1:0";

/// The first API version with modules. Before it there were a few keys.
const MODULES_SINCE: i32 = 630;

/// Writes need an option (2114), and a module that takes them (2115).
const WRITE_DISABLED: i32 = 2114;
const NO_WRITE_MODULE: i32 = 2115;

/// What one transaction knows about special keys.
#[derive(Default)]
pub(crate) struct SpecialKeys {
    relaxed: Cell<bool>,
    writes: Cell<bool>,
    /// The ranges that a commit conflicted on, if it was asked to report them.
    conflicting: RefCell<Vec<KeyRange>>,
    tracing: tracing::Tracing,
}

impl SpecialKeys {
    /// A read may span modules.
    pub(crate) fn relax(&self) {
        self.relaxed.set(true);
    }

    /// Writes may be tried.
    pub(crate) fn allow_writes(&self) {
        self.writes.set(true);
    }

    /// Keeps what a commit conflicted on.
    pub(crate) fn conflicted_on(&self, ranges: &[KeyRange]) {
        *self.conflicting.borrow_mut() = ranges.to_vec();
    }

    /// As for a new transaction.
    pub(crate) fn reset(&self) {
        self.relaxed.set(false);
        self.writes.set(false);
        self.conflicting.borrow_mut().clear();
        self.tracing.reset();
    }

    /// Why a clear of special keys is refused.
    pub(crate) fn refuse_clear(&self) -> StoreError {
        StoreError::new(match self.writes.get() {
            true => NO_WRITE_MODULE,
            false => WRITE_DISABLED,
        })
    }
}

/// Whether `key` is a special one.
pub(crate) fn is_special(key: &[u8]) -> bool {
    key.starts_with(SYSTEM_KEY_SPACE_END)
}

/// Whether a read between two keys is one of special keys.
pub(crate) fn are_special(begin: &[u8], end: &[u8]) -> bool {
    is_special(begin) && SYSTEM_KEY_SPACE_END <= end && end <= module::ALL.end
}

/// Sets a special key: those of the tracing can be set, before anything else is written.
pub(crate) fn set(transaction: &Transaction, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let special = transaction.special();
    if !special.writes.get() || ![tracing::TRANSACTION_ID, tracing::TOKEN].contains(&key) {
        return Err(special.refuse_clear());
    }
    if transaction.session().approximate_size()? > 0 {
        return Ok(());
    }
    special.tracing.set(key, value, || random(transaction))
}

fn random(transaction: &Transaction) -> u64 {
    transaction.session().backend().environment().random_u64()
}

/// The value of one special key.
pub(crate) fn get(transaction: &Transaction, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    if !api_version::is_at_least(MODULES_SINCE) {
        return get_before_modules(transaction, key);
    }
    let rows = get_range(transaction, &RangeRead::of(&KeyRange::single(key)))?;
    Ok(rows.rows.into_iter().next().map(|(_, value)| value))
}

/// One page of special keys. A cancelled transaction too tells what is known at once: `checkRYWValid` in FoundationDB's
/// `SpecialKeySpace.actor.cpp` asks the module before it looks at the cancel.
pub(crate) fn get_range(transaction: &Transaction, read: &RangeRead) -> Result<Rows, StoreError> {
    let session = transaction.session();
    session.check_refused()?;
    if !api_version::is_at_least(MODULES_SINCE) {
        session.check_any_phase()?;
        return match read.begin.key.as_slice() {
            b"\xff\xff/worker_interfaces" => Ok(Rows::default()),
            _ => Err(StoreError::new(code::KEY_OUTSIDE_LEGAL_RANGE)),
        };
    }
    if page::is_inverted(read) {
        return Ok(Rows::default());
    }
    let module = match transaction.special().relaxed.get() {
        true => module::ALL,
        false => module::of(&read.begin.key, &read.end.key)?,
    };
    if !module.answers_at_once(&read.begin.key, &read.end.key) {
        session.check_any_phase()?;
    }
    if conflicts::waits_for_reads(&read.begin.key, &read.end.key) {
        session.check_reads()?;
    }
    Ok(page::page(module.rows(transaction), module, read))
}

fn get_before_modules(
    transaction: &Transaction,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    transaction.session().check_any_phase()?;
    let known = [
        module::STATUS_JSON,
        module::CLUSTER_FILE_PATH,
        module::CONNECTION_STRING,
    ];
    match known.into_iter().find(|module| module.begin == key) {
        Some(module) => Ok(module.rows(transaction).pop().map(|(_, value)| value)),
        None => Err(StoreError::new(code::KEY_OUTSIDE_LEGAL_RANGE)),
    }
}
