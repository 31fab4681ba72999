//! The command line.

mod compare;
mod floor;
mod hlog;
mod load_arguments;
mod parts;
mod print;
mod report;
mod run;
mod session;
mod spec;
mod sweep;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::BenchError;

/// Measures the engine and its peers: how fast, how steady, compared with what
#[derive(Parser)]
#[command(
    name = "hunt-bench",
    version,
    after_help = "Latency is response time: from when a request was planned to its answer. Beside it stands service time, from when it was sent.\n\
        Targets are started on loopback, durable, in a temporary folder, and checked afterwards."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::RunArguments),
    Sweep(sweep::SweepArguments),
    Compare(compare::CompareArguments),
    Report(report::ReportArguments),
    Parts(parts::PartsArguments),
    Floor(floor::FloorArguments),
}

/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Exit code of a command line that can't be carried out, as clap has it.
const USAGE: u8 = 2;

/// Runs what the command line says.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Parts(arguments) => parts::parts(&arguments),
        Command::Floor(arguments) => floor::floor(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::note(format_args!("hunt-bench: {error}"));
            match error {
                BenchError::Usage(_) | BenchError::Missing { .. } => ExitCode::from(USAGE),
                BenchError::Interrupted => ExitCode::from(INTERRUPTED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
