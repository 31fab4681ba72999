//! What the tools ask of a simulator: to draw a plan and to run it. A panic within a run is a failure of that run.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use sim::outcome::{Failure, Outcome, RunOptions};
use sim::plan::{Plan, PlanError};

/// The oracle that is named when a run panicked.
pub(crate) const PANIC: &str = "panic";

/// Draws and runs plans; the same seed always gives the same plan, and the same plan the same outcome.
pub(crate) trait Simulator: Sync {
    /// The plan of this seed.
    fn draw(&self, seed: u64) -> Plan;

    /// Says what about the plan makes no sense, if anything does; such a plan must not be run.
    fn check(&self, plan: &Plan) -> Result<(), PlanError>;

    /// Runs a plan.
    fn run(&self, plan: &Plan, options: RunOptions) -> Outcome;
}

/// How a run ended: with an outcome, or with the panic of something within it.
pub(crate) type Ran = Result<Box<Outcome>, Failure>;

/// Why the run failed, if it did.
pub(crate) fn failure(ran: &Ran) -> Option<&Failure> {
    match ran {
        Ok(outcome) => outcome.failure.as_ref(),
        Err(panicked) => Some(panicked),
    }
}

thread_local! {
    /// What the last panic of this thread said, while one is being caught.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
    /// How many runs are on this thread's stack: their panics are kept instead of printed.
    static CATCHING: RefCell<u32> = const { RefCell::new(0) };
}

/// From now on a panic within a run is not printed: it is told as the run's failure.
pub(crate) fn keep_panics_of_runs() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if CATCHING.with_borrow(|depth| *depth == 0) {
            return print(info);
        }
        CAUGHT.with_borrow_mut(|caught| *caught = Some(info.to_string()));
    }));
}

/// Draws a seed's plan and catches a panic.
pub(crate) fn draw_caught(simulator: &dyn Simulator, seed: u64) -> Result<Plan, Failure> {
    caught(|| simulator.draw(seed))
}

/// Runs a plan and catches its panic.
pub(crate) fn run_caught(simulator: &dyn Simulator, plan: &Plan, options: RunOptions) -> Ran {
    caught(|| simulator.run(plan, options)).map(Box::new)
}

fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    CATCHING.with_borrow_mut(|depth| *depth += 1);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.with_borrow_mut(|depth| *depth -= 1);
    done.map_err(|payload| Failure {
        oracle: PANIC,
        detail: CAUGHT
            .take()
            .unwrap_or_else(|| said(payload.as_ref()).to_owned()),
        at_us: 0,
    })
}

/// What a panic carries, when no hook noted it.
fn said(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
pub(crate) mod fake;

#[cfg(test)]
mod tests {
    use super::fake::{Fake, plan};
    use super::*;

    #[test]
    fn a_panic_is_the_failure_of_its_run() {
        let fake = Fake::new(|_| panic!("row {} is gone", 7));
        let ran = run_caught(&fake, &plan(1), RunOptions::default());
        let failure = failure(&ran).expect("it panicked");
        assert_eq!(failure.oracle, PANIC);
        assert!(
            failure.detail.contains("row 7 is gone"),
            "{}",
            failure.detail
        );
    }

    #[test]
    fn a_run_that_ends_is_its_outcome() {
        let fake = Fake::new(|_| None);
        let ran = run_caught(&fake, &plan(1), RunOptions::default());
        assert!(failure(&ran).is_none());
    }
}
