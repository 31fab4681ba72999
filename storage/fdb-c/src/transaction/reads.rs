//! What a transaction reads, special keys among it.

use std::rc::Rc;

use store::{KeyRange, KeySelector, RangeRead, Rows, StoreError, Transaction as _, code};

use super::{RangeLimits, Transaction};
use crate::future::{FutureValue, KeyArray, RowArray, StringArray};
use crate::special;

/// By pages of so many bytes reads are measured.
const COST_PAGE_BYTES: usize = 4_096;

impl Transaction {
    /// The version that it reads at.
    pub(crate) async fn read_version(self: Rc<Self>) -> Result<FutureValue, StoreError> {
        self.session.read_version().await.map(FutureValue::Int64)
    }

    /// The value of `key`.
    pub(crate) async fn get(
        self: Rc<Self>,
        key: Vec<u8>,
        snapshot: bool,
    ) -> Result<FutureValue, StoreError> {
        if special::is_special(&key) {
            return special::get(&self, &key).map(FutureValue::Value);
        }
        let value = self.session.get(&key, snapshot).await?;
        self.count_read(key.len() + value.as_ref().map_or(0, Vec::len));
        Ok(FutureValue::Value(value))
    }

    /// The key that `selector` names.
    pub(crate) async fn get_key(
        self: Rc<Self>,
        selector: KeySelector,
        snapshot: bool,
    ) -> Result<FutureValue, StoreError> {
        let key = self.session.get_key(&selector, snapshot).await?;
        self.count_read(key.len());
        Ok(FutureValue::Key(key))
    }

    /// One page of rows.
    pub(crate) async fn get_range(
        self: Rc<Self>,
        begin: KeySelector,
        end: KeySelector,
        limits: RangeLimits,
        snapshot: bool,
        reverse: bool,
    ) -> Result<FutureValue, StoreError> {
        let mut read = RangeRead::between(begin, end)
            .limit(limits.rows)
            .bytes_target(limits.bytes);
        read.reverse = reverse;
        let rows = if special::are_special(&read.begin.key, &read.end.key) {
            limits.check()?;
            special::get_range(&self, &read)?
        } else {
            self.session.check()?;
            limits.check()?;
            self.get_rows(read, snapshot).await?
        };
        self.count_read(
            rows.rows
                .iter()
                .map(|(key, value)| key.len() + value.len())
                .sum(),
        );
        Ok(FutureValue::Rows(RowArray::new(rows.rows, rows.more)))
    }

    /// What its reads cost by FoundationDB's measure: bytes, rounded up to pages for each read.
    pub(crate) fn cost(&self) -> i64 {
        i64::try_from(self.read_cost.get()).unwrap_or(i64::MAX)
    }

    fn count_read(&self, bytes: usize) {
        let cost = bytes.max(1).next_multiple_of(COST_PAGE_BYTES);
        self.read_cost
            .set(self.read_cost.get().saturating_add(cost));
    }

    /// A page that has no limit of bytes is one, however large it is: its caller knows the number of rows.
    async fn get_rows(&self, read: RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        let mut page = self.session.get_range(&read, snapshot).await?;
        let mut next = read.next(&page).filter(|_| read.bytes_target == 0);
        while let Some(read) = next {
            let mut rest = self.session.get_range(&read, snapshot).await?;
            next = read.next(&rest);
            page.rows.append(&mut rest.rows);
            page.more = rest.more;
        }
        Ok(page)
    }

    /// Done once the value of `key` is another one than this transaction sees.
    pub(crate) async fn watch(self: Rc<Self>, key: Vec<u8>) -> Result<FutureValue, StoreError> {
        let watch = self.session.watch(&key);
        let _place = self.database.take_watch_place()?;
        watch.await.map(|()| FutureValue::Nothing)
    }

    /// Who stores `key`: nobody by an address.
    pub(crate) async fn addresses_of(
        self: Rc<Self>,
        key: Vec<u8>,
    ) -> Result<FutureValue, StoreError> {
        self.session.check()?;
        let addresses = match key.as_slice() < store::limits::SYSTEM_KEY_SPACE_END {
            true => vec![special::ADDRESS.to_owned()],
            false => Vec::new(),
        };
        Ok(FutureValue::Strings(StringArray::new(addresses)))
    }

    /// How many bytes the keys and values of `range` take.
    pub(crate) async fn size_of(
        self: Rc<Self>,
        range: KeyRange,
    ) -> Result<FutureValue, StoreError> {
        self.session.check()?;
        let mut bytes = 0;
        self.for_each_committed(&range, |_, row_bytes| bytes += row_bytes)
            .await?;
        Ok(FutureValue::Int64(i64::try_from(bytes).unwrap_or(i64::MAX)))
    }

    /// Keys that cut `range` into chunks of about `chunk_bytes`, its ends among them.
    pub(crate) async fn split_points(
        self: Rc<Self>,
        range: KeyRange,
        chunk_bytes: i64,
    ) -> Result<FutureValue, StoreError> {
        self.session.check()?;
        let space_end = self.session.first_unreadable();
        if range.begin.as_slice() > space_end || range.end.as_slice() > space_end {
            return Err(StoreError::new(code::KEY_OUTSIDE_LEGAL_RANGE));
        }
        let chunk_bytes = usize::try_from(chunk_bytes).unwrap_or(0).max(1);
        let (mut points, mut bytes) = (vec![range.begin.clone()], 0);
        self.for_each_committed(&range, |key, row_bytes| {
            bytes += row_bytes;
            if bytes > chunk_bytes && points.last().is_none_or(|last| last.as_slice() < key) {
                bytes = row_bytes;
                points.push(key.to_vec());
            }
        })
        .await?;
        points.push(range.end);
        points.dedup();
        Ok(FutureValue::Keys(KeyArray::new(points)))
    }

    /// Hands each committed row's key and size to `see`, page by page.
    async fn for_each_committed(
        &self,
        range: &KeyRange,
        mut see: impl FnMut(&[u8], usize),
    ) -> Result<(), StoreError> {
        let session = self.committed();
        let mut next = Some(RangeRead::of(range));
        while let Some(read) = next {
            let page = session.get_range(&read, true).await?;
            page.rows
                .iter()
                .for_each(|(key, value)| see(key, key.len() + value.len()));
            next = read.next(&page);
        }
        Ok(())
    }

    /// A transaction of its own, for what is asked of the store and not of this transaction.
    fn committed(&self) -> store::Session<crate::backend::AnyBackend> {
        let environment = Rc::clone(store::Backend::environment(self.session.backend()));
        let session = store::Store::begin(&store::Database::new(
            self.database.store.backend(environment),
        ));
        session.allow_system_keys(false);
        session
    }
}
