//! Everything that differs between production and simulation, in one bundle.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hunt::{Millis, ShardId};
use store::Store;

use crate::{CoreAddress, Message, View};

/// What a core of a node stands on: time, randomness, tasks, messages and the store.
///
/// The code above reads no clock, draws no random number and starts no thread but through this.
pub trait Host: Clone + 'static {
    /// The database.
    type Store: Store;

    /// Time since an arbitrary moment; never runs back. Measures how long things take. The cores of a node share it:
    /// what one says is fresh until then, the others may believe.
    fn monotonic(&self) -> Duration;

    /// The wall clock. May jump; nothing but event times and schedules rests on it.
    fn wall(&self) -> Millis;

    /// A uniformly distributed number.
    fn random(&self) -> u64;

    /// Resolves after at least `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static;

    /// Runs `task` on this core until it ends.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);

    /// Sends `message` to another core. Promises little: a message may be lost, doubled, late or out of order.
    /// Refused at once where the way there is full, so that the sender can shed load, or where there is none.
    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused>;

    /// The cluster as this node sees it by now: who may be alive, and where each is reached. Told at every beat.
    fn meet(&self, _view: &Arc<View>) {}

    /// A shard that was open on this core takes nothing any more, and answers nothing more from memory.
    fn closed(&self, _shard: ShardId, _epoch: u64) {}

    /// The database, as this core reaches it.
    fn store(&self) -> &Self::Store;

    /// How long a transaction may take before it is given up and tried anew; none where the store can't hang.
    fn transaction_timeout(&self) -> Option<Duration> {
        None
    }

    /// A rare path was taken: one of [`crate::PROBES`]. A simulator counts them.
    fn probe(&self, _name: &'static str) {}

    /// What was read is not what any version of this engine writes. A store that keeps what it is given never brings that about,
    /// so a simulator fails, also where a later read would do.
    fn corrupt(&self, _what: &str) {}

    /// Whether to do here what is always allowed but rarely happens: one of [`crate::BUGGIFY_SITES`]. Only a simulator
    /// ever says yes.
    fn buggify(&self, _site: &'static str) -> bool {
        false
    }
}

/// Why a message was not sent; it comes back.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SendRefused {
    /// There is no room: soon there may be.
    #[error("the queue to the core is full")]
    Full(Box<Message>),
    /// Nothing leads to that node, or it does not exist.
    #[error("the node can't be reached")]
    NoWay(Box<Message>),
    /// It is more than a message to another node may be.
    #[error("the message is too large for another node")]
    TooLarge(Box<Message>),
}
