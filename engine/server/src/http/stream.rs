//! The feed as server-sent events (WHATWG HTML, 9.2). The next page is asked for only when the last one is on its way, so
//! a slow reader holds a page or two in memory and no more.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use hunt::view::event_view;
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use node::{AskError, FeedPage, FeedPosition, Host};

use super::answer::ApiBody;
use super::api::Api;
use super::auth::Caller;
use super::look::append_feed_event;
use super::metrics::CoreMeters;
use super::problem::Problem;
use super::settings::{STREAM_HEARTBEAT, STREAM_PAGE_EVENTS, STREAM_RETRY_MS};
use super::slots::Slot;

impl<H: Host> Api<H> {
    /// Streams the feed after a position, for as long as the token holds.
    pub(super) fn stream(
        &self,
        caller: Rc<Caller>,
        after: FeedPosition,
    ) -> Result<Response<ApiBody>, Problem> {
        let stream = EventStream {
            api: self.clone(),
            caller,
            after,
            state: State::Greeting,
            _slot: self.stream_slot()?,
            _counted: Counted::start(self.meters()),
        };
        let mut response = Response::new(ApiBody::stream(stream));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

type Asked = Pin<Box<dyn Future<Output = Result<FeedPage, AskError>>>>;

enum State {
    /// Tells the reader how soon to come back.
    Greeting,
    /// The last page is on its way.
    Idle,
    /// The next page was asked for.
    Asked(Asked),
    /// The reader comes back with Last-Event-ID.
    Ended,
}

struct EventStream<H: Host> {
    api: Api<H>,
    caller: Rc<Caller>,
    after: FeedPosition,
    state: State,
    _slot: Slot,
    _counted: Counted,
}

impl<H: Host> Unpin for EventStream<H> {}

impl<H: Host> Body for EventStream<H> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Greeting => {
                    self.state = State::Idle;
                    return frame(format!("retry: {STREAM_RETRY_MS}\n\n").into());
                }
                State::Idle => self.state = self.go_on(),
                State::Asked(asked) => {
                    let answer = ready!(asked.as_mut().poll(context));
                    return frame(self.take(answer).into());
                }
            }
        }
    }
}

impl<H: Host> EventStream<H> {
    /// Asks for the next page, if the token still holds.
    fn go_on(&self) -> State {
        if self.api.host().wall() >= self.caller.expires_at {
            return State::Ended;
        }
        State::Asked(Box::pin(next_page(self.api.clone(), self.after)))
    }

    fn take(&mut self, answer: Result<FeedPage, AskError>) -> Vec<u8> {
        match answer {
            Ok(page) => {
                self.after = page.position;
                self.state = State::Idle;
                render(&page)
            }
            Err(error) => {
                self.state = State::Ended;
                format!(": {error}\n\n").into_bytes()
            }
        }
    }
}

/// The next page. Streams that catch up take turns, and let others run before each page: however many there are, a
/// request waits for one page at most.
async fn next_page<H: Host>(api: Api<H>, after: FeedPosition) -> Result<FeedPage, AskError> {
    let turn = api.stream_turn().await;
    yield_once().await;
    let core = api.core();
    let page = core.feed(after, STREAM_PAGE_EVENTS, Duration::ZERO).await?;
    drop(turn);
    if !page.events.is_empty() {
        return Ok(page);
    }
    core.feed(page.position, STREAM_PAGE_EVENTS, STREAM_HEARTBEAT)
        .await
}

/// Comes back after whoever else can run has run.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn frame(bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}

/// A page as events; a page without events is a comment, which keeps the connection open.
fn render(page: &FeedPage) -> Vec<u8> {
    let mut text = Vec::new();
    for event in &page.events {
        let view = event_view(&event.event, &event.definition, event.shard);
        let head = format!("id: {}\nevent: {}\ndata: ", event.position, view.kind);
        text.extend_from_slice(head.as_bytes());
        append_feed_event(&mut text, event.position, &view);
        text.extend_from_slice(b"\n\n");
    }
    if text.is_empty() {
        text.extend_from_slice(b":\n\n");
    }
    text
}

struct Counted(Arc<CoreMeters>);

impl Counted {
    fn start(meters: &Arc<CoreMeters>) -> Self {
        meters.stream_started();
        Self(meters.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.stream_ended();
    }
}
