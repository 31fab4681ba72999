//! One core of a node: its shards, and the way to the shards of the other cores.
//!
//! ```text
//! ask ─▶ whose shard? ─ ours ──▶ Shard
//!                     └ theirs ─▶ Host::send(Ask) ─▶ their core ─▶ Host::send(Answer) ─▶ deliver
//!                                                        └ not theirs any more: handed on, a bounded number of times
//! ```

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use hunt::{HuntId, ShardId};

use crate::asks::Asks;
use crate::correspondence::Asked;
use crate::feed_hub::SUBSCRIPTION;
use crate::feed_reader::Definitions;
use crate::format::prepare;
use crate::membership::BEATING_CORE;
use crate::ownership::open_shard;
use crate::shard::{Shard, not_ready};
use crate::shared::Shared;
use crate::signal::Signal;
use crate::{AskError, CoreAddress, CoreId, Host, Message, NodeId, Request, Response, Settings};

/// How often a question is handed on to another core that should know better.
const HOPS_MAX: u8 = 2;

/// Where a core stands in its node.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The node.
    pub node: NodeId,
    /// This core.
    pub core: CoreId,
    /// Cores of the node.
    pub cores: u16,
}

/// Why a core could not open its shards.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// The store failed.
    #[error("shard {shard} could not be opened: {detail}")]
    Shard {
        /// Which shard.
        shard: ShardId,
        /// How it failed.
        detail: String,
    },
    /// The store can't be used as this node is set up.
    #[error("{0}")]
    Format(String),
}

/// One core of a node. Cheap to clone; not `Send`.
pub struct Core<H: Host> {
    inner: Rc<Inner<H>>,
}

struct Inner<H: Host> {
    shared: Rc<Shared<H>>,
    shards: BTreeMap<ShardId, Rc<Shard<H>>>,
    asks: Asks,
    asked: Asked,
    definitions: RefCell<Definitions>,
    subscribed_until: Cell<Duration>,
    opened: Cell<bool>,
    draining: Cell<bool>,
    stopping: Cell<bool>,
    stopped: Cell<bool>,
    /// The next heartbeat is wanted now.
    hurry: Signal,
    /// The others have been told that this node wants no shards.
    drained: Signal,
    /// The last heartbeat is sent.
    beats_ended: Signal,
}

impl<H: Host> Clone for Core<H> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<H: Host> Core<H> {
    /// A core that owns nothing yet.
    pub fn new(host: H, settings: Settings, place: Place) -> Self {
        let shared = Rc::new(Shared::new(host, settings, place));
        let own = (0..shared.settings.shards).filter(|shard| shard % place.cores == place.core);
        let shards = own
            .map(|id| (id, Rc::new(Shard::new(id, shared.clone()))))
            .collect();
        let asks = Asks::new(shared.host.random());
        let inner = Inner {
            shared,
            shards,
            asks,
            asked: Asked::default(),
            definitions: RefCell::default(),
            subscribed_until: Cell::default(),
            opened: Cell::default(),
            draining: Cell::default(),
            stopping: Cell::default(),
            stopped: Cell::default(),
            hurry: Signal::default(),
            drained: Signal::default(),
            beats_ended: Signal::default(),
        };
        Self {
            inner: Rc::new(inner),
        }
    }

    /// Opens the core. A node that is alone has its shards open when this returns; in a cluster they are opened as the
    /// core learns which are its own (see [`Core::is_ready`]).
    pub async fn open(&self) -> Result<(), OpenError> {
        let shared = self.shared();
        prepare(&shared.host, &shared.keys, shared.settings.shards)
            .await
            .map_err(|error| OpenError::Format(error.to_string()))?;
        match shared.settings.cluster.clone() {
            None => self.open_all().await?,
            Some(cluster) if self.place().core == BEATING_CORE => {
                shared.host.spawn(self.clone().keep_beating(cluster));
            }
            Some(_) => {}
        }
        self.inner.opened.set(true);
        shared.host.spawn(self.clone().keep_up());
        Ok(())
    }

    async fn open_all(&self) -> Result<(), OpenError> {
        let opens = self.inner.shards.values().map(|shard| async move {
            let opened = open_shard(shard).await;
            opened.map_err(|error| OpenError::Shard {
                shard: shard.id,
                detail: error.to_string(),
            })
        });
        for opened in futures::future::join_all(opens).await {
            opened?;
        }
        Ok(())
    }

