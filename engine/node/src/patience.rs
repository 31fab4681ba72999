//! A request whose shard is between two owners waits for it: whoever asks need not know that a node was restarted.
//!
//! What is tried again is the same request under the same id, so it takes effect once, however often it was tried. A node
//! that is alone has nobody to wait for, and pays nothing for this.

use std::time::Duration;

use hunt::{Command, Refusal, Reply};

use crate::core::Core;
use crate::shard::unavailable;
use crate::{Answered, AskError, Host, Request, Response};

/// The first pause between two tries; it doubles with each.
pub(crate) const PAUSE_MIN: Duration = Duration::from_millis(10);
/// The longest: a shard that moved is found at most so much later.
pub(crate) const PAUSE_MAX: Duration = Duration::from_millis(160);

/// How long somebody goes on trying.
struct Patience {
    until: Duration,
    pause: Duration,
}

impl<H: Host> Core<H> {
    /// Asks whichever core owns the hunt (commands and queries); everything else is asked of this core.
    pub async fn ask(&self, request: Request) -> Result<Response, AskError> {
        let Some(mut patience) = self.patience() else {
            return self.ask_once(request).await;
        };
        let mut doubt = None;
        loop {
            let answer = self.ask_once(request.clone()).await;
            note(&mut doubt, &answer);
            let is_open = answer.as_ref().is_err_and(may_pass);
            if !is_open || !self.wait_a_little(&mut patience).await {
                return honest(answer, doubt, |answer| match answer {
                    Response::Reply(answered) => may_be_otherwise(&answered.reply),
                    _ => false,
                });
            }
        }
    }

    /// Carries out many commands, grouped by the core that owns them; answers in the order of the commands.
    pub async fn ask_many(&self, commands: Vec<Command>) -> Vec<Result<Answered, AskError>> {
        let Some(mut patience) = self.patience() else {
            return self.ask_many_once(commands).await;
        };
        let mut answers = self.ask_many_once(commands.clone()).await;
        let mut doubts = vec![None; answers.len()];
        loop {
            for (doubt, answer) in doubts.iter_mut().zip(&answers) {
                note(doubt, answer);
            }
            let open: Vec<usize> = (0..answers.len())
                .filter(|index| answers[*index].as_ref().is_err_and(may_pass))
                .collect();
            if open.is_empty() || !self.wait_a_little(&mut patience).await {
                let answers = answers.into_iter().zip(doubts);
                return answers
                    .map(|(answer, doubt)| honest(answer, doubt, |it| may_be_otherwise(&it.reply)))
                    .collect();
            }
            let again = open.iter().map(|index| commands[*index].clone()).collect();
            for (index, answer) in open.into_iter().zip(self.ask_many_once(again).await) {
                answers[index] = answer;
            }
        }
    }

    /// Asks every core of the node ([`Request::Status`]), or every core that owns a shard ([`Request::Hunts`]). The
    /// answers to [`Request::Hunts`] together name every hunt once, unless one of them is an error.
    pub async fn ask_all(&self, request: Request) -> Vec<Result<Response, AskError>> {
        let patience = self.patience();
        let Some(mut patience) = patience.filter(|_| matches!(request, Request::Hunts)) else {
            return self.ask_all_once(&request).await;
        };
        loop {
            let answers = self.ask_all_once(&request).await;
            let is_open = answers
                .iter()
                .any(|answer| answer.as_ref().is_err_and(may_pass));
            if !is_open || !self.wait_a_little(&mut patience).await {
                return answers;
            }
        }
    }

    /// None where nothing is worth waiting for.
    fn patience(&self) -> Option<Patience> {
        let shared = self.shared();
        let cluster = shared.settings.cluster.as_ref()?;
        Some(Patience {
            until: shared.host.monotonic() + cluster.patience,
            pause: PAUSE_MIN,
        })
    }

    /// Waits before the next try; false if there is no time for one.
    async fn wait_a_little(&self, patience: &mut Patience) -> bool {
        let host = &self.shared().host;
        if self.is_stopping() || host.monotonic() + patience.pause > patience.until {
            return false;
        }
        host.probe("asked_again");
        host.sleep(patience.pause).await;
        patience.pause = (patience.pause * 2).min(PAUSE_MAX);
        true
    }
}

/// The answer may be another one soon, without any doing of whoever asked.
fn may_pass(error: &AskError) -> bool {
    match error {
        AskError::NotReady { .. } | AskError::Unavailable { .. } => true,
        AskError::Overloaded { .. } => false,
    }
}

/// Remembers that a try may have taken effect.
fn note<T>(doubt: &mut Option<AskError>, answer: &Result<T, AskError>) {
    if let Err(error @ AskError::Unavailable { .. }) = answer {
        *doubt = Some(error.clone());
    }
}

/// The answer to the last try; but where it says that nothing was done and an earlier try may have done it, or still be on
/// its way, that is told.
fn honest<T>(
    answer: Result<T, AskError>,
    doubt: Option<AskError>,
    denies: impl FnOnce(&T) -> bool,
) -> Result<T, AskError> {
    match (answer, doubt) {
        (Err(AskError::NotReady { .. } | AskError::Overloaded { .. }), Some(doubt)) => Err(doubt),
        (Ok(answer), Some(doubt)) if denies(&answer) => Err(doubt),
        (answer, _) => answer,
    }
}

/// The rules refuse this now, or find nothing to be done, and might do it when an earlier try of it arrives.
fn may_be_otherwise(reply: &Reply) -> bool {
    match reply {
        Reply::Locked
        | Reply::OutOfGuesses
        | Reply::TooSoon { .. }
        | Reply::SoldOut
        | Reply::NotEligible { .. }
        // An operator who is told that it is so already goes on, and what comes late would undo what is done next.
        | Reply::Replaced { .. }
        | Reply::Phase { .. } => true,
        Reply::Refused(refusal) => *refusal != Refusal::KeyReused,
        Reply::Created { .. }
        | Reply::Restocked { .. }
        | Reply::Joined { .. }
        | Reply::AlreadyJoined { .. }
        | Reply::Solved { .. }
        | Reply::Wrong { .. }
        | Reply::AlreadySolved { .. }
        | Reply::Granted { .. }
        | Reply::AlreadyGranted { .. } => false,
    }
}

/// A core answered something else than it was asked.
pub(crate) fn misfit() -> AskError {
    unavailable("the answer does not fit the question".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told after a try without an answer, of a command that is then answered so.
    fn told(reply: Reply) -> Result<Reply, AskError> {
        let mut doubt = None;
        note::<Reply>(
            &mut doubt,
            &Err(unavailable("no answer in time".to_owned())),
        );
        honest(Ok(reply), doubt, may_be_otherwise)
    }

    #[test]
    fn a_refusal_is_not_final_while_an_earlier_try_may_arrive() {
        let open = [
            Reply::SoldOut,
            Reply::Replaced { seq: 1 },
            Reply::Refused(Refusal::UnknownHunt),
        ];
        for reply in open {
            assert!(matches!(told(reply), Err(AskError::Unavailable { .. })));
        }
        let settled = [
            Reply::Wrong { guesses_left: None },
            Reply::Refused(Refusal::KeyReused),
        ];
        for reply in settled {
            assert_eq!(told(reply.clone()), Ok(reply));
        }
    }

    #[test]
    fn a_refusal_of_the_first_try_is_final() {
        let answer = honest(Ok(Reply::SoldOut), None, may_be_otherwise);
        assert_eq!(answer, Ok(Reply::SoldOut));
    }
}
