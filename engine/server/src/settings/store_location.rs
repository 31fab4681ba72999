//! Where the store is.

use std::fmt;
use std::path::PathBuf;

/// A store, as `--store` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// In a directory of this machine.
    Embedded(PathBuf),
    /// On the FoundationDB cluster of this cluster file.
    Fdb(PathBuf),
    /// In memory; gone at the end.
    Memory,
}

/// What may be written.
#[cfg(feature = "fdb")]
const EXPECTED: &str = "expected embedded:DIR, fdb:CLUSTER_FILE or memory";
#[cfg(not(feature = "fdb"))]
const EXPECTED: &str = "expected embedded:DIR or memory";

impl StoreLocation {
    /// Whether several processes can use it at once.
    pub fn is_shared(&self) -> bool {
        match self {
            Self::Embedded(_) | Self::Memory => false,
            Self::Fdb(_) => true,
        }
    }

    /// Reads `embedded:DIR`, `fdb:CLUSTER_FILE` or `memory`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("embedded", directory)) if !directory.is_empty() => {
                Ok(Self::Embedded(directory.into()))
            }
            Some(("fdb", _)) if cfg!(not(feature = "fdb")) => Err(format!(
                "this program was built without FoundationDB; build it with \
                 `cargo build --release -p server --features fdb`, which needs libclang: {EXPECTED}"
            )),
            Some(("fdb", cluster_file)) if !cluster_file.is_empty() => {
                Ok(Self::Fdb(cluster_file.into()))
            }
            None if text == "memory" => Ok(Self::Memory),
            _ => Err(EXPECTED.to_owned()),
        }
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(directory) => write!(f, "embedded:{}", directory.display()),
            Self::Fdb(cluster_file) => write!(f, "fdb:{}", cluster_file.display()),
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
        for text in ["", "embedded", "embedded:", "memory:x", "disk:/x", "fdb:"] {
            assert!(
                StoreLocation::parse(text).is_err_and(|error| error.contains(EXPECTED)),
                "{text}"
            );
        }
    }

    #[test]
    fn foundationdb_is_taken_or_its_absence_explained() {
        let parsed = StoreLocation::parse("fdb:/etc/foundationdb/fdb.cluster");
        if cfg!(feature = "fdb") {
            assert_eq!(
                parsed.map(|location| location.to_string()),
                Ok("fdb:/etc/foundationdb/fdb.cluster".to_owned())
            );
        } else {
            assert!(parsed.is_err_and(|error| error.contains("built without FoundationDB")));
        }
    }
}
