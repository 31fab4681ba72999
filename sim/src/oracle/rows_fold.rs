//! The stored rows are the fold of the log: `node::verify` finds no fault in the store.

use super::{Evidence, failure};
use crate::outcome::Failure;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    match evidence.truth.faults.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = rest.len();
            let detail = format!("the store has a fault, and {more} more: {first}");
            Err(failure("rows_fold", 0, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_a_fault_of_the_store() {
        let mut run = Fixture::played();
        run.truth.faults.push("a row is wrong".to_owned());
        run.fails(check, "a row is wrong");
    }
}
