//! The API of one core: takes a request through routing, limits and roles to who answers it.

use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{Either, select};
use futures::lock::{Mutex, MutexGuard};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use node::{Core, Host};

use super::answer::{self, ApiBody};
use super::auth::{Authenticator, Caller, Keys};
use super::body;
use super::endpoint::{Access, Endpoint};
use super::metrics::CoreMeters;
use super::problem::{Problem, ProblemKind};
use super::query::Query;
use super::rate::Rates;
use super::route::{NoRoute, Route};
use super::settings::{ApiSettings, RETRY_AFTER_MS};
use super::slots::{Slot, Slots};

/// The API of one core. Cheap to clone; not `Send`.
pub struct Api<H: Host> {
    inner: Rc<Inner<H>>,
}

struct Inner<H: Host> {
    host: H,
    core: Core<H>,
    settings: Rc<ApiSettings>,
    authenticator: Authenticator,
    rates: Rates,
    requests: Slots,
    large_bodies: Slots,
    streams: Slots,
    stream_turns: Mutex<()>,
    meters: Arc<CoreMeters>,
}

/// A request whose caller may make it.
pub(super) struct Call<'r> {
    pub(super) parts: &'r Parts,
    pub(super) caller: Rc<Caller>,
    pub(super) query: Query<'r>,
}

impl<H: Host> Clone for Api<H> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<H: Host> Api<H> {
    /// The API in front of a core.
    pub fn new(host: H, core: Core<H>, settings: Rc<ApiSettings>, keys: Rc<Keys>) -> Self {
        let inner = Inner {
            authenticator: Authenticator::new(keys, settings.tokens_cached_max, host.random()),
            rates: Rates::new(
                settings.player_requests_per_s,
                settings.players_metered_max,
                host.random(),
            ),
            requests: Slots::new(settings.requests_in_flight_max),
            large_bodies: Slots::new(settings.large_bodies_max),
            streams: Slots::new(settings.sse_streams_max),
            stream_turns: Mutex::new(()),
            meters: settings.meters.register(settings.core),
            host,
            core,
            settings,
        };
        Self {
            inner: Rc::new(inner),
        }
    }

    /// The counters of this core, for who counts its connections.
    pub fn meters(&self) -> &Arc<CoreMeters> {
        &self.inner.meters
    }

