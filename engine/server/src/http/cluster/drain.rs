//! `POST /v1/cluster/drain`: this node hands its shards over. Asked again, it tells how far it is.

use hyper::{Response, StatusCode};
use node::{DrainRefused, Host};
use serde::Serialize;

use super::overview::name;
use crate::http::answer::{self, ApiBody};
use crate::http::api::Api;
use crate::http::body;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::settings::RETRY_AFTER_MS;

/// How far the node is.
#[derive(Serialize)]
struct Draining {
    node: String,
    draining: bool,
    shards_left: usize,
    stopping: bool,
}

impl<H: Host> Api<H> {
    pub(crate) async fn drain(&self, bytes: &[u8]) -> Result<Response<ApiBody>, Problem> {
        let wants_stop = body::parse_drain(bytes)?;
        self.core().drain().await?;
        let statuses = self.statuses().await?;
        let mut shards_left = 0;
        for status in statuses {
            shards_left += status?.wanted_shards().count();
        }
        let stopping = wants_stop && shards_left == 0;
        if let Some(cluster) = self.settings().cluster.as_ref().filter(|_| stopping) {
            tracing::info!("stopping: an operator asked for it, and all shards are handed over");
            cluster.stop.ask();
        }
        let view = Draining {
            node: name(self.settings().node),
            draining: true,
            shards_left,
            stopping,
        };
        Ok(answer::json(StatusCode::OK, &view))
    }
}

impl From<DrainRefused> for Problem {
    fn from(refused: DrainRefused) -> Self {
        let detail = refused.to_string();
        match refused {
            DrainRefused::Alone | DrainRefused::NoHeir => {
                Self::new(ProblemKind::WrongState, detail)
            }
            DrainRefused::Busy => Self::retry(ProblemKind::Overloaded, detail, RETRY_AFTER_MS),
        }
    }
}
