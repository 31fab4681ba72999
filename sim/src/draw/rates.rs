//! How often random faults happen.

use super::{Chance, Weather, World};
use crate::plan::{Rates, TAIL_DOUBLINGS_MAX, Workload};

/// FoundationDB's own window; 0 stands for it.
const WINDOWS: [u64; 4] = [0, 0, 1_000_000, 2_000_000];
/// Between commits that share a version; 0: none does but by chance.
const COMMIT_INTERVAL_US: [u32; 4] = [0, 0, 2_000, 20_000];
/// The same where owners are stale: so that one and who takes its shard share a version.
const LONG_COMMIT_INTERVAL_US: u32 = 100_000;

/// Mean one-way latencies.
const NETWORK_US: [u32; 3] = [50, 250, 2_000];
const STORE_US: [u32; 3] = [100, 500, 5_000];

/// Of a million commits, where rows are written again and again: a late one may bring older rows back.
const LATE_ROWS: u32 = 20_000;
/// The same for those that hang: their node learns nothing of its death meanwhile, and goes on.
const HUNG_HEARTBEATS: u32 = 10_000;
/// Of a million visits to places that are on.
const BUGGIFY: u32 = 20_000;
/// Of a million messages, where a cool-down turns away what may come again by another way.
const LATE_GUESSES: u32 = 50_000;
/// Of a million commits, where heartbeats are to be late: one of these.
const SLOW_HEARTBEATS: [u32; 3] = [200_000, 70_000, 70_000];

pub(super) fn draw(
    mut chance: Chance,
    workload: Workload,
    world: World,
    weather: Weather,
) -> Rates {
    let rates = match (weather, world) {
        (Weather::Fair, World::Drawn) => return fair(&mut chance),
        (Weather::Fair, _) => return calm(),
        (Weather::Usual, _) => standard(),
        (Weather::Drawn, _) => swarm(&mut chance, standard()),
    };
    match workload {
        Workload::StaleOwner => stale(&mut chance, rates),
        Workload::GuessStorm => Rates {
            message_late: match rates.message_late {
                0 => 0,
                often => often.max(LATE_GUESSES),
            },
            ..rates
        },
        Workload::Churn => Rates {
            commit_late: rates.commit_late.max(LATE_ROWS),
            ..rates
        },
        _ => rates,
    }
}

/// Heartbeats come late, but mostly not so often that whoever takes a stale owner's shard could change nothing before that one is
/// back.
fn stale(chance: &mut Chance, rates: Rates) -> Rates {
    let rates = Rates {
        // Who lingers over its recovery is staler than anybody.
        buggify: rates.buggify.max(BUGGIFY),
        buggify_sites: 2 * rates.buggify_sites,
        ..rates
    };
    let slow = *chance.pick(&SLOW_HEARTBEATS);
    Rates {
        commit_slow: rates.commit_slow.max(slow),
        commit_hangs: rates.commit_hangs.max(HUNG_HEARTBEATS),
        read_slow: rates.read_slow.max(slow / 10),
        commit_interval_us: LONG_COMMIT_INTERVAL_US,
        ..rates
    }
}

fn calm() -> Rates {
    Rates {
        network_us: 100,
        store_us: 300,
        ..Rates::default()
    }
}

/// No faults, but ways that are as long as the seed has them; each always about the same, so that waiting is noticed.
fn fair(chance: &mut Chance) -> Rates {
    Rates {
        network_us: *chance.pick(&NETWORK_US),
        store_us: *chance.pick(&STORE_US),
        ..Rates::default()
    }
}

/// All on, none so often that nothing else happens.
fn standard() -> Rates {
    Rates {
        message_lost: 2_000,
        message_doubled: 2_000,
        message_late: 5_000,
        commit_conflict: 5_000,
        commit_unknown_done: 3_000,
        commit_unknown_not_done: 3_000,
        commit_late: 3_000,
        commit_too_old: 2_000,
        commit_slow: 5_000,
        commit_hangs: 200,
        read_slow: 2_000,
        read_hangs: 100,
        read_too_old: 1_000,
        read_future_version: 1_000,
        read_process_behind: 1_000,
        read_more_of_nothing: 2_000,
        watch_spurious: 5_000,
        buggify: BUGGIFY,
        buggify_sites: 250_000,
        lie: 0,
        window_versions: 0,
        commit_interval_us: 0,
        network_us: 250,
        store_us: 500,
        tail_doublings: TAIL_DOUBLINGS_MAX,
    }
}

/// Each kind is there in half of the plans, from a tenth to ten times as often as usual.
fn swarm(chance: &mut Chance, mut rates: Rates) -> Rates {
    let all = [
        &mut rates.message_lost,
        &mut rates.message_doubled,
        &mut rates.message_late,
        &mut rates.commit_conflict,
        &mut rates.commit_unknown_done,
        &mut rates.commit_unknown_not_done,
        &mut rates.commit_late,
        &mut rates.commit_too_old,
        &mut rates.commit_slow,
        &mut rates.commit_hangs,
        &mut rates.read_slow,
        &mut rates.read_hangs,
        &mut rates.read_too_old,
        &mut rates.read_future_version,
        &mut rates.read_process_behind,
        &mut rates.read_more_of_nothing,
        &mut rates.watch_spurious,
        &mut rates.buggify,
    ];
    for rate in all {
        let tenths = *chance.pick(&[1, 10, 100]);
        let is_on = chance.percent(50);
        *rate = if is_on { *rate / 10 * tenths } else { 0 };
    }
    rates.window_versions = *chance.pick(&WINDOWS);
    rates.network_us = *chance.pick(&NETWORK_US);
    rates.store_us = *chance.pick(&STORE_US);
    rates.commit_interval_us = *chance.pick(&COMMIT_INTERVAL_US);
    rates
}
