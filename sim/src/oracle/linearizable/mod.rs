//! Linearizability, from what clients saw alone: for each treasure there is an order of all claims, solves, restocks
//! and looks, each within its own time, in which a plain counter would have answered the same. What nobody had an
//! answer to may have happened or not.
//!
//! The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993) as Lowe made it just-in-time
//! ("Testing for linearizability", 2017): an operation is given its place only when its answer comes, with whatever
//! must come before it. Treasures are objects of their own (Herlihy and Wing: a history is linearizable if that of
//! each object is), so each is searched alone.

mod counter;
mod search;
mod sub_history;
mod unknown;

use super::{Evidence, failure};
use crate::outcome::Failure;
use search::Verdict;

const ORACLE: &str = "linearizable";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for history in sub_history::all(evidence) {
        if let Verdict::Impossible { op, at_us } = search::search(&history.counter, &history.ops) {
            let detail = format!(
                "hunt {}, treasure {}: no order of what the clients saw explains {op}",
                history.hunt, history.treasure
            );
            return Err(failure(ORACLE, at_us, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::Reply;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.claim("yan", "coin");
        run.restock("coin", 1);
        run.claim("yan", "coin");
        run.claim("yan", "coin");
        run.look_at_stats();
        run.passes(check);
    }

    #[test]
    fn sees_stock_that_is_sold_twice_without_looking_at_the_log() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        let granted = run.last_answer().clone();
        run.claim("yan", "coin");
        *run.last_answer() = granted;
        run.forget_the_log();
        run.fails(check, "explains");
    }

    #[test]
    fn sees_sold_out_while_there_is_stock() {
        let mut run = Fixture::played();
        run.claim("zoe", "gem");
        run.claim("yan", "coin");
        run.last_answer().reply = Reply::SoldOut;
        run.forget_the_log();
        run.fails(check, "explains");
    }

    #[test]
    fn sees_a_stale_look() {
        let mut run = Fixture::played();
        let stale = run.look_at_stats().clone();
        run.claim("zoe", "coin");
        *run.look_at_stats() = stale;
        run.forget_the_log();
        run.fails(check, "explains");
    }

    #[test]
    fn lets_an_unknown_claim_have_taken_the_last() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.lose_last_answer();
        run.claim("yan", "coin");
        assert_eq!(run.last_answer().reply, Reply::SoldOut);
        run.passes(check);
    }

    #[test]
    fn lets_an_unknown_claim_have_done_nothing() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.lose_last_answer();
        run.lose_last_batch();
        run.claim("yan", "coin");
        assert!(matches!(run.last_answer().reply, Reply::Granted { .. }));
        run.passes(check);
    }
}
