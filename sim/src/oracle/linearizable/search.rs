//! The just-in-time search. A configuration is a state and which of the operations under way have had their place.
//!
//! ```text
//! begin x: x is under way; if x is a look and true now, it has its place
//! end x:   keep the configurations in which x has its place, or gets it now, after any others that are under way
//! ```
//!
//! Three reductions keep the configurations few, and lose no order that matters:
//! * a look has its place as soon as it is true: it changes nothing, so that can't harm;
//! * grants to players of whom nothing else is under way are alike: of those that can be, the one that ends first goes
//!   first;
//! * so are unknown grants, whose ends never come, to players who do nothing else any more: the one that began first
//!   goes first.

use std::collections::{BTreeMap, BTreeSet};

use super::counter::{Counter, Deed, State};

/// Configurations past which the search gives up: the history is too ambiguous to be worth the time.
const CONFIGURATIONS_MAX: usize = 4_096;
/// Looks at operations under way, past which it gives up: some tens of milliseconds.
const STEPS_MAX: usize = 100_000;

/// An operation on the counter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    /// What was done or seen.
    pub(super) deed: Deed,
    /// When it was first asked for.
    pub(super) began_us: u64,
    /// When it was over; none if it may happen at any later time.
    pub(super) ended_us: Option<u64>,
    /// It happened; otherwise it may have happened.
    pub(super) certain: bool,
}

/// What the search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is an order.
    Possible,
    /// There is none: this operation has no place.
    Impossible {
        /// In words.
        op: String,
        /// When it ended.
        at_us: u64,
    },
    /// Too ambiguous to tell within the limits.
    GaveUp,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Configuration {
    state: State,
    /// Operations under way that have had their place.
    placed: BTreeSet<usize>,
}

/// Begins come before ends of the same moment: only what ended before is surely earlier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Begin,
    End,
}

/// Looks for an order.
pub(super) fn search(counter: &Counter, ops: &[Op]) -> Verdict {
    let mut moments = Vec::with_capacity(ops.len() * 2);
    for (index, op) in ops.iter().enumerate() {
        moments.push((op.began_us, Moment::Begin, index));
        if let Some(ended_us) = op.ended_us {
            moments.push((ended_us, Moment::End, index));
        }
    }
    moments.sort_unstable();
    let mut search = Search {
        counter,
        ops,
        alike_from: alike_from(ops),
        now_us: 0,
        under_way: BTreeSet::new(),
        steps: 0,
    };
    let start = Configuration {
        state: counter.initial(),
        placed: BTreeSet::new(),
    };
    let mut configurations = BTreeSet::from([start]);
    for (at_us, moment, index) in moments {
        search.now_us = at_us;
        configurations = match moment {
            Moment::Begin => search.begin(index, configurations),
            Moment::End => search.end(index, configurations),
        };
        if search.steps > STEPS_MAX || configurations.len() > CONFIGURATIONS_MAX {
            return Verdict::GaveUp;
        }
        if let (true, Some(op)) = (configurations.is_empty(), ops.get(index)) {
            return Verdict::Impossible {
                op: format!("{} between {} and {at_us} us", op.deed, op.began_us),
                at_us,
            };
        }
    }
    Verdict::Possible
}

/// From when on each grant is like others: nothing else of its player is under way, or ever will be before it ends.
fn alike_from(ops: &[Op]) -> Vec<Option<u64>> {
    let mut of_player: BTreeMap<usize, Vec<&Op>> = BTreeMap::new();
    for op in ops {
        if let Some(player) = op.deed.player() {
            of_player.entry(player).or_default().push(op);
        }
    }
    let alike_from = |op: &Op| {
        let Deed::Granted(player) = op.deed else {
            return None;
        };
        let others = of_player.get(&player)?.iter();
        let mut others = others.filter(|other| !std::ptr::eq(**other, op));
        let end = |op: &Op| op.ended_us.unwrap_or(u64::MAX);
        if op.certain {
            let overlaps = |other: &&Op| op.began_us <= end(other) && other.began_us <= end(op);
            return (!others.any(overlaps)).then_some(0);
        }
        let quiet_us = others.map(|other| end(other)).max().unwrap_or(0);
        (quiet_us < u64::MAX).then_some(quiet_us)
    };
    ops.iter().map(alike_from).collect()
}

