//! Feed readers: they page through, store a position now and then, crash, and go on from what they had stored.

use node::FeedPosition;

use super::onlooker::odd_limit;
use super::{Client, Conduct, Purpose, carry_out};
use crate::history::Ask;

/// Events of a page at most.
const LIMIT_MAX: u64 = 200;
/// In a hundred pages: a crash before the next one.
const CRASH_PERCENT: u64 = 10;
/// In a hundred pages: the position is stored.
const STORE_PERCENT: u64 = 50;
/// In a hundred pages: a long sleep after it, and how long.
const SLEEP_PERCENT: u64 = 5;
const SLEEP_MS_MAX: u64 = 10_000;

/// What a reader knows.
#[derive(Debug, Default)]
pub(super) struct Reader {
    position: FeedPosition,
    stored: FeedPosition,
}

impl Client {
    /// Reads one page.
    pub(super) async fn read(&self, nth: u32, reader: &mut Reader) {
        let mut chance = self.chance(nth, Purpose::Ask);
        let limit = odd_limit(&mut chance, LIMIT_MAX);
        let (crashes, stores) = (chance.percent(CRASH_PERCENT), chance.percent(STORE_PERCENT));
        let sleep_ms = chance.below(SLEEP_MS_MAX);
        let sleeps = chance.percent(SLEEP_PERCENT);
        let ask = Ask::Feed {
            after: reader.position,
            limit,
        };
        let conduct = Conduct::draw(&mut self.chance(nth, Purpose::Conduct), &self.scene, &ask);
        let told = carry_out(&self.port, nth, ask, conduct).await;
        if let Some(position) = told.and_then(|told| told.position) {
            reader.position = position;
        }
        if stores {
            reader.stored = reader.position;
        }
        if crashes {
            reader.position = reader.stored;
        }
        if sleeps {
            self.sleep_ms(sleep_ms).await;
        }
    }
}
