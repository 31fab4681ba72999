//! One player: joins, now and then guesses wrong, solves what it can, claims what it may, and sometimes asks twice.

use std::cell::RefCell;
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::Value;

use super::client::{Answer, Client, Question};
use super::script::{ClueScript, Script};
use super::tally::Tally;
use crate::runtime::timers;

/// Each so-manieth command is sent again with the same key.
const REPEAT_EVERY: u64 = 8;
/// Each so-manieth player guesses wrong before guessing right.
const WRONG_EVERY: u64 = 5;
/// How often a command is asked again when the engine says "later".
const RETRIES_MAX: u32 = 100;
/// Waited if the engine does not say how long.
const RETRY_DEFAULT: Duration = Duration::from_millis(100);

/// One player.
pub(super) struct Player<'a> {
    number: u64,
    script: &'a Script,
    tally: &'a RefCell<Tally>,
    client: Client,
    commands: u64,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        number: u64,
        script: &'a Script,
        tally: &'a RefCell<Tally>,
        client: Client,
    ) -> Self {
        Self {
            number,
            script,
            tally,
            client,
            commands: 0,
        }
    }

    /// Plays to the end; what is not as it should be is noted.
    pub(super) async fn play(&mut self) {
        if let Err(fault) = self.play_on().await {
            self.tally
                .borrow_mut()
                .fault(format!("player {}: {fault}", self.number));
        }
    }

    async fn play_on(&mut self) -> Result<(), String> {
        let script = self.script;
        self.command("/join", "{}").await?;
        let mut open: Vec<&ClueScript> = script.clues.iter().collect();
        let mut guess_wrong = self.number.is_multiple_of(WRONG_EVERY);
        // A solved clue may unlock others, so go round until a round solves nothing.
        loop {
            let before = open.len();
            let mut locked = Vec::new();
            for clue in open {
                let path = format!("/clues/{}/solve", clue.id);
                if std::mem::take(&mut guess_wrong) {
                    self.expect(&path, &clue.wrong, &["wrong", "locked"])
                        .await?;
                }
                let outcome = self
                    .expect(&path, &clue.right, &["solved", "already_solved", "locked"])
                    .await?;
                if outcome == "locked" {
                    locked.push(clue);
                }
            }
            open = locked;
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        for treasure in &script.claims {
            let path = format!("/treasures/{treasure}/claim");
            self.expect(
                &path,
                "{}",
                &["granted", "sold_out", "already_granted", "not_eligible"],
            )
            .await?;
        }
        self.look_at_progress().await
    }

    /// Sends a command whose outcome must be one of these, waiting where the rules say "too soon".
    async fn expect(
        &mut self,
        path: &str,
        body: &str,
        expected: &[&str],
    ) -> Result<String, String> {
        for _ in 0..RETRIES_MAX {
            let reply = self.command(path, body).await?;
            let outcome = reply["outcome"].as_str().unwrap_or_default();
            if outcome == "too_soon" {
                let wait = reply["retry_after_ms"]
                    .as_u64()
                    .map_or(RETRY_DEFAULT, Duration::from_millis);
                timers::sleep(wait).await;
            } else if expected.contains(&outcome) {
                return Ok(outcome.to_owned());
            } else {
                return Err(format!(
                    "{path} was answered {reply}, not one of {expected:?}"
                ));
            }
        }
        Err(format!("{path} was always too soon"))
    }

    /// Sends one command, sometimes twice.
    async fn command(&mut self, path: &str, body: &str) -> Result<Value, String> {
        self.commands += 1;
        let key = format!("{}-{}", self.number, self.commands);
        let path = format!("/v1/hunts/{}{path}", self.script.hunt);
        let question = Question {
            method: Method::POST,
            path: &path,
            key: Some(&key),
            body,
        };
        let answer = self.ask(&question).await?;
        let reply = answer.json();
        self.count(&reply);
        if (self.number + self.commands).is_multiple_of(REPEAT_EVERY) {
            let again = self.ask(&question).await?;
            self.tally.borrow_mut().repeated += 1;
            compare(&question, &reply, &answer, &again)?;
        }
        Ok(reply)
    }

    fn count(&self, reply: &Value) {
        let mut tally = self.tally.borrow_mut();
        let outcome = reply["outcome"].as_str().unwrap_or_default();
        tally.outcome(outcome);
        let solved = reply["grants"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|_| outcome == "solved");
        let claimed = reply.get("grant").filter(|_| outcome == "granted");
        for grant in solved.chain(claimed) {
            tally.granted(grant["treasure"].as_str().unwrap_or_default());
        }
    }

    /// Asks until the answer is neither "too fast" nor "overloaded"; the key makes that safe.
    async fn ask(&mut self, question: &Question<'_>) -> Result<Answer, String> {
        for _ in 0..RETRIES_MAX {
            let answer = self.client.ask(question).await?;
            match answer.status {
                StatusCode::OK => {
                    self.tally.borrow_mut().answered(answer.took);
                    return Ok(answer);
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    self.tally.borrow_mut().outcome("retried");
                    timers::sleep(answer.retry_after.unwrap_or(RETRY_DEFAULT)).await;
                }
                status => {
                    return Err(format!(
                        "{} was answered {status}: {}",
                        question.path,
                        answer.json()
                    ));
                }
            }
        }
        Err(format!("{} was never taken", question.path))
    }

    async fn look_at_progress(&mut self) -> Result<(), String> {
        let path = format!("/v1/hunts/{}/progress", self.script.hunt);
        let answer = self
            .client
            .ask(&Question {
                method: Method::GET,
                path: &path,
                key: None,
                body: "",
            })
            .await?;
        match answer.status {
            StatusCode::OK => Ok(()),
            status => Err(format!("{path} was answered {status}: {}", answer.json())),
        }
    }
}

/// Outcomes that change nothing, and so are decided anew when asked again.
const NOT_LOGGED: [&str; 7] = [
    "locked",
    "too_soon",
    "out_of_guesses",
    "already_solved",
    "already_granted",
    "sold_out",
    "not_eligible",
];

/// The second answer must be the first; what took effect must also say that it is a repetition.
fn compare(
    question: &Question<'_>,
    reply: &Value,
    first: &Answer,
    again: &Answer,
) -> Result<(), String> {
    let took_effect = !NOT_LOGGED.contains(&reply["outcome"].as_str().unwrap_or_default());
    if !took_effect {
        return Ok(());
    }
    if first.body != again.body || first.status != again.status {
        return Err(format!(
            "{} asked again was answered {}, not {reply}",
            question.path,
            again.json()
        ));
    }
    if !again.replayed {
        return Err(format!(
            "{} asked again was not marked as a repetition",
            question.path
        ));
    }
    Ok(())
}
