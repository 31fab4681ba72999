//! What cores say to each other about requests: questions, and the answers to them.
//!
//! ```text
//! this core                                             the core that owns the shard
//! question ─▶ Asks ─▶ Host::send(Ask) ─────────────────▶ deliver ─▶ answer
//!             Asks ◀─ deliver ◀─ Host::send(Answer) ◀─── send_answer: waits for room, and for a way back
//! ```

use std::cell::Cell;
use std::time::Duration;

use crate::core::Core;
use crate::patience::{PAUSE_MAX, PAUSE_MIN};
use crate::shard::{not_ready, overloaded, unavailable};
use crate::{AskError, CoreAddress, Host, Message, NodeId, Request, Response, SendRefused};

/// What a core waits before it tries again to send what the way was too full for.
const SEND_RETRY: Duration = Duration::from_millis(1);
/// How often it tries to send a question before it is refused as overload.
const ASK_TRIES_MAX: usize = 1_000;
/// How often it tries to send an answer, which is all that is left of work that was done.
const ANSWER_TRIES_MAX: usize = 5_000;

/// What other nodes ask of this core.
#[derive(Default)]
pub(crate) struct Asked {
    /// Questions that are not answered yet, of other cores of this node too.
    open: Cell<usize>,
    /// When another node asked last.
    last: Cell<Duration>,
}

impl<H: Host> Core<H> {
    /// Asks another core.
    pub(crate) async fn question(
        &self,
        to: CoreAddress,
        request: Request,
        hops: u8,
    ) -> Result<Response, AskError> {
        let shared = self.shared();
        if self.asks().len() >= shared.settings.asks_max {
            shared.host.probe("asks_full");
            return Err(self.overloaded("asks_max"));
        }
        let (id, answer) = self.asks().ask(
            to.node,
            shared.host.monotonic() + shared.settings.ask_timeout,
        );
        let ask = Message::Ask {
            id,
            from: self.address(),
            hops,
            request,
        };
        if let Err(refused) = self.send(to, ask, ASK_TRIES_MAX).await {
            self.asks().withdraw(id);
            return Err(self.not_sent(&refused));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(unavailable("the core stopped".to_owned())))
    }

    fn not_sent(&self, refused: &SendRefused) -> AskError {
        match refused {
            SendRefused::Full(_) => {
                self.shared().host.probe("core_queue_full");
                self.overloaded("core_queue")
            }
            SendRefused::TooLarge(_) => self.overloaded("message_bytes_max"),
            // Unlike a question that was sent: this one can't come true any more.
            SendRefused::NoWay(_) => not_ready(),
        }
    }

    fn overloaded(&self, limit: &'static str) -> AskError {
        self.shared().counters.refuse(limit);
        overloaded(limit)
    }

    /// Where that fails, whoever asked gives up in time by itself.
    pub(crate) async fn send_answer(
        &self,
        to: CoreAddress,
        id: u64,
        response: Result<Response, AskError>,
    ) {
        let answer = Message::Answer { id, response };
        if let Err(SendRefused::TooLarge(_)) = self.send_back(to, answer).await {
            let response = Err(self.overloaded("message_bytes_max"));
            let _ = self.send_back(to, Message::Answer { id, response }).await;
        }
    }

    /// Sends an answer, and waits for a way back for as long as whoever asked may wait: a node that has just come asks at
    /// once, and may not have been called back yet.
    async fn send_back(&self, to: CoreAddress, mut answer: Message) -> Result<(), SendRefused> {
        let host = &self.shared().host;
        let until = host.monotonic() + self.shared().settings.ask_timeout;
        let mut pause = PAUSE_MIN;
        loop {
            answer = match self.send(to, answer, ANSWER_TRIES_MAX).await {
                Err(SendRefused::NoWay(back)) if host.monotonic() < until => *back,
                sent => return sent,
            };
            host.probe("answer_waits_for_way");
            host.sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// A node called that is not among those that this one knows.
    pub fn called_by(&self, node: NodeId) {
        let view = self.shared().view();
        if view.is_some_and(|view| view.members().contains_key(&node)) {
            return;
        }
        if self.address() == self.beating() {
            self.hurry().raise();
            return;
        }
        // Refused: the next beat sees the node too.
        let _ = self.shared().host.send(self.beating(), Message::LookAnew);
    }

    /// Sends a message, and waits a little where the way is full: a burst is no overload yet.
    pub(crate) async fn send(
        &self,
        to: CoreAddress,
        mut message: Message,
        tries: usize,
    ) -> Result<(), SendRefused> {
        for _ in 1..tries {
            match self.shared().host.send(to, message) {
                Err(SendRefused::Full(back)) => message = *back,
                sent => return sent,
            }
            self.shared().host.sleep(SEND_RETRY).await;
        }
        self.shared().host.send(to, message)
    }

    /// The way to the node broke: what was asked of it may stay without an answer, so whoever waits is told to ask again.
    pub fn lost_way_to(&self, node: NodeId) {
        self.give_up_asks(|asked| asked == node);
        for core in self.siblings() {
            // Refused: what waits there ends by its time-out.
            let _ = self.shared().host.send(core, Message::Unreachable { node });
        }
    }

    /// Ends the questions to nodes that are lost.
    pub(crate) fn give_up_asks(&self, lost: impl Fn(NodeId) -> bool) {
        if self.asks().give_up(lost) > 0 {
            self.shared().host.probe("asks_given_up");
        }
    }

    /// Notes that somebody asked.
    pub(crate) fn note_asked(&self, from: CoreAddress) {
        let asked = self.asked();
        asked.open.set(asked.open.get() + 1);
        if from.node != self.place().node {
            asked.last.set(self.shared().host.monotonic());
        }
    }

    /// Notes that somebody was answered.
    pub(crate) fn note_answered(&self) {
        let asked = self.asked();
        asked.open.set(asked.open.get() - 1);
    }

    /// Waits until nobody asks this core any more: those who have not heard yet that it stops still do, and are handed on.
    /// Whoever goes on asking is given a lease.
    pub(crate) async fn finish_answers(&self) {
        let shared = self.shared();
        let Some(cluster) = shared.settings.cluster.as_ref() else {
            return;
        };
        let begun = shared.host.monotonic();
        loop {
            let now = shared.host.monotonic();
            let quiet = now - self.asked().last.get().max(begun);
            let is_done = self.asked().open.get() == 0 && quiet >= cluster.heartbeat;
            if is_done || now - begun >= cluster.lease {
                return;
            }
            shared.host.sleep(shared.settings.tick).await;
        }
    }
}
