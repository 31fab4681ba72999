//! SIGKILL: the others serve what it had, and nothing is lost.

use std::time::Instant;

use crate::cluster::Cluster;
use crate::load::{Manners, play};
use crate::proof;
use tests::wait_until;

#[test]
fn the_shards_of_a_killed_engine_are_taken_over() {
    let Some(mut cluster) = Cluster::start("killed") else {
        return;
    };
    let victim = cluster.nodes.remove(1);
    let alive = cluster.addresses();
    let (deeds, ()) = play(&alive, Manners { retries: 1 }, |progress| {
        progress.wait_more(500);
        victim.kill();
        let killed = Instant::now();
        wait_until("the others serve all shards", || cluster.all_served_by(2));
        eprintln!("every shard serves again after {:.1?}", killed.elapsed());
        progress.wait_more(500);
    });
    proof::check(alive[0], &deeds);
    cluster.verify();
}
