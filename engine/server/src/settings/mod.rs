//! What an operator may set: one table, four places to say it.
//!
//! ```text
//!   flag  >  HUNT_… in the environment  >  settings file (TOML)  >  default
//!      └─────────────┴──────── table ────────┴──────────────┘
//!                                │ parsed, checked against its limits
//!                                ▼
//!                            Settings
//! ```

mod cluster;
mod cores;
mod error;
mod flags;
mod keys;
mod layers;
mod memory;
mod store_location;
mod table;
mod tls;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use cluster::ClusterSetting;
pub use cores::{CoreChoice, CoresError};
pub use error::SettingsError;
pub use flags::SettingFlags;
pub use keys::KeyTable;
pub use layers::{Environment, Origin, Values};
pub use memory::{CONNECTION_BYTES, MEMORY_MB_MIN, MemoryPlan, memory_available};
pub use store_location::StoreLocation;
pub use table::{SETTINGS, Setting};
pub use value::Kind;

use crate::connection::ConnectionSettings;
use crate::http::auth::{KeyKind, KeySetting};
use crate::tls::TlsSetting;

/// Everything that `serve` needs to know, parsed and within its limits.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the binary protocol is spoken, if it is: the first core's port.
    pub wire_listen: Option<SocketAddr>,
    /// The certificate of the HTTP API; none: it is in clear.
    pub tls: Option<TlsSetting>,
    /// How it shares its store with other nodes; none: it is alone on it.
    pub cluster: Option<ClusterSetting>,
    /// Where the store is.
    pub store: StoreLocation,
    /// How it is reached if it is FoundationDB.
    pub fdb: FdbLimits,
    /// Which cores to run on.
    pub cores: CoreChoice,
    /// Bytes that the process may use; none: a share of what the machine gives it.
    pub memory_bytes: Option<u64>,
    /// Keys that tokens are verified with.
    pub keys: Vec<KeySetting>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which are written, as `tracing` filters are.
    pub log_level: String,
    /// How long requests under way may take to finish at the end.
    pub stop_timeout: Duration,
    /// Limits of connections.
    pub connections: ConnectionSettings,
    /// Limits of the API.
    pub api: ApiLimits,
    /// The node's own settings; its shares of memory are still to be planned.
    pub node: node::Settings,
}

/// What may be set of a store on FoundationDB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FdbLimits {
    /// The client library.
    pub library: PathBuf,
    /// How long the cluster may take to answer at the start.
    pub connect_timeout: Duration,
    /// How long a transaction may take; zero: for ever.
    pub timeout: Duration,
    /// How often it is tried again; none: always.
    pub retry_limit: Option<u32>,
    /// The longest pause between two tries.
    pub max_retry_delay: Duration,
    /// Bytes of one transaction.
    pub size_limit_bytes: usize,
}

