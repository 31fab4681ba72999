//! A disk that is full while the engine runs: it says why and ends, and a new start has all that was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;

use tests::players::feed;
use tests::scratch::files;
use tests::{Engine, Request, Role, Scratch, hunts, token};

/// What files may hold, in bytes: the log reaches it within a few hundred claims.
const FILE_BYTES_MAX: u64 = 512 << 10;

/// Claims after which the disk must have been full.
const CLAIMS_MAX: usize = 100_000;

/// Waits until the log's next file is laid out beside the first: while that goes on, the disk would be full too early.
fn wait_for_spare(log: &Path) {
    tests::wait_until("the log has its next file", || {
        let files = files(log);
        files.len() > 1
            && files
                .iter()
                .all(|file| file.extension().is_some_and(|kind| kind == "log"))
    });
}

#[test]
fn a_full_disk_ends_the_engine_and_a_new_start_recovers() {
    let scratch = Scratch::new("disk-full");
    let store = scratch.join("store");
    let engine = Engine::start(&store, &[]);
    let mut client = engine.client();
    hunts::put_open(&mut client, &hunts::coins("full", CLAIMS_MAX as u64));
    wait_for_spare(&store.join("log"));
    engine.limit_files(FILE_BYTES_MAX);

    let mut granted = Vec::new();
    let refused = (0..CLAIMS_MAX).find(|number| {
        let player = format!("p-{number}");
        let claim = Request::post("/v1/hunts/full/treasures/coin/claim")
            .token(&token(Role::Player, &player))
            .key(&player);
        match client.ask(&claim) {
            Ok(answer) if answer.status == 200 => granted.push(player),
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
            // The engine ended meanwhile: nothing was promised.
            Err(_) => {}
        }
        granted.len() == *number
    });
    assert!(
        refused.is_some() && !granted.is_empty(),
        "the disk never was full"
    );

    let log_path = tests::engine::log_path(&store);
    let status = engine.wait_end();
    let log = std::fs::read_to_string(log_path).unwrap();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(
        log.contains("the disk is full") && log.contains("start again"),
        "{log}"
    );

    let engine = Engine::start(&store, &[]);
    let events = feed(&mut engine.client());
    let winners: BTreeSet<&str> = events
        .iter()
        .filter_map(|event| event["player"].as_str())
        .collect();
    let lost = granted
        .iter()
        .filter(|player| !winners.contains(player.as_str()));
    assert_eq!(lost.count(), 0, "acknowledged and lost");
    assert_eq!(engine.stop().code(), Some(0));
    tests::program::verify_clean(&store);
}
