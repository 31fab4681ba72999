//! How many instructions a part takes, by callgrind: a figure that a busy machine does not change.
//!
//! The program runs itself under valgrind with one part to do. Callgrind collects only within `measured`, so what
//! prepares a part is not counted.

use std::path::PathBuf;
use std::process::Command;

use super::Part;
use crate::error::BenchError;

/// Units of a counted run: enough that what is done once does not matter, few enough for valgrind.
const UNITS_MAX: u64 = 20_000;

/// The function within which instructions are collected, as callgrind names it.
const COLLECTED: &str = "bench::parts::measured*";

/// Said by callgrind in front of what it collected.
const TOTALS: &str = "totals: ";

/// valgrind, if this machine has it.
pub struct Valgrind(PathBuf);

impl Valgrind {
    /// Looks for it.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|folder| folder.join("valgrind"))
            .find(|program| program.is_file())
            .map(Self)
    }
}

/// Instructions for a unit of the part.
pub fn count(valgrind: &Valgrind, part: &Part) -> Result<f64, BenchError> {
    let folder = tempfile::tempdir().map_err(BenchError::io("making a folder for callgrind"))?;
    let output = folder.path().join("callgrind.out");
    let own = std::env::current_exe().map_err(BenchError::io("finding this program"))?;
    let said = Command::new(&valgrind.0)
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={COLLECTED}"))
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(own)
        .args(["parts", "--once", part.name])
        .args(["--units", &part.units.min(UNITS_MAX).to_string()])
        .output()
        .map_err(BenchError::io("starting valgrind"))?;
    let failed = |what: &str| {
        let words = String::from_utf8_lossy(&said.stderr);
        BenchError::Untrue(format!("counting {}: {what}: {words}", part.name))
    };
    if !said.status.success() {
        return Err(failed("it ended with an error"));
    }
    let text =
        std::fs::read_to_string(&output).map_err(BenchError::io("reading what callgrind wrote"))?;
    let instructions = totals(&text).ok_or_else(|| failed("callgrind collected nothing"))?;
    let done: u64 = String::from_utf8_lossy(&said.stdout)
        .trim()
        .parse()
        .map_err(|_| failed("it did not say how many units it did"))?;
    Ok(instructions as f64 / done.max(1) as f64)
}

/// All that callgrind collected, which is never nothing.
fn totals(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(TOTALS));
    line?.trim().parse().ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_collected_is_read() {
        assert_eq!(totals("events: Ir\nfn=x\ntotals: 1234\n"), Some(1234));
        assert_eq!(totals("totals: 0\n"), None);
        assert_eq!(totals("summary: 7\n"), None);
    }
}
