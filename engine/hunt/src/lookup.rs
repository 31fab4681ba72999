//! What derives from a definition, so that no rule has to search it: ids to indexes, and what hangs on a clue.

use crate::{Award, Clue, ClueId, Index, Treasure, TreasureId, Unlock};

/// The indexes of a definition, sorted and grouped for the rules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lookup {
    /// Clues in order of their ids.
    clues: Box<[Index]>,
    /// Treasures in order of their ids.
    treasures: Box<[Index]>,
    /// By clue: the clues whose unlock names it.
    dependents: Groups,
    /// By clue: the treasures for the first to solve it.
    prizes: Groups,
}

impl Lookup {
    pub(crate) fn of(clues: &[Clue], treasures: &[Treasure]) -> Self {
        let dependents = clues.iter().zip(0..).flat_map(|(clue, index)| {
            let needs: &[Index] = match &clue.unlock {
                Unlock::Open | Unlock::At(_) => &[],
                Unlock::After(of) | Unlock::Any { of, .. } => of,
            };
            needs.iter().map(move |need| (*need, index))
        });
        let prizes =
            treasures
                .iter()
                .zip(0..)
                .filter_map(|(treasure, index)| match treasure.award {
                    Award::FirstToSolve(clue) => Some((clue, index)),
                    Award::OnSolve | Award::Claim { .. } => None,
                });
        Self {
            clues: sorted(clues, |clue| clue.id.as_str()),
            treasures: sorted(treasures, |treasure| treasure.id.as_str()),
            dependents: Groups::of(clues.len(), dependents.collect()),
            prizes: Groups::of(clues.len(), prizes.collect()),
        }
    }

    pub(crate) fn clue(&self, clues: &[Clue], id: &ClueId) -> Option<Index> {
        find(&self.clues, clues, id.as_str(), |clue| clue.id.as_str())
    }

    pub(crate) fn treasure(&self, treasures: &[Treasure], id: &TreasureId) -> Option<Index> {
        find(&self.treasures, treasures, id.as_str(), |treasure| {
            treasure.id.as_str()
        })
    }

    pub(crate) fn dependents(&self, clue: Index) -> &[Index] {
        self.dependents.group(clue)
    }

    pub(crate) fn prizes(&self, clue: Index) -> &[Index] {
        self.prizes.group(clue)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let indexes = self.clues.len() + self.treasures.len();
        indexes * size_of::<Index>() + self.dependents.heap_bytes() + self.prizes.heap_bytes()
    }
}

fn sorted<T>(items: &[T], id: impl Fn(&T) -> &str) -> Box<[Index]> {
    let mut order: Vec<(&str, Index)> = items.iter().map(id).zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

fn find<T>(order: &[Index], items: &[T], id: &str, id_of: impl Fn(&T) -> &str) -> Option<Index> {
    let at = |index: &Index| items.get(usize::from(*index)).map_or("", &id_of);
    let place = order.binary_search_by(|index| at(index).cmp(id)).ok()?;
    order.get(place).copied()
}

/// Lists of indexes, one for each clue, in two allocations.
#[derive(Clone, Debug, PartialEq)]
struct Groups {
    /// Where each group starts in `items`, and where the last one ends; empty if there are no items.
    starts: Box<[u32]>,
    items: Box<[Index]>,
}

impl Groups {
    fn of(groups: usize, mut pairs: Vec<(Index, Index)>) -> Self {
        if pairs.is_empty() {
            return Self {
                starts: Box::default(),
                items: Box::default(),
            };
        }
        pairs.sort_unstable();
        pairs.dedup();
        let start = |group: usize| pairs.partition_point(|(of, _)| usize::from(*of) < group);
        Self {
            starts: (0..=groups)
                .map(|group| u32::try_from(start(group)).unwrap_or(u32::MAX))
                .collect(),
            items: pairs.iter().map(|(_, item)| *item).collect(),
        }
    }

    fn group(&self, group: Index) -> &[Index] {
        let start = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        let group = usize::from(group);
        self.items
            .get(start(group)..start(group + 1))
            .unwrap_or_default()
    }

    fn heap_bytes(&self) -> usize {
        self.starts.len() * size_of::<u32>() + self.items.len() * size_of::<Index>()
    }
}
