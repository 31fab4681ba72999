//! Where a core listens.

use std::fmt;
use std::str::FromStr;

/// A host (name or address) and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Name or address, without brackets.
    pub host: String,
    /// The core's own port.
    pub port: u16,
}

/// A text that names no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address: write host:port, as 10.0.0.1:7118 or [::1]:7118")]
pub struct EndpointError(String);

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let error = || EndpointError(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(error)?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = match bare {
            Some(host) => host,
            // An address of version 6 without brackets: where its port begins can't be told.
            None if host.contains(':') => return Err(error()),
            None => host,
        };
        let port = port.parse().map_err(|_| error())?;
        if host.is_empty() || port == 0 {
            return Err(error());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_read_and_written() {
        for text in ["10.0.0.1:7118", "engine.example:1", "[::1]:7118"] {
            let endpoint: Endpoint = text.parse().expect("it names one");
            assert_eq!(endpoint.to_string(), text);
        }
        for text in [
            "",
            "engine",
            ":7118",
            "engine:0",
            "engine:70000",
            "::1:7118",
        ] {
            let error = text.parse::<Endpoint>().expect_err("it names none");
            assert!(error.to_string().contains("write host:port"), "{error}");
        }
    }
}
