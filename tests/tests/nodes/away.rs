//! FoundationDB killed under load and started again: the engines shed meanwhile, go on by themselves, and nothing is lost.
//!
//! Only who runs the cluster can do that to it: `HUNT_FDB_KILL` and `HUNT_FDB_START` are the commands for `sh -c`. The first kills
//! all of the cluster's processes, the second has a supervisor start them, and ends when the cluster answers.

use std::net::SocketAddr;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tests::random::number;
use tests::{Client, Request, Role, token};

use crate::cluster::{Cluster, HUNTS};
use crate::load::{Manners, play};
use crate::proof;
use tests::wait_until;

/// How long the cluster is away, in seconds: longer than a transaction may last.
const SECONDS: u64 = 8;

#[test]
fn engines_outlive_a_killed_foundationdb() {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(kill), Some(start)) = (set("HUNT_FDB_KILL"), set("HUNT_FDB_START")) else {
        eprintln!("skipped: HUNT_FDB_KILL and HUNT_FDB_START are not both set");
        return;
    };
    let Some(cluster) = Cluster::start("away") else {
        return;
    };
    let addresses = cluster.addresses();
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        progress.wait_more(500);
        shell(&kill);
        for address in &addresses {
            wait_until("the engine sheds", || sheds(*address));
        }
        sleep(Duration::from_secs(number("HUNT_AWAY_SECONDS", SECONDS)));
        shell(&start);
        let back = Instant::now();
        progress.wait_more(1);
        eprintln!(
            "claims are answered {:.1?} after the cluster",
            back.elapsed()
        );
        cluster.settle();
        eprintln!(
            "every shard serves {:.1?} after the cluster",
            back.elapsed()
        );
        progress.wait_more(500);
    });
    for deed in &deeds {
        assert!(deed.error.as_deref().is_none_or(is_shed), "{deed:?}");
    }
    proof::check(addresses[0], &deeds);
    cluster.verify();
}

/// Whether a claim is told to come later.
fn sheds(address: SocketAddr) -> bool {
    let path = format!("/v1/hunts/{}/treasures/coin/claim", HUNTS[0]);
    let claim = Request::post(&path)
        .token(&token(Role::Service, "game"))
        .player("nobody")
        .key("shed");
    let answer = Client::new(address).ask(&claim);
    answer.is_ok_and(|answer| answer.status == 503)
}

/// Whether that is why a claim was not answered.
fn is_shed(error: &str) -> bool {
    error.starts_with("503")
}

fn shell(line: &str) {
    let status = Command::new("sh").args(["-c", line]).status().unwrap();
    assert!(status.success(), "`{line}` ended with {status}");
}
