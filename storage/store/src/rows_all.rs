//! Reading a whole range, page by page.

use crate::{RangeRead, StoreError, Transaction};

/// Every row of `read` (up to its limit), however many pages it takes. The caller knows that they fit memory.
pub async fn rows_all<T: Transaction>(
    transaction: &T,
    read: &RangeRead,
    snapshot: bool,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    let mut page = transaction.get_range(read, snapshot).await?;
    let mut next = read.next(&page);
    let mut rows = std::mem::take(&mut page.rows);
    while let Some(read) = next {
        let mut page = transaction.get_range(&read, snapshot).await?;
        next = read.next(&page);
        rows.append(&mut page.rows);
    }
    Ok(rows)
}
