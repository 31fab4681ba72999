//! `compare`: targets in turn, round after round, so that noise on the machine hits all of them.

use std::collections::BTreeMap;

use clap::Args;

use super::load_arguments::LoadArguments;
use super::session::Session;
use super::spec;
use crate::error::BenchError;
use crate::outcome::{Outcome, Percentiles, Run, Spread};
use crate::trial::Trial;

/// Puts load on several targets in turn, and says how they compare
#[derive(Args)]
#[command(
    after_help = "A target may differ in workload, rate, connections, depth, batch, cores or hunts:\n  \
        hunt-bench compare http redis postgres\n  \
        hunt-bench compare http http,workload=claim-hot\n  \
        hunt-bench compare wire,depth=16 redis,depth=16 --rounds 9"
)]
pub(super) struct CompareArguments {
    /// TARGET[,key=value]…: the first is compared with each of the others
    #[arg(required = true, num_args = 2.., value_name = "TARGET")]
    targets: Vec<String>,
    /// Rounds of all targets
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    #[command(flatten)]
    load: LoadArguments,
}

pub(super) fn compare(arguments: &CompareArguments) -> Result<(), BenchError> {
    let mut session = Session::new(&arguments.load)?;
    let trials = rounds(
        &mut session,
        &arguments.targets,
        arguments.rounds,
        &arguments.load,
    )?;
    for trial in trials {
        session.finish(trial)?;
    }
    session.end().map(drop)
}

/// Starts the targets, measures them in turn and puts the ratios into the outcome.
pub(super) fn rounds(
    session: &mut Session,
    targets: &[String],
    rounds: u32,
    flags: &LoadArguments,
) -> Result<Vec<Trial>, BenchError> {
    let specs = targets
        .iter()
        .map(|target| spec::parse(target, flags))
        .collect::<Result<Vec<_>, _>>()?;
    for (at, spec) in specs.iter().enumerate() {
        if specs[..at].iter().any(|other| other.label == spec.label) {
            return Err(BenchError::Usage(format!(
                "{} stands there twice: let them differ, as in {0},depth=16",
                spec.label
            )));
        }
    }
    let paces: Vec<_> = specs.iter().map(|spec| spec.plan.pace).collect();
    let mut trials = specs
        .into_iter()
        .map(|spec| session.start(spec))
        .collect::<Result<Vec<_>, _>>()?;
    for round in 1..=rounds {
        for (trial, pace) in trials.iter_mut().zip(&paces) {
            session.measure(trial, round, *pace)?;
        }
    }
    let labels: Vec<_> = trials
        .iter()
        .map(|trial| trial.label().to_owned())
        .collect();
    add_ratios(&mut session.outcome, &labels);
    Ok(trials)
}

/// One of several percentiles.
type Figure = fn(&Percentiles) -> f64;

/// Compares the first with each of the others, round by round.
fn add_ratios(outcome: &mut Outcome, labels: &[String]) {
    let Some((first, others)) = labels.split_first() else {
        return;
    };
    for other in others {
        let pairs: Vec<(&Run, &Run)> = outcome
            .runs
            .iter()
            .filter(|run| run.label == *first)
            .filter_map(|a| {
                let mut runs = outcome.runs.iter();
                let b = runs.find(|b| b.label == *other && b.round == a.round)?;
                Some((a, b))
            })
            .collect();
        let name = format!("{first}/{other}");
        let accepted = spread(&pairs, |run| run.accepted_per_s);
        let percentiles: [(&str, Figure); 4] = [
            ("p50", |p| p.p50),
            ("p99", |p| p.p99),
            ("p999", |p| p.p999),
            ("max", |p| p.max),
        ];
        let latency: BTreeMap<_, _> = percentiles
            .iter()
            .filter_map(|(percentile, of)| {
                let spread = spread(&pairs, |run| of(&run.response_us))?;
                Some(((*percentile).to_owned(), spread))
            })
            .collect();
        if let Some(accepted) = accepted {
            outcome.ratios.insert(name.clone(), accepted);
        }
        outcome.latency_ratios.insert(name, latency);
    }
}

/// A round in which the other did nothing has no ratio.
fn spread(pairs: &[(&Run, &Run)], of: impl Fn(&Run) -> f64) -> Option<Spread> {
    let ratios = pairs.iter().map(|(a, b)| of(a) / of(b));
    Spread::of(ratios.filter(|ratio| ratio.is_finite()).collect())
}
