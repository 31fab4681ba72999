//! One node in one thread: virtual time, a mesh that never loses a message, the in-memory store.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;
use hunt::{
    Action, Attempt, ClueId, Command, Draft, HuntId, Millis, PlayerId, Refusal, Reply, RequestId,
    Salt, TreasureId,
};
use node::verify::{VerifyReport, verify};
use node::{
    Answered, AskError, Core, CoreAddress, Host, Message, NodeId, Place, Query, Request, Response,
    SendRefused, Settings,
};
use store::Environment;
use store_sim::MemoryDatabase;

use crate::flaky::{FlakyStore, Script};

/// The wall clock at virtual time 0: 2026-12-01T18:00:00Z.
pub(crate) const WALL: u64 = 1_796_148_000_000;

/// Virtual time, and who waits for it.
#[derive(Default)]
pub(crate) struct Clock {
    now: Cell<Duration>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    count: Cell<u64>,
    draws: Cell<u64>,
}

struct Sleep {
    clock: Rc<Clock>,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.key.0 {
            return Poll::Ready(());
        }
        self.clock
            .timers
            .borrow_mut()
            .insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.key);
    }
}

impl Clock {
    fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        self.count.set(self.count.get() + 1);
        Sleep {
            clock: self.clone(),
            key: (self.now.get() + duration, self.count.get()),
        }
    }

    fn random(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678
    }

    /// Goes to the next timer; false if there is none.
    fn advance(&self) -> bool {
        let Some(((at, _), waker)) = self.timers.borrow_mut().pop_first() else {
            return false;
        };
        self.now.set(self.now.get().max(at));
        waker.wake();
        true
    }
}

struct StoreEnvironment(Rc<Clock>);

impl Environment for StoreEnvironment {
    fn now_us(&self) -> u64 {
        self.0.now.get().as_micros() as u64
    }
    fn random_u64(&self) -> u64 {
        self.0.random()
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.sleep(duration))
    }
}

/// How long a node lives, in polls of its tasks.
struct Life {
    polls_left: Cell<u64>,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            polls_left: Cell::new(u64::MAX),
        }
    }
}

impl Life {
    fn goes_on(&self) -> bool {
        let left = self.polls_left.get();
        self.polls_left.set(left.saturating_sub(1));
        left > 0
    }
}

/// A core's stand-in for a machine.
#[derive(Clone)]
pub(crate) struct TestHost {
    clock: Rc<Clock>,
    spawner: LocalSpawner,
    store: FlakyStore,
    peers: Rc<RefCell<BTreeMap<CoreAddress, Core<TestHost>>>>,
    life: Rc<Life>,
}

impl Host for TestHost {
    type Store = FlakyStore;

    fn monotonic(&self) -> Duration {
        self.clock.now.get()
    }
    fn wall(&self) -> Millis {
        Millis(WALL + self.clock.now.get().as_millis() as u64)
    }
    fn random(&self) -> u64 {
        self.clock.random()
    }
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        self.clock.sleep(duration)
    }
    /// A node that is killed stops between two polls of its tasks.
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let life = self.life.clone();
        let mut task = Box::pin(task);
        let mortal = std::future::poll_fn(move |context| {
            if life.goes_on() {
                task.as_mut().poll(context)
            } else {
                Poll::Ready(())
            }
        });
        self.spawner
            .spawn_local(mortal)
            .expect("the pool lives as long as the world");
    }
    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        let peers = self.peers.clone();
        self.spawn(async move {
            let peer = peers.borrow().get(&to).cloned();
            if let Some(peer) = peer {
                peer.deliver(message);
            }
        });
        Ok(())
    }
    fn store(&self) -> &FlakyStore {
        &self.store
    }
}

/// One node on one store.
pub(crate) struct World {
    pool: LocalPool,
    clock: Rc<Clock>,
    database: MemoryDatabase,
    settings: Settings,
    life: Rc<Life>,
    pub(crate) cores: Vec<Core<TestHost>>,
    requests: Cell<u64>,
    /// How commits fail.
    pub(crate) script: Rc<Script>,
}

