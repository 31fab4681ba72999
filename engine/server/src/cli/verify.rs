//! `verify`: is everything in a store in order?

use clap::Args;
use node::verify::VerifyReport;

use super::backends::{WithBackend, with_stopped_store};
use super::error::CliError;
use super::output;
use crate::runtime::{Backend, StartError, run_offline};

/// Checks the store of a stopped engine: checksums, gaps, epochs, rows, stock, double grants
#[derive(Args)]
#[command(after_help = "Writes nothing. Exits with 1 if anything is wrong.")]
pub(super) struct VerifyArguments {
    /// The store: embedded:DIR, or fdb:CLUSTER_FILE
    #[arg(long)]
    store: String,
    /// What all keys of the store begin with, as it was set for the engine
    #[arg(long, env = "HUNT_PREFIX", default_value = "hunt", value_parser = parse_prefix)]
    prefix: Prefix,
    /// Print one JSON object: shards, events, players, grants, faults
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(arguments: &VerifyArguments) -> Result<(), CliError> {
    let report = with_stopped_store(&arguments.store, Verify(&arguments.prefix))??;
    if arguments.json {
        output::say(serde_json::to_string(&report).expect("a report is plain data"));
    } else {
        print(&report);
    }
    if report.is_clean() {
        Ok(())
    } else {
        Err(CliError::Faults(format!(
            "{} faults found",
            report.faults_found
        )))
    }
}

/// The prefix of all keys.
#[derive(Clone, Debug)]
pub(super) struct Prefix(pub(super) Vec<u8>);

/// Reads a prefix as the setting of this name is read.
pub(super) fn parse_prefix(text: &str) -> Result<Prefix, String> {
    crate::settings::parse_prefix(text).map(Prefix)
}

struct Verify<'a>(&'a Prefix);

impl WithBackend for Verify<'_> {
    type Output = Result<VerifyReport, CliError>;

    fn run<B: Backend>(self, backend: B) -> Self::Output {
        let report = verify_store(&backend, &self.0.0);
        close(&backend)?;
        report
    }
}

/// Checks a store that no engine runs on.
pub(super) fn verify_store<B: Backend>(
    backend: &B,
    prefix: &[u8],
) -> Result<VerifyReport, CliError> {
    run_offline(backend, async |host| {
        node::verify::verify(&host, prefix).await
    })
    .map_err(StartError::into)
    .and_then(|report| report.map_err(|error| CliError::Store(error.to_string())))
}

/// Closes a store that was read.
pub(super) fn close<B: Backend>(backend: &B) -> Result<(), CliError> {
    backend
        .close()
        .map_err(|error| CliError::Store(format!("the store did not close well: {error}")))
}

fn print(report: &VerifyReport) {
    let VerifyReport {
        shards,
        events,
        players,
        grants,
        batches,
        rows,
        ..
    } = report;
    output::say(format_args!(
        "{shards} shards, {events} events in {batches} batches, {players} players, {grants} grants, {rows} rows compared"
    ));
    for fault in &report.faults {
        let kind = serde_json::to_value(fault.kind).expect("a kind is a name");
        let kind = kind.as_str().unwrap_or_default();
        output::say(format_args!(
            "shard {} after {}: {kind}: {}",
            fault.shard, fault.seq, fault.detail
        ));
    }
    match report.faults_found {
        0 => output::say("no faults"),
        found => output::say(format_args!("{found} faults")),
    };
}
