//! A node that comes back, with or without a farewell.

use crate::cluster::Cluster;
use crate::load::{Manners, play};
use crate::proof;
use tests::wait_until;

#[test]
fn all_nodes_are_restarted_one_by_one_and_nobody_notices() {
    let mut cluster = Cluster::start(3);
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.address()).collect();
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        for _ in 0..3 {
            progress.wait_more(100);
            let node = cluster.nodes.remove(0);
            let spec = node.spec.clone();
            node.stop();
            progress.wait_more(100);
            cluster.nodes.push(spec.start(&cluster.store));
            cluster.settle();
        }
        progress.wait_more(100);
    });
    proof::check_no_errors(&deeds);
    proof::check(addresses[0], &deeds);
    cluster.verify();
}

#[test]
fn a_node_that_crashed_takes_its_place_again() {
    let mut cluster = Cluster::start(2);
    let survivor = [cluster.nodes[0].address()];
    let (deeds, ()) = play(&survivor, Manners { retries: 1 }, |progress| {
        progress.wait_more(100);
        let node = cluster.nodes.remove(1);
        // Where it listened some descriptors may still be open: it comes back elsewhere, as on another machine.
        let again = crate::node::Spec::new(node.spec.id);
        node.crash();
        cluster.nodes.push(again.start(&cluster.store));
        cluster.settle();
        progress.wait_more(100);
    });
    proof::check(survivor[0], &deeds);
    wait_until("both are ready", || {
        cluster.nodes.iter().all(|node| node.is_ready())
    });
    cluster.verify();
}
