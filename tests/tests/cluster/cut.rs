//! Links that are cut or clogged: the store still sees every node, so nobody is taken for dead.

use tests::{Client, Request, Role, token};

use crate::cluster::{Cluster, HUNTS, view};
use crate::load::{Manners, play};
use crate::proof;
use tests::wait_until;

/// What `from` says of its link to `to`.
fn link(cluster: &Cluster, from: usize, to: usize) -> String {
    let view = view(&cluster.nodes[from]);
    let name = format!("{:016x}", cluster.nodes[to].spec.id);
    let nodes = view["nodes"].as_array().unwrap().iter();
    let mut found = nodes.filter(|node| node["node"] == name.as_str());
    let link = found.next().map(|node| node["link"].clone());
    link.unwrap_or_default()
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn claim(cluster: &Cluster, at: usize, hunt: &str, player: &str) -> tests::Answer {
    let path = format!("/v1/hunts/{hunt}/treasures/pebble/claim");
    let request = Request::post(&path)
        .token(&token(Role::Service, "game"))
        .player(player)
        .key("k");
    let mut client = Client::new(cluster.nodes[at].address());
    client.ask(&request).unwrap()
}

#[test]
fn a_node_that_can_not_be_reached_keeps_its_shards_and_says_why_others_fail() {
    let cluster = Cluster::start(2);
    let hunt = HUNTS
        .into_iter()
        .find(|hunt| cluster.owner(hunt) == 1)
        .unwrap();
    assert_eq!(claim(&cluster, 0, hunt, "ann").outcome(), "granted");
    cluster.nodes[1].spec.way.cut();
    wait_until("the cut is noticed", || {
        link(&cluster, 0, 1).starts_with("down")
    });
    // The owner itself goes on.
    assert_eq!(claim(&cluster, 1, hunt, "bob").outcome(), "granted");
    let refused = claim(&cluster, 0, hunt, "cid");
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    assert_eq!(cluster.owner(hunt), 1, "nobody died");
    cluster.nodes[1].spec.way.mend();
    wait_until("the link is up again", || link(&cluster, 0, 1) == "up");
    assert_eq!(claim(&cluster, 0, hunt, "cid").outcome(), "granted");
    assert_eq!(cluster.verify(), 3);
}

#[test]
fn links_that_break_again_and_again_lose_no_command() {
    let cluster = Cluster::start(3);
    let addresses: Vec<_> = cluster.nodes.iter().map(|node| node.address()).collect();
    let ways: Vec<_> = cluster
        .nodes
        .iter()
        .map(|node| node.spec.way.clone())
        .collect();
    let (deeds, ()) = play(&addresses, Manners { retries: 1 }, |progress| {
        for round in 0..6 {
            progress.wait_more(50);
            ways[round % 3].cut();
            ways[round % 3].mend();
        }
        progress.wait_more(50);
    });
    // A question whose answer was lost is asked again by the node itself, under the same request id.
    proof::check_no_errors(&deeds);
    proof::check(addresses[0], &deeds);
    cluster.verify();
}

#[test]
fn a_peer_that_takes_nothing_is_given_up() {
    let cluster = Cluster::start(2);
    let way = cluster.nodes[1].spec.way.clone();
    let before = way.taken();
    way.clog(true);
    wait_until("the silence is noticed", || {
        link(&cluster, 0, 1).starts_with("down")
    });
    way.clog(false);
    wait_until("the link is up again", || link(&cluster, 0, 1) == "up");
    assert!(way.taken() > before, "it was dialled anew");
    let hunt = HUNTS
        .into_iter()
        .find(|hunt| cluster.owner(hunt) == 1)
        .unwrap();
    assert_eq!(claim(&cluster, 0, hunt, "ann").outcome(), "granted");
    assert_eq!(cluster.verify(), 1);
}
