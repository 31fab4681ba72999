//! Keys by `kid`, for rotation: `[[keys]]` in the settings file.

use std::path::Path;

use serde::Deserialize;

use super::error::SettingsError;
use super::layers::{Origin, expand_secret};
use crate::http::auth::{KeyKind, KeySetting};

/// One `[[keys]]` of the file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyTable {
    /// Its name in tokens.
    pub kid: String,
    /// Secret of HS256; `@FILE` reads it from a file.
    pub secret: Option<String>,
    /// Public key of EdDSA in PEM; `@FILE` reads it from a file.
    pub public_key: Option<String>,
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyTable")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// Reads all keys of a file.
pub(super) fn read(path: &Path, value: toml::Value) -> Result<Vec<KeyTable>, SettingsError> {
    let invalid = |detail: String| SettingsError::Invalid {
        origin: Origin::File(path.to_owned(), "keys".to_owned()),
        detail,
    };
    let mut keys: Vec<KeyTable> = value.try_into().map_err(|error: toml::de::Error| {
        invalid(format!(
            "expected [[keys]] with kid, and secret or public_key: {}",
            error.message()
        ))
    })?;
    for key in &mut keys {
        if key.secret.is_some() == key.public_key.is_some() {
            return Err(invalid(format!(
                "the key {:?} needs either secret or public_key",
                key.kid
            )));
        }
        key.secret = key.secret.take().map(expand_secret).transpose()?;
        key.public_key = key.public_key.take().map(expand_secret).transpose()?;
    }
    Ok(keys)
}

impl KeyTable {
    /// As the API takes it.
    pub fn to_setting(&self) -> KeySetting {
        let kind = match (&self.secret, &self.public_key) {
            (Some(secret), _) => KeyKind::Hs256Secret(secret.clone()),
            (None, pem) => KeyKind::EdDsaPem(pem.clone().unwrap_or_default()),
        };
        KeySetting {
            kid: Some(self.kid.clone()),
            kind,
        }
    }
}