/// What may be set of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiLimits {
    /// Bytes of the body of one command.
    pub body_bytes_max: usize,
    /// Bytes of the body of a batch.
    pub batch_bytes_max: usize,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// Requests under way on one core.
    pub requests_per_core_max: usize,
    /// Requests a second of one player.
    pub player_requests_per_s: u32,
    /// How long a reader of the feed may ask to wait.
    pub feed_wait_max: Duration,
    /// Event streams open on one core.
    pub sse_streams_per_core_max: usize,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Settings {
    /// Reads all layers.
    pub fn load(
        flags: &SettingFlags,
        file: Option<PathBuf>,
        environment: &Environment<'_>,
    ) -> Result<Self, SettingsError> {
        Self::from_values(&Values::load(flags, file, environment)?)
    }

    fn from_values(values: &Values) -> Result<Self, SettingsError> {
        let ms = |key| Duration::from_millis(values.integer(key));
        let count = |key| values.integer(key) as usize;
        Ok(Self {
            listen: values.parse("listen", |text| {
                text.parse().map_err(|_| table::ADDRESS_EXPECTED.to_owned())
            })?,
            wire_listen: values.parse("wire_listen", |text| match text {
                "" => Ok(None),
                text => text
                    .parse()
                    .map(Some)
                    .map_err(|_| table::ADDRESS_EXPECTED.to_owned()),
            })?,
            tls: tls::read(values)?,
            cluster: ClusterSetting::read(values)?,
            store: values.parse("store", StoreLocation::parse)?,
            fdb: FdbLimits {
                library: values.text("fdb_library").into(),
                connect_timeout: ms("fdb_connect_timeout_ms"),
                timeout: ms("fdb_timeout_ms"),
                retry_limit: values
                    .integer_or_auto("fdb_retry_limit")
                    .map(|retries| retries as u32),
                max_retry_delay: ms("fdb_max_retry_delay_ms"),
                size_limit_bytes: count("fdb_size_limit_bytes"),
            },
            cores: values.parse("cores", |text| {
                CoreChoice::parse(text).map_err(|error| error.to_string())
            })?,
            memory_bytes: values.integer_or_auto("memory_mb").map(|mb| mb << 20),
            keys: read_keys(values),
            log_format: if values.text("log_format") == "json" {
                LogFormat::Json
            } else {
                LogFormat::Text
            },
            log_level: values.text("log_level").to_owned(),
            stop_timeout: ms("stop_timeout_ms"),
            connections: ConnectionSettings {
                connections_max: count("connections_per_core_max"),
                head_bytes_max: count("head_bytes_max"),
                headers_max: count("headers_max"),
                head_timeout: ms("head_timeout_ms"),
                idle_timeout: ms("idle_timeout_ms"),
                write_timeout: ms("write_timeout_ms"),
                streams_max: values.integer("http2_streams_max") as u32,
            },
            api: ApiLimits {
                body_bytes_max: count("body_bytes_max"),
                batch_bytes_max: count("batch_bytes_max"),
                body_timeout: ms("body_timeout_ms"),
                request_timeout: ms("request_timeout_ms"),
                requests_per_core_max: count("requests_per_core_max"),
                player_requests_per_s: values.integer("player_requests_per_s") as u32,
                feed_wait_max: ms("feed_wait_max_ms"),
                sse_streams_per_core_max: count("sse_streams_per_core_max"),
            },
            node: node::Settings {
                shards: values.integer("shards") as u16,
                prefix: values.parse("prefix", parse_prefix)?,
                batch_events_max: count("batch_events_max"),
                waiters_max: count("waiters_per_shard_max"),
                commit_stall: ms("commit_stall_ms"),
                ask_timeout: ms("ask_timeout_ms"),
                flush_after: ms("flush_after_ms"),
                dirty_rows_max: count("dirty_rows_max"),
                ..node::Settings::default()
            },
        })
    }
}

/// Bytes of the prefix: every key begins with it.
const PREFIX_BYTES_MAX: usize = 64;

/// Reads the prefix of all keys.
pub fn parse_prefix(text: &str) -> Result<Vec<u8>, String> {
    if (1..=PREFIX_BYTES_MAX).contains(&text.len()) {
        Ok(text.as_bytes().to_vec())
    } else {
        Err(format!("expected 1 to {PREFIX_BYTES_MAX} bytes"))
    }
}

fn read_keys(values: &Values) -> Vec<KeySetting> {
    let mut keys: Vec<KeySetting> = values.keys.iter().map(KeyTable::to_setting).collect();
    if let Some(secret) = values.secret("jwt_secret") {
        keys.push(KeySetting {
            kid: None,
            kind: KeyKind::Hs256Secret(secret.to_owned()),
        });
    }
    if let Some(pem) = values.secret("jwt_public_key") {
        keys.push(KeySetting {
            kid: None,
            kind: KeyKind::EdDsaPem(pem.to_owned()),
        });
    }
    keys
}

#[cfg(test)]
mod tests;
