//! `demo`: the whole engine in one process, played over real sockets, then checked.
//!
//! ```text
//!   engine on a fresh store ◀──HTTP── a thread of players: join, guess, check in, scan, claim, ask again
//!        │ stopped
//!        ▼
//!   verify the log ─▶ what happened, figures, faults
//! ```

mod client;
mod crowd;
mod operator;
mod player;
mod progress;
mod report;
mod script;
mod tally;

use std::path::{Path, PathBuf};

use clap::Args;

use super::backends::open_embedded;
use super::error::CliError;
use super::serve::{Serve, block_signals, dev_tokens, random_secret, serve_on};
use super::verify::verify_store;
use super::{environment, log, output};
use crate::http::auth::{KeyKind, KeySetting};
use crate::runtime::{Backend, Engine};
use crate::settings::{MemoryPlan, SettingFlags, Settings, StoreLocation};
use crowd::Crowd;
use report::DemoReport;
use script::Script;

/// The hunt that is played if none is named.
const SAMPLE: &str = include_str!("../../../../../examples/harbour-lights.json");

/// Players who can be asked for.
const PLAYERS_MAX: u64 = 1_000_000;

/// Shows the engine at work: players play a hunt over HTTP, then the log is checked
///
/// Starts the engine on a fresh store in a temporary directory. The hunt's schedule is set aside, so that it can be played
/// to its end now. Some commands are sent twice with one Idempotency-Key; both answers must be the same, byte for byte.
#[derive(Args)]
#[command(
    after_help = "Exits with 0 only if every answer was as expected and the log is in order."
)]
pub(super) struct DemoArguments {
    /// How many play
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=PLAYERS_MAX))]
    players: u64,
    /// Play this hunt instead of the sample
    #[arg(long, value_name = "FILE")]
    hunt: Option<PathBuf>,
    /// Serve on afterwards, until a signal comes
    #[arg(long)]
    keep: bool,
    /// Print one JSON object: players, commands, events, grants, stock_left, faults, commands_per_s, latency_us
    #[arg(long)]
    json: bool,
}

pub(super) fn demo(arguments: DemoArguments) -> Result<(), CliError> {
    let script = read_script(arguments.hunt.as_deref())?;
    let secret = random_secret()?;
    let settings = demo_settings(&secret, arguments.keep)?;
    log::start(settings.log_format, &settings.log_level)?;
    let directory = TemporaryDirectory::new()?;
    let settings = Settings {
        store: StoreLocation::Embedded(directory.0.clone()),
        ..settings
    };
    // Blocked before the store starts threads; until the play is over a signal waits.
    let signals = if arguments.keep {
        Some(block_signals()?)
    } else {
        None
    };
    let plan = MemoryPlan::choose(settings.memory_bytes);
    let backend = open_embedded(&directory.0, &plan)?;
    let stage = Stage {
        arguments: &arguments,
        script: &script,
        secret: &secret,
        settings: &settings,
        plan: &plan,
    };
    let played = stage.play(&backend);
    match signals {
        None => backend
            .close()
            .map_err(|error| CliError::Store(error.to_string()))?,
        Some(signals) => {
            if let Err(error) = &played {
                output::complain(error);
            }
            let tokens = dev_tokens(&secret);
            let dev = Some(&tokens);
            serve_on(
                Serve {
                    settings: &settings,
                    plan: &plan,
                    dev,
                    quiet: arguments.json,
                    signals,
                },
                &backend,
            )?;
        }
    }
    played
}

/// What a play needs.
struct Stage<'a> {
    arguments: &'a DemoArguments,
    script: &'a Script,
    secret: &'a str,
    settings: &'a Settings,
    plan: &'a MemoryPlan,
}

impl Stage<'_> {
    /// Plays, stops the engine, checks the log, and tells what happened.
    fn play(&self, backend: &impl Backend) -> Result<(), CliError> {
        let json = self.arguments.json;
        let engine = Engine::start(self.settings, self.plan, backend)?;
        engine.wait_ready()?;
        if !json {
            let cores = engine.cpus().len();
            output::note(format_args!(
                "engine on {}, {cores} cores, store {}",
                engine.address(),
                self.settings.store
            ));
        }
        let crowd = Crowd {
            address: engine.address(),
            script: self.script,
            secret: self.secret,
            players: self.arguments.players,
            quiet: json,
        };
        let played = crowd.play();
        let stopped = engine.stop();
        let mut played = played?;
        if !stopped.complete || stopped.unfinished > 0 {
            played
                .tally
                .fault(format!("the engine did not stop well: {stopped:?}"));
        }
        let report = DemoReport::new(
            self.arguments.players,
            played,
            &verify_store(backend, &self.settings.node.prefix)?,
        );
        if json {
            output::say(report.to_json());
        } else {
            output::say(&report);
        }
        match report.faults {
            0 => Ok(()),
            faults => Err(CliError::Faults(format!("{faults} faults found"))),
        }
    }
}

fn read_script(file: Option<&Path>) -> Result<Script, CliError> {
    let (name, json) = match file {
        None => ("the sample hunt".to_owned(), SAMPLE.to_owned()),
        Some(file) => {
            let json = std::fs::read_to_string(file)
                .map_err(|error| CliError::io(format!("can't read {}", file.display()), error))?;
            (file.display().to_string(), json)
        }
    };
    Script::new(&json).map_err(|faults| CliError::Usage(format!("{name}: {}", faults.join("; "))))
}

fn demo_settings(secret: &str, keep: bool) -> Result<Settings, CliError> {
    let mut flags = SettingFlags::default();
    // Whoever keeps it wants to find it; otherwise any port will do, so that two demos can run.
    flags.set(
        "listen",
        if keep {
            "127.0.0.1:7117"
        } else {
            "127.0.0.1:0"
        },
    );
    if environment("HUNT_LOG_LEVEL").is_none() {
        flags.set("log_level", "warn");
    }
    let mut settings = Settings::load(&flags, None, &environment)?;
    settings.keys = vec![KeySetting {
        kid: None,
        kind: KeyKind::Hs256Secret(secret.to_owned()),
    }];
    Ok(settings)
}

/// A directory that goes when the demo does.
struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn new() -> Result<Self, CliError> {
        let name = format!("hunt-demo-{}", random_secret()?.split_at(12).0);
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .map_err(|error| CliError::io(format!("can't make {}", path.display()), error))?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            output::note(format_args!("can't remove {}: {error}", self.0.display()));
        }
    }
}
