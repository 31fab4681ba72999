//! The API as a connection's handler.

use hyper::body::Incoming;
use hyper::{Request, Response};

use crate::connection::Handler;
use crate::http::{Api, ApiBody};

/// Hands requests to the API, and counts connections in its meters.
pub(crate) struct ApiHandler<H: node::Host>(Api<H>);

impl<H: node::Host> ApiHandler<H> {
    pub(crate) fn new(api: Api<H>) -> Self {
        Self(api)
    }
}

impl<H: node::Host> Clone for ApiHandler<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: node::Host> Handler for ApiHandler<H> {
    type Body = ApiBody;

    async fn handle(&self, request: Request<Incoming>) -> Response<ApiBody> {
        self.0.handle(request).await
    }

    fn connection_opened(&self) {
        self.0.meters().connection_opened();
    }

    fn connection_closed(&self) {
        self.0.meters().connection_closed();
    }
}
