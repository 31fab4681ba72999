//! `events`: the log of a stopped engine, as JSON lines.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use clap::Args;
use hunt::view::event_view;
use hunt::{Definition, Event, EventBody, HuntId, ShardId};
use node::EventLog;

use super::backends::{WithBackend, with_stopped_store};
use super::error::CliError;
use super::verify::{Prefix, close, parse_prefix};
use crate::runtime::{Backend, GlommioHost, StartError, run_offline};

/// Prints the log of a stopped engine, one event a line
#[derive(Args)]
#[command(
    after_help = "Events come shard by shard, in the order of each shard's log; answers and codes are not in the log.\n\
    Example:\n  hunt-engine events --store embedded:./hunt-data --hunt harbour-lights | jq -c 'select(.type == \"claimed\")'"
)]
pub(super) struct EventsArguments {
    /// The store: embedded:DIR, or fdb:CLUSTER_FILE
    #[arg(long)]
    store: String,
    /// What all keys of the store begin with, as it was set for the engine
    #[arg(long, env = "HUNT_PREFIX", default_value = "hunt", value_parser = parse_prefix)]
    prefix: Prefix,
    /// Only this hunt
    #[arg(long, value_parser = parse_hunt)]
    hunt: Option<HuntId>,
    /// Only events with a greater sequence
    #[arg(long, default_value_t = 0)]
    after: u64,
}

fn parse_hunt(text: &str) -> Result<HuntId, String> {
    HuntId::new(text).map_err(|error| error.to_string())
}

pub(super) fn events(arguments: &EventsArguments) -> Result<(), CliError> {
    with_stopped_store(&arguments.store, Print(arguments))?
}

struct Print<'a>(&'a EventsArguments);

impl WithBackend for Print<'_> {
    type Output = Result<(), CliError>;

    fn run<B: Backend>(self, backend: B) -> Self::Output {
        let printed = run_offline(&backend, async |host| print(&host, self.0).await)
            .map_err(StartError::into)
            .flatten();
        close(&backend)?;
        printed
    }
}

async fn print<S: store::Store>(
    host: &GlommioHost<S>,
    arguments: &EventsArguments,
) -> Result<(), CliError> {
    let failed = |error: node::EventLogError| CliError::Store(error.to_string());
    let prefix = &arguments.prefix.0;
    let shard = match &arguments.hunt {
        None => None,
        Some(hunt) => match EventLog::shards(host, prefix).await.map_err(failed)? {
            0 => return Ok(()),
            shards => Some(hunt.shard(shards)),
        },
    };
    let mut log = EventLog::open(host, prefix, shard).await.map_err(failed)?;
    let mut printer = Printer::new(BufWriter::new(std::io::stdout().lock()), arguments);
    while let Some((shard, event)) = log.next().await.map_err(failed)? {
        match printer.print(shard, &event) {
            Ok(()) => {}
            // `| head` has seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(CliError::io("can't write", error)),
        }
    }
    printer
        .out
        .flush()
        .map_err(|error| CliError::io("can't write", error))
}

/// Names clues and treasures by the definition that held when the event happened.
struct Printer<'a, W: Write> {
    out: W,
    arguments: &'a EventsArguments,
    definitions: BTreeMap<HuntId, Box<Definition>>,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(out: W, arguments: &'a EventsArguments) -> Self {
        Self {
            out,
            arguments,
            definitions: BTreeMap::new(),
        }
    }

    fn print(&mut self, shard: ShardId, event: &Event) -> std::io::Result<()> {
        if self
            .arguments
            .hunt
            .as_ref()
            .is_some_and(|hunt| *hunt != event.hunt)
        {
            return Ok(());
        }
        if let EventBody::Put { definition, .. } = &event.body {
            self.definitions
                .insert(event.hunt.clone(), definition.clone());
        }
        if event.seq <= self.arguments.after {
            return Ok(());
        }
        let Some(definition) = self.definitions.get(&event.hunt) else {
            let detail = format!(
                "event {} of shard {shard} belongs to a hunt that was never made; run verify",
                event.seq
            );
            return Err(std::io::Error::other(detail));
        };
        serde_json::to_writer(&mut self.out, &event_view(event, definition, shard))?;
        self.out.write_all(b"\n")
    }
}
