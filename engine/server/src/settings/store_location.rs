//! Where the store is.

use std::fmt;
use std::path::PathBuf;

/// A store, as `--store` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// In a directory of this machine.
    Embedded(PathBuf),
    /// In memory; gone at the end.
    Memory,
}

impl StoreLocation {
    /// Reads `embedded:DIR` or `memory`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("embedded", directory)) if !directory.is_empty() => {
                Ok(Self::Embedded(directory.into()))
            }
            Some(("fdb", _)) => Err(
                "this program was built without FoundationDB: expected embedded:DIR or memory"
                    .to_owned(),
            ),
            None if text == "memory" => Ok(Self::Memory),
            _ => Err("expected embedded:DIR or memory".to_owned()),
        }
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(directory) => write!(f, "embedded:{}", directory.display()),
            Self::Memory => f.write_str("memory"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_reads_as_it_is_written() {
        for text in ["embedded:./hunt-data", "embedded:/a:b", "memory"] {
            assert_eq!(
                StoreLocation::parse(text).map(|location| location.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "embedded",
            "embedded:",
            "memory:x",
            "disk:/x",
            "fdb:/etc/fdb.cluster",
        ] {
            assert!(
                StoreLocation::parse(text)
                    .is_err_and(|error| error.contains("expected embedded:DIR or memory")),
                "{text}"
            );
        }
    }
}
