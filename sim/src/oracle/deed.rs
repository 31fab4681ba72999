//! The commands of a history one by one, each with its tries and with what it did in the log.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::{
    Action, Attempt, Command, HuntId, PlayerId, Reply, RequestId, RequestTag, Salt, request_tag,
};
use node::{Answered, AskError};

use super::ledger::{HuntLog, Ledger};
use crate::history::{Answer, Ask, History, Op};

/// One command of the history.
#[derive(Debug)]
pub(crate) struct Deed<'a> {
    /// Its operation.
    pub(crate) op: &'a Op,
    /// What was asked.
    pub(crate) command: &'a Command,
    /// Each time that it was asked.
    pub(crate) tries: Vec<DeedTry<'a>>,
    /// How the log of its hunt knows it; none if the hunt was never made.
    pub(crate) tag: Option<RequestTag>,
    /// Places, in the log of its hunt, of what it did.
    pub(crate) effects: Vec<usize>,
    /// Who asks in which hunt: the same number for the same player, or for its operators.
    pub(crate) asker: usize,
    /// The asker's request id: the same number for all that was asked under it.
    pub(crate) id: usize,
    /// What is asked: the same number for the same under one request id.
    pub(crate) body: usize,
    /// Another operation asks for the same under the same id.
    pub(crate) repeats: bool,
}

/// One try of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeedTry<'a> {
    /// When it was sent.
    pub(crate) sent_us: u64,
    /// When the answer came.
    pub(crate) ended_us: Option<u64>,
    /// The answer, or why there was none.
    pub(crate) answer: Option<&'a Result<Answered, AskError>>,
}

impl<'a> DeedTry<'a> {
    /// The answer of the rules, and when it came.
    pub(crate) fn answered(&self) -> Option<(&'a Answered, u64)> {
        match (self.answer, self.ended_us) {
            (Some(Ok(answered)), Some(ended_us)) => Some((answered, ended_us)),
            _ => None,
        }
    }
}

impl<'a> Deed<'a> {
    /// When it was first sent.
    pub(crate) fn began_us(&self) -> u64 {
        self.tries
            .iter()
            .map(|tried| tried.sent_us)
            .min()
            .unwrap_or_default()
    }

    /// When the client first knew that it took effect.
    pub(crate) fn done_us(&self) -> Option<u64> {
        let replies = self.tries.iter().filter_map(DeedTry::answered);
        replies
            .filter(|(answered, _)| tells_effect(&answered.reply))
            .map(|(_, ended_us)| ended_us)
            .min()
    }

    /// For people: who asked what.
    pub(crate) fn name(&self) -> String {
        let Command {
            hunt,
            request,
            action,
        } = self.command;
        let (client, nth) = (self.op.client, self.op.nth);
        format!("operation {nth} of client {client} (hunt {hunt}, request {request}, {action:?})")
    }
}

/// A reply that always tells of an event of its own.
pub(crate) fn tells_effect(reply: &Reply) -> bool {
    match reply {
        Reply::Created { .. }
        | Reply::Restocked { .. }
        | Reply::Joined { .. }
        | Reply::Solved { .. }
        | Reply::Wrong { .. }
        | Reply::Granted { .. } => true,
        Reply::Replaced { .. }
        | Reply::Phase { .. }
        | Reply::AlreadyJoined { .. }
        | Reply::AlreadySolved { .. }
        | Reply::Locked
        | Reply::OutOfGuesses
        | Reply::TooSoon { .. }
        | Reply::AlreadyGranted { .. }
        | Reply::SoldOut
        | Reply::NotEligible { .. }
        | Reply::Refused(_) => false,
    }
}

/// Takes a history apart.
pub(crate) fn deeds<'a>(history: &'a History, ledger: &Ledger<'a>) -> Vec<Deed<'a>> {
    let mut numbers = Numbers::default();
    let mut deeds = Vec::new();
    for op in &history.ops {
        match &op.ask {
            Ask::Command(command) => deeds.push(deed(op, command, None, ledger, &mut numbers)),
            Ask::Commands(commands) => {
                let all = commands.iter().enumerate();
                deeds.extend(
                    all.map(|(index, command)| {
                        deed(op, command, Some(index), ledger, &mut numbers)
                    }),
                );
            }
            Ask::Query(_) | Ask::Hunts | Ask::Status | Ask::Feed { .. } => {}
        }
    }
    tell_apart(&mut deeds);
    deeds
}

/// Numbers askers and their request ids from 0.
#[derive(Default)]
struct Numbers<'a> {
    askers: HashMap<(&'a HuntId, Option<&'a PlayerId>), usize, FixedState>,
    ids: HashMap<(usize, &'a RequestId), usize, FixedState>,
}

