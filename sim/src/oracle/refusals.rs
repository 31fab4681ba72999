//! Whether the model finds a refusal true: sold out, locked, closed, out of guesses, granted before, and so on.

use hunt::{Action, Award, Command, Index, Millis, Phase, Refusal, Reply, RequestTag, grant};

use super::model::{Model, Player};

/// Whether this is what the rules answer now; `tag` is how the log knows the command.
pub(crate) fn is_true(
    model: &Model<'_>,
    command: &Command,
    tag: Option<&RequestTag>,
    reply: &Reply,
    shard: u16,
) -> bool {
    let player = command.action.player();
    let remembered = tag.and_then(|tag| model.remembered(player, tag));
    if let Some((known, tag)) = remembered.zip(tag) {
        let reused = *reply == Reply::Refused(Refusal::KeyReused);
        return reused && known.fingerprint != tag.fingerprint;
    }
    let stranger = Player::default();
    let known = player
        .and_then(|player| model.players.get(player))
        .unwrap_or(&stranger);
    match &command.action {
        Action::Put { .. } => put(model, reply),
        Action::Open => phase(model, Phase::Open, reply),
        Action::Freeze => phase(model, Phase::Frozen, reply),
        Action::Close => phase(model, Phase::Closed, reply),
        Action::Restock { treasure, .. } => {
            let left = model
                .definition
                .treasure_index(treasure)
                .and_then(|index| model.left.get(usize::from(index)));
            match reply {
                Reply::Refused(Refusal::UnknownTreasure) => left.is_none(),
                Reply::Refused(Refusal::Mismatch { .. }) => left == Some(&None),
                _ => false,
            }
        }
        Action::Join { .. } => match reply {
            Reply::AlreadyJoined { at } => known.joined_at == Some(*at),
            Reply::Refused(Refusal::WrongPhase { phase, .. }) => {
                *phase == Phase::Closed && model.phase == Phase::Closed
            }
            _ => false,
        },
        Action::Solve { clue, attempt, .. } => match model.definition.clue_index(clue) {
            None => *reply == Reply::Refused(Refusal::UnknownClue),
            Some(index) => solve(model, known, index, attempt, reply),
        },
        Action::Claim { treasure, .. } => match model.definition.treasure_index(treasure) {
            None => *reply == Reply::Refused(Refusal::UnknownTreasure),
            Some(index) => claim(model, known, index, reply, shard),
        },
    }
}

fn put(model: &Model<'_>, reply: &Reply) -> bool {
    match reply {
        Reply::Replaced { seq } => *seq == model.defined_by,
        Reply::Refused(Refusal::Incompatible { .. }) => model.joined > 0,
        Reply::Refused(Refusal::Mismatch { .. }) => true,
        _ => false,
    }
}

fn phase(model: &Model<'_>, to: Phase, reply: &Reply) -> bool {
    match reply {
        Reply::Phase { phase } => *phase == to && model.phase == to,
        Reply::Refused(Refusal::WrongPhase { phase, .. }) => {
            let skips = (model.phase, to) == (Phase::Scheduled, Phase::Frozen);
            *phase == model.phase && (model.phase > to || skips)
        }
        _ => false,
    }
}

/// Refuses what needs a hunt that is played.
fn not_played(model: &Model<'_>, reply: &Reply) -> bool {
    matches!(reply, Reply::Refused(Refusal::WrongPhase { phase, .. }) if *phase == model.phase)
}

fn solve(
    model: &Model<'_>,
    player: &Player,
    index: Index,
    attempt: &hunt::Attempt,
    reply: &Reply,
) -> bool {
    if !model.phase.is_played() {
        return not_played(model, reply);
    }
    let Some(clue) = model.definition.clue(index) else {
        return false;
    };
    let kind = match attempt {
        hunt::Attempt::Answer(_) => "answer",
        hunt::Attempt::CheckIn { .. } => "check_in",
        hunt::Attempt::Scan(_) => "scan",
    };
    if clue.solve.kind() != kind {
        return matches!(reply, Reply::Refused(Refusal::Mismatch { .. }));
    }
    if let Some(solved) = player.solved.get(&index) {
        return *reply == Reply::AlreadySolved { at: *solved };
    }
    let limits = model.definition.guesses();
    let (used, last) = player.misses.get(&index).copied().unwrap_or_default();
    let out = limits.per_clue.is_some_and(|max| used >= max);
    match reply {
        Reply::Locked => !player.unlocks(&clue.unlock, model.at),
        Reply::OutOfGuesses => out,
        Reply::TooSoon { retry_after_ms } => {
            let next = last.plus(limits.cooldown_ms.into());
            let asked_at = Millis(next.0.saturating_sub(*retry_after_ms));
            used > 0 && !out && *retry_after_ms > 0 && asked_at >= model.at
        }
        _ => false,
    }
}

fn claim(model: &Model<'_>, player: &Player, index: Index, reply: &Reply, shard: u16) -> bool {
    if !model.phase.is_played() {
        return not_played(model, reply);
    }
    let Some(treasure) = model.definition.treasure(index) else {
        return false;
    };
    let first = player.grants.get(&index).and_then(|grants| grants.first());
    if let Some(first) = first
        && player.units(index) >= treasure.per_player as usize
    {
        let grant = grant(*first, model.definition, shard);
        return *reply == Reply::AlreadyGranted { grant };
    }
    let lacks: Vec<_> = match &treasure.award {
        Award::Claim { requires } => requires
            .iter()
            .filter(|clue| !player.solved.contains_key(clue))
            .filter_map(|clue| Some(model.definition.clue(*clue)?.id.clone()))
            .collect(),
        Award::OnSolve | Award::FirstToSolve(_) => {
            return *reply
                == Reply::NotEligible {
                    missing: Vec::new(),
                };
        }
    };
    if !lacks.is_empty() {
        return *reply == Reply::NotEligible { missing: lacks };
    }
    *reply == Reply::SoldOut && model.left.get(usize::from(index)) == Some(&Some(0))
}

/// Whether this is what the rules answer before the hunt is made.
pub(crate) fn is_true_of_nothing(command: &Command, reply: &Reply) -> bool {
    match (&command.action, reply) {
        (Action::Put { .. }, Reply::Refused(Refusal::Mismatch { .. })) => true,
        (Action::Put { .. }, _) => false,
        (_, reply) => *reply == Reply::Refused(Refusal::UnknownHunt),
    }
}
