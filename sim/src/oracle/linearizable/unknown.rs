//! What can be known of unknown grants before any search, where one player may have one unit: a player who was told of
//! an own grant later had one of them, and one who was told "sold out" had none by then. Without this a stampede of
//! clients whose answers were lost would leave more orders than can be searched.

use std::collections::BTreeMap;

use super::counter::{Counter, Deed};
use super::search::Op;

/// What one player did and saw.
#[derive(Debug, Default)]
struct Player {
    /// Got a unit for certain.
    granted: bool,
    /// When it was first known that there was an earlier grant.
    held_us: Option<u64>,
    /// When the last claim began that found nothing left.
    sold_out_us: Option<u64>,
    /// When the first grant began that may have happened.
    unknown_us: Option<u64>,
}

/// Replaces the unknown grants by fewer that say the same.
pub(super) fn resolve(counter: &Counter, ops: &mut Vec<Op>) {
    let restocked_us = ops
        .iter()
        .filter(|op| matches!(op.deed, Deed::Restocked(..) | Deed::Redefined(_)))
        .map(|op| op.ended_us.unwrap_or(u64::MAX))
        .max()
        .unwrap_or(0);
    if counter.per_player > 1 {
        drop_hopeless(ops, restocked_us);
        keep_first(ops, counter.per_player as usize);
        return;
    }
    let players = players(ops);
    ops.retain(|op| op.certain || !matches!(op.deed, Deed::Granted(_)));
    let known = players
        .into_iter()
        .filter_map(|(number, player)| player.grant(number, restocked_us));
    ops.extend(known);
}

fn players(ops: &[Op]) -> BTreeMap<usize, Player> {
    let mut players: BTreeMap<usize, Player> = BTreeMap::new();
    for op in ops {
        let Some(number) = op.deed.player() else {
            continue;
        };
        let player = players.entry(number).or_default();
        match op.deed {
            Deed::Granted(_) if op.certain => player.granted = true,
            Deed::Granted(_) => {
                let first = player.unknown_us.unwrap_or(u64::MAX);
                player.unknown_us = Some(first.min(op.began_us));
            }
            Deed::Held(_) => {
                let first = player.held_us.unwrap_or(u64::MAX);
                player.held_us = Some(first.min(op.ended_us.unwrap_or(u64::MAX)));
            }
            Deed::SoldOut(_) => player.sold_out_us = player.sold_out_us.max(Some(op.began_us)),
            Deed::WonNothing(_) | Deed::Restocked(..) | Deed::Left(_) | Deed::Redefined(_) => {}
        }
    }
    players
}

impl Player {
    /// The one grant that the player had, or may have had, without being told so at once.
    fn grant(&self, number: usize, restocked_us: u64) -> Option<Op> {
        let unknown_us = self.unknown_us.filter(|_| !self.granted)?;
        // Sold out when nothing was added any more: nobody gets one after that.
        let hopeless = self.sold_out_us.is_some_and(|at_us| at_us > restocked_us);
        if self.held_us.is_none() && hopeless {
            return None;
        }
        Some(Op {
            deed: Deed::Granted(number),
            began_us: unknown_us.max(self.sold_out_us.unwrap_or(0)),
            ended_us: self.held_us,
            certain: self.held_us.is_some(),
        })
    }
}

/// A claim that was told "sold out" after the last restock can't have been granted later.
fn drop_hopeless(ops: &mut Vec<Op>, restocked_us: u64) {
    let sold_out: Vec<(u64, Deed)> = ops
        .iter()
        .filter(|op| matches!(op.deed, Deed::SoldOut(_)) && op.began_us > restocked_us)
        .map(|op| (op.began_us, op.deed))
        .collect();
    ops.retain(|op| match op.deed {
        Deed::Granted(player) if !op.certain => {
            !sold_out.contains(&(op.began_us, Deed::SoldOut(player)))
        }
        _ => true,
    });
}

/// Of the unknown grants to one player no more can have happened than one may have; those that began first stand for
/// any of them.
fn keep_first(ops: &mut Vec<Op>, per_player: usize) {
    ops.sort_by_key(|op| op.began_us);
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    ops.retain(|op| match op.deed {
        Deed::Granted(player) if !op.certain => {
            let count = kept.entry(player).or_default();
            *count += 1;
            *count <= per_player
        }
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::oracle::linearizable::counter::{Counter, Deed};
    use crate::oracle::linearizable::search::Op;

    const COUNTER: Counter = Counter {
        stock: 1,
        per_player: 1,
        players: 1,
    };

    fn op(deed: Deed, began_us: u64, ended_us: Option<u64>) -> Op {
        Op {
            deed,
            began_us,
            ended_us,
            certain: ended_us.is_some(),
        }
    }

    /// The grants that are left of these, as (begin, end).
    fn check(mut ops: Vec<Op>, expected: &[(u64, Option<u64>)]) {
        resolve(&COUNTER, &mut ops);
        let grants = ops.iter().filter(|op| matches!(op.deed, Deed::Granted(_)));
        let grants: Vec<_> = grants.map(|op| (op.began_us, op.ended_us)).collect();
        assert_eq!(grants, expected);
    }

    #[test]
    fn who_holds_one_had_one_of_the_unknown() {
        let unknown = |began_us| op(Deed::Granted(0), began_us, None);
        let held = op(Deed::Held(0), 50, Some(60));
        check(vec![unknown(10), unknown(20), held], &[(10, Some(60))]);
    }

    #[test]
    fn who_was_told_sold_out_had_none_by_then() {
        let unknown = op(Deed::Granted(0), 10, None);
        let sold_out = op(Deed::SoldOut(0), 30, Some(40));
        let restock = op(Deed::Restocked(1, None), 35, Some(60));
        check(vec![unknown, sold_out, restock], &[(30, None)]);
        check(vec![unknown, sold_out], &[]);
    }

    #[test]
    fn who_was_granted_one_had_no_other() {
        let unknown = op(Deed::Granted(0), 10, None);
        let granted = op(Deed::Granted(0), 30, Some(40));
        check(vec![unknown, granted], &[(30, Some(40))]);
    }
}
