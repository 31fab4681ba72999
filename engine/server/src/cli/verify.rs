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
    /// The store: embedded:DIR
    #[arg(long)]
    store: String,
    /// Print one JSON object: shards, events, players, grants, faults
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(arguments: &VerifyArguments) -> Result<(), CliError> {
    let report = with_stopped_store(&arguments.store, Verify)??;
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

struct Verify;

impl WithBackend for Verify {
    type Output = Result<VerifyReport, CliError>;

    fn run<B: Backend>(self, backend: B) -> Self::Output {
        let report = verify_store(&backend);
        close(&backend)?;
        report
    }
}

/// Checks a store that no engine runs on.
pub(super) fn verify_store<B: Backend>(backend: &B) -> Result<VerifyReport, CliError> {
    let prefix = node::Settings::default().prefix;
    run_offline(backend, async |host| {
        node::verify::verify(&host, &prefix).await
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
