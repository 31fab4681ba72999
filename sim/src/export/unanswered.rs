//! Commands that nobody was told the end of: the log tells which of them took effect.

use hunt::{Action, Command, EventView};

use super::observed::{Effect, Key, Operation};

/// A command that may have taken effect without an answer.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) client: u32,
    pub(super) called_us: u64,
    pub(super) command: Command,
    /// Somebody was told that it took effect; it may have done so again.
    pub(super) told: bool,
}

/// The operations that took effect without an answer. Each event that no answer tells of, with when it was, is given to the
/// first command that fits it, of those that nobody was told of if there is one; which of several equal commands of one player
/// it was makes no difference to any checker.
pub(super) fn resolve(
    log: &[(u64, EventView)],
    mut unanswered: Vec<Unanswered>,
    told: &[Operation],
) -> Vec<Operation> {
    let mut known: Vec<(&Key, &Effect)> = told.iter().map(|op| (&op.key, &op.effect)).collect();
    let mut found = Vec::new();
    for (at_us, event) in log {
        let mut effects = effects(event);
        effects.retain(|(key, effect)| !take(&mut known, key, effect));
        if effects.is_empty() {
            continue;
        }
        let first = |told| {
            unanswered.iter().position(|one| {
                one.told == told && one.called_us <= *at_us && fits(&one.command, event)
            })
        };
        let Some(at) = first(false).or_else(|| first(true)) else {
            continue;
        };
        let by = &unanswered[at];
        let (client, called_us) = (by.client, by.called_us);
        let request = by.command.request.to_string();
        if !by.told {
            unanswered.remove(at);
        }
        found.extend(effects.into_iter().map(|(key, effect)| Operation {
            client,
            player: event.player.as_ref().map(ToString::to_string),
            request: request.clone(),
            key,
            called_us,
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
        .zip(event.stock_left);
    let restocked =
        restocked.map(|((treasure, add), left)| (key(treasure), Effect::Restocked { add, left }));
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
