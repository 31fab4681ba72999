//! The commands of `hunt-sim`.

mod draw;
mod effort;
mod engine;
mod error;
mod export;
mod mutants;
mod output;
mod probes;
mod replay;
mod report;
mod run;
mod shrink;
mod source;
mod span;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;

const AFTER_HELP: &str = "\
Examples:
  hunt-sim run                                   a hundred seeds on all cores
  hunt-sim run --seeds 0..100000 --time-box 10m  as many as ten minutes allow
  hunt-sim replay 4711 --trace | less            the same run again, step by step
  hunt-sim shrink 4711 -o small.json             the smallest plan that fails the same way
  hunt-sim report small.json -o small.html       look at it in a browser
  hunt-sim mutants                               do the oracles catch bugs that were put in on purpose?
  hunt-sim probes                                which rare paths do the runs not reach?
  hunt-sim export 7 -o histories                 what clients saw, for Elle and Porcupine

A seed is a number below 2^64, decimal or 0x…. The same seed with the same options gives the same run, in every
step, on every machine. docs/simulator.md tells more.

Exit codes:
  0  done, and all is well
  1  a run failed, was not deterministic, a probe was not hit, a mutant survived, or the work could not be done;
     report and export are done once they have written, be it of a run that fails
  2  wrong arguments";

/// Runs the engine in a simulated world of crashes, partitions and lies, and judges what comes of it.
#[derive(Parser)]
#[command(name = "hunt-sim", version, about, after_help = AFTER_HELP, max_term_width = 110)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::RunArguments),
    Replay(replay::ReplayArguments),
    Shrink(shrink::ShrinkArguments),
    Report(report::ReportArguments),
    Probes(probes::ProbesArguments),
    Mutants(mutants::MutantsArguments),
    Export(export::ExportArguments),
}

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help goes to standard output and is no error; whoever closed it does not want it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(error::EXIT_USAGE));
        }
    };
    crate::simulator::keep_panics_of_runs();
    match run(&line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Run(arguments) => run::run(arguments),
        Command::Replay(arguments) => replay::replay(arguments),
        Command::Shrink(arguments) => shrink::shrink(arguments),
        Command::Report(arguments) => report::report(arguments),
        Command::Probes(arguments) => probes::probes(arguments),
        Command::Mutants(arguments) => mutants::mutants(arguments),
        Command::Export(arguments) => export::export(arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_option_says_what_it_does() {
        for command in CommandLine::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
                let name = (command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{name:?} has no help");
            }
        }
    }
}
