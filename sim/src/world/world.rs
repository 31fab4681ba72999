//! The world: what every part of a run can reach.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::ShardId;
use store_sim::{Lie, MemoryDatabase};

use super::book::Book;
use super::buggify::Buggify;
use super::clock::NodeClock;
use super::due::Due;
use super::fates::StoreFates;
use super::faults::Faults;
use super::machine::Machine;
use super::network::Network;
use super::questions::Questions;
use super::site::Site;
use super::tenant::Contest;
use super::trouble::Trouble;
use crate::fault::FaultId;
use crate::kernel::{Kernel, LaneId, LifeId, Schedule, Stream, keyed, stream};
use crate::outcome::{Failure, Happening};
use crate::plan::Plan;

/// The lane and the life of the world and its clients.
pub(crate) const WORLD_LANE: LaneId = 0;
/// See [`WORLD_LANE`].
pub(crate) const WORLD_LIFE: LifeId = 0;

/// How long a machine had been up when the run began, at most.
const UPTIME_US_MAX: u64 = 1_000_000_000;

/// Everything that a run consists of.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) kernel: Rc<Kernel<Due>>,
    pub(crate) faults: Faults,
    pub(crate) buggify: Buggify,
    pub(crate) fates: Rc<StoreFates>,
    pub(crate) network: Network,
    pub(crate) database: MemoryDatabase,
    pub(crate) machines: Vec<Machine>,
    pub(crate) book: Book,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) failure: RefCell<Option<Failure>>,
    pub(crate) messages: Cell<u64>,
    pub(crate) lives: Cell<LifeId>,
    pub(crate) questions: Questions,
    /// What became of the tenant's transactions on ranges.
    pub(crate) contest: Contest,
    /// Until when the store does nothing.
    pub(crate) store_down_until_us: Cell<u64>,
    probes: RefCell<HashMap<&'static str, u64, FixedState>>,
}

impl World {
    /// As the plan says, at time 0; nobody acts yet. The plan must be sound ([`Plan::check`]).
    pub(crate) fn new(plan: &Plan, trace: bool) -> Rc<Self> {
        let lanes = (1..=plan.nodes).flat_map(|node| (0..plan.cores).map(move |core| (node, core)));
        let schedule = plan.schedule.map_or(Schedule::Whole, Schedule::ByInstant);
        let kernel = Kernel::new(
            (plan.seed, schedule),
            [(0, 0)].into_iter().chain(lanes),
            trace,
        );
        let uptime = |node| (keyed(plan.seed, [0, u64::from(node), 0, 0]) as u64) % UPTIME_US_MAX;
        let database = MemoryDatabase::new(0);
        database.set_commit_interval_us(plan.rates.commit_interval_us.into());
        if plan.rates.window_versions > 0 {
            database.set_window(plan.rates.window_versions.cast_signed());
        }
        database.plant(plan.lie.as_deref().map(|name| {
            name.parse::<Lie>()
                .expect("a sound plan names a lie that there is")
        }));
        Rc::new_cyclic(|world| Self {
            kernel: Rc::new(kernel),
            faults: Faults::new(plan),
            buggify: Buggify::new(plan.seed, &plan.rates),
            fates: Rc::new(StoreFates::new(
                world.clone(),
                &plan.rates,
                (plan.nodes, plan.cores),
            )),
            network: Network::new(plan.nodes, &plan.rates),
            database,
            // The first stands for the world itself, so that nodes can be found by their numbers.
            machines: (0..=plan.nodes)
                .map(|node| Machine::new(NodeClock::new(uptime(node))))
                .collect(),
            book: Book::default(),
            troubles: plan.disasters.iter().map(|_| Trouble::default()).collect(),
            failure: RefCell::default(),
            messages: Cell::new(0),
            lives: Cell::new(WORLD_LIFE),
            questions: Questions::default(),
            contest: Contest::default(),
            store_down_until_us: Cell::new(0),
            probes: RefCell::default(),
            plan: plan.clone(),
        })
    }

    /// The lane of a core; node 0 is the world.
    pub(crate) fn lane(&self, node: u16, core: u16) -> LaneId {
        match node {
            0 => WORLD_LANE,
            node => 1 + usize::from((node - 1) * self.plan.cores + core),
        }
    }

    /// The lanes of all cores of a node.
    pub(crate) fn lanes(&self, node: u16) -> impl Iterator<Item = LaneId> + use<> {
        let first = self.lane(node, 0);
        first..first + usize::from(self.plan.cores)
    }

    /// A machine's clocks.
    pub(crate) fn clock(&self, node: u16) -> &NodeClock {
        &self.machines[usize::from(node)].clock
    }

    /// A stream of random numbers for one concern of one core of one life.
    pub(crate) fn stream(&self, concern: &str, node: u16, core: u16, life: LifeId) -> Stream {
        let whose = u64::from(node) << 48 | u64::from(core) << 32 | u64::from(life);
        stream(self.plan.seed, concern, whose)
    }

    /// A rare path was taken.
    pub(crate) fn probe(&self, name: &'static str) {
        *self.probes.borrow_mut().entry(name).or_default() += 1;
    }

    /// How often each probe was hit.
    pub(crate) fn take_probes(&self) -> BTreeMap<&'static str, u64> {
        self.database.drain_probes(|name| self.probe(name));
        self.probes.take().into_iter().collect()
    }

    /// A random fault happens.
    pub(crate) fn fire_at(&self, site: &Site, kind: &'static str, detail: impl FnOnce() -> String) {
        self.fire(FaultId(site.to_string()), kind, detail());
    }

    /// A fault happens.
    pub(crate) fn fire(&self, id: FaultId, kind: &'static str, detail: String) {
        let happening = self.faults.fire(id, self.kernel.now_us(), kind, detail);
        self.kernel.trace(|| happening);
    }

    /// Something that people want to know of happened to a node.
    pub(crate) fn tell(&self, node: u16, core: u16, what: impl FnOnce() -> String) {
        self.kernel.trace(|| Happening::Node {
            lane: (node, core),
            what: what(),
        });
    }

    /// The run has failed; the first failure counts.
    pub(crate) fn fail(&self, oracle: &'static str, detail: String) {
        self.failure.borrow_mut().get_or_insert(Failure {
            oracle,
            detail,
            at_us: self.kernel.now_us(),
        });
    }

    /// What is not well yet: an operation without an answer, a node that is not ready.
    pub(crate) fn complaint(&self) -> Option<String> {
        let is_unwell = |node: &u16| {
            let machine = &self.machines[usize::from(*node)];
            machine.held_down.get() == 0 && !machine.is_ready()
        };
        let node = (1..=self.plan.nodes).find(is_unwell);
        if let Some(node) = node {
            return Some(format!("node {node} is not ready"));
        }
        let shards = 0..self.plan.engine.shards;
        let mut unserved = shards.filter(|shard| !self.is_served(*shard));
        if let Some(shard) = unserved.next() {
            return Some(format!("nobody serves shard {shard}"));
        }
        let open = self.book.open();
        self.book
            .oldest_open()
            .map(|oldest| format!("{open} operations are open; {oldest}"))
    }

    fn is_served(&self, shard: ShardId) -> bool {
        self.machines.iter().any(|machine| machine.serves(shard))
    }

    /// Ends every task, so that nothing is left of the run.
    pub(crate) fn end(&self) {
        for machine in &self.machines {
            machine.abandon();
        }
        self.kernel.clear();
    }
}
