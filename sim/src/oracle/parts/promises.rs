//! The promises of the store, some for each seed: the engine uses a part of what the store offers, and rests on all of
//! it being right, down to transactions that see their own writes.

use std::rc::Rc;

use store::Environment;
use store::conformance::run_some;
use store_sim::MemoryDatabase;

use super::timeless::{Clock, Timeless};
use crate::draw::Chance;
use crate::oracle::Evidence;

/// Each seed tries one of so many parts of all promises.
const PARTS: u64 = 12;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let time = Timeless::new(chance.fork(0));
    let environment: Rc<dyn Environment> = Rc::new(Clock(time.clone()));
    let store = MemoryDatabase::new(environment.now_us()).handle(environment.clone());
    let part = chance.below(PARTS) as usize;
    let is_wanted = |index: usize| index % PARTS as usize == part;
    let tried = time.run(run_some(&store, &environment, b"promises/", is_wanted));
    let Some(report) = tried else {
        return Err("the store never answers".to_owned());
    };
    match report.broken().next() {
        None => Ok(()),
        Some(broken) => Err(format!(
            "the store breaks a promise: {}: {:?}",
            broken.name, broken.fault
        )),
    }
}
