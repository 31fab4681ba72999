//! What somebody can do to a port for nodes who is no node of the cluster, or not one that fits.

use std::thread;

use server::runtime::memory_database;

use crate::cluster::{Cluster, view};
use crate::node::{Node, SHARDS, Spec};
use crate::stranger::{Stranger, frame};
use tests::wait_until;

const HELLO: u8 = 1;
const CHALLENGE: u8 = 2;
const PROOF: u8 = 3;
const REFUSAL: u8 = 4;
const LETTER: u8 = 5;

/// A hello of node 9 with one core to the node `wants`.
fn hello(wants: u64) -> Vec<u8> {
    let mut body = vec![1];
    body.extend(1_u16.to_le_bytes());
    body.extend(SHARDS.to_le_bytes());
    body.extend(9_u64.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend(wants.to_le_bytes());
    body.extend([7; 32]);
    body
}

fn refusal(stranger: &mut Stranger) -> String {
    let (kind, body) = stranger.frame();
    assert_eq!(kind, REFUSAL);
    String::from_utf8(body).unwrap()
}

fn is_well(cluster: &Cluster) {
    assert!(cluster.nodes.iter().all(Node::is_ready));
    cluster.settle();
}

#[test]
fn who_does_not_know_the_secret_gets_nowhere() {
    let cluster = Cluster::start(2);
    let port = cluster.nodes[0].spec.cluster_listen;
    let mut stranger = Stranger::dial(port);
    stranger.send(&frame(1, HELLO, &hello(1)));
    let (kind, _) = stranger.frame();
    assert_eq!(kind, CHALLENGE);
    stranger.send(&frame(1, PROOF, &[0; 32]));
    assert!(refusal(&mut stranger).contains("cluster_secret"));
    assert!(stranger.hear_out().is_empty());
    // Who skips the greeting is not heard either.
    let mut rude = Stranger::dial(port);
    rude.send(&frame(1, LETTER, &[1, 0, 4]));
    assert!(refusal(&mut rude).contains("Letter where Hello has to come"));
    is_well(&cluster);
    cluster.verify();
}

#[test]
fn garbage_and_oversized_frames_are_refused_before_they_are_read() {
    let cluster = Cluster::start(2);
    let port = cluster.nodes[0].spec.cluster_listen;
    for bytes in [
        &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        &[0xff; 64],
        &[0; 64],
        &frame(1, HELLO, &[0xff; 80]),
        &frame(1, 99, b"?"),
        // A megabyte is announced; a stranger may say a kilobyte.
        &[0, 0, 16, 0, 1, HELLO],
    ] {
        let mut stranger = Stranger::dial(port);
        stranger.send(bytes);
        let said = refusal(&mut stranger);
        assert!(!said.is_empty(), "{bytes:?}");
        assert!(stranger.hear_out().is_empty(), "{bytes:?}");
    }
    is_well(&cluster);
    cluster.verify();
}

#[test]
fn another_version_of_the_links_is_told_which_one_it_met() {
    let cluster = Cluster::start(1);
    let mut stranger = Stranger::dial(cluster.nodes[0].spec.cluster_listen);
    stranger.send(&frame(2, HELLO, &hello(1)));
    let said = refusal(&mut stranger);
    assert!(
        said.contains("version 2") && said.contains("this node version 1"),
        "{said}"
    );
    cluster.verify();
}

#[test]
fn who_says_nothing_keeps_nobody_out() {
    let cluster = Cluster::start(2);
    let port = cluster.nodes[0].spec.cluster_listen;
    // More than may be strangers at once on all cores together.
    let mut silent: Vec<_> = (0..300).map(|_| Stranger::dial(port)).collect();
    thread::scope(|scope| {
        for stranger in &mut silent {
            scope.spawn(|| assert!(stranger.hear_out().is_empty()));
        }
    });
    cluster.nodes[0].spec.way.cut();
    cluster.nodes[0].spec.way.mend();
    wait_until("the link is up again", || {
        let view = view(&cluster.nodes[1]);
        let nodes = view["nodes"].as_array().unwrap();
        nodes.iter().any(|node| node["link"] == "up")
    });
    is_well(&cluster);
    cluster.verify();
}

#[test]
fn a_node_with_another_secret_is_refused_and_both_say_why() {
    let cluster = Cluster::start(2);
    let other = "another secret of thirty-two bytes or more";
    let third = Spec::new(3)
        .with("cluster_secret", other)
        .start(&cluster.store);
    let says = |node: &Node| {
        let view = view(node);
        let nodes = view["nodes"].as_array().unwrap().iter();
        let links = nodes.filter_map(|node| node["link"].as_str().map(str::to_owned));
        links.collect::<Vec<_>>().join(" ")
    };
    wait_until("the stranger says why", || {
        says(&third).contains("it refuses this node: it does not have this node's cluster_secret")
    });
    wait_until("the cluster says why", || {
        says(&cluster.nodes[0]).contains("cluster_secret")
    });
    third.stop();
    cluster.settle();
    cluster.verify();
}

#[test]
fn a_node_with_another_number_of_shards_does_not_start() {
    let cluster = Cluster::start(1);
    let other = Spec::new(2).with("shards", (SHARDS * 2).to_string());
    let refused = other.start(&cluster.store);
    let error = refused
        .wait_open()
        .expect_err("the store has another number");
    let said = error.to_string();
    assert!(
        said.contains("made with 16 shards, the settings say 32"),
        "{said}"
    );
    drop(refused);
    is_well(&cluster);
    cluster.verify();
}

#[test]
fn a_port_that_is_taken_is_named() {
    let store = memory_database();
    let first = Spec::new(1);
    let taken = Spec {
        cluster_listen: first.cluster_listen,
        ..Spec::new(2)
    };
    let node = first.start(&store);
    let error = taken.try_start(&store).err().unwrap().to_string();
    let port = first.cluster_listen.to_string();
    assert!(
        error.contains(&port) && error.contains("is taken"),
        "{error}"
    );
    node.stop();
}
