//! The table of all settings: the file, the environment, the flags and `--help` all follow it.

use store::limits::TRANSACTION_BYTES_MAX;

use super::memory::MEMORY_MB_MIN;
use super::value::Kind;
use crate::connection::HEAD_BYTES_MIN;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the file; `HUNT_` and the name in capitals in the environment, with hyphens as a flag.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is if nobody says otherwise; empty: not set.
    pub default: &'static str,
    /// What it means.
    pub doc: &'static str,
}

pub(super) const ADDRESS_EXPECTED: &str =
    "expected an address and a port, such as 127.0.0.1:7117 or [::1]:7117";

const MS: &str = "ms";
/// The engine's own transactions must fit: a batch of events, or a flush of rows.
const FDB_SIZE_LIMIT_MIN: usize = 4 << 20;
const BYTES: &str = "bytes";
const HOUR_MS: u64 = 3_600_000;
/// Every JSON reader can hold a node's number exactly.
const NODE_MAX: u64 = (1 << 53) - 1;

/// All settings, in the order of `--help`.
pub const SETTINGS: &[Setting] = &[
    text(
        "listen",
        "127.0.0.1:7117",
        "Address and port to listen on; 0.0.0.0 is all addresses, port 0 any free port",
    ),
    text(
        "wire_listen",
        "",
        "Address and first port of the binary protocol of game servers, one port for each core; not set: it is off",
    ),
    text(
        "store",
        "embedded:./hunt-data",
        "Where the log lives: embedded:DIR, fdb:CLUSTER_FILE (FoundationDB), or memory (lost at the end)",
    ),
    text(
        "prefix",
        "hunt",
        "What all keys of the store begin with, 1 to 64 bytes; engines on one FoundationDB cluster share a log if they share it",
    ),
    text(
        "fdb_library",
        "libfdb_c.so",
        "FoundationDB's client library: a file, or a name that the system finds",
    ),
    number(
        "fdb_connect_timeout_ms",
        1,
        HOUR_MS,
        MS,
        "10000",
        "How long FoundationDB may take to answer at the start",
    ),
    number(
        "fdb_timeout_ms",
        0,
        HOUR_MS,
        MS,
        "5000",
        "How long a transaction on FoundationDB may take before another begins; 0 is no limit",
    ),
    Setting {
        kind: Kind::NumberOrAuto {
            min: 0,
            max: 1 << 20,
            unit: "",
        },
        ..text(
            "fdb_retry_limit",
            "auto",
            "How often a transaction on FoundationDB is tried again before its shard is opened anew; auto is no limit",
        )
    },
    number(
        "fdb_max_retry_delay_ms",
        0,
        HOUR_MS,
        MS,
        "1000",
        "The longest pause between two tries of a transaction on FoundationDB",
    ),
    number(
        "fdb_size_limit_bytes",
        FDB_SIZE_LIMIT_MIN as u64,
        TRANSACTION_BYTES_MAX as u64,
        BYTES,
        "10000000",
        "The largest transaction on FoundationDB",
    ),
    text(
        "cores",
        "all",
        "Cores to run on: all, a number of them, or a list such as 0,2-3",
    ),
    Setting {
        kind: Kind::Number {
            min: 1,
            max: 4_096,
            unit: "",
        },
        ..text(
            "shards",
            "64",
            "Parts that the hunts are spread over; fixed once a store was used",
        )
    },
    Setting {
        kind: Kind::NumberOrAuto {
            min: MEMORY_MB_MIN,
            max: 16 << 20,
            unit: "MiB",
        },
        ..text(
            "memory_mb",
            "auto",
            "Memory for everything together; auto is three quarters of what the machine, the cgroup or ulimit -v allows",
        )
    },
    secret(
        "jwt_secret",
        "Secret of tokens signed with HS256, at least 32 bytes; @FILE reads it from a file",
    ),
    secret(
        "jwt_public_key",
        "Public key of tokens signed with EdDSA, in PEM; @FILE reads it from a file",
    ),
    text(
        "tls_cert",
        "",
        "Certificate of the HTTP API, with those that vouch for it, a PEM file; not set: HTTP in clear. Read again at SIGHUP",
    ),
    text("tls_key", "", "Key of tls_cert, a PEM file"),
    text(
        "cluster_listen",
        "",
        "Address and port for the other nodes on the same store; not set: this node is alone on its store",
    ),
    text(
        "cluster_advertise",
        "",
        "How other nodes reach this one, a host and a port; not set: cluster_listen",
    ),
    secret(
        "cluster_secret",
        "Secret that all nodes of a cluster share, at least 32 bytes; @FILE reads it from a file",
    ),
    text(
        "cluster_tls_ca",
        "",
        "Certificates of who signs those of all nodes, a PEM file: links use TLS, and both sides show a certificate; not set: links in clear",
    ),
    text(
        "cluster_tls_cert",
        "",
        "Certificate of this node for links, for the host that it advertises, a PEM file; not set: tls_cert",
    ),
    text(
        "cluster_tls_key",
        "",
        "Key of cluster_tls_cert, a PEM file; not set: tls_key",
    ),
    Setting {
        kind: Kind::NumberOrAuto {
            min: 1,
            max: NODE_MAX,
            unit: "",
        },
        ..text(
            "node",
            "auto",
            "Number of this node in its cluster; no two may have the same. auto is made of the advertised address",
        )
    },
    number(
        "lease_ms",
        300,
        60_000,
        MS,
        "1500",
        "A node of a cluster that is silent for so long is taken for dead; the same on all nodes",
    ),
    Setting {
        kind: Kind::Choice(&["text", "json"]),
        ..text("log_format", "text", "How log lines look")
    },
    text(
        "log_level",
        "info",
        "Which log lines are written: error, warn, info, debug, trace, or a filter such as info,node=debug",
    ),
    number(
        "stop_timeout_ms",
        0,
        HOUR_MS,
        MS,
        "10000",
        "At SIGTERM: how long requests under way may take to finish",
    ),
    number(
        "connections_per_core_max",
        1,
        1 << 20,
        "",
        "16384",
        "Connections of one core; one more is answered 503. Memory may allow fewer",
    ),
    number(
        "head_bytes_max",
        HEAD_BYTES_MIN as u64,
        1 << 20,
        BYTES,
        "16384",
        "Size of the head of a request (431)",
    ),
    number(
        "headers_max",
        8,
        1_024,
        "",
        "64",
        "Headers of a request (431)",
    ),
    number(
        "head_timeout_ms",
        100,
        HOUR_MS,
        MS,
        "10000",
        "From the first byte of a request's head to its last (408)",
    ),
    number(
        "idle_timeout_ms",
        100,
        HOUR_MS,
        MS,
        "75000",
        "How long a connection may do nothing",
    ),
    number(
        "write_timeout_ms",
        100,
        HOUR_MS,
        MS,
        "30000",
        "How long a client may take no byte of its answer",
    ),
    number(
        "http2_streams_max",
        1,
        4_096,
        "",
        "128",
        "Requests at once on one HTTP/2 connection",
    ),
    number(
        "body_bytes_max",
        1 << 10,
        16 << 20,
        BYTES,
        "16384",
        "Body of one command (413)",
    ),
    number(
        "batch_bytes_max",
        1 << 10,
        256 << 20,
        BYTES,
        "4194304",
        "Body of /v1/batch (413)",
    ),
    number(
        "body_timeout_ms",
        100,
        HOUR_MS,
        MS,
        "10000",
        "How long a body may take to arrive (408)",
    ),
    number(
        "request_timeout_ms",
        100,
        HOUR_MS,
        MS,
        "10000",
        "How long an answer may take (503)",
    ),
    number(
        "requests_per_core_max",
        1,
        1 << 20,
        "",
        "16384",
        "Requests under way on one core (503)",
    ),
    number(
        "player_requests_per_s",
        0,
        1 << 20,
        "",
        "100",
        "Requests a second of one player, on average; 0 is no limit (429)",
    ),
    number(
        "feed_wait_max_ms",
        0,
        HOUR_MS,
        MS,
        "30000",
        "How long a reader of the feed may wait for news",
    ),
    number(
        "sse_streams_per_core_max",
        0,
        1 << 16,
        "",
        "256",
        "Event streams open on one core (503)",
    ),
    number(
        "batch_events_max",
        1,
        1 << 20,
        "",
        "16384",
        "Events of one shard that may wait for their commit (503)",
    ),
    number(
        "waiters_per_shard_max",
        1,
        1 << 20,
        "",
        "65536",
        "Answers of one shard that may wait for a commit (503)",
    ),
    number(
        "commit_stall_ms",
        10,
        HOUR_MS,
        MS,
        "2000",
        "How long the store may take over one commit before callers are told to come back later (503)",
    ),
    number(
        "ask_timeout_ms",
        10,
        HOUR_MS,
        MS,
        "3000",
        "How long one core waits for another's answer before it asks again; more than commit_stall_ms",
    ),
    number(
        "flush_after_ms",
        10,
        HOUR_MS,
        MS,
        "1000",
        "How long a changed row may wait until it is written",
    ),
    number(
        "dirty_rows_max",
        1,
        1 << 20,
        "",
        "16384",
        "Changed rows of one shard past which they are written at once",
    ),
];

