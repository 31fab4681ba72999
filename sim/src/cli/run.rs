//! `hunt-sim run`: a campaign of many seeds.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::draw::DrawArguments;
use super::effort::EffortArguments;
use super::engine::{Engine, OtherProcess, known_probes};
use super::error::CliError;
use super::output::{self, Line};
use crate::campaign::{Examiner, Repeats, Seeds, Tally, parse_seeds};

/// Runs many seeds, and stops at the first that fails
#[derive(Args, Debug)]
pub(super) struct RunArguments {
    /// Seeds from A up to but without B
    #[arg(long, value_name = "A..B", default_value = "0..100", value_parser = parse_seeds, allow_hyphen_values = true)]
    seeds: Seeds,
    #[command(flatten)]
    draw: DrawArguments,
    #[command(flatten)]
    effort: EffortArguments,
    /// Go on after a failure
    #[arg(long = "continue")]
    go_on: bool,
    /// Run every seed once only: do not look for two runs of one seed that differ
    #[arg(long)]
    once: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the campaign.
pub(super) fn run(arguments: &RunArguments) -> Result<(), CliError> {
    let (tally, wall) = campaign(arguments)?;
    match arguments.json {
        true => output::say(as_json(&tally, wall, &arguments.draw))?,
        false => output::say(as_text(&tally, wall, &arguments.draw))?,
    }
    match tally.is_fine() {
        true if tally.seeds == 0 => Err(CliError::Faults(
            "no seed was run: give --time-box more time".to_owned(),
        )),
        true => Ok(()),
        false => Err(CliError::Faults(format!(
            "{} of {} seeds failed, {} were not deterministic",
            tally.failed.len(),
            tally.seeds,
            tally.nondeterministic.len()
        ))),
    }
}

fn campaign(arguments: &RunArguments) -> Result<(Tally, Duration), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let other = OtherProcess::new(&arguments.draw)?;
    let examiner = Examiner {
        simulator: &engine,
        repeats: if arguments.once {
            Repeats::NEVER
        } else {
            Repeats::default()
        },
        elsewhere: Some(&other),
    };
    let campaign = arguments.effort.campaign(arguments.seeds, arguments.go_on);
    let mut line = Line::new();
    let total = arguments.seeds.count();
    let mut told = 0;
    let done = campaign.run(&examiner, &mut |tally, wall| {
        // At once, so that it is known also if somebody ends the campaign.
        if tally.failed.len() > told {
            told = tally.failed.len();
            line.end();
            output::note(format_args!("{told} failed so far: {}", seeds_of(tally)));
        }
        line.show(progress(tally, total, wall))
    });
    line.end();
    Ok(done)
}

/// The seeds that failed.
fn seeds_of(tally: &Tally) -> String {
    let seeds = tally.failed.iter().map(|verdict| verdict.seed.to_string());
    seeds.collect::<Vec<_>>().join(", ")
}

fn progress(tally: &Tally, total: u64, wall: Duration) -> String {
    format!(
        "{}/{total} seeds, {} failed, {} commands, {:.0} s, {:.0} × real time",
        tally.seeds,
        tally.failed.len(),
        tally.commands,
        wall.as_secs_f64(),
        speedup(tally, wall)
    )
}

fn speedup(tally: &Tally, wall: Duration) -> f64 {
    simulated_s(tally) / wall.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn simulated_s(tally: &Tally) -> f64 {
    Duration::from_micros(tally.simulated_us).as_secs_f64()
}

fn commands_per_s(tally: &Tally, wall: Duration) -> f64 {
    tally.commands as f64 / wall.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn as_json(tally: &Tally, wall: Duration, draw: &DrawArguments) -> serde_json::Value {
    let failed = tally.failed.iter().filter_map(|verdict| {
        let failure = verdict.failure.as_ref()?;
        Some(json!({
            "seed": verdict.seed,
            "oracle": failure.oracle,
            "detail": failure.detail,
            "at_s": failure.at_us as f64 / 1e6,
            "replay": draw.replay_command(verdict.seed),
        }))
    });
    json!({
        "seeds": tally.seeds,
        "failed": failed.collect::<Vec<_>>(),
        "nondeterministic": tally.nondeterministic.keys().collect::<Vec<_>>(),
        "simulated_s": simulated_s(tally),
        "wall_s": wall.as_secs_f64(),
        "speedup": speedup(tally, wall),
        "commands": tally.commands,
        "commands_per_s": commands_per_s(tally, wall),
        "faults": tally.faults,
        "probes": tally.probes,
    })
}

fn as_text(tally: &Tally, wall: Duration, draw: &DrawArguments) -> String {
    let mut lines = vec![
        format!("seeds      {}, {} runs", tally.seeds, tally.runs),
        format!(
            "simulated  {:.0} s in {:.1} s, {:.0} × real time",
            simulated_s(tally),
            wall.as_secs_f64(),
            speedup(tally, wall)
        ),
        format!(
            "commands   {}, {:.0}/s",
            tally.commands,
            commands_per_s(tally, wall)
        ),
        format!("faults     {}", tally.faults.values().sum::<u64>()),
    ];
    let counted = |(name, count): (&&str, &u64)| format!("  {count:>10}  {name}");
    lines.extend(tally.faults.iter().map(counted));
    let known = known_probes(draw);
    let unhit = tally.unhit(&known);
    lines.push(format!(
        "probes     {} of {} hit",
        known.len() - unhit.len(),
        known.len()
    ));
    if !unhit.is_empty() {
        lines.push(format!("  not hit: {}", unhit.join(", ")));
    }
    for (seed, parted) in &tally.nondeterministic {
        lines.push(format!("\nseed {seed} is not deterministic: {parted}"));
    }
    for verdict in &tally.failed {
        if let Some(failure) = &verdict.failure {
            lines.push(format!(
                "\nseed {} failed `{}` at {:.3} s: {}\n  replay: {}",
                verdict.seed,
                failure.oracle,
                failure.at_us as f64 / 1e6,
                failure.detail,
                draw.replay_command(verdict.seed)
            ));
        }
    }
    lines.join("\n")
}
