//! A machine: its clocks, and the node's process on it while there is one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hunt::ShardId;
use node::{ClusterSettings, Core, NodeId, Place, Settings};

use super::clock::NodeClock;
use super::due::Due;
use super::environment::StoreEnvironment;
use super::fates::Turn;
use super::host::SimHost;
use super::life::Life;
use super::world::World;
use crate::kernel::LifeId;
use crate::oracle::{Belief, Closed, MemoryPeak};
use crate::plan::EnginePlan;

/// A node that has ended by itself is started again after this long, as a supervisor would.
const RESTART_PAUSE_US: u64 = 1_000_000;
/// A node that was asked to stop and does not within this time is killed, as a supervisor would.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// One machine of the cluster.
pub(crate) struct Machine {
    pub(crate) clock: NodeClock,
    process: RefCell<Option<Process>>,
    /// Processes that run on though others have taken their place.
    left_behind: RefCell<Vec<Process>>,
    /// Whose handles the next process has.
    turn: Cell<Turn>,
    /// It must not be started before it is let go again.
    pub(crate) held_down: Cell<u32>,
    /// How many pauses it is under.
    pub(crate) paused: Cell<u32>,
    /// Bytes that each core may hold, while there are fewer than usual.
    pub(crate) memory_bytes: Cell<Option<u64>>,
    /// The most that each core held, and what it was allowed then.
    peaks: RefCell<Vec<MemoryPeak>>,
    /// Until when it took itself for alive.
    beliefs: RefCell<Vec<Belief>>,
    /// The shards that it had, as it closed them.
    closed: RefCell<Vec<Closed>>,
    /// A shard that its view gave to a node that wants none, if there ever was one.
    misplaced: Cell<Option<(u16, ShardId)>>,
}

struct Process {
    budget_bytes: u64,
    life: Rc<Life>,
    cores: Vec<Core<SimHost>>,
}

impl Machine {
    /// A machine on which nothing runs.
    pub(crate) fn new(clock: NodeClock) -> Self {
        Self {
            clock,
            process: RefCell::default(),
            left_behind: RefCell::default(),
            turn: Cell::default(),
            held_down: Cell::new(0),
            paused: Cell::new(0),
            memory_bytes: Cell::new(None),
            peaks: RefCell::default(),
            beliefs: RefCell::default(),
            closed: RefCell::default(),
            misplaced: Cell::default(),
        }
    }

    /// The life of its process, while there is one.
    pub(crate) fn life(&self) -> Option<Rc<Life>> {
        let process = self.process.borrow();
        process.as_ref().map(|process| process.life.clone())
    }

    /// A core of its process.
    pub(crate) fn core(&self, core: u16) -> Option<Core<SimHost>> {
        let process = self.process.borrow();
        process.as_ref()?.cores.get(usize::from(core)).cloned()
    }

    /// Notes what its cores hold right now.
    fn note_memory(&self) {
        let process = self.process.borrow();
        let Some(process) = process.as_ref() else {
            return;
        };
        let mut peaks = self.peaks.borrow_mut();
        for (core, held) in (0..).zip(process.cores.iter().map(Core::memory_bytes)) {
            let now = MemoryPeak {
                node: process.life.node(),
                core,
                budget_bytes: process.budget_bytes,
                peak_bytes: held,
            };
            let same = |peak: &&mut MemoryPeak| {
                (peak.core, peak.budget_bytes) == (now.core, now.budget_bytes)
            };
            match peaks.iter_mut().find(same) {
                Some(peak) => peak.peak_bytes = held.max(peak.peak_bytes),
                None => peaks.push(now),
            }
        }
    }

    /// Notes what its process believes by now.
    pub(crate) fn note_belief(&self, belief: Belief) {
        self.beliefs.borrow_mut().push(belief);
    }

    /// Notes that its process closed a shard.
    pub(crate) fn note_closed(&self, closed: Closed) {
        self.closed.borrow_mut().push(closed);
    }

    /// Notes that its view gives a shard to a node that wants none.
    pub(crate) fn note_misplaced(&self, node: u16, shard: ShardId) {
        self.misplaced.set(Some((node, shard)));
    }

    fn miscounted_memory(&self) -> Vec<(u16, u16)> {
        let process = self.process.borrow();
        let cores = process.iter().flat_map(|process| {
            let node = process.life.node();
            let cores = (0..).zip(&process.cores);
            let wrong = cores.filter(|(_, core)| !core.is_memory_counted_right());
            wrong.map(move |(core, _)| (node, core))
        });
        cores.collect()
    }

    /// Its process is gone, and nobody is told.
    pub(crate) fn abandon(&self) {
        let gone: Vec<Process> = self.processes().collect();
        gone.iter().for_each(|process| process.life.end());
        drop(gone);
    }

    /// All of its processes, taken.
    fn processes(&self) -> impl Iterator<Item = Process> {
        let current = self.process.take();
        current.into_iter().chain(self.left_behind.take())
    }

