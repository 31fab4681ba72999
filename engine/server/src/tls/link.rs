//! What nodes show each other: both sides of a link have a certificate that the cluster's authority signed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ServerConfig};

use super::error::TlsError;
use super::files::{provider, read_authorities, read_identity, unusable};
use super::session::Session;

/// Where a node's certificate for links is, and who signs those of all nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTlsSetting {
    /// The certificate, for the host that the node advertises.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The certificates of who signs.
    pub ca: PathBuf,
}

/// What a node shows other nodes, and what it wants to see, as of now.
#[derive(Debug)]
pub struct LinkTls {
    setting: LinkTlsSetting,
    current: Mutex<Sides>,
}

/// For who is called, and for who calls.
#[derive(Clone, Debug)]
struct Sides {
    receiver: Arc<ServerConfig>,
    dialler: Arc<ClientConfig>,
}

impl LinkTls {
    /// Reads it.
    pub fn load(setting: &LinkTlsSetting) -> Result<Self, TlsError> {
        Ok(Self {
            current: Mutex::new(read(setting)?),
            setting: setting.clone(),
        })
    }

    /// Reads it again; on an error everything stays as it is.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = read(&self.setting)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The session of a link that another node dialled.
    pub(crate) fn receive(&self) -> Result<Box<Session>, rustls::Error> {
        Session::server(self.sides().receiver).map(Box::new)
    }

    /// The session of a link to the node that is reached at `address`, a host and a port.
    pub(crate) fn dial(&self, address: &str) -> Result<Box<Session>, rustls::Error> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| rustls::Error::General(format!("{host:?} is no name of a host")))?;
        Session::client(self.sides().dialler, name).map(Box::new)
    }

    fn sides(&self) -> Sides {
        let current = self.current.lock();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read(setting: &LinkTlsSetting) -> Result<Sides, TlsError> {
    let LinkTlsSetting { cert, key, ca } = setting;
    let authorities = read_authorities(ca)?;
    let unusable = |error| unusable(cert, key, &error);
    let untrusted = |detail: String| TlsError::Authority {
        path: ca.clone(),
        detail,
    };
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&authorities), provider())
            .build()
            .map_err(|error| untrusted(error.to_string()))?;
    let (certificates, private_key) = read_identity(cert, key)?;
    let receiver = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates.clone(), private_key.clone_key())
        .map_err(unusable)?;
    let dialler = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(authorities)
        .with_client_auth_cert(certificates, private_key)
        .map_err(unusable)?;
    Ok(Sides {
        receiver: Arc::new(receiver),
        dialler: Arc::new(dialler),
    })
}
