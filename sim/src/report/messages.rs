//! Messages as arrows, and what clients waited for as bands.

use std::collections::BTreeMap;

use sim::history::{Answer, Ask};
use sim::outcome::{Happening, Outcome};

use super::data::{Arrow, Picture};
use super::lanes::Lanes;

/// Characters of a text that are kept: the page shows it in one paragraph.
const TEXT_MAX: usize = 400;

/// Draws them.
pub(super) fn draw(picture: &mut Picture, lanes: &Lanes, outcome: &Outcome) {
    let mut sent: BTreeMap<u64, usize> = BTreeMap::new();
    for step in &outcome.trace {
        match &step.what {
            Happening::Sent {
                message,
                from,
                to,
                what,
            } => {
                sent.insert(*message, picture.arrows.len());
                picture.arrows.push(Arrow {
                    from: lanes.party(*from),
                    to: lanes.party(*to),
                    sent: step.at_us,
                    arrived: None,
                    text: what.clone(),
                });
            }
            Happening::Arrived { message } => {
                let arrow = sent.get(message).and_then(|at| picture.arrows.get_mut(*at));
                if let Some(arrow) = arrow {
                    arrow.arrived.get_or_insert(step.at_us);
                }
            }
            _ => {}
        }
    }
    operations(picture, lanes, outcome);
}

fn operations(picture: &mut Picture, lanes: &Lanes, outcome: &Outcome) {
    for op in &outcome.history.ops {
        let lane = lanes.client(op.client);
        for (nth, one) in op.tries.iter().enumerate() {
            let kind = match &one.answer {
                Some(answer) if is_told(answer) => "answered",
                Some(_) => "refused",
                None => "unanswered",
            };
            let answer = one
                .answer
                .as_ref()
                .map_or_else(|| "no answer".to_owned(), |a| format!("{a:?}"));
            let text = format!(
                "operation {}, try {} at {}.{}: {} → {answer}",
                op.nth,
                nth + 1,
                one.node,
                one.core,
                asked(&op.ask)
            );
            let end = one.ended_us.unwrap_or(outcome.simulated_us);
            picture.band(lane, kind, (one.sent_us, end), short(text));
        }
    }
}

fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Command(command) => format!(
            "{} {:?} ({})",
            command.hunt, command.action, command.request
        ),
        Ask::Commands(commands) => format!("{} commands", commands.len()),
        Ask::Query(query) => format!("{query:?}"),
        Ask::Hunts => "all hunts".to_owned(),
        Ask::Status => "status".to_owned(),
        Ask::Feed { after, limit } => format!("feed after {after}, at most {limit}"),
    }
}

/// An answer that says what came of it; an error only asks to come again.
fn is_told(answer: &Answer) -> bool {
    match answer {
        Answer::Command(answer) => answer.is_ok(),
        Answer::Commands(answers) => answers.iter().all(Result::is_ok),
        Answer::Query(answer) => answer.is_ok(),
        Answer::Hunts(answers) | Answer::Status(answers) => answers.iter().all(Result::is_ok),
        Answer::Feed(answer) => answer.is_ok(),
    }
}

fn short(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
