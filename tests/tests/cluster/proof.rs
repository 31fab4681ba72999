//! What must hold of what players were told, whatever happened to the nodes.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use tests::players::grants_in;
use tests::{Client, feed};

use crate::cluster::{COINS, HUNTS};
use crate::load::Deed;

/// Nothing that was acknowledged is lost, nothing is granted twice, nothing is oversold.
pub(crate) fn check(address: SocketAddr, deeds: &[Deed]) {
    let mut client = Client::new(address);
    let events = feed(&mut client);
    let mut granted = BTreeSet::new();
    for treasure in ["coin", "pebble"] {
        for id in grants_in(&events, treasure) {
            assert!(granted.insert(id.clone()), "{id} was granted twice");
        }
    }
    for deed in deeds {
        if let Some(id) = deed.grant() {
            assert!(
                granted.contains(id),
                "{deed:?} was acknowledged and is lost"
            );
        }
    }
    for hunt in HUNTS {
        let of_hunt: Vec<_> = events
            .iter()
            .filter(|event| event["hunt"] == hunt)
            .cloned()
            .collect();
        let coins = grants_in(&of_hunt, "coin").len() as u64;
        assert!(
            coins <= COINS,
            "{coins} of {COINS} coins of {hunt} are granted"
        );
    }
    told_again(&mut client, deeds);
}

/// Asked again with its key, whoever was told of a grant is told of the same one.
fn told_again(client: &mut Client, deeds: &[Deed]) {
    const SAMPLE: usize = 400;
    let step = deeds.len() / SAMPLE + 1;
    for deed in deeds.iter().step_by(step) {
        let answer = client.ask(&deed.request()).unwrap();
        assert_eq!(answer.status, 200, "{deed:?}: {}", answer.text());
        if deed.grant().is_some() {
            assert!(
                answer.is_replay(),
                "{deed:?} took effect again: {}",
                answer.text()
            );
            assert_eq!(deed.told, Some(answer.json()), "{deed:?}");
        }
    }
}

/// No command stayed without an answer.
pub(crate) fn check_no_errors(deeds: &[Deed]) {
    let failed: Vec<_> = deeds.iter().filter(|deed| deed.told.is_none()).collect();
    assert!(
        failed.is_empty(),
        "{} of {}: {:#?}",
        failed.len(),
        deeds.len(),
        &failed[..failed.len().min(5)]
    );
}
