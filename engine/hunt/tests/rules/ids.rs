//! Ids, and where hunts are placed.

use hunt::{HuntId, IdError, PlayerId};

fn check_hunt(text: &str, valid: bool) {
    assert_eq!(HuntId::new(text).is_ok(), valid, "{text:?}");
}

fn check_player(text: &str, valid: bool) {
    assert_eq!(PlayerId::new(text).is_ok(), valid, "{text:?}");
}

#[test]
fn hunts_have_slugs() {
    let longest = "x".repeat(64);
    for text in ["a", "harbour-lights", "x_1", "0", longest.as_str()] {
        check_hunt(text, true);
    }
    let too_long = "x".repeat(65);
    for text in [
        "",
        "A",
        "a b",
        "ä",
        "a/b",
        "..",
        "a%2f",
        "a\0",
        too_long.as_str(),
    ] {
        check_hunt(text, false);
    }
    assert_eq!(
        HuntId::new("aäb").unwrap_err(),
        IdError::Character {
            found: 'ä',
            at: 1,
            allowed: "a-z, 0-9, - and _ only"
        }
    );
}

#[test]
fn players_have_visible_ascii() {
    for text in ["a", "User:42/eu", "!~", "{\"a\":1}", "../x"] {
        check_player(text, true);
    }
    for text in ["", " ", "a b", "a\n", "\u{7f}", "é"] {
        check_player(text, false);
    }
}

#[test]
fn a_hunt_stays_in_its_shard() {
    // Golden: another hash would look for every hunt in the wrong log.
    let places = ["a", "harbour-lights", "roman-holiday", "museum-night", "0"].map(|id| {
        (
            HuntId::new(id).unwrap().shard(64),
            HuntId::new(id).unwrap().shard(1_000),
        )
    });
    assert_eq!(
        places,
        [(50, 114), (36, 676), (39, 535), (48, 608), (4, 260)]
    );
    assert_eq!(HuntId::new("a").unwrap().shard(1), 0);
    assert_eq!(HuntId::new("a").unwrap().shard(0), 0);
}

#[test]
fn hunts_spread_over_shards() {
    let mut counts = [0_u32; 64];
    for n in 0..6_400 {
        counts[usize::from(HuntId::new(&format!("hunt-{n}")).unwrap().shard(64))] += 1;
    }
    assert!(
        counts.iter().all(|count| (50..=150).contains(count)),
        "{counts:?}"
    );
}
