//! The command line: which steps to run, or what to print.

use crate::step::Step;
use crate::steps::STEPS;

/// The exit code for a command line that asks for what does not exist.
pub(crate) const EXIT_USAGE: u8 = 2;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Explain the program.
    Help,
    /// Name the steps, one a line.
    List,
    /// Run these steps, in the table's order.
    Run(Vec<&'static Step>),
}

/// Reads the arguments after the program's name. No step named means all but those on demand.
///
/// # Errors
/// A sentence that names the first argument that is neither an option nor a step.
pub(crate) fn parse(arguments: &[String]) -> Result<Request, String> {
    for argument in arguments {
        match argument.as_str() {
            "-h" | "--help" => return Ok(Request::Help),
            "-l" | "--list" => return Ok(Request::List),
            name if STEPS.iter().any(|step| is_asked(step, name)) => {}
            unknown => {
                return Err(format!(
                    "`{unknown}` is neither a step nor an option; these are the steps:\n{}",
                    list()
                ));
            }
        }
    }
    let asked = |step: &&Step| match arguments.is_empty() {
        true => !step.on_demand,
        false => arguments.iter().any(|name| is_asked(step, name)),
    };
    Ok(Request::Run(STEPS.iter().filter(asked).collect()))
}

fn is_asked(step: &Step, name: &str) -> bool {
    step.name == name || step.group == Some(name)
}

/// The steps with what each does and how long it may take.
pub(crate) fn list() -> String {
    let line = |step: &Step| {
        let minutes = step.limit.as_secs() / 60;
        let when = match (step.on_demand, step.group) {
            (true, _) => " (only by name)".to_owned(),
            (false, Some(group)) => format!(" (of {group})"),
            (false, None) => String::new(),
        };
        format!(
            "  {:<12} {minutes:>3} min  {}{when}\n",
            step.name, step.what
        )
    };
    STEPS.iter().map(line).collect()
}

/// The text of `--help`.
pub(crate) fn help() -> String {
    format!(
        "\
Runs the project's checks.

Usage: cargo ci [STEP…]

Without a STEP all run but `nightly`; with some, only those; `fdb` stands for all steps of that group. They always run in the order below,
a failed one does not stop the rest, and what failed is told again at the end. The last line
is `N passed, N failed` (a skipped step counts as passed); the exit code is 0 only if
nothing failed, and {EXIT_USAGE} for a command line that makes no sense.

Steps, with the time after which a step's processes are killed:
{steps}
Options:
  -l, --list  print the steps and exit
  -h, --help  print this and exit

Environment:
  HUNT_FUZZ_SECONDS  how long each fuzz target runs (default {fuzz})
  HUNT_KILL_ROUNDS   how often the engine is killed under load (default {kills})
  HUNT_NIGHT_MINUTES how long the campaign of `nightly` runs (default {night})
  FDB_CLUSTER_FILE   the cluster that the steps of `fdb` run on (default: none, `fdb-c` stands in)
  HUNT_FDB_LIBRARY   FoundationDB's client library for them (default: the system's, or `fdb-c`)
  CARGO_TARGET_DIR   where everything is built (default: target)
",
        steps = list(),
        fuzz = crate::cargo::FUZZ_SECONDS_DEFAULT,
        kills = crate::cargo::KILL_ROUNDS_DEFAULT,
        night = crate::nightly::MINUTES_DEFAULT,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let arguments: Vec<String> = line.split_whitespace().map(String::from).collect();
        match parse(&arguments) {
            Ok(Request::Run(steps)) => {
                let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
                assert_eq!(names, expected);
            }
            other => panic!("`{line}` should run steps, not {other:?}"),
        }
    }

    #[test]
    fn no_step_means_all_but_those_on_demand() {
        let names = STEPS.iter().filter(|step| step.name != "nightly");
        let all: Vec<&str> = names.map(|step| step.name).collect();
        check("", &all);
        check("nightly", &["nightly"]);
    }

    #[test]
    fn steps_run_once_and_in_the_order_of_the_table() {
        check("tree sizes format sizes", &["format", "sizes", "tree"]);
    }

    #[test]
    fn a_group_stands_for_its_steps() {
        let of_group = ["fdb-promises", "fdb-kill", "fdb-nodes", "fdb-python"];
        check("fdb", &of_group);
        check("fdb fdb-kill tree", &[&of_group[..], &["tree"]].concat());
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_list() {
        let fault = parse(&["formt".to_string()]).expect_err("no such step");
        assert!(
            fault.contains("`formt`") && fault.contains("format"),
            "{fault}"
        );
    }

    #[test]
    fn help_and_list_win_over_steps() {
        assert!(matches!(
            parse(&["format".into(), "--help".into()]),
            Ok(Request::Help)
        ));
        assert!(matches!(parse(&["-l".into()]), Ok(Request::List)));
    }

    #[test]
    fn every_name_is_there_once() {
        for (i, step) in STEPS.iter().enumerate() {
            assert!(
                STEPS[i + 1..].iter().all(|other| other.name != step.name),
                "{}",
                step.name
            );
        }
    }
}
