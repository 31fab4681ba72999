//! `parts`: what parts of the engine cost by themselves.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::error::BenchError;
use crate::parts::{self, Finding, Part, Table, Valgrind, compare};

/// Rounds of each part, of which the quickest and the middle one are shown.
const ROUNDS: usize = 5;

/// Units of a round with `--quick`: enough to see that the part works.
const QUICK_UNITS: u64 = 500;

/// Measures parts of the engine by themselves, without sockets
#[derive(Args)]
#[command(
    after_help = "Examples:\n  hunt-bench parts\n  hunt-bench parts claim node-claims --count\n  hunt-bench parts --count --check bench/instructions.txt"
)]
pub(super) struct PartsArguments {
    /// Parts (all if none is named); see --list
    names: Vec<String>,
    /// Name the parts and what they do
    #[arg(long, conflicts_with_all = ["count", "quick", "once"])]
    list: bool,
    /// A blink of each, to see that it works
    #[arg(long, conflicts_with = "count")]
    quick: bool,
    /// Count instructions with valgrind (apt-get install valgrind) instead of timing
    #[arg(long)]
    count: bool,
    /// With --count: fail if a part takes more than this table says
    #[arg(
        long,
        value_name = "FILE",
        requires = "count",
        conflicts_with = "record"
    )]
    check: Option<PathBuf>,
    /// With --count: write the counts into this table
    #[arg(long, value_name = "FILE", requires = "count")]
    record: Option<PathBuf>,
    /// Run one part once and say how many units it did: what --count runs under valgrind
    #[arg(long, hide = true, conflicts_with_all = ["count", "quick"])]
    once: bool,
    /// Units of a round
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    units: Option<u64>,
}

pub(super) fn parts(arguments: &PartsArguments) -> Result<(), BenchError> {
    let chosen = chosen(&arguments.names)?;
    if arguments.list {
        chosen.iter().for_each(|part| print::part(part));
        return Ok(());
    }
    if arguments.once {
        for part in chosen {
            let units = arguments.units.unwrap_or(part.units);
            print::units_done(parts::once(part, units));
        }
        return Ok(());
    }
    if arguments.count {
        return counted(arguments, &chosen);
    }
    let (rounds, units) = match arguments.quick {
        true => (1, Some(QUICK_UNITS)),
        false => (ROUNDS, arguments.units),
    };
    for part in chosen {
        print::timed(&parts::time(part, units.unwrap_or(part.units), rounds));
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Part>, BenchError> {
    if names.is_empty() {
        return Ok(parts::all().collect());
    }
    let find = |name: &String| {
        let found = parts::all().find(|part| part.name == name);
        found.ok_or_else(|| {
            BenchError::Usage(format!(
                "there is no part `{name}`: see hunt-bench parts --list"
            ))
        })
    };
    names.iter().map(find).collect()
}

fn counted(arguments: &PartsArguments, chosen: &[&'static Part]) -> Result<(), BenchError> {
    let valgrind = Valgrind::find().ok_or_else(|| BenchError::Missing {
        program: "valgrind".to_owned(),
        package: "valgrind",
    })?;
    let kept = match arguments.check.as_ref().or(arguments.record.as_ref()) {
        Some(path) if path.exists() => read(path)?,
        _ => Table::default(),
    };
    let mut table = Table::default();
    for part in chosen.iter().filter(|part| part.is_counted) {
        let count = parts::count(&valgrind, part)?;
        print::counted(part, count, kept.0.get(part.name).copied());
        table.0.insert(part.name.to_owned(), count);
    }
    if arguments.check.is_some() {
        return verdict(&compare(&kept, &table));
    }
    if let Some(path) = &arguments.record {
        let mut rows = kept;
        rows.0.extend(table.0);
        rows.0
            .retain(|name, _| parts::all().any(|part| part.name == name));
        std::fs::write(path, rows.to_string())
            .map_err(BenchError::io(format!("writing {}", path.display())))?;
    }
    Ok(())
}

fn read(path: &PathBuf) -> Result<Table, BenchError> {
    let text = std::fs::read_to_string(path)
        .map_err(BenchError::io(format!("reading {}", path.display())))?;
    Table::parse(&text).map_err(|fault| BenchError::Usage(format!("{}: {fault}", path.display())))
}

fn verdict(findings: &[Finding]) -> Result<(), BenchError> {
    let (faults, notes): (Vec<_>, Vec<_>) = findings.iter().partition(|found| found.is_fault());
    notes
        .iter()
        .for_each(|found| print::note(format_args!("note: {found}")));
    match faults.is_empty() {
        true => Ok(()),
        false => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(BenchError::Untrue(faults.join("\n")))
        }
    }
}
