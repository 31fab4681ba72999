//! How the node is doing: readiness, shards, metrics; and who else is in the cluster.

mod drain;
mod overview;

use std::time::Duration;

use hunt::ShardId;
use hyper::header::HeaderValue;
use hyper::{Response, StatusCode};
use node::{AskError, CoreStatus, Host, Request};
use serde::Serialize;

use super::answer::{self, ApiBody};
use super::api::Api;
use super::metrics;
use super::play::unexpected;
use super::problem::{Problem, ProblemKind};
use super::settings::RETRY_AFTER_MS;

const PROMETHEUS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

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
    pub(super) async fn readyz(&self) -> Result<Response<ApiBody>, Problem> {
        let statuses = self.statuses().await?;
        let silent_cores = statuses.iter().filter(|status| status.is_err()).count();
        let cores: Vec<CoreStatus> = statuses.into_iter().flatten().collect();
        if silent_cores == 0 && cores.iter().all(|core| core.ready) {
            let shards = cores.iter().map(|core| core.wanted_shards().count()).sum();
            return Ok(answer::json(
                StatusCode::OK,
                &Ready {
                    ready: true,
                    shards,
                },
            ));
        }
        if self.core().is_leaving() {
            let detail = "this node hands its shards over and is about to stop: ask another";
            return Err(Problem::retry(
                ProblemKind::NotReady,
                detail,
                RETRY_AFTER_MS,
            ));
        }
        let shards = cores.iter().flat_map(CoreStatus::wanted_shards);
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
        let settings = self.settings();
        let board = settings.cluster.as_ref().map(|cluster| &*cluster.board);
        let text = metrics::render(&cores, &settings.meters, board);
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
