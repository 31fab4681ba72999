//! SIGSTOP and SIGCONT: an engine that slept must not commit what it decided before.

use std::thread::sleep;
use std::time::Duration;

use tests::random::number;

use crate::cluster::Cluster;
use crate::load::{Manners, play};
use crate::proof;
use tests::wait_until;

/// How long it sleeps, in seconds: far longer than a lease.
const SECONDS: u64 = 30;

#[test]
fn an_engine_that_slept_commits_nothing_late() {
    let Some(cluster) = Cluster::start("stopped") else {
        return;
    };
    let addresses = cluster.addresses();
    let seconds = number("HUNT_STOP_SECONDS", SECONDS);
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        progress.wait_more(500);
        // Commands are under way on it.
        cluster.nodes[2].freeze();
        wait_until("the others serve all shards", || cluster.all_served_by(2));
        sleep(Duration::from_secs(seconds));
        cluster.nodes[2].thaw();
        cluster.settle();
        let refused = cluster.nodes[2].metric("hunt_commits_fenced_total");
        eprintln!("{refused} of its commits came late and were refused");
        progress.wait_more(500);
    });
    proof::check(addresses[0], &deeds);
    cluster.verify();
}
