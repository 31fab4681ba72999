//! Requests with parts for several cores: each part goes to its owner, the answers come together again.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures::StreamExt;
use hunt::{Command, ShardId};

use crate::core::Core;
use crate::shard::{Shard, not_ready, unavailable};
use crate::{Answered, AskError, CoreAddress, Host, Request, Response};

/// Commands of one request that are carried out side by side.
const COMMANDS_AT_ONCE: usize = 1_024;

impl<H: Host> Core<H> {
    /// Carries out many commands, grouped by the core that owns them; answers in the order of the commands.
    pub async fn ask_many(&self, commands: Vec<Command>) -> Vec<Result<Answered, AskError>> {
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

    /// Asks every core of the node ([`Request::Status`]), or every core that owns a shard ([`Request::Hunts`]). The
    /// answers to [`Request::Hunts`] together name every hunt once, unless one of them is an error.
    pub async fn ask_all(&self, request: Request) -> Vec<Result<Response, AskError>> {
        let asks: BTreeMap<CoreAddress, Request> = match (&request, self.shared().view()) {
            (Request::Hunts, Some(_)) => self.by_owner(),
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

    /// All shards, by who owns them as far as this core knows. A core is asked for shards rather than for all that it has,
    /// so that a hunt whose shard is between two owners is "not ready" and never silently missing, or named twice.
    fn by_owner(&self) -> BTreeMap<CoreAddress, Request> {
        let mut shards: BTreeMap<CoreAddress, Vec<ShardId>> = BTreeMap::new();
        for shard in 0..self.shared().settings.shards {
            shards.entry(self.owner_of(shard)).or_default().push(shard);
        }
        let asks = shards.into_iter();
        asks.map(|(core, shards)| (core, Request::HuntsOf(shards)))
            .collect()
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

fn misfit() -> AskError {
    unavailable("the answer does not fit the question".to_owned())
}
