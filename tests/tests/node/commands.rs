//! Commands are answered once what they rest on is committed, and take effect once.

use hunt::{Action, Refusal, Reply, TreasureId};
use node::{Request, Response};

use crate::world::{HUNT, World, answer, claim, command, is_refused, join, put};

#[test]
fn a_hunt_is_played() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    assert!(matches!(
        world.reply("lights", join("ann")),
        Reply::Joined { .. }
    ));
    assert!(matches!(
        world.reply("lights", answer("ann", "second", "aurora")),
        Reply::Locked
    ));
    assert!(matches!(
        world.reply("lights", answer("ann", "first", "nope")),
        Reply::Wrong {
            guesses_left: Some(2)
        }
    ));
    let Reply::Solved {
        points,
        score,
        unlocked,
        grants,
    } = world.reply("lights", answer("ann", "first", " PHÁROS! "))
    else {
        panic!("not solved");
    };
    assert_eq!(
        (points, score, unlocked.len(), grants.len()),
        (100, 100, 1, 1)
    );
    assert!(matches!(
        world.reply("lights", claim("ann", "coin")),
        Reply::Granted { .. }
    ));
    assert!(matches!(
        world.reply("lights", claim("ann", "coin")),
        Reply::AlreadyGranted { .. }
    ));
    let report = world.verify_clean();
    assert_eq!((report.players, report.grants), (1, 2));
}

#[test]
fn the_same_request_is_answered_the_same() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    let first = world
        .command_as("key-1", "lights", claim("ann", "coin"))
        .unwrap();
    let again = world
        .command_as("key-1", "lights", claim("ann", "coin"))
        .unwrap();
    assert_eq!((first.reply.clone(), true), (again.reply, again.replayed));
    assert!(!first.replayed);
    let reused = world.command_as("key-1", "lights", join("ann")).unwrap();
    assert!(is_refused(&reused, &Refusal::KeyReused), "{reused:?}");
    assert_eq!(world.verify_clean().grants, 1);
}

#[test]
fn a_request_is_answered_the_same_after_a_crash() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    let first = world
        .command_as("key-1", "lights", answer("ann", "first", "pharos"))
        .unwrap();
    world.kill_and_restart();
    let again = world
        .command_as("key-1", "lights", answer("ann", "first", "pharos"))
        .unwrap();
    assert_eq!((again.reply, again.replayed), (first.reply, true));
    world.verify_clean();
}

#[test]
fn stock_is_never_oversold() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    let core = world.cores[1].clone();
    let commands: Vec<_> = (0..200)
        .map(|n| command(&format!("c{n}"), "lights", claim(&format!("p{n}"), "coin")))
        .collect();
    let answers = world.run(async move { core.ask_many(commands).await });
    let granted = answers
        .iter()
        .filter(|answer| matches!(&answer.as_ref().unwrap().reply, Reply::Granted { .. }))
        .count();
    let sold_out = answers
        .iter()
        .filter(|answer| matches!(&answer.as_ref().unwrap().reply, Reply::SoldOut))
        .count();
    assert_eq!((granted, sold_out), (3, 197));
    let restock = Action::Restock {
        treasure: TreasureId::new("coin").unwrap(),
        add: 2,
    };
    assert!(matches!(
        world.reply("lights", restock),
        Reply::Restocked { stock_left: 2, .. }
    ));
    assert!(matches!(
        world.reply("lights", claim("p150", "coin")),
        Reply::Granted { .. }
    ));
    assert_eq!(world.verify_clean().grants, 4);
}

#[test]
fn concurrent_repetitions_take_effect_once() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    let core = world.cores[0].clone();
    let commands: Vec<_> = (0..50)
        .map(|_| command("same", "lights", claim("ann", "coin")))
        .collect();
    let answers = world.run(async move { core.ask_many(commands).await });
    let replies: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).collect();
    assert_eq!(
        replies.iter().filter(|answered| !answered.replayed).count(),
        1
    );
    assert!(
        replies
            .iter()
            .all(|answered| answered.reply == replies[0].reply)
    );
    assert_eq!(world.verify_clean().grants, 1);
}

#[test]
fn unknown_things_are_refused() {
    let mut world = World::new();
    let nothing = world.command("lights", join("ann")).unwrap();
    assert!(is_refused(&nothing, &Refusal::UnknownHunt));
    world.open_hunt(HUNT);
    let treasure = world.command("lights", claim("ann", "moon")).unwrap();
    assert!(is_refused(&treasure, &Refusal::UnknownTreasure));
    let clue = world.command("lights", answer("ann", "moon", "x")).unwrap();
    assert!(is_refused(&clue, &Refusal::UnknownClue));
}

#[test]
fn hunts_of_all_shards_are_listed() {
    let mut world = World::new();
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        let json = HUNT.replace("\"lights\"", &format!("\"{name}\""));
        world.reply(name, put(&json));
    }
    let core = world.cores[1].clone();
    let answers = world.run(async move { core.ask_all(Request::Hunts).await });
    let hunts: usize = answers
        .into_iter()
        .map(|answer| match answer.unwrap() {
            Response::Hunts(hunts) => hunts.len(),
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(hunts, 7);
}
