//! One run of one plan, from an empty store to the verdict.
//!
//! ```text
//!   start nodes and clients ─▶ faults for `duration_ms` ─▶ heal ─▶ every operation ends, every node is ready, all is looked at
//!     ─▶ one node goes for good, the others take over, all is looked at ─▶ kill all, let what is in flight land ─▶ verify the store ─▶ judge history and truth
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use node::verify::verify;

use crate::client::{self, INSPECTOR};
use crate::history::History;
use crate::kernel::Turn;
use crate::oracle::{self, Observations};
use crate::outcome::{Failure, Outcome, RunOptions};
use crate::plan::Plan;
use crate::truth::Truth;
use crate::world::{ClientPort, WORLD_LANE, WORLD_LIFE, World};

/// What is left of the time in which all must be well again, beside a lease.
const HEALED_MS_MAX: u64 = 60_000;
/// For so many leases nobody notices that a node has gone.
const UNNOTICED_LEASES: u64 = 3;
/// How often it is looked how things are.
const LOOK_US: u64 = 50_000;
/// What nodes have at the end to act on what is due.
const SETTLED_US: u64 = 2_000_000;
/// One run of so many ends with damage to its store, to see that it is noticed.
const DAMAGED_EVERY: u64 = 3;
/// How long it may take to read the store at the end.
const VERIFY_US_MAX: u64 = 3_600_000_000;

/// The parts of a run that are not the world's.
#[derive(Clone, Copy)]
pub struct Parts {
    /// Starts every client of the plan, each at the port of its number.
    pub start: fn(&Plan, &dyn Fn(u32) -> ClientPort),
    /// Starts a round of looks at everything, once all is well.
    pub inspect: fn(&Plan, &ClientPort, u32),
    /// Says what is wrong with what was seen, stored and measured.
    pub judge: Judge,
}

/// Says what is wrong with a run, if anything is.
pub type Judge = fn(&Plan, &History, &Truth, &Observations) -> Option<Failure>;

/// Runs a plan with its own clients, and lets all oracles judge.
pub fn run(plan: &Plan, options: RunOptions) -> Outcome {
    let parts = Parts {
        start: |plan, port| client::start(plan, port),
        inspect: client::inspect,
        judge: oracle::verdict,
    };
    run_with(plan, options, parts)
}

/// Runs a plan. Panics if the plan is not sound ([`Plan::check`]), or as the engine does.
pub fn run_with(plan: &Plan, options: RunOptions, parts: Parts) -> Outcome {
    let run = Run {
        world: World::new(plan, options.trace),
        until_us: options.until_us.unwrap_or(u64::MAX),
        inspect: parts.inspect,
    };
    run.start(parts.start);
    let seen = run.to_the_end();
    run.outcome(seen, parts.judge)
}

struct Run {
    world: Rc<World>,
    until_us: u64,
    inspect: fn(&Plan, &ClientPort, u32),
}

/// A world's tasks hold the world: whoever ends a run, also by a panic, must end them.
impl Drop for Run {
    fn drop(&mut self) {
        self.world.end();
    }
}

impl Run {
    fn start(&self, start: fn(&Plan, &dyn Fn(u32) -> ClientPort)) {
        let world = &self.world;
        world.watch_landings();
        world.schedule_disasters();
        for node in 1..=world.plan.nodes {
            world.start_node(node);
        }
        world.start_tenant();
        let porter = Rc::new(world.clone());
        start(&world.plan, &|client| {
            ClientPort::new(porter.clone(), client)
        });
    }

    /// Every phase, as long as nothing fails and the run is not to stop before.
    fn to_the_end(&self) -> Option<(Truth, Observations)> {
        let faults_end_us = self.world.plan.duration_ms.saturating_mul(1_000);
        if !self.pass(faults_end_us) {
            return None;
        }
        self.world.heal();
        let mut not_recovered = self.settle().or_else(|| self.look_at_all(0));
        let wall_ms_at_end = Some(self.world.slowest_wall_ms());
        let one_left_at_us = Some(self.world.kernel.now_us());
        if not_recovered.is_none() {
            not_recovered = self.settle_without_one();
        }
        let mut observations = Observations {
            not_recovered: not_recovered.into_iter().collect(),
            wall_ms_at_end,
            one_left_at_us,
            ..Observations::default()
        };
        self.pass(self.world.kernel.now_us() + SETTLED_US);
        observations.memory = self.world.memory_peaks();
        observations.miscounted = self.world.miscounted_memory();
        observations.beliefs = self.world.beliefs();
        observations.closed = self.world.closed();
        observations.misplaced = self.world.misplaced();
        let truth = self.verify();
        let is_complete = self.world.failure.borrow().is_none() && !self.is_cut_short();
        is_complete.then_some((truth, observations))
    }

    fn is_cut_short(&self) -> bool {
        self.world.kernel.now_us() >= self.until_us
    }

    /// Lets time pass, and looks round now and then; false if the run is over before.
    fn pass(&self, to_us: u64) -> bool {
        while self.world.kernel.now_us() < to_us.min(self.until_us) {
            let next_us = self.world.kernel.now_us() + LOOK_US;
            if !self.pass_unwatched(next_us.min(to_us).min(self.until_us)) {
                return false;
            }
            self.world.note_memory();
        }
        !self.is_cut_short()
    }

