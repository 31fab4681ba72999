//! What all measurements of one command share: the folder, the machine, Ctrl-C, the results.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::hlog::Hlog;
use super::load_arguments::LoadArguments;
use super::print;
use crate::error::BenchError;
use crate::load::Pace;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::peer::Folder;
use crate::trial::{Spec, Trial};

/// Exit code at a second Ctrl-C, when the first is not heeded fast enough.
const AT_ONCE: i32 = 130;

/// One command's measurements.
pub(super) struct Session {
    folder: Folder,
    stop: Arc<AtomicBool>,
    is_json: bool,
    hlog: Option<Hlog>,
    pub(super) outcome: Outcome,
}

impl Session {
    pub(super) fn new(arguments: &LoadArguments) -> Result<Self, BenchError> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, AT_ONCE, Arc::clone(&stop))
                .and_then(|_| flag::register(signal, Arc::clone(&stop)))
                .map_err(BenchError::io("listening for Ctrl-C"))?;
        }
        let parent = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
        let folder = Folder::new(&parent)?;
        let machine = Machine::look(folder.path())?;
        if machine.is_volatile() {
            print::note(format_args!(
                "warning: {} is in memory, so nothing here is durable: name a folder on a disk with --dir",
                parent.display()
            ));
        }
        let words = std::env::args().skip(1).map(|word| hidden(&word));
        let command = std::iter::once("hunt-bench".to_owned()).chain(words);
        let outcome = Outcome {
            harness: concat!("hunt-bench ", env!("CARGO_PKG_VERSION")).to_owned(),
            command: command.collect::<Vec<_>>().join(" "),
            at: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            machine,
            runs: Vec::new(),
            ratios: BTreeMap::new(),
            latency_ratios: BTreeMap::new(),
            knees: Vec::new(),
            checks: Vec::new(),
        };
        let hlog = arguments.hlog.as_deref();
        Ok(Self {
            hlog: hlog
                .map(|path| Hlog::create(path, &outcome.command))
                .transpose()?,
            folder,
            stop,
            is_json: arguments.json,
            outcome,
        })
    }

    /// Starts a target.
    pub(super) fn start(&self, spec: Spec) -> Result<Trial, BenchError> {
        let trial = Trial::start(spec, &self.folder)?;
        self.look_for_stop()?;
        Ok(trial)
    }

    /// Measures it once, and says what came out.
    pub(super) fn measure(
        &mut self,
        trial: &mut Trial,
        round: u32,
        pace: Pace,
    ) -> Result<(), BenchError> {
        let (run, measured) = trial.measure(round, pace, &self.stop)?;
        if !self.is_json {
            print::run(&run, self.outcome.runs.is_empty());
        }
        if let Some(hlog) = &mut self.hlog {
            hlog.append(&run, &measured)?;
        }
        self.outcome.runs.push(run);
        self.look_for_stop()
    }

    /// Stops it and checks what it holds.
    pub(super) fn finish(&mut self, trial: Trial) -> Result<(), BenchError> {
        let checked = trial.finish()?;
        if !self.is_json {
            print::checked(&checked);
        }
        self.outcome.checks.push(checked);
        Ok(())
    }

    /// Prints what is asked for; fails if a log has faults.
    pub(super) fn end(self) -> Result<Outcome, BenchError> {
        match self.is_json {
            true => print::json(&self.outcome),
            false => print::end(&self.outcome),
        }
        let faults: u64 = self
            .outcome
            .checks
            .iter()
            .filter_map(|check| check.faults)
            .sum();
        match faults {
            0 => Ok(self.outcome),
            found => Err(BenchError::Untrue(format!(
                "hunt-engine verify found {found} faults"
            ))),
        }
    }

    fn look_for_stop(&self) -> Result<(), BenchError> {
        match self.stop.load(std::sync::atomic::Ordering::Relaxed) {
            true => Err(BenchError::Interrupted),
            false => Ok(()),
        }
    }
}

/// Tokens are secrets: they belong in no result. A JWT begins with `eyJ`.
fn hidden(word: &str) -> String {
    match word.find("eyJ") {
        Some(at) => format!("{}…", &word[..at]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_shown() {
        assert_eq!(hidden("--token=eyJhbGciOi.x.y"), "--token=…");
        assert_eq!(hidden("--rate"), "--rate");
    }
}
