//! A store that does not answer: callers are turned away in time, and what was decided is committed when it answers.

use std::time::Duration;

use futures::future::join;
use hunt::Reply;
use node::{AskError, Request, Response};

use crate::world::{HUNT, World, claim, command};

/// Longer than a commit may take before callers are told to come back.
const HANGS: Duration = Duration::from_secs(6);

#[test]
fn while_a_commit_stalls_callers_are_turned_away() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.way().hangs.set(HANGS);
    let (core, clock) = (world.cores[0].clone(), world.host());
    let ask = move |request: &'static str, player: &'static str| {
        let core = core.clone();
        async move {
            let claim = command(request, "lights", claim(player, "coin"));
            core.ask(Request::Command(claim)).await
        }
    };
    let waits = ask("k1", "ann");
    let comes_later = async move {
        node::Host::sleep(&clock, HANGS / 2).await;
        let asked = node::Host::monotonic(&clock);
        let answer = ask("k2", "bob").await;
        (answer, node::Host::monotonic(&clock) - asked)
    };
    let (waited, (refused, took)) = world.run(join(waits, comes_later));
    assert!(
        matches!(waited, Err(AskError::Unavailable { .. })),
        "{waited:?}"
    );
    let limit = "commit_stall_ms";
    assert!(
        matches!(&refused, Err(AskError::Overloaded { limit: named, .. }) if *named == limit),
        "{refused:?}"
    );
    assert_eq!(took, Duration::ZERO, "it is told at once");

    world.pass(HANGS);
    let again = world
        .command_as("k1", "lights", claim("ann", "coin"))
        .unwrap();
    assert!(
        again.replayed && matches!(again.reply, Reply::Granted { .. }),
        "{again:?}"
    );
    let now = world
        .command_as("k2", "lights", claim("bob", "coin"))
        .unwrap();
    assert!(
        !now.replayed && matches!(now.reply, Reply::Granted { .. }),
        "{now:?}"
    );
    assert_eq!(world.verify_clean().grants, 2);
    assert!(world.probed("stalled_commit_answered") > 0);
}

#[test]
fn rows_are_written_once_a_stalled_commit_is_known() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.way().hangs.set(HANGS);
    let core = world.cores[0].clone();
    let claim = command("k1", "lights", claim("ann", "coin"));
    let answer = world.run(async move { core.ask(Request::Command(claim)).await });
    assert!(!matches!(answer, Ok(Response::Reply(_))), "{answer:?}");
    world.pass(HANGS * 2);
    world.kill_and_restart();
    let report = world.verify_clean();
    assert_eq!((report.players, report.grants), (1, 1));
}
