//! A watch as its client sees it.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{Either, select};
use store::limits::WATCHES_MAX;
use store::{StoreError, code};

use crate::core::Core;
use crate::probe::Probe;
use crate::shared::Shared;
use crate::{MemoryDatabase, WatchFate};

/// Resolves once the value of `key` is not `seen`, or as the fate of this watch will have it.
pub(crate) fn watch(
    core: Rc<Core>,
    key: Vec<u8>,
    seen: Option<Vec<u8>>,
) -> impl Future<Output = Result<(), StoreError>> + 'static {
    let fate = core.link.as_ref().map_or(WatchFate::FINE, |link| {
        let (nth, set_us) = (link.counts.watches.next(), core.environment.now_us());
        link.fates.of_watch(link.handle, nth, set_us)
    });
    let armed = core.look(|shared, _| arm(&core.database, shared, key, seen));
    async move {
        let told = told(&core, armed?, fate).await;
        if let Some(link) = &core.link {
            core.outlast(link).await;
        }
        told
    }
}

/// None if the value is another one already.
fn arm(
    database: &MemoryDatabase,
    shared: &mut Shared,
    key: Vec<u8>,
    seen: Option<Vec<u8>>,
) -> Result<Option<ArmedWatch>, StoreError> {
    if shared.value(&key) != seen.as_deref() {
        return Ok(None);
    }
    if shared.watches.len() >= WATCHES_MAX {
        return Err(StoreError::with_context(
            code::TOO_MANY_WATCHES,
            format!("{WATCHES_MAX} are active"),
        ));
    }
    let (id, changed) = shared.watches.add(&key, seen);
    Ok(Some(ArmedWatch {
        database: database.clone(),
        key,
        id,
        changed,
    }))
}

async fn told(core: &Core, armed: Option<ArmedWatch>, fate: WatchFate) -> Result<(), StoreError> {
    let changed = pin!(async {
        match armed {
            Some(mut watch) => watch.changed().await,
            None => Ok(()),
        }
    });
    let (after_us, unasked) = match fate {
        WatchFate::Told { after_us } => {
            changed.await?;
            if after_us > 0 {
                core.sleep_us(after_us).await;
                core.probe(Probe::WatchLate);
            }
            return Ok(());
        }
        WatchFate::Spurious { after_us } => (after_us, Ok(())),
        WatchFate::Fails { code, after_us } => (after_us, Err(StoreError::new(code))),
    };
    match select(changed, pin!(core.sleep_us(after_us))).await {
        Either::Left((told, _)) => told,
        Either::Right(_) => {
            core.probe(match unasked {
                Ok(()) => Probe::WatchSpurious,
                Err(_) => Probe::WatchFailed,
            });
            unasked
        }
    }
}

/// A watch that waits; gives its place back when it is dropped.
struct ArmedWatch {
    database: MemoryDatabase,
    key: Vec<u8>,
    id: u64,
    changed: oneshot::Receiver<()>,
}

impl ArmedWatch {
    async fn changed(&mut self) -> Result<(), StoreError> {
        (&mut self.changed)
            .await
            .map_err(|_| StoreError::new(code::OPERATION_CANCELLED))
    }
}

impl Drop for ArmedWatch {
    fn drop(&mut self) {
        self.database.lock().watches.remove(&self.key, self.id);
    }
}