impl World {
    /// A node with two cores on an empty store.
    pub(crate) fn new() -> Self {
        Self::with(Settings {
            shards: 4,
            ..Settings::default()
        })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let mut world = Self {
            pool: LocalPool::new(),
            clock: Rc::default(),
            database: MemoryDatabase::new(0),
            settings,
            life: Rc::default(),
            cores: Vec::new(),
            requests: Cell::new(0),
            script: Rc::default(),
        };
        world.start();
        world
    }

    pub(crate) fn host(&self) -> TestHost {
        TestHost {
            clock: self.clock.clone(),
            spawner: self.pool.spawner(),
            store: FlakyStore::new(
                self.database
                    .handle(Rc::new(StoreEnvironment(self.clock.clone()))),
                self.script.clone(),
            ),
            peers: Rc::default(),
            life: self.life.clone(),
        }
    }

    /// Starts a node (two cores) on the store; the one before, if alive, knows nothing of it.
    pub(crate) fn start(&mut self) {
        self.life = Rc::default();
        self.cores = self.spawn_node(7);
    }

    pub(crate) fn spawn_node(&mut self, id: u64) -> Vec<Core<TestHost>> {
        let host = self.host();
        let node = NodeId(id);
        let cores: Vec<_> = (0..2)
            .map(|core| {
                Core::new(
                    host.clone(),
                    self.settings.clone(),
                    Place {
                        node,
                        core,
                        cores: 2,
                    },
                )
            })
            .collect();
        for (core, number) in cores.iter().zip(0..) {
            host.peers
                .borrow_mut()
                .insert(CoreAddress { node, core: number }, core.clone());
        }
        for core in cores.clone() {
            self.run(async move { core.open().await })
                .expect("the shards open");
        }
        cores
    }

    /// Kills the node: its tasks are never polled again, its memory is gone.
    pub(crate) fn kill(&mut self) {
        self.life.polls_left.set(0);
        self.cores.clear();
    }

    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.start();
    }

    /// Runs until `future` is done, in virtual time.
    pub(crate) fn run<T: 'static>(&mut self, future: impl Future<Output = T> + 'static) -> T {
        let done = Rc::new(RefCell::new(None));
        let result = done.clone();
        let task = async move { *result.borrow_mut() = Some(future.await) };
        self.pool
            .spawner()
            .spawn_local(task)
            .expect("the pool lives");
        for _ in 0..2_000_000 {
            self.pool.run_until_stalled();
            if let Some(value) = done.borrow_mut().take() {
                return value;
            }
            assert!(self.clock.advance(), "everything waits and no timer is set");
        }
        panic!("the scenario does not end");
    }

    /// Starts a task that runs beside the scenario.
    pub(crate) fn start_task(&mut self, task: impl Future<Output = ()> + 'static) {
        self.pool
            .spawner()
            .spawn_local(task)
            .expect("the pool lives");
    }

    /// The node dies after its tasks were polled `polls` times more.
    pub(crate) fn kill_after(&mut self, polls: u64) {
        self.life.polls_left.set(polls);
    }

    /// The core, of several nodes, that owns `hunt` right now: the one that can answer.
    pub(crate) fn owner_of(&mut self, hunt: &str, nodes: &[Vec<Core<TestHost>>]) -> Core<TestHost> {
        for _ in 0..100 {
            for node in nodes {
                let core = node[0].clone();
                let probe = command("probe", hunt, join("probe"));
                let asked = core.clone();
                if self
                    .run(async move { asked.ask(Request::Command(probe)).await })
                    .is_ok()
                {
                    return core;
                }
            }
            self.pass(Duration::from_millis(50));
        }
        panic!("nobody owns the hunt");
    }

    /// Lets `duration` of virtual time pass.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let sleep = self.clock.sleep(duration);
        self.run(sleep);
    }

    pub(crate) fn now(&self) -> Millis {
        Millis(WALL + self.clock.now.get().as_millis() as u64)
    }

    /// Asks core 0, under a fresh request id.
    pub(crate) fn command(&mut self, hunt: &str, action: Action) -> Result<Answered, AskError> {
        self.requests.set(self.requests.get() + 1);
        let request = format!("r{}", self.requests.get());
        self.command_as(&request, hunt, action)
    }

    pub(crate) fn command_as(
        &mut self,
        request: &str,
        hunt: &str,
        action: Action,
    ) -> Result<Answered, AskError> {
        let core = self.cores[0].clone();
        let command = command(request, hunt, action);
        match self.run(async move { core.ask(Request::Command(command)).await })? {
            Response::Reply(answered) => Ok(answered),
            other => panic!("not a reply: {other:?}"),
        }
    }

    /// The reply to what must be answered.
    pub(crate) fn reply(&mut self, hunt: &str, action: Action) -> Reply {
        self.command(hunt, action).expect("it is answered").reply
    }

    pub(crate) fn query(&mut self, query: Query) -> Response {
        let core = self.cores[1].clone();
        self.run(async move { core.ask(Request::Query(query)).await })
            .expect("it is answered")
    }

    /// Puts and opens a hunt.
    pub(crate) fn open_hunt(&mut self, json: &str) {
        let hunt = draft(json).id().as_str().to_owned();
        let created = self.reply(&hunt, put(json));
        assert!(matches!(created, Reply::Created { .. }), "{created:?}");
        self.reply(&hunt, Action::Open);
    }

    /// Checks the store as it is; the node may go on.
    pub(crate) fn verify(&mut self) -> VerifyReport {
        let host = self.host();
        let prefix = self.settings.prefix.clone();
        self.run(async move { verify(&host, &prefix).await })
            .expect("the store can be read")
    }

    /// Checks that nothing is wrong.
    pub(crate) fn verify_clean(&mut self) -> VerifyReport {
        let report = self.verify();
        assert_eq!(report.faults, [], "the store has faults");
        report
    }
}

