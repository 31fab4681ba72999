//! `/v1/cluster`: nodes, cores and shards, as this node knows them, and who owns what, as the store has it.

use std::collections::BTreeMap;
use std::time::Duration;

use hunt::{Seq, ShardId};
use hyper::{Response, StatusCode};
use node::{Census, CoreAddress, CoreId, CoreStatus, Host, Member, NodeId, Ownership, ShardStatus};
use serde::Serialize;

use crate::cluster::{LinkBoard, LinkState};
use crate::http::answer::{self, ApiBody};
use crate::http::api::Api;
use crate::http::problem::Problem;

/// How long other nodes are waited for.
const OTHERS_TIMEOUT: Duration = Duration::from_secs(1);

/// What `/v1/cluster` shows.
#[derive(Serialize)]
struct ClusterView {
    /// The node that answers.
    node: String,
    nodes: Vec<NodeView>,
    cores: Vec<CoreView>,
    shards: Vec<ShardView>,
}

#[derive(Serialize)]
struct NodeView {
    node: String,
    cores: usize,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    draining: bool,
    /// The way there from the node that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Serialize)]
struct CoreView {
    node: String,
    core: CoreId,
    ready: bool,
    shards: usize,
}

/// What is not known of a shard is null: nobody owns it, or its owner does not say.
#[derive(Serialize)]
struct ShardView {
    shard: ShardId,
    node: Option<String>,
    core: Option<CoreId>,
    open: bool,
    epoch: u64,
    last_seq: Option<Seq>,
    committed_seq: Option<Seq>,
    checkpoint_seq: Option<Seq>,
    hunts: Option<u64>,
    players: Option<u64>,
}

/// What is known of the cluster.
struct Known {
    statuses: BTreeMap<CoreAddress, CoreStatus>,
    members: BTreeMap<NodeId, Member>,
    owners: Vec<Ownership>,
}

impl<H: Host> Api<H> {
    pub(crate) async fn cluster(&self) -> Result<Response<ApiBody>, Problem> {
        let cluster = self.settings().cluster.as_ref();
        let known = match cluster {
            Some(_) => {
                let census = self.within(Duration::ZERO, self.core().census()).await??;
                self.known(Some(census)).await
            }
            None => self.known(None).await,
        };
        let view = known.view(self.settings().node, cluster.map(|cluster| &*cluster.board));
        Ok(answer::json(StatusCode::OK, &view))
    }

    async fn known(&self, census: Option<Census>) -> Known {
        let statuses = self.core().statuses(OTHERS_TIMEOUT).await;
        let statuses: BTreeMap<_, _> = statuses
            .into_iter()
            .filter_map(|(core, status)| Some((core, status.ok()?)))
            .collect();
        match census {
            Some(census) => Known {
                statuses,
                members: census.nodes.into_iter().collect(),
                owners: census.shards,
            },
            None => Known::alone(self.settings().node, statuses),
        }
    }
}

impl Known {
    /// Of a node that shares its store with nobody: its cores say it all.
    fn alone(node: NodeId, statuses: BTreeMap<CoreAddress, CoreStatus>) -> Self {
        let only = Member {
            cores: statuses.len() as u16,
            address: String::new(),
            draining: false,
        };
        let shards = statuses.values().flat_map(|core| &core.shards);
        let mut owners: Vec<_> = shards
            .map(|shard| Ownership {
                shard: shard.shard,
                epoch: shard.epoch,
                node: Some(node),
            })
            .collect();
        owners.sort_unstable_by_key(|owned| owned.shard);
        Self {
            statuses,
            members: BTreeMap::from([(node, only)]),
            owners,
        }
    }

    fn view(&self, own: NodeId, board: Option<&LinkBoard>) -> ClusterView {
        let nodes = self.members.iter();
        ClusterView {
            node: name(own),
            nodes: nodes
                .map(|(node, member)| self.node(*node, member, board))
                .collect(),
            cores: self.statuses.iter().map(core_view).collect(),
            shards: self.owners.iter().map(|owned| self.shard(owned)).collect(),
        }
    }

    fn node(&self, node: NodeId, member: &Member, board: Option<&LinkBoard>) -> NodeView {
        let answered: Vec<_> = self.of(node).collect();
        let link = board.and_then(|board| board.to(node));
        NodeView {
            node: name(node),
            cores: usize::from(member.cores),
            ready: answered.len() == usize::from(member.cores)
                && answered.iter().all(|core| core.ready),
            address: Some(member.address.clone()).filter(|address| !address.is_empty()),
            draining: member.draining,
            link: link.map(|state| match state {
                LinkState::Up => "up".to_owned(),
                LinkState::Down(why) => format!("down: {why}"),
            }),
        }
    }

    fn of(&self, node: NodeId) -> impl Iterator<Item = &CoreStatus> {
        let core = |core| CoreAddress { node, core };
        self.statuses
            .range(core(CoreId::MIN)..=core(CoreId::MAX))
            .map(|(_, status)| status)
    }

    fn shard(&self, owned: &Ownership) -> ShardView {
        let owner = owned.node;
        let cores = owner
            .and_then(|owner| self.members.get(&owner))
            .map(|member| member.cores);
        let status = owner.and_then(|owner| self.status(owner, owned));
        ShardView {
            shard: owned.shard,
            node: owner.map(name),
            core: cores.map(|cores| owned.shard % cores.max(1)),
            open: status.is_some_and(|status| status.open),
            epoch: owned.epoch,
            last_seq: status.map(|status| status.last_seq),
            committed_seq: status.map(|status| status.committed_seq),
            checkpoint_seq: status.map(|status| status.checkpoint_seq),
            hunts: status.map(|status| status.hunts),
            players: status.map(|status| status.players),
        }
    }

    /// What the owner says of its shard, if it says so of this ownership.
    fn status(&self, owner: NodeId, owned: &Ownership) -> Option<&ShardStatus> {
        let shards = self.of(owner).flat_map(|core| &core.shards);
        shards
            .filter(|status| status.epoch == owned.epoch)
            .find(|status| status.shard == owned.shard)
    }
}

fn core_view((address, status): (&CoreAddress, &CoreStatus)) -> CoreView {
    CoreView {
        node: name(address.node),
        core: address.core,
        ready: status.ready,
        shards: status.wanted_shards().count(),
    }
}

/// A node's number, as the API shows it.
pub(super) fn name(node: NodeId) -> String {
    format!("{:016x}", node.0)
}
