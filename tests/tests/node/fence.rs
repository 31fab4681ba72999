//! Batches behind a fence: they read no lease, and meet whoever took it.

use std::time::Duration;

use crate::world::{HUNT, World, claim, command, join};

/// Past this a fence is not relied on.
const IDLE: Duration = Duration::from_secs(3);

#[test]
fn only_the_first_of_many_batches_reads_the_lease() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    let before = world.probed("lease_behind_fence");
    for player in ["ann", "bob", "cid"] {
        world.reply("lights", claim(player, "coin"));
    }
    assert_eq!(world.probed("lease_behind_fence") - before, 3);
    world.pass(IDLE);
    let before = world.probed("lease_behind_fence");
    world.reply("lights", join("dan"));
    assert_eq!(
        world.probed("lease_behind_fence"),
        before,
        "after a pause it is read"
    );
    world.verify_clean();
}

#[test]
fn a_replaced_owner_meets_the_taker_behind_its_fence() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.reply("lights", claim("ann", "coin"));
    let replaced = world.cores[0].clone();
    world.cores = world.spawn_node(8);
    let probes = ["lease_behind_fence", "commit_conflict", "fenced_commit"];
    let before = probes.map(|name| world.probed(name));
    let told = world.command_to(&replaced, command("late", "lights", claim("bob", "coin")));
    assert!(told.is_err(), "{told:?}");
    let after = probes.map(|name| world.probed(name));
    assert_eq!(after, before.map(|count| count + 1), "{probes:?}");
    assert_eq!(world.verify_clean().grants, 1);
}
