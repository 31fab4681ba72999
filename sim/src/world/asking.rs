//! How a client's question gets to a core, and the answer back.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use node::{Core, Request, Response};

use super::client_port::{Porter, Task};
use super::due::{AskKey, Content};
use super::host::SimHost;
use super::site::Endpoint;
use super::world::{WORLD_LANE, WORLD_LIFE, World};
use crate::history::{Answer, Ask};
use crate::kernel::{Sleep, keyed};

/// How long a question for the feed waits for the next event, if there is none.
const FEED_WAIT: Duration = Duration::from_millis(300);

/// A question whose client waits.
pub(crate) struct Asked {
    serial: u64,
    waker: Option<Waker>,
    answer: Option<Answer>,
}

/// Waits for the answer. Dropped, it gives its place back.
struct Asking {
    world: Rc<World>,
    key: AskKey,
}

impl Future for Asking {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut asked = self.world.asked.borrow_mut();
        let place = &mut asked[self.key.slot];
        match place.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                place.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let given_back = self.world.asked.borrow_mut().remove(self.key.slot);
        drop(given_back);
    }
}

impl World {
    /// Sends a client's question on its way.
    fn ask_core(self: &Rc<Self>, client: u32, to: (u16, u16), ask: Ask) -> Asking {
        let serial = self.asks.replace(self.asks.get() + 1);
        let slot = self.asked.borrow_mut().insert(Asked {
            serial,
            waker: None,
            answer: None,
        });
        let key = AskKey { slot, serial };
        let (node, core) = to;
        self.post(
            Endpoint::Client(client),
            Endpoint::Core { node, core },
            Content::Ask(key, ask),
        );
        Asking {
            world: self.clone(),
            key,
        }
    }

    /// A question has come to a node: it is dealt with by a task of it, if it runs.
    pub(crate) fn carry_out(
        self: &Rc<Self>,
        from: Endpoint,
        at: (u16, u16),
        key: AskKey,
        ask: Ask,
    ) {
        let (node, core) = at;
        let machine = &self.machines[usize::from(node)];
        let Some((life, asked)) = machine.life().zip(machine.core(core)) else {
            return;
        };
        let world = self.clone();
        self.kernel
            .spawn(self.lane(node, core), life.id(), async move {
                let answer = answer(&asked, ask).await;
                world.post(
                    Endpoint::Core { node, core },
                    from,
                    Content::Answer(key, answer),
                );
            });
    }

    /// An answer has come to a client, which may not wait for it any more.
    pub(crate) fn take_answer(&self, key: AskKey, answer: Answer) {
        let mut asked = self.asked.borrow_mut();
        let Some(place) = asked
            .get_mut(key.slot)
            .filter(|place| place.serial == key.serial)
        else {
            return;
        };
        // The first of two equal answers is the one.
        place.answer.get_or_insert(answer);
        if let Some(waker) = place.waker.take() {
            waker.wake();
        }
    }
}

/// What the core answers.
async fn answer(core: &Core<SimHost>, ask: Ask) -> Answer {
    match ask {
        Ask::Command(command) => {
            let answered = core.ask(Request::Command(command)).await;
            Answer::Command(answered.map(|response| match response {
                Response::Reply(answered) => answered,
                other => panic!("a command was answered {other:?}"),
            }))
        }
        // Boxed: their futures are large, and every command would pay for the room.
        Ask::Commands(commands) => Answer::Commands(Box::pin(core.ask_many(commands)).await),
        Ask::Query(query) => Answer::Query(Box::pin(core.ask(Request::Query(query))).await),
        Ask::Hunts => Answer::Hunts(Box::pin(core.ask_all(Request::Hunts)).await),
        Ask::Feed { after, limit } => {
            Answer::Feed(Box::pin(core.feed(after, limit, FEED_WAIT)).await)
        }
    }
}

impl Porter for Rc<World> {
    fn now_us(&self) -> u64 {
        self.kernel.now_us()
    }

    fn sleep(&self, us: u64) -> Task {
        let at_us = self.kernel.now_us().saturating_add(us);
        Box::pin(Sleep::until(self.kernel.clone(), at_us))
    }

    fn spawn(&self, task: Task) {
        self.kernel.spawn(WORLD_LANE, WORLD_LIFE, task);
    }

    fn draw(&self, client: u32, nth: u32, salt: u64) -> u64 {
        /// Keeps clients apart from sites.
        const CLIENT: u64 = 1 << 33;
        let whose = u64::from(client) << 32 | u64::from(nth);
        keyed(self.plan.seed, [CLIENT, whose, salt, 0]) as u64
    }

    fn ask(
        &self,
        client: u32,
        node: u16,
        core: u16,
        ask: Ask,
    ) -> Pin<Box<dyn Future<Output = Answer>>> {
        Box::pin(self.ask_core(client, (node, core), ask))
    }

    fn nodes(&self) -> u16 {
        self.plan.nodes
    }

    fn cores(&self) -> u16 {
        self.plan.cores
    }

    fn is_over(&self) -> bool {
        self.faults.are_over()
    }

    fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize {
        self.book.begin(client, nth, ask)
    }

    fn sent(&self, op: usize, node: u16, core: u16) -> usize {
        self.book.sent(op, node, core, self.kernel.now_us())
    }

    fn answered(&self, op: usize, nth_try: usize, answer: Answer) {
        self.book
            .answered(op, nth_try, answer, self.kernel.now_us());
    }

    fn ended(&self, op: usize) {
        self.book.ended(op);
    }
}
