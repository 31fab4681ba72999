//! A shard opens from rows and the log's tail, and is what it was.

use std::time::Duration;

use hunt::{Action, HuntId, Reply};
use node::{Query, Response};

use crate::world::{HUNT, World, answer, claim, join, player};

fn progress(world: &mut World, name: &str) -> String {
    let query = Query::Progress {
        hunt: HuntId::new("lights").unwrap(),
        player: player(name),
    };
    match world.query(query) {
        Response::Progress(progress) => format!("{progress:?}"),
        other => panic!("{other:?}"),
    }
}

fn play(world: &mut World, players: std::ops::Range<u32>) {
    for n in players {
        let name = format!("p{n}");
        world.reply("lights", join(&name));
        world.reply(
            "lights",
            answer(&name, "first", if n % 2 == 0 { "pharos" } else { "wrong" }),
        );
        if n % 3 == 0 {
            world.reply("lights", claim(&name, "coin"));
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_with_rows_or_without() {
    for pause in [0, 300, 5_000] {
        let mut world = World::new();
        world.open_hunt(HUNT);
        play(&mut world, 0..20);
        world.pass(Duration::from_millis(pause));
        play(&mut world, 10..30);
        let before: Vec<_> = (0..30)
            .map(|n| progress(&mut world, &format!("p{n}")))
            .collect();
        world.kill_and_restart();
        let after: Vec<_> = (0..30)
            .map(|n| progress(&mut world, &format!("p{n}")))
            .collect();
        assert_eq!(before, after, "after a pause of {pause} ms");
        world.verify_clean();
    }
}

#[test]
fn a_kill_in_the_middle_keeps_all_or_nothing() {
    for polls in 1..60 {
        let mut world = World::new();
        world.open_hunt(HUNT);
        play(&mut world, 0..3);
        let core = world.cores[0].clone();
        let commands = (0..10)
            .map(|n| {
                crate::world::command(&format!("k{n}"), "lights", claim(&format!("q{n}"), "coin"))
            })
            .collect();
        let answers = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let seen = answers.clone();
        world.pass(Duration::from_millis(1));
        world.start_task(async move { *seen.borrow_mut() = core.ask_many(commands).await });
        world.kill_after(polls);
        world.pass(Duration::from_millis(5));
        world.kill_and_restart();
        for (n, answer) in answers.take().into_iter().enumerate() {
            let Ok(first) = answer else { continue };
            let again = world
                .command_as(&format!("k{n}"), "lights", claim(&format!("q{n}"), "coin"))
                .unwrap();
            if matches!(first.reply, Reply::Granted { .. }) {
                assert_eq!(
                    (again.reply, again.replayed),
                    (first.reply, true),
                    "after {polls} polls"
                );
            }
        }
        world.verify_clean();
    }
}

#[test]
fn a_stopped_node_leaves_rows_and_no_tail() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    play(&mut world, 0..10);
    for core in world.cores.clone() {
        world.run(async move { core.stop().await });
    }
    let refused = world.command("lights", join("late"));
    assert!(
        refused.is_err(),
        "a stopped node takes nothing: {refused:?}"
    );
    let report = world.verify_clean();
    assert_eq!((report.rows, report.players), (11, 10));
    world.kill_and_restart();
    assert!(matches!(
        world.reply("lights", join("p1")),
        Reply::AlreadyJoined { .. }
    ));
}

#[test]
fn many_restarts_in_a_row_change_nothing() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    for round in 0..10 {
        play(&mut world, round * 2..round * 2 + 5);
        world.pass(Duration::from_millis(u64::from(round) * 170));
        world.kill_and_restart();
    }
    world.reply("lights", Action::Close);
    let report = world.verify_clean();
    assert_eq!(report.players, 23);
}
