//! Carries an operation out: tries, waits, tries elsewhere under the same request id, until there is an answer or the
//! client gives up. An answer that comes after its time-out counts too.

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, select};
use node::AskError;

use super::Conduct;
use crate::history::{Answer, Ask};
use crate::world::ClientPort;

/// The first pause before another try; it doubles with each.
const PAUSE_US: u64 = 10_000;
/// The longest.
const PAUSE_US_MAX: u64 = 1_000_000;

/// An operation under way.
struct Errand<'a> {
    port: &'a ClientPort,
    op: usize,
    ask: Ask,
    answers: UnboundedSender<Answer>,
}

/// Carries the `nth` operation of a client out; gives the answer back, unless the client gave up.
pub(super) async fn carry_out(
    port: &ClientPort,
    nth: u32,
    ask: Ask,
    mut conduct: Conduct,
) -> Option<Answer> {
    let (answers, mut answered) = unbounded();
    let errand = Errand {
        port,
        op: port.begin(nth, ask.clone()),
        ask,
        answers,
    };
    let answer = errand.until_answered(&mut conduct, &mut answered).await;
    match conduct.again_after_us.filter(|_| answer.is_some()) {
        Some(after_us) => errand.once_more(after_us, conduct, answered),
        None => port.ended(errand.op),
    }
    answer
}

impl Errand<'_> {
    async fn until_answered(
        &self,
        conduct: &mut Conduct,
        answered: &mut UnboundedReceiver<Answer>,
    ) -> Option<Answer> {
        let mut pause_us = PAUSE_US;
        let mut tries = 0;
        loop {
            self.send(conduct);
            if conduct.overlaps {
                self.send(conduct);
            }
            tries += 1;
            let answer = match select(answered.next(), self.port.sleep(conduct.timeout_us)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => None,
            };
            if let Some(answer) = answer.filter(is_final) {
                return Some(answer);
            }
            if conduct.tries_max.is_some_and(|max| tries >= max) {
                return None;
            }
            self.port
                .sleep(conduct.chance.between(pause_us / 2, pause_us))
                .await;
            pause_us = (pause_us * 2).min(PAUSE_US_MAX);
        }
    }

    /// Tries at a node by chance; what is answered is written down whenever it comes.
    fn send(&self, conduct: &mut Conduct) {
        let port = self.port.clone();
        let node = conduct.chance.between(1, port.nodes().into()) as u16;
        let core = conduct.chance.below(port.cores().into()) as u16;
        let (op, nth_try) = (self.op, port.sent(self.op, node, core));
        let answer = port.ask(node, core, self.ask.clone());
        let answers = self.answers.clone();
        self.port.spawn(async move {
            let answer = answer.await;
            port.answered(op, nth_try, answer.clone());
            // Nobody waits any more if the client gave up.
            let _ = answers.unbounded_send(answer);
        });
    }

    /// Asks what was answered again, beside what the client does next.
    fn once_more(
        self,
        after_us: u64,
        mut conduct: Conduct,
        mut answered: UnboundedReceiver<Answer>,
    ) {
        let port = self.port.clone();
        let (op, ask, answers) = (self.op, self.ask, self.answers);
        self.port.spawn(async move {
            port.sleep(after_us).await;
            if !port.is_over() {
                let errand = Errand {
                    port: &port,
                    op,
                    ask,
                    answers,
                };
                errand.send(&mut conduct);
                select(answered.next(), port.sleep(conduct.timeout_us)).await;
            }
            port.ended(op);
        });
    }
}

/// The answer settles the operation; otherwise it must be asked again.
fn is_final(answer: &Answer) -> bool {
    match answer {
        Answer::Command(answer) => answer.is_ok(),
        Answer::Commands(answers) => answers.iter().all(Result::is_ok),
        Answer::Query(answer) => is_settled(answer),
        Answer::Hunts(answers) => answers.iter().all(is_settled),
        Answer::Feed(answer) => is_settled(answer),
    }
}

fn is_settled<T>(answer: &Result<T, AskError>) -> bool {
    answer.is_ok()
}
