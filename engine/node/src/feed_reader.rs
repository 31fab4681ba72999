//! Reading the feed: the order comes from the store, where it has no holes; the events come from memory where they can.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use hunt::{Definition, Event, EventBody, HuntId};
use store::{RangeRead, Transaction};

use crate::core::Core;
use crate::feed_hub::SUBSCRIPTION;
use crate::log::read_batch;
use crate::record::{self, FeedEntry};
use crate::retry::{TransactError, transact};
use crate::settings::EVENTS_PAGE_MAX;
use crate::shard::unavailable;
use crate::{AskError, FeedEvent, FeedPage, FeedPosition, Host, Message, Query, Request, Response};

/// Batches that one read of the global order asks for.
const BATCHES_PER_READ: usize = 256;
/// A reader looks at least so often, should news of a commit be lost on its way.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A fresh subscription may have missed a commit: its reader looks again this soon.
const LOOK_AGAIN_FRESH: Duration = Duration::from_millis(10);
/// Definitions that a core keeps to name the events of others' hunts by.
const DEFINITIONS_MAX: usize = 256;

/// Definitions by hunt, as far as a core has needed them.
#[derive(Default)]
pub(crate) struct Definitions {
    known: BTreeMap<HuntId, Arc<Definition>>,
}

/// A batch of the global order.
struct Place {
    versionstamp: [u8; 10],
    entry: FeedEntry,
}

impl<H: Host> Core<H> {
    /// The feed after `after`; waits up to `wait` if there is nothing yet.
    pub async fn feed(
        &self,
        after: FeedPosition,
        limit: usize,
        wait: Duration,
    ) -> Result<FeedPage, AskError> {
        let host = &self.shared().host;
        let deadline = host.monotonic() + wait;
        loop {
            let advanced = self.shared().feed.wait();
            let page = self.feed_now(after, limit).await?;
            let now = host.monotonic();
            if !page.events.is_empty() || now >= deadline {
                return Ok(page);
            }
            let pause = if self.subscribe_to_feed(now) {
                LOOK_AGAIN_FRESH
            } else {
                LOOK_AGAIN
            };
            let pause = std::pin::pin!(host.sleep(pause.min(deadline - now)).fuse());
            futures::future::select(advanced, pause).await;
        }
    }

    async fn feed_now(&self, after: FeedPosition, limit: usize) -> Result<FeedPage, AskError> {
        let limit = if self.shared().host.buggify("shrink_feed_page") {
            1
        } else {
            limit.clamp(1, EVENTS_PAGE_MAX)
        };
        let (places, more) = self
            .feed_places(&after)
            .await
            .map_err(|error| feed_unavailable(&error))?;
        let mut page = FeedPage {
            events: Vec::new(),
            position: after,
            more,
        };
        for place in places {
            let skip = if place.versionstamp == after.versionstamp {
                after.events
            } else {
                0
            };
            if skip >= place.entry.count {
                continue;
            }
            let events = self
                .batch_events(&place.entry)
                .await
                .map_err(|error| feed_unavailable(&error))?;
            for (index, event) in events.iter().enumerate().skip(skip as usize) {
                if page.events.len() == limit {
                    self.shared().host.probe("feed_page_ends_in_batch");
                    page.more = true;
                    return Ok(page);
                }
                let position = FeedPosition {
                    versionstamp: place.versionstamp,
                    events: index as u32 + 1,
                };
                let definition = self.definition_for(event).await?;
                page.position = position;
                page.events.push(FeedEvent {
                    position,
                    shard: place.entry.shard,
                    event: event.clone(),
                    definition,
                });
            }
        }
        Ok(page)
    }

