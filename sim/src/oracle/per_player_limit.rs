//! Nobody got more of a treasure than one player may.

use std::collections::BTreeMap;

use hunt::{EventBody, Granted};

use super::{Evidence, failure};
use crate::outcome::Failure;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        let mut definition = None;
        let mut counts = BTreeMap::new();
        for placed in &log.events {
            let (player, grants): (_, &[Granted]) = match &placed.event.body {
                EventBody::Put {
                    definition: new, ..
                } => {
                    definition = Some(new);
                    continue;
                }
                EventBody::Solved { player, grants, .. } => (player, grants),
                EventBody::Claimed { player, grant, .. } => (player, std::slice::from_ref(grant)),
                _ => continue,
            };
            for grant in grants {
                let count: &mut u32 = counts.entry((player, grant.treasure)).or_default();
                *count += 1;
                let allowed = definition
                    .and_then(|definition| definition.treasure(grant.treasure))
                    .map_or(0, |treasure| treasure.per_player);
                if *count > allowed {
                    let detail = format!(
                        "hunt {hunt}, event {}: {player} gets unit number {count} of treasure {}, {allowed} are allowed",
                        placed.event.seq, grant.treasure
                    );
                    return Err(failure("per_player_limit", placed.at_us(), detail));
                }
            }
        }
    }
    Ok(())
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
    fn sees_a_player_who_gets_too_much() {
        let mut run = Fixture::played();
        run.restock("coin", 5);
        run.claim("zoe", "coin");
        run.force_claim("zoe", "coin");
        run.fails(check, "zoe gets unit number 2");
    }
}
