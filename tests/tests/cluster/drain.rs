//! An operator has a node hand its shards over, over HTTP and with the command.

use serde_json::Value;
use tests::{Answer, Client, Request, Role, run, token};

use crate::cluster::{Cluster, shares, view};
use crate::load::{Manners, play};
use crate::node::{Node, SHARDS};
use crate::proof;
use tests::wait_until;

fn ask_to_drain(node: &Node, role: Role, body: &str) -> Answer {
    let request = Request::post("/v1/cluster/drain")
        .token(&token(role, "tests"))
        .body(body);
    Client::new(node.address()).ask(&request).unwrap()
}

/// Of the shards, how many the node has.
fn share(seen_by: &Node, node: &Node) -> usize {
    let shares = shares(&view(seen_by));
    shares
        .get(&format!("{:016x}", node.spec.id))
        .copied()
        .unwrap_or(0)
}

fn drain_command(node: &Node, more: &[&str]) -> tests::Ran {
    let url = format!("http://{}", node.address());
    let operator = token(Role::Operator, "tests");
    let mut arguments = vec!["drain", "--url", &url, "--token", &operator];
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn a_node_is_drained_under_load_and_nobody_notices() {
    let cluster = Cluster::start(3);
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.address()).collect();
    let leaver = &cluster.nodes[0];
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        progress.wait_more(100);
        let ran = drain_command(leaver, &[]);
        assert_eq!(ran.code(), Some(0), "{ran:?}");
        assert!(ran.out.starts_with("drained: "), "{ran:?}");
        // It has nothing left, is not ready, and still answers for the others.
        assert!(!leaver.is_ready());
        progress.wait_more(100);
    });
    proof::check_no_errors(&deeds);
    wait_until("the others have all shards", || {
        let others: usize = cluster.nodes[1..]
            .iter()
            .map(|node| share(node, node))
            .sum();
        others == usize::from(SHARDS)
    });
    let again = ask_to_drain(leaver, Role::Operator, "").json();
    assert_eq!(again["shards_left"], 0, "{again}");
    let listed = view(&cluster.nodes[1]);
    let nodes = listed["nodes"].as_array().unwrap();
    let draining: Vec<&Value> = nodes
        .iter()
        .filter(|node| node["draining"] == true)
        .collect();
    assert_eq!(draining.len(), 1, "{listed}");
    proof::check(addresses[1], &deeds);
    cluster.verify();
}

#[test]
fn a_node_can_be_asked_to_stop_once_it_is_drained() {
    let mut cluster = Cluster::start(2);
    let leaver = cluster.nodes.remove(0);
    let ran = drain_command(&leaver, &["--stop"]);
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    leaver.wait_stop_requested();
    leaver.stop();
    // It signed off: nobody waits for a lease.
    let listed = view(&cluster.nodes[0]);
    assert_eq!(
        listed["nodes"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
    cluster.settle();
    cluster.verify();
}

#[test]
fn only_an_operator_drains_and_only_where_somebody_takes_over() {
    let cluster = Cluster::start(1);
    let node = &cluster.nodes[0];
    assert_eq!(ask_to_drain(node, Role::Service, "").status, 403);
    assert_eq!(
        ask_to_drain(node, Role::Operator, "{\"stop\":1}").status,
        422
    );
    let refused = ask_to_drain(node, Role::Operator, "{}");
    assert_eq!(refused.status, 409);
    assert!(
        refused.text().contains("no other node of the cluster"),
        "{}",
        refused.text()
    );
    let ran = drain_command(node, &[]);
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.err.contains("refused (409): no other node"), "{ran:?}");
    let ran = run(&["drain", "--url", "http://127.0.0.1:1", "--token", "t"]);
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.err.contains("can't ask 127.0.0.1:1"), "{ran:?}");
    let ran = run(&["drain", "--url", "here", "--token", "t"]);
    assert_eq!(ran.code(), Some(2), "{ran:?}");
    assert!(node.is_ready(), "nothing was drained");
    cluster.verify();
}
