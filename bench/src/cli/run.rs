//! `run`: one target.

use clap::Args;

use super::load_arguments::LoadArguments;
use super::session::Session;
use super::spec;
use crate::error::BenchError;

/// Puts load on one target
#[derive(Args)]
#[command(
    after_help = "Example:\n  hunt-bench run --target http --workload claim-hot --rate 10000 --duration 30"
)]
pub(super) struct RunArguments {
    /// wire, http, postgres, redis, nats, floor-http or floor-wire
    #[arg(long)]
    target: String,
    /// How often, on the same server
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    #[command(flatten)]
    load: LoadArguments,
}

pub(super) fn run(arguments: &RunArguments) -> Result<(), BenchError> {
    let spec = spec::parse(&arguments.target, &arguments.load)?;
    let pace = spec.plan.pace;
    let mut session = Session::new(&arguments.load)?;
    let mut trial = session.start(spec)?;
    for round in 1..=arguments.rounds {
        session.measure(&mut trial, round, pace)?;
    }
    session.finish(trial)?;
    session.end().map(drop)
}
