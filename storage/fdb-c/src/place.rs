//! Where a database is: what may stand in a cluster file's place.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use store::StoreError;

use crate::errors::code;

/// FoundationDB's name of a cluster file in the working directory.
const DEFAULT_FILE: &str = "fdb.cluster";

/// Where FoundationDB's packages put a cluster file.
const DEFAULT_SYSTEM_FILE: &str = "/etc/foundationdb/fdb.cluster";

/// The variable that names a cluster file where a program does not.
const DEFAULT_VARIABLE: &str = "FDB_CLUSTER_FILE";

/// No cluster file is longer.
const FILE_BYTES_MAX: u64 = 100_000;

/// A store, and how the caller named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) store: StoreName,
    /// The path or the text that was given: `\xff\xff/cluster_file_path`.
    pub(crate) location: String,
}

/// A store that this library can open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StoreName {
    /// An embedded store in a directory.
    Embedded(PathBuf),
    /// A store in memory, shared by all of this process who name it so.
    Memory(String),
}

impl Place {
    /// The place that `path` names: `embedded:DIR`, `memory`, `memory:NAME`, a directory, or a file whose one
    /// line is one of the first three (a directory there is relative to the file). The empty path is
    /// `$FDB_CLUSTER_FILE`, `./fdb.cluster` or `/etc/foundationdb/fdb.cluster`, the first that there is.
    pub(crate) fn of_path(path: &OsStr) -> Result<Self, StoreError> {
        if path.is_empty() {
            return Self::of_path(default_path()?.as_os_str());
        }
        let location = path.to_string_lossy().into_owned();
        if let Some(store) = StoreName::parse(&location, Path::new("")) {
            return Ok(Self { store, location });
        }
        let path = Path::new(path);
        if path.is_dir() {
            let store = StoreName::Embedded(absolute(path));
            return Ok(Self { store, location });
        }
        let store = StoreName::of_text(&read(path)?, path.parent(), &location)?;
        Ok(Self { store, location })
    }

    /// The place that a connection string names: `embedded:DIR`, `memory` or `memory:NAME`.
    pub(crate) fn of_connection_string(text: &str) -> Result<Self, StoreError> {
        let store = StoreName::of_text(text, None, "the connection string")?;
        Ok(Self {
            store,
            location: String::new(),
        })
    }
}

impl StoreName {
    /// What stands for a connection string: `\xff\xff/connection_string`.
    pub(crate) fn connection_string(&self) -> String {
        match self {
            Self::Embedded(path) => format!("embedded:{}", path.display()),
            Self::Memory(name) if name.is_empty() => "memory".to_owned(),
            Self::Memory(name) => format!("memory:{name}"),
        }
    }

    fn parse(text: &str, folder: &Path) -> Option<Self> {
        if let Some(directory) = text.strip_prefix("embedded:") {
            return (!directory.is_empty())
                .then(|| Self::Embedded(absolute(&folder.join(directory))));
        }
        match text.strip_prefix("memory") {
            Some("") => Some(Self::Memory(String::new())),
            Some(name) => name
                .strip_prefix(':')
                .map(|name| Self::Memory(name.to_owned())),
            None => None,
        }
    }

    fn of_text(text: &str, folder: Option<&Path>, source: &str) -> Result<Self, StoreError> {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let parsed = match lines.as_slice() {
            [line] => Self::parse(line, folder.unwrap_or(Path::new(""))),
            _ => None,
        };
        parsed.ok_or_else(|| match lines.as_slice() {
            [line] if is_cluster(line) => StoreError::with_context(
                code::UNSUPPORTED_OPERATION,
                format!(
                    "{source} describes a FoundationDB cluster ({line}), but this libfdb_c has no network: \
                     put FoundationDB's own libfdb_c.so in its place, or name embedded:DIR or memory"
                ),
            ),
            _ => StoreError::with_context(
                code::CONNECTION_STRING_INVALID,
                format!("{source} must hold one line: embedded:DIR, memory or memory:NAME"),
            ),
        })
    }
}

