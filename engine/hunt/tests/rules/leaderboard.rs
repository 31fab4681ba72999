//! The leaderboard against a sorted list.

use hunt::{BoardKey, Leaderboard, Millis, PlayerId};

use crate::seeded::Seeded;

fn key(score: u64, seq: u64) -> BoardKey {
    BoardKey {
        score,
        seq,
        at: Millis(seq),
    }
}

fn player(n: u64) -> PlayerId {
    PlayerId::new(&format!("player-{n}")).unwrap()
}

/// Random moves on both, of so many players with scores below a bound.
fn check(seed: u64, moves: u64, players: usize, scores: usize, leave_percent: usize) {
    let mut seeded = Seeded(seed);
    let mut board = Leaderboard::default();
    let mut list: Vec<(BoardKey, PlayerId)> = Vec::new();
    let mut places: Vec<Option<BoardKey>> = vec![None; players];
    for seq in 1..=moves {
        let who = seeded.below(players);
        let id = player(who as u64);
        if let Some(old) = places[who].take() {
            assert_eq!(board.remove(&old), Some(id.clone()));
            assert_eq!(board.remove(&old), None);
            list.remove(list.binary_search_by(|(key, _)| key.cmp(&old)).unwrap());
        }
        if seeded.below(100) >= leave_percent {
            let new = key(seeded.below(scores) as u64, seq);
            assert_eq!(board.insert(new, id.clone()), None);
            places[who] = Some(new);
            let at = list.binary_search_by(|(key, _)| key.cmp(&new)).unwrap_err();
            list.insert(at, (new, id));
        }
        assert_eq!(board.len(), list.len() as u64);
        if seq % 97 == 0 && !list.is_empty() {
            let at = seeded.below(list.len());
            assert_eq!(board.rank(&list[at].0), at as u64 + 1);
            let limit = seeded.below(700);
            let page: Vec<_> = list.iter().skip(at).take(limit).cloned().collect();
            assert_eq!(board.page(at as u64 + 1, limit), page);
        }
    }
    assert_eq!(board.page(1, usize::MAX), list);
    assert_eq!(board.page(0, 3), board.page(1, 3));
    assert!(board.page(board.len() + 1, 10).is_empty());
    for (at, (key, _)) in list.iter().enumerate() {
        assert_eq!(board.rank(key), at as u64 + 1);
    }
    for (key, id) in list {
        assert_eq!(board.remove(&key), Some(id));
    }
    assert!(board.is_empty());
    assert_eq!(board.page(1, 10), []);
}

#[test]
fn agrees_with_a_sorted_list() {
    check(1, 2_000, 5, 3, 20);
    check(2, 30_000, 20_000, 1_000_000, 0);
    check(3, 30_000, 20_000, 4, 30);
    check(4, 60_000, 2_000, 100, 50);
}

#[test]
fn orders_by_score_then_by_who_came_first() {
    let mut board = Leaderboard::default();
    for (score, seq) in [(10, 5), (30, 9), (10, 4), (20, 1)] {
        board.insert(key(score, seq), player(seq));
    }
    let order: Vec<_> = board
        .page(1, 10)
        .into_iter()
        .map(|(key, _)| (key.score, key.seq))
        .collect();
    assert_eq!(order, [(30, 9), (20, 1), (10, 4), (10, 5)]);
    assert_eq!(board.rank(&key(30, 1)), 1);
    assert_eq!(board.rank(&key(0, 1)), 5);
    assert_eq!(Leaderboard::default().rank(&key(1, 1)), 1);
}

#[test]
fn a_taken_place_gives_its_player_back() {
    let mut board = Leaderboard::default();
    assert_eq!(board.insert(key(1, 1), player(1)), None);
    assert_eq!(board.insert(key(1, 1), player(2)), Some(player(1)));
    assert_eq!(board.len(), 1);
}

#[test]
fn is_compact() {
    let mut seeded = Seeded(5);
    let mut board = Leaderboard::default();
    for seq in 1..=200_000 {
        board.insert(key(seeded.below(100_000) as u64, seq), player(seq));
    }
    let bytes = board.memory_bytes() as f64 / board.len() as f64;
    println!("a place on the leaderboard takes {bytes:.1} bytes");
    assert!(bytes < 52.0, "{bytes}");
}

#[test]
fn is_big() {
    // More places than one group holds, in the order that a hunt without ties gives.
    let mut board = Leaderboard::default();
    for seq in 1..=300_000 {
        board.insert(key(seq, seq), player(seq));
    }
    for seq in [1, 2, 150_000, 299_999, 300_000] {
        assert_eq!(board.rank(&key(seq, seq)), 300_001 - seq);
        assert_eq!(board.page(300_001 - seq, 1), [(key(seq, seq), player(seq))]);
    }
}
