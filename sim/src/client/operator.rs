//! Operators: they make all hunts and open them, then replace, restock, freeze and close.

use hunt::{Action, Command, Draft, RequestId, Salt, TreasureId};

use super::player::weighted;
use super::{Client, Purpose};
use crate::draw::Chance;
use crate::history::Ask;
use crate::workload::{Operation, Stage};

/// Versions of each hunt.
const VERSIONS: u64 = 4;
/// Units that a restock adds at most.
const ADD_MAX: u64 = 3;

impl Client {
    /// An operator's first operations put every hunt and open those that no schedule opens.
    pub(super) fn sets_up(&self, nth: u32) -> bool {
        self.stage_to_set_up(nth).is_some()
    }

    /// Two operations for each hunt.
    fn stage_to_set_up(&self, nth: u32) -> Option<&Stage> {
        self.scene.stages.get(usize::try_from(nth / 2).ok()?)
    }

    /// What the client asks at its `nth` operation.
    pub(super) fn operate(&self, nth: u32) -> Ask {
        let mut chance = self.chance(nth, Purpose::Ask);
        let (stage, action) = match self.stage_to_set_up(nth) {
            Some(stage) if nth % 2 == 1 && stage.opened => (stage, Action::Open),
            Some(stage) => (stage, put(&mut chance, stage, 0)),
            None => {
                let stage = chance.pick(&self.scene.stages);
                (stage, self.operation(&mut chance, stage))
            }
        };
        Ask::Command(Command {
            hunt: stage.id.clone(),
            request: RequestId::new(&format!("o{}-{nth}", self.plan.id))
                .expect("letters and digits make an id"),
            action,
        })
    }

    fn operation(&self, chance: &mut Chance, stage: &Stage) -> Action {
        let chosen = match self.scene.operations.is_empty() {
            true => Operation::Open,
            false => weighted(chance, &self.scene.operations),
        };
        match chosen {
            Operation::Replace => {
                let version = chance.below(VERSIONS);
                put(chance, stage, version)
            }
            Operation::Restock => Action::Restock {
                treasure: treasure(chance, stage),
                add: chance.between(1, ADD_MAX),
            },
            Operation::Open => Action::Open,
            Operation::Freeze => Action::Freeze,
            Operation::Close => Action::Close,
        }
    }
}

/// Mostly the first: it is what most players are after.
fn treasure(chance: &mut Chance, stage: &Stage) -> TreasureId {
    let first = stage.treasures.first().filter(|_| chance.percent(60));
    match first {
        Some(first) => first.clone(),
        None => chance.pick(&stage.treasures).clone(),
    }
}

fn put(chance: &mut Chance, stage: &Stage, version: u64) -> Action {
    let draft = Draft::parse(stage.json(version).as_bytes());
    let mut salt = [0; 16];
    for half in salt.chunks_mut(8) {
        half.copy_from_slice(&chance.next().to_le_bytes());
    }
    Action::Put {
        draft: Box::new(draft.expect("every version of every stage is sound")),
        salt: Salt(salt),
    }
}
