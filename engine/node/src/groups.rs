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

/// Commands of one request that are carried out side by side.
const COMMANDS_AT_ONCE: usize = 1_024;

/// Shards whose hunts are listed in one answer.
const SHARDS_PER_LIST: usize = 16;

/// Bytes of a listed hunt at most, with its id and title.
const LISTED_HUNT_BYTES_MAX: usize = ID_BYTES_MAX + TITLE_BYTES_MAX + 128;

const _: () = assert!(
    SHARDS_PER_LIST * HUNTS_PER_SHARD_MAX * LISTED_HUNT_BYTES_MAX < LETTER_BYTES_MAX,
    "the hunts that are listed in one answer must fit a message to another node"
);

impl<H: Host> Core<H> {
    /// Carries out many commands, each tried once; answers in the order of the commands.
    pub(crate) async fn ask_many_once(
        &self,
        commands: Vec<Command>,
    ) -> Vec<Result<Answered, AskError>> {
        let mut groups: BTreeMap<CoreAddress, (Vec<usize>, Vec<Command>)> = BTreeMap::new();
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
        let missing = || Err(unavailable("the command was not answered".to_owned()));
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(missing))
            .collect()
    }

    async fn ask_group(
        &self,
        core: CoreAddress,
        group: Vec<Command>,
    ) -> Vec<Result<Answered, AskError>> {
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
        let answers = commands.into_iter().map(|command| async move {
            match self.serving(&command.hunt) {
                Some(shard) => shard.command(&command).await,
                None => match Box::pin(self.hand_on(Request::Command(command), hops)).await? {
                    Response::Reply(answered) => Ok(answered),
                    _ => Err(misfit()),
                },
            }
        });
        let answers = futures::stream::iter(answers).buffered(COMMANDS_AT_ONCE);
        Ok(Response::Replies(answers.collect().await))
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
