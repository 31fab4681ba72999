//! PostgreSQL with `synchronous_commit=on`.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use super::process::{Process, output};
use super::{About, Check, Folder, Peer, free_address};
use crate::error::BenchError;
use crate::protocol::Target;
use crate::protocol::postgres::{PostgresTarget, USER, login, query};
use crate::workload::{STOCK, TREASURES};

const PACKAGE: &str = "postgresql";

/// Where Debian puts the programs, by version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What is set for it beyond its defaults: more connections, and memory as usual on a small host.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=1100",
    "shared_buffers=512MB",
    "synchronous_commit=on",
    "fsync=on",
    "full_page_writes=on",
    "max_wal_size=8GB",
];

const CLAIM: &str = include_str!("../../claim-postgres.sql");

/// A PostgreSQL that the harness started.
pub(super) struct Postgres {
    process: Process,
    address: SocketAddr,
    target: PostgresTarget,
    about: About,
}

impl Postgres {
    pub(super) fn start(folder: &Folder) -> Result<Self, BenchError> {
        let programs = programs()?;
        let place = folder.place("postgres")?;
        let user = unprivileged()?;
        if let Some((uid, gid)) = user {
            chown(&place, Some(uid), Some(gid))
                .map_err(BenchError::io("giving PostgreSQL its folder"))?;
        }
        let data = place.join("data");
        let mut initdb = Command::new(programs.join("initdb"));
        initdb
            .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .arg(format!("--username={USER}"))
            .arg("-D")
            .arg(&data);
        output(lowered(initdb, user, &place), PACKAGE)?;
        let address = free_address()?;
        let mut command = Command::new(programs.join("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &address.port().to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let log = place.join("log");
        // Fast shutdown: clients are told to go.
        let mut process =
            Process::start(lowered(command, user, &place), &log, PACKAGE)?.stopped_by(Signal::INT);
        process.wait_ready(|| login(address).is_ok())?;
        let mut shake = login(address)?;
        query(&mut shake, CLAIM)?;
        let stock = format!(
            "INSERT INTO stock SELECT i, {STOCK} FROM generate_series(0, {}) i",
            TREASURES - 1
        );
        query(&mut shake, &stock)?;
        let version = query(&mut shake, "SHOW server_version")?.unwrap_or_default();
        let synced = query(&mut shake, "SHOW synchronous_commit")?;
        if synced.as_deref() != Some("on") {
            return Err(BenchError::Untrue(
                "PostgreSQL does not sync before it answers".to_owned(),
            ));
        }
        Ok(Self {
            process,
            address,
            target: PostgresTarget::new(address),
            about: About {
                version: format!("PostgreSQL {version}"),
                durability: "synchronous_commit=on, fsync=on: the write-ahead log is synced before a commit is answered".to_owned(),
            },
        })
    }
}

impl Peer for Postgres {
    fn target(&self) -> &dyn Target {
        &self.target
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn processes(&self) -> Vec<u32> {
        let parent = self.process.id();
        let path = format!("/proc/{parent}/task/{parent}/children");
        let children = fs::read_to_string(path).unwrap_or_default();
        let children = children.split_ascii_whitespace();
        std::iter::once(parent)
            .chain(children.filter_map(|id| id.parse().ok()))
            .collect()
    }

    fn finish(self: Box<Self>) -> Result<Check, BenchError> {
        let mut shake = login(self.address)?;
        shake.patience(std::time::Duration::from_secs(120))?;
        let events = query(&mut shake, "SELECT count(*) FROM events")?;
        drop(shake);
        self.process.stop()?;
        Ok(Check {
            events: events.and_then(|events| events.parse().ok()),
            faults: None,
        })
    }
}

/// The folder of the newest PostgreSQL that is installed.
fn programs() -> Result<PathBuf, BenchError> {
    let missing = || BenchError::Missing {
        program: "postgres".to_owned(),
        package: PACKAGE,
    };
    let versions = fs::read_dir(DEBIAN).map_err(|_| missing())?;
    versions
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs
                .join("postgres")
                .exists()
                .then_some((version, programs))
        })
        .max()
        .map(|(_, programs)| programs)
        .ok_or_else(missing)
}

/// The user and group to run as, if this is root: PostgreSQL refuses to be that. Debian's package makes `postgres`.
fn unprivileged() -> Result<Option<(u32, u32)>, BenchError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(BenchError::io("reading /etc/passwd"))?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    ids.map(Some).ok_or_else(|| {
        BenchError::Usage(
            "PostgreSQL does not run as root, and there is no user `postgres`: run hunt-bench as another user".to_owned(),
        )
    })
}

fn lowered(mut command: Command, user: Option<(u32, u32)>, place: &Path) -> Command {
    command.current_dir(place);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
