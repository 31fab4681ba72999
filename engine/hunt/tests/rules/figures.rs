//! Figures for people. They assert nothing, so they run only when asked for:
//! `cargo test --release -p hunt --test rules figures -- --ignored --nocapture`.
#![allow(
    clippy::disallowed_methods,
    reason = "measuring needs a clock; nothing depends on what it says"
)]

use std::{hint::black_box, time::Instant};

use hunt::{
    Action, Attempt, BoardKey, ClueId, Command, Decision, HuntId, Leaderboard, Millis, PlayerId,
    PlayerState, RequestId, TreasureId, decode_player, encode_events, encode_player,
};

use crate::table::Table;

const ROUNDS: u32 = 200_000;

const COINS: &str = r#"{ "id": "coins", "title": "Coins",
    "clues": [ { "id": "a", "title": "A", "points": 5, "solve": { "answer": ["Café du Monde"] } } ],
    "treasures": [ { "id": "coin", "title": "Coin", "stock": 1000000000, "award": { "claim": {} } } ] }"#;

fn time<T>(what: &str, mut work: impl FnMut() -> T) {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    println!(
        "{what}: {} ns",
        start.elapsed().as_nanos() / u128::from(ROUNDS)
    );
}

fn command(action: Action) -> Command {
    let (hunt, request) = (
        HuntId::new("coins").unwrap(),
        RequestId::new("0191f2c4-7a51-7000-8000-1234567890ab").unwrap(),
    );
    Command {
        hunt,
        request,
        action,
    }
}

#[test]
#[ignore = "prints figures"]
fn figures() {
    let mut table = Table::with(COINS);
    table.play("open\nbob claim coin\nbob solve a =cafe du monde");
    let player = PlayerId::new("player-1234567").unwrap();
    let claim = command(Action::Claim {
        player: player.clone(),
        treasure: TreasureId::new("coin").unwrap(),
    });
    let solve = command(Action::Solve {
        player,
        clue: ClueId::new("a").unwrap(),
        attempt: Attempt::Answer("cafe du MONDE".to_owned()),
    });
    time("decide a claim", || table.decide(&claim));
    time("decide a solve", || table.decide(&solve));
    let Decision::Event(body) = table.decide(&claim) else {
        panic!("a claim is an event")
    };
    let event = table.append(body, claim.hunt.clone());
    time("decide a repeated claim", || table.decide(&claim));
    time("apply a claim to a new player", || {
        let mut player = PlayerState::default();
        player.apply(&event);
        player
    });
    let batch: Vec<_> = (1..=500)
        .map(|seq| hunt::Event {
            seq,
            ..event.clone()
        })
        .collect();
    let start = Instant::now();
    (0..1_000).for_each(|_| drop(black_box(encode_events(&batch))));
    println!(
        "encode a claim in a batch: {} ns",
        start.elapsed().as_nanos() / 500_000
    );
    let row = encode_player(&table.player("bob"));
    println!(
        "the row of a player with a claim and a solve: {} bytes",
        row.len()
    );
    time("decode it", || decode_player(&row));
    let mut board = Leaderboard::default();
    let key = |n: u64| BoardKey {
        score: n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44,
        seq: n,
        at: Millis(n),
    };
    let ids: Vec<_> = (0..1_000_000)
        .map(|n| PlayerId::new(&format!("player-{n}")).unwrap())
        .collect();
    let start = Instant::now();
    (0..)
        .zip(ids)
        .for_each(|(n, id)| drop(board.insert(key(n), id)));
    println!(
        "insert one of a million into the leaderboard: {} ns",
        start.elapsed().as_nanos() / 1_000_000
    );
    time("rank in it", || board.rank(&key(777)));
    println!("a place in it: {} bytes", board.memory_bytes() / 1_000_000);
}
