//! Redis with `appendfsync always`.

use std::net::SocketAddr;
use std::process::Command;

use super::process::{Process, output};
use super::{About, Check, Folder, Peer, Settings, free_address};
use crate::error::BenchError;
use crate::protocol::redis::{RedisTarget, SCRIPT};
use crate::protocol::resp::{self, Reply};
use crate::protocol::{Shake, Target};
use crate::workload::{STOCK, TREASURES, Workload};

const PACKAGE: &str = "redis-server";

/// A Redis that the harness started.
pub(super) struct Redis {
    process: Process,
    address: SocketAddr,
    target: RedisTarget,
    about: About,
}

impl Redis {
    pub(super) fn start(settings: &Settings, folder: &Folder) -> Result<Self, BenchError> {
        let place = folder.place("redis")?;
        let address = free_address()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "yes"])
            .args(["--appendfsync", "always"])
            .args(["--auto-aof-rewrite-percentage", "0"])
            .arg("--dir")
            .arg(&place);
        let mut process = Process::start(command, &place.join("log"), PACKAGE)?;
        process.wait_ready(|| ask(address, &[b"PING"]).is_ok_and(|said| said == "PONG"))?;
        ask(address, &[b"EVAL", stock_script().as_bytes(), b"0"])?;
        let sha = ask(address, &[b"SCRIPT", b"LOAD", SCRIPT.as_bytes()])?;
        let mut command = Command::new("redis-server");
        command.arg("--version");
        let version = output(command, PACKAGE)?;
        let number = version.split(' ').find_map(|word| word.strip_prefix("v="));
        let is_hot = settings.workload == Workload::ClaimHot;
        Ok(Self {
            process,
            address,
            target: RedisTarget::new(address, sha, is_hot),
            about: About {
                version: format!("Redis {}", number.unwrap_or(&version)),
                durability: "appendfsync always: one fdatasync of the append-only file for each turn of its event loop, before the replies"
                    .to_owned(),
            },
        })
    }
}

impl Peer for Redis {
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
        let events = ask(self.address, &[b"XLEN", b"events"])?;
        self.process.stop()?;
        Ok(Check {
            events: events.parse().ok(),
            faults: None,
        })
    }
}

fn stock_script() -> String {
    format!(
        "for i = 0, {TREASURES} - 1 do redis.call('SET', string.format('stock:%03d', i), {STOCK}) end
         return redis.call('SET', 'stock:hot', {STOCK})"
    )
}

/// One command on a connection of its own; the reply as text.
fn ask(address: SocketAddr, words: &[&[u8]]) -> Result<String, BenchError> {
    let mut shake = Shake::connect(address)?;
    let mut out = Vec::new();
    resp::append(&mut out, words);
    shake.say(&out)?;
    shake.hear(|input| {
        let Some((reply, used)) = resp::parse(input)? else {
            return Ok(None);
        };
        let text = match reply {
            Reply::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Reply::Number(number) => number.to_string(),
            Reply::Error(text) => return Err(String::from_utf8_lossy(text).into_owned()),
            Reply::Null => return Err("Redis has no such value".to_owned()),
        };
        Ok(Some((text, used)))
    })
}
