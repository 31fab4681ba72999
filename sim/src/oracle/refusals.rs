//! Whether the model finds a refusal true: sold out, locked, closed, out of guesses, granted before, and so on.

use hunt::{
    Action, Attempt, Award, Command, Definition, Index, Millis, Phase, Refusal, Reply, RequestTag,
    Solve,
};

use super::ledger::STOCK_MAX;
use super::model::{Model, Player};
use super::{shown, wall::Span};

/// An answer that tells of no event, and all that there is to know about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// What was asked.
    pub(crate) command: &'a Command,
    /// How the log knows it.
    pub(crate) tag: Option<&'a RequestTag>,
    /// What was answered.
    pub(crate) reply: &'a Reply,
    /// The shard of the hunt.
    pub(crate) shard: u16,
    /// What the clocks of all nodes showed meanwhile, if that is known.
    pub(crate) clocks: Option<Span>,
}

/// Whether this is what the rules answer now.
pub(crate) fn is_true(model: &Model<'_>, told: &Told<'_>) -> bool {
    let (command, reply) = (told.command, told.reply);
    let player = command.action.player();
    let remembered = told.tag.and_then(|tag| model.remembered(player, tag));
    if let Some((known, tag)) = remembered.zip(told.tag) {
        let reused = *reply == Reply::Refused(Refusal::KeyReused);
        return reused && known.fingerprint != tag.fingerprint;
    }
    let stranger = Player::default();
    let known = player
        .and_then(|player| model.players.get(player))
        .unwrap_or(&stranger);
    match &command.action {
        Action::Put { draft, .. } => put(model, &draft.seal(*model.definition.salt()), reply),
        Action::Open => phase(model, Phase::Open, reply),
        Action::Freeze => phase(model, Phase::Frozen, reply),
        Action::Close => phase(model, Phase::Closed, reply),
        Action::Restock { treasure, add } => {
            let treasures = model.definition.treasures();
            let index = treasures.iter().position(|each| each.id == *treasure);
            restock(model, index, *add, reply)
        }
        Action::Join { .. } => match reply {
            Reply::AlreadyJoined { at } => known.joined_at == Some(*at),
            Reply::Refused(Refusal::WrongPhase { phase, .. }) => {
                known.joined_at.is_none() && (*phase, model.phase) == (Phase::Closed, Phase::Closed)
            }
            _ => false,
        },
        Action::Solve { clue, attempt, .. } => {
            let clues = model.definition.clues();
            match (0..).zip(clues).find(|(_, each)| each.id == *clue) {
                None => *reply == Reply::Refused(Refusal::UnknownClue),
                Some((index, _)) => solve(model, known, index, attempt, told),
            }
        }
        Action::Claim { treasure, .. } => {
            let treasures = model.definition.treasures();
            match (0..).zip(treasures).find(|(_, each)| each.id == *treasure) {
                None => *reply == Reply::Refused(Refusal::UnknownTreasure),
                Some((index, _)) => claim(model, known, index, told),
            }
        }
    }
}

fn put(model: &Model<'_>, new: &Definition, reply: &Reply) -> bool {
    match reply {
        Reply::Replaced { seq } => *seq == model.defined_by && new == model.definition,
        Reply::Refused(Refusal::Incompatible { faults }) => {
            !faults.is_empty() && !model.may_become(new)
        }
        Reply::Refused(Refusal::Mismatch { .. }) => new.id() != model.definition.id(),
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

fn restock(model: &Model<'_>, treasure: Option<usize>, add: u64, reply: &Reply) -> bool {
    let Some(treasure) = treasure else {
        return *reply == Reply::Refused(Refusal::UnknownTreasure);
    };
    let granted = model.granted.get(treasure).copied().unwrap_or(0);
    let too_much = match model.left.get(treasure).copied().flatten() {
        None => true,
        Some(left) => add == 0 || add > STOCK_MAX - granted - left,
    };
    too_much && matches!(reply, Reply::Refused(Refusal::Mismatch { .. }))
}

/// Refuses what needs a hunt that is played.
fn not_played(model: &Model<'_>, reply: &Reply) -> bool {
    matches!(reply, Reply::Refused(Refusal::WrongPhase { phase, .. }) if *phase == model.phase)
}

fn solve(
    model: &Model<'_>,
    player: &Player,
    index: Index,
    attempt: &Attempt,
    told: &Told<'_>,
) -> bool {
    let reply = told.reply;
    if !model.is_played() {
        return not_played(model, reply);
    }
    let Some(clue) = model.definition.clues().get(usize::from(index)) else {
        return false;
    };
    let is_of_kind = matches!(
        (&clue.solve, attempt),
        (Solve::Answer(_), Attempt::Answer(_))
            | (Solve::CheckIn(_), Attempt::CheckIn { .. })
            | (Solve::Scan(_), Attempt::Scan(_))
    );
    if !is_of_kind {
        return matches!(reply, Reply::Refused(Refusal::Mismatch { .. }));
    }
    if let Some(solved) = player.solved_at(index) {
        return *reply == Reply::AlreadySolved { at: solved };
    }
    if !player.unlocks(&clue.unlock, model.at) {
        return *reply == Reply::Locked;
    }
    let limits = model.definition.guesses();
    let Some(misses) = player.misses_at(index) else {
        return false;
    };
    let is_out = limits.per_clue.is_some_and(|max| misses.used >= max);
    match reply {
        Reply::OutOfGuesses => is_out,
        Reply::TooSoon { retry_after_ms } => {
            let next = misses.last.0 + u64::from(limits.cooldown_ms);
            let asked_at = next.checked_sub(*retry_after_ms).map(Millis);
            let is_possible = |asked_at: Millis| {
                asked_at >= model.at && told.clocks.is_none_or(|span| span.holds(asked_at))
            };
            !is_out && *retry_after_ms > 0 && asked_at.is_some_and(is_possible)
        }
        _ => false,
    }
}

fn claim(model: &Model<'_>, player: &Player, index: Index, told: &Told<'_>) -> bool {
    let reply = told.reply;
    if !model.is_played() {
        return not_played(model, reply);
    }
    let Some(treasure) = model.definition.treasures().get(usize::from(index)) else {
        return false;
    };
    if player.units_of(index).count() >= treasure.per_player as usize
        && let Some(first) = player.units_of(index).next()
    {
        let place = (first.seq, first.at, first.place);
        let right = shown::grant(index, place, model.definition, told.shard);
        return matches!(reply, Reply::AlreadyGranted { grant } if shown::is(grant, &right));
    }
    let lacks: Vec<_> = match &treasure.award {
        Award::Claim { requires } => requires
            .iter()
            .filter(|clue| !player.has_solved(**clue))
            .filter_map(|clue| model.definition.clues().get(usize::from(*clue)))
            .map(|clue| clue.id.clone())
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
    *reply == Reply::SoldOut && model.left_of(index) == Some(0)
}

/// Whether this is what the rules answer before the hunt is made.
pub(crate) fn is_true_of_nothing(command: &Command, reply: &Reply) -> bool {
    match (&command.action, reply) {
        (Action::Put { .. }, Reply::Refused(Refusal::Mismatch { .. })) => true,
        (Action::Put { .. }, _) => false,
        (_, reply) => *reply == Reply::Refused(Refusal::UnknownHunt),
    }
}
