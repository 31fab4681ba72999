//! Builds a mutant and runs seeds until one fails.

use std::time::Duration;

use super::seeds::{Found, Seeds};
use super::{MutantsError, Patch, Sandbox};
use crate::campaign::Watch;

/// Seeds that the tree without any patch must pass first.
const UNPATCHED_SEEDS: u64 = 10;

/// The crate that no simulated node runs: its own tests judge it.
const UNSIMULATED: &str = "store-embedded";

/// What became of one mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A seed failed this oracle.
    Killed { seed: u64, oracle: String },
    /// It never came to an end.
    Hung,
    /// All seeds passed.
    Survived,
    /// It does not apply, or does not build: it tells nothing.
    Broken(String),
}

/// A mutant that was tried.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) patch: Patch,
    pub(crate) fate: Fate,
    /// Seeds that were run.
    pub(crate) seeds: u64,
    pub(crate) built_in: Duration,
    pub(crate) ran_in: Duration,
}

/// How mutants are tried.
pub(crate) struct Trial<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) seeds: u64,
    pub(crate) jobs: usize,
    /// More options of `hunt-sim run`.
    pub(crate) options: Vec<String>,
}

impl Trial<'_> {
    /// The tree without any patch must build and pass. Says how long its seeds took: a mutant that takes far longer hangs.
    pub(crate) fn unpatched(&self) -> Result<Duration, MutantsError> {
        let unpatched = |detail: String| MutantsError::Unpatched { detail };
        if let Err(said) = self.sandbox.build()? {
            return Err(unpatched(format!("does not build:\n{said}\n")));
        }
        let watch = Watch::start();
        match self
            .run(UNPATCHED_SEEDS.min(self.seeds), None, &mut |_| {})?
            .fate
        {
            Fate::Survived => Ok(watch.elapsed()),
            Fate::Killed { seed, oracle } => {
                Err(unpatched(format!("fails `{oracle}` with seed {seed}")))
            }
            Fate::Hung => Err(unpatched("does not come to an end".to_owned())),
            Fate::Broken(why) => Err(unpatched(why)),
        }
    }

    /// Tries one mutant. `usual` is how long the seeds of the tree without a patch took; `told` hears how many seeds have
    /// passed.
    pub(crate) fn judge(
        &self,
        patch: Patch,
        usual: Duration,
        told: &mut dyn FnMut(u64),
    ) -> Result<Judged, MutantsError> {
        let watch = Watch::start();
        let built = match self.sandbox.apply(&patch)? {
            Ok(()) => self
                .sandbox
                .build()?
                .map_err(|said| format!("does not build: {said}")),
            Err(said) => Err(format!("does not apply: {said}")),
        };
        let built_in = watch.elapsed();
        let found = match built {
            Ok(()) => self.find(&patch, usual, told),
            Err(why) => Ok(Found::of(Fate::Broken(why))),
        };
        self.sandbox.restore(&patch)?;
        let found = found?;
        Ok(Judged {
            patch,
            fate: found.fate,
            seeds: found.seeds,
            built_in,
            ran_in: watch.elapsed().saturating_sub(built_in),
        })
    }

    fn find(
        &self,
        patch: &Patch,
        usual: Duration,
        told: &mut dyn FnMut(u64),
    ) -> Result<Found, MutantsError> {
        if patch.touches(UNSIMULATED) && self.sandbox.test(UNSIMULATED)?.is_err() {
            let oracle = format!("tests of {UNSIMULATED}");
            return Ok(Found::of(Fate::Killed { seed: 0, oracle }));
        }
        self.run(self.seeds, Some(usual), told)
    }

    fn run(
        &self,
        seeds: u64,
        usual: Option<Duration>,
        told: &mut dyn FnMut(u64),
    ) -> Result<Found, MutantsError> {
        let runner = Seeds {
            program: self.sandbox.program(),
            jobs: self.jobs,
            options: &self.options,
            usual,
        };
        runner.run(seeds, told)
    }
}
