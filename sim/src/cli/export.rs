//! `hunt-sim export`: histories for checkers that others wrote.

use std::path::PathBuf;

use clap::Args;
use sim::outcome::RunOptions;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output;
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
}

/// Writes them.
pub(super) fn export(arguments: &ExportArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine)?;
    let outcome = run_caught(&engine, &plan, RunOptions::default())
        .map_err(|panicked| CliError::Faults(format!("the run panicked: {}", panicked.detail)))?;
    let folder = &arguments.output;
    std::fs::create_dir_all(folder).map_err(|e| CliError::writing(folder, e))?;
    for (name, text) in crate::export::files(&outcome) {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|e| CliError::writing(&file, e))?;
        output::say(file.display());
    }
    Ok(())
}
