//! What clients saw of treasures, out of a run's history; what nobody was told is taken from the log itself.

use std::collections::BTreeMap;

use hunt::{Action, Command, EventView, Reply, Seq, event_view};
use node::{Answered, AskError, Query, Response};
use sim::history::{Answer, Ask, Op};
use sim::outcome::Outcome;

use super::unanswered::{Unanswered, resolve};

/// A treasure of a hunt.
pub(super) type Key = (String, String);

/// What was asked of one treasure, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) client: u32,
    pub(super) player: Option<String>,
    /// The id of the command; more than one may use it.
    pub(super) request: String,
    pub(super) key: Key,
    pub(super) called_us: u64,
    /// When the first answer came; none if none came, but the log tells that it took effect.
    pub(super) returned_us: Option<u64>,
    pub(super) effect: Effect,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// The player has it, by the event with this sequence.
    Granted { seq: Seq },
    /// The player has as much of it as one may have.
    AlreadyGranted,
    /// None is left.
    SoldOut,
    /// As many more as were asked for; so many were left with them.
    Restocked { add: u64, left: u64 },
}

impl Effect {
    fn changes(&self) -> bool {
        matches!(self, Self::Granted { .. } | Self::Restocked { .. })
    }
}

/// All grants of a hunt's treasures as one look saw them.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) called_us: u64,
    pub(super) returned_us: u64,
    pub(super) lists: BTreeMap<Key, Vec<Seq>>,
}

/// What a treasure began with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) stock: Option<u64>,
    pub(super) per_player: u32,
}

/// Everything that clients saw of treasures.
#[derive(Debug, Default)]
pub(super) struct Observed {
    pub(super) treasures: BTreeMap<Key, Start>,
    /// In the order of their calls.
    pub(super) operations: Vec<Operation>,
    pub(super) reads: Vec<Read>,
    /// The grants that are stored at the end, of each treasure.
    pub(super) stored: BTreeMap<Key, Vec<Seq>>,
    pub(super) ended_us: u64,
}

impl Observed {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let mut observed = Self {
            ended_us: outcome.simulated_us,
            ..Self::default()
        };
        let log = observed.read_log(outcome);
        let mut unanswered = Vec::new();
        let asked = first_asked(&outcome.history.ops);
        for op in &outcome.history.ops {
            observed.see(op, &asked, &mut unanswered);
        }
        observed.merge_repetitions();
        let found = resolve(&log, unanswered, &observed.operations);
        observed.operations.extend(found);
        observed
            .operations
            .sort_by_key(|op| (op.called_us, op.client));
        observed
    }

    /// Notes what is stored, and returns it as people read events, with when each was.
    fn read_log(&mut self, outcome: &Outcome) -> Vec<(u64, EventView)> {
        let mut definitions = BTreeMap::new();
        let mut log = Vec::new();
        for batch in &outcome.truth.batches {
            for event in &batch.events {
                if let hunt::EventBody::Put { definition, .. } = &event.body {
                    definitions.insert(event.hunt.clone(), definition.clone());
                    self.start(definition);
                }
                let Some(definition) = definitions.get(&event.hunt) else {
                    continue;
                };
                let view = event_view(event, definition, batch.shard);
                note_grants(&mut self.stored, &view);
                log.push((batch.at_us, view));
            }
        }
        log
    }

    fn start(&mut self, definition: &hunt::Definition) {
        for treasure in definition.treasures() {
            let key = (definition.id().to_string(), treasure.id.to_string());
            let start = Start {
                stock: treasure.stock,
                per_player: treasure.per_player,
            };
            self.stored.entry(key.clone()).or_default();
            self.treasures.insert(key, start);
        }
    }

    fn see(&mut self, op: &Op, asked: &FirstAsked, unanswered: &mut Vec<Unanswered>) {
        let Some(called_us) = op.tries.first().map(|first| first.sent_us) else {
            return;
        };
        match &op.ask {
            Ask::Command(command) => {
                let told = first_told(op, |answer| match answer {
                    Answer::Command(Ok(answered)) => Some(answered),
                    _ => None,
                });
                let made = made(asked, command, called_us);
                self.command(op, made, command, told, unanswered);
            }
            Ask::Commands(commands) => {
                for (at, command) in commands.iter().enumerate() {
                    let told = first_told(op, |answer| nth(answer, at));
                    let made = made(asked, command, called_us);
                    self.command(op, made, command, told, unanswered);
                }
            }
            Ask::Query(Query::Events { hunt, after: 0, .. }) => self.full_read(op, hunt.as_str()),
            Ask::Query(_) | Ask::Hunts | Ask::Status | Ask::Feed { .. } => {}
        }
    }

    fn command(
        &mut self,
        op: &Op,
        (called_us, made_us): (u64, u64),
        command: &Command,
        told: Option<(u64, &Answered)>,
        unanswered: &mut Vec<Unanswered>,
    ) {
        let Some((returned_us, answered)) = told else {
            unanswered.push(Unanswered {
                client: op.client,
                called_us,
                command: command.clone(),
                told: false,
            });
            return;
        };
        let player = command.action.player().map(ToString::to_string);
        let effects = effects(command, &answered.reply);
        // What is refused is decided anew: another try of it, or a copy that the network made, may have taken effect, unheard
        // of. So may one of what took effect, once its player has asked so much since that it is forgotten.
        unanswered.push(Unanswered {
            client: op.client,
            called_us,
            command: command.clone(),
            told: effects.iter().any(|(_, effect)| effect.changes()),
        });
        for (treasure, effect) in effects {
            self.operations.push(Operation {
                client: op.client,
                player: player.clone(),
                request: command.request.to_string(),
                key: (command.hunt.to_string(), treasure),
                called_us: if effect.changes() { made_us } else { called_us },
                returned_us: Some(returned_us),
                effect,
            });
        }
    }

    fn full_read(&mut self, op: &Op, hunt: &str) {
        let told = first_told(op, |answer| match answer {
            Answer::Query(Ok(Response::Events(page))) if !page.more => Some(page),
            _ => None,
        });
        let (Some((returned_us, page)), Some(first)) = (told, op.tries.first()) else {
            return;
        };
        let of_hunt = self.treasures.keys().filter(|(of, _)| of == hunt);
        let mut lists = of_hunt.map(|key| (key.clone(), Vec::new())).collect();
        for event in &page.events {
            note_grants(&mut lists, &event_view(event, &page.definition, page.shard));
        }
        self.reads.push(Read {
            called_us: first.sent_us,
            returned_us,
            lists,
        });
    }

    /// The same grant or restock may be told to several operations that used one id: it was made between when the first of
    /// them was asked and when the first answer came.
    pub(super) fn merge_repetitions(&mut self) {
        self.operations.sort_by_key(|op| (op.called_us, op.client));
        let made = |op: &Operation| {
            let (key, effect) = (op.key.clone(), op.effect.clone());
            (op.player.clone(), op.request.clone(), key, effect)
        };
        let mut returned = BTreeMap::new();
        for op in self.operations.iter().filter(|op| op.effect.changes()) {
            let first = returned.entry(made(op)).or_insert(op.returned_us);
            *first = (*first).min(op.returned_us);
        }
        self.operations.retain_mut(|op| {
            if !op.effect.changes() {
                return true;
            }
            let first = returned.remove(&made(op));
            op.returned_us = first.unwrap_or(op.returned_us);
            first.is_some()
        });
    }
}

