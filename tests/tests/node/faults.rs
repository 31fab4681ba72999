//! Commits that fail in every way that FoundationDB has: nothing is lost, nothing doubled, nobody is told too early.

use hunt::Reply;

use crate::flaky::Fate;
use crate::world::{HUNT, World, claim};

/// One claim while the next commits meet `fates`; then what the store says.
fn check(fates: &[Fate]) -> World {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.script.fates.borrow_mut().extend(fates);
    let first = world.command_as("k", "lights", claim("ann", "coin"));
    let again = world
        .command_as("k", "lights", claim("ann", "coin"))
        .expect("asked again, it is answered");
    assert!(
        matches!(again.reply, Reply::Granted { .. }),
        "{fates:?}: {again:?}"
    );
    if let Ok(first) = first {
        assert_eq!(
            (&first.reply, again.replayed),
            (&again.reply, true),
            "{fates:?}"
        );
    }
    let report = world.verify_clean();
    assert_eq!(report.grants, 1, "{fates:?}");
    world
}

#[test]
fn a_conflict_is_tried_again() {
    check(&[Fate::Refused]);
    check(&[Fate::Refused; 5]);
}

#[test]
fn an_unknown_result_is_looked_up() {
    check(&[Fate::UnknownDone]);
    check(&[Fate::UnknownNotDone]);
    check(&[Fate::UnknownNotDone, Fate::UnknownDone]);
    check(&[Fate::UnknownNotDone, Fate::Refused, Fate::UnknownDone]);
}

#[test]
fn a_late_commit_is_refused() {
    let world = check(&[Fate::TimedOutLate]);
    assert_eq!(
        (
            world.script.late_refused.get(),
            world.script.late_committed.get()
        ),
        (1, 0)
    );
    let world = check(&[Fate::TimedOutLate, Fate::TimedOutLate, Fate::UnknownNotDone]);
    assert_eq!(
        (
            world.script.late_refused.get(),
            world.script.late_committed.get()
        ),
        (2, 0)
    );
}

#[test]
fn what_can_not_be_committed_is_forgotten() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.script.fates.borrow_mut().push_back(Fate::Broken);
    let failed = world.command_as("k", "lights", claim("ann", "coin"));
    assert!(failed.is_err(), "{failed:?}");
    world.pass(std::time::Duration::from_millis(300));
    let again = world
        .command_as("k", "lights", claim("ann", "coin"))
        .expect("the shard is open again");
    assert!(
        !again.replayed && matches!(again.reply, Reply::Granted { .. }),
        "{again:?}"
    );
    assert_eq!(world.verify_clean().grants, 1);
}

#[test]
fn rows_never_go_back() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    for round in 0..6 {
        world.reply("lights", claim(&format!("p{round}"), "coin"));
        let fates = [
            Fate::TimedOutLate,
            Fate::UnknownDone,
            Fate::TimedOutLate,
            Fate::UnknownNotDone,
        ];
        world.script.fates.borrow_mut().extend(&fates[round % 4..]);
        world.pass(std::time::Duration::from_millis(1_300));
        world.verify_clean();
        world.kill_and_restart();
    }
    assert_eq!(world.verify_clean().grants, 3);
}
