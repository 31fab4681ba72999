//! The feed: the events of all shards in one global order.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hunt::{Definition, Event, ShardId};

/// A place in the feed: after the event with this number of the batch with this versionstamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedPosition {
    /// Versionstamp of the batch's commit.
    pub versionstamp: [u8; 10],
    /// Events of the batch that lie before the place.
    pub events: u32,
}

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.versionstamp {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "-{}", self.events)
    }
}

/// A feed position that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a feed position: expected 20 hexadecimal digits, a hyphen and a number, as the feed's `position` gives it"
)]
pub struct FeedPositionError;

impl FromStr for FeedPosition {
    type Err = FeedPositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stamp, events) = text.split_once('-').ok_or(FeedPositionError)?;
        if stamp.len() != 20 || !stamp.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(FeedPositionError);
        }
        let mut versionstamp = [0; 10];
        for (i, byte) in versionstamp.iter_mut().enumerate() {
            *byte =
                u8::from_str_radix(&stamp[2 * i..2 * i + 2], 16).map_err(|_| FeedPositionError)?;
        }
        Ok(Self {
            versionstamp,
            events: events.parse().map_err(|_| FeedPositionError)?,
        })
    }
}

/// One event of the feed.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// The place right after it: ask on from here.
    pub position: FeedPosition,
    /// Its shard.
    pub shard: ShardId,
    /// The event.
    pub event: Event,
    /// Names its clue and treasures.
    pub definition: Arc<Definition>,
}

/// Some events of the feed.
#[derive(Clone, Debug)]
pub struct FeedPage {
    /// In the one global order.
    pub events: Vec<FeedEvent>,
    /// Ask on from here (also when the page is empty).
    pub position: FeedPosition,
    /// There may be more right now.
    pub more: bool,
}
