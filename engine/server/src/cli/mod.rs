//! The commands of `hunt-engine`.

mod backends;
mod check;
mod demo;
mod drain;
mod error;
mod events;
mod log;
mod operator;
mod output;
mod ready;
mod serve;
mod token;
mod ttl;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;

const AFTER_HELP: &str = "\
Examples:
  hunt-engine demo                                  see it work: 1,000 players play a sample hunt
  hunt-engine serve --dev                           serve with a key made for this run; prints tokens to try
  HUNT_JWT_SECRET=@/run/secrets/jwt hunt-engine serve --store embedded:/var/lib/hunt
  hunt-engine check my-hunt.json                    what is wrong with a hunt, all at once
  hunt-engine token --role operator --ttl 8h        a token, signed with the secret of the settings
  hunt-engine drain --url http://10.0.0.5:7117      hand a node's shards over, for a rolling restart
  hunt-engine events --store embedded:./hunt-data   the log of a stopped engine, as JSON lines
  hunt-engine verify --store embedded:./hunt-data   is everything in order?

Exit codes:
  0    done, and all is well
  1    the command ran and found faults (check, verify, demo), or could not finish its work (drain)
  2    wrong arguments or settings
  3    it can't start here: io_uring, memory limits, port, or store
  130  ended at once by a second signal";

/// Serves treasure hunts: durable, exactly once, never oversold.
#[derive(Parser)]
#[command(name = "hunt-engine", version, after_help = AFTER_HELP, max_term_width = 110)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::ServeArguments),
    Demo(demo::DemoArguments),
    Drain(drain::DrainArguments),
    Check(check::CheckArguments),
    Token(token::TokenArguments),
    Events(events::EventsArguments),
    Verify(verify::VerifyArguments),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help goes to standard output and is no error; whoever closed it does not want it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(error::EXIT_USAGE));
        }
    };
    match run(line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Serve(arguments) => serve::serve(arguments),
        Command::Demo(arguments) => demo::demo(arguments),
        Command::Drain(arguments) => drain::drain(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Token(arguments) => token::token(&arguments),
        Command::Events(arguments) => events::events(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
    }
}

/// The environment of this process.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests;
