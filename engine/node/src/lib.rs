//! The shard loop: decide, commit, reply, recover; async, runtime-free, generic over one [`Host`].

mod append;
mod asks;
mod batch;
mod board;
mod census;
mod chunks;
mod committer;
mod core;
mod correspondence;
mod counters;
mod dirty;
mod event_log;
mod feed;
mod feed_hub;
mod feed_reader;
mod fence;
mod flush;
mod format;
mod groups;
mod heartbeat;
mod host;
mod hunts;
pub mod inspect;
mod keep_up;
mod keys;
mod lease;
mod leaving;
mod letter;
mod loads;
mod log;
mod members;
mod membership;
mod message;
mod ownership;
mod pages;
mod patience;
mod placement;
mod players;
mod probes;
mod query;
mod record;
mod recovery;
mod retry;
mod rows;
mod settings;
mod shard;
mod shared;
mod signal;
mod state;
mod status;
mod table;
mod tail;
mod upkeep;
pub mod verify;
mod view;
mod yield_now;

pub use census::{Census, Ownership};
pub use core::{Core, OpenError, Place};
pub use event_log::{EventLog, EventLogError};
pub use feed::{FeedEvent, FeedPage, FeedPosition, FeedPositionError};
pub use format::LAYOUT_VERSION;
pub use host::{Host, SendRefused};
pub use leaving::DrainRefused;
pub use letter::{LETTER_BYTES_MAX, LETTER_VERSION, LetterError, append_letter, read_letter};
pub use message::{
    Answered, AskError, CoreAddress, CoreId, EventsPage, LeaderboardPage, Message, NodeId, Query,
    Ranked, Request, Response,
};
pub use probes::{BUGGIFY_SITES, PROBES};
pub use settings::{
    ADDRESS_BYTES_MAX, COMMANDS_PER_REQUEST_MAX, ClusterSettings, EVENTS_PAGE_MAX,
    LEADERBOARD_PAGE_MAX, Settings,
};
pub use status::{CoreStatus, HISTOGRAM_BUCKETS, Histogram, OwnFigure, ShardStatus};
pub use view::{Member, View};
