//! The floor, as a process of its own like the others.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use super::process::Process;
use super::{About, Check, Folder, Kind, Peer, Settings, free_address};
use crate::error::BenchError;
use crate::protocol::Target;
use crate::protocol::http::HttpTarget;
use crate::protocol::wire::WireTarget;

/// Said of the token, which nobody checks; as long as one of the engine's.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmbG9vciIsInJvbGUiOiJzZXJ2aWNlIiwiZXhwIjoxNzAwMDAwMDAwfQ.zLtyfVYdBnVkkrnrTRHG6yFyMxNGwTiBGN4bRoOH4wA";

const PACKAGE: &str = "(none: it is this program)";

/// A floor that the harness started.
pub(super) struct Floor {
    process: Process,
    said: PathBuf,
    target: Box<dyn Target>,
    about: About,
}

impl Floor {
    pub(super) fn start(
        kind: Kind,
        settings: &Settings,
        folder: &Folder,
    ) -> Result<Self, BenchError> {
        let place = folder.place(kind.name())?;
        let address = free_address()?;
        let program = std::env::current_exe().map_err(BenchError::io("finding this program"))?;
        let protocol = if kind == Kind::FloorWire {
            "wire"
        } else {
            "http"
        };
        let mut command = Command::new(program);
        command
            .args(["floor", "--protocol", protocol])
            .args(["--listen", &address.to_string()])
            .arg("--log")
            .arg(place.join("synced"));
        let said = place.join("log");
        let mut process = Process::start(command, &said, PACKAGE)?;
        process.wait_ready(|| TcpStream::connect(address).is_ok())?;
        let target: Box<dyn Target> = match kind {
            Kind::FloorWire => Box::new(WireTarget::discover(address, settings.hunts, TOKEN)?),
            _ => Box::new(HttpTarget::new(address, settings.hunts, TOKEN)),
        };
        Ok(Self {
            process,
            said,
            target,
            about: About {
                version: concat!("floor of hunt-bench ", env!("CARGO_PKG_VERSION")).to_owned(),
                durability: "as many bytes as the engine logs are synced before the answer; nothing is decided".to_owned(),
            },
        })
    }
}

impl Peer for Floor {
    fn target(&self) -> &dyn Target {
        &*self.target
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn processes(&self) -> Vec<u32> {
        vec![self.process.id()]
    }

    fn finish(self: Box<Self>) -> Result<Check, BenchError> {
        self.process.stop()?;
        let said = std::fs::read_to_string(&self.said)
            .map_err(BenchError::io("reading what the floor counted"))?;
        Ok(Check {
            events: said.trim().parse().ok(),
            faults: None,
        })
    }
}
