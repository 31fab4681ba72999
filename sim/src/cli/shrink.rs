//! `hunt-sim shrink`: the smallest plan that fails the same way.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sim::plan::Plan;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output::{self, Line};
use super::source::Source;
use crate::shrink::{RUNS_MAX, Shrunk, operations, shrink as smallest};

/// Makes a failing plan as small as it gets while the same oracle fails
///
/// Takes away faults, clients and operations by delta debugging, then shortens the run and makes settings plain, until
/// nothing more can go. The file holds the smallest one so far from the start. Keep the file in tests/scenarios once the bug is fixed: it is run as a test from then on.
#[derive(Args, Debug)]
pub(super) struct ShrinkArguments {
    /// A seed, or a file with a plan
    #[arg(value_name = "SEED|FILE")]
    source: Source,
    #[command(flatten)]
    draw: DrawArguments,
    /// Where to write the plan
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Stop after so many runs with what is reached
    #[arg(long, value_name = "N", default_value_t = RUNS_MAX)]
    runs: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Shrinks it.
pub(super) fn shrink(arguments: &ShrinkArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine, &arguments.draw)?;
    let file = &arguments.output;
    output::expect_writable(file)?;
    let write = |plan: &Plan| std::fs::write(file, pretty(plan));
    let mut line = Line::new();
    let shrunk = smallest(&engine, plan, arguments.runs, &mut |plan, runs| {
        line.show(progress(plan, runs));
        // Whoever has waited long enough finds there what is reached; the last one tells if it can't be written.
        let _ = write(plan);
    });
    line.end();
    let shrunk = shrunk?;
    write(&shrunk.plan).map_err(|e| CliError::writing(file, e))?;
    match arguments.json {
        true => output::say(as_json(arguments, &shrunk)),
        false => output::say(as_text(arguments, &shrunk)),
    }
}

/// The plan as a file that people read.
pub(super) fn pretty(plan: &Plan) -> String {
    let mut text = serde_json::to_string_pretty(plan).expect("a plan is plain data");
    text.push('\n');
    text
}

fn progress(plan: &Plan, runs: u32) -> String {
    format!(
        "run {runs}: {} clients, {} operations, {} disasters, {} ms",
        plan.clients.len(),
        operations(plan),
        plan.disasters.len(),
        plan.duration_ms
    )
}

fn as_json(arguments: &ShrinkArguments, shrunk: &Shrunk) -> serde_json::Value {
    json!({
        "file": arguments.output.display().to_string(),
        "oracle": shrunk.oracle,
        "faults": shrunk.faults,
        "clients": shrunk.plan.clients.len(),
        "commands": operations(&shrunk.plan),
        "duration_s": shrunk.plan.duration_ms as f64 / 1e3,
        "runs": shrunk.runs,
        "minimal": shrunk.minimal,
    })
}

fn as_text(arguments: &ShrinkArguments, shrunk: &Shrunk) -> String {
    let file = arguments.output.display();
    let end = match shrunk.minimal {
        true => "nothing more can be taken away".to_owned(),
        false => format!(
            "stopped by --runs {}; shrink the file again to go on",
            arguments.runs
        ),
    };
    format!(
        "oracle     {}\nfaults     {}\nclients    {}\noperations {}\nduration   {:.3} s\nafter {} runs: {end}\nreplay: cargo sim replay {file}",
        shrunk.oracle,
        shrunk.faults,
        shrunk.plan.clients.len(),
        operations(&shrunk.plan),
        shrunk.plan.duration_ms as f64 / 1e3,
        shrunk.runs,
    )
}
