//! `hunt-sim export`: histories for checkers that others wrote.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sim::outcome::RunOptions;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output;
use super::replay::failure_json;
use super::source::Source;
use crate::simulator::run_caught;

/// Writes what clients saw for Elle (EDN) and Porcupine (JSON)
///
/// elle.edn: each treasure is a list, each grant an append, each full read of a hunt's events a read. porcupine.json: each
/// treasure is a counter that players take from. docs/simulator.md says how to check them.
#[derive(Args, Debug)]
pub(super) struct ExportArguments {
    /// A seed, or a file with a plan
    #[arg(value_name = "SEED|FILE")]
    source: Source,
    #[command(flatten)]
    draw: DrawArguments,
    /// Folder to write into; made if it is not there
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Writes them.
pub(super) fn export(arguments: &ExportArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine, &arguments.draw)?;
    let folder = &arguments.output;
    if folder.exists() && !folder.is_dir() {
        let what = format!("--output: {} is no folder", folder.display());
        return Err(CliError::Usage(what));
    }
    std::fs::create_dir_all(folder).map_err(|e| CliError::writing(folder, e))?;
    let outcome = run_caught(&engine, &plan, RunOptions::default())
        .map_err(|panicked| CliError::Faults(format!("the run panicked: {}", panicked.detail)))?;
    let mut written = Vec::new();
    for (name, text) in crate::export::files(&outcome) {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|e| CliError::writing(&file, e))?;
        written.push(file.display().to_string());
    }
    match arguments.json {
        true => output::say(json!({
            "files": written,
            "failed": outcome.failure.as_ref().map(failure_json),
        })),
        false => output::say_lines(written.into_iter()),
    }
}