/// When each request was asked first, by hunt, player and id: who is told of a grant need not have made it, since somebody
/// may have used the same id before and never been answered. An id that was used for two different things only makes the
/// time longer in which the grant may have been made.
type FirstAsked = BTreeMap<(String, Option<String>, String), u64>;

fn first_asked(ops: &[Op]) -> FirstAsked {
    let mut asked = FirstAsked::new();
    for op in ops {
        let commands = match &op.ask {
            Ask::Command(command) => std::slice::from_ref(command),
            Ask::Commands(commands) => &commands[..],
            _ => continue,
        };
        let Some(first) = op.tries.first() else {
            continue;
        };
        for command in commands {
            let at = asked.entry(request_of(command)).or_insert(first.sent_us);
            *at = (*at).min(first.sent_us);
        }
    }
    asked
}

fn request_of(command: &Command) -> (String, Option<String>, String) {
    let player = command.action.player().map(ToString::to_string);
    (
        command.hunt.to_string(),
        player,
        command.request.to_string(),
    )
}

/// When the operation was asked, and when whoever used its id first.
fn made(asked: &FirstAsked, command: &Command, called_us: u64) -> (u64, u64) {
    let first = asked.get(&request_of(command)).copied();
    (called_us, first.unwrap_or(called_us).min(called_us))
}

fn note_grants(lists: &mut BTreeMap<Key, Vec<Seq>>, event: &EventView) {
    for grant in event.grants.iter().flatten() {
        let key = (event.hunt.to_string(), grant.treasure.to_string());
        lists.entry(key).or_default().push(event.seq);
    }
}

/// The first answer to any try that tells what came of it, and when it was there.
fn first_told<'a, T>(
    op: &'a Op,
    told: impl Fn(&'a Answer) -> Option<&'a T>,
) -> Option<(u64, &'a T)> {
    let answers = op
        .tries
        .iter()
        .filter_map(|tried| Some((tried.ended_us?, told(tried.answer.as_ref()?)?)));
    answers.min_by_key(|(at, _)| *at)
}

fn nth(answer: &Answer, at: usize) -> Option<&Answered> {
    let Answer::Commands(answers) = answer else {
        return None;
    };
    answers
        .get(at)
        .and_then(|answer: &Result<Answered, AskError>| answer.as_ref().ok())
}

/// What the reply says of treasures.
fn effects(command: &Command, reply: &Reply) -> Vec<(String, Effect)> {
    let (asked, add) = match &command.action {
        Action::Claim { treasure, .. } => (treasure.to_string(), 0),
        Action::Restock { treasure, add } => (treasure.to_string(), *add),
        _ => (String::new(), 0),
    };
    let granted = |grant: &hunt::Grant| {
        (
            grant.treasure.to_string(),
            Effect::Granted { seq: grant.seq },
        )
    };
    match reply {
        Reply::Granted { grant } => vec![granted(grant)],
        Reply::Solved { grants, .. } => grants.iter().map(granted).collect(),
        Reply::AlreadyGranted { .. } => vec![(asked, Effect::AlreadyGranted)],
        Reply::SoldOut => vec![(asked, Effect::SoldOut)],
        Reply::Restocked { stock_left, .. } => {
            let left = *stock_left;
            vec![(asked, Effect::Restocked { add, left })]
        }
        _ => Vec::new(),
    }
}
