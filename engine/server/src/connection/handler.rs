//! What answers the requests of a connection.

use std::convert::Infallible;
use std::future::Future;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};

/// Answers requests; never fails, for whatever is wrong has an answer too. Cheap to clone.
pub trait Handler: Clone + 'static {
    /// The answer's body.
    type Body: Body<Data = Bytes, Error = Infallible> + 'static;

    /// Answers one request.
    fn handle(&self, request: Request<Incoming>) -> impl Future<Output = Response<Self::Body>>;

    /// A connection was accepted.
    fn connection_opened(&self) {}

    /// A connection ended.
    fn connection_closed(&self) {}
}
