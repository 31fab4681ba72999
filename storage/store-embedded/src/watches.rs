//! Watches: who waits for a key to change, told by the committer.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use store::limits::WATCHES_MAX;
use store::{StoreError, code};

use crate::commit_queue::closed;

/// The watches of one store.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    keys: Mutex<BTreeMap<Vec<u8>, Vec<Arc<Watched>>>>,
    /// How many there are; a committer that finds none does not take the lock.
    count: AtomicUsize,
}

#[derive(Debug)]
struct Watched {
    seen: Option<Vec<u8>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answer: Option<Result<(), StoreError>>,
    waker: Option<Waker>,
}

/// Resolves once the key's value is not what was seen. Dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Watch {
    watches: Arc<Watches>,
    key: Vec<u8>,
    watched: Arc<Watched>,
}

impl Watches {
    /// Watches `key`; 1032 if there are too many watches.
    pub(crate) fn watch(
        self: &Arc<Self>,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> Result<Watch, StoreError> {
        let mut keys = self.lock();
        if self.count.load(Relaxed) >= WATCHES_MAX {
            return Err(StoreError::new(code::TOO_MANY_WATCHES));
        }
        self.count.fetch_add(1, Relaxed);
        let watched = Arc::new(Watched {
            seen,
            state: Mutex::default(),
        });
        keys.entry(key.clone())
            .or_default()
            .push(Arc::clone(&watched));
        Ok(Watch {
            watches: Arc::clone(self),
            key,
            watched,
        })
    }

    /// Tells those whose key has another value now.
    pub(crate) fn committed(&self, rows: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
        if self.count.load(Relaxed) == 0 {
            return;
        }
        let keys = self.lock();
        let mut wakers = Vec::new();
        for (key, value) in rows {
            for watched in keys
                .get(key)
                .into_iter()
                .flatten()
                .filter(|watched| watched.seen != *value)
            {
                wakers.extend(watched.answer(Ok(())));
            }
        }
        drop(keys);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Tells everyone that nothing will change any more.
    pub(crate) fn close(&self) {
        let keys = self.lock();
        let wakers: Vec<Waker> = keys
            .values()
            .flatten()
            .filter_map(|watched| watched.answer(Err(closed())))
            .collect();
        drop(keys);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<Arc<Watched>>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn answer(&self, answer: Result<(), StoreError>) -> Option<Waker> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.answer.get_or_insert(answer);
        state.waker.take()
    }
}

impl Watch {
    /// What was seen.
    pub(crate) fn seen(&self) -> Option<&[u8]> {
        self.watched.seen.as_deref()
    }

    /// The key.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }
}

impl Future for Watch {
    type Output = Result<(), StoreError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self
            .watched
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = state.answer.clone() {
            return Poll::Ready(answer);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut keys = self.watches.lock();
        if let Some(watched) = keys.get_mut(&self.key) {
            watched.retain(|other| !Arc::ptr_eq(other, &self.watched));
            if watched.is_empty() {
                keys.remove(&self.key);
            }
        }
        self.watches.count.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn rows(value: Option<&[u8]>) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        BTreeMap::from([(b"k".to_vec(), value.map(<[u8]>::to_vec))])
    }

    #[test]
    fn a_watch_fires_when_the_value_differs() {
        let watches = Arc::new(Watches::default());
        let mut watch = watches.watch(b"k".to_vec(), Some(b"1".to_vec())).unwrap();
        watches.committed(&rows(Some(b"1")));
        assert_eq!((&mut watch).now_or_never(), None);
        watches.committed(&rows(None));
        assert_eq!(watch.now_or_never(), Some(Ok(())));
    }

    #[test]
    fn a_dropped_watch_gives_its_place_back() {
        let watches = Arc::new(Watches::default());
        let all: Vec<Watch> = (0..WATCHES_MAX)
            .map(|_| watches.watch(b"k".to_vec(), None).unwrap())
            .collect();
        assert_eq!(
            watches.watch(b"j".to_vec(), None).unwrap_err().code(),
            code::TOO_MANY_WATCHES
        );
        drop(all);
        assert!(watches.watch(b"j".to_vec(), None).is_ok());
        assert!(watches.lock().is_empty());
    }

    #[test]
    fn closing_ends_every_watch() {
        let watches = Arc::new(Watches::default());
        let watch = watches.watch(b"k".to_vec(), None).unwrap();
        watches.close();
        assert_eq!(
            watch.now_or_never().unwrap().unwrap_err().code(),
            code::OPERATION_CANCELLED
        );
    }
}
