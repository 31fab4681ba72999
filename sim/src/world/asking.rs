//! How a client's question gets to a core, and the answer back.

use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use node::{Core, Request, Response};

use super::book::AskKey;
use super::client_port::{Porter, Task, Told};
use super::due::Content;
use super::host::SimHost;
use super::site::Endpoint;
use super::world::{WORLD_LANE, WORLD_LIFE, World};
use crate::history::{Answer, Ask};
use crate::kernel::{Sleep, keyed};

/// How long a question for the feed waits for the next event, if there is none.
const FEED_WAIT: Duration = Duration::from_millis(300);

impl World {
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
        Ask::Status => Answer::Status(Box::pin(core.ask_all(Request::Status)).await),
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

    fn send(&self, client: u32, op: usize, node: u16, core: u16) {
        let (key, ask) = self.book.sent(op, node, core, self.kernel.now_us());
        self.post(
            Endpoint::Client(client),
            Endpoint::Core { node, core },
            Content::Ask(key, ask),
        );
    }

    fn poll_answer(&self, op: usize, context: &mut Context<'_>) -> Poll<Told> {
        self.book.poll_answer(op, context)
    }

    fn ended(&self, op: usize) {
        self.book.ended(op);
    }
}
