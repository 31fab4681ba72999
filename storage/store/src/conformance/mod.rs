//! The promises that every [`Store`] keeps, each as a case that fails where it is broken.
//!
//! A case works under a prefix of its own and cleans up, so the suite runs on a shared cluster too. Cases
//! that must let seconds pass run side by side.

mod atomics;
mod conflicts;
mod conflicts_explicit;
mod context;
mod limits;
mod model;
mod own_writes;
mod own_writes_conflicts;
mod random;
mod ranges;
mod report;
mod retries;
mod selectors;
mod stamps;
mod versions;
mod watches;
mod window;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::{Environment, Store};

pub use context::{Context, Fault};
pub use report::{CaseResult, Report};

/// What a case answers.
pub type Outcome = Result<(), Fault>;

/// How often a case is tried when the store answers with an error that any transaction may meet.
const TRIES_MAX: u32 = 5;

type Running = Pin<Box<dyn Future<Output = Outcome>>>;

/// One promise and how to test it.
pub struct Case<S: Store> {
    /// The promise.
    pub name: &'static str,
    /// Whether seconds must pass.
    pub is_slow: bool,
    run: fn(Context<S>) -> Running,
}

/// A table of cases: the promise, then the function that tests it.
macro_rules! promises {
    (slow: $is_slow:expr; $($name:literal => $run:path,)*) => {
        pub(super) fn cases<S: crate::Store>() -> Vec<super::Case<S>> {
            vec![$(super::Case { name: $name, is_slow: $is_slow, run: |context| Box::pin($run(context)) }),*]
        }
    };
}
use promises;

/// Fails the case unless the two are equal.
macro_rules! ensure_eq {
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) => {
                if *found != *expected {
                    let what = format!($($what)+);
                    return Err(super::Fault::new(format!("{what}: expected {expected:?}, found {found:?}")));
                }
            }
        }
    };
}
use ensure_eq;

/// Every promise.
pub fn cases<S: Store>() -> Vec<Case<S>> {
    [
        versions::cases(),
        window::cases(),
        conflicts::cases(),
        conflicts_explicit::cases(),
        own_writes::cases(),
        own_writes_conflicts::cases(),
        atomics::cases(),
        stamps::cases(),
        limits::cases(),
        retries::cases(),
        watches::cases(),
        selectors::cases(),
        ranges::cases(),
        random::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Runs every case against `store` under `prefix`.
pub async fn run_all<S: Store>(
    store: &S,
    environment: &Rc<dyn Environment>,
    prefix: &[u8],
) -> Report {
    run_some(store, environment, prefix, |_| true).await
}

/// Runs those cases that are wanted, by their place in [`cases`].
pub async fn run_some<S: Store>(
    store: &S,
    environment: &Rc<dyn Environment>,
    prefix: &[u8],
    is_wanted: impl Fn(usize) -> bool,
) -> Report {
    let mut report = Report::default();
    let (slow, quick): (Vec<_>, Vec<_>) = cases::<S>()
        .into_iter()
        .enumerate()
        .filter(|(index, _)| is_wanted(*index))
        .partition(|(_, case)| case.is_slow);
    let start = |(index, case): (usize, Case<S>)| run_case(store, environment, prefix, index, case);
    report
        .cases
        .extend(futures::future::join_all(slow.into_iter().map(start)).await);
    for numbered in quick {
        report.cases.push(start(numbered).await);
    }
    report
}

async fn run_case<S: Store>(
    store: &S,
    environment: &Rc<dyn Environment>,
    prefix: &[u8],
    index: usize,
    case: Case<S>,
) -> CaseResult {
    let prefix = [prefix, format!("{index:03}/").as_bytes()].concat();
    let context = Context::new(store.clone(), Rc::clone(environment), prefix);
    let mut tries = 0;
    let fault = loop {
        tries += 1;
        let outcome = match context.clean().await {
            Ok(()) => (case.run)(context.clone()).await,
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(()) => break None,
            Err(fault) if fault.is_passing() && tries < TRIES_MAX => {}
            Err(fault) => break Some(fault),
        }
    };
    let fault = fault.or(context.clean().await.err());
    CaseResult {
        name: case.name,
        fault,
    }
}
