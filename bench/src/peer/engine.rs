//! The engine itself, on a fresh embedded store.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::process::{Process, output};
use super::remote::{Call, put_hunts};
use super::{About, Check, Folder, Kind, Peer, Settings, free_address, free_addresses};
use crate::error::BenchError;
use crate::protocol::Target;
use crate::protocol::http::HttpTarget;
use crate::protocol::wire::WireTarget;

/// Said where a program should be and is not.
const PACKAGE: &str =
    "(none: build it with `cargo build --release -p server`, or name it with --engine)";

/// How long tokens hold.
const TTL: &str = "7d";

/// An engine that the harness started.
pub struct Engine {
    process: Process,
    program: PathBuf,
    store: PathBuf,
    target: Box<dyn Target>,
    feed: SocketAddr,
    service: String,
    about: About,
}

impl Engine {
    /// Starts it, puts and opens the hunts.
    pub fn start(kind: Kind, settings: &Settings, folder: &Folder) -> Result<Self, BenchError> {
        let place = folder.place("engine")?;
        let (store, program) = (place.join("store"), settings.engine.clone());
        let secret = secret()?;
        let address = free_address()?;
        // The wire protocol has one port for each core.
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u16;
        let wire = (kind == Kind::Wire)
            .then(|| free_addresses(cores))
            .transpose()?;
        let mut command = Command::new(&program);
        command
            .arg("serve")
            .args(["--listen", &address.to_string()])
            .arg("--store")
            .arg(format!("embedded:{}", store.display()))
            .args(["--cores", &settings.cores])
            .env("HUNT_JWT_SECRET", &secret);
        if let Some(wire) = wire {
            command.env("HUNT_WIRE_LISTEN", wire.to_string());
        }
        let mut process = Process::start(command, &place.join("log"), PACKAGE)?;
        let ready = Call::get("/readyz");
        process.wait_ready(|| ready.ask(address).is_ok_and(|(status, _)| status == 200))?;
        let token = |role| token(&program, &secret, role);
        let (operator, service) = (token("operator")?, token("service")?);
        put_hunts(address, &operator, settings.hunts)?;
        let target: Box<dyn Target> = match wire {
            None => Box::new(HttpTarget::new(address, settings.hunts, &service)),
            Some(wire) => Box::new(WireTarget::discover(wire, settings.hunts, &service)?),
        };
        let mut version = Command::new(&program);
        version.arg("--version");
        Ok(Self {
            about: About {
                version: output(version, PACKAGE)?,
                durability: "embedded store: the log is synced before a command is answered"
                    .to_owned(),
            },
            process,
            program,
            store,
            target,
            feed: wire.unwrap_or(address),
            service,
        })
    }
}

impl Peer for Engine {
    fn target(&self) -> &dyn Target {
        &*self.target
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn processes(&self) -> Vec<u32> {
        vec![self.process.id()]
    }

    fn feed(&self) -> Option<(SocketAddr, &str)> {
        Some((self.feed, &self.service))
    }

    fn finish(self: Box<Self>) -> Result<Check, BenchError> {
        self.process.stop()?;
        verify(&self.program, &self.store)
    }
}

/// What `hunt-engine verify` says of a stopped store.
fn verify(program: &Path, store: &Path) -> Result<Check, BenchError> {
    let mut command = Command::new(program);
    command
        .args(["verify", "--json", "--store"])
        .arg(format!("embedded:{}", store.display()));
    let said = command
        .output()
        .map_err(BenchError::io("starting hunt-engine verify"))?;
    // Faults make it exit with 1, and are in what it prints all the same.
    let report: Value = serde_json::from_slice(&said.stdout).map_err(|error| {
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        BenchError::Untrue(format!(
            "hunt-engine verify gave no figures: {error}: {words}"
        ))
    })?;
    let count = report["faults"]
        .as_array()
        .map(|faults| faults.len() as u64);
    let found = report["faults_found"].as_u64().or(count);
    match (report["events"].as_u64(), found) {
        (Some(events), Some(faults)) => Ok(Check {
            events: Some(events),
            faults: Some(faults),
        }),
        _ => Err(BenchError::Untrue(
            "hunt-engine verify named no events or no faults".to_owned(),
        )),
    }
}

fn token(program: &Path, secret: &str, role: &str) -> Result<String, BenchError> {
    let mut command = Command::new(program);
    command
        .args(["token", "--role", role, "--ttl", TTL])
        .env("HUNT_JWT_SECRET", secret);
    output(command, PACKAGE)
}

/// A secret that nobody knows: 32 random bytes as hex.
fn secret() -> Result<String, BenchError> {
    let mut bytes = [0; 32];
    let mut file =
        std::fs::File::open("/dev/urandom").map_err(BenchError::io("opening /dev/urandom"))?;
    std::io::Read::read_exact(&mut file, &mut bytes)
        .map_err(BenchError::io("reading /dev/urandom"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A hunt with as many treasures, and a clue of each kind that the workloads use.
pub(crate) fn definition(id: &str, treasures: u64, stock: u64) -> Value {
    let treasures: Vec<Value> = (0..treasures)
        .map(|number| {
            json!({ "id": format!("t-{number}"), "title": "T", "stock": stock, "award": { "claim": {} } })
        })
        .collect();
    let clue = |id, solve| json!({ "id": id, "title": id, "text": id, "points": 10, "solve": solve, "unlock": "open" });
    let place = json!({ "lat": 54.3233, "lon": 10.1394, "radius_m": 60, "accuracy_max_m": 100 });
    json!({
        "id": id,
        "title": "Benchmark",
        "guesses": { "per_clue": 1_000, "cooldown_ms": 0 },
        "clues": [
            clue("hard", json!({ "answer": ["nobody says this"] })),
            clue("easy", json!({ "answer": ["right"] })),
            clue("place", json!({ "check_in": place })),
        ],
        "treasures": treasures,
    })
}