struct Search<'a> {
    counter: &'a Counter,
    ops: &'a [Op],
    alike_from: Vec<Option<u64>>,
    now_us: u64,
    under_way: BTreeSet<usize>,
    steps: usize,
}

impl Search<'_> {
    fn begin(
        &mut self,
        index: usize,
        configurations: BTreeSet<Configuration>,
    ) -> BTreeSet<Configuration> {
        self.under_way.insert(index);
        match self.ops.get(index) {
            Some(op) if op.deed.is_look() => configurations
                .into_iter()
                .map(|it| self.with_looks(it))
                .collect(),
            _ => configurations,
        }
    }

    fn end(
        &mut self,
        index: usize,
        configurations: BTreeSet<Configuration>,
    ) -> BTreeSet<Configuration> {
        let certain = self.ops.get(index).is_some_and(|op| op.certain);
        let mut kept = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<Configuration> = configurations.into_iter().collect();
        while let Some(mut it) = open.pop() {
            if it.placed.remove(&index) {
                kept.insert(it);
                continue;
            }
            if !certain {
                kept.insert(it.clone());
            }
            if self.steps > STEPS_MAX {
                break;
            }
            for next in self.next(&it) {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        self.under_way.remove(&index);
        kept
    }

    /// Every configuration one operation further.
    fn next(&mut self, from: &Configuration) -> Vec<Configuration> {
        let (candidates, states) = self.candidates(from);
        self.steps += self.under_way.len();
        let next = candidates.into_iter().zip(states).map(|(index, state)| {
            let mut placed = from.placed.clone();
            placed.insert(index);
            self.with_looks(Configuration { state, placed })
        });
        next.collect()
    }

    /// The operations that may have their place next, and the states after them.
    fn candidates(&self, from: &Configuration) -> (Vec<usize>, Vec<State>) {
        let mut candidates = Vec::new();
        let mut first_certain: Option<(u64, usize)> = None;
        let mut first_unknown: Option<(u64, usize)> = None;
        for index in self.under_way.difference(&from.placed).copied() {
            let Some(op) = self
                .ops
                .get(index)
                .filter(|op| !op.deed.is_look() && self.counter.allows(&from.state, &op.deed))
            else {
                continue;
            };
            let alike_from = self.alike_from.get(index).copied().flatten();
            let is_alike = alike_from.is_some_and(|from_us| from_us <= self.now_us);
            match (is_alike, op.certain) {
                (true, true) => {
                    let candidate = (op.ended_us.unwrap_or(u64::MAX), index);
                    first_certain = Some(first_certain.map_or(candidate, |it| it.min(candidate)));
                }
                (true, false) => {
                    let candidate = (op.began_us, index);
                    first_unknown = Some(first_unknown.map_or(candidate, |it| it.min(candidate)));
                }
                (false, _) => candidates.push(index),
            }
        }
        candidates.extend(first_certain.map(|(_, index)| index));
        candidates.extend(first_unknown.map(|(_, index)| index));
        let after = |index: &usize| {
            let op = self.ops.get(*index)?;
            self.counter.step(&from.state, &op.deed)
        };
        candidates
            .into_iter()
            .filter_map(|index| Some((index, after(&index)?)))
            .unzip()
    }

    /// Gives each look under way that is true now its place.
    fn with_looks(&self, mut it: Configuration) -> Configuration {
        let true_now: Vec<usize> = self
            .under_way
            .difference(&it.placed)
            .copied()
            .filter(|index| {
                self.ops
                    .get(*index)
                    .is_some_and(|op| op.deed.is_look() && self.counter.allows(&it.state, &op.deed))
            })
            .collect();
        it.placed.extend(true_now);
        it
    }
}

#[cfg(test)]
mod tests {
    use super::{Op, Verdict, search};
    use crate::oracle::linearizable::counter::{Counter, Deed};

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
}
