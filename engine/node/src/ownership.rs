//! Which shards this core opens, keeps and gives up. In a cluster the view decides; a node that is alone keeps all.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, select};

use crate::committer::commit_batches;
use crate::core::Core;
use crate::lease::{Claim, release_lease};
use crate::recovery::{Recovered, recover};
use crate::retry::TransactError;
use crate::shard::{Shard, lost, not_ready};
use crate::signal::Signal;
use crate::upkeep::FlushTurn;
use crate::view::View;
use crate::{ClusterSettings, CoreAddress, Host, Message, NodeId};

/// What a shard that could not be opened waits for the next try.
const REOPEN_PAUSE: Duration = Duration::from_secs(5);
/// What a shard waits whose holder lives, or whose node is no member: the view is about to change.
const HELD_PAUSE: Duration = Duration::from_millis(200);
/// How long a shard may take to write its rows before it is given up without: the next owner reads the log.
const HAND_OVER_MAX: Duration = Duration::from_secs(5);

/// What came of opening a shard.
pub(crate) enum Opened {
    /// It takes requests.
    Open,
    /// Another node holds it and lives.
    Held(NodeId),
    /// The node is no member, or ceased to be the one that took the lease.
    NotMember,
}

impl<H: Host> Core<H> {
    /// Starts what has to be done about each shard of this core, unless that is under way.
    pub(crate) fn look_after_shards(&self) {
        let now = self.shared().host.monotonic();
        for shard in self.shards().filter(|shard| !shard.moving.get()) {
            if shard.is_open() && self.shared().host.buggify("drop_shard") {
                shard.lose(&lost());
            }
            match (self.wants(shard), shard.is_open()) {
                (true, false) if shard.reopen_at.get() <= now => self.start(shard, Self::take_over),
                (false, true) => self.start(shard, Self::hand_over),
                (false, false) if shard.claimed.get().is_some() => self.start(shard, Self::release),
                _ => {}
            }
        }
    }

    fn start<F: Future<Output = ()> + 'static>(
        &self,
        shard: &Rc<Shard<H>>,
        work: impl FnOnce(Self, Rc<Shard<H>>) -> F + 'static,
    ) {
        shard.moving.set(true);
        let (core, shard) = (self.clone(), shard.clone());
        self.shared().host.spawn(async move {
            work(core, shard.clone()).await;
            shard.moving.set(false);
        });
    }

    /// The shard should be open on this core.
    pub(crate) fn wants(&self, shard: &Shard<H>) -> bool {
        if self.is_stopping() {
            return false;
        }
        match self.shared().view() {
            Some(view) => view.member != 0 && view.owner(shard.id) == Some(self.address()),
            None => self.shared().settings.cluster.is_none(),
        }
    }

    async fn take_over(self, shard: Rc<Shard<H>>) {
        let pause = match open_shard(&shard).await {
            Ok(Opened::Open) => {
                tracing::info!(shard = shard.id, "the shard is open");
                if shard.generation.get() > 0 {
                    shard.core.host.probe("opened_again");
                }
                return;
            }
            Ok(Opened::Held(node)) => {
                shard.core.host.probe("take_refused_holder_lives");
                shard.held_by.set(Some(node));
                HELD_PAUSE
            }
            Ok(Opened::NotMember) => HELD_PAUSE,
            Err(error) => {
                tracing::error!(shard = shard.id, %error, "the shard could not be opened; it is tried again");
                REOPEN_PAUSE
            }
        };
        shard.reopen_at.set(shard.core.host.monotonic() + pause);
    }

    async fn hand_over(self, shard: Rc<Shard<H>>) {
        shard.core.host.probe("hand_over");
        shard.hand_over().await;
    }

    async fn release(self, shard: Rc<Shard<H>>) {
        shard.release().await;
    }

    /// The cluster as this node sees it by now. Who is another member than before has lost all that it held.
    pub(crate) fn take_view(&self, view: Arc<View>) {
        let before = self.shared().view();
        let was_member = before.as_ref().map_or(0, |view| view.member);
        if was_member != 0 && was_member != view.member {
            for shard in self.shards().filter(|shard| shard.is_open()) {
                self.shared().host.probe("shard_lost_with_membership");
                shard.lose(&lost());
            }
        }
        if view.is_member() {
            let own = self.shared().place.node;
            self.give_up_asks(|node| node != own && !view.members().contains_key(&node));
            self.shared().host.meet(&view);
        }
        self.shared().set_view(view);
        self.look_after_shards();
    }

    /// Another node says that it has given the shard up: does not wait to try.
    pub(crate) fn try_at_once(&self, shard: hunt::ShardId) {
        if let Some(shard) = self.shard_of(shard) {
            shard.reopen_at.set(Duration::ZERO);
            self.look_after_shards();
        }
    }

    /// Who can answer for the shard, other than this core; none if nobody is known.
    pub(crate) fn elsewhere(&self, shard: hunt::ShardId) -> Option<CoreAddress> {
        let view = self.shared().view()?;
        let held_by = self
            .shard_of(shard)
            .and_then(|shard| shard.held_by.get())
            .and_then(|node| view.core_on(node, shard));
        let other = |address: &CoreAddress| *address != self.address();
        held_by
            .filter(other)
            .or_else(|| view.owner(shard).filter(other))
    }
}