const fn text(key: &'static str, default: &'static str, doc: &'static str) -> Setting {
    Setting {
        key,
        kind: Kind::Text,
        default,
        doc,
    }
}

const fn secret(key: &'static str, doc: &'static str) -> Setting {
    Setting {
        key,
        kind: Kind::Secret,
        default: "",
        doc,
    }
}

const fn number(
    key: &'static str,
    min: u64,
    max: u64,
    unit: &'static str,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        kind: Kind::Number { min, max, unit },
        default,
        doc,
    }
}

impl Setting {
    /// Finds a setting by its name.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Its variable in the environment.
    pub fn variable(&self) -> String {
        format!("HUNT_{}", self.key.to_ascii_uppercase())
    }

    /// Its flag, without the two hyphens.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_within_its_own_limits() {
        for setting in SETTINGS
            .iter()
            .filter(|setting| !setting.default.is_empty())
        {
            assert_eq!(
                setting.kind.check(setting.default),
                Ok(()),
                "{}",
                setting.key
            );
        }
    }

    #[test]
    fn no_two_settings_share_a_name() {
        for (at, setting) in SETTINGS.iter().enumerate() {
            assert!(
                SETTINGS[..at].iter().all(|other| other.key != setting.key),
                "{}",
                setting.key
            );
        }
    }

    #[test]
    fn one_name_gives_all_others() {
        let setting = Setting::find("head_timeout_ms").expect("it is in the table");
        assert_eq!(
            (setting.variable().as_str(), setting.flag().as_str()),
            ("HUNT_HEAD_TIMEOUT_MS", "head-timeout-ms")
        );
    }
}
