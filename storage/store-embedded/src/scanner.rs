//! Rows of buffers and tables in one order.

use std::iter::Fuse;
use std::ops::Bound;
use std::sync::Arc;

use lsm_tree::{AbstractTree as _, AnyTree, Guard as _, IterGuardImpl, UserKey, UserValue};

use crate::write_buffer::{BufferRow, Page, WriteBuffer};

type TableRows = Fuse<Box<dyn DoubleEndedIterator<Item = IterGuardImpl> + Send>>;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    pub(crate) begin: &'a [u8],
    pub(crate) end: &'a [u8],
    pub(crate) reverse: bool,
    /// As of before this group.
    pub(crate) before: u64,
    /// Values too, which may lie apart from their keys.
    pub(crate) with_values: bool,
}

/// Goes through the rows of buffers and tables, each key once, as its newest writer left it.
pub(crate) struct Scanner {
    /// The newest first.
    buffers: Vec<BufferCursor>,
    tables: TableRows,
    /// The next row of the tables, once it was looked at.
    table_row: Option<(UserKey, Option<UserValue>)>,
    reverse: bool,
    with_values: bool,
}

/// The way through one buffer.
struct BufferCursor {
    buffer: Arc<WriteBuffer>,
    page: Page,
    begin: Vec<u8>,
    end: Vec<u8>,
    before: u64,
    reverse: bool,
    with_values: bool,
}

impl Scanner {
    /// Begins to go through `span`. The buffers are from before the tables are looked at: what leaves them meanwhile is there.
    pub(crate) fn new(buffers: Vec<Arc<WriteBuffer>>, tree: &AnyTree, span: Span<'_>) -> Self {
        let bounds = (Bound::Included(span.begin), Bound::Excluded(span.end));
        Self {
            buffers: buffers
                .into_iter()
                .map(|buffer| BufferCursor::new(buffer, span))
                .collect(),
            tables: tree.range::<&[u8], _>(bounds, span.before, None).fuse(),
            table_row: None,
            reverse: span.reverse,
            with_values: span.with_values,
        }
    }

    /// The next row that there is, by its name in the tables; without its value if none was asked for.
    pub(crate) fn next(&mut self) -> lsm_tree::Result<Option<(Vec<u8>, Vec<u8>)>> {
        loop {
            self.look_at_tables()?;
            let Some(key) = self.next_key() else {
                return Ok(None);
            };
            let mut found: Option<Option<Vec<u8>>> = None;
            for cursor in &mut self.buffers {
                if let Some(row) = cursor.take(&key) {
                    found.get_or_insert(row.value);
                }
            }
            if self
                .table_row
                .as_ref()
                .is_some_and(|(name, _)| **name == *key)
            {
                let row = self.table_row.take();
                let value = row.and_then(|(_, value)| value).map(|value| value.to_vec());
                found.get_or_insert(Some(value.unwrap_or_default()));
            }
            if let Some(Some(value)) = found {
                return Ok(Some((key, value)));
            }
        }
    }

    /// The key whose turn it is.
    fn next_key(&mut self) -> Option<Vec<u8>> {
        let of_tables = self.table_row.iter().map(|(key, _)| &**key);
        let of_buffers = self.buffers.iter_mut().filter_map(BufferCursor::peek);
        let keys = of_tables.chain(of_buffers);
        let next = if self.reverse { keys.max() } else { keys.min() };
        next.map(<[u8]>::to_vec)
    }

    fn look_at_tables(&mut self) -> lsm_tree::Result<()> {
        if self.table_row.is_some() {
            return Ok(());
        }
        let row = if self.reverse {
            self.tables.next_back()
        } else {
            self.tables.next()
        };
        let with_values = self.with_values;
        self.table_row = row
            .map(|row| row.into_inner_if(|_| with_values))
            .transpose()?;
        Ok(())
    }
}

impl BufferCursor {
    fn new(buffer: Arc<WriteBuffer>, span: Span<'_>) -> Self {
        Self {
            buffer,
            page: Page::default(),
            begin: span.begin.to_vec(),
            end: span.end.to_vec(),
            before: span.before,
            reverse: span.reverse,
            with_values: span.with_values,
        }
    }

    /// The key of the next row.
    fn peek(&mut self) -> Option<&[u8]> {
        if self.page.rows.is_empty() && !self.page.is_last {
            self.turn_page();
        }
        self.page.rows.front().map(|row| row.key.as_slice())
    }

    /// The next row, if it is that of `key`.
    fn take(&mut self, key: &[u8]) -> Option<BufferRow> {
        self.page.rows.pop_front_if(|row| row.key == key)
    }

    fn turn_page(&mut self) {
        let range = (self.begin.as_slice(), self.end.as_slice());
        self.page = self
            .buffer
            .page(range, self.reverse, self.before, self.with_values);
        if let Some(last) = self.page.rows.back() {
            // Goes on behind the last row.
            if self.reverse {
                self.end.clone_from(&last.key);
            } else {
                self.begin.clone_from(&last.key);
                self.begin.push(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lsm_tree::{Config, SequenceNumberCounter};

    use super::*;
    use crate::scratch::Scratch;

    /// Rows of three buffers, more than a page each, the newer ones in place of the older ones' here and there; some are cleared.
    fn buffers() -> Vec<Arc<WriteBuffer>> {
        let steps = [
            (5u64, 3u32, b"newest".as_slice()),
            (4, 2, b"middle"),
            (3, 1, b"oldest"),
        ];
        let filled = steps.map(|(seqno, step, value)| {
            let buffer = WriteBuffer::with_capacity(0);
            for n in (0..1_000).step_by(step as usize) {
                let value = (n % 7 != 0).then_some([value, b"!".as_slice()]);
                buffer.insert(&u32::to_be_bytes(n), value, seqno);
            }
            Arc::new(buffer)
        });
        filled.into()
    }

    #[test]
    fn rows_come_from_the_newest_buffer_page_by_page() {
        let scratch = Scratch::new("scanner");
        let counter = SequenceNumberCounter::default;
        let tree = Config::new(scratch.path(), counter(), counter())
            .open()
            .unwrap();
        for reverse in [false, true] {
            let span = Span {
                begin: &10u32.to_be_bytes(),
                end: &990u32.to_be_bytes(),
                reverse,
                before: 10,
                with_values: true,
            };
            let mut scanner = Scanner::new(buffers(), &tree, span);
            let mut found = Vec::new();
            while let Some(row) = scanner.next().unwrap() {
                found.push(row);
            }
            let mut expected: Vec<_> = (10..990_u32)
                .filter(|n| n % 7 != 0)
                .map(|n| {
                    let value: &[u8] = match (n % 3, n % 2) {
                        (0, _) => b"newest!",
                        (_, 0) => b"middle!",
                        _ => b"oldest!",
                    };
                    (n.to_be_bytes().to_vec(), value.to_vec())
                })
                .collect();
            if reverse {
                expected.reverse();
            }
            assert_eq!(found, expected);
        }
    }
}
