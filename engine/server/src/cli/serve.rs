//! `serve`: the engine, until it is told to stop.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::backends::{WithBackend, with_backend};
use super::error::CliError;
use super::ready::{DevTokens, ReadyPage};
use super::token::make_token;
use super::{environment, log, output};
use crate::http::auth::{KeyKind, KeySetting, Role};
use crate::runtime::{Backend, Engine, Signals, fill_random};
use crate::settings::{MemoryPlan, SettingFlags, Settings};

/// How long the tokens of `--dev` hold.
const DEV_TTL: Duration = Duration::from_secs(86_400);

/// Serves hunts over HTTP until SIGTERM or SIGINT
///
/// Tokens are verified with jwt_secret (HS256) or jwt_public_key (EdDSA); there is no default key. Several keys, for rotation, go
/// into the settings file as [[keys]] with kid, and secret or public_key.
#[derive(Args)]
#[command(after_help = "\
A settings file is TOML with the names above, with underscores:
  listen = \"0.0.0.0:7117\"
  store = \"embedded:/var/lib/hunt\"
  memory_mb = 4096
  [[keys]]
  kid = \"2026\"
  secret = \"@/run/secrets/hunt-2026\"

Several nodes on one FoundationDB are a cluster: each needs cluster_listen and the same cluster_secret, and the advertised
address must be reachable for the others.

SIGTERM: in a cluster, hands its shards over first; then takes no more requests, finishes those under way, writes rows,
exits with 0. A second signal ends it at once. SIGHUP: reads certificates again; if that fails, the old ones stay.
A store that fails (a full or broken disk) ends the engine with 1: nothing acknowledged is lost, and a new start recovers.")]
pub(super) struct ServeArguments {
    /// Settings file
    #[arg(long, value_name = "FILE", env = "HUNT_CONFIG")]
    config: Option<PathBuf>,
    /// Make a key for this run and print tokens: for development only
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    flags: SettingFlags,
}

pub(super) fn serve(arguments: ServeArguments) -> Result<(), CliError> {
    let mut settings = Settings::load(&arguments.flags, arguments.config, &environment)?;
    log::start(settings.log_format, &settings.log_level)?;
    let dev = if arguments.dev {
        Some(add_dev_key(&mut settings)?)
    } else {
        None
    };
    if settings.keys.is_empty() {
        return Err(CliError::Usage(
            "no key to verify tokens with: set HUNT_JWT_SECRET (HS256, at least 32 bytes, for example `openssl rand -hex 32`) \
             or HUNT_JWT_PUBLIC_KEY (EdDSA, PEM); or try it out with --dev"
                .to_owned(),
        ));
    }
    if settings.cluster.is_some() && !settings.store.is_shared() {
        return Err(CliError::Usage(format!(
            "cluster_listen is set, but no other node can share the store {}: leave it out, or name a store of FoundationDB with fdb:FILE",
            settings.store
        )));
    }
    // Before the store: its threads must not take a signal for themselves.
    let signals = block_signals()?;
    let plan = MemoryPlan::choose(settings.memory_bytes);
    let location = settings.store.clone();
    let serve = Serve {
        settings: &settings,
        plan: &plan,
        dev: dev.as_ref(),
        quiet: false,
        signals,
    };
    with_backend(&location, &plan, &settings.fdb, serve)?
}

/// Serves a store until a signal comes.
pub(super) struct Serve<'a> {
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a MemoryPlan,
    pub(super) dev: Option<&'a DevTokens>,
    /// Standard output is for something else.
    pub(super) quiet: bool,
    /// Blocked before any thread started.
    pub(super) signals: Signals,
}

impl WithBackend for Serve<'_> {
    type Output = Result<(), CliError>;

    fn run<B: Backend>(self, backend: B) -> Self::Output {
        serve_on(self, &backend)
    }
}

/// Blocks signals for this thread and all that it starts.
pub(super) fn block_signals() -> Result<Signals, CliError> {
    Signals::block().map_err(|error| CliError::io("can't block signals", error))
}

/// Serves until one of the signals comes, then closes the store.
pub(super) fn serve_on<B: Backend>(serve: Serve<'_>, backend: &B) -> Result<(), CliError> {
    let engine = Engine::start(serve.settings, serve.plan, backend)?;
    let page = engine_page(&serve, &engine);
    serve
        .signals
        .watch(engine.stop_handle(), engine.tls_reload())
        .map_err(|error| CliError::io("can't watch signals", error))?;
    if engine.wait_ready()? {
        if serve.quiet {
            output::note(page);
        } else {
            output::say(page);
        }
        if let Err(failed) = engine.wait_stop_requested() {
            tracing::error!(%failed, "the engine ends because of its store");
            engine.stop();
            return Err(failed.into());
        }
    }
    let report = engine.stop();
    backend.close().map_err(|error| {
        CliError::Store(format!(
            "the store did not close well: {error}; the next start recovers it"
        ))
    })?;
    if !report.complete {
        return Err(CliError::Faults(
            "a core did not end in time: its rows may be old, its log is complete".to_owned(),
        ));
    }
    tracing::info!(unfinished = report.unfinished, "stopped");
    Ok(())
}

fn engine_page<'a>(serve: &Serve<'a>, engine: &'a Engine) -> ReadyPage<'a> {
    ReadyPage {
        address: engine.address(),
        is_tls: serve.settings.tls.is_some(),
        wire: engine.wire_addresses(),
        store: &serve.settings.store,
        cpus: engine.cpus(),
        shards: serve.settings.node.shards,
        memory_bytes: serve.plan.total,
        connections_per_core_max: engine.connections_per_core_max(),
        dev: serve.dev,
    }
}

fn add_dev_key(settings: &mut Settings) -> Result<DevTokens, CliError> {
    let secret = random_secret()?;
    settings.keys.push(KeySetting {
        kid: None,
        kind: KeyKind::Hs256Secret(secret.clone()),
    });
    Ok(dev_tokens(&secret))
}

/// Tokens of all roles.
pub(super) fn dev_tokens(secret: &str) -> DevTokens {
    let token = |sub, role| make_token(secret, sub, role, DEV_TTL);
    DevTokens {
        player: token("ada", Role::Player),
        service: token("service", Role::Service),
        operator: token("operator", Role::Operator),
    }
}

/// A secret that nobody can guess.
pub(super) fn random_secret() -> Result<String, CliError> {
    let mut bytes = [0; 32];
    fill_random(&mut bytes).map_err(|error| CliError::io("can't make a key", error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
