//! How a node leaves: it hands its shards over while it still serves, then stops, then takes its name off the list.
//!
//! ```text
//! drain ─▶ heartbeat says so ─▶ no view gives it a shard ─▶ each core hands over ─▶ stop ─▶ leave
//! ```

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::select;

use crate::core::Core;
use crate::heartbeat::remove_heartbeat;
use crate::membership::BEATING_CORE;
use crate::shard::Shard;
use crate::signal::Signal;
use crate::{Host, Message};

/// How long a stopping node waits for its last heartbeat to be written.
const TELL_OF_STOP_MAX: Duration = Duration::from_secs(1);
/// How often a node tries to tell its beating core to drain.
const DRAIN_TRIES_MAX: usize = 1_000;

/// Why a node does not hand its shards over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrainRefused {
    /// There is no cluster.
    #[error("this node is alone on its store: there is nobody to hand its shards to")]
    Alone,
    /// There is, but nobody in it can take them.
    #[error("no other node of the cluster is there to take the shards: start one first")]
    NoHeir,
    /// The core that would do it has no time.
    #[error("the node is too busy to begin: try again")]
    Busy,
}

impl<H: Host> Core<H> {
    /// Begins to hand all shards of the node over to the others, while requests are still taken and forwarded. From now on
    /// the node wants none, until its process ends. The statuses of its cores tell how far it is.
    pub async fn drain(&self) -> Result<(), DrainRefused> {
        let view = self.shared().view().ok_or(DrainRefused::Alone)?;
        if !view.has_heir_of(self.place().node) {
            return Err(DrainRefused::NoHeir);
        }
        if self.place().core == BEATING_CORE {
            self.begin_to_drain();
            return Ok(());
        }
        self.send(self.beating(), Message::Drain, DRAIN_TRIES_MAX)
            .await
            .map_err(|_| DrainRefused::Busy)
    }

    /// The node hands over what it has, or has done so.
    pub fn is_leaving(&self) -> bool {
        let node = self.place().node;
        let view = self.shared().view();
        self.draining().get() || view.is_some_and(|view| view.is_draining(node))
    }

    /// No shard of this core is open, nor is one being moved.
    pub fn is_empty(&self) -> bool {
        self.shards()
            .all(|shard| !shard.is_open() && !shard.moving.get())
    }

    pub(crate) fn begin_to_drain(&self) {
        self.draining().set(true);
        self.hurry().raise();
    }

    /// Stops taking requests, finishes what is under way, writes rows, releases the leases.
    pub async fn stop(&self) {
        self.stopping().set(true);
        if self.shared().member() != 0 && self.place().core == BEATING_CORE {
            self.tell_of_stop().await;
        }
        let stops = self.shards().map(|shard| self.stop_shard(shard));
        futures::future::join_all(stops).await;
        self.finish_answers().await;
        self.stopped().set(true);
        self.hurry().raise();
    }

    /// Takes the node off the cluster's list, so that nobody waits for it. Call it on the core that beats, once all cores
    /// of the node have stopped: after this the others may take what they still held.
    pub async fn leave(&self) {
        let member = self.shared().member();
        if member == 0 || self.place().core != BEATING_CORE {
            return;
        }
        self.within_a_moment(self.beats_ended()).await;
        let (host, keys) = (&self.shared().host, &self.shared().keys);
        if let Err(error) = remove_heartbeat(host, keys, self.place().node, member).await {
            tracing::warn!(%error, "the node could not sign off; the others find out by its silence");
        }
    }

    /// Lets the others know that this node wants no shards, so that they take each as it is released.
    async fn tell_of_stop(&self) {
        self.hurry().raise();
        self.within_a_moment(self.drained()).await;
    }

    async fn within_a_moment(&self, signal: &Signal) {
        let limit = self.shared().host.sleep(TELL_OF_STOP_MAX).fuse();
        let raised = signal.raised().fuse();
        select(std::pin::pin!(raised), std::pin::pin!(limit)).await;
    }

    async fn stop_shard(&self, shard: &Rc<Shard<H>>) {
        shard.stopping.set(true);
        while shard.moving.get() {
            self.shared().host.sleep(self.shared().settings.tick).await;
        }
        shard.moving.set(true);
        if shard.is_open() {
            shard.hand_over().await;
        } else if shard.claimed.get().is_some() {
            shard.release().await;
        }
        shard.stopping.set(true);
    }
}
