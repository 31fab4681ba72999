//! The numbers of questions that cores ask other nodes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::kernel::LifeId;

/// A core, by its node and its number there.
type Core = (u16, u16);

/// From which number to which each process of a core has asked.
#[derive(Default)]
pub(crate) struct Questions(RefCell<BTreeMap<Core, BTreeMap<LifeId, RangeInclusive<u64>>>>);

impl Questions {
    /// Notes a question; what is wrong with it, if an answer to one of another process could be taken for its own.
    pub(crate) fn ask(&self, core: Core, life: LifeId, id: u64) -> Option<String> {
        let mut asked = self.0.borrow_mut();
        let lives = asked.entry(core).or_default();
        let before = lives.get(&life);
        if before.is_some_and(|ids| ids.contains(&id)) {
            return None;
        }
        let own = before.map_or(id..=id, |ids| id.min(*ids.start())..=id.max(*ids.end()));
        lives.insert(life, own.clone());
        let other = lives.iter().find(|(other, ids)| {
            **other != life && ids.start() <= own.end() && own.start() <= ids.end()
        });
        other.map(|(other, ids)| {
            let (node, core) = core;
            format!(
                "core {core} of node {node} asks question {id}, and life {other} of it asked {ids:?}"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lives_of_a_core_ask_by_the_same_numbers() {
        let questions = Questions::default();
        for (core, life, id) in [
            ((1, 0), 1, 7),
            ((1, 0), 1, 9),
            ((1, 1), 1, 8),
            ((1, 0), 2, 20),
        ] {
            assert_eq!(questions.ask(core, life, id), None);
        }
        assert!(questions.ask((1, 0), 2, 9).is_some());
        assert!(questions.ask((1, 1), 3, 8).is_some());
    }
}
