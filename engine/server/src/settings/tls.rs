//! Where certificates and keys are.

use std::path::PathBuf;

use super::error::SettingsError;
use super::layers::Values;
use crate::tls::{LinkTlsSetting, TlsSetting};

/// The certificate of the HTTP API; none: it is in clear.
pub(super) fn read(values: &Values) -> Result<Option<TlsSetting>, SettingsError> {
    let (cert, key) = (path(values, "tls_cert"), path(values, "tls_key"));
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(TlsSetting { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(values.invalid(
            "tls_cert",
            "it is set, but tls_key is not: set both, or neither",
        )),
        (None, Some(_)) => Err(values.invalid(
            "tls_key",
            "it is set, but tls_cert is not: set both, or neither",
        )),
    }
}

/// What nodes show each other; none: links are in clear.
pub(super) fn read_links(values: &Values) -> Result<Option<LinkTlsSetting>, SettingsError> {
    let own = (
        path(values, "cluster_tls_cert"),
        path(values, "cluster_tls_key"),
    );
    let Some(ca) = path(values, "cluster_tls_ca") else {
        return match own {
            (None, None) => Ok(None),
            (Some(_), _) => Err(values.invalid(
                "cluster_tls_cert",
                "it is set, but cluster_tls_ca is not: say who signs the other nodes' certificates",
            )),
            (None, Some(_)) => Err(values.invalid(
                "cluster_tls_key",
                "it is set, but cluster_tls_ca is not: say who signs the other nodes' certificates",
            )),
        };
    };
    let shared = (path(values, "tls_cert"), path(values, "tls_key"));
    match (own, shared) {
        ((Some(cert), Some(key)), _) | ((None, None), (Some(cert), Some(key))) => {
            Ok(Some(LinkTlsSetting { cert, key, ca }))
        }
        _ => Err(values.invalid(
            "cluster_tls_ca",
            "it is set, but the node has no certificate: set cluster_tls_cert and cluster_tls_key",
        )),
    }
}

fn path(values: &Values, key: &str) -> Option<PathBuf> {
    Some(values.text(key))
        .filter(|text| !text.is_empty())
        .map(PathBuf::from)
}
