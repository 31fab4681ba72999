//! Who gives a shard up has closed it before: from then on another may have it, and what the old owner would still answer
//! from memory could be wrong already.

use std::collections::BTreeMap;

use super::{Evidence, failure};
use crate::outcome::Failure;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let closed: BTreeMap<_, u64> = evidence
        .observations
        .closed
        .iter()
        .map(|closed| {
            let holder = (closed.shard, closed.epoch, u64::from(closed.node));
            (holder, closed.at_us)
        })
        .collect();
    for lease in evidence.truth.leases.iter().filter(|lease| lease.released) {
        let holder = (lease.shard, lease.epoch, lease.node);
        let late = closed.get(&holder).filter(|at_us| **at_us > lease.at_us);
        if let Some(at_us) = late {
            let detail = format!(
                "shard {}: node {} gave epoch {} up, and closed the shard only at {at_us} us",
                lease.shard, lease.node, lease.epoch
            );
            return Err(failure("released", lease.at_us, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::Closed;
    use crate::oracle::fixture::Fixture;

    /// A run in which a lease was given up, and its shard closed so much later.
    fn run(later_us: i64) -> Fixture {
        let mut run = Fixture::played();
        let mut lease = run.truth.leases[0];
        lease.released = true;
        lease.at_us += 1_000;
        run.truth.leases.push(lease);
        run.observations.closed.push(Closed {
            at_us: lease.at_us.strict_add_signed(later_us),
            node: lease.node as u16,
            shard: lease.shard,
            epoch: lease.epoch,
        });
        run
    }

    #[test]
    fn is_content_with_a_shard_that_is_closed_first() {
        run(-1).passes(check);
        run(0).passes(check);
    }

    #[test]
    fn sees_a_shard_that_is_closed_too_late() {
        run(1).fails(check, "closed the shard only at");
    }
}
