//! What one client sees of the world: time, chance, the nodes, and the book in which its operations are written.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use node::FeedPosition;

use crate::history::{Answer, Ask};

/// A task of a client.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What a client goes on by when an answer comes; the answer itself is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// It settles the operation; otherwise it must be asked again.
    pub settled: bool,
    /// Where the feed goes on, if it was read.
    pub position: Option<FeedPosition>,
}

impl Told {
    /// Of this answer.
    pub fn by(answer: &Answer) -> Self {
        let position = match answer {
            Answer::Feed(Ok(page)) => Some(page.position),
            _ => None,
        };
        Self {
            settled: answer.settles(),
            position,
        }
    }
}

/// The world, as clients use it. One trait, so that clients can be tested against a world that does what a test says.
pub trait Porter {
    /// True virtual time in microseconds.
    fn now_us(&self) -> u64;

    /// Resolves once `us` microseconds have passed.
    fn sleep(&self, us: u64) -> Task;

    /// Runs `task` beside the others of the clients.
    fn spawn(&self, task: Task);

    /// 64 bits that depend on the seed, the client, `nth` and `salt` alone.
    fn draw(&self, client: u32, nth: u32, salt: u64) -> u64;

    /// Nodes of the cluster, numbered from 1.
    fn nodes(&self) -> u16;

    /// Cores of each node, numbered from 0.
    fn cores(&self) -> u16;

    /// Faults have ended: nothing new may be begun.
    fn is_over(&self) -> bool;

    /// Writes down that an operation begins; says which place it has in the history.
    fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize;

    /// Sends what `op` asks to a core of a node over the network, and writes down that it does, and the answer when it
    /// comes. It may never come: the question or the answer is lost, the node dies.
    fn send(&self, client: u32, op: usize, node: u16, core: u16);

    /// The next answer to any of the tries of `op`, once it has come.
    fn poll_answer(&self, op: usize, context: &mut Context<'_>) -> Poll<Told>;

    /// Writes down that nothing more will be done about `op`.
    fn ended(&self, op: usize);
}

/// One client's way into the world.
#[derive(Clone)]
pub struct ClientPort {
    world: Rc<dyn Porter>,
    client: u32,
}

impl ClientPort {
    /// For the client of this number.
    pub fn new(world: Rc<dyn Porter>, client: u32) -> Self {
        Self { world, client }
    }

    /// The client's number.
    pub fn client(&self) -> u32 {
        self.client
    }

    /// True virtual time in microseconds.
    pub fn now_us(&self) -> u64 {
        self.world.now_us()
    }

    /// Resolves once `us` microseconds have passed.
    pub fn sleep(&self, us: u64) -> Task {
        self.world.sleep(us)
    }

    /// Runs `task` beside the others of the clients.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.world.spawn(Box::pin(task));
    }

    /// 64 bits that depend on the seed, the client, `nth` and `salt` alone.
    pub fn draw(&self, nth: u32, salt: u64) -> u64 {
        self.world.draw(self.client, nth, salt)
    }

    /// Nodes of the cluster, numbered from 1.
    pub fn nodes(&self) -> u16 {
        self.world.nodes()
    }

    /// Cores of each node, numbered from 0.
    pub fn cores(&self) -> u16 {
        self.world.cores()
    }

    /// Faults have ended: nothing new may be begun. What was begun is asked until it is answered.
    pub fn is_over(&self) -> bool {
        self.world.is_over()
    }

    /// Writes down that the client's `nth` operation begins; says which place it has in the history.
    pub fn begin(&self, nth: u32, ask: Ask) -> usize {
        self.world.begin(self.client, nth, ask)
    }

    /// Sends what `op` asks to a core of a node (numbered from 1) over the network.
    pub fn send(&self, op: usize, node: u16, core: u16) {
        self.world.send(self.client, op, node, core);
    }

    /// The next answer to any of the tries of `op`. May never come, so bring a time-out.
    pub async fn answer(&self, op: usize) -> Told {
        std::future::poll_fn(|context| self.world.poll_answer(op, context)).await
    }

    /// Writes down that nothing more will be done about `op`. An operation that has begun and never ends is a
    /// failure of liveness.
    pub fn ended(&self, op: usize) {
        self.world.ended(op);
    }
}
