//! How many durable claims a second go through one FoundationDB cluster: as the engine does it, and by the obvious design.
//!
//! ```text
//!   obvious: each claim is a transaction: read stock and grant, write stock, grant and log ─▶ cluster
//!   engine:  one core owns the shards, decides in memory, commits batches ─────────────────▶ the same cluster
//! ```
//!
//! Both run in this process, on the same client library, in turn, several times; what counts is the ratio of one run.
//! Every claim is of a player who never claimed before, and counts once it is committed.
//!
//! `cargo run --release -p bench --features fdb --example fdb-claims -- CLUSTER_FILE [SECONDS [ROUNDS]]`
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program at the edge: it measures real time and prints what it found"
)]

mod engine;
mod obvious;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use store_fdb::{FdbDatabase, FdbSettings};

/// How long each design runs at a time, in seconds, and how often.
const SECONDS: u64 = 5;
const ROUNDS: usize = 3;

/// Everything is written under this prefix, and removed at the end.
const PREFIX: &str = "hunt-bench";

/// What a design did in one round.
struct Round {
    claims: u64,
    took: Duration,
    /// Of whole answers: a claim, or a batch of them.
    latencies_us: Vec<u64>,
}

impl Round {
    fn per_s(&self) -> f64 {
        self.claims as f64 / self.took.as_secs_f64()
    }

    fn median_us(&mut self) -> u64 {
        self.latencies_us.sort_unstable();
        let middle = self.latencies_us.len() / 2;
        self.latencies_us.get(middle).copied().unwrap_or_default()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cluster_file, numbers @ ..] = arguments.as_slice() else {
        return Err("usage: fdb-claims CLUSTER_FILE [SECONDS [ROUNDS]]".into());
    };
    let number = |at: usize| numbers.get(at).map(|text| text.parse::<u64>()).transpose();
    let limit = Duration::from_secs(number(0)?.unwrap_or(SECONDS));
    let rounds = number(1)?.map_or(ROUNDS, |rounds| rounds as usize);
    let mut settings = FdbSettings::default();
    if let Some(library) = std::env::var_os("HUNT_FDB_LIBRARY") {
        settings.library = library.into();
    }
    let database = FdbDatabase::open(Path::new(cluster_file), &settings)?;
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let prefix = format!("{PREFIX}/{}-{round}/", std::process::id());
        let mut obvious = obvious::run(cluster_file, &format!("{prefix}obvious/"), limit)?;
        let mut engine = engine::run(&database, &format!("{prefix}engine"), limit)?;
        obvious::clear(cluster_file, &prefix)?;
        let ratio = engine.per_s() / obvious.per_s();
        println!(
            "round {round}: obvious {:.0} claims/s (p50 {} µs a claim), engine {:.0} claims/s (p50 {} µs a batch), {ratio:.1} times",
            obvious.per_s(),
            obvious.median_us(),
            engine.per_s(),
            engine.median_us(),
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let (least, most) = (ratios.first(), ratios.last());
    println!(
        "engine / obvious: {:.1} times (median of {rounds}; {:.1} to {:.1})",
        ratios.get(rounds / 2).copied().unwrap_or_default(),
        least.copied().unwrap_or_default(),
        most.copied().unwrap_or_default(),
    );
    database.close();
    Ok(())
}
