//! `sweep`: rates up to the knee, latency against offered load.

use clap::Args;

use super::load_arguments::LoadArguments;
use super::session::Session;
use super::spec;
use crate::error::BenchError;
use crate::load::Pace;
use crate::outcome::Knee;
use crate::trial::Trial;

/// Of the planned commands, how many must be accepted for a target to have kept up.
const KEPT_UP: f64 = 0.99;

/// Rates that no target keeps up with are tried so often before the sweep ends.
const BEYOND: u32 = 1;

/// Puts growing load on targets, up to where they stop keeping up
#[derive(Args)]
#[command(
    after_help = "First the closed loop finds the most that a target takes; then parts of that are planned, in steps.\n\
        Example:\n  hunt-bench sweep http redis --steps 10 --duration 5"
)]
pub(super) struct SweepArguments {
    /// TARGET[,key=value]…
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Steps from nothing to the most that the target takes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    steps: u32,
    /// These rates instead
    #[arg(long, value_delimiter = ',', value_name = "R,R…")]
    rates: Vec<f64>,
    #[command(flatten)]
    load: LoadArguments,
}

pub(super) fn sweep(arguments: &SweepArguments) -> Result<(), BenchError> {
    if arguments
        .rates
        .iter()
        .any(|rate| !(*rate > 0.0 && rate.is_finite()))
    {
        return Err(BenchError::Usage(
            "--rates: expected numbers above 0".to_owned(),
        ));
    }
    let specs = arguments
        .targets
        .iter()
        .map(|target| spec::parse(target, &arguments.load))
        .collect::<Result<Vec<_>, _>>()?;
    let mut session = Session::new(&arguments.load)?;
    for spec in specs {
        let mut trial = session.start(spec)?;
        climb(
            &mut session,
            &mut trial,
            &arguments.rates,
            arguments.steps,
            arguments.load.poisson,
        )?;
        session.finish(trial)?;
    }
    session.end().map(drop)
}

/// Measures one target at growing rates, and notes its knee.
pub(super) fn climb(
    session: &mut Session,
    trial: &mut Trial,
    rates: &[f64],
    steps: u32,
    is_poisson: bool,
) -> Result<(), BenchError> {
    session.measure(trial, 1, Pace::Max)?;
    let last = |session: &Session| {
        session
            .outcome
            .runs
            .last()
            .map_or(0.0, |run| run.accepted_per_s)
    };
    let max_per_s = last(session);
    let mut rates = match rates {
        // One step more than what the closed loop reached: that was with its own pauses.
        [] => (1..=steps + 1)
            .map(|step| (max_per_s * f64::from(step) / f64::from(steps)).round())
            .collect(),
        rates => rates.to_vec(),
    };
    rates.retain(|rate| *rate > 0.0);
    rates.sort_by(f64::total_cmp);
    let (mut knee_per_s, mut beyond): (f64, u32) = (0.0, 0);
    for rate in rates {
        let pace = match is_poisson {
            true => Pace::Poisson(rate),
            false => Pace::Constant(rate),
        };
        session.measure(trial, 1, pace)?;
        if last(session) >= KEPT_UP * rate {
            knee_per_s = knee_per_s.max(rate);
        } else {
            beyond += 1;
            if beyond > BEYOND {
                break;
            }
        }
    }
    session.outcome.knees.push(Knee {
        label: trial.label().to_owned(),
        max_per_s,
        knee_per_s,
    });
    Ok(())
}
