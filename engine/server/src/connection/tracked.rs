//! A request counts as under way until its answer's body is sent or dropped.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::activity::Activity;

/// One request under way.
pub(crate) struct RequestGuard(Rc<Activity>);

impl RequestGuard {
    pub(crate) fn new(activity: &Rc<Activity>) -> Self {
        activity.request_started();
        Self(Rc::clone(activity))
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.request_ended();
    }
}

pin_project! {
    /// A body that holds its request.
    pub(crate) struct Tracked<B> {
        #[pin]
        body: B,
        guard: RequestGuard,
    }
}

impl<B> Tracked<B> {
    pub(crate) fn new(body: B, guard: RequestGuard) -> Self {
        Self { body, guard }
    }
}

impl<B: Body> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
