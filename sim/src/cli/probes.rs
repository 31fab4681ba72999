//! `hunt-sim probes`: which rare paths do the runs reach?

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::draw::DrawArguments;
use super::effort::EffortArguments;
use super::engine::{Engine, known_probes};
use super::error::CliError;
use super::output::{self, Line};
use crate::campaign::{Examiner, Repeats, Seeds, parse_seeds};

/// Counts how often each rare path of the engine was taken
///
/// A probe marks a path that only a certain fault leads to. One that is never hit means that the runs do not test what
/// one thinks they test: exit code 1.
#[derive(Args, Debug)]
pub(super) struct ProbesArguments {
    /// Seeds from A up to but without B
    #[arg(long, value_name = "A..B", default_value = "0..300", value_parser = parse_seeds, allow_hyphen_values = true)]
    seeds: Seeds,
    #[command(flatten)]
    draw: DrawArguments,
    #[command(flatten)]
    effort: EffortArguments,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Counts them.
pub(super) fn probes(arguments: &ProbesArguments) -> Result<(), CliError> {
    let engine = Engine::new(&arguments.draw)?;
    let examiner = Examiner {
        simulator: &engine,
        repeats: Repeats::NEVER,
        elsewhere: None,
    };
    let campaign = arguments.effort.campaign(arguments.seeds, true);
    let mut line = Line::new();
    let (tally, _) = campaign.run(&examiner, &mut |tally, _| {
        line.show(format_args!(
            "{} seeds, {} probes hit",
            tally.seeds,
            tally.probes.len()
        ));
    });
    line.end();
    let known = known_probes(&arguments.draw);
    let unhit = tally.unhit(&known);
    let mut counts: BTreeMap<&str, u64> = known.iter().map(|name| (*name, 0)).collect();
    counts.extend(tally.probes.iter().map(|(name, count)| (*name, *count)));
    if arguments.json {
        output::say(json!({"seeds": tally.seeds, "probes": counts, "unhit": unhit}))?;
    } else {
        output::say_lines(
            counts
                .iter()
                .map(|(name, count)| format!("{count:>10}  {name}")),
        )?;
    }
    match unhit.is_empty() {
        true => Ok(()),
        false => Err(CliError::Faults(format!(
            "{} of {} probes were not hit by {} seeds: {}",
            unhit.len(),
            known.len(),
            tally.seeds,
            unhit.join(", ")
        ))),
    }
}
