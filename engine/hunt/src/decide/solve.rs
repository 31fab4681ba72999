//! Solving: may the player try, is the attempt right, what does it unlock and win.

use super::{Asker, Decision};
use crate::{
    Attempt, Clue, ClueId, Definition, Digest, EventBody, Granted, Index, Refusal, Reply, Solve,
    limits::ATTEMPT_BYTES_MAX, normalise, secret::SecretKind,
};

pub(super) fn decide(asker: &Asker<'_>, id: &ClueId, attempt: &Attempt) -> Decision {
    let definition = asker.hunt.definition();
    let found = definition
        .clue_index(id)
        .and_then(|index| Some((index, definition.clue(index)?)));
    let Some((index, clue)) = found else {
        return Decision::refuse(Refusal::UnknownClue);
    };
    if let Err(refusal) = asker
        .check_played()
        .and_then(|()| check_kind(clue, attempt))
    {
        return Decision::refuse(refusal);
    }
    if let Some(reply) = not_now(asker, index, clue) {
        return Decision::Answer(reply);
    }
    Decision::Event(match solves(definition, clue, attempt) {
        true => solved(asker, index, clue),
        false => missed(asker, index),
    })
}

fn check_kind(clue: &Clue, attempt: &Attempt) -> Result<(), Refusal> {
    let needs = match (&clue.solve, attempt) {
        (Solve::Answer(_), Attempt::Answer(_))
        | (Solve::CheckIn(_), Attempt::CheckIn { .. })
        | (Solve::Scan(_), Attempt::Scan(_)) => return Ok(()),
        (Solve::Answer(_), _) => "an answer: send answer",
        (Solve::CheckIn(_), _) => "a check-in: send lat, lon and accuracy_m",
        (Solve::Scan(_), _) => "a scan: send code",
    };
    Err(Refusal::Mismatch {
        detail: format!("this clue is solved by {needs}"),
    })
}

/// Why the player may not try now.
fn not_now(asker: &Asker<'_>, index: Index, clue: &Clue) -> Option<Reply> {
    let (state, limits) = (asker.state, asker.hunt.definition().guesses());
    if let Some(solved) = state.solve_of(index) {
        return Some(Reply::AlreadySolved { at: solved.at });
    }
    if !state.solved_set().unlocks(&clue.unlock, asker.now) {
        return Some(Reply::Locked);
    }
    let guesses = state.guesses_at(index)?;
    if limits.per_clue.is_some_and(|max| guesses.used >= max) {
        return Some(Reply::OutOfGuesses);
    }
    match guesses.at.plus(limits.cooldown_ms.into()).since(asker.now) {
        0 => None,
        retry_after_ms => Some(Reply::TooSoon { retry_after_ms }),
    }
}

fn solves(definition: &Definition, clue: &Clue, attempt: &Attempt) -> bool {
    let is_one_of = |digests: &[Digest], kind, secret: &str| {
        digests.contains(&Digest::of(definition.salt(), &clue.id, kind, secret))
    };
    match (&clue.solve, attempt) {
        (Solve::Answer(digests), Attempt::Answer(answer)) => {
            answer.len() <= ATTEMPT_BYTES_MAX
                && is_one_of(digests, SecretKind::Answer, &normalise(answer))
        }
        (Solve::Scan(digests), Attempt::Scan(code)) => {
            code.len() <= ATTEMPT_BYTES_MAX && is_one_of(digests, SecretKind::Code, code)
        }
        (
            Solve::CheckIn(place),
            Attempt::CheckIn {
                lat,
                lon,
                accuracy_m,
            },
        ) => place.admits(*lat, *lon, *accuracy_m),
        _ => false,
    }
}

fn solved(asker: &Asker<'_>, index: Index, clue: &Clue) -> EventBody {
    EventBody::Solved {
        player: asker.player.clone(),
        clue: index,
        points: clue.points,
        score: asker.state.score().saturating_add(clue.points.into()),
        joined: asker.joins(),
        ranked: asker.hunt.phase() == crate::Phase::Open,
        unlocked: unlocked(asker, index),
        grants: grants(asker, index, clue),
        request: asker.request,
    }
}

fn missed(asker: &Asker<'_>, index: Index) -> EventBody {
    let used = asker
        .state
        .guesses_at(index)
        .map_or(0, |guesses| guesses.used)
        .saturating_add(1);
    EventBody::Missed {
        player: asker.player.clone(),
        clue: index,
        guesses_left: asker
            .hunt
            .definition()
            .guesses()
            .per_clue
            .map(|max| max.saturating_sub(used)),
        joined: asker.joins(),
        request: asker.request,
    }
}

/// The clues that this solve unlocks and that were locked before.
fn unlocked(asker: &Asker<'_>, index: Index) -> Vec<Index> {
    let definition = asker.hunt.definition();
    let dependents = definition.dependents(index);
    if dependents.is_empty() {
        return Vec::new();
    }
    let before = asker.state.solved_set();
    let mut after = before;
    after.insert(index);
    let newly = |dependent: &&Index| {
        let unlock = definition.clue(**dependent).map(|clue| &clue.unlock);
        unlock.is_some_and(|unlock| {
            after.unlocks(unlock, asker.now) && !before.unlocks(unlock, asker.now)
        })
    };
    dependents.iter().filter(newly).copied().collect()
}

/// What the solve wins, as long as there is stock and the player may have more.
fn grants(asker: &Asker<'_>, index: Index, clue: &Clue) -> Vec<Granted> {
    let (hunt, definition) = (asker.hunt, asker.hunt.definition());
    let mut grants: Vec<Granted> = Vec::new();
    for treasure in clue.grants.iter().chain(definition.prizes(index)).copied() {
        let allowed = definition
            .treasure(treasure)
            .map_or(0, |treasure| treasure.per_player);
        let twice = grants.iter().any(|grant| grant.treasure == treasure);
        if !twice
            && hunt.stock_left(treasure) != Some(0)
            && asker.state.grants_of(treasure).0 < allowed
        {
            grants.push(Granted {
                treasure,
                nth: hunt.granted(treasure).saturating_add(1),
            });
        }
    }
    grants
}
