//! Requests with parts for several cores: each part goes to its owner, the answers come together again.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use futures::{FutureExt, StreamExt};
use hunt::limits::{ID_BYTES_MAX, TITLE_BYTES_MAX};
use hunt::{Command, ShardId};

use crate::core::Core;
use crate::hunts::HUNTS_PER_SHARD_MAX;
use crate::letter::LETTER_BYTES_MAX;
use crate::patience::misfit;
use crate::shard::{Shard, not_ready, unavailable};
use crate::{Answered, AskError, CoreAddress, CoreStatus, Host, Request, Response};

/// Commands of one request that are carried out side by side on one shard.
const COMMANDS_AT_ONCE: usize = 1_024;
/// Those of them that wait for one commit together.
const COMMANDS_PER_TURN: usize = 256;

/// Shards whose hunts are listed in one answer.
const SHARDS_PER_LIST: usize = 16;

/// Bytes of a listed hunt at most, with its id and title.
const LISTED_HUNT_BYTES_MAX: usize = ID_BYTES_MAX + TITLE_BYTES_MAX + 128;

const _: () = assert!(
    SHARDS_PER_LIST * HUNTS_PER_SHARD_MAX * LISTED_HUNT_BYTES_MAX < LETTER_BYTES_MAX,
    "the hunts that are listed in one answer must fit a message to another node"
);

/// Answers to commands, one each.
type Answers = Vec<Result<Answered, AskError>>;

/// Some of a request's commands, and where each stands in it.
#[derive(Default)]
struct Part {
    indexes: Vec<usize>,
    commands: Vec<Command>,
}

impl Part {
    fn push(&mut self, index: usize, command: Command) {
        self.indexes.push(index);
        self.commands.push(command);
    }
}

/// Carries out commands of one shard, some at a time: while some wait for their commit, the next fill the batch after it.
async fn in_turns<H: Host>(
    shard: &Rc<Shard<H>>,
    commands: &[Command],
    indexes: &[usize],
) -> Answers {
    let turns = indexes.chunks(COMMANDS_PER_TURN);
    let turns = futures::stream::iter(turns.map(|turn| shard.commands(commands, turn)));
    let turns = turns.buffered(COMMANDS_AT_ONCE / COMMANDS_PER_TURN);
    turns
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .flatten()
        .collect()
}

/// The answers to the parts of a request, in the order of the request.
fn in_order(count: usize, parts: Vec<(Vec<usize>, Answers)>) -> Answers {
    let mut answers = vec![None; count];
    for (indexes, part) in parts {
        for (index, answer) in indexes.into_iter().zip(part) {
            answers[index] = Some(answer);
        }
    }
    let missing = || Err(unavailable("the command was not answered".to_owned()));
    let answers = answers.into_iter();
    answers
        .map(|answer| answer.unwrap_or_else(missing))
        .collect()
}

impl<H: Host> Core<H> {
    /// Carries out many commands, each tried once; answers in the order of the commands.
    pub(crate) async fn ask_many_once(&self, commands: Vec<Command>) -> Answers {
        let count = commands.len();
        if let Some(owner) = self.owner_of_all(&commands) {
            return self.ask_group(owner, commands).await;
        }
        let mut groups: BTreeMap<CoreAddress, Part> = BTreeMap::new();
        for (index, command) in commands.into_iter().enumerate() {
            let owner = self.owner(&command.hunt);
            groups.entry(owner).or_default().push(index, command);
        }
        let parts = groups.into_iter().map(|(core, part)| async move {
            (part.indexes, self.ask_group(core, part.commands).await)
        });
        in_order(count, futures::future::join_all(parts).await)
    }

    /// The core that owns the hunts of all commands, if one does: then nothing has to be put together from parts.
    fn owner_of_all(&self, commands: &[Command]) -> Option<CoreAddress> {
        let mut owners = commands.iter().map(|command| self.owner(&command.hunt));
        let first = owners.next()?;
        owners.all(|owner| owner == first).then_some(first)
    }

    async fn ask_group(&self, core: CoreAddress, group: Vec<Command>) -> Answers {
        let count = group.len();
        match self.ask_core(core, Request::Commands(group)).await {
            Ok(Response::Replies(replies)) if replies.len() == count => replies,
            Ok(_) => vec![Err(misfit()); count],
            Err(error) => vec![Err(error); count],
        }
    }

