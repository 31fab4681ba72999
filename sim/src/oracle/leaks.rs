//! No answer and no code of a clue is in anything that a client was told, and no place in what a player was told. All
//! secrets of simulated hunts carry a mark, so one search finds any of them.

use hunt::view::event_view;
use hunt::{Audience, Event};
use node::{Query, Response};
use serde::Serialize;

use super::{Evidence, failure};
use crate::history::{Answer, Ask};
use crate::outcome::Failure;
use crate::workload::secret;

const ORACLE: &str = "leaks";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for op in &evidence.history.ops {
        for tried in &op.tries {
            let Some(answer) = &tried.answer else {
                continue;
            };
            let text = text(answer);
            if secret::is_in(&text) || shows_place(&op.ask, answer) {
                let detail = format!(
                    "operation {} of client {} was told a secret: {text}",
                    op.nth, op.client
                );
                return Err(failure(ORACLE, tried.ended_us.unwrap_or_default(), detail));
            }
        }
    }
    Ok(())
}

/// The answer as it goes out; what has no form for the outside, as it is logged.
fn text(answer: &Answer) -> String {
    match answer {
        Answer::Command(Ok(answered)) => json(&answered.reply),
        Answer::Commands(answers) => answers
            .iter()
            .flatten()
            .map(|answered| json(&answered.reply))
            .collect(),
        Answer::Query(Ok(response)) => shown(response),
        Answer::Hunts(cores) | Answer::Status(cores) => cores.iter().flatten().map(shown).collect(),
        Answer::Feed(Ok(page)) => page
            .events
            .iter()
            .map(|it| json(&event_view(&it.event, &it.definition, it.shard)))
            .collect(),
        Answer::Command(Err(error)) | Answer::Query(Err(error)) | Answer::Feed(Err(error)) => {
            error.to_string()
        }
    }
}

fn shown(response: &Response) -> String {
    match response {
        Response::Hunt(view) => json(view),
        Response::Stats(stats) => json(stats),
        Response::Progress(progress) => json(progress),
        Response::Leaderboard(page) => json(page),
        Response::Events(page) => {
            let view = |event: &Event| json(&event_view(event, &page.definition, page.shard));
            page.events.iter().map(view).collect()
        }
        Response::Hunts(list) => json(list),
        Response::Reply(_)
        | Response::Replies(_)
        | Response::Refused(_)
        | Response::Definition(_)
        | Response::Status(_) => format!("{response:?}"),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A player is shown where to check in, or what a clue wins or needs.
fn shows_place(ask: &Ask, answer: &Answer) -> bool {
    let (Ask::Query(Query::Hunt { audience, .. }), Answer::Query(Ok(Response::Hunt(view)))) =
        (ask, answer)
    else {
        return false;
    };
    let shows = |clue: &hunt::view::ClueView| {
        clue.place.is_some() || clue.unlock.is_some() || clue.grants.is_some()
    };
    *audience == Audience::Player && view.clues.iter().any(shows)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::{ClueId, Refusal, Reply};

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.look_at_stats();
        run.read_feed(0, 100);
        run.look_at_events(0, 100);
        run.passes(check);
    }

    #[test]
    fn sees_a_secret_in_a_refusal() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        let clue = ClueId::new("pharos").unwrap();
        let detail = format!("it is {}", crate::workload::secret::answer(&clue));
        run.last_answer().reply = Reply::Refused(Refusal::Mismatch { detail });
        run.fails(check, "was told a secret");
    }
}
