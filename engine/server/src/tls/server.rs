//! What clients of the HTTP API see.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;

use super::error::TlsError;
use super::files::{provider, read_identity, unusable};
use super::session::Session;

/// The protocols that are offered, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSetting {
    /// The certificate, with those that vouch for it behind it.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The certificate that clients see, as of now.
#[derive(Debug)]
pub struct ServerTls {
    setting: TlsSetting,
    current: Mutex<Arc<ServerConfig>>,
}

impl ServerTls {
    /// Reads it.
    pub fn load(setting: &TlsSetting) -> Result<Self, TlsError> {
        Ok(Self {
            current: Mutex::new(read(setting)?),
            setting: setting.clone(),
        })
    }

    /// The session of a new connection. The lock is held for as long as it takes to copy a pointer.
    pub(crate) fn session(&self) -> Result<Box<Session>, rustls::Error> {
        let config = Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner));
        Session::server(config).map(Box::new)
    }

    /// Reads it again; on an error everything stays as it is.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = read(&self.setting)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

fn read(setting: &TlsSetting) -> Result<Arc<ServerConfig>, TlsError> {
    let TlsSetting { cert, key } = setting;
    let (certificates, private_key) = read_identity(cert, key)?;
    let unusable = |error| unusable(cert, key, &error);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(certificates, private_key)
        .map_err(unusable)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(config))
}
