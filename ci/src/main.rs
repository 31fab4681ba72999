//! `cargo ci`: the project's checks as one program.
//!
//! What a reviewer would otherwise have to remember (which crate may depend on which, how
//! long a file may be, that `hunt` never waits) is checked here, beside the tests. Every
//! step runs even if an earlier one failed, so one run tells all that is wrong; the cheap
//! steps come first. The very last line is `N passed, N failed`, for programs to read.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program at the edge: it times real processes and prints what they did"
)]

mod advisories;
mod arguments;
mod arrows;
mod bans;
mod builds;
mod cargo;
mod demo;
mod deploy;
mod fdb;
mod libclang;
mod metadata;
mod nightly;
mod one_hash;
mod parts;
mod process;
mod purity;
mod report;
mod sim;
mod sizes;
mod source;
mod step;
mod steps;
mod tracked;
mod tree;

use std::process::ExitCode;

use arguments::Request;
use report::Report;
use step::Ground;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    match arguments::parse(&names) {
        Ok(Request::Help) => print!("{}", arguments::help()),
        Ok(Request::List) => print!("{}", arguments::list()),
        Ok(Request::Run(steps)) => {
            let report = run(&steps);
            print!("{}", report.text());
            return report.exit_code();
        }
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::from(arguments::EXIT_USAGE);
        }
    }
    ExitCode::SUCCESS
}

fn run(steps: &[&'static step::Step]) -> Report {
    let ground = Ground::survey(steps.iter().any(|step| step.name == steps::TREE));
    let mut report = Report::default();
    for step in steps {
        report.add(step.run(&ground));
    }
    report
}
