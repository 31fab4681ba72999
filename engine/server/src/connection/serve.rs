//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};

use super::activity::{Activity, End};
use super::answer::{HEAD_TIMEOUT, answer_and_close, close_after_refusal};
use super::executor::LocalTasks;
use super::handler::Handler;
use super::preface::{Protocol, sniff};
use super::registry::Registered;
use super::settings::{ConnectionSettings, HEAD_BYTES_MIN};
use super::stream::Stream;
use super::tracked::{RequestGuard, Tracked};
use crate::runtime::Socket;
use crate::runtime::timers::WheelTimer;
use crate::tls::Session;

/// Bytes that hyper buffers of one HTTP/1.1 connection: pipelined requests wait in the kernel beyond it.
const HTTP1_BUFFER_BYTES: usize = 16 << 10;
/// Bytes that one HTTP/2 stream, and one connection, may send before the server takes them.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 256 << 10;
/// Bytes of answers that wait in one HTTP/2 stream.
const SEND_BUFFER_BYTES: usize = 64 << 10;
/// Streams that a client may reset before they are looked at, and errors it may provoke, before it is cut off.
const RESET_STREAMS_MAX: usize = 32;
/// A silent HTTP/2 client is pinged, and cut off if it does not answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

const _: () = assert!(
    HTTP1_BUFFER_BYTES >= HEAD_BYTES_MIN,
    "hyper refuses a smaller buffer"
);
const _: () = assert!(
    STREAM_WINDOW_BYTES <= CONNECTION_WINDOW_BYTES,
    "one stream must be able to use its window"
);

/// Serves one connection.
pub(crate) async fn serve<H: Handler>(
    socket: Socket,
    place: Registered,
    settings: ConnectionSettings,
    tls: Option<Box<Session>>,
    handler: H,
) {
    let activity = Rc::clone(&place.activity);
    let mut stream = Stream::new(socket, Rc::clone(&activity));
    if let Some(session) = tls {
        match until_end(&activity, stream.secure(session)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return tracing::debug!(%error, "a client could not be greeted with TLS");
            }
            Err(end) => return tracing::debug!(?end, "a connection ended before its TLS began"),
        }
    }
    match until_end(&activity, sniff(&mut stream)).await {
        Ok(Ok(Some(Protocol::Http1))) => serve_http1(stream, activity, &settings, handler).await,
        Ok(Ok(Some(Protocol::Http2))) => serve_http2(stream, activity, &settings, handler).await,
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke before its first request"),
        Err(End::HeadTimeout) => answer_and_close(stream, HEAD_TIMEOUT).await,
        Err(end) => tracing::debug!(?end, "a connection ended before its first request"),
    }
}

async fn serve_http1<H: Handler>(
    stream: Stream,
    activity: Rc<Activity>,
    settings: &ConnectionSettings,
    handler: H,
) {
    let service = service_fn(|request| answer(&handler, &activity, request));
    let mut connection = http1::Builder::new()
        .timer(WheelTimer)
        // Who has sent all and says so still waits for the answer; the sweep sees who leaves an endless one.
        .half_close(true)
        // The sweep watches heads: hyper's own time-out would also end a connection that merely waits for its next request.
        .header_read_timeout(None)
        .max_headers(settings.headers_max)
        .max_header_size(settings.head_bytes_max)
        .max_buf_size(HTTP1_BUFFER_BYTES.max(settings.head_bytes_max))
        .writev(false)
        .serve_connection(stream, service);
    let ended = drive(&activity, &mut connection, |connection| {
        connection.graceful_shutdown()
    })
    .await;
    match ended {
        Ok(Ok(())) if !activity.refused() => {}
        Ok(Ok(())) => close_after_refusal(connection.into_parts().io).await,
        Ok(Err(error)) if error.is_parse() => {
            // hyper has answered 400 or 431.
            tracing::debug!(%error, "a request's head is malformed");
            close_after_refusal(connection.into_parts().io).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
        Err(End::HeadTimeout) => answer_and_close(connection.into_parts().io, HEAD_TIMEOUT).await,
        Err(end) => tracing::debug!(?end, "a connection was cut off"),
    }
}

async fn serve_http2<H: Handler>(
    stream: Stream,
    activity: Rc<Activity>,
    settings: &ConnectionSettings,
    handler: H,
) {
    activity.set_multiplexed();
    let service_activity = Rc::clone(&activity);
    let service = service_fn(move |request| answer(&handler, &service_activity, request));
    let mut connection = http2::Builder::new(LocalTasks)
        .timer(WheelTimer)
        .max_concurrent_streams(settings.streams_max)
        .max_header_list_size(u32::try_from(settings.head_bytes_max).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .max_pending_accept_reset_streams(RESET_STREAMS_MAX)
        .max_local_error_reset_streams(RESET_STREAMS_MAX)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .serve_connection(stream, service);
    let ended = drive(&activity, &mut connection, |connection| {
        connection.graceful_shutdown()
    })
    .await;
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
        Err(end) => tracing::debug!(?end, "a connection was cut off"),
    }
}

fn answer<H: Handler>(
    handler: &H,
    activity: &Rc<Activity>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Tracked<H::Body>>, Infallible>> + use<H> {
    let guard = RequestGuard::new(activity);
    let activity = Rc::clone(activity);
    let handler = handler.clone();
    async move {
        // hyper keeps room for this future as long as the connection lives: the big part of it goes with the answer.
        let response = Box::pin(async move { handler.handle(request).await }).await;
        let status = response.status();
        activity.answered(
            status.is_client_error() || status.is_server_error(),
            response.body().size_hint().exact().is_none(),
        );
        Ok(response.map(|body| Tracked::new(body, guard)))
    }
}

/// Runs a connection until it is over, or has to be cut off; asked to finish, it finishes.
async fn drive<C: Future + Unpin>(
    activity: &Activity,
    connection: &mut C,
    mut finish: impl FnMut(Pin<&mut C>),
) -> Result<C::Output, End> {
    loop {
        match until_end(activity, &mut *connection).await {
            Err(End::Graceful) => finish(Pin::new(connection)),
            ended => return ended,
        }
    }
}

/// Runs `future` until it is over or the connection has to end.
async fn until_end<F: Future>(activity: &Activity, future: F) -> Result<F::Output, End> {
    let mut future = std::pin::pin!(future);
    poll_fn(|context| {
        activity.set_task(context.waker());
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        match activity.take_end() {
            Some(end) => Poll::Ready(Err(end)),
            None => Poll::Pending,
        }
    })
    .await
}