/// Whether `text` is `description:id@address:port,…`.
fn is_cluster(text: &str) -> bool {
    let Some((name, addresses)) = text.split_once('@') else {
        return false;
    };
    name.contains(':') && addresses.split(',').all(|address| address.contains(':'))
}

fn default_path() -> Result<PathBuf, StoreError> {
    if let Some(path) = std::env::var_os(DEFAULT_VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let found = [DEFAULT_FILE, DEFAULT_SYSTEM_FILE]
        .map(Path::new)
        .into_iter()
        .find(|path| path.exists());
    found.map(Path::to_path_buf).ok_or_else(|| {
        StoreError::with_context(
            code::NO_CLUSTER_FILE_FOUND,
            format!(
                "no database was named: give embedded:DIR, memory, or a file that holds one of these; or put \
                 it in ${DEFAULT_VARIABLE}, ./{DEFAULT_FILE} or {DEFAULT_SYSTEM_FILE}"
            ),
        )
    })
}

fn read(path: &Path) -> Result<String, StoreError> {
    let fails = |code: i32, why: String| {
        Err(StoreError::with_context(
            code,
            format!("{}: {why}", path.display()),
        ))
    };
    match fs::metadata(path) {
        Ok(found) if found.len() > FILE_BYTES_MAX => fails(
            code::FILE_TOO_LARGE,
            format!("{} bytes are no cluster file", found.len()),
        ),
        Ok(_) => fs::read_to_string(path)
            .or_else(|error| fails(code::FILE_NOT_READABLE, error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let why = "there is no such file; a new store is named embedded:DIR".to_owned();
            fails(code::NO_CLUSTER_FILE_FOUND, why)
        }
        Err(error) => fails(code::FILE_NOT_READABLE, error.to_string()),
    }
}

/// So that one directory has one name, wherever the process goes.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(name: &str) -> StoreName {
        StoreName::Memory(name.to_owned())
    }

    fn of(path: &Path) -> Result<StoreName, i32> {
        Place::of_path(path.as_os_str())
            .map(|place| place.store)
            .map_err(|error| error.code())
    }

    #[test]
    fn words_name_stores() {
        assert_eq!(of(Path::new("memory")), Ok(memory("")));
        assert_eq!(of(Path::new("memory:a b")), Ok(memory("a b")));
        assert_eq!(
            of(Path::new("embedded:/no/where")),
            Ok(StoreName::Embedded("/no/where".into()))
        );
        let place = Place::of_path(OsStr::new("memory:x")).unwrap();
        assert_eq!(
            (place.location.as_str(), place.store.connection_string()),
            ("memory:x", "memory:x".to_owned())
        );
    }

    #[test]
    fn a_directory_is_a_store_and_a_file_names_one() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        assert_eq!(of(&here), Ok(StoreName::Embedded(here.clone())));
        let file = here.join("fdb.cluster");
        for (text, expected) in [
            (
                "# ours\nembedded:data\n",
                Ok(StoreName::Embedded(here.join("data"))),
            ),
            ("\n memory:m # in memory\n", Ok(memory("m"))),
            (
                "docker:docker@127.0.0.1:4500,10.0.0.1:4500\n",
                Err(code::UNSUPPORTED_OPERATION),
            ),
            ("", Err(code::CONNECTION_STRING_INVALID)),
            ("memory\nmemory\n", Err(code::CONNECTION_STRING_INVALID)),
            ("embedded:", Err(code::CONNECTION_STRING_INVALID)),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(of(&file), expected, "{text}");
        }
        assert_eq!(of(&here.join("absent")), Err(code::NO_CLUSTER_FILE_FOUND));
    }

    #[test]
    fn a_connection_string_names_a_store() {
        let of = |text| {
            Place::of_connection_string(text)
                .map(|place| place.store)
                .map_err(|error| error.code())
        };
        assert_eq!(of("memory"), Ok(memory("")));
        assert_eq!(of("a:b@127.0.0.1:4500"), Err(code::UNSUPPORTED_OPERATION));
        assert_eq!(of("nonsense"), Err(code::CONNECTION_STRING_INVALID));
    }
}