    /// Carries out the commands whose shards are here, and hands the others on.
    pub(crate) async fn commands(
        &self,
        commands: Vec<Command>,
        hops: u8,
    ) -> Result<Response, AskError> {
        let mut groups: BTreeMap<ShardId, Vec<usize>> = BTreeMap::new();
        for (index, command) in commands.iter().enumerate() {
            let shard = command.hunt.shard(self.shared().settings.shards);
            groups.entry(shard).or_default().push(index);
        }
        let commands = &commands;
        let parts = groups.into_iter().map(|(shard, indexes)| async move {
            let shard = self.shard_of(shard).filter(|shard| shard.is_serving());
            let answers = match shard {
                Some(shard) => in_turns(shard, commands, &indexes).await,
                None => Box::pin(self.hand_on_all(commands, &indexes, hops)).await,
            };
            (indexes, answers)
        });
        let parts = futures::future::join_all(parts).await;
        Ok(Response::Replies(in_order(commands.len(), parts)))
    }

    async fn hand_on_all(&self, commands: &[Command], indexes: &[usize], hops: u8) -> Answers {
        let answers = indexes.iter().map(|index| async move {
            let request = Request::Command(commands[*index].clone());
            match self.hand_on(request, hops).await? {
                Response::Reply(answered) => Ok(answered),
                _ => Err(misfit()),
            }
        });
        let answers = futures::stream::iter(answers).buffered(COMMANDS_AT_ONCE);
        answers.collect().await
    }

    /// Asks every core that the request concerns, once.
    pub(crate) async fn ask_all_once(&self, request: &Request) -> Vec<Result<Response, AskError>> {
        let asks: Vec<(CoreAddress, Request)> = match (request, self.shared().view()) {
            (Request::Hunts, Some(_)) => self.by_owner(),
            // A member of a cluster that has not seen the others yet does not know who has the hunts.
            (Request::Hunts, None) if self.shared().settings.cluster.is_some() => {
                return vec![Err(not_ready())];
            }
            _ => {
                let cores = self.cores_of_node().into_iter();
                cores.map(|core| (core, request.clone())).collect()
            }
        };
        let asks = asks
            .into_iter()
            .map(|(core, request)| self.ask_core(core, request));
        futures::future::join_all(asks).await
    }

    /// How every core of every node that may be alive is doing; an error for those that don't say within `limit`.
    pub async fn statuses(
        &self,
        limit: Duration,
    ) -> Vec<(CoreAddress, Result<CoreStatus, AskError>)> {
        let mut cores = self.other_cores();
        cores.push(self.address());
        cores.sort_unstable();
        let asks = cores.into_iter().map(|core| async move {
            let asked = std::pin::pin!(self.ask_core(core, Request::Status));
            let late = std::pin::pin!(self.shared().host.sleep(limit).fuse());
            let status = match select(asked.fuse(), late).await {
                Either::Left((Ok(Response::Status(status)), _)) => Ok(*status),
                Either::Left((Ok(_), _)) => Err(misfit()),
                Either::Left((Err(error), _)) => Err(error),
                Either::Right(_) => Err(unavailable("the core did not say in time".to_owned())),
            };
            (core, status)
        });
        futures::future::join_all(asks).await
    }

    /// All shards, by who owns them as far as this core knows. A core is asked for shards rather than for all that it has,
    /// so that a hunt whose shard is between two owners is "not ready" and never silently missing, or named twice; and for
    /// few at a time, so that the answer fits a message.
    fn by_owner(&self) -> Vec<(CoreAddress, Request)> {
        let mut shards: BTreeMap<CoreAddress, Vec<ShardId>> = BTreeMap::new();
        for shard in 0..self.shared().settings.shards {
            shards.entry(self.owner_of(shard)).or_default().push(shard);
        }
        let ask = |core, shards: &[ShardId]| (core, Request::HuntsOf(shards.to_vec()));
        let few = shards.iter().flat_map(|(core, shards)| {
            let groups = shards.chunks(SHARDS_PER_LIST);
            groups.map(|group| ask(*core, group))
        });
        few.collect()
    }

    /// All hunts of the shards that are here.
    pub(crate) async fn open_hunts(&self) -> Result<Response, AskError> {
        let here = |shard: &&Rc<Shard<H>>| shard.is_open() || self.wants(shard);
        let shards = self.shards().filter(here).map(|shard| shard.id);
        self.hunts_of(shards.collect()).await
    }

    /// All hunts of these shards, if they are all here.
    pub(crate) async fn hunts_of(&self, shards: Vec<ShardId>) -> Result<Response, AskError> {
        let mut hunts = Vec::new();
        for shard in shards {
            let shard = self.shard_of(shard).ok_or_else(not_ready)?;
            hunts.append(&mut shard.hunts().await?);
        }
        Ok(Response::Hunts(hunts))
    }
}
