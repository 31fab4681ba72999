//! A rolling restart: no player notices.

use crate::cluster::Cluster;
use crate::load::{Manners, play};
use crate::proof;

#[test]
fn all_engines_are_restarted_one_by_one_and_nobody_notices() {
    let Some(mut cluster) = Cluster::start("restarted") else {
        return;
    };
    let addresses = cluster.addresses();
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        for _ in 0..addresses.len() {
            progress.wait_more(200);
            let node = cluster.nodes.remove(0);
            let spec = node.spec;
            node.stop();
            progress.wait_more(200);
            cluster.start_again(&spec);
            cluster.settle();
        }
        progress.wait_more(200);
    });
    proof::check_no_errors(&deeds);
    proof::check(addresses[0], &deeds);
    cluster.verify();
}
