//! Clients on a world that answers as a test says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::task::noop_waker_ref;

use super::{INSPECTOR, inspect, start};
use crate::draw::{Chance, DrawOptions, World};
use crate::history::Ask;
use crate::plan::{Plan, Role, Workload};
use crate::world::{ClientPort, Porter, Task, Told};

/// Each sleep takes this many rounds of polls, an answer none; so nothing times out.
const ROUNDS: u32 = 4;

/// Each operation is refused this often before it is answered.
struct Stub {
    tasks: RefCell<Vec<Task>>,
    now_us: Cell<u64>,
    refusals: usize,
    ops: RefCell<Vec<Op>>,
}

struct Op {
    client: u32,
    nth: u32,
    ask: String,
    tries: usize,
    ended: bool,
}

impl Porter for Stub {
    fn now_us(&self) -> u64 {
        self.now_us.get()
    }
    fn sleep(&self, us: u64) -> Task {
        self.now_us.set(self.now_us.get() + us);
        let mut rounds = ROUNDS;
        Box::pin(std::future::poll_fn(move |_| {
            rounds -= 1;
            match rounds {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }))
    }
    fn spawn(&self, task: Task) {
        self.tasks.borrow_mut().push(task);
    }
    fn draw(&self, client: u32, nth: u32, salt: u64) -> u64 {
        let chance = Chance::new(7).fork(client.into()).fork(nth.into());
        chance.fork(salt).next()
    }
    fn nodes(&self) -> u16 {
        3
    }
    fn cores(&self) -> u16 {
        2
    }
    fn is_over(&self) -> bool {
        false
    }
    fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize {
        let mut ops = self.ops.borrow_mut();
        let ask = match &ask {
            Ask::Command(command) => format!("{command:?}"),
            other => format!("{other:?}"),
        };
        ops.push(Op {
            client,
            nth,
            ask,
            tries: 0,
            ended: false,
        });
        ops.len() - 1
    }
    fn send(&self, client: u32, op: usize, node: u16, core: u16) {
        assert!((1..=3).contains(&node) && core < 2);
        let op = &mut self.ops.borrow_mut()[op];
        assert_eq!(op.client, client);
        op.tries += 1;
    }
    fn poll_answer(&self, op: usize, _context: &mut Context<'_>) -> Poll<Told> {
        Poll::Ready(Told {
            settled: self.ops.borrow()[op].tries > self.refusals,
            position: None,
        })
    }
    fn ended(&self, op: usize) {
        let was = std::mem::replace(&mut self.ops.borrow_mut()[op].ended, true);
        assert!(!was, "an operation ends once");
    }
}

fn run(plan: &Plan, refusals: usize) -> Vec<Op> {
    run_with(refusals, |world| {
        start(plan, |client| ClientPort::new(world.clone(), client));
    })
}

fn run_with(refusals: usize, begin: impl FnOnce(Rc<dyn Porter>)) -> Vec<Op> {
    let stub = Rc::new(Stub {
        tasks: RefCell::default(),
        now_us: Cell::new(0),
        refusals,
        ops: RefCell::default(),
    });
    begin(stub.clone());
    loop {
        let mut tasks = stub.tasks.take();
        if tasks.is_empty() {
            break;
        }
        let mut context = Context::from_waker(noop_waker_ref());
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        stub.tasks.borrow_mut().append(&mut tasks);
    }
    stub.ops.take()
}

fn plan(workload: Workload) -> Plan {
    let options = DrawOptions {
        workload: Some(workload),
        world: World::Standard,
        ..DrawOptions::default()
    };
    let mut plan = Plan::draw(3, &options);
    for client in &mut plan.clients {
        client.ops = client.ops.min(60);
    }
    plan
}

#[test]
fn every_operation_of_every_workload_ends() {
    for workload in Workload::ALL {
        let plan = plan(workload);
        let ops = run(&plan, 0);
        let begun: u32 = plan.clients.iter().map(|client| client.ops).sum();
        assert_eq!(ops.len(), begun as usize, "{workload:?}");
        assert!(ops.iter().all(|op| op.ended), "{workload:?}");
    }
}

#[test]
fn what_is_refused_is_asked_again() {
    let mut plan = plan(Workload::Stampede);
    plan.clients.retain(|client| client.role == Role::Player);
    plan.clients.truncate(1);
    let ops = run(&plan, 3);
    let patient = ops.iter().filter(|op| op.tries > 3).count();
    assert!(patient * 2 > ops.len(), "{patient} of {}", ops.len());
}

#[test]
fn leaving_an_operation_out_changes_no_other() {
    let plan = plan(Workload::Mixed);
    let mut without = plan.clone();
    for client in &mut without.clients {
        client.skip = vec![0, 5, 6, 17];
    }
    let mut all = run(&plan, 0);
    all.retain(|op| ![0, 5, 6, 17].contains(&op.nth));
    let less = run(&without, 0);
    let key = |ops: Vec<Op>| {
        let of_feed = |op: &Op| op.ask.starts_with("Feed");
        let mut keys: Vec<_> = ops
            .into_iter()
            .filter(|op| !of_feed(op))
            .map(|op| (op.client, op.nth, op.ask))
            .collect();
        keys.sort();
        keys
    };
    assert_eq!(key(all), key(less));
}

#[test]
fn the_inspector_asks_of_every_hunt_until_it_is_told() {
    const REFUSALS: usize = 9;
    let plan = plan(Workload::ScheduleEdges);
    let scene = plan.workload.scene(plan.seed);
    let ops = run_with(REFUSALS, |world| {
        inspect(&plan, &ClientPort::new(world, INSPECTOR), 0);
    });
    let all = ops.iter().map(|op| (op.client, op.tries, op.ended));
    assert!(all.clone().all(|op| op == (INSPECTOR, REFUSALS + 1, true)));
    for stage in scene.stages.iter().chain(&scene.left_alone) {
        let named = format!("hunt: \"{}\"", stage.id);
        let asked = ops.iter().filter(|op| op.ask.contains(&named)).count();
        assert_eq!(asked, 5, "{named}");
    }
}
