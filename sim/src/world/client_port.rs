//! What one client sees of the world: time, chance, the nodes, and the book in which its operations are written.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::history::{Answer, Ask};

/// A task of a client.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

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

    /// Asks a core of a node over the network. May never resolve: the request or the answer is lost, the node dies.
    fn ask(
        &self,
        client: u32,
        node: u16,
        core: u16,
        ask: Ask,
    ) -> Pin<Box<dyn Future<Output = Answer>>>;

    /// Nodes of the cluster, numbered from 1.
    fn nodes(&self) -> u16;

    /// Cores of each node, numbered from 0.
    fn cores(&self) -> u16;

    /// Faults have ended: nothing new may be begun.
    fn is_over(&self) -> bool;

    /// Writes down that an operation begins; says which place it has in the history.
    fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize;

    /// Writes down that `op` is sent to a node; says which of its tries that is.
    fn sent(&self, op: usize, node: u16, core: u16) -> usize;

    /// Writes down the answer to a try.
    fn answered(&self, op: usize, nth_try: usize, answer: Answer);

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

    /// Asks a core of a node (numbered from 1) over the network. May never resolve, so bring a time-out.
    pub fn ask(&self, node: u16, core: u16, ask: Ask) -> Pin<Box<dyn Future<Output = Answer>>> {
        self.world.ask(self.client, node, core, ask)
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

    /// Writes down that `op` is sent to a node; says which of its tries that is.
    pub fn sent(&self, op: usize, node: u16, core: u16) -> usize {
        self.world.sent(op, node, core)
    }

    /// Writes down the answer to a try. A try that stays without one needs no call.
    pub fn answered(&self, op: usize, nth_try: usize, answer: Answer) {
        self.world.answered(op, nth_try, answer);
    }

    /// Writes down that nothing more will be done about `op`. An operation that has begun and never ends is a
    /// failure of liveness.
    pub fn ended(&self, op: usize) {
        self.world.ended(op);
    }
}
