//! What the tables no longer need, kept alive until it can end where nobody waits.
//!
//! The library lets go of old tables while it holds the lock that every read needs. The last owner of a merged table deletes its
//! file: tens of milliseconds in which nothing would be answered. So whoever may come to be the last owner is kept here, and
//! dropped after the lock is given back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// States of the files that the tables had: oldest first, the present one last; with their numbers.
#[derive(Default)]
pub(crate) struct Remains(Mutex<VecDeque<(u64, State)>>);

/// The library does not tell the name of their type.
type State = Box<dyn Send + Sync>;

impl Remains {
    /// Keeps the state that the files are in now, and its number.
    pub(crate) fn keep(&self, number: u64, state: impl Send + Sync + 'static) {
        let mut states = self.lock();
        // Two threads make states: the one that comes second here may be the older one.
        let place = states.partition_point(|(other, _)| *other < number);
        let next = states.get(place);
        if next.is_none_or(|(other, _)| *other != number) {
            states.insert(place, (number, Box::new(state)));
        }
    }

    /// Drops all but the last `states`. Not to be called under the library's lock.
    pub(crate) fn end(&self, states: usize) {
        let mut kept = self.lock();
        let over = kept.len().saturating_sub(states);
        let ended: Vec<(u64, State)> = kept.drain(..over).collect();
        drop(kept);
        drop(ended);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, State)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_last_states_stay() {
        let remains = Remains::default();
        let states: Vec<Arc<u64>> = [1, 3, 2, 2].map(Arc::new).to_vec();
        for state in &states {
            remains.keep(**state, Arc::clone(state));
        }
        remains.end(2);
        let kept: Vec<usize> = states.iter().map(Arc::strong_count).collect();
        assert_eq!(
            kept,
            [1, 2, 2, 1],
            "the second state 2 is the first one again"
        );
        remains.end(0);
        assert!(states.iter().all(|state| Arc::strong_count(state) == 1));
    }
}
