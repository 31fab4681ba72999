//! What has an order and what has none.

use super::{Op, Verdict, search};
use crate::draw::Chance;
use crate::oracle::linearizable::counter::{Counter, Deed, State};

const COUNTER: Counter = Counter {
    stock: 2,
    per_player: 1,
    players: 30,
};

fn op(deed: Deed, began_us: u64, ended_us: u64) -> Op {
    Op {
        deed,
        began_us,
        ended_us: Some(ended_us),
        certain: true,
    }
}

fn unknown(deed: Deed, began_us: u64) -> Op {
    Op {
        deed,
        began_us,
        ended_us: None,
        certain: false,
    }
}

fn check(ops: &[Op], possible: bool) {
    let verdict = search(&COUNTER, ops);
    assert_ne!(verdict, Verdict::GaveUp);
    assert_eq!(verdict == Verdict::Possible, possible, "{verdict:?}");
}

#[test]
fn a_refusal_may_come_before_grants_that_end_earlier_but_not_after_too_few() {
    let both = [op(Deed::Granted(0), 0, 10), op(Deed::Granted(1), 0, 50)];
    let sold_out = |from, to| op(Deed::SoldOut(2), from, to);
    check(&[both[0], both[1], sold_out(20, 30)], true);
    check(&[both[0], sold_out(20, 30)], false);
    check(&[both[0], both[1], sold_out(0, 5)], true);
    check(
        &[both[0], op(Deed::Granted(1), 40, 50), sold_out(20, 30)],
        false,
    );
}

#[test]
fn unknown_ones_count_if_they_must() {
    let granted = op(Deed::Granted(0), 0, 10);
    let sold_out = op(Deed::SoldOut(2), 20, 30);
    check(&[granted, unknown(Deed::Granted(1), 5), sold_out], true);
    check(&[granted, unknown(Deed::Granted(1), 40), sold_out], false);
    let left = |left, at| op(Deed::Left(left), at, at + 1);
    let maybe = unknown(Deed::Granted(1), 5);
    check(&[granted, maybe, left(1, 50), left(0, 60)], true);
    check(&[granted, maybe, left(0, 50), left(1, 60)], false);
}

#[test]
fn a_restock_says_what_was_left() {
    let restock = op(Deed::Restocked(5, Some(6)), 0, 100);
    check(&[restock, op(Deed::Granted(0), 10, 20)], true);
    check(&[restock], false);
    check(
        &[
            restock,
            op(Deed::Granted(0), 10, 20),
            op(Deed::Left(2), 30, 40),
        ],
        false,
    );
    check(
        &[
            restock,
            op(Deed::Granted(0), 10, 20),
            op(Deed::Left(1), 30, 40),
        ],
        true,
    );
}

#[test]
fn a_player_holds_what_was_granted() {
    let granted = op(Deed::Granted(0), 0, 10);
    check(&[granted, op(Deed::Held(0), 20, 30)], true);
    check(&[granted, op(Deed::Held(1), 20, 30)], false);
    check(
        &[unknown(Deed::Granted(0), 0), op(Deed::Held(0), 20, 30)],
        true,
    );
    check(&[granted, op(Deed::Granted(0), 20, 30)], false);
}

#[test]
fn a_stampede_is_searched_in_no_time() {
    let counter = Counter {
        stock: 15,
        ..COUNTER
    };
    let mut ops: Vec<Op> = (0..15).map(|it| op(Deed::Granted(it), 0, 100)).collect();
    ops.extend((15..30).map(|it| op(Deed::SoldOut(it), 0, 100)));
    assert_eq!(search(&counter, &ops), Verdict::Possible);
    ops.push(op(Deed::Left(1), 200, 210));
    assert!(matches!(search(&counter, &ops), Verdict::Impossible { .. }));
}

/// Tries every order: what ended before another began comes before it, and what is not certain may be left out.
fn has_order(counter: &Counter, state: &State, left: &[Op]) -> bool {
    let is_first = |op: &Op| {
        let ended_before = |other: &Op| other.ended_us.is_some_and(|end| end < op.began_us);
        !left.iter().any(ended_before)
    };
    left.iter().all(|op| !op.certain)
        || (0..left.len()).any(|at| {
            let mut others = left.to_vec();
            let op = others.swap_remove(at);
            let mut next = state.clone();
            let can_be = is_first(&op) && counter.allows(state, &op.deed);
            if can_be {
                counter.apply(&mut next, &op.deed);
            }
            (can_be && has_order(counter, &next, &others))
                || (!op.certain && has_order(counter, state, &others))
        })
}

fn drawn(chance: &mut Chance, per_player: u32) -> Op {
    let player = chance.below(3) as usize;
    let deed = match chance.below(12) {
        0..=4 => Deed::Granted(player),
        5 => Deed::SoldOut(player),
        6 => Deed::Held(player),
        7 => Deed::WonNothing(player),
        8 => Deed::Left(chance.below(u64::from(per_player) + 2)),
        9 => Deed::Restocked(1, Some(1 + chance.below(3))),
        10 => Deed::Restocked(1, None),
        _ => Deed::Redefined(chance.below(4)),
    };
    let began_us = chance.below(12);
    let certain = chance.percent(75);
    let ends = certain || chance.percent(20);
    Op {
        deed,
        began_us,
        ended_us: ends.then(|| began_us + chance.below(8)),
        certain,
    }
}

#[test]
fn agrees_with_trying_every_order() {
    let mut chance = Chance::new(7);
    let mut counts = [0; 2];
    for round in 0..6_000 {
        let counter = Counter {
            stock: chance.below(3),
            per_player: 1 + chance.below(2) as u32,
            players: 3,
        };
        let ops: Vec<Op> = (0..chance.between(2, 6))
            .map(|_| drawn(&mut chance, counter.per_player))
            .collect();
        let expected = has_order(&counter, &counter.initial(), &ops);
        let found = search(&counter, &ops);
        assert_eq!(
            found == Verdict::Possible,
            expected,
            "round {round}: {found:?} of {counter:?}, {ops:#?}"
        );
        counts[usize::from(expected)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
}
