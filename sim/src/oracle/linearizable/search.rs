//! The just-in-time search. A configuration is a state and which of the operations under way have had their place.
//!
//! ```text
//! begin x: x is under way; if x is a look and true now, it has its place
//! end x:   keep the configurations in which x has its place, or gets it now, after any others that are under way
//! ```
//!
//! Four reductions keep the configurations few, and lose no order that matters:
//! * a look has its place as soon as it is true: it changes nothing, so that can't harm;
//! * grants to players of whom nothing else is under way are alike: of those that can be, the one that ends first goes
//!   first;
//! * so are unknown grants, whose ends never come, to players who do nothing else any more: the one that began first
//!   goes first;
//! * a grant that ends and can be made goes before other grants: wherever one of them comes first, the two can change
//!   places, since each takes one unit (see [`Search::enough`]).

#[cfg(test)]
mod tests;

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
    /// Operations under way that have had their place, in order.
    placed: Vec<usize>,
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
        under_way: Vec::new(),
        steps: 0,
    };
    let start = Configuration {
        state: counter.initial(),
        placed: Vec::new(),
    };
    let mut configurations = vec![start];
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
        // Not yet at the moment itself: what ends then may still have its place after the grant.
        let quiet = others.map(|other| end(other).saturating_add(1));
        let quiet_us = quiet.max().unwrap_or(0);
        (quiet_us < u64::MAX).then_some(quiet_us)
    };
    ops.iter().map(alike_from).collect()
}

struct Search<'a> {
    counter: &'a Counter,
    ops: &'a [Op],
    alike_from: Vec<Option<u64>>,
    now_us: u64,
    /// In order.
    under_way: Vec<usize>,
    steps: usize,
}

impl Search<'_> {
    fn begin(&mut self, index: usize, configurations: Vec<Configuration>) -> Vec<Configuration> {
        insert(&mut self.under_way, index);
        match self.ops.get(index) {
            Some(op) if op.deed.is_look() => {
                let looked = configurations.into_iter();
                distinct(looked.map(|it| self.with_looks(it)).collect())
            }
            _ => configurations,
        }
    }

    fn end(&mut self, index: usize, mut open: Vec<Configuration>) -> Vec<Configuration> {
        let certain = self.ops.get(index).is_some_and(|op| op.certain);
        let mut kept = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(mut it) = open.pop() {
            if remove(&mut it.placed, index) {
                kept.push(it);
                continue;
            }
            if !certain {
                kept.push(it.clone());
            }
            if self.steps > STEPS_MAX {
                break;
            }
            let next = self.next(it, index);
            // Where there is one way only, nothing can come twice.
            let is_only = open.is_empty() && next.len() == 1;
            for next in next {
                if is_only || seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        remove(&mut self.under_way, index);
        distinct(kept)
    }

    /// Every configuration one operation further on the way to giving `ending` its place.
    fn next(&mut self, from: Configuration, ending: usize) -> Vec<Configuration> {
        let enough = self.enough(&from, ending);
        let mut candidates = enough.unwrap_or_else(|| self.candidates(&from));
        self.steps += self.under_way.len();
        // There mostly is one, which needs no copy.
        let last = candidates.pop();
        let first = candidates.into_iter();
        let mut next: Vec<_> = first.map(|it| self.place(from.clone(), it)).collect();
        next.extend(last.map(|it| self.place(from, it)));
        next
    }

    /// If `ending` is a grant that must be made: the operations of which one can have its place next, whatever the order
    /// was. None if that can't be told.
    ///
    /// Say that a grant Y comes next, and `ending` after it. If the two change places, the stock is the same all the way.
    /// What asks for more than the stock are looks at who holds what: Y's come true later, which is early enough, as all
    /// this happens before `ending` ends. Those of `ending`'s player may come false, but there are none, or they need
    /// an empty stock before `ending`, which is filled up by a restock only. So only a change of the stock can have to
    /// come before `ending`.
    fn enough(&self, from: &Configuration, ending: usize) -> Option<Vec<usize>> {
        let op = self.ops.get(ending)?;
        if !op.certain || !matches!(op.deed, Deed::Granted(_)) {
            return None;
        }
        let allows = |op: &Op| self.counter.allows(&from.state, &op.deed);
        let mut others: Vec<usize> = self
            .unplaced(from)
            .filter(|(_, other)| match other.deed {
                Deed::Restocked(..) => true,
                // Somebody holds a unit for good.
                Deed::Redefined(_) => allows(other),
                _ => false,
            })
            .map(|(index, _)| index)
            .collect();
        let is_alike = self.alike_from.get(ending).copied().flatten() == Some(0);
        match (others.is_empty(), allows(op)) {
            (true, true) => Some(vec![ending]),
            (true, false) => Some(Vec::new()),
            (false, true) if is_alike => {
                others.retain(|index| self.ops.get(*index).is_some_and(allows));
                others.push(ending);
                Some(others)
            }
            (false, _) => None,
        }
    }

    /// What is under way and has had no place yet.
    fn unplaced<'b>(&'b self, from: &'b Configuration) -> impl Iterator<Item = (usize, &'b Op)> {
        let mut placed = from.placed.iter().copied().peekable();
        self.under_way.iter().filter_map(move |index| {
            while placed.next_if(|it| it < index).is_some() {}
            let has_none = placed.next_if_eq(index).is_none();
            has_none.then_some((*index, self.ops.get(*index)?))
        })
    }

    /// Gives an operation that is allowed its place.
    fn place(&self, mut it: Configuration, index: usize) -> Configuration {
        if let Some(op) = self.ops.get(index) {
            self.counter.apply(&mut it.state, &op.deed);
        }
        insert(&mut it.placed, index);
        self.with_looks(it)
    }

    /// The operations that may have their place next.
    fn candidates(&self, from: &Configuration) -> Vec<usize> {
        let mut candidates = Vec::new();
        let mut first_certain: Option<(u64, usize)> = None;
        let mut first_unknown: Option<(u64, usize)> = None;
        let can_be = |op: &Op| !op.deed.is_look() && self.counter.allows(&from.state, &op.deed);
        for (index, op) in self.unplaced(from).filter(|(_, op)| can_be(op)) {
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
        candidates
    }

    /// Gives each look under way that is true now its place.
    fn with_looks(&self, mut it: Configuration) -> Configuration {
        let is_true = |op: &Op| op.deed.is_look() && self.counter.allows(&it.state, &op.deed);
        let looks = self.unplaced(&it).filter(|(_, op)| is_true(op));
        let true_now: Vec<usize> = looks.map(|(index, _)| index).collect();
        for index in true_now {
            insert(&mut it.placed, index);
        }
        it
    }
}

/// Adds a number to some that are in order.
fn insert(numbers: &mut Vec<usize>, number: usize) {
    if let Err(place) = numbers.binary_search(&number) {
        numbers.insert(place, number);
    }
}

/// Takes a number out; says whether it was there.
fn remove(numbers: &mut Vec<usize>, number: usize) -> bool {
    let place = numbers.binary_search(&number);
    place.map(|place| numbers.remove(place)).is_ok()
}

/// Each once, in order.
fn distinct(mut configurations: Vec<Configuration>) -> Vec<Configuration> {
    if configurations.len() > 1 {
        configurations.sort_unstable();
        configurations.dedup();
    }
    configurations
}
