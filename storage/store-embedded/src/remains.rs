//! What the tables no longer need, kept alive until it can end where nobody waits.
//!
//! The library lets go of old buffers and tables while it holds the lock that every read and the next full buffer need. The last
//! owner of a buffer frees it row by row, and that of a merged table deletes its file: tens of milliseconds in which nothing
//! would be committed. So whoever may come to be the last owner is kept here, and dropped after the lock is given back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use lsm_tree::Memtable;

use crate::turns::Turns;

/// Buffers and states of the files that the tables had.
#[derive(Default)]
pub(crate) struct Remains(Mutex<Kept>);

type State = Box<dyn Send + Sync>;

#[derive(Default)]
struct Kept {
    buffers: Vec<Arc<Memtable>>,
    /// Oldest first, the present one last; with their numbers. The library does not tell the name of their type.
    states: VecDeque<(u64, State)>,
}

impl Remains {
    /// Keeps a buffer that is full.
    pub(crate) fn keep_buffer(&self, buffer: Arc<Memtable>) {
        self.with(|kept| kept.buffers.push(buffer));
    }

    /// Keeps the state that the files are in now, and its number.
    pub(crate) fn keep_state(&self, number: u64, state: impl Send + Sync + 'static) {
        self.with(|kept| {
            // Two threads make states: the one that comes second here may be the older one.
            let place = kept.states.partition_point(|(other, _)| *other < number);
            if kept
                .states
                .get(place)
                .is_none_or(|(other, _)| *other != number)
            {
                kept.states.insert(place, (number, Box::new(state)));
            }
        });
    }

    /// Drops the buffers that nobody else has any more, and all but the last `states`. Not to be called under the library's lock.
    pub(crate) fn end(&self, states: usize) {
        let ended: Vec<(u64, State)> = self.with(|kept| {
            let over = kept.states.len().saturating_sub(states);
            kept.states.drain(..over).collect()
        });
        // States have buffers too: those that were only theirs are unused from here on.
        drop(ended);
        let unused: Vec<Arc<Memtable>> = self.with(|kept| {
            let is_unused = |buffer: &mut Arc<Memtable>| Arc::strong_count(buffer) == 1;
            kept.buffers.extract_if(.., is_unused).collect()
        });
        let mut turns = Turns::default();
        for buffer in unused.into_iter().filter_map(Arc::into_inner) {
            buffer.items.into_iter().for_each(|_row| turns.row());
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_has_and_the_last_states_stay() {
        let remains = Remains::default();
        let buffer = |id| Arc::new(Memtable::new(id));
        let (read, unread) = (buffer(1), buffer(2));
        let watched = Arc::downgrade(&unread);
        remains.keep_buffer(Arc::clone(&read));
        remains.keep_buffer(unread);
        let states: Vec<Arc<u64>> = [1, 2, 2, 3].map(Arc::new).to_vec();
        for state in &states {
            remains.keep_state(**state, Arc::clone(state));
        }
        remains.end(2);
        assert!(watched.upgrade().is_none() && Arc::strong_count(&read) == 2);
        let kept: Vec<usize> = states.iter().map(Arc::strong_count).collect();
        assert_eq!(
            kept,
            [1, 2, 1, 2],
            "the second state 2 is the first one again"
        );
        remains.end(0);
        assert!(states.iter().all(|state| Arc::strong_count(state) == 1));
    }

    #[test]
    fn a_buffer_ends_with_the_last_state_that_had_it() {
        let remains = Remains::default();
        let buffer = Arc::new(Memtable::new(1));
        let watched = Arc::downgrade(&buffer);
        remains.keep_buffer(Arc::clone(&buffer));
        remains.keep_state(1, buffer);
        remains.keep_state(2, ());
        remains.end(1);
        assert!(watched.upgrade().is_none());
    }
}
