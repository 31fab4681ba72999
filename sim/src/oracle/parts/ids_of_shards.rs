//! Which shard a hunt is in: as ever, since its log is there; and about as many in each.

use hunt::HuntId;

use crate::draw::Chance;
use crate::oracle::Evidence;

/// Where version 1 put them, of 64 and of 7 shards.
const GOLDEN: [(&str, u16, u16); 3] = [
    ("harbour-lights", 36, 0),
    ("a", 50, 2),
    ("winter_2026", 21, 3),
];

/// Hunts that are spread, and the most of them that one shard of eight may get.
const HUNTS: u64 = 400;
const SHARDS: u16 = 8;
const SHARE_MAX: usize = 90;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let id = |text: &str| HuntId::new(text).expect("letters and digits make an id");
    for (hunt, of_64, of_7) in GOLDEN {
        let found = (id(hunt).shard(64), id(hunt).shard(7));
        if found != (of_64, of_7) {
            return Err(format!(
                "hunt {hunt} is in shard {} of 64 and {} of 7: its log is in {of_64} and {of_7}",
                found.0, found.1
            ));
        }
    }
    let mut shares = [0; SHARDS as usize];
    for _ in 0..HUNTS {
        let shard = id(&format!("h-{:x}", chance.next())).shard(SHARDS);
        shares[usize::from(shard) % shares.len()] += 1;
    }
    match shares.iter().all(|share| (1..=SHARE_MAX).contains(share)) {
        true => Ok(()),
        false => Err(format!(
            "{HUNTS} hunts are spread over shards as {shares:?}"
        )),
    }
}
