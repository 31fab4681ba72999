//! The simulator as the commands use it: with the options of the command line, here or in another process.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use sim::draw::{self, DrawOptions};
use sim::outcome::{Outcome, RunOptions};
use sim::plan::{DURATION_MS_MAX, Plan, PlanError};

use super::draw::{DrawArguments, World};
use super::error::CliError;
use crate::campaign::Elsewhere;
use crate::simulator::Simulator;

/// How often a store that is told to lie does so, per million of its opportunities: often enough for every seed.
const LIES_PER_MILLION: u32 = 20_000;

/// Draws with the options of the command line, runs for real.
pub(super) struct Engine {
    options: DrawOptions,
    lie: Option<String>,
}

impl Engine {
    pub(super) fn new(arguments: &DrawArguments) -> Result<Self, CliError> {
        let duration_ms = u64::try_from(arguments.duration.as_millis())
            .ok()
            .filter(|ms| (1..=DURATION_MS_MAX).contains(ms))
            .ok_or_else(|| {
                let hours = DURATION_MS_MAX / 3_600_000;
                CliError::Usage(format!("--duration: make it 1ms to {hours}h"))
            })?;
        let world = match arguments.world {
            World::Standard => draw::World::Standard,
            World::Drawn => draw::World::Drawn,
            World::Calm => draw::World::Calm,
            World::Dense => draw::World::Dense,
        };
        Ok(Self {
            options: DrawOptions {
                duration_ms: Some(duration_ms),
                workload: arguments.workload,
                world,
            },
            lie: arguments.lie.as_deref().map(known_lie).transpose()?,
        })
    }
}

impl Simulator for Engine {
    fn draw(&self, seed: u64) -> Plan {
        let mut plan = Plan::draw(seed, &self.options);
        if let Some(lie) = &self.lie {
            plan.lie = Some(lie.clone());
            plan.rates.lie = plan.rates.lie.max(LIES_PER_MILLION);
        }
        plan
    }

    fn check(&self, plan: &Plan) -> Result<(), PlanError> {
        plan.check()
    }

    fn run(&self, plan: &Plan, options: RunOptions) -> Outcome {
        sim::run::run(plan, options)
    }
}

fn known_lie(name: &str) -> Result<String, CliError> {
    let lie: Result<store_sim::Lie, _> = name.replace('_', "-").parse();
    lie.map(|lie| lie.name().to_owned())
        .map_err(|unknown| CliError::Usage(format!("--lie: {unknown}")))
}

/// Every probe of the code under test that runs with these arguments can hit.
pub(super) fn known_probes(arguments: &DrawArguments) -> Vec<&'static str> {
    let mut probes = [node::PROBES, store_sim::PROBES].concat();
    probes.retain(|probe| *probe != store_sim::LIE_PROBE || arguments.lie.is_some());
    probes
}

/// This program, started once more.
pub(super) struct OtherProcess {
    program: PathBuf,
    options: Vec<String>,
}

impl OtherProcess {
    pub(super) fn new(arguments: &DrawArguments) -> Result<Self, CliError> {
        let named = || {
            std::env::current_exe().map_err(|source| CliError::Io {
                what: "finding this program, to run seeds in another process".to_owned(),
                source,
            })
        };
        // Where the system has a name for the program that runs, it holds also once another build took its place.
        let running = PathBuf::from("/proc/self/exe");
        Ok(Self {
            program: match running.exists() {
                true => running,
                false => named()?,
            },
            options: arguments.typed(),
        })
    }

    fn replay(&self, seed: u64, more: &[&str]) -> Result<serde_json::Value, String> {
        let mut command = Command::new(&self.program);
        command.args(["replay", &seed.to_string(), "--json"]);
        command.args(&self.options).args(more).stdin(Stdio::null());
        let output = command
            .output()
            .map_err(|error| format!("{} could not be started: {error}", self.program.display()))?;
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!(
                "the run in another process ended with {}: {error}; it said: {}",
                output.status,
                said.lines().last().unwrap_or("nothing")
            )
        })
    }
}

impl Elsewhere for OtherProcess {
    fn hash(&self, seed: u64) -> Result<String, String> {
        let told = self.replay(seed, &[])?;
        let hash = told["hash"].as_str();
        hash.map(str::to_owned)
            .ok_or_else(|| "the run in another process told no hash".to_owned())
    }

    fn timeline(&self, seed: u64) -> Result<Vec<String>, String> {
        let mut told = self.replay(seed, &["--trace"])?;
        match told["timeline"].take() {
            serde_json::Value::Null => Ok(Vec::new()),
            steps => serde_json::from_value(steps).map_err(|error| error.to_string()),
        }
    }
}