    /// Its process is not what one usually is, and is to be started again once all is well: it has less memory than usual, or
    /// more, or another process under its name has made it step down.
    pub(crate) fn is_unfit(&self, usual_bytes: u64) -> bool {
        let process = self.process.borrow();
        let is_odd = process
            .as_ref()
            .is_some_and(|process| process.budget_bytes != usual_bytes);
        is_odd || !self.left_behind.borrow().is_empty()
    }

    /// It must not be started before it is let go again, once for each time.
    pub(crate) fn hold_down(&self) {
        self.held_down.set(self.held_down.get() + 1);
    }

    /// A core of its process serves the shard.
    pub(crate) fn serves(&self, shard: ShardId) -> bool {
        let process = self.process.borrow();
        let mut cores = process.iter().flat_map(|process| &process.cores);
        cores.any(|core| core.is_serving(shard))
    }

    /// It runs, and all of its cores have opened their shards.
    pub(crate) fn is_ready(&self) -> bool {
        let process = self.process.borrow();
        process
            .as_ref()
            .is_some_and(|process| process.cores.iter().all(Core::is_ready))
    }
}

impl World {
    /// Starts the node's process, unless it runs or is held down.
    pub(crate) fn start_node(self: &Rc<Self>, node: u16) {
        let machine = &self.machines[usize::from(node)];
        if machine.process.borrow().is_some() || machine.held_down.get() > 0 {
            return;
        }
        self.lives.set(self.lives.get() + 1);
        let life = Rc::new(Life::new(self.lives.get(), node, self.plan.cores));
        let cores: Vec<_> = (0..self.plan.cores)
            .map(|core| self.core(&life, core))
            .collect();
        *machine.process.borrow_mut() = Some(Process {
            life: life.clone(),
            cores: cores.clone(),
            budget_bytes: machine
                .memory_bytes
                .get()
                .unwrap_or(self.plan.engine.memory_bytes),
        });
        self.tell(node, 0, || "started".to_owned());
        for (number, core) in (0..).zip(cores) {
            self.run_core(&life, number, core);
        }
    }

    fn core(self: &Rc<Self>, life: &Rc<Life>, core: u16) -> Core<SimHost> {
        let node = life.node();
        let random = self.stream("store", node, core, life.id());
        let environment = Rc::new(StoreEnvironment::new(self.clone(), random));
        let turn = self.machines[usize::from(node)].turn.get();
        let handle = self.fates.handle(node, core, turn);
        let store = self
            .database
            .handle_with(environment, handle, self.fates.clone());
        let random = self.stream("node", node, core, life.id());
        let host = SimHost::new(self.clone(), life.clone(), core, random, store);
        let machine = &self.machines[usize::from(node)];
        let settings = settings(&self.plan.engine, machine.memory_bytes.get());
        let place = Place {
            node: NodeId(u64::from(node)),
            core,
            cores: self.plan.cores,
        };
        Core::new(host, settings, place)
    }

    /// Starts what one core of a process runs: delivering what comes in, and opening its shards.
    fn run_core(self: &Rc<Self>, life: &Rc<Life>, number: u16, core: Core<SimHost>) {
        let lane = self.lane(life.node(), number);
        let (inbox, delivered) = (life.clone(), core.clone());
        self.kernel.spawn(lane, life.id(), async move {
            inbox
                .pump(number, |message| delivered.deliver(message))
                .await;
        });
        let (world, life) = (self.clone(), life.clone());
        self.kernel.spawn(lane, life.id(), async move {
            let (node, id) = (life.node(), life.id());
            match core.open().await {
                Ok(()) => world.tell(node, number, || "ready".to_owned()),
                Err(error) => {
                    world.probe("sim_open_failed");
                    world.tell(node, number, || error.to_string());
                    let now_us = world.kernel.now_us();
                    world.kernel.schedule(now_us, Due::Exit(node, id));
                }
            }
        });
    }

    /// The process of the life is over, if it still is the node's.
    pub(crate) fn exit_node(self: &Rc<Self>, node: u16, life: LifeId) {
        let current = self.machines[usize::from(node)].life();
        if current.is_some_and(|current| current.id() == life) {
            self.kill_node(node);
            let again_us = self.kernel.now_us() + RESTART_PAUSE_US;
            self.kernel.schedule(again_us, Due::Start(node));
        }
    }

    /// Ends the node's process at once, whatever it does.
    pub(crate) fn kill_node(&self, node: u16) {
        for process in self.machines[usize::from(node)].processes() {
            process.life.end();
            self.kernel.kill(process.life.id());
            self.tell(node, 0, || "ended".to_owned());
            self.break_ways_to(node, process.life.id());
            drop(process);
        }
    }

    /// The node goes, and does not come back.
    pub(crate) fn take_away(&self, node: u16) {
        self.machines[usize::from(node)].hold_down();
        self.kill_node(node);
    }

