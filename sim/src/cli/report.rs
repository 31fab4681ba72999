//! `hunt-sim report`: a run as a page to look at.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use sim::outcome::RunOptions;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output;
use super::replay::failure_json;
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
    #[arg(long, value_name = "TIME", value_parser = parse_span, allow_hyphen_values = true)]
    until: Option<Duration>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Past this a browser needs patience.
const PAGE_BYTES_EASY: usize = 32 << 20;

/// Writes the page.
pub(super) fn report(arguments: &ReportArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine, &arguments.draw)?;
    let options = RunOptions {
        trace: true,
        until_us: arguments
            .until
            .map(|span| u64::try_from(span.as_micros()).unwrap_or(u64::MAX)),
    };
    let file = &arguments.output;
    output::expect_writable(file)?;
    let outcome = run_caught(&engine, &plan, options)
        .map_err(|panicked| CliError::Faults(format!("the run panicked: {}", panicked.detail)))?;
    let page = crate::report::page(&plan, &outcome);
    std::fs::write(file, &page).map_err(|e| CliError::writing(file, e))?;
    if page.len() > PAGE_BYTES_EASY {
        output::note(format_args!(
            "{} has {} MiB, which is slow to look at: use --until, or shrink the plan first",
            file.display(),
            page.len() >> 20
        ));
    }
    match arguments.json {
        true => output::say(json!({
            "file": file.display().to_string(),
            "bytes": page.len(),
            "failed": outcome.failure.as_ref().map(failure_json),
            "judged": outcome.is_judged,
        })),
        false => output::say(file.display()),
    }
}
