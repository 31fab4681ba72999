//! The buffers that hold what the tables do not have yet, or not for every reader.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::write_buffer::WriteBuffer;

/// How far a buffer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It takes writes.
    Taking,
    /// It is on its way into a table.
    Full,
    /// It is in a table, which readers from the group after this one on see.
    Written(u64),
}

/// The buffers: the last one takes writes, those before it are full. A reader looks into the newest first.
#[derive(Debug)]
pub(crate) struct Buffers(RwLock<VecDeque<(Arc<WriteBuffer>, Stage)>>);

impl Default for Buffers {
    fn default() -> Self {
        let first = Arc::new(WriteBuffer::with_capacity(0));
        Self(RwLock::new(VecDeque::from([(first, Stage::Taking)])))
    }
}

impl Buffers {
    /// The one that takes writes.
    pub(crate) fn current(&self) -> Arc<WriteBuffer> {
        let buffers = self.read();
        let (current, _) = buffers.back().expect("one buffer always takes writes");
        Arc::clone(current)
    }

    /// Begins a new one; the last is full.
    pub(crate) fn begin_next(&self) {
        let next = WriteBuffer::with_capacity(self.current().keys());
        let mut buffers = self.write();
        if let Some((_, stage)) = buffers.back_mut() {
            *stage = Stage::Full;
        }
        buffers.push_back((Arc::new(next), Stage::Taking));
    }

    /// The oldest full one.
    pub(crate) fn next_full(&self) -> Option<Arc<WriteBuffer>> {
        let buffers = self.read();
        let full = buffers.iter().find(|(_, stage)| *stage == Stage::Full);
        full.map(|(buffer, _)| Arc::clone(buffer))
    }

    /// How many are full.
    pub(crate) fn full(&self) -> usize {
        let buffers = self.read();
        let is_full = |(_, stage): &&(_, Stage)| *stage == Stage::Full;
        buffers.iter().filter(is_full).count()
    }

    /// The oldest full one is in a table now, which readers from the group after `seen_after` on see.
    pub(crate) fn written(&self, seen_after: u64) {
        let mut buffers = self.write();
        let full = buffers.iter_mut().find(|(_, stage)| *stage == Stage::Full);
        if let Some((_, stage)) = full {
            *stage = Stage::Written(seen_after);
        }
    }

    /// Drops those that no reader from the group `floor` on needs.
    pub(crate) fn forget_before(&self, floor: u64) {
        let mut forgotten = Vec::new();
        let mut buffers = self.write();
        while let Some((buffer, Stage::Written(seen_after))) = buffers.front()
            && *seen_after < floor
        {
            forgotten.push(Arc::clone(buffer));
            buffers.pop_front();
        }
        // Their memory is given back where nobody waits for the lock.
        drop(buffers);
    }

    /// The memory of all.
    pub(crate) fn bytes(&self) -> u64 {
        self.read().iter().map(|(buffer, _)| buffer.bytes()).sum()
    }

    /// Whether one is kept that is in a table.
    pub(crate) fn has_written(&self) -> bool {
        matches!(self.read().front(), Some((_, Stage::Written(_))))
    }

    /// The row `key` before the group `before`, if it is here; none within is a cleared key.
    pub(crate) fn get(&self, key: &[u8], before: u64) -> Option<Option<Vec<u8>>> {
        let buffers = self.read();
        let mut newest_first = buffers.iter().rev();
        newest_first.find_map(|(buffer, _)| buffer.get(key, before))
    }

    /// All of them, the newest first.
    pub(crate) fn newest_first(&self) -> Vec<Arc<WriteBuffer>> {
        let buffers = self.read();
        let newest_first = buffers.iter().rev();
        newest_first.map(|(buffer, _)| Arc::clone(buffer)).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, VecDeque<(Arc<WriteBuffer>, Stage)>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, VecDeque<(Arc<WriteBuffer>, Stage)>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
