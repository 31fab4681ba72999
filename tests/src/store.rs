//! Where the store of a test is: a directory, or the same behind FoundationDB's C API.
//!
//! A test names a directory and gets an embedded store in it. With `HUNT_TEST_STORE=fdb` the engine is told `--store fdb:`
//! instead: on the cluster of `FDB_CLUSTER_FILE` if that is set, under a prefix that stands for the directory; else in the
//! directory, which the library `fdb-c` opens in a cluster's place. `HUNT_FDB_LIBRARY` tells the engine which library to load.

use std::path::Path;
use std::process::Command;

/// What all prefixes of tests begin with, unless `HUNT_TEST_PREFIX` says otherwise.
const PREFIX: &str = "hunt-test/";

/// A store, as the program is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreUnderTest {
    /// The value of `--store`.
    pub location: String,
    /// The setting `prefix`, where a cluster holds more than one store.
    pub prefix: Option<String>,
}

impl StoreUnderTest {
    /// The store that stands for `path`.
    ///
    /// # Panics
    ///
    /// If a file that names it can't be written.
    pub fn of(path: &Path) -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if variable("HUNT_TEST_STORE").as_deref() != Some("fdb") {
            return Self::embedded(path);
        }
        match variable("FDB_CLUSTER_FILE") {
            Some(cluster_file) => {
                let prefix = variable("HUNT_TEST_PREFIX").unwrap_or_else(|| PREFIX.to_owned());
                Self::on_cluster(&cluster_file, &prefix, path)
            }
            None => Self::behind_fdb_c(path),
        }
    }

    fn embedded(path: &Path) -> Self {
        Self {
            location: format!("embedded:{}", path.display()),
            prefix: None,
        }
    }

    fn on_cluster(cluster_file: &str, prefix: &str, path: &Path) -> Self {
        let mut names = path.iter().rev().map(|name| name.to_string_lossy());
        let (store, folder) = (names.next(), names.next());
        let folder = folder.unwrap_or_default();
        Self {
            location: format!("fdb:{cluster_file}"),
            prefix: Some(format!("{prefix}{folder}/{}", store.unwrap_or_default())),
        }
    }

    fn behind_fdb_c(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".cluster");
        let cluster_file = Path::new(&name);
        std::fs::write(cluster_file, format!("embedded:{}\n", path.display())).unwrap();
        Self {
            location: format!("fdb:{}", cluster_file.display()),
            prefix: None,
        }
    }

    /// Tells a command of it.
    pub fn tell(&self, command: &mut Command) {
        command.args(["--store", &self.location]);
        if let Some(prefix) = &self.prefix {
            command.args(["--prefix", prefix]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_on_one_cluster_have_prefixes_of_their_own() {
        let of = |path: &str| StoreUnderTest::on_cluster("c", "p/", Path::new(path));
        let expected = StoreUnderTest {
            location: "fdb:c".to_owned(),
            prefix: Some("p/hunt-kill-7/store".to_owned()),
        };
        assert_eq!(of("/tmp/hunt-kill-7/store"), expected);
        assert_ne!(of("/tmp/hunt-kill-8/store"), expected);
        assert_ne!(of("/tmp/hunt-kill-7/other"), expected);
    }
}
