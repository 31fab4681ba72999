//! One core of a node: its shards, and the way to the shards of the other cores.
//!
//! ```text
//! ask ─▶ whose shard? ─ ours ──▶ Shard
//!                     └ theirs ─▶ Host::send(Ask) ─▶ their core ─▶ Host::send(Answer) ─▶ deliver
//! ```

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use hunt::{Command, HuntId, ShardId};

use crate::asks::Asks;
use crate::committer::commit_batches;
use crate::feed_hub::SUBSCRIPTION;
use crate::feed_reader::Definitions;
use crate::format::prepare;
use crate::recovery::recover;
use crate::retry::TransactError;
use crate::shard::{Shard, overloaded, unavailable};
use crate::shared::Shared;
use crate::{
    Answered, AskError, CoreAddress, CoreId, Host, Message, NodeId, Request, Response, SendRefused,
    Settings,
};

/// Commands of one request that are carried out side by side.
const COMMANDS_AT_ONCE: usize = 1_024;
/// What a core waits before it tries again to send what the way was too full for.
const SEND_RETRY: Duration = Duration::from_millis(1);
/// How often it tries to send a question before it is refused as overload.
const ASK_TRIES_MAX: usize = 1_000;
/// How often it tries to send an answer, which is all that is left of work that was done.
const ANSWER_TRIES_MAX: usize = 5_000;

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
    definitions: RefCell<Definitions>,
    subscribed_until: Cell<Duration>,
    opened: Cell<bool>,
    stopping: Cell<bool>,
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
        let inner = Inner {
            shared,
            shards,
            asks: Asks::default(),
            definitions: RefCell::default(),
            subscribed_until: Cell::default(),
            opened: Cell::default(),
            stopping: Cell::default(),
        };
        Self {
            inner: Rc::new(inner),
        }
    }

    /// Takes the leases of the core's shards and recovers them; ready when it returns.
    pub async fn open(&self) -> Result<(), OpenError> {
        let shared = self.shared();
        prepare(&shared.host, &shared.keys, shared.settings.shards)
            .await
            .map_err(|error| OpenError::Format(error.to_string()))?;
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
        self.inner.opened.set(true);
        shared.host.spawn(self.clone().keep_up());
        Ok(())
    }

    /// Every shard of this core is open.
    pub fn is_ready(&self) -> bool {
        self.inner.opened.get()
            && !self.inner.stopping.get()
            && self.inner.shards.values().all(|shard| shard.is_open())
    }

    /// Bytes of state that it holds, of those that [`Settings::memory_bytes`] bounds; as of the last count.
    pub fn memory_bytes(&self) -> u64 {
        self.shared().memory_bytes.get()
    }

    /// Asks whichever core owns the hunt (commands and queries); everything else is asked of this core.
    pub async fn ask(&self, request: Request) -> Result<Response, AskError> {
        let owner = match &request {
            Request::Command(command) => self.owner(&command.hunt),
            Request::Query(query) => self.owner(query.hunt()),
            Request::Commands(_) | Request::Hunts | Request::Status => self.place().core,
        };
        self.ask_core(owner, request).await
    }

    /// Carries out many commands, grouped by the core that owns them; answers in the order of the commands.
    pub async fn ask_many(&self, commands: Vec<Command>) -> Vec<Result<Answered, AskError>> {
        let mut groups: BTreeMap<CoreId, (Vec<usize>, Vec<Command>)> = BTreeMap::new();
        let count = commands.len();
        for (index, command) in commands.into_iter().enumerate() {
            let (indexes, group) = groups.entry(self.owner(&command.hunt)).or_default();
            indexes.push(index);
            group.push(command);
        }
        let asks =
            groups
                .into_iter()
                .map(|(core, (indexes, group))| async move {
                    (indexes, self.ask_group(core, group).await)
                });
        let mut answers: Vec<Option<Result<Answered, AskError>>> =
            (0..count).map(|_| None).collect();
        for (indexes, group) in futures::future::join_all(asks).await {
            for (index, answer) in indexes.into_iter().zip(group) {
                answers[index] = Some(answer);
            }
        }
        answers
            .into_iter()
            .map(|answer| {
                answer
                    .unwrap_or_else(|| Err(unavailable("the command was not answered".to_owned())))
            })
            .collect()
    }

    async fn ask_group(
        &self,
        core: CoreId,
        group: Vec<Command>,
    ) -> Vec<Result<Answered, AskError>> {
        let count = group.len();
        match self.ask_core(core, Request::Commands(group)).await {
            Ok(Response::Replies(replies)) if replies.len() == count => replies,
            Ok(_) => vec![
                Err(unavailable(
                    "the answer does not fit the question".to_owned()
                ));
                count
            ],
            Err(error) => vec![Err(error); count],
        }
    }

    /// Asks every core of the node ([`Request::Hunts`], [`Request::Status`]); answers by core.
    pub async fn ask_all(&self, request: Request) -> Vec<Result<Response, AskError>> {
        futures::future::join_all(
            (0..self.place().cores).map(|core| self.ask_core(core, request.clone())),
        )
        .await
    }

    async fn ask_core(&self, core: CoreId, request: Request) -> Result<Response, AskError> {
        if core == self.place().core {
            return self.answer(request).await;
        }
        let shared = self.shared();
        if self.inner.asks.len() >= shared.settings.asks_max {
            return Err(self.overloaded("asks_max"));
        }
        let (id, answer) = self
            .inner
            .asks
            .ask(shared.host.monotonic() + shared.settings.ask_timeout);
        let to = CoreAddress {
            node: self.place().node,
            core,
        };
        let ask = Message::Ask {
            id,
            from: self.address(),
            request,
        };
        if !self.send(to, ask, ASK_TRIES_MAX).await {
            self.inner.asks.withdraw(id);
            return Err(self.overloaded("core_queue"));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(unavailable("the core stopped".to_owned())))
    }

    fn overloaded(&self, limit: &'static str) -> AskError {
        self.shared().counters.refuse(limit);
        overloaded(limit)
    }

    /// Answers from this core's own shards.
    async fn answer(&self, request: Request) -> Result<Response, AskError> {
        match request {
            Request::Command(command) => Ok(Response::Reply(
                self.shard(&command.hunt)?.command(&command).await?,
            )),
            Request::Status => Ok(Response::Status(Box::new(self.status()))),
            // Boxed, since their futures are large and a command in flight would pay for the room.
            Request::Commands(commands) => Box::pin(self.commands(commands)).await,
            Request::Query(query) => {
                let shard = self.shard(query.hunt())?;
                Box::pin(shard.query(query)).await
            }
            Request::Hunts => Box::pin(self.hunts()).await,
        }
    }

    async fn commands(&self, commands: Vec<Command>) -> Result<Response, AskError> {
        let answers = commands
            .into_iter()
            .map(|command| async move { self.shard(&command.hunt)?.command(&command).await });
        let answers = futures::stream::iter(answers).buffered(COMMANDS_AT_ONCE);
        Ok(Response::Replies(answers.collect().await))
    }

    async fn hunts(&self) -> Result<Response, AskError> {
        let mut hunts = Vec::new();
        for shard in self.inner.shards.values() {
            hunts.append(&mut shard.hunts().await?);
        }
        Ok(Response::Hunts(hunts))
    }

    /// Takes a message that another core sent.
    pub fn deliver(&self, message: Message) {
        match message {
            Message::Ask { id, from, request } => {
                let core = self.clone();
                self.shared().host.spawn(async move {
                    let response = core.answer(request).await;
                    // Whoever asked gives up in time by itself.
                    core.send(from, Message::Answer { id, response }, ANSWER_TRIES_MAX)
                        .await;
                });
            }
            Message::Answer { id, response } => self.inner.asks.answer(id, response),
            Message::FeedSubscribe { from } => {
                self.shared()
                    .feed
                    .subscribe(from, self.shared().host.monotonic() + SUBSCRIPTION);
            }
            Message::FeedAdvanced => self.shared().feed.advance(),
        }
    }

    /// Sends a message, and waits a little where the way is full: a burst is no overload yet.
    async fn send(&self, to: CoreAddress, mut message: Message, tries: usize) -> bool {
        for _ in 0..tries {
            match self.shared().host.send(to, message) {
                Ok(()) => return true,
                Err(SendRefused(back)) => message = *back,
            }
            self.shared().host.sleep(SEND_RETRY).await;
        }
        false
    }

    /// Stops taking requests, finishes what is under way, writes rows, releases the leases.
    pub async fn stop(&self) {
        self.inner.stopping.set(true);
        let stops = self.inner.shards.values().map(|shard| shard.stop());
        futures::future::join_all(stops).await;
    }

    fn shard(&self, hunt: &HuntId) -> Result<&Rc<Shard<H>>, AskError> {
        let id = hunt.shard(self.shared().settings.shards);
        self.inner
            .shards
            .get(&id)
            .ok_or_else(|| unavailable(format!("shard {id} belongs to another core")))
    }

    fn owner(&self, hunt: &HuntId) -> CoreId {
        hunt.shard(self.shared().settings.shards) % self.place().cores
    }

    fn place(&self) -> Place {
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

    pub(crate) fn other_cores(&self) -> impl Iterator<Item = CoreAddress> {
        let Place { node, core, cores } = self.place();
        (0..cores)
            .filter(move |other| *other != core)
            .map(move |core| CoreAddress { node, core })
    }
}

/// Takes the shard's lease, recovers it and starts its commit loop.
pub(crate) async fn open_shard<H: Host>(shard: &Rc<Shard<H>>) -> Result<(), TransactError> {
    let core = &shard.core;
    let state = recover(&core.host, &core.keys, shard.id, core.place.node).await?;
    shard.state.replace(Some(state));
    core.host
        .spawn(commit_batches(shard.clone(), shard.generation.get()));
    Ok(())
}
