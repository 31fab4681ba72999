//! Nodes in one thread: virtual time, a mesh that never loses a message, the in-memory store.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;
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
use store_sim::MemoryDatabase;

pub(crate) use crate::clock::WALL;
use crate::clock::{Clock, StoreEnvironment};
use crate::flaky::{FlakyStore, Script, Way};
use crate::life::Life;

/// A core's stand-in for a machine.
#[derive(Clone)]
pub(crate) struct TestHost {
    clock: Rc<Clock>,
    spawner: LocalSpawner,
    store: FlakyStore,
    peers: Peers,
    siblings: Peers,
    life: Rc<Life>,
    probes: Rc<RefCell<BTreeMap<&'static str, u64>>>,
}

/// Every core that can be reached, and its node's life.
type Peers = Rc<RefCell<BTreeMap<CoreAddress, (Core<TestHost>, Rc<Life>)>>>;

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
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.spawn_in(self.life.clone(), task);
    }
    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        // Within a process messages stay there, also if another runs under the same node id.
        let own = self.siblings.borrow().get(&to).cloned();
        let peer = own.or_else(|| self.peers.borrow().get(&to).cloned());
        if let Some((core, life)) = peer {
            self.spawn_in(life, async move { core.deliver(message) });
        }
        Ok(())
    }
    fn store(&self) -> &FlakyStore {
        &self.store
    }
    fn transaction_timeout(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }
    fn probe(&self, name: &'static str) {
        assert!(node::PROBES.contains(&name), "{name} is not listed");
        *self.probes.borrow_mut().entry(name).or_default() += 1;
    }
}

impl TestHost {
    fn spawn_in(&self, life: Rc<Life>, task: impl Future<Output = ()> + 'static) {
        let mut task = Box::pin(task);
        let mortal = std::future::poll_fn(move |context| life.poll(context, task.as_mut()));
        self.spawner
            .spawn_local(mortal)
            .expect("the pool lives as long as the world");
    }
}

/// One of several nodes.
pub(crate) struct Node {
    pub(crate) id: u64,
    pub(crate) cores: Vec<Core<TestHost>>,
    pub(crate) life: Rc<Life>,
}

impl Node {
    pub(crate) fn is_ready(&self) -> bool {
        self.cores.iter().all(Core::is_ready)
    }
}

/// Nodes on one store.
pub(crate) struct World {
    pool: LocalPool,
    clock: Rc<Clock>,
    database: MemoryDatabase,
    settings: Settings,
    life: Rc<Life>,
    peers: Peers,
    probes: Rc<RefCell<BTreeMap<&'static str, u64>>>,
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
        let mut world = Self::without_nodes(settings);
        world.start();
        world
    }

    pub(crate) fn without_nodes(settings: Settings) -> Self {
        Self {
            pool: LocalPool::new(),
            clock: Rc::default(),
            database: MemoryDatabase::new(0),
            settings,
            life: Rc::default(),
            peers: Rc::default(),
            probes: Rc::default(),
            cores: Vec::new(),
            requests: Cell::new(0),
            script: Rc::default(),
        }
    }

    pub(crate) fn host(&self) -> TestHost {
        self.host_of(self.life.clone())
    }

    fn host_of(&self, life: Rc<Life>) -> TestHost {
        TestHost {
            clock: self.clock.clone(),
            spawner: self.pool.spawner(),
            store: FlakyStore::new(
                self.database
                    .handle(Rc::new(StoreEnvironment(self.clock.clone()))),
                self.script.clone(),
                life.way.clone(),
                self.clock.clone(),
            ),
            peers: self.peers.clone(),
            siblings: Rc::default(),
            life,
            probes: self.probes.clone(),
        }
    }

    /// The node's way to the store.
    pub(crate) fn way(&self) -> &Way {
        &self.life.way
    }

    /// How often a rare path was taken.
    pub(crate) fn probed(&self, name: &str) -> u64 {
        self.probes.borrow().get(name).copied().unwrap_or(0)
    }

    /// Starts a node (two cores) on the store; the one before, if alive, knows nothing of it.
    pub(crate) fn start(&mut self) {
        self.life = Rc::default();
        self.cores = self.spawn_node(7);
    }

    pub(crate) fn spawn_node(&mut self, id: u64) -> Vec<Core<TestHost>> {
        let (cores, opens) = self.make_node(id, self.life.clone());
        self.run(opens);
        cores
    }

    /// Starts one of several nodes and does not wait for it.
    pub(crate) fn start_node(&mut self, id: u64) -> Node {
        let life = Rc::<Life>::default();
        let (cores, opens) = self.make_node(id, life.clone());
        self.host_of(life.clone()).spawn(opens);
        Node { id, cores, life }
    }

    fn make_node(
        &mut self,
        id: u64,
        life: Rc<Life>,
    ) -> (Vec<Core<TestHost>>, impl Future<Output = ()> + 'static) {
        let host = self.host_of(life.clone());
        let (node, settings) = (NodeId(id), self.settings.clone());
        let place = |core| Place {
            node,
            core,
            cores: 2,
        };
        let cores: Vec<_> = (0..2)
            .map(|core| Core::new(host.clone(), settings.clone(), place(core)))
            .collect();
        for (core, number) in cores.iter().zip(0..) {
            let address = CoreAddress { node, core: number };
            let peer = (core.clone(), life.clone());
            host.siblings.borrow_mut().insert(address, peer.clone());
            self.peers.borrow_mut().insert(address, peer);
        }
        let opening = cores.clone();
        let opens = async move {
            let opens = opening.iter().map(Core::open);
            for opened in futures::future::join_all(opens).await {
                opened.expect("the shards open");
            }
        };
        (cores, opens)
    }

    /// Kills one of several nodes: its tasks are never polled again.
    pub(crate) fn kill_node(&mut self, node: &Node) {
        node.life.polls_left.set(0);
        let id = NodeId(node.id);
        self.peers
            .borrow_mut()
            .retain(|address, _| address.node != id);
    }

    /// Lets time pass until `holds`; says how much it took.
    pub(crate) fn pass_until(
        &mut self,
        limit: Duration,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> Duration {
        let start = self.clock.now.get();
        while !holds(self) {
            let passed = self.clock.now.get() - start;
            assert!(passed < limit, "still not so after {passed:?}");
            self.pass(Duration::from_millis(10));
        }
        self.clock.now.get() - start
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
        self.command_to(&core, command(request, hunt, action))
    }

    /// Asks this core.
    pub(crate) fn command_to(
        &mut self,
        core: &Core<TestHost>,
        command: hunt::Command,
    ) -> Result<Answered, AskError> {
        let core = core.clone();
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
