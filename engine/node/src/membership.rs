//! The node in its cluster: beats, looks who else does, and tells the node's cores. Runs on one core of each node.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::select;

use crate::core::Core;
use crate::heartbeat::{Beat, beat, declare_dead};
use crate::members::Members;
use crate::record::Heartbeat;
use crate::settings::ADDRESS_BYTES_MAX;
use crate::shared::Shared;
use crate::view::{Map, View};
use crate::{ClusterSettings, Host, Message, NodeId};

/// What a node's own clock may be off while it believes in its lease: others' clocks may run faster by so much.
const DRIFT_MARGIN_PERCENT: u32 = 25;

/// The core of each node that beats.
pub(crate) const BEATING_CORE: u16 = 0;

/// What the beating core knows.
struct Membership<H: Host> {
    shared: Rc<Shared<H>>,
    cluster: ClusterSettings,
    incarnation: u32,
    counter: u64,
    joined: bool,
    /// Another process goes by the node's name, and that was said.
    waiting: bool,
    members: Members,
    map: Arc<Map>,
}

impl<H: Host> Core<H> {
    /// Beats until the core has stopped, or another process has taken the node's name while this one was taken for dead.
    pub(crate) async fn keep_beating(self, cluster: ClusterSettings) {
        let shared = self.shared().clone();
        let mut membership = Membership {
            incarnation: draw(&shared.host),
            counter: 0,
            joined: false,
            waiting: false,
            members: Members::default(),
            map: Arc::default(),
            cluster,
            shared,
        };
        let mut told = (false, false);
        while !self.stopped().get() {
            let draining = self.is_stopping() || self.draining().get();
            match membership.beat(draining).await {
                Some(view) => {
                    self.share(view);
                    let now = (membership.joined, draining);
                    if std::mem::replace(&mut told, now) != now {
                        self.ask_to_look();
                    }
                }
                None => {
                    self.step_down();
                    break;
                }
            }
            if draining {
                self.drained().raise();
            }
            let pause = self.shared().host.sleep(membership.cluster.heartbeat);
            let hurry = self.hurry().raised();
            select(std::pin::pin!(pause.fuse()), std::pin::pin!(hurry.fuse())).await;
        }
        self.beats_ended().raise();
    }

    /// Lets the other nodes see at once that this one has come, or is about to go.
    fn ask_to_look(&self) {
        for core in self.other_cores() {
            if core.core == BEATING_CORE && core.node != self.place().node {
                // Lost or refused: their next beat sees it too.
                let _ = self.shared().host.send(core, Message::LookAnew);
            }
        }
    }

    /// Tells every core of the node.
    fn share(&self, view: View) {
        let view = Arc::new(view);
        for core in self.siblings() {
            if self.shared().host.buggify("lose_view") {
                continue;
            }
            // Lost or refused: the next beat brings the next one.
            let _ = self.shared().host.send(core, Message::View(view.clone()));
        }
        self.take_view(view);
    }

    fn step_down(&self) {
        self.shared().host.probe("stepped_down");
        tracing::error!(
            node = self.shared().place.node.0,
            "this node was taken for dead, and another process has taken its name: this one serves no more; give each node a name of its own"
        );
        self.share(View::default());
    }
}

impl<H: Host> Membership<H> {
    /// One beat. What the node sees then; none if it is superseded.
    async fn beat(&mut self, draining: bool) -> Option<View> {
        let node = self.shared.place.node;
        self.counter += 1;
        let heartbeat = Heartbeat {
            incarnation: self.incarnation,
            counter: self.counter,
            cores: self.shared.place.cores,
            draining,
            address: bounded(&self.cluster.address),
        };
        let (host, keys) = (&self.shared.host, &self.shared.keys);
        match beat(host, keys, node, &heartbeat, self.joined).await {
            Ok(Beat::Alive { rows, started }) => {
                self.joined = true;
                self.waiting = false;
                let ended = self.shared.host.monotonic();
                self.members.observe(rows, started, ended, &self.cluster);
                self.bury_dead().await;
                Some(self.view(started))
            }
            Ok(Beat::Declared) => {
                self.shared.host.probe("declared_dead");
                tracing::warn!(
                    node = node.0,
                    "the others took this node for dead; it joins again"
                );
                self.incarnation = draw(&self.shared.host);
                self.joined = false;
                Some(View::default())
            }
            Ok(Beat::NameTaken { rows, started }) => {
                let ended = self.shared.host.monotonic();
                self.members.observe(rows, started, ended, &self.cluster);
                self.wait_for_name();
                self.bury_dead().await;
                Some(View::default())
            }
            Ok(Beat::Superseded) => None,
            Err(error) => {
                tracing::error!(%error, "the heartbeat could not be written; it is tried again");
                Some(self.view(Duration::ZERO))
            }
        }
    }

    /// Most likely this is a new start after a crash: the process before it is dead, but that can only be told by its
    /// silence, as for any other node.
    fn wait_for_name(&mut self) {
        self.shared.host.probe("name_is_taken");
        if !std::mem::replace(&mut self.waiting, true) {
            tracing::warn!(
                node = self.shared.place.node.0,
                "another process goes by this node's name, or did a moment ago: this one joins once that has left or been silent for a lease; if it stays, give each node a name of its own"
            );
        }
    }

    async fn bury_dead(&self) {
        let own = self.shared.place.node;
        let dead: Vec<(NodeId, Heartbeat)> = self
            .members
            .dead()
            .filter(|(node, _)| *node != own || !self.joined)
            .map(|(node, heartbeat)| (node, heartbeat.clone()))
            .collect();
        for (node, heartbeat) in dead {
            let declared =
                declare_dead(&self.shared.host, &self.shared.keys, node, &heartbeat).await;
            match declared {
                Ok(true) => {
                    self.shared.host.probe("node_declared_dead");
                    tracing::warn!(
                        node = node.0,
                        "the node is silent for a lease: it is taken for dead"
                    );
                }
                Ok(false) => self.shared.host.probe("dead_node_came_back"),
                Err(error) => {
                    tracing::warn!(node = node.0, %error, "a dead node could not be removed")
                }
            }
        }
    }

    /// What the node sees, having proven at `proven` that it lives.
    fn view(&mut self, proven: Duration) -> View {
        let lease = self.cluster.lease;
        let member = if self.joined { self.incarnation } else { 0 };
        let shards = self.shared.settings.shards;
        self.map = Map::of(self.members.live(), shards, &self.map);
        let fresh_until = proven + (lease - lease * DRIFT_MARGIN_PERCENT / 100);
        View::new(member, fresh_until, self.map.clone())
    }
}

fn draw<H: Host>(host: &H) -> u32 {
    // 0 stands for a node that is no member.
    (host.random() as u32).max(1)
}

fn bounded(address: &str) -> String {
    let mut end = address.len().min(ADDRESS_BYTES_MAX);
    while !address.is_char_boundary(end) {
        end -= 1;
    }
    address[..end].to_owned()
}
