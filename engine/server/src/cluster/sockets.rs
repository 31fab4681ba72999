//! Calling another node, and time limits for what both sides do.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::{Either, select};

use super::error::LinkError;
use super::limits::{CONNECT_TIMEOUT, GREETING_TIMEOUT};
use crate::connection::Stream;
use crate::runtime::{Socket, timers};
use crate::tls::Session;

/// Calls another node.
pub(super) async fn connect(address: SocketAddr) -> Result<Stream, LinkError> {
    let fails = |detail: String| LinkError::Connect { address, detail };
    match within(CONNECT_TIMEOUT, Socket::connect(address)).await {
        Some(Ok(socket)) => Ok(Stream::client(socket)),
        Some(Err(error)) => Err(fails(error.to_string())),
        None => {
            let ms = CONNECT_TIMEOUT.as_millis();
            Err(fails(format!("nobody answers within {ms} ms")))
        }
    }
}

/// Puts TLS between a link and its connection.
pub(super) async fn secure(
    stream: &mut Stream,
    session: Result<Box<Session>, rustls::Error>,
) -> Result<(), LinkError> {
    let session = session.map_err(|error| LinkError::Tls(error.to_string()))?;
    match within(GREETING_TIMEOUT, stream.secure(session)).await {
        None => Err(LinkError::TooLate),
        Some(secured) => secured.map_err(|error| LinkError::Tls(error.to_string())),
    }
}

/// What comes out, unless it takes longer than `limit`.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(std::pin::pin!(work), timers::sleep(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