/// Takes the shard's lease, recovers it and starts its commit loop.
pub(crate) async fn open_shard<H: Host>(shard: &Rc<Shard<H>>) -> Result<Opened, TransactError> {
    let core = &shard.core;
    let member = core.member();
    if core.settings.cluster.is_some() && member == 0 {
        return Ok(Opened::NotMember);
    }
    let claim = Claim {
        node: core.place.node,
        member,
        nonce: core.host.random(),
    };
    shard.claimed.set(Some(claim));
    let recovered = recover(&core.host, &core.keys, shard.id, claim).await?;
    if core.host.buggify("linger_before_opening") {
        core.host
            .sleep(linger(core.settings.cluster.as_ref()))
            .await;
    }
    match recovered {
        Recovered::Held(node) => {
            shard.claimed.set(None);
            Ok(Opened::Held(node))
        }
        Recovered::NotMember => Ok(Opened::NotMember),
        Recovered::State(_) if core.member() != member => Ok(Opened::NotMember),
        Recovered::State(state) => {
            shard.held_by.set(None);
            // The log's tail may be more than memory has: who is let in meanwhile must not wait for the next count.
            core.grow(state.bytes());
            shard.state.replace(Some(*state));
            let work: Rc<Signal> = Rc::default();
            shard.work.replace(work.clone());
            let generation = shard.generation.get();
            core.host
                .spawn(commit_batches(shard.clone(), generation, work));
            Ok(Opened::Open)
        }
    }
}

/// What a simulated recovery takes longer now and then: a node may be declared dead meanwhile, its shards may be taken and
/// changed, and it may join again.
fn linger(cluster: Option<&ClusterSettings>) -> Duration {
    cluster.map_or(Duration::ZERO, |cluster| 5 * cluster.lease)
}

impl<H: Host> Shard<H> {
    /// Finishes what is under way, writes every row, gives up the lease. Afterwards the shard is closed, and may be
    /// opened again.
    pub(crate) async fn hand_over(self: &Rc<Self>) {
        let limit = self.core.host.sleep(HAND_OVER_MAX);
        let written = self.write_all();
        let in_time =
            match select(std::pin::pin!(written.fuse()), std::pin::pin!(limit.fuse())).await {
                Either::Left((written, _)) => written,
                Either::Right(_) => {
                    self.core.host.probe("hand_over_timed_out");
                    false
                }
            };
        self.stopping.set(true);
        // What is not written is in the log; what is not committed is answered "ask again".
        self.lose(&if in_time { not_ready() } else { lost() });
        self.release().await;
        self.stopping.set(false);
    }

    /// Writes every row; says whether it succeeded. Most of them while requests are still taken, so that the pause
    /// is short.
    async fn write_all(self: &Rc<Self>) -> bool {
        self.flush_alone().await;
        self.stopping.set(true);
        self.flush_alone().await
    }

    /// Flushes while no other flush runs. Gives the turn back also when it is given up half way.
    async fn flush_alone(self: &Rc<Self>) -> bool {
        let turn = loop {
            match FlushTurn::take(self) {
                Some(turn) => break turn,
                None => self.core.host.sleep(self.core.settings.tick).await,
            }
        };
        self.flush(&turn, self.generation.get()).await
    }

    /// Whoever the shard belongs to now need not wait to try.
    fn tell_heir(&self) {
        let core = &self.core;
        let heir = core.view().and_then(|view| view.owner(self.id));
        if let Some(heir) = heir.filter(|heir| heir.node != core.place.node) {
            // Lost or refused: it tries by itself from time to time.
            let _ = core.host.send(heir, Message::Freed { shard: self.id });
        }
    }

    /// Gives the lease up. The shard is closed by now, so nothing is answered that the next owner may have changed.
    pub(crate) async fn release(&self) {
        let Some(claim) = self.claimed.get() else {
            return;
        };
        let core = &self.core;
        match release_lease(&core.host, &core.keys, self.id, claim).await {
            Ok(()) => {
                self.claimed.set(None);
                self.tell_heir();
            }
            Err(error) => {
                tracing::warn!(shard = self.id, %error, "the lease could not be released; the next owner takes it over");
            }
        }
    }
}
