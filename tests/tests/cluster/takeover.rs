//! A node dies: the others take its shards and lose nothing.

use tests::{Client, Request, Role, token};

use crate::cluster::{Cluster, HUNTS, shares, view};
use crate::load::{Manners, play};
use crate::node::SHARDS;
use crate::proof;
use tests::wait_until;

#[test]
fn any_node_answers_for_all_hunts() {
    let cluster = Cluster::start(3);
    let service = token(Role::Service, "game");
    for node in &cluster.nodes {
        let mut client = Client::new(node.address());
        for hunt in HUNTS {
            let player = format!("p{}", node.spec.id);
            let claim = format!("/v1/hunts/{hunt}/treasures/coin/claim");
            let request = Request::post(&claim)
                .token(&service)
                .player(&player)
                .key("k");
            let answer = client.ask(&request).unwrap();
            assert_eq!(answer.outcome(), "granted", "{}", answer.text());
            for path in ["", "/progress", "/leaderboard", "/events"] {
                let path = format!("/v1/hunts/{hunt}{path}");
                let answer = client.ask(&Request::get(&path).token(&service).player(&player));
                let answer = answer.unwrap();
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
        }
        let list = client
            .ask(&Request::get("/v1/hunts").token(&service))
            .unwrap();
        let listed = list.json()["hunts"].as_array().map(Vec::len);
        assert_eq!(listed, Some(HUNTS.len()), "{}", list.text());
    }
    let grants = 3 * HUNTS.len() as u64;
    assert_eq!(cluster.verify(), grants);
}

#[test]
fn the_shards_of_a_dead_node_are_taken_over() {
    let mut cluster = Cluster::start(3);
    let victim = cluster.nodes.remove(1);
    let alive: Vec<_> = cluster.nodes.iter().map(|node| node.address()).collect();
    let (deeds, ()) = play(&alive, Manners { retries: 1 }, |progress| {
        progress.wait_more(200);
        victim.crash();
        wait_until("the others have all shards", || {
            let view = view(&cluster.nodes[0]);
            shares(&view).values().sum::<usize>() == usize::from(SHARDS) && shares(&view).len() == 2
        });
        progress.wait_more(200);
    });
    proof::check(alive[0], &deeds);
    cluster.verify();
}
