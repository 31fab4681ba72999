//! Benchmarks of parts: what one claim, event, row or message costs in each, apart from sockets and disks.
//!
//! ```text
//! Part::prepare ─▶ a state to start from ─▶ measured(run) ─┬─▶ nanoseconds, on this machine now
//!                                                         └─▶ instructions, under callgrind: the same on a busy machine
//! ```
//!
//! Each part checks that it did what it should: a part that does nothing would be quick.

mod claims;
mod count;
mod embedded;
mod host;
mod node;
mod plumbing;
mod rules;
mod simulator;
mod table;
mod timing;
mod wire;

pub use count::{Valgrind, count};
pub use table::{Finding, TOLERANCE_PERCENT, Table, compare};
pub use timing::{Timed, time};

/// A run that is ready to start; says how many units it did.
pub type Run = Box<dyn FnMut() -> u64>;

/// A part of the engine that can be measured by itself.
pub struct Part {
    /// Its name on the command line and in the table.
    pub name: &'static str,
    /// What it does, in one line.
    pub what: &'static str,
    /// What its cost is counted for.
    pub unit: &'static str,
    /// Units of one run that is timed.
    pub units: u64,
    /// Its instructions depend on nothing but the code: those of other threads, or of waiting, do.
    pub is_counted: bool,
    /// Makes a run of about so many units.
    prepare: fn(u64) -> Run,
}

/// All parts, from the rules outwards.
pub fn all() -> impl Iterator<Item = &'static Part> {
    [
        rules::PARTS,
        wire::PARTS,
        plumbing::PARTS,
        node::PARTS,
        simulator::PARTS,
        embedded::PARTS,
    ]
    .into_iter()
    .flatten()
}

/// Makes a run of so many units and runs it: what callgrind looks at. Says how many units it did.
pub fn once(part: &Part, units: u64) -> u64 {
    let mut run = (part.prepare)(units);
    measured(&mut *run)
}

/// The symbol that callgrind collects within. Never inlined, so that it exists.
#[inline(never)]
fn measured(run: &mut dyn FnMut() -> u64) -> u64 {
    run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_part_does_what_it_says() {
        let mut names: Vec<_> = all().map(|part| part.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for part in all() {
            assert!(once(part, 50) > 0, "{} did nothing", part.name);
        }
    }
}
