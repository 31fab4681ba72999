//! No shard falls to a node that hands over what it has: nobody else would take it until that node is gone.

use super::{Evidence, failure};
use crate::outcome::Failure;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    match evidence.observations.misplaced.first() {
        None => Ok(()),
        Some((node, shard)) => {
            let detail =
                format!("node {node} took shard {shard} for that of a node that wants none");
            Err(failure("placement", 0, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn sees_a_shard_that_falls_to_who_wants_none() {
        let mut run = Fixture::played();
        run.passes(check);
        run.observations.misplaced.push((2, 7));
        run.fails(check, "node 2 took shard 7");
    }
}