impl<'a> Numbers<'a> {
    /// The asker of a command, and its request id.
    fn of(&mut self, command: &'a Command) -> (usize, usize) {
        let next = self.askers.len();
        let whose = (&command.hunt, command.action.player());
        let asker = *self.askers.entry(whose).or_insert(next);
        let next = self.ids.len();
        let id = *self.ids.entry((asker, &command.request)).or_insert(next);
        (asker, id)
    }
}

fn deed<'a>(
    op: &'a Op,
    command: &'a Command,
    index: Option<usize>,
    ledger: &Ledger<'a>,
    numbers: &mut Numbers<'a>,
) -> Deed<'a> {
    let tries = op.tries.iter().map(|tried| DeedTry {
        sent_us: tried.sent_us,
        ended_us: tried.ended_us,
        answer: match (tried.answer.as_ref(), index) {
            (Some(Answer::Command(answer)), None) => Some(answer),
            (Some(Answer::Commands(answers)), Some(index)) => answers.get(index),
            _ => None,
        },
    });
    let log = ledger.hunt(&command.hunt);
    let tag = log
        .and_then(HuntLog::salt)
        .map(|salt| request_tag(command, salt));
    let (asker, id) = numbers.of(command);
    Deed {
        op,
        command,
        tries: tries.collect(),
        tag,
        effects: log
            .zip(tag)
            .map(|(log, tag)| effects(log, command, tag))
            .unwrap_or_default(),
        asker,
        id,
        body: 0,
        repeats: false,
    }
}

/// Numbers what was asked under one request id, and marks what was asked more than once. Nearly every id is used once:
/// only others are looked at closely.
fn tell_apart(deeds: &mut [Deed<'_>]) {
    let mut first_of: Vec<Option<usize>> = Vec::new();
    let mut again: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, deed) in deeds.iter().enumerate() {
        if deed.id == first_of.len() {
            first_of.push(None);
        }
        match first_of.get_mut(deed.id) {
            Some(Some(first)) => again
                .entry(deed.id)
                .or_insert_with(|| vec![*first])
                .push(index),
            Some(first) => *first = Some(index),
            None => unreachable!("ids are numbered in the order in which they appear"),
        }
    }
    for indexes in again.into_values() {
        let mut bodies: Vec<(String, usize)> = Vec::new();
        for index in indexes {
            tell_body(deeds, index, &mut bodies);
        }
    }
}

/// Numbers one body by those of the same id so far: each text with the command that had it last.
fn tell_body(deeds: &mut [Deed<'_>], index: usize, bodies: &mut Vec<(String, usize)>) {
    let Some(command) = deeds.get(index).map(|deed| deed.command) else {
        return;
    };
    let text = body(&command.action);
    let known = bodies.iter().position(|(body, _)| *body == text);
    let number = known.unwrap_or(bodies.len());
    let before = known.and_then(|known| bodies.get_mut(known));
    let before = before.map(|(_, last)| std::mem::replace(last, index));
    if before.is_none() {
        bodies.push((text, index));
    }
    if let Some(deed) = deeds.get_mut(index) {
        (deed.body, deed.repeats) = (number, before.is_some());
    }
    if let Some(deed) = before.and_then(|before| deeds.get_mut(before)) {
        deed.repeats = true;
    }
}

/// All of the action, so that equal bodies are equal texts.
fn body(action: &Action) -> String {
    match action {
        Action::Put { draft, .. } => {
            // The salt is chosen by each try; an existing hunt keeps its own.
            format!("put {:?}", draft.seal(Salt::default()))
        }
        Action::Solve {
            player,
            clue,
            attempt,
        } => match attempt {
            Attempt::Answer(answer) => format!("solve {player} {clue} answer {answer}"),
            Attempt::Scan(code) => format!("solve {player} {clue} scan {code}"),
            Attempt::CheckIn {
                lat,
                lon,
                accuracy_m,
            } => format!("solve {player} {clue} at {lat} {lon} {accuracy_m}"),
        },
        Action::Open
        | Action::Freeze
        | Action::Close
        | Action::Restock { .. }
        | Action::Join { .. }
        | Action::Claim { .. } => format!("{action:?}"),
    }
}

fn effects(log: &HuntLog<'_>, command: &Command, tag: RequestTag) -> Vec<usize> {
    let places = log.with_id(command.action.player(), tag.id).iter().copied();
    places
        .filter(|place| {
            let event = log.events.get(*place).map(|placed| &placed.event.body);
            event
                .and_then(super::ledger::request)
                .is_some_and(|request| request.fingerprint == tag.fingerprint)
        })
        .collect()
}
