//! FoundationDB's options, by the numbers of `fdb.options` 7.3.

mod database;
mod network;
mod transaction;

use store::{StoreError, code};

pub(crate) use database::{DatabaseOption, TransactionDefaults};
pub(crate) use network::{is_layered, set as set_network_option};
pub(crate) use transaction::{Effect, TransactionOptionValue, is_known as is_transaction_option};

/// A whole number: 8 bytes, little-endian, within `bounds`; else 2006.
fn whole_number(
    value: Option<&[u8]>,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<i64, StoreError> {
    let bytes = value.and_then(|value| value.try_into().ok());
    let number = bytes
        .map(i64::from_le_bytes)
        .filter(|number| bounds.contains(number));
    number.ok_or_else(|| invalid("a whole number of 8 bytes within its bounds"))
}

/// A value that must be there; else 2006.
fn present(value: Option<&[u8]>) -> Result<&[u8], StoreError> {
    value.ok_or_else(|| invalid("a value"))
}

/// No value; else 2006.
fn absent(value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        None | Some([]) => Ok(()),
        Some(_) => Err(invalid("no value")),
    }
}

fn invalid(expected: &'static str) -> StoreError {
    StoreError::with_context(
        code::INVALID_OPTION_VALUE,
        format!("the option takes {expected}"),
    )
}