    fn pass_unwatched(&self, to_us: u64) -> bool {
        let world = &self.world;
        loop {
            match world.kernel.turn(to_us) {
                Turn::Event(due) => world.handle(due),
                Turn::Idle => return true,
                Turn::Livelock((node, core)) => {
                    let detail =
                        format!("tasks of core {core} of node {node} only wake each other");
                    world.fail("livelock", detail);
                    return false;
                }
            }
        }
    }

    /// Waits until all is well; says what is not, if that takes too long.
    fn settle(&self) -> Option<String> {
        let world = &self.world;
        let patience_us = (HEALED_MS_MAX + world.plan.engine.lease_ms) * 1_000;
        let deadline_us = world.kernel.now_us() + patience_us;
        while let Some(complaint) = world.complaint() {
            if world.kernel.now_us() >= deadline_us {
                return Some(format!("{} ms later {complaint}", patience_us / 1_000));
            }
            if !self.pass(world.kernel.now_us() + LOOK_US) {
                return None;
            }
        }
        None
    }

    /// Everything can be seen, and is as the log has it.
    fn look_at_all(&self, round: u32) -> Option<String> {
        let world = &self.world;
        let port = ClientPort::new(Rc::new(world.clone()), INSPECTOR);
        (self.inspect)(&world.plan, &port, round);
        self.settle()
    }

    /// One node goes for good. Others must take over what it had, be it that they had it before and gave it up.
    fn settle_without_one(&self) -> Option<String> {
        let world = &self.world;
        let nodes = u64::from(world.plan.nodes);
        if nodes < 2 {
            return None;
        }
        let gone = u16::try_from(world.plan.seed % nodes + 1).unwrap_or(1);
        world.take_away(gone);
        let unnoticed_us = UNNOTICED_LEASES * world.plan.engine.lease_ms * 1_000;
        if !self.pass(world.kernel.now_us() + unnoticed_us) {
            return None;
        }
        let complaint = self.settle().or_else(|| self.look_at_all(1))?;
        Some(format!("without node {gone}, {complaint}"))
    }

    /// Ends every node as a power cut would, and checks what is stored.
    fn verify(&self) -> Truth {
        let world = &self.world;
        for node in 1..=world.plan.nodes {
            world.kill_node(node);
        }
        world.hold_all_down();
        while let Some(lands_us) = world.database.next_event_us() {
            if !self.pass(lands_us) {
                break;
            }
            world.database.advance(lands_us);
        }
        let landed = Rc::new(world.recount());
        let order = Rc::new(RefCell::new(Vec::new()));
        let faults = Rc::new(RefCell::new(None));
        self.look_at_store(&landed, &order, &faults);
        self.pass_while(|| faults.borrow().is_none());
        let mut truth = Rc::unwrap_or_clone(landed);
        truth.order = order.take();
        truth.faults.extend(
            faults
                .take()
                .unwrap_or_else(|| vec!["the store could not be read in time".to_owned()]),
        );
        truth
    }

    fn pass_while(&self, is_wanted: impl Fn() -> bool) {
        let deadline_us = self.world.kernel.now_us() + VERIFY_US_MAX;
        while is_wanted() && self.world.kernel.now_us() < deadline_us {
            if !self.pass(self.world.kernel.now_us() + LOOK_US) {
                return;
            }
        }
    }

    fn look_at_store(
        &self,
        landed: &Rc<Truth>,
        order: &Rc<RefCell<Vec<crate::truth::OrderEntry>>>,
        faults: &Rc<RefCell<Option<Vec<String>>>>,
    ) {
        let (world, order, faults) = (self.world.clone(), order.clone(), faults.clone());
        let landed = landed.clone();
        self.world.kernel.spawn(WORLD_LANE, WORLD_LIFE, async move {
            let mut found = Vec::new();
            match verify(&world.onlooker(), &node::Settings::default().prefix).await {
                Ok(report) => found.extend(report.faults.iter().map(|fault| format!("{fault:?}"))),
                Err(error) => found.push(error.to_string()),
            }
            match world.clone().read_order().await {
                Ok(entries) => *order.borrow_mut() = entries,
                Err(error) => found.push(error),
            }
            found.extend(world.clone().compare_log(landed).await.err());
            found.extend(world.clone().check_tenant().await);
            // Whether damage is noticed says something only of a store that reads what is stored.
            let is_true = found.is_empty() && world.plan.lie.is_none();
            if is_true && world.plan.seed % DAMAGED_EVERY == 0 {
                found.extend(world.damage().await);
            }
            *faults.borrow_mut() = Some(found);
        });
    }

    fn outcome(&self, seen: Option<(Truth, Observations)>, judge: Judge) -> Outcome {
        let world = &self.world;
        let history = world.book.take();
        let mut failure = world.failure.take();
        let is_judged = seen.is_some();
        // A run that was cut short can't be judged: what is missing may only be late.
        let truth = match seen {
            Some((truth, observations)) => {
                failure = failure.or_else(|| judge(&world.plan, &history, &truth, &observations));
                truth
            }
            None => world.recount(),
        };
        Outcome {
            hash: world.kernel.hash(),
            steps: world.kernel.steps(),
            simulated_us: world.kernel.now_us(),
            commands: world.book.commands(),
            fired: world.faults.take_fired(),
            probes: world.take_probes(),
            is_judged,
            failure,
            history,
            truth,
            trace: world.kernel.take_trace(),
        }
    }
}
