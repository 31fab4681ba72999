//! Where a plan comes from: a seed, or a file that `shrink` wrote.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sim::plan::Plan;

use super::draw::DrawArguments;
use super::engine::Engine;
use super::error::CliError;
use crate::campaign::parse_seed;
use crate::simulator::{Simulator, draw_caught};

/// Bytes of a file with a plan. One of a seed has some thousands.
const PLAN_BYTES_MAX: u64 = 64 << 20;

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
            Err(_) if Path::new(text).exists() => Err(format!(
                "{text:?} is there, but it is no file: give one with a plan"
            )),
            Err(_) => Err(format!(
                "{text:?} is neither a seed (a number, decimal or 0x…) nor a file that is there"
            )),
        }
    }
}

impl Source {
    /// The plan: drawn as the options say, or as the file says, which has all of that in it.
    pub(super) fn plan(&self, engine: &Engine, options: &DrawArguments) -> Result<Plan, CliError> {
        match self {
            Self::Seed(seed) => draw_caught(engine, *seed).map_err(|panicked| {
                CliError::Faults(format!("seed {seed} has no plan: {}", panicked.detail))
            }),
            Self::File(file) => match options.typed().as_slice() {
                [] => read(file, engine),
                words => Err(CliError::Usage(format!(
                    "{}: a plan says this itself: leave out {}, or change the file",
                    file.display(),
                    words.join(" ")
                ))),
            },
        }
    }
}

fn read(file: &Path, simulator: &dyn Simulator) -> Result<Plan, CliError> {
    let wrong = |detail: String| CliError::Plan {
        file: file.display().to_string(),
        detail,
    };
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(PLAN_BYTES_MAX + 1).read_to_string(&mut text))
        .map_err(|error| wrong(error.to_string()))?;
    if text.len() as u64 > PLAN_BYTES_MAX {
        return Err(wrong(format!("is longer than {PLAN_BYTES_MAX} bytes")));
    }
    let plan: Plan = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match simulator.check(&plan) {
        Ok(()) => Ok(plan),
        Err(error) => Err(wrong(error.to_string())),
    }
}
