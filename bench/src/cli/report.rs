//! `report`: one page, from results or by measuring.

use std::path::PathBuf;

use clap::Args;

use super::compare::rounds;
use super::load_arguments::LoadArguments;
use super::print;
use super::session::Session;
use super::sweep::climb;
use crate::error::BenchError;
use crate::outcome::Outcome;
use crate::report::{Page, hlog_series, page};

/// Makes one self-contained HTML page
#[derive(Args)]
#[command(
    after_help = "Examples:\n  hunt-bench compare http redis --json > compare.json && hunt-bench report compare.json\n  \
        hunt-bench report --target http --target redis --out report.html"
)]
pub(super) struct ReportArguments {
    /// Results of run, sweep or compare with --json, or logs of --hlog
    #[arg(required_unless_present = "target")]
    files: Vec<PathBuf>,
    /// Measure these too: compare them, then sweep each
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// Rounds of the comparison
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    /// Steps of the sweep
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    steps: u32,
    /// The page
    #[arg(long, default_value = "report.html", value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    load: LoadArguments,
}

pub(super) fn report(arguments: &ReportArguments) -> Result<(), BenchError> {
    let mut content = Page::default();
    for path in &arguments.files {
        let read = || BenchError::io(format!("reading {}", path.display()));
        if path.extension().is_some_and(|end| end == "hlog") {
            let bytes = std::fs::read(path).map_err(read())?;
            let series = hlog_series(&bytes)
                .map_err(|error| BenchError::Usage(format!("{}: {error}", path.display())))?;
            content.logs.extend(series);
        } else {
            let text = std::fs::read_to_string(path).map_err(read())?;
            let outcome: Outcome = serde_json::from_str(&text).map_err(|error| {
                BenchError::Usage(format!(
                    "{} is no result of hunt-bench --json ({error}), and no log: logs are named *.hlog",
                    path.display()
                ))
            })?;
            content.outcomes.push(outcome);
        }
    }
    if !arguments.target.is_empty() {
        content.outcomes.push(measure(arguments)?);
    }
    std::fs::write(&arguments.out, page(&content)).map_err(BenchError::io(format!(
        "writing {}",
        arguments.out.display()
    )))?;
    print::note(format_args!("wrote {}", arguments.out.display()));
    Ok(())
}

fn measure(arguments: &ReportArguments) -> Result<Outcome, BenchError> {
    let mut session = Session::new(&arguments.load)?;
    let trials = rounds(
        &mut session,
        &arguments.target,
        arguments.rounds,
        &arguments.load,
    )?;
    for mut trial in trials {
        climb(
            &mut session,
            &mut trial,
            &[],
            arguments.steps,
            arguments.load.poisson,
        )?;
        session.finish(trial)?;
    }
    session.end()
}