    /// Starts a second process of the node. Nobody reaches the first any more, and it does not reach the store before
    /// `until_us`.
    pub(crate) fn start_twin(self: &Rc<Self>, node: u16, until_us: u64) {
        let machine = &self.machines[usize::from(node)];
        let Some(process) = machine.process.take() else {
            return;
        };
        machine.left_behind.borrow_mut().push(process);
        let turn = machine.turn.get();
        for core in 0..self.plan.cores {
            let handle = self.fates.handle(node, core, turn);
            self.database.cut_off(handle, until_us);
        }
        machine.turn.set(turn.next());
        self.tell(node, 0, || "is left behind".to_owned());
        self.start_node(node);
    }

    /// Asks the node to stop in good order, as SIGTERM does; it ends when it has, or when patience does.
    pub(crate) fn stop_node(self: &Rc<Self>, node: u16) {
        let machine = &self.machines[usize::from(node)];
        let process = machine.process.borrow();
        let Some(process) = process.as_ref() else {
            return;
        };
        let life = process.life.id();
        self.tell(node, 0, || "stops".to_owned());
        let left = Rc::new(Cell::new(process.cores.len()));
        for (number, core) in (0..).zip(process.cores.iter().cloned()) {
            let (world, left) = (self.clone(), left.clone());
            self.kernel
                .spawn(self.lane(node, number), life, async move {
                    core.stop().await;
                    left.set(left.get() - 1);
                    if left.get() == 0 {
                        let now_us = world.kernel.now_us();
                        world.kernel.schedule(now_us, Due::Exit(node, life));
                    }
                });
        }
        let grace_us = STOP_GRACE.as_micros() as u64;
        self.kernel
            .schedule(self.kernel.now_us() + grace_us, Due::Exit(node, life));
    }

    /// Notes what every core holds right now.
    pub(crate) fn note_memory(&self) {
        self.machines.iter().for_each(Machine::note_memory);
    }

    /// The most that each core held, for each budget that it had.
    pub(crate) fn memory_peaks(&self) -> Vec<MemoryPeak> {
        let peaks = self.machines.iter().map(|machine| machine.peaks.take());
        peaks.flatten().collect()
    }

    /// Cores whose counts of memory are wrong by now.
    pub(crate) fn miscounted_memory(&self) -> Vec<(u16, u16)> {
        let machines = self.machines.iter();
        machines.flat_map(Machine::miscounted_memory).collect()
    }

    /// What each node believed as each member.
    pub(crate) fn beliefs(&self) -> Vec<Belief> {
        let beliefs = self.machines.iter().map(|machine| machine.beliefs.take());
        beliefs.flatten().collect()
    }

    /// Shards that a view gave to a node that wants none.
    pub(crate) fn misplaced(&self) -> Vec<(u16, ShardId)> {
        let machines = self.machines.iter();
        machines
            .filter_map(|machine| machine.misplaced.take())
            .collect()
    }

    /// Which shards each node closed, and when.
    pub(crate) fn closed(&self) -> Vec<Closed> {
        let closed = self.machines.iter().map(|machine| machine.closed.take());
        closed.flatten().collect()
    }

    /// The wall clock of the node where it is earliest, in milliseconds since 1970.
    pub(crate) fn slowest_wall_ms(&self) -> u64 {
        let now_us = self.kernel.now_us();
        let walls = (1..=self.plan.nodes).map(|node| self.clock(node).wall(now_us).0);
        walls.min().unwrap_or(0)
    }

    /// No node is started any more.
    pub(crate) fn hold_all_down(&self) {
        for machine in &self.machines {
            machine.hold_down();
        }
    }

    /// A host that is no node's, to look at the store as it is.
    pub(crate) fn onlooker(self: &Rc<Self>) -> SimHost {
        let random = self.stream("onlooker", 0, 0, 0);
        let environment = Rc::new(StoreEnvironment::new(self.clone(), random));
        let store = self.database.handle(environment);
        let life = Rc::new(Life::new(0, 0, 1));
        let random = self.stream("onlooker", 0, 1, 0);
        SimHost::new(self.clone(), life, 0, random, store)
    }
}

/// The engine's settings as the plan has them.
pub(crate) fn settings(engine: &EnginePlan, memory_bytes: Option<u64>) -> Settings {
    Settings {
        shards: engine.shards,
        memory_bytes: memory_bytes.unwrap_or(engine.memory_bytes),
        batch_events_max: engine.batch_events_max,
        batch_bytes_max: engine.batch_bytes_max,
        waiters_max: engine.waiters_max,
        commit_stall: Duration::from_millis(engine.commit_stall_ms()),
        loads_max: engine.loads_max,
        asks_max: engine.asks_max,
        ask_timeout: Duration::from_millis(engine.ask_timeout_ms),
        flush_after: Duration::from_millis(engine.flush_after_ms),
        dirty_rows_max: engine.dirty_rows_max,
        flush_rows_max: engine.flush_rows_max,
        tail_bytes: engine.tail_bytes,
        tick: Duration::from_millis(engine.tick_ms),
        cluster: Some(ClusterSettings {
            lease: Duration::from_millis(engine.lease_ms),
            heartbeat: Duration::from_millis(engine.heartbeat_ms),
            address: String::new(),
            patience: Duration::from_millis(engine.heartbeat_ms),
        }),
        ..Settings::default()
    }
}
