//! How the node is doing: readiness, shards, metrics.

use std::time::Duration;

use hunt::{Seq, ShardId};
use hyper::header::HeaderValue;
use hyper::{Response, StatusCode};
use node::{AskError, CoreId, CoreStatus, Host, Request};
use serde::Serialize;

use super::answer::{self, ApiBody};
use super::api::Api;
use super::metrics;
use super::play::unexpected;
use super::problem::{Problem, ProblemKind};
use super::settings::RETRY_AFTER_MS;

const PROMETHEUS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What `/v1/cluster` shows.
#[derive(Serialize)]
struct ClusterView {
    nodes: Vec<NodeView>,
    cores: Vec<CoreView>,
    shards: Vec<ShardView>,
}

#[derive(Serialize)]
struct NodeView {
    node: String,
    cores: usize,
    ready: bool,
}

#[derive(Serialize)]
struct CoreView {
    node: String,
    core: CoreId,
    ready: bool,
    shards: usize,
}

#[derive(Serialize)]
struct ShardView {
    shard: ShardId,
    node: String,
    core: CoreId,
    open: bool,
    epoch: u64,
    last_seq: Seq,
    committed_seq: Seq,
    checkpoint_seq: Seq,
    hunts: u64,
    players: u64,
}

/// What `/readyz` shows when all is well.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    shards: usize,
}

/// What `/readyz` shows while shards are being opened.
#[derive(Serialize)]
struct Opening<'p> {
    #[serde(flatten)]
    problem: &'p Problem,
    ready: bool,
    opening: Vec<ShardId>,
    silent_cores: usize,
}

impl<H: Host> Api<H> {
    pub(super) async fn cluster(&self) -> Result<Response<ApiBody>, Problem> {
        let statuses = self.statuses().await?;
        let all_answer = statuses.iter().all(Result::is_ok);
        let cores: Vec<CoreStatus> = statuses.into_iter().flatten().collect();
        let node = format!("{:016x}", self.settings().node.0);
        let ready = all_answer && cores.iter().all(|core| core.ready);
        let mut view = ClusterView {
            nodes: vec![NodeView {
                node: node.clone(),
                cores: cores.len(),
                ready,
            }],
            cores: Vec::with_capacity(cores.len()),
            shards: Vec::new(),
        };
        for status in &cores {
            let (core, shards) = (status.core, status.shards.len());
            view.cores.push(CoreView {
                node: node.clone(),
                core,
                ready: status.ready,
                shards,
            });
            view.shards
                .extend(status.shards.iter().map(|shard| ShardView {
                    shard: shard.shard,
                    node: node.clone(),
                    core,
                    open: shard.open,
                    epoch: shard.epoch,
                    last_seq: shard.last_seq,
                    committed_seq: shard.committed_seq,
                    checkpoint_seq: shard.checkpoint_seq,
                    hunts: shard.hunts,
                    players: shard.players,
                }));
        }
        view.shards.sort_by_key(|shard| shard.shard);
        Ok(answer::json(StatusCode::OK, &view))
    }

    pub(super) async fn readyz(&self) -> Result<Response<ApiBody>, Problem> {
        let statuses = self.statuses().await?;
        let silent_cores = statuses.iter().filter(|status| status.is_err()).count();
        let cores: Vec<CoreStatus> = statuses.into_iter().flatten().collect();
        if silent_cores == 0 && cores.iter().all(|core| core.ready) {
            let shards = cores.iter().map(|core| core.shards.len()).sum();
            return Ok(answer::json(
                StatusCode::OK,
                &Ready {
                    ready: true,
                    shards,
                },
            ));
        }
        let shards = cores.iter().flat_map(|core| &core.shards);
        let mut opening: Vec<_> = shards
            .filter(|shard| !shard.open)
            .map(|shard| shard.shard)
            .collect();
        opening.sort_unstable();
        let detail = "shards are being opened: ask again until this is 200";
        let problem = Problem::retry(ProblemKind::NotReady, detail, RETRY_AFTER_MS);
        let body = answer::to_json(&Opening {
            problem: &problem,
            ready: false,
            opening,
            silent_cores,
        });
        let mut response = answer::problem(&problem);
        *response.body_mut() = ApiBody::whole(body.into());
        Ok(response)
    }

    pub(super) async fn metrics(&self) -> Result<Response<ApiBody>, Problem> {
        let cores: Vec<CoreStatus> = self.statuses().await?.into_iter().flatten().collect();
        let text = metrics::render(&cores, &self.settings().meters);
        Ok(answer::bytes(StatusCode::OK, PROMETHEUS_TEXT, text.into()))
    }

    /// How every core is doing; an error where a core does not say.
    async fn statuses(&self) -> Result<Vec<Result<CoreStatus, Problem>>, Problem> {
        let answers = self
            .within(Duration::ZERO, self.core().ask_all(Request::Status))
            .await?;
        Ok(answers.into_iter().map(status).collect())
    }
}

fn status(answer: Result<node::Response, AskError>) -> Result<CoreStatus, Problem> {
    match answer? {
        node::Response::Status(status) => Ok(*status),
        _ => Err(unexpected()),
    }
}
