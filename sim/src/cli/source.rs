//! Where a plan comes from: a seed, or a file that `shrink` wrote.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use sim::plan::Plan;

use super::error::CliError;
use crate::campaign::parse_seed;
use crate::simulator::{Simulator, draw_caught};

/// A seed or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Seed(u64),
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse_seed(text) {
            Ok(seed) => Ok(Self::Seed(seed)),
            Err(_) if Path::new(text).is_file() => Ok(Self::File(text.into())),
            Err(_) => Err(format!(
                "{text:?} is neither a seed (a number, decimal or 0x…) nor a file that is there"
            )),
        }
    }
}

impl Source {
    /// The plan.
    pub(super) fn plan(&self, simulator: &dyn Simulator) -> Result<Plan, CliError> {
        match self {
            Self::Seed(seed) => draw_caught(simulator, *seed).map_err(|panicked| {
                CliError::Faults(format!("seed {seed} has no plan: {}", panicked.detail))
            }),
            Self::File(file) => read(file, simulator),
        }
    }
}

fn read(file: &Path, simulator: &dyn Simulator) -> Result<Plan, CliError> {
    let wrong = |detail: String| CliError::Plan {
        file: file.display().to_string(),
        detail,
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match simulator.check(&plan) {
        Ok(()) => Ok(plan),
        Err(error) => Err(wrong(error.to_string())),
    }
}
