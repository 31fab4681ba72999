//! The loop that commits a shard's batches, one at a time: while one is in flight, the next fills. No timer delays it.

use std::rc::Rc;

use crate::append::SealedBatch;
use crate::batch::tell;
use crate::chunks::chunk_bytes;
use crate::counters::add;
use crate::retry::TransactError;
use crate::shard::{Shard, not_ready, unavailable};
use crate::signal::Signal;
use crate::{AskError, Host, Message};

/// Commits what the shard decides, until its state is thrown away.
pub(crate) async fn commit_batches<H: Host>(
    shard: Rc<Shard<H>>,
    generation: u64,
    work: Rc<Signal>,
) {
    let mut fence = None;
    let chunk_bytes = chunk_bytes(&shard.core.host);
    loop {
        work.raised().await;
        while shard.generation.get() == generation {
            let Some(batch) = take_off(&shard, chunk_bytes) else {
                break;
            };
            if shard.core.host.buggify("delay_commit") {
                shard.core.host.sleep(shard.core.settings.tick).await;
            }
            let started = shard.core.host.monotonic();
            let (host, keys) = (&shard.core.host, &shard.core.keys);
            let outcome = batch.commit(host, keys, fence.take()).await;
            if matches!(outcome, Err(TransactError::Fenced { .. })) {
                add(&shard.core.counters.commits_fenced, 1);
            }
            if shard.generation.get() != generation {
                if outcome.is_ok() {
                    shard.core.host.probe("committed_after_loss");
                }
                break;
            }
            let took = shard.core.host.monotonic().saturating_sub(started);
            match outcome {
                Ok(appended) => {
                    fence = appended.fence;
                    let retries = u64::from(appended.retries);
                    add(&shard.core.counters.commit_retries, retries);
                    shard
                        .core
                        .counters
                        .commit_us
                        .borrow_mut()
                        .record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
                    land(&shard);
                }
                // The last try looked for the batch: it is not there, and can't come under a lease that was taken.
                Err(error) => give_up(&shard, &error, not_ready()),
            }
        }
        if shard.generation.get() != generation {
            return;
        }
    }
}

fn take_off<H: Host>(shard: &Shard<H>, chunk_bytes: usize) -> Option<SealedBatch> {
    let mut state = shard.state.borrow_mut();
    let state = state
        .as_mut()
        .filter(|state| !state.filling.events.is_empty())?;
    state.take_off(shard.core.host.monotonic());
    shard
        .core
        .counters
        .batch_events
        .borrow_mut()
        .record(state.in_flight.events.len() as u64);
    Some(SealedBatch::new(
        shard.id,
        state.epoch,
        &state.in_flight.events,
        chunk_bytes,
    ))
}

/// The batch is committed: answer, and let the feed go on.
fn land<H: Host>(shard: &Shard<H>) {
    let (events, waiters) = {
        let mut state = shard.state.borrow_mut();
        let Some(state) = state.as_mut() else { return };
        state.land()
    };
    let now = shard.core.host.monotonic();
    if !shard.core.host.buggify("keep_no_tail") {
        shard.core.tail.borrow_mut().push(shard.id, events, now);
    }
    tell(waiters, &Ok(()));
    shard.core.feed.advance();
    for core in shard.core.feed.subscribers(now) {
        // A full queue means that the core has enough to look at; its readers also look from time to time.
        let _ = shard.core.host.send(core, Message::FeedAdvanced);
    }
}

/// The shard can't commit: its memory ran ahead of the log, so it is thrown away and read again. `fenced` is what waiters
/// are told if another owner has the shard.
pub(crate) fn give_up<H: Host>(shard: &Shard<H>, error: &TransactError, fenced: AskError) {
    tracing::error!(shard = shard.id, %error, "the shard could not commit; it is opened again");
    let answer: AskError = match error {
        TransactError::Fenced { .. } => {
            shard.core.host.probe("fenced_commit");
            fenced
        }
        TransactError::Corrupt(_) | TransactError::Store(_) => {
            shard.core.host.probe("commit_failed");
            unavailable(format!("the store could not commit: {error}"))
        }
    };
    shard.lose(&answer);
}
