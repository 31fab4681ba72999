//! The commands of a history one by one, each with its tries and with what it did in the log.

use std::collections::{BTreeMap, BTreeSet};

use hunt::{Action, Attempt, Command, Reply, RequestTag, Salt, request_tag};
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
    /// All of the action, so that equal bodies are equal texts.
    pub(crate) body: String,
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
    let mut deeds = Vec::new();
    for op in &history.ops {
        match &op.ask {
            Ask::Command(command) => deeds.push(deed(op, command, None, ledger)),
            Ask::Commands(commands) => {
                let all = commands.iter().enumerate();
                deeds.extend(all.map(|(index, command)| deed(op, command, Some(index), ledger)));
            }
            Ask::Query(_) | Ask::Hunts | Ask::Feed { .. } => {}
        }
    }
    mark_repeats(&mut deeds);
    deeds
}

fn deed<'a>(
    op: &'a Op,
    command: &'a Command,
    index: Option<usize>,
    ledger: &Ledger<'a>,
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
    Deed {
        op,
        command,
        tries: tries.collect(),
        tag,
        effects: log
            .zip(tag)
            .map(|(log, tag)| effects(log, command, tag))
            .unwrap_or_default(),
        body: body(&command.action),
        repeats: false,
    }
}

/// Marks the commands that were begun more than once.
fn mark_repeats(deeds: &mut [Deed<'_>]) {
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    let mut repeated = BTreeSet::new();
    for (index, deed) in deeds.iter().enumerate() {
        let (hunt, request) = (&deed.command.hunt, &deed.command.request);
        let player = deed.command.action.player();
        if let Some(before) = known.insert((hunt, player, request, deed.body.as_str()), index) {
            repeated.extend([before, index]);
        }
    }
    for index in repeated {
        if let Some(deed) = deeds.get_mut(index) {
            deed.repeats = true;
        }
    }
}

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
