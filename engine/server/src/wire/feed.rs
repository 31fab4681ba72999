//! Subscriptions of one connection: a page at a time, as far as credit and room go.

use std::collections::BTreeMap;
use std::time::Duration;

use node::{AskError, Core, FeedPage, FeedPosition, Host};
use wire::{Credit, FEED_CREDIT_MAX, Subscribe};

use super::convert::node_position;
use super::settings::SUBSCRIPTIONS_MAX;

/// Events of one frame.
const PAGE_EVENTS: u32 = 4_096;

/// How long a reader waits for news before it looks whether it is still wanted.
const WAIT: Duration = Duration::from_secs(1);

/// A reader's place and what it may still send.
struct Subscription {
    after: FeedPosition,
    credit: u32,
    reading: bool,
}

/// The subscriptions of one connection, by their ids.
#[derive(Default)]
pub(super) struct Subscriptions(BTreeMap<u64, Subscription>);

/// A page that was asked for.
pub(super) struct Turn {
    id: u64,
    after: FeedPosition,
    limit: u32,
}

/// What came of it.
pub(super) struct Page {
    pub(super) id: u64,
    pub(super) page: Result<FeedPage, AskError>,
}

impl Turn {
    pub(super) async fn read<H: Host>(self, core: Core<H>) -> Page {
        Page {
            id: self.id,
            page: core.feed(self.after, self.limit as usize, WAIT).await,
        }
    }
}

impl Subscriptions {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A new one; says what is wrong with it.
    pub(super) fn add(&mut self, subscribe: &Subscribe) -> Result<(), String> {
        if self.0.contains_key(&subscribe.id) {
            return Err(format!("subscription {} is there already", subscribe.id));
        }
        if self.0.len() >= SUBSCRIPTIONS_MAX {
            return Err(format!(
                "{SUBSCRIPTIONS_MAX} subscriptions on one connection: use another"
            ));
        }
        check_credit(subscribe.credit)?;
        let subscription = Subscription {
            after: node_position(subscribe.after),
            credit: subscribe.credit,
            reading: false,
        };
        self.0.insert(subscribe.id, subscription);
        Ok(())
    }

    /// More may be sent, or nothing any more; says what is wrong with it.
    pub(super) fn credit(&mut self, credit: Credit) -> Result<(), String> {
        let Some(subscription) = self.0.get_mut(&credit.id) else {
            return Err(format!("there is no subscription {}", credit.id));
        };
        if credit.events == 0 {
            self.0.remove(&credit.id);
            return Ok(());
        }
        let sum = subscription.credit.saturating_add(credit.events);
        check_credit(sum)?;
        subscription.credit = sum;
        Ok(())
    }

    /// The pages to read now: of each subscription one at a time.
    pub(super) fn turns(&mut self) -> Vec<Turn> {
        let due = self
            .0
            .iter_mut()
            .filter(|(_, subscription)| !subscription.reading && subscription.credit > 0);
        due.map(|(id, subscription)| {
            subscription.reading = true;
            Turn {
                id: *id,
                after: subscription.after,
                limit: subscription.credit.min(PAGE_EVENTS),
            }
        })
        .collect()
    }

    /// A page was read. False if nobody wants it any more.
    pub(super) fn read(&mut self, page: &Page) -> bool {
        let Some(subscription) = self.0.get_mut(&page.id) else {
            return false;
        };
        subscription.reading = false;
        if let Ok(read) = &page.page {
            let events = u32::try_from(read.events.len()).unwrap_or(u32::MAX);
            subscription.after = read.position;
            subscription.credit = subscription.credit.saturating_sub(events);
        }
        true
    }

    /// Ends one.
    pub(super) fn remove(&mut self, id: u64) {
        self.0.remove(&id);
    }
}

fn check_credit(credit: u32) -> Result<(), String> {
    if credit <= FEED_CREDIT_MAX {
        Ok(())
    } else {
        Err(format!(
            "credit for {credit} events: at most {FEED_CREDIT_MAX} may be unused"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscribe(id: u64, credit: u32) -> Subscribe {
        Subscribe {
            id,
            after: wire::Position::default(),
            credit,
        }
    }

    #[test]
    fn one_page_at_a_time_as_far_as_the_credit_goes() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.add(&subscribe(1, 5_000)).expect("room");
        subscriptions.add(&subscribe(2, 0)).expect("room");
        let turns = subscriptions.turns();
        assert_eq!((turns.len(), turns[0].limit), (1, PAGE_EVENTS));
        assert!(subscriptions.turns().is_empty());
        let empty = FeedPage {
            events: Vec::new(),
            position: FeedPosition::default(),
            more: false,
        };
        let page = Page {
            id: 1,
            page: Ok(empty),
        };
        assert!(subscriptions.read(&page));
        assert_eq!(subscriptions.turns().len(), 1);
    }

    #[test]
    fn what_is_too_much_is_told() {
        let mut subscriptions = Subscriptions::default();
        assert!(
            subscriptions
                .add(&subscribe(1, FEED_CREDIT_MAX + 1))
                .is_err()
        );
        subscriptions
            .add(&subscribe(1, FEED_CREDIT_MAX))
            .expect("room");
        assert!(subscriptions.add(&subscribe(1, 1)).is_err());
        let more = Credit { id: 1, events: 1 };
        assert!(subscriptions.credit(more).is_err());
        assert!(subscriptions.credit(Credit { id: 2, events: 1 }).is_err());
        subscriptions
            .credit(Credit { id: 1, events: 0 })
            .expect("it ends");
        assert!(subscriptions.is_empty());
    }
}
