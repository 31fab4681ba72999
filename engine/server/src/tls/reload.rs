//! Certificates are read again while the engine runs.

use std::sync::Arc;

use super::link::LinkTls;
use super::server::ServerTls;

/// All certificates of an engine. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TlsReload {
    /// Of the HTTP API, if it has one.
    pub http: Option<Arc<ServerTls>>,
    /// Of the links to other nodes, if they have one.
    pub links: Option<Arc<LinkTls>>,
}

impl TlsReload {
    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.links.is_none()
    }

    /// Reads all again, and says in the log what came of it. New connections get the new ones, where they are good.
    pub fn reload(&self) {
        let http = self.http.as_ref().map(|tls| ("HTTP", tls.reload()));
        let links = self.links.as_ref().map(|tls| ("links", tls.reload()));
        if self.is_empty() {
            tracing::info!("there is no certificate to be read again");
        }
        for (of, reloaded) in [http, links].into_iter().flatten() {
            match reloaded {
                Ok(()) => {
                    tracing::info!(of, "the certificate was read again; new connections get it")
                }
                Err(error) => {
                    tracing::error!(of, %error, "the certificate could not be read again: the old one stays")
                }
            }
        }
    }
}
