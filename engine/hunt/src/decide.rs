//! What becomes of a command. Pure: the state of the hunt and of the player, and the time, come as arguments, and
//! nothing changes; what takes effect is the event, once it is in the log.
//!
//! ```text
//! hunt known? ─▶ request seen before? ─▶ clue or treasure known? ─▶ phase? ─▶ the rules of the action
//!    404            replay, or 422              404                  409        an event, or an outcome
//! ```

mod claim;
mod operate;
mod put;
mod solve;

use crate::{
    Action, Command, EventBody, HuntState, Millis, Phase, PlayerId, PlayerState, Refusal, Reply,
    RequestTag, Seq, ShardId, ring::Seen, tag::tag,
};

/// What becomes of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// It takes effect: append this event, then answer with [`Reply::of`] it.
    Event(EventBody),
    /// It changes nothing: answer this.
    Answer(Reply),
    /// It took effect before, by the event at this place: answer with [`Reply::of`] that event again.
    Replay(Seq),
}

impl Decision {
    fn refuse(refusal: Refusal) -> Self {
        Self::Answer(Reply::Refused(refusal))
    }
}

/// Decides a command to a hunt of this shard (which names the grant of "already granted"). `hunt` is `None` if there
/// is no such hunt; `player` is `None` if the player has no state in it, or if the command is no player's. What the
/// schedule does at `now` must have been applied before.
pub fn decide(
    hunt: Option<&HuntState>,
    player: Option<&PlayerState>,
    command: &Command,
    now: Millis,
    shard: ShardId,
) -> Decision {
    if let Action::Put { draft, salt } = &command.action {
        return put::decide(hunt, command, draft, *salt);
    }
    let Some(hunt) = hunt else {
        return Decision::refuse(Refusal::UnknownHunt);
    };
    let tag = tag(command, hunt.definition.salt(), None);
    let stranger = PlayerState::default();
    let state = player.unwrap_or(&stranger);
    let seen = if command.action.player().is_some() {
        state.seen(&tag)
    } else {
        hunt.seen(&tag)
    };
    if let Some(decision) = repeated(seen) {
        return decision;
    }
    let asker = |player| Asker {
        hunt,
        player,
        state,
        request: tag,
        now,
        shard,
    };
    match &command.action {
        Action::Put { .. } => Decision::refuse(Refusal::UnknownHunt),
        Action::Open => operate::enter(hunt, Phase::Open, tag),
        Action::Freeze => operate::enter(hunt, Phase::Frozen, tag),
        Action::Close => operate::enter(hunt, Phase::Closed, tag),
        Action::Restock { treasure, add } => operate::restock(hunt, treasure, *add, tag),
        Action::Join { player } => join(&asker(player)),
        Action::Solve {
            player,
            clue,
            attempt,
        } => solve::decide(&asker(player), clue, attempt),
        Action::Claim { player, treasure } => claim::decide(&asker(player), treasure),
    }
}

/// A player who asks, and all that the rules look at.
struct Asker<'a> {
    hunt: &'a HuntState,
    player: &'a PlayerId,
    state: &'a PlayerState,
    request: RequestTag,
    now: Millis,
    shard: ShardId,
}

impl Asker<'_> {
    /// What takes effect now makes the player join.
    fn joins(&self) -> bool {
        self.state.joined_at().is_none()
    }

    /// Refuses what needs a hunt that is played.
    fn check_played(&self) -> Result<(), Refusal> {
        match self.hunt.phase() {
            Phase::Open | Phase::Frozen => Ok(()),
            phase @ Phase::Scheduled => Err(Refusal::WrongPhase {
                phase,
                needs: "solves and claims are taken once it is open".into(),
            }),
            phase @ Phase::Closed => Err(Refusal::WrongPhase {
                phase,
                needs: "it takes no more solves or claims".into(),
            }),
        }
    }
}

fn join(asker: &Asker<'_>) -> Decision {
    if let Some(at) = asker.state.joined_at() {
        return Decision::Answer(Reply::AlreadyJoined { at });
    }
    match asker.hunt.phase() {
        phase @ Phase::Closed => Decision::refuse(Refusal::WrongPhase {
            phase,
            needs: "nobody can join any more".into(),
        }),
        Phase::Scheduled | Phase::Open | Phase::Frozen => Decision::Event(EventBody::Joined {
            player: asker.player.clone(),
            request: asker.request,
        }),
    }
}

/// The decision on a request that was seen before.
fn repeated(seen: Seen) -> Option<Decision> {
    match seen {
        Seen::Never => None,
        Seen::By(seq) => Some(Decision::Replay(seq)),
        Seen::Reused => Some(Decision::refuse(Refusal::KeyReused)),
    }
}
