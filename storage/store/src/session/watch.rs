//! Watches: made before the commit, active after it.

use std::future::Future;
use std::pin::Pin;

use futures::channel::oneshot;

use crate::{AtomicOp, Backend, Committed, StoreError, code};

use super::Session;
use super::overlay::fold;
use super::read::Plan;
use super::write::key_bytes_max;

type Armed = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// A watch that waits for its transaction to commit.
#[derive(Debug)]
pub(super) struct PendingWatch {
    key: Vec<u8>,
    seen: Seen,
    sender: oneshot::Sender<Result<Armed, StoreError>>,
}

/// What the transaction saw when the watch was made.
#[derive(Debug)]
enum Seen {
    /// Its own write.
    Own(Option<Vec<u8>>),
    /// The snapshot's value with these operations of its own on top.
    Base(Vec<(AtomicOp, Vec<u8>)>),
}

/// A pending watch with the value that it compares with.
type Baseline = (PendingWatch, Option<Vec<u8>>);

impl<B: Backend> Session<B> {
    pub(super) fn add_watch(
        &self,
        key: &[u8],
    ) -> impl Future<Output = Result<(), StoreError>> + use<B> {
        let (sender, receiver) = oneshot::channel();
        let refused = self.begin_watch(key, sender).err();
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

    fn begin_watch(
        &self,
        key: &[u8],
        sender: oneshot::Sender<Result<Armed, StoreError>>,
    ) -> Result<(), StoreError> {
        self.check_usable()?;
        let mut state = self.state.borrow_mut();
        if !state.options.read_your_writes {
            return Err(StoreError::new(code::WATCHES_DISABLED));
        }
        state.check_readable(key)?;
        if key.len() > key_bytes_max(key) {
            return Err(StoreError::new(code::KEY_TOO_LARGE));
        }
        let seen = match state.plan(key, false)? {
            Plan::Known(value) => Seen::Own(value),
            Plan::Fold(operations) => Seen::Base(operations),
            Plan::Ask => Seen::Base(Vec::new()),
        };
        let key = key.to_vec();
        state.watches.push(PendingWatch { key, seen, sender });
        Ok(())
    }

    /// The value that each watch compares with. A watch whose value can't be read fails alone.
    pub(super) async fn read_watch_baselines(&self) -> Vec<Baseline> {
        let watches = std::mem::take(&mut self.state.borrow_mut().watches);
        let mut baselines = Vec::with_capacity(watches.len());
        for mut watch in watches {
            if watch.sender.is_canceled() {
                continue;
            }
            let value = match &mut watch.seen {
                Seen::Own(value) => Ok(value.take()),
                Seen::Base(operations) => {
                    let base = self.read_base(&watch.key).await;
                    base.map(|base| fold(base, operations))
                }
            };
            match value {
                Ok(value) => baselines.push((watch, value)),
                Err(error) => fail(watch, &error),
            }
        }
        baselines
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
