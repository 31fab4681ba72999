//! What a group of commits leaves behind: one value per key, atomic operations evaluated.

use std::collections::BTreeMap;
use std::ops::Bound;

use store::{KeyRange, Mutation};

use crate::tables::{Tables, TablesFault};

/// The writes of a group, each key once. None is a cleared key.
#[derive(Debug, Default)]
pub(crate) struct GroupWrites {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl GroupWrites {
    /// The writes, by key.
    pub(crate) fn rows(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.rows
    }

    /// Applies the mutations of one commit, in order, on top of those before and of what is in `tables`.
    /// After an error the group must be dropped as a whole.
    pub(crate) fn apply(
        &mut self,
        mutations: Vec<Mutation>,
        tables: &Tables,
    ) -> Result<(), TablesFault> {
        for mutation in mutations {
            match mutation {
                Mutation::Set { key, value } => {
                    self.rows.insert(key, Some(value));
                }
                Mutation::Clear { key } => {
                    self.rows.insert(key, None);
                }
                Mutation::ClearRange(range) => self.clear_range(&range, tables)?,
                Mutation::Atomic { op, key, operand } => {
                    let value = match self.rows.get(&key) {
                        Some(current) => op.apply(current.as_deref(), &operand),
                        None => op.apply(tables.get(&key, u64::MAX)?.as_deref(), &operand),
                    };
                    self.rows.insert(key, value);
                }
            }
        }
        Ok(())
    }

    /// A cleared range is a cleared key for each row that there is.
    fn clear_range(&mut self, range: &KeyRange, tables: &Tables) -> Result<(), TablesFault> {
        if range.is_empty() {
            return Ok(());
        }
        let bounds = (
            Bound::Included(range.begin.as_slice()),
            Bound::Excluded(range.end.as_slice()),
        );
        for (_, value) in self.rows.range_mut::<[u8], _>(bounds) {
            *value = None;
        }
        for key in tables.keys(&range.begin, &range.end, u64::MAX)? {
            self.rows.insert(key, None);
        }
        Ok(())
    }
}
