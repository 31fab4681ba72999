//! `drain`: has a running node hand its shards over to the others, before it is stopped or restarted.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use super::error::CliError;
use super::operator::{Answer, Operator};
use super::token::{make_token, signing_secret};
use super::ttl::parse_ttl;
use super::{environment, output};
use crate::http::auth::Role;
use crate::settings::{SettingFlags, Settings};

/// How often the node is asked how far it is.
const POLL: Duration = Duration::from_millis(200);
/// How long the token of this command holds beyond the command's patience.
const TOKEN_SPARE: Duration = Duration::from_secs(60);

/// Has a node of a cluster hand all its shards over to the other nodes
///
/// The node goes on serving meanwhile and forwards what it no longer owns, so no client notices. It takes no shard again
/// until its process is restarted, and /readyz is 503 from now on.
#[derive(Args)]
#[command(after_help = "\
A rolling restart, node by node:
  hunt-engine drain --url http://10.0.0.5:7117 && systemctl restart hunt-engine
SIGTERM hands the shards over too; drain first if something else has to happen in between.

Exit codes:
  0  the node has no shard any more
  1  it refused (it is alone, or nobody is there to take its shards), was not done in time, or could not be reached
  2  wrong arguments or settings")]
pub(super) struct DrainArguments {
    /// Where the node listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7117")]
    url: String,
    /// Stop the node once it has handed all over, as SIGTERM does
    #[arg(long)]
    stop: bool,
    /// How long to wait: 30s, 5m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_ttl)]
    timeout: Duration,
    /// Certificates of who signed the node's, a PEM file; for https
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// An operator's token; without it one is signed with the secret of the settings
    #[arg(long, value_name = "TOKEN", env = "HUNT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Settings file
    #[arg(long, value_name = "FILE", env = "HUNT_CONFIG")]
    config: Option<PathBuf>,
}

pub(super) fn drain(arguments: &DrainArguments) -> Result<(), CliError> {
    let token = match &arguments.token {
        Some(token) => token.clone(),
        None => sign(arguments)?,
    };
    let operator = Operator::new(&arguments.url, &token, arguments.ca.as_deref())?;
    let deadline = Instant::now() + arguments.timeout;
    let body = format!(r#"{{"stop":{}}}"#, arguments.stop);
    let mut last_left = None;
    loop {
        let left = match operator.post("/v1/cluster/drain", &body)? {
            Answer { status: 200, body } => shards_left(&body)?,
            // Too busy to say: it is asked again.
            Answer {
                status: 429 | 503, ..
            } => None,
            refused => return Err(CliError::Faults(refused.explain())),
        };
        match left {
            Some(0) => break,
            Some(left) if last_left != Some(left) => {
                output::note(format_args!("{left} shards left"));
                last_left = Some(left);
            }
            _ => {}
        }
        if Instant::now() >= deadline {
            return Err(CliError::Faults(format!(
                "not done within {} s: the node goes on handing over; ask again, or look at /v1/cluster",
                arguments.timeout.as_secs()
            )));
        }
        std::thread::sleep(POLL);
    }
    let stopping = if arguments.stop { ", and it stops" } else { "" };
    output::say(format_args!(
        "drained: the node at {} has no shard any more{stopping}",
        arguments.url
    ));
    Ok(())
}

fn sign(arguments: &DrainArguments) -> Result<String, CliError> {
    let flags = SettingFlags::default();
    let settings = Settings::load(&flags, arguments.config.clone(), &environment)?;
    let secret = signing_secret(&settings).ok_or_else(|| {
        CliError::Usage(
            "no operator's token: give one with --token or HUNT_TOKEN, or the node's own HUNT_JWT_SECRET to sign one with"
                .to_owned(),
        )
    })?;
    Ok(make_token(
        secret,
        "operator",
        Role::Operator,
        arguments.timeout + TOKEN_SPARE,
    ))
}

fn shards_left(body: &Value) -> Result<Option<u64>, CliError> {
    let left = body["shards_left"].as_u64();
    left.map(Some).ok_or_else(|| {
        CliError::Faults("the node's answer makes no sense: is it a hunt-engine?".to_owned())
    })
}
