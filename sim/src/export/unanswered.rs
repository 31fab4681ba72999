//! Commands that nobody was told the end of: the log tells which of them took effect.

use hunt::{Action, Command, EventView};

use super::observed::{Effect, Key, Operation};

/// A command without an answer.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) client: u32,
    pub(super) called_us: u64,
    pub(super) command: Command,
}

/// The operations that took effect without an answer. Each event that no answer tells of is given to the first command
/// that fits it; which of several equal commands of one player it was makes no difference to any checker.
pub(super) fn resolve(
    log: &[EventView],
    mut unanswered: Vec<Unanswered>,
    told: &[Operation],
) -> Vec<Operation> {
    let mut known: Vec<(&Key, &Effect)> = told.iter().map(|op| (&op.key, &op.effect)).collect();
    let mut found = Vec::new();
    for event in log {
        let mut effects = effects(event);
        effects.retain(|(key, effect)| !take(&mut known, key, effect));
        if effects.is_empty() {
            continue;
        }
        let Some(at) = unanswered.iter().position(|one| fits(&one.command, event)) else {
            continue;
        };
        let by = unanswered.remove(at);
        found.extend(effects.into_iter().map(|(key, effect)| Operation {
            client: by.client,
            player: event.player.as_ref().map(ToString::to_string),
            key,
            called_us: by.called_us,
            returned_us: None,
            effect,
        }));
    }
    found
}

/// Takes the effect from those that were told; false if it was not.
fn take(known: &mut Vec<(&Key, &Effect)>, key: &Key, effect: &Effect) -> bool {
    let at = known.iter().position(|(k, e)| *k == key && *e == effect);
    at.map(|at| known.swap_remove(at)).is_some()
}

fn effects(event: &EventView) -> Vec<(Key, Effect)> {
    let key = |treasure: &hunt::TreasureId| (event.hunt.to_string(), treasure.to_string());
    let grants = event.grants.iter().flatten();
    let granted = grants.map(|grant| (key(&grant.treasure), Effect::Granted { seq: event.seq }));
    let restocked = event
        .treasure
        .as_ref()
        .zip(event.added)
        .map(|(treasure, add)| (key(treasure), Effect::Restocked { add }));
    granted.chain(restocked).collect()
}

fn fits(command: &Command, event: &EventView) -> bool {
    if command.hunt != event.hunt || command.action.player() != event.player.as_ref() {
        return false;
    }
    match &command.action {
        Action::Claim { treasure, .. } => {
            event.kind == "claimed" && event.treasure.as_ref() == Some(treasure)
        }
        Action::Solve { clue, .. } => event.kind == "solved" && event.clue.as_ref() == Some(clue),
        Action::Restock { treasure, add } => {
            event.kind == "restocked"
                && event.treasure.as_ref() == Some(treasure)
                && event.added == Some(*add)
        }
        _ => false,
    }
}