    /// Every shard that should be open on this core takes requests, and in a cluster this node is a member of it.
    pub fn is_ready(&self) -> bool {
        let is_member = self.shared().settings.cluster.is_none() || self.shared().member() != 0;
        let wanted = |shard: &&Rc<Shard<H>>| self.wants(shard);
        self.inner.opened.get()
            && !self.inner.stopping.get()
            && !self.is_leaving()
            && is_member
            && self.shards().filter(wanted).all(|shard| shard.is_serving())
    }

    /// It takes requests for the shard.
    pub fn is_serving(&self, shard: ShardId) -> bool {
        self.shard_of(shard).is_some_and(|shard| shard.is_serving())
    }

    /// Bytes of state that it holds, of those that [`Settings::memory_bytes`] bounds; as of the last count.
    pub fn memory_bytes(&self) -> u64 {
        self.shared().memory_bytes.get()
    }

    /// Asks whichever core owns the hunt (commands and queries), once; everything else is asked of this core.
    pub(crate) async fn ask_once(&self, request: Request) -> Result<Response, AskError> {
        let owner = match &request {
            Request::Command(command) => self.owner(&command.hunt),
            Request::Query(query) => self.owner(query.hunt()),
            Request::Commands(_) | Request::Hunts | Request::HuntsOf(_) | Request::Status => {
                self.address()
            }
        };
        self.ask_core(owner, request).await
    }

    pub(crate) async fn ask_core(
        &self,
        core: CoreAddress,
        request: Request,
    ) -> Result<Response, AskError> {
        if core == self.address() {
            self.answer(request, 0).await
        } else {
            self.question(core, request, 0).await
        }
    }

    /// Answers from this core's own shards, or hands the question on to who has them.
    async fn answer(&self, request: Request, hops: u8) -> Result<Response, AskError> {
        match request {
            Request::Command(command) => match self.serving(&command.hunt) {
                Some(_) if hops == 0 && self.shared().host.buggify("forward_although_owned") => {
                    Box::pin(self.hand_on(Request::Command(command), hops)).await
                }
                Some(shard) => Ok(Response::Reply(shard.command(&command).await?)),
                None => Box::pin(self.hand_on(Request::Command(command), hops)).await,
            },
            Request::Status => Ok(Response::Status(Box::new(self.status()))),
            // Boxed, since their futures are large and a command in flight would pay for the room.
            Request::Commands(commands) => Box::pin(self.commands(commands, hops)).await,
            Request::Query(query) => match self.serving(query.hunt()) {
                Some(shard) => Box::pin(shard.query(query)).await,
                None => Box::pin(self.hand_on(Request::Query(query), hops)).await,
            },
            Request::Hunts => Box::pin(self.open_hunts()).await,
            Request::HuntsOf(shards) => Box::pin(self.hunts_of(shards)).await,
        }
    }

    /// Hands a question on to the core that should have the shard, as far as this one knows.
    pub(crate) async fn hand_on(&self, request: Request, hops: u8) -> Result<Response, AskError> {
        let hunt = match &request {
            Request::Command(command) => &command.hunt,
            Request::Query(query) => query.hunt(),
            Request::Commands(_) | Request::Hunts | Request::HuntsOf(_) | Request::Status => {
                return Err(not_ready());
            }
        };
        let shard = hunt.shard(self.shared().settings.shards);
        let astray = || self.shared().host.buggify("ask_astray");
        let anyone = || self.other_cores().into_iter().next().filter(|_| astray());
        let Some(to) = self.elsewhere(shard).or_else(anyone) else {
            return Err(not_ready());
        };
        if hops >= HOPS_MAX {
            self.shared().host.probe("hops_exhausted");
            return Err(not_ready());
        }
        let probe = if hops == 0 {
            "forwarded"
        } else {
            "forwarded_again"
        };
        self.shared().host.probe(probe);
        self.question(to, request, hops + 1).await
    }