    /// Answers one request.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<ApiBody>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let _counted = InFlight::start(&self.inner.meters);
        let started = self.inner.host.monotonic();
        let (parts, body) = request.into_parts();
        let route = Route::find(parts.method.as_str(), parts.uri.path());
        let endpoint = route.as_ref().ok().map(Route::endpoint);
        let answer = AssertUnwindSafe(self.answer(route, &parts, body))
            .catch_unwind()
            .await;
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(problem)) => answer::problem(&problem),
            Err(_) => self.panicked(&parts),
        };
        let took = self.inner.host.monotonic().saturating_sub(started);
        self.inner
            .meters
            .answered(endpoint, response.status(), took);
        if parts.method == Method::HEAD {
            answer::without_body(response)
        } else {
            response
        }
    }

    async fn answer<B>(
        &self,
        route: Result<Route, NoRoute>,
        parts: &Parts,
        mut body: B,
    ) -> Result<Response<ApiBody>, Problem>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let route = match route {
            Ok(route) => route,
            Err(NoRoute::Problem(problem)) => return Err(problem),
            Err(NoRoute::Method(allow)) => return Ok(answer::method_not_allowed(allow)),
        };
        let endpoint = route.endpoint();
        let spec = endpoint.spec();
        if spec.access == Access::Open {
            Query::parse(parts.uri.query(), spec.query)?;
            return Box::pin(self.open(endpoint)).await;
        }
        let _slot = self
            .inner
            .requests
            .take()
            .ok_or_else(|| Problem::limit("requests_in_flight_max"))?;
        let caller = self
            .inner
            .authenticator
            .caller(&parts.headers, self.inner.host.wall())?;
        if !caller.may(spec.access) {
            let detail = format!("a token of this role may not {} {}", spec.method, spec.path);
            return Err(Problem::new(ProblemKind::Forbidden, detail));
        }
        let query = Query::parse(parts.uri.query(), spec.query)?;
        self.rate(&caller)?;
        let call = Call {
            parts,
            caller,
            query,
        };
        if spec.method == "GET" {
            return Box::pin(self.look(route, &call)).await;
        }
        self.command(route, &call, &mut body).await
    }

    /// Calls that carry out commands: each has a body, which may be empty.
    async fn command<B>(
        &self,
        route: Route,
        call: &Call<'_>,
        body: &mut B,
    ) -> Result<Response<ApiBody>, Problem>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let (bytes_max, is_large) = match route.endpoint() {
            Endpoint::Batch => (self.inner.settings.batch_bytes_max, true),
            Endpoint::Put => (hunt::limits::DEFINITION_BYTES_MAX, true),
            _ => (self.inner.settings.body_bytes_max, false),
        };
        let _large = is_large.then(|| self.large_body()).transpose()?;
        let host = &self.inner.host;
        let timeout = self.inner.settings.body_timeout;
        let bytes = body::read(&call.parts.headers, body, bytes_max, timeout, |time| {
            host.sleep(time)
        })
        .await?;
        match route {
            Route::Solve(hunt, clue) => self.solve(call, hunt, clue, &bytes).await,
            Route::Claim(hunt, treasure) => self.claim(call, hunt, treasure, &bytes).await,
            // Boxed, since a player's request in flight would pay for the room of their futures.
            Route::Stock(hunt, treasure) => {
                Box::pin(self.restock(call, hunt, treasure, &bytes)).await
            }
            Route::Hunt(Endpoint::Join, hunt) => self.join(call, hunt, &bytes).await,
            Route::Hunt(endpoint, hunt) => {
                Box::pin(self.operate(call, endpoint, hunt, &bytes)).await
            }
            Route::Plain(Endpoint::Drain) => Box::pin(self.drain(&bytes)).await,
            Route::Plain(_) => Box::pin(self.batch(call, &bytes)).await,
        }
    }

    fn large_body(&self) -> Result<Slot, Problem> {
        self.inner
            .large_bodies
            .take()
            .ok_or_else(|| Problem::limit("large_bodies_max"))
    }

    pub(super) fn stream_slot(&self) -> Result<Slot, Problem> {
        self.inner
            .streams
            .take()
            .ok_or_else(|| Problem::limit("sse_streams_max"))
    }

    /// The right to make the next page of a stream; one stream of the core has it at a time.
    pub(super) async fn stream_turn(&self) -> MutexGuard<'_, ()> {
        self.inner.stream_turns.lock().await
    }

    fn rate(&self, caller: &Caller) -> Result<(), Problem> {
        let Some(player) = &caller.player else {
            return Ok(());
        };
        self.inner
            .rates
            .take(player, self.inner.host.monotonic())
            .map_err(|retry_after_ms| {
                let most = self.inner.settings.player_requests_per_s;
                let detail = format!("this player asks more than {most} times a second: slow down");
                Problem::retry(ProblemKind::TooFast, detail, retry_after_ms)
            })
    }

    /// The result of `asked`, unless it takes longer than an answer may.
    pub(super) async fn within<T>(
        &self,
        more: Duration,
        asked: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        let limit = self.inner.settings.request_timeout + more;
        match select(pin!(asked), pin!(self.inner.host.sleep(limit))).await {
            Either::Left((result, _)) => Ok(result),
            Either::Right(_) => {
                let ms = limit.as_millis();
                let detail = format!(
                    "no answer within {ms} ms: ask again with the same Idempotency-Key to learn what happened"
                );
                Err(Problem::retry(
                    ProblemKind::Unavailable,
                    detail,
                    RETRY_AFTER_MS,
                ))
            }
        }
    }

    fn panicked(&self, parts: &Parts) -> Response<ApiBody> {
        self.inner.meters.panicked();
        tracing::error!(method = %parts.method, path = parts.uri.path(), "a request met a defect and was answered with 500");
        let detail = "the engine met a defect; ask again with the same Idempotency-Key to learn what happened";
        answer::problem(&Problem::new(ProblemKind::Internal, detail))
    }

    pub(super) fn host(&self) -> &H {
        &self.inner.host
    }

    pub(super) fn core(&self) -> &Core<H> {
        &self.inner.core
    }

    pub(super) fn settings(&self) -> &ApiSettings {
        &self.inner.settings
    }

    /// Health, metrics and documentation: for everybody, also past the limits.
    async fn open(&self, endpoint: Endpoint) -> Result<Response<ApiBody>, Problem> {
        match endpoint {
            Endpoint::Readyz => self.readyz().await,
            Endpoint::Metrics => self.metrics().await,
            Endpoint::OpenApi => Ok(open_api()),
            _ => Ok(answer::json_bytes(
                StatusCode::OK,
                br#"{"status":"ok"}"#.to_vec(),
            )),
        }
    }
}

fn open_api() -> Response<ApiBody> {
    let json = hyper::header::HeaderValue::from_static("application/json");
    answer::bytes(
        StatusCode::OK,
        json,
        Bytes::from_static(super::open_api::DOCUMENT.as_bytes()),
    )
}

/// Counts a request for as long as it is under way, however it ends.
struct InFlight(Arc<CoreMeters>);

impl InFlight {
    fn start(meters: &Arc<CoreMeters>) -> Self {
        meters.request_started();
        Self(meters.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.request_ended();
    }
}
