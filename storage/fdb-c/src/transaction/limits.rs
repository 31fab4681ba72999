//! How much of a range one call returns.

use store::{StoreError, code as store_code};

use crate::errors::code;

/// The bytes of the modes exact (none), small, medium, large, serial.
const MODE_BYTES: [usize; 5] = [0, 256, 1_000, 4_096, 80_000];

/// The bytes of the iterator's pages, one after the other.
const ITERATOR_BYTES: [usize; 10] = [
    4_096, 6_144, 9_216, 13_824, 20_736, 31_104, 46_656, 69_984, 80_000, 120_000,
];

const MODE_WANT_ALL: i32 = -2;
const MODE_ITERATOR: i32 = -1;
const MODE_EXACT: i32 = 0;
const MODE_SERIAL: i32 = 4;

/// What C says no limit with, besides 0.
const UNLIMITED: i32 = -1;

/// Rows and bytes after which a page ends; 0 for no such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RangeLimits {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    are_valid: bool,
}

impl RangeLimits {
    /// The limits of one call: `mode` bounds the bytes, and an iterator's `iteration` (from 1) lets them grow.
    pub(crate) fn of(rows: i32, bytes: i32, mode: i32, iteration: i32) -> Result<Self, StoreError> {
        let is_unlimited = |limit| matches!(limit, 0 | UNLIMITED);
        if mode == MODE_EXACT && is_unlimited(rows) && is_unlimited(bytes) {
            return Err(StoreError::new(code::EXACT_MODE_WITHOUT_LIMITS));
        }
        let mode_bytes = match mode {
            MODE_WANT_ALL => MODE_BYTES[MODE_SERIAL as usize],
            MODE_ITERATOR if iteration > 0 => {
                let page = usize::try_from(iteration).unwrap_or(usize::MAX);
                ITERATOR_BYTES[page.min(ITERATOR_BYTES.len()) - 1]
            }
            MODE_EXACT..=MODE_SERIAL => MODE_BYTES[mode as usize],
            _ => return Err(StoreError::new(store_code::CLIENT_INVALID_OPERATION)),
        };
        let limit = |limit| match limit {
            UNLIMITED => Ok(0),
            _ => usize::try_from(limit),
        };
        let (rows, bytes) = (limit(rows), limit(bytes));
        let are_valid = rows.is_ok() && bytes.is_ok();
        let (rows, bytes) = (rows.unwrap_or(0), bytes.unwrap_or(0));
        let bytes = match (bytes, mode_bytes) {
            (0, of_mode) => of_mode,
            (asked, 0) => asked,
            (asked, of_mode) => asked.min(of_mode),
        };
        Ok(Self {
            rows,
            bytes,
            are_valid,
        })
    }

    /// Whether both make sense. FoundationDB asks this only of a transaction that it would read for.
    pub(crate) fn check(self) -> Result<(), StoreError> {
        match self.are_valid {
            true => Ok(()),
            false => Err(StoreError::new(code::RANGE_LIMITS_INVALID)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(call: (i32, i32, i32, i32), expected: Result<(usize, usize), i32>) {
        let (rows, bytes, mode, iteration) = call;
        let limits = RangeLimits::of(rows, bytes, mode, iteration);
        let found = limits
            .and_then(|limits| limits.check().map(|()| (limits.rows, limits.bytes)))
            .map_err(|error| error.code());
        assert_eq!(found, expected, "{call:?}");
    }

    #[test]
    fn a_mode_bounds_the_bytes() {
        check((0, 0, -2, 0), Ok((0, 80_000)));
        check((5, 0, 0, 0), Ok((5, 0)));
        check((0, 300, 0, 0), Ok((0, 300)));
        check((0, 300, 1, 0), Ok((0, 256)));
        check((0, 100, 1, 0), Ok((0, 100)));
        check((0, 0, 0, 0), Err(2210));
        check((-1, -1, 0, 0), Err(2210));
    }

    #[test]
    fn an_iterators_pages_grow() {
        check((0, 0, -1, 1), Ok((0, 4_096)));
        check((0, 0, -1, 10), Ok((0, 120_000)));
        check((0, 0, -1, 99), Ok((0, 120_000)));
        check((0, 0, -1, 0), Err(2000));
    }

    #[test]
    fn nonsense_is_refused() {
        check((0, 0, 5, 1), Err(2000));
        check((0, 0, -3, 1), Err(2000));
        check((-2, 0, 4, 0), Err(2012));
        check((0, -2, 4, 0), Err(2012));
    }
}
