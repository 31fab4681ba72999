//! The rules at the very milliseconds at which they change: a hunt opens, freezes or closes, a clue is unlocked, a cool-down
//! ends. Few commands of a run come in such a moment, and who is turned away in it can't tell from outside when it was.

use hunt::{Command, Decision, Event, EventBody, HuntState, Millis, RequestId, Unlock, decide};

use crate::draw::Chance;
use crate::oracle::Evidence;
use crate::oracle::ledger::HuntLog;
use crate::oracle::prefix::Prefix;
use crate::oracle::refusals::{self, Told};
use crate::oracle::wall::Span;

/// Moments that are looked at in one run.
const EDGES: u64 = 3;
/// Commands of the run that are decided again at each of them.
const COMMANDS: u64 = 24;

pub(super) fn check(evidence: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let hunts: Vec<_> = evidence.ledger.hunts().map(|(_, log)| log).collect();
    for _ in 0..EDGES {
        if hunts.is_empty() {
            return Ok(());
        }
        let log = *chance.pick(&hunts);
        let edges = edges(log);
        if edges.is_empty() {
            continue;
        }
        let edge = *chance.pick(&edges);
        let commands = commands(evidence, log, chance);
        for ms in edge.0.saturating_sub(1)..=edge.0 + 1 {
            at(log, edge, Millis(ms), &commands)?;
        }
    }
    Ok(())
}

/// When the rules of a hunt change: by its last definition, and after the wrong guesses.
fn edges(log: &HuntLog<'_>) -> Vec<Millis> {
    let events = || log.events.iter().map(|placed| placed.event);
    let definition = events().rev().find_map(|event| match &event.body {
        EventBody::Put { definition, .. } => Some(definition),
        _ => None,
    });
    let Some(definition) = definition else {
        return Vec::new();
    };
    let schedule = definition.schedule();
    let phases = [schedule.opens_at, schedule.freezes_at, schedule.closes_at];
    let unlocks = definition.clues().iter().map(|clue| match clue.unlock {
        Unlock::At(at) => Some(at),
        _ => None,
    });
    let cooldown_ms = u64::from(definition.guesses().cooldown_ms);
    let misses = events().map(|event| {
        let is_miss = matches!(event.body, EventBody::Missed { .. });
        (is_miss && cooldown_ms > 0).then(|| event.at.plus(cooldown_ms))
    });
    let all = phases.into_iter().chain(unlocks).chain(misses);
    all.flatten().collect()
}

/// Some of what the hunt was asked in the run, as new requests.
fn commands(evidence: &Evidence<'_>, log: &HuntLog<'_>, chance: &mut Chance) -> Vec<Command> {
    let hunt = log.events.first().map(|placed| &placed.event.hunt);
    let deeds = evidence.deeds.iter();
    let asked: Vec<&Command> = deeds
        .map(|deed| deed.command)
        .filter(|command| Some(&command.hunt) == hunt && command.action.player().is_some())
        .collect();
    let some = if asked.is_empty() { 0 } else { COMMANDS };
    (0..some)
        .map(|nth| Command {
            request: RequestId::new(&format!("edge-{nth}")).expect("it is an id"),
            ..(*chance.pick(&asked)).clone()
        })
        .collect()
}

/// Decides the commands at `now`, in the state in which the hunt was before `edge`.
fn at(log: &HuntLog<'_>, edge: Millis, now: Millis, commands: &[Command]) -> Result<(), String> {
    let events = log.events.iter().map(|placed| placed.event);
    let before: Vec<&Event> = events.take_while(|event| event.at < edge).collect();
    let due = due(&before, now);
    let mut prefix = Prefix::of(log.shard);
    for event in before.into_iter().chain(&due) {
        prefix.apply(event);
    }
    if let Some(model) = &mut prefix.model {
        model.at = now;
    }
    commands
        .iter()
        .try_for_each(|command| decided(&prefix, command, now))
}

/// What the schedule does by then.
fn due(before: &[&Event], now: Millis) -> Vec<Event> {
    let Some((first, rest)) = before.split_first() else {
        return Vec::new();
    };
    let mut hunt = HuntState::created(first);
    rest.iter().for_each(|event| hunt.apply(event));
    let mut due = Vec::new();
    while let Some(body) = hunt.due(now) {
        let event = next(&hunt, now, body);
        hunt.apply(&event);
        due.push(event);
    }
    due
}

/// The hunt's next event, as if nothing else happened in its shard.
fn next(hunt: &HuntState, at: Millis, body: EventBody) -> Event {
    Event {
        seq: hunt.seq() + 1,
        at,
        hunt: hunt.id().clone(),
        body,
    }
}

/// What is decided is what the model of the rules allows.
fn decided(prefix: &Prefix<'_>, command: &Command, now: Millis) -> Result<(), String> {
    let (Some(model), Some(hunt)) = (&prefix.model, &prefix.hunt) else {
        return Ok(());
    };
    let player = command
        .action
        .player()
        .and_then(|player| prefix.player(player));
    let problem = match decide(Some(hunt), player, command, now, prefix.shard) {
        Decision::Event(body) => model.allows(&next(hunt, now, body)).err(),
        Decision::Answer(reply) => {
            let told = Told {
                command,
                tag: None,
                reply: &reply,
                shard: prefix.shard,
                clocks: Some(Span::at(now)),
            };
            (!refusals::is_true(model, &told)).then(|| format!("{reply:?} is not true"))
        }
        Decision::Replay(seq) => Some(format!("it is taken for event {seq}")),
    };
    match problem {
        None => Ok(()),
        Some(problem) => Err(format!(
            "hunt {}, asked {:?} at {now}: {problem}",
            command.hunt, command.action
        )),
    }
}
