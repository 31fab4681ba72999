//! Certificates and keys, as PEM files hold them.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::TlsError;

/// A certificate with those that vouch for it, and its key.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The cryptography that is used.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Reads a certificate and its key.
pub(super) fn read_identity(cert: &Path, key: &Path) -> Result<Identity, TlsError> {
    let certificates = read_certificates(cert)?;
    let bytes = read(key)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|error| explain(error, key, "private key", "PRIVATE KEY"))?;
    Ok((certificates, key))
}

/// Reads the certificates of those who are trusted to sign.
pub(super) fn read_authorities(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::Authority {
                path: path.to_owned(),
                detail: error.to_string(),
            })?;
    }
    Ok(Arc::new(roots))
}

/// The error that certificate and key don't fit.
pub(super) fn unusable(cert: &Path, key: &Path, error: &rustls::Error) -> TlsError {
    TlsError::Unusable {
        cert: cert.to_owned(),
        key: key.to_owned(),
        detail: error.to_string(),
    }
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(path)?;
    let explain = |error| explain(error, path, "certificate", "CERTIFICATE");
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(explain)?;
    match found.is_empty() {
        true => Err(explain(pem::Error::NoItemsFound)),
        false => Ok(found),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn explain(error: pem::Error, path: &Path, what: &'static str, label: &'static str) -> TlsError {
    match error {
        pem::Error::NoItemsFound => TlsError::Missing {
            what,
            label,
            path: path.to_owned(),
        },
        other => TlsError::NotPem {
            path: path.to_owned(),
            detail: other.to_string(),
        },
    }
}
