//! One player's connection: HTTP/1.1 with keep-alive, over a real socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use serde_json::Value;

use crate::connection::Stream;
use crate::runtime::{Socket, tasks, timers};

/// How long one answer is waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that asks with one token.
pub(super) struct Client {
    address: SocketAddr,
    authorization: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// One question.
pub(super) struct Question<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) key: Option<&'a str>,
    pub(super) body: &'a str,
}

/// Its answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) replayed: bool,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Bytes,
    pub(super) took: Duration,
}

impl Answer {
    /// The body; null if it is not JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Client {
    /// Connects with the first question.
    pub(super) fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            authorization: format!("Bearer {token}"),
            sender: None,
        }
    }

    /// Asks and waits for the whole answer. After an error the next question makes a new connection.
    pub(super) async fn ask(&mut self, question: &Question<'_>) -> Result<Answer, String> {
        let started = Instant::now();
        let asked = {
            let asking = std::pin::pin!(self.ask_now(question));
            match select(asking, timers::sleep(ANSWER_TIMEOUT)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
            }
        };
        match asked {
            Ok(answer) => Ok(Answer {
                took: started.elapsed(),
                ..answer
            }),
            Err(error) => {
                self.sender = None;
                Err(format!("{} {}: {error}", question.method, question.path))
            }
        }
    }

    async fn ask_now(&mut self, question: &Question<'_>) -> Result<Answer, String> {
        let mut sender = match self.sender.take() {
            Some(sender) => sender,
            None => connect(self.address).await?,
        };
        let mut request = Request::builder()
            .method(&question.method)
            .uri(question.path)
            .header(HOST, "demo")
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/json");
        if let Some(key) = question.key {
            request = request.header("idempotency-key", key);
        }
        let body = Full::new(Bytes::copy_from_slice(question.body.as_bytes()));
        let request = request.body(body).map_err(|error| error.to_string())?;
        sender.ready().await.map_err(|error| error.to_string())?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        self.sender = Some(sender);
        let header = |name| head.headers.get(name)?.to_str().ok();
        Ok(Answer {
            status: head.status,
            replayed: header("idempotency-replayed") == Some("true"),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|seconds| seconds.parse().ok())
                .map(Duration::from_secs),
            body,
            took: Duration::ZERO,
        })
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, String> {
    let socket = Socket::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(Stream::client(socket))
        .await
        .map_err(|error| error.to_string())?;
    tasks::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a player's connection broke");
        }
    })
    .detach();
    Ok(sender)
}