pub(crate) fn draft(json: &str) -> Draft {
    Draft::parse(json.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

pub(crate) fn command(request: &str, hunt: &str, action: Action) -> Command {
    Command {
        hunt: HuntId::new(hunt).unwrap(),
        request: RequestId::new(request).unwrap(),
        action,
    }
}

pub(crate) fn put(json: &str) -> Action {
    Action::Put {
        draft: Box::new(draft(json)),
        salt: Salt([7; 16]),
    }
}

pub(crate) fn player(name: &str) -> PlayerId {
    PlayerId::new(name).unwrap()
}

pub(crate) fn join(name: &str) -> Action {
    Action::Join {
        player: player(name),
    }
}

pub(crate) fn answer(name: &str, clue: &str, text: &str) -> Action {
    Action::Solve {
        player: player(name),
        clue: ClueId::new(clue).unwrap(),
        attempt: Attempt::Answer(text.to_owned()),
    }
}

pub(crate) fn claim(name: &str, treasure: &str) -> Action {
    Action::Claim {
        player: player(name),
        treasure: TreasureId::new(treasure).unwrap(),
    }
}

pub(crate) fn is_refused(answered: &Answered, refusal: &Refusal) -> bool {
    matches!(&answered.reply, Reply::Refused(found) if found == refusal)
}

/// Two clues, a coin of which there are three for whoever claims it, a key for every solver, a cup for the first.
pub(crate) const HUNT: &str = r#"{
  "id": "lights", "title": "Lights",
  "guesses": { "per_clue": 3, "cooldown_ms": 0 },
  "clues": [
    { "id": "first", "title": "First", "text": "?", "points": 100, "solve": { "answer": ["pharos"] }, "grants": ["key"] },
    { "id": "second", "title": "Second", "text": "?", "points": 50, "solve": { "answer": ["aurora"] }, "unlock": { "after": ["first"] } }
  ],
  "treasures": [
    { "id": "key", "title": "Key", "stock": null, "per_player": 1, "award": "on_solve" },
    { "id": "coin", "title": "Coin", "stock": 3, "per_player": 1, "award": { "claim": { "requires": [] } } },
    { "id": "cup", "title": "Cup", "stock": 1, "per_player": 1, "award": { "first_to_solve": "second" } }
  ]
}"#;
