//! Which of the tasks that are ready runs next.

use rand_xoshiro::rand_core::Rng;

use super::streams::{Stream, keyed, stream};

/// What the choices derive from, besides the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Their place among all choices of the run.
    Whole,
    /// The instant, their place among its choices, and this number: where something is taken out of a run, the choices
    /// of other instants stay as they were.
    ByInstant(u64),
}

/// The choices of a run.
pub(super) enum Choice {
    Whole(Stream),
    ByInstant {
        seed: u64,
        number: u64,
        at_us: u64,
        nth: u64,
    },
}

impl Choice {
    pub(super) fn new(seed: u64, schedule: Schedule) -> Self {
        match schedule {
            Schedule::Whole => Self::Whole(stream(seed, "schedule", 0)),
            Schedule::ByInstant(number) => Self::ByInstant {
                seed,
                number,
                at_us: 0,
                nth: 0,
            },
        }
    }

    /// One of so many, at that time.
    pub(super) fn below(&mut self, many: usize, now_us: u64) -> usize {
        let bits = self.bits(now_us) >> 32;
        ((bits * many as u64) >> 32) as usize
    }

    fn bits(&mut self, now_us: u64) -> u64 {
        match self {
            Self::Whole(stream) => stream.next_u64(),
            Self::ByInstant {
                seed,
                number,
                at_us,
                nth,
            } => {
                if *at_us != now_us {
                    (*at_us, *nth) = (now_us, 0);
                }
                *nth += 1;
                keyed(*seed, [*number, now_us, *nth, 0]) as u64
            }
        }
    }
}
