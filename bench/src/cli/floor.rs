//! `floor`: the server of the targets floor-http and floor-wire, as its own process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::print;
use crate::error::BenchError;
use crate::floor::{Protocol, Settings, serve};

/// Serves the least that a durable answer takes, until SIGTERM; prints the claims that were synced
#[derive(Args)]
#[command(hide = true)]
pub(super) struct FloorArguments {
    /// What is spoken
    #[arg(long)]
    protocol: Protocol,
    /// Where
    #[arg(long)]
    listen: SocketAddr,
    /// The file that is written and synced
    #[arg(long)]
    log: PathBuf,
}

pub(super) fn floor(arguments: &FloorArguments) -> Result<(), BenchError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&stop))
            .map_err(BenchError::io("listening for SIGTERM"))?;
    }
    let settings = Settings {
        protocol: arguments.protocol,
        listen: arguments.listen,
        log: arguments.log.clone(),
        workers: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let claims = serve(&settings, &stop).map_err(BenchError::io("serving the floor"))?;
    print::synced(claims);
    Ok(())
}
