//! Random play, and what holds whatever is played.

use std::collections::BTreeMap;

use hunt::{
    Event, EventBody, HuntState, Phase, PlayerId, PlayerState, Reply, decode_events, encode_events,
};

use crate::{
    seeded::Seeded,
    table::{SHARD, Table},
};

const FAIR: &str = r#"{ "id": "fair", "title": "Fair", "guesses": { "per_clue": 4, "cooldown_ms": 50 },
    "freezes_at": "2027-01-15T08:00:00.800Z",
    "clues": [
        { "id": "a", "title": "A", "points": 10, "solve": { "answer": ["a"] }, "grants": ["seal"] },
        { "id": "b", "title": "B", "points": 20, "solve": { "answer": ["b"] }, "unlock": { "after": ["a"] }, "grants": ["seal"] },
        { "id": "c", "title": "C", "points": 30, "solve": { "answer": ["c"] }, "unlock": { "any": 1, "of": ["a", "b"] } },
        { "id": "d", "title": "D", "points": 40, "solve": { "answer": ["d"] }, "unlock": { "at": "2027-01-15T08:00:00.300Z" } }
    ],
    "treasures": [
        { "id": "seal", "title": "Seal", "stock": 7, "per_player": 1, "award": "on_solve" },
        { "id": "coin", "title": "Coin", "stock": 5, "per_player": 2, "award": { "claim": { "requires": ["a"] } } },
        { "id": "card", "title": "Card", "per_player": 3, "award": { "claim": {} } },
        { "id": "cup", "title": "Cup", "stock": 2, "award": { "first_to_solve": "c" } }
    ] }"#;

/// A random line of play.
fn line(seeded: &mut Seeded) -> String {
    let who = format!("player-{}", seeded.below(12));
    let key = match seeded.below(3) {
        0 => format!("[{}] ", seeded.below(40)),
        _ => String::new(),
    };
    let clue = *seeded.pick(&["a", "b", "c", "d", "x"]);
    let what = match seeded.below(20) {
        0 => format!("{who} join"),
        1..=8 => format!("{who} solve {clue} ={}", seeded.pick(&["a", "b", "c", "d"])),
        9 => format!("{who} solve {clue} #{clue}"),
        10..=16 => format!(
            "{who} claim {}",
            seeded.pick(&["seal", "coin", "card", "cup", "x"])
        ),
        17 => format!(
            "restock {} {}",
            seeded.pick(&["seal", "coin", "card", "cup"]),
            seeded.below(3)
        ),
        _ => return format!("wait {}", seeded.below(60)),
    };
    key + &what
}

fn play(seed: u64, lines: usize) -> Table {
    let mut seeded = Seeded(seed);
    let mut table = Table::with(FAIR);
    table.play("open");
    for _ in 0..lines {
        table.play(&line(&mut seeded));
    }
    table
}

fn check_all(check: impl Fn(&Table)) {
    (1..=40).for_each(|seed| check(&play(seed, 400)));
}

#[test]
fn nothing_is_oversold() {
    check_all(|table| {
        let mut held: BTreeMap<u16, u64> = BTreeMap::new();
        for player in table.players.values() {
            for (treasure, definition) in (0..).zip(table.state().definition().treasures()) {
                let (count, _) = player.grants_of(treasure);
                assert!(count <= definition.per_player);
                *held.entry(treasure).or_default() += u64::from(count);
            }
        }
        for (treasure, definition) in (0..).zip(table.state().definition().treasures()) {
            let granted = table.state().granted(treasure);
            assert_eq!(held[&treasure], granted);
            let left = table.state().stock_left(treasure);
            let total = definition
                .stock
                .map(|stock| stock + table.state().restocked(treasure));
            assert_eq!(left.map(|left| left + granted), total);
        }
    });
}

#[test]
fn nth_counts_each_treasure_without_gaps() {
    check_all(|table| {
        let mut next: BTreeMap<u16, u64> = BTreeMap::new();
        for event in &table.log {
            let grants = match &event.body {
                EventBody::Solved { grants, .. } => grants.as_slice(),
                EventBody::Claimed { grant, .. } => std::slice::from_ref(grant),
                _ => &[],
            };
            for grant in grants {
                let nth = next.entry(grant.treasure).or_insert(1);
                assert_eq!(grant.nth, *nth);
                *nth += 1;
            }
        }
    });
}

#[test]
fn states_are_the_fold_of_the_log() {
    check_all(|table| {
        let log = decode_events(1, &encode_events(&table.log)).unwrap();
        let mut hunt = HuntState::created(&log[0]);
        let mut players: BTreeMap<PlayerId, PlayerState> = BTreeMap::new();
        for event in &log[1..] {
            hunt.apply(event);
            if let Some(player) = event.body.player() {
                players.entry(player.clone()).or_default().apply(event);
            }
        }
        assert_eq!(&hunt, table.state());
        assert_eq!(players, table.players);
    });
}

#[test]
fn rows_of_any_age_catch_up() {
    check_all(|table| {
        let from = table.log.len() / 3;
        let mut hunt = HuntState::created(&table.log[0]);
        table.log[..table.log.len() / 2]
            .iter()
            .for_each(|event| hunt.apply(event));
        let mut hunt = hunt::decode_hunt(&hunt::encode_hunt(&hunt)).unwrap();
        table.log[from..].iter().for_each(|event| hunt.apply(event));
        assert_eq!(&hunt, table.state());
        for (id, expected) in &table.players {
            let own = |event: &&Event| event.body.player() == Some(id);
            let mut player = PlayerState::default();
            table.log[..table.log.len() / 2]
                .iter()
                .filter(own)
                .for_each(|event| player.apply(event));
            let mut player = hunt::decode_player(&hunt::encode_player(&player)).unwrap();
            table.log[from..]
                .iter()
                .filter(own)
                .for_each(|event| player.apply(event));
            assert_eq!(&player, expected);
        }
    });
}

#[test]
fn scores_add_up_and_boards_stand_still_when_frozen() {
    let mut frozen = 0;
    check_all(|table| {
        for player in table.players.values() {
            let points = |clue| u64::from(table.state().definition().clue(clue).unwrap().points);
            assert_eq!(
                player.score(),
                player
                    .solved()
                    .map(|solved| points(solved.clue))
                    .sum::<u64>()
            );
        }
    });
    for seed in 1..=40 {
        let table = play(seed, 400);
        frozen += u64::from(table.state().phase() == Phase::Frozen);
        let froze = table.log.iter().find_map(|event| match event.body {
            EventBody::PhaseChanged {
                phase: Phase::Frozen,
                ..
            } => Some(event.seq),
            _ => None,
        });
        let boards = table.players.values().filter_map(PlayerState::board);
        assert!(
            boards
                .into_iter()
                .all(|board| froze.is_none_or(|froze| board.seq < froze))
        );
    }
    assert!(frozen > 0, "no seed reached the freeze");
}

#[test]
fn every_event_of_a_player_is_answered_again_the_same() {
    check_all(|table| {
        for event in &table.log {
            let reply = Reply::of(event, table.state().definition(), SHARD);
            let again = Reply::of(&decode_one(event), table.state().definition(), SHARD);
            assert_eq!(
                serde_json::to_string(&reply).unwrap(),
                serde_json::to_string(&again).unwrap()
            );
        }
    });
}

fn decode_one(event: &Event) -> Event {
    decode_events(event.seq, &encode_events(std::slice::from_ref(event)))
        .unwrap()
        .remove(0)
}