    /// Takes a message that another core sent.
    pub fn deliver(&self, message: Message) {
        match message {
            Message::Ask {
                id,
                from,
                hops,
                request,
            } => {
                let core = self.clone();
                self.note_asked(from);
                self.shared().host.spawn(async move {
                    let response = core.answer(request, hops).await;
                    core.send_answer(from, id, response).await;
                    core.note_answered();
                });
            }
            Message::Answer { id, response } => {
                if !self.inner.asks.answer(id, response) {
                    self.shared().host.probe("late_answer_dropped");
                }
            }
            Message::FeedSubscribe { from } => {
                self.shared()
                    .feed
                    .subscribe(from, self.shared().host.monotonic() + SUBSCRIPTION);
            }
            Message::FeedAdvanced => self.shared().feed.advance(),
            Message::Freed { shard } => self.try_at_once(shard),
            Message::LookAnew => self.inner.hurry.raise(),
            Message::View(view) => self.take_view(view),
            Message::Drain => self.begin_to_drain(),
            Message::Unreachable { node } => self.give_up_asks(|asked| asked == node),
        }
    }

    /// The shard of the hunt, if it is this core's and takes requests.
    pub(crate) fn serving(&self, hunt: &HuntId) -> Option<&Rc<Shard<H>>> {
        self.shard_of(hunt.shard(self.shared().settings.shards))
            .filter(|shard| shard.is_serving())
    }

    pub(crate) fn shard_of(&self, shard: ShardId) -> Option<&Rc<Shard<H>>> {
        self.inner.shards.get(&shard)
    }

    /// Where the hunt is, as far as this core knows.
    pub(crate) fn owner(&self, hunt: &HuntId) -> CoreAddress {
        self.owner_of(hunt.shard(self.shared().settings.shards))
    }

    /// Where the shard is, as far as this core knows.
    pub(crate) fn owner_of(&self, shard: ShardId) -> CoreAddress {
        let here = CoreAddress {
            node: self.place().node,
            core: shard % self.place().cores,
        };
        match self.shared().view() {
            // Ours until it is handed over, whatever the view says.
            Some(_) if self.shard_of(shard).is_some_and(|shard| shard.is_serving()) => here,
            Some(view) => view.owner(shard).unwrap_or(here),
            None => here,
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.inner.shared.place
    }

    pub(crate) fn shared(&self) -> &Rc<Shared<H>> {
        &self.inner.shared
    }

    pub(crate) fn shards(&self) -> impl Iterator<Item = &Rc<Shard<H>>> {
        self.inner.shards.values()
    }

    pub(crate) fn asks(&self) -> &Asks {
        &self.inner.asks
    }

    pub(crate) fn asked(&self) -> &Asked {
        &self.inner.asked
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.inner.stopping.get()
    }

    pub(crate) fn definitions(&self) -> &RefCell<Definitions> {
        &self.inner.definitions
    }

    pub(crate) fn subscribed_until(&self) -> &Cell<Duration> {
        &self.inner.subscribed_until
    }

    pub(crate) fn address(&self) -> CoreAddress {
        CoreAddress {
            node: self.place().node,
            core: self.place().core,
        }
    }

    /// The core of this node that beats.
    pub(crate) fn beating(&self) -> CoreAddress {
        CoreAddress {
            core: BEATING_CORE,
            ..self.address()
        }
    }

    pub(crate) fn stopping(&self) -> &Cell<bool> {
        &self.inner.stopping
    }

    pub(crate) fn stopped(&self) -> &Cell<bool> {
        &self.inner.stopped
    }

    pub(crate) fn draining(&self) -> &Cell<bool> {
        &self.inner.draining
    }

    pub(crate) fn hurry(&self) -> &Signal {
        &self.inner.hurry
    }

    pub(crate) fn drained(&self) -> &Signal {
        &self.inner.drained
    }

    pub(crate) fn beats_ended(&self) -> &Signal {
        &self.inner.beats_ended
    }

    pub(crate) fn cores_of_node(&self) -> Vec<CoreAddress> {
        let Place { node, cores, .. } = self.place();
        (0..cores).map(|core| CoreAddress { node, core }).collect()
    }

    /// The other cores of this node.
    pub(crate) fn siblings(&self) -> impl Iterator<Item = CoreAddress> {
        let own = self.address();
        self.cores_of_node()
            .into_iter()
            .filter(move |core| *core != own)
    }

    /// The other cores of the cluster, as far as this one knows.
    pub(crate) fn other_cores(&self) -> Vec<CoreAddress> {
        let own = self.address();
        let mut cores: Vec<_> = match self.shared().view() {
            Some(view) => view.all_cores().collect(),
            None => self.cores_of_node(),
        };
        cores.retain(|core| *core != own);
        cores
    }
}
