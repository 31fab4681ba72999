//! For commands that ask a running node.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;

use super::error::TlsError;
use super::files::{provider, read_authorities};

/// What trusts those whose certificates one of `ca` signed, and shows no certificate itself.
pub(crate) fn trusting(ca: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let untrusted = |error: rustls::Error| TlsError::Authority {
        path: ca.to_owned(),
        detail: error.to_string(),
    };
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(untrusted)?
        .with_root_certificates(read_authorities(ca)?)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
