//! A page of rows, each with the rows that it names.

use std::rc::Rc;

use store::{KeyRange, KeySelector, RangeRead, StoreError, Transaction as _, code};

use super::mapper::Mapper;
use super::{RangeLimits, Transaction};
use crate::errors;
use crate::future::{FutureValue, MappedRow, MappedRowArray};
use crate::special;

/// Such a read never sees own writes; where there are some it is refused.
const READS_YOUR_WRITES: i32 = 2039;

/// Rows that one row may name: FoundationDB's knob `QUICK_GET_KEY_VALUES_LIMIT` and its error.
const NAMED_ROWS_MAX: usize = 2_000;
const TOO_MANY_NAMED_ROWS: i32 = 2033;

impl Transaction {
    /// One page of rows with those that `mapper` names. As in FoundationDB it needs serializable reads of a
    /// transaction that reads its own writes, and refuses to meet any.
    pub(crate) async fn get_mapped_range(
        self: Rc<Self>,
        read: (KeySelector, KeySelector),
        mapper: Vec<u8>,
        limits: RangeLimits,
        snapshot: bool,
        reverse: bool,
    ) -> Result<FutureValue, StoreError> {
        if special::are_special(&read.0.key, &read.1.key) {
            return Err(StoreError::new(code::CLIENT_INVALID_OPERATION));
        }
        self.session.check()?;
        limits.check()?;
        if snapshot || !self.session.reads_own_writes() {
            return Err(StoreError::new(errors::code::UNSUPPORTED_OPERATION));
        }
        let mapper = Mapper::of(&mapper)?;
        let mut read = RangeRead::between(read.0, read.1)
            .limit(limits.rows)
            .bytes_target(limits.bytes);
        read.reverse = reverse;
        self.check_unwritten(&read.begin.key, &read.end.key)?;
        let page = self.session.get_range(&read, false).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for (key, value) in page.rows {
            let named = named_by(&mapper, &key, &value)?;
            self.check_unwritten(&key, &key)?;
            self.check_unwritten(&named.begin, &named.end)?;
            let found = self.named_rows(&named).await?;
            rows.push(MappedRow {
                key,
                value,
                named,
                found,
            });
        }
        Ok(FutureValue::MappedRows(MappedRowArray::new(
            rows, page.more,
        )))
    }

    /// The rows that one row names; 2033 if there are too many.
    async fn named_rows(&self, named: &KeyRange) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let read = RangeRead::of(named).limit(NAMED_ROWS_MAX + 1);
        let rows = store::rows_all(&self.session, &read, false).await?;
        match rows.len() <= NAMED_ROWS_MAX {
            true => Ok(rows),
            false => Err(StoreError::new(TOO_MANY_NAMED_ROWS)),
        }
    }

    fn check_unwritten(&self, begin: &[u8], end: &[u8]) -> Result<(), StoreError> {
        match self.session.wrote_between(begin, end) {
            true => Err(StoreError::new(READS_YOUR_WRITES)),
            false => Ok(()),
        }
    }
}

/// The range that a row names; one key is a range too.
fn named_by(mapper: &Mapper, key: &[u8], value: &[u8]) -> Result<KeyRange, StoreError> {
    let named = mapper.apply(key, value)?;
    Ok(match mapper.names_range {
        true => KeyRange::prefix(&named),
        false => KeyRange::single(&named),
    })
}
