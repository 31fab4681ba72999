//! Links between nodes that show each other certificates.

use crate::cluster::{Cluster, view};
use crate::load::{Manners, play};
use crate::node::{Node, Spec};
use crate::proof;
use tests::authority::Authority;
use tests::wait_until;

/// What a node says of its links.
fn links(node: &Node) -> Vec<String> {
    let view = view(node);
    let nodes = view["nodes"].as_array().unwrap().iter();
    let links = nodes.filter_map(|node| node["link"].as_str().map(str::to_owned));
    links.collect()
}

/// The node, with a certificate for its links.
fn with_links(node: Spec, authority: &Authority) -> Spec {
    let settings = authority.sign_links(&node.id.to_string()).into_iter();
    settings.fold(node, |node, (key, value)| node.with(key, value))
}

#[test]
fn a_cluster_with_certificates_outlives_a_crash_and_new_certificates() {
    let authority = Authority::new("tls");
    let specs = (1..=3).map(|id| with_links(Spec::new(id), &authority));
    let mut cluster = Cluster::of(specs.collect());
    let survivors: Vec<_> = cluster.nodes[..2].iter().map(Node::address).collect();
    let (deeds, ()) = play(&survivors, Manners { retries: 1 }, |progress| {
        progress.wait_more(200);
        for node in &cluster.nodes {
            authority.sign(&node.spec.id.to_string());
            node.read_certificates();
        }
        // Only new links show the new ones.
        for node in &cluster.nodes {
            node.spec.way.cut();
            node.spec.way.mend();
        }
        cluster.settle();
        progress.wait_more(200);
        cluster.nodes.remove(2).crash();
        cluster.settle();
        progress.wait_more(200);
    });
    proof::check(survivors[0], &deeds);
    cluster.verify();
}

#[test]
fn who_is_not_signed_for_is_not_heard() {
    let authority = Authority::new("tls-own");
    let others = Authority::new("tls-others");
    for stranger in [Spec::new(2), with_links(Spec::new(2), &others)] {
        let cluster = Cluster::of(vec![with_links(Spec::new(1), &authority)]);
        // It shares the store, so it may take shards; but no letter passes between the two.
        let stranger = stranger.start(&cluster.store);
        for node in [&cluster.nodes[0], &stranger] {
            wait_until("it says that the link is down", || {
                links(node).iter().any(|link| link.starts_with("down: "))
            });
        }
        assert!(links(&cluster.nodes[0]).iter().all(|link| link != "up"));
        assert!(links(&stranger).iter().all(|link| link != "up"));
    }
}
