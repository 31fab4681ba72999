//! Watches: made before the commit, active after it.

use std::future::Future;
use std::pin::Pin;

use futures::channel::oneshot;

use crate::{Backend, Committed, StoreError, code};

use super::Session;
use super::overlay::{Overlay, Own, fold};

type Armed = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// A watch that waits for its transaction to commit.
#[derive(Debug)]
pub(super) struct PendingWatch {
    key: Vec<u8>,
    /// So many own writes came before the watch; it compares with what they left.
    writes_before: usize,
    sender: oneshot::Sender<Result<Armed, StoreError>>,
}

/// A pending watch with the value that it compares with.
type Baseline = (PendingWatch, Option<Vec<u8>>);

impl<B: Backend> Session<B> {
    pub(super) fn add_watch(
        &self,
        key: &[u8],
    ) -> impl Future<Output = Result<(), StoreError>> + use<B> {
        let (sender, receiver) = oneshot::channel();
        let usable = self.check_usable();
        let mut state = self.state.borrow_mut();
        let refused = match usable {
            Ok(()) => {
                let writes_before = state.request.mutations.len();
                state.watches.push(PendingWatch {
                    key: key.to_vec(),
                    writes_before,
                    sender,
                });
                None
            }
            Err(error) => Some(error),
        };
        async move {
            if let Some(error) = refused {
                return Err(error);
            }
            match receiver.await {
                Ok(Ok(armed)) => armed.await,
                Ok(Err(error)) => Err(error),
                Err(oneshot::Canceled) => Err(StoreError::new(code::TRANSACTION_CANCELLED)),
            }
        }
    }

    /// The value that each watch compares with: as this transaction saw it when the watch was made.
    pub(super) async fn read_watch_baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        let watches = std::mem::take(&mut self.state.borrow_mut().watches);
        let mut baselines = Vec::with_capacity(watches.len());
        for watch in watches {
            if watch.sender.is_canceled() {
                continue;
            }
            match self.read_baseline(&watch).await {
                Ok(value) => baselines.push((watch, value)),
                Err(error) => {
                    baselines
                        .into_iter()
                        .for_each(|(watch, _)| fail(watch, &error));
                    fail(watch, &error);
                    return Err(error);
                }
            }
        }
        Ok(baselines)
    }

    async fn read_baseline(&self, watch: &PendingWatch) -> Result<Option<Vec<u8>>, StoreError> {
        let operations = {
            let state = self.state.borrow();
            let mut overlay = Overlay::default();
            if state.options.read_your_writes {
                overlay.index(&state.request.mutations[..watch.writes_before]);
            }
            match overlay.lookup(&watch.key) {
                Own::Known(value) => return Ok(value.map(<[u8]>::to_vec)),
                Own::Unreadable => return Err(StoreError::new(code::ACCESSED_UNREADABLE)),
                Own::Stacked(operations) => operations.to_vec(),
                Own::Nothing => Vec::new(),
            }
        };
        Ok(fold(self.read_base(&watch.key).await?, &operations))
    }

    /// Arms the watches of a commit, fails those of a failed one.
    pub(super) fn settle_watches(
        &self,
        baselines: Vec<Baseline>,
        result: &Result<Committed, StoreError>,
    ) {
        for (watch, seen) in baselines {
            match result {
                Ok(_) => {
                    let PendingWatch { key, sender, .. } = watch;
                    // Nobody listens any more: the watch is dropped with its sender.
                    drop(sender.send(Ok(Box::pin(self.backend.watch(key, seen)))));
                }
                Err(error) => fail(watch, error),
            }
        }
    }
}

fn fail(watch: PendingWatch, error: &StoreError) {
    // Nobody listens any more: there is nobody to tell.
    drop(watch.sender.send(Err(error.clone())));
}
