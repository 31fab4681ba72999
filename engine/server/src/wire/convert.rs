//! Answers and events of the node as the protocol says them.

use hunt::{Definition, EventBody, Index, Refusal, Reply};
use node::{Answered, AskError, FeedPage, FeedPosition};
use wire::{ErrorCode, FeedEvent, Grant, Happened, Outcome, Position, Replied};

/// The answer to one command.
pub(super) fn replied(answer: Result<Answered, AskError>) -> Replied {
    match answer {
        Ok(answered) => Replied {
            replayed: answered.replayed,
            outcome: outcome(answered.reply),
        },
        Err(error) => {
            let (code, retry_after_ms) = failure(&error);
            Replied {
                replayed: false,
                outcome: Outcome::Failed {
                    code,
                    retry_after_ms,
                },
            }
        }
    }
}

/// Why a core did not answer.
pub(super) fn failure(error: &AskError) -> (ErrorCode, u64) {
    match error {
        AskError::Overloaded { retry_after_ms, .. } => (ErrorCode::Overloaded, *retry_after_ms),
        AskError::NotReady { retry_after_ms } => (ErrorCode::NotReady, *retry_after_ms),
        AskError::Unavailable { retry_after_ms, .. } => (ErrorCode::Unavailable, *retry_after_ms),
    }
}

fn outcome(reply: Reply) -> Outcome {
    match reply {
        Reply::Granted { grant: granted } => Outcome::Granted(grant(&granted)),
        Reply::AlreadyGranted { grant: granted } => Outcome::AlreadyGranted(grant(&granted)),
        Reply::SoldOut => Outcome::SoldOut,
        Reply::NotEligible { missing } => Outcome::NotEligible {
            missing: texts(&missing),
        },
        Reply::Solved {
            points,
            score,
            unlocked,
            grants,
        } => Outcome::Solved {
            points,
            score,
            unlocked: texts(&unlocked),
            grants: grants.iter().map(grant).collect(),
        },
        Reply::Wrong { guesses_left } => Outcome::Wrong { guesses_left },
        Reply::AlreadySolved { at } => Outcome::AlreadySolved { at: at.0 },
        Reply::Locked => Outcome::Locked,
        Reply::OutOfGuesses => Outcome::OutOfGuesses,
        Reply::TooSoon { retry_after_ms } => Outcome::TooSoon { retry_after_ms },
        Reply::Joined { at } => Outcome::Joined { at: at.0 },
        Reply::AlreadyJoined { at } => Outcome::AlreadyJoined { at: at.0 },
        Reply::Refused(refusal) => refused(&refusal),
        Reply::Created { .. }
        | Reply::Replaced { .. }
        | Reply::Phase { .. }
        | Reply::Restocked { .. } => {
            unreachable!("an operator's command can't be sent on this protocol")
        }
    }
}

fn refused(refusal: &Refusal) -> Outcome {
    let detail = refusal.to_string();
    match refusal {
        Refusal::UnknownHunt => Outcome::UnknownHunt,
        Refusal::UnknownClue => Outcome::UnknownClue,
        Refusal::UnknownTreasure => Outcome::UnknownTreasure,
        Refusal::WrongPhase { .. } => Outcome::WrongPhase { detail },
        Refusal::Mismatch { .. } | Refusal::Incompatible { .. } => Outcome::Mismatch { detail },
        Refusal::KeyReused => Outcome::KeyReused,
    }
}

fn grant(granted: &hunt::Grant) -> Grant {
    Grant {
        treasure: granted.treasure.as_str().to_owned(),
        shard: granted.id.shard,
        seq: granted.id.seq,
        place: granted.id.place.into(),
        at: granted.at.0,
    }
}

fn texts<T: AsRef<str>>(ids: &[T]) -> Vec<String> {
    ids.iter().map(|id| id.as_ref().to_owned()).collect()
}

/// A page of the feed.
pub(super) fn feed_events(page: &FeedPage) -> Vec<FeedEvent> {
    page.events.iter().map(feed_event).collect()
}

fn feed_event(event: &node::FeedEvent) -> FeedEvent {
    FeedEvent {
        shard: event.shard,
        seq: event.event.seq,
        at: event.event.at.0,
        hunt: event.event.hunt.as_str().to_owned(),
        happened: happened(&event.event.body, &event.definition),
    }
}

fn happened(body: &EventBody, definition: &Definition) -> Happened {
    let clue = |index: Index| {
        definition
            .clue(index)
            .map_or_else(|| dropped(index), |clue| clue.id.as_str().to_owned())
    };
    let treasure = |index: Index| {
        definition.treasure(index).map_or_else(
            || dropped(index),
            |treasure| treasure.id.as_str().to_owned(),
        )
    };
    let player = || {
        body.player()
            .map_or_else(String::new, |player| player.as_str().to_owned())
    };
    match body {
        EventBody::Put { created, .. } => Happened::Put { created: *created },
        EventBody::PhaseChanged { phase, .. } => Happened::Phase(phase.to_string()),
        EventBody::ClueUnlocked { clue: index } => Happened::ClueUnlocked { clue: clue(*index) },
        EventBody::Restocked {
            treasure: index,
            add,
            stock_left,
            ..
        } => Happened::Restocked {
            treasure: treasure(*index),
            add: *add,
            stock_left: *stock_left,
        },
        EventBody::Joined { .. } => Happened::Joined { player: player() },
        EventBody::Solved {
            clue: index,
            points,
            score,
            grants,
            ..
        } => Happened::Solved {
            player: player(),
            clue: clue(*index),
            points: *points,
            score: *score,
            treasures: grants
                .iter()
                .map(|grant| treasure(grant.treasure))
                .collect(),
        },
        EventBody::Missed { clue: index, .. } => Happened::Missed {
            player: player(),
            clue: clue(*index),
        },
        EventBody::Claimed { grant, .. } => Happened::Claimed {
            player: player(),
            treasure: treasure(grant.treasure),
        },
    }
}

/// What a later definition no longer names (nobody had joined then); the HTTP API says the same.
fn dropped(index: Index) -> String {
    format!("dropped-{index}")
}

pub(super) fn position(position: FeedPosition) -> Position {
    Position {
        versionstamp: position.versionstamp,
        events: position.events,
    }
}

pub(super) fn node_position(position: Position) -> FeedPosition {
    FeedPosition {
        versionstamp: position.versionstamp,
        events: position.events,
    }
}
