//! Operators: they make all hunts and open them, then replace, restock, freeze and close.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hunt::{Action, Command, Draft, HuntId, RequestId, Salt, TreasureId};

use super::player::weighted;
use super::{Client, Purpose};
use crate::draw::Chance;
use crate::history::Ask;
use crate::workload::{Operation, Stage, VERSIONS};

/// An operator's requests are remembered until so many newer ones took effect; who asks again after a long time does so
/// about then.
const LONG_AGO: std::ops::RangeInclusive<u64> = 124..=130;
/// Units that a restock adds at most.
const ADD_MAX: u64 = 3;

impl Client {
    /// An operator's first operations put every hunt and open those that no schedule opens.
    pub(super) fn sets_up(&self, nth: u32) -> bool {
        self.stage_to_set_up(nth).is_some()
    }

    /// Two operations for each hunt.
    fn stage_to_set_up(&self, nth: u32) -> Option<&Stage> {
        let mut stages = self.scene.stages.iter().chain(&self.scene.left_alone);
        stages.nth(usize::try_from(nth / 2).ok()?)
    }

    /// What the client asks at its `nth` operation.
    pub(super) fn operate(&self, nth: u32) -> Ask {
        let mut chance = self.chance(nth, Purpose::Ask);
        let (stage, action) = match self.stage_to_set_up(nth) {
            Some(stage) if nth % 2 == 1 && stage.opened => (stage, Action::Open),
            Some(stage) => (stage, self.put(&mut chance, stage, 0)),
            None => {
                let chosen = self.operation_of(&mut chance);
                let back = chance.between(*LONG_AGO.start(), *LONG_AGO.end());
                let earlier = nth.checked_sub(u32::try_from(back).unwrap_or(u32::MAX));
                if let (Operation::LongAgo, Some(earlier)) = (chosen, earlier) {
                    return self.operate(earlier);
                }
                match (chosen, nth.checked_sub(1)) {
                    (Operation::ReuseKey, Some(earlier)) => {
                        return self.reuse_id(&mut chance, earlier);
                    }
                    (Operation::Back, Some(earlier)) => return self.back(nth, earlier),
                    _ => {}
                }
                let stage = chance.pick(&self.scene.stages);
                (stage, self.operation(&mut chance, chosen, stage))
            }
        };
        Ask::Command(Command {
            hunt: stage.id.clone(),
            request: self.operators_request(nth),
            action,
        })
    }

    fn operators_request(&self, nth: u32) -> RequestId {
        let id = format!("o{}-{nth}", self.plan.id);
        RequestId::new(&id).expect("letters and digits make an id")
    }

    /// The other of freezing and opening: who has not heard of the earlier operation refuses it.
    fn back(&self, nth: u32, earlier: u32) -> Ask {
        let before = self.operate(earlier);
        let Ask::Command(command) = before else {
            return before;
        };
        Ask::Command(Command {
            request: self.operators_request(nth),
            action: match command.action {
                Action::Freeze => Action::Open,
                _ => Action::Freeze,
            },
            ..command
        })
    }

    /// Another command to the same hunt under the id of an earlier operation: often one that differs a little only.
    fn reuse_id(&self, chance: &mut Chance, earlier: u32) -> Ask {
        let before = self.operate(earlier);
        let Ask::Command(mut command) = before.clone() else {
            return before;
        };
        command.action = match command.action {
            Action::Restock { treasure, add } if chance.percent(70) => Action::Restock {
                treasure,
                add: add % ADD_MAX + 1,
            },
            Action::Open => Action::Freeze,
            _ => Action::Open,
        };
        Ask::Command(command)
    }

    fn operation_of(&self, chance: &mut Chance) -> Operation {
        match self.scene.operations.is_empty() {
            true => Operation::Open,
            false => weighted(chance, &self.scene.operations),
        }
    }

    fn operation(&self, chance: &mut Chance, chosen: Operation, stage: &Stage) -> Action {
        match chosen {
            Operation::Replace => {
                let version = chance.below(VERSIONS);
                self.put(chance, stage, version)
            }
            Operation::Restock | Operation::LongAgo | Operation::ReuseKey => Action::Restock {
                treasure: treasure(chance, stage),
                add: chance.between(1, ADD_MAX),
            },
            Operation::RestockTooMuch => Action::Restock {
                treasure: treasure(chance, stage),
                add: *chance.pick(&[0, (1 << 53) - 1, u64::MAX]),
            },
            Operation::Open => Action::Open,
            Operation::Freeze | Operation::Back => Action::Freeze,
            Operation::Close => Action::Close,
        }
    }

    fn put(&self, chance: &mut Chance, stage: &Stage, version: u64) -> Action {
        let mut salt = [0; 16];
        for half in salt.chunks_mut(8) {
            half.copy_from_slice(&chance.next().to_le_bytes());
        }
        Action::Put {
            draft: Box::new(self.drafts.get(stage, version)),
            salt: Salt(salt),
        }
    }
}

/// Every version of every hunt, read once: operators put the same few again and again.
#[derive(Default)]
pub(super) struct Drafts(RefCell<BTreeMap<(HuntId, u64), Draft>>);

impl Drafts {
    fn get(&self, stage: &Stage, version: u64) -> Draft {
        let mut known = self.0.borrow_mut();
        let draft = known.entry((stage.id.clone(), version)).or_insert_with(|| {
            let draft = Draft::parse(stage.json(version).to_string().as_bytes());
            draft.expect("every version of every stage is sound")
        });
        draft.clone()
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
