//! What load to put on, and on what: shared by all subcommands.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use wire::COMMANDS_PER_FRAME_MAX;

use crate::workload::Workload;

/// Connections of one run: PostgreSQL is set up for a few more.
const CONNECTIONS_MAX: u64 = 1_024;

/// Requests under way on one connection.
const DEPTH_MAX: u64 = 4_096;

/// Generator threads: each is a core that the target does not have.
const THREADS_MAX: u64 = 64;

/// Hunts: each has at least one treasure.
const HUNTS_MAX: u64 = crate::workload::TREASURES;

#[derive(Args, Clone, Debug)]
pub(super) struct LoadArguments {
    /// The mix of commands
    #[arg(long, value_enum, default_value = "claim-spread")]
    pub(super) workload: Workload,
    /// Commands a second, planned ahead (open loop), or max: the next as soon as one is answered (closed loop)
    #[arg(long, value_parser = parse_rate, default_value = "max")]
    pub(super) rate: RateArgument,
    /// Plan the rate at random, as independent players come, instead of evenly
    #[arg(long)]
    pub(super) poisson: bool,
    /// Connections
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=CONNECTIONS_MAX))]
    pub(super) connections: u64,
    /// Requests under way on each connection
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=DEPTH_MAX))]
    pub(super) depth: u64,
    /// Commands of a request: a frame, a /v1/batch, a transaction, a pipeline
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=COMMANDS_PER_FRAME_MAX as u64))]
    pub(super) batch: u64,
    /// Seconds that are measured
    #[arg(long, default_value = "10", value_parser = parse_seconds, value_name = "S")]
    pub(super) duration: Duration,
    /// Seconds of the same load before
    #[arg(long, default_value = "2", value_parser = parse_seconds_or_none, value_name = "S")]
    pub(super) warm_up: Duration,
    /// Generator threads
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=THREADS_MAX))]
    pub(super) threads: u64,
    /// Decides the gaps of --poisson
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Hunts that the 1,000 treasures are spread over; the engine has each on one core
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=HUNTS_MAX))]
    pub(super) hunts: u64,
    /// The engine's cores, as `hunt-engine serve --cores` takes them
    #[arg(long, default_value = "all")]
    pub(super) cores: String,
    /// The engine's program; else hunt-engine beside this one
    #[arg(long, value_name = "PATH")]
    pub(super) engine: Option<PathBuf>,
    /// An engine that runs already, instead of starting one
    #[arg(long, requires = "token")]
    pub(super) address: Option<SocketAddr>,
    /// Token of role service for --address
    #[arg(long)]
    pub(super) token: Option<String>,
    /// Token of role operator for --address: puts and opens the hunts bench-0, bench-1, …
    #[arg(long, requires = "address")]
    pub(super) operator_token: Option<String>,
    /// Where that engine's HTTP API is, if --address is its wire port
    #[arg(long, requires = "operator_token", value_name = "ADDR")]
    pub(super) http_address: Option<SocketAddr>,
    /// Where the servers' data lives meanwhile; else the folder for temporary files
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// Measure a server that can't sync before it acknowledges, and say so
    #[arg(long)]
    pub(super) unsynced: bool,
    /// Print one JSON object: machine, runs, ratios
    #[arg(long)]
    pub(super) json: bool,
    /// Write response times as an HdrHistogram log, a line for each second
    #[arg(long, value_name = "FILE")]
    pub(super) hlog: Option<PathBuf>,
}

/// `--rate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RateArgument {
    Max,
    PerSecond(f64),
}

/// Commands a second that a plan may have: a nanosecond apart.
const RATE_MAX: f64 = 1e9;

pub(super) fn parse_rate(text: &str) -> Result<RateArgument, String> {
    if text == "max" {
        return Ok(RateArgument::Max);
    }
    let rate: f64 = text.replace('_', "").parse().unwrap_or(f64::NAN);
    match rate > 0.0 && rate <= RATE_MAX {
        true => Ok(RateArgument::PerSecond(rate)),
        false => Err("expected max, or commands a second such as 20000".to_owned()),
    }
}

/// The longest run: a day.
const SECONDS_MAX: f64 = 86_400.0;

pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    match parse_seconds_or_none(text)? {
        Duration::ZERO => Err("expected more than 0 seconds".to_owned()),
        duration => Ok(duration),
    }
}

fn parse_seconds_or_none(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text);
    let seconds: f64 = number.parse().unwrap_or(f64::NAN);
    match (0.0..=SECONDS_MAX).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("expected seconds such as 10 or 2.5, at most a day".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_or_max() {
        assert_eq!(parse_rate("max"), Ok(RateArgument::Max));
        assert_eq!(parse_rate("20_000"), Ok(RateArgument::PerSecond(20_000.0)));
        for wrong in ["", "fast", "0", "-1", "inf", "NaN"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn seconds_may_have_a_point_and_a_unit() {
        assert_eq!(parse_seconds("2.5"), Ok(Duration::from_millis(2_500)));
        assert_eq!(parse_seconds("3s"), Ok(Duration::from_secs(3)));
        assert!(parse_seconds("0").is_err());
        assert_eq!(parse_seconds_or_none("0"), Ok(Duration::ZERO));
        assert!(parse_seconds("-1").is_err());
    }
}
