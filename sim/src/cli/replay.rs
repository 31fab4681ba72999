//! `hunt-sim replay`: one run again, step by step if one likes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use sim::outcome::{Failure, RunOptions};
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
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
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
    let plan = arguments.source.plan(&engine)?;
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
        true => {
            output::say(as_json(&plan, &ran, arguments.trace));
        }
        false => say_text(&plan, &ran),
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
    });
    if let Ok(outcome) = ran {
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

fn failure_json(failure: &Failure) -> serde_json::Value {
    json!({"oracle": failure.oracle, "detail": failure.detail, "at_s": failure.at_us as f64 / 1e6})
}

fn say_text(plan: &Plan, ran: &Ran) {
    if let Ok(outcome) = ran {
        output::say_lines(timeline(outcome));
        output::say(format_args!(
            "seed       {}\nworkload   {}\ncluster    {} nodes of {} cores, {} shards, {} clients\nsimulated  {:.3} s in {} steps\ncommands   {}\nfaults     {}",
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
        ));
        for (kind, count) in faults_by_kind(outcome) {
            output::say(format_args!("  {count:>10}  {kind}"));
        }
    }
    output::say(format_args!("hash       {}", hash_text(ran)));
    match failure(ran) {
        None => output::say("passed"),
        Some(failure) => output::say(format_args!(
            "FAILED `{}` at {:.3} s: {}",
            failure.oracle,
            failure.at_us as f64 / 1e6,
            failure.detail
        )),
    };
}
