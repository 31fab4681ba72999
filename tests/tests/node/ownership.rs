//! Two nodes on one store: the one that took the lease later is the only one that can write.

use hunt::Reply;
use node::{Request, Response};

use crate::world::{HUNT, World, claim, command};

#[test]
fn a_replaced_owner_can_not_commit() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.reply("lights", claim("ann", "coin"));
    let old = world.cores.clone();
    world.cores = world.spawn_node(8);
    let zombie = old[0].clone();
    let stale = command("z", "lights", claim("zed", "coin"));
    let answer = world.run(async move { zombie.ask(Request::Command(stale)).await });
    assert!(
        answer.is_err(),
        "the old owner's commit must be refused: {answer:?}"
    );
    // The old node opened the shard again after that, so it holds it now; the younger is fenced in its turn.
    let report = world.verify_clean();
    assert_eq!(report.grants, 1);
    let again = command("z", "lights", claim("zed", "coin"));
    let owner = world.owner_of("lights", &[old, world.cores.clone()]);
    let answer = world.run(async move { owner.ask(Request::Command(again)).await });
    assert!(
        matches!(answer, Ok(Response::Reply(answered)) if matches!(answered.reply, Reply::Granted { .. }))
    );
    assert_eq!(world.verify_clean().grants, 2);
}
