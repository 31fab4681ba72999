//! NATS JetStream with `sync_interval: always`.

use std::net::SocketAddr;
use std::process::Command;

use rustix::process::Signal;
use serde_json::json;

use super::process::{Process, output};
use super::{About, Check, Folder, Peer, Settings, free_address};
use crate::error::BenchError;
use crate::protocol::Target;
use crate::protocol::nats::{NatsTarget, STREAM, login, request};
use crate::workload::STOCK;

const PACKAGE: &str = "nats-server";

/// The first version that can sync before it acknowledges.
const SYNCS_SINCE: (u32, u32) = (2, 10);

/// Nanoseconds for which a claim's id is remembered.
const DUPLICATE_WINDOW_NS: u64 = 600_000_000_000;

const INBOX: &str = "_INBOX.admin";

/// A NATS server that the harness started.
pub(super) struct Nats {
    process: Process,
    address: SocketAddr,
    target: NatsTarget,
    about: About,
}

impl Nats {
    pub(super) fn start(settings: &Settings, folder: &Folder) -> Result<Self, BenchError> {
        let mut command = Command::new("nats-server");
        command.arg("--version");
        let version = output(command, PACKAGE)?;
        let can_sync = numbers(&version).is_some_and(|numbers| numbers >= SYNCS_SINCE);
        if !can_sync && !settings.unsynced {
            return Err(BenchError::Usage(format!(
                "{version} can't sync before it acknowledges (`sync_interval: always` came with 2.10): install a newer one, or \
                 measure it all the same with --unsynced, which its result will say"
            )));
        }
        let place = folder.place("nats")?;
        let address = free_address()?;
        let sync = if can_sync {
            "sync_interval: always"
        } else {
            ""
        };
        let config = format!(
            "listen: \"{address}\"\nping_interval: \"1h\"\njetstream {{ store_dir: \"{}\"\n{sync}\n}}\n",
            place.display()
        );
        let file = place.join("nats.conf");
        std::fs::write(&file, config).map_err(BenchError::io("writing NATS's settings"))?;
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(&file);
        // At SIGTERM it exits with 1, at SIGINT with 0.
        let mut process =
            Process::start(command, &place.join("log"), PACKAGE)?.stopped_by(Signal::INT);
        process.wait_ready(|| login(address, INBOX).is_ok())?;
        create_stream(address)?;
        let durability = match can_sync {
            true => {
                "sync_interval: always: the stream's file is synced before a publish is acknowledged"
            }
            false => {
                "NOT DURABLE: this version syncs every two minutes, and acknowledges before that"
            }
        };
        Ok(Self {
            process,
            address,
            target: NatsTarget::new(address),
            about: About {
                version,
                durability: durability.to_owned(),
            },
        })
    }
}

impl Peer for Nats {
    fn target(&self) -> &dyn Target {
        &self.target
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn processes(&self) -> Vec<u32> {
        vec![self.process.id()]
    }

    fn finish(self: Box<Self>) -> Result<Check, BenchError> {
        let mut shake = login(self.address, INBOX)?;
        let info = request(
            &mut shake,
            INBOX,
            &format!("$JS.API.STREAM.INFO.{STREAM}"),
            "",
        )?;
        drop(shake);
        self.process.stop()?;
        Ok(Check {
            events: info["state"]["messages"].as_u64(),
            faults: None,
        })
    }
}

fn create_stream(address: SocketAddr) -> Result<(), BenchError> {
    let stream = json!({
        "name": STREAM,
        "subjects": ["claims.*"],
        "storage": "file",
        "retention": "limits",
        "num_replicas": 1,
        "duplicate_window": DUPLICATE_WINDOW_NS,
        "discard": "new",
        "discard_new_per_subject": true,
        "max_msgs_per_subject": STOCK,
    });
    let mut shake = login(address, INBOX)?;
    let subject = format!("$JS.API.STREAM.CREATE.{STREAM}");
    request(&mut shake, INBOX, &subject, &stream.to_string())?;
    Ok(())
}

/// Major and minor of `nats-server: v2.10.27`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let start = version.find(|c: char| c.is_ascii_digit())?;
    let mut parts = version[start..].split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let can_sync = |version| numbers(version).is_some_and(|numbers| numbers >= SYNCS_SINCE);
        assert!(!can_sync("nats-server: v2.9.10"));
        assert!(can_sync("nats-server: v2.10.27"));
        assert!(can_sync("nats-server: v3.0.0-beta"));
        assert!(!can_sync("nats-server: unknown"));
    }
}
