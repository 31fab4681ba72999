//! `hunt-sim report`: a run as a page to look at.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sim::outcome::RunOptions;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output;
use super::source::Source;
use super::span::parse_span;
use crate::simulator::run_caught;

/// Draws a run as one HTML page: nodes, clients, messages, faults, leases, and where it failed
#[derive(Args, Debug)]
pub(super) struct ReportArguments {
    /// A seed, or a file with a plan (a shrunk one is easiest to read)
    #[arg(value_name = "SEED|FILE")]
    source: Source,
    #[command(flatten)]
    draw: DrawArguments,
    /// Where to write the page
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Stop at this virtual time
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    until: Option<Duration>,
}

/// Writes the page.
pub(super) fn report(arguments: &ReportArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine)?;
    let options = RunOptions {
        trace: true,
        until_us: arguments
            .until
            .map(|span| u64::try_from(span.as_micros()).unwrap_or(u64::MAX)),
    };
    let outcome = run_caught(&engine, &plan, options)
        .map_err(|panicked| CliError::Faults(format!("the run panicked: {}", panicked.detail)))?;
    let file = &arguments.output;
    std::fs::write(file, crate::report::page(&plan, &outcome))
        .map_err(|e| CliError::writing(file, e))?;
    output::say(file.display());
    Ok(())
}
