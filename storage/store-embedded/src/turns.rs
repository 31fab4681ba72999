//! Counts the rows of a job that writes tables, so that it gives way every few of them.

use crate::priority::give_way_after;

/// How often it is looked whether it is time.
const LOOK_ROWS: u64 = 32;

/// The rows since the last turn.
#[derive(Debug, Default)]
pub(crate) struct Turns(u64);

impl Turns {
    /// One more row is done.
    pub(crate) fn row(&mut self) {
        self.0 += 1;
        if self.0.is_multiple_of(LOOK_ROWS) && give_way_after(self.0) {
            self.0 = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priority::{Pace, Priority};

    #[test]
    fn a_turn_begins_anew_when_the_job_gave_way() {
        let rows = || {
            let mut turns = Turns::default();
            (0..300).map(|_| turns.row()).for_each(drop);
            turns.0
        };
        let priority = Priority::default();
        let at = |pace| priority.run(rows, || pace, || {});
        assert_eq!(at(Pace::Hurried), 300 - 256);
        assert_eq!(at(Pace::Pushing), 300);
    }
}