    async fn feed_places(&self, after: &FeedPosition) -> Result<(Vec<Place>, bool), TransactError> {
        let shared = self.shared();
        let read = RangeRead::of(&shared.keys.feed_from(after)).limit(BATCHES_PER_READ);
        let (rows, _) = transact(&shared.host, async |transaction, _| {
            Ok(transaction.get_range(&read, true).await?)
        })
        .await?;
        let mut places = Vec::with_capacity(rows.rows.len());
        for (key, value) in &rows.rows {
            let corrupt = |detail: String| {
                TransactError::Corrupt(format!(
                    "the global order at {}: {detail}",
                    key.escape_ascii()
                ))
            };
            let versionstamp = shared
                .keys
                .unpack_feed(key)
                .map_err(|error| corrupt(error.to_string()))?;
            let entry = record::decode(value).map_err(|error| corrupt(error.to_string()))?;
            places.push(Place {
                versionstamp,
                entry,
            });
        }
        Ok((places, rows.more))
    }

    async fn batch_events(&self, entry: &FeedEntry) -> Result<Rc<[Event]>, TransactError> {
        let shared = self.shared();
        if let Some(events) = shared.tail.borrow().batch(entry.shard, entry.first_seq) {
            shared.host.probe("feed_from_memory");
            return Ok(events);
        }
        shared.host.probe("feed_from_store");
        let (shard, first_seq) = (entry.shard, entry.first_seq);
        let (batch, _) = transact(&shared.host, async |transaction, _| {
            read_batch(transaction, &shared.keys, shard, first_seq).await
        })
        .await?;
        batch.map(|batch| batch.events.into()).ok_or_else(|| {
            TransactError::Corrupt(format!(
                "shard {shard}: the batch at {first_seq} is in the global order, not in the log"
            ))
        })
    }

    /// The definition that names the event's clues and treasures.
    async fn definition_for(&self, event: &Event) -> Result<Arc<Definition>, AskError> {
        if let Some(known) = self.definitions().borrow().known.get(&event.hunt)
            && is_named_by(event, known)
        {
            return Ok(known.clone());
        }
        self.shared().host.probe("feed_asks_for_definition");
        let query = Request::Query(Query::Definition {
            hunt: event.hunt.clone(),
        });
        let Response::Definition(definition) = self.ask(query).await? else {
            return Err(unavailable(format!(
                "hunt {} is in the log but its owner does not know it",
                event.hunt
            )));
        };
        let mut definitions = self.definitions().borrow_mut();
        if definitions.known.len() >= DEFINITIONS_MAX {
            definitions.known.pop_first();
        }
        definitions
            .known
            .insert(event.hunt.clone(), definition.clone());
        Ok(definition)
    }

    /// Asks the other cores to tell of commits. Says whether that is news to them.
    fn subscribe_to_feed(&self, now: Duration) -> bool {
        let fresh = self.subscribed_until().get() <= now;
        if self.subscribed_until().get() > now + SUBSCRIPTION / 2 {
            return false;
        }
        self.subscribed_until().set(now + SUBSCRIPTION);
        for core in self.other_cores() {
            // Refused: that core is busy; the reader looks again by itself.
            let _ = self.shared().host.send(
                core,
                Message::FeedSubscribe {
                    from: self.address(),
                },
            );
        }
        fresh
    }
}

fn feed_unavailable(error: &TransactError) -> AskError {
    unavailable(format!("the feed could not be read: {error}"))
}

/// Whether the definition knows every clue and treasure that the event names.
fn is_named_by(event: &Event, definition: &Definition) -> bool {
    let clue = |index: &u16| definition.clue(*index).is_some();
    let treasure = |index: &u16| definition.treasure(*index).is_some();
    match &event.body {
        EventBody::Solved {
            clue: solved,
            unlocked,
            grants,
            ..
        } => {
            clue(solved)
                && unlocked.iter().all(clue)
                && grants.iter().all(|grant| treasure(&grant.treasure))
        }
        EventBody::Missed { clue: missed, .. } | EventBody::ClueUnlocked { clue: missed } => {
            clue(missed)
        }
        EventBody::Claimed { grant, .. } => treasure(&grant.treasure),
        EventBody::Restocked {
            treasure: index, ..
        } => treasure(index),
        EventBody::Put { .. } | EventBody::PhaseChanged { .. } | EventBody::Joined { .. } => true,
    }
}
