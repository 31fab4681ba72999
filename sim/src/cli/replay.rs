//! `hunt-sim replay`: one run again, step by step if one likes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use sim::outcome::{Failure, Outcome, RunOptions};
use sim::plan::Plan;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use super::output;
use super::source::Source;
use super::span::parse_span;
use crate::campaign::{faults_by_kind, hash_text, timeline};
use crate::simulator::{Ran, failure, run_caught};

/// Runs one seed or plan again and tells what happened
#[derive(Args, Debug)]
pub(super) struct ReplayArguments {
    /// A seed, or a file with a plan
    #[arg(value_name = "SEED|FILE")]
    source: Source,
    #[command(flatten)]
    draw: DrawArguments,
    /// Print every step: time, hash so far, where, what
    #[arg(long)]
    trace: bool,
    /// Stop at this virtual time
    #[arg(long, value_name = "TIME", value_parser = parse_span, allow_hyphen_values = true)]
    until: Option<Duration>,
    /// Write the plan to this file, to read it or to change it by hand
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs it again.
pub(super) fn replay(arguments: &ReplayArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let plan = arguments.source.plan(&engine, &arguments.draw)?;
    if let Some(file) = &arguments.plan {
        std::fs::write(file, super::shrink::pretty(&plan))
            .map_err(|e| CliError::writing(file, e))?;
    }
    let options = RunOptions {
        trace: arguments.trace,
        until_us: arguments
            .until
            .map(|span| u64::try_from(span.as_micros()).unwrap_or(u64::MAX)),
    };
    let ran = run_caught(&engine, &plan, options);
    match arguments.json {
        true => output::say(as_json(&plan, &ran, arguments.trace))?,
        false => say_text(&plan, &ran)?,
    }
    match failure(&ran) {
        None => Ok(()),
        Some(failure) => Err(CliError::Faults(format!(
            "the run failed `{}`",
            failure.oracle
        ))),
    }
}

fn as_json(plan: &Plan, ran: &Ran, trace: bool) -> serde_json::Value {
    let mut told = json!({
        "seed": plan.seed,
        "hash": hash_text(ran),
        "failed": failure(ran).map(failure_json),
        "judged": true,
    });
    if let Ok(outcome) = ran {
        told["judged"] = outcome.is_judged.into();
        told["steps"] = outcome.steps.into();
        told["simulated_s"] = (outcome.simulated_us as f64 / 1e6).into();
        told["commands"] = outcome.commands.into();
        told["faults"] = json!(faults_by_kind(outcome));
        told["probes"] = json!(outcome.probes);
        if trace {
            told["timeline"] = timeline(outcome).collect();
        }
    }
    told
}

pub(super) fn failure_json(failure: &Failure) -> serde_json::Value {
    json!({"oracle": failure.oracle, "detail": failure.detail, "at_s": failure.at_us as f64 / 1e6})
}

fn say_text(plan: &Plan, ran: &Ran) -> Result<(), CliError> {
    let mut told = String::new();
    if let Ok(outcome) = ran {
        output::say_lines(timeline(outcome))?;
        told = figures(plan, outcome);
    }
    let verdict = match failure(ran) {
        Some(failure) => format!(
            "FAILED `{}` at {:.3} s: {}",
            failure.oracle,
            failure.at_us as f64 / 1e6,
            failure.detail
        ),
        None if ran.as_ref().is_ok_and(|outcome| outcome.is_judged) => "passed".to_owned(),
        None => "stopped by --until: not judged".to_owned(),
    };
    output::say(format_args!(
        "{told}hash       {}\n{verdict}",
        hash_text(ran)
    ))
}

fn figures(plan: &Plan, outcome: &Outcome) -> String {
    let mut told = format!(
        "seed       {}\nworkload   {}\ncluster    {} nodes of {} cores, {} shards, {} clients\nsimulated  {:.3} s in {} steps\ncommands   {}\nfaults     {}\n",
        plan.seed,
        super::draw::workload_name(plan.workload),
        plan.nodes,
        plan.cores,
        plan.engine.shards,
        plan.clients.len(),
        outcome.simulated_us as f64 / 1e6,
        outcome.steps,
        outcome.commands,
        outcome.fired.len(),
    );
    for (kind, count) in faults_by_kind(outcome) {
        told.push_str(&format!("  {count:>10}  {kind}\n"));
    }
    told
}
