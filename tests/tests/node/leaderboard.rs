//! The ranking: highest score first, then who came first; frozen when the hunt is.

use hunt::{Action, HuntId};
use node::{Query, Response};

use crate::world::{HUNT, World, answer, player};

fn board(world: &mut World, around: Option<&str>) -> Vec<String> {
    let query = Query::Leaderboard {
        hunt: HuntId::new("lights").unwrap(),
        limit: 4,
        around: around.map(player),
    };
    match world.query(query) {
        Response::Leaderboard(page) => page
            .entries
            .iter()
            .map(|entry| format!("{} {} {}", entry.rank, entry.player, entry.score))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ties_go_to_who_came_first() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    for name in ["ann", "bob", "cid", "dan", "eve"] {
        world.reply("lights", answer(name, "first", "pharos"));
    }
    assert_eq!(
        board(&mut world, None),
        ["1 ann 100", "2 bob 100", "3 cid 100", "4 dan 100"]
    );
    world.reply("lights", answer("eve", "second", "aurora"));
    world.reply("lights", answer("cid", "second", "aurora"));
    let expected = ["1 eve 150", "2 cid 150", "3 ann 100", "4 bob 100"];
    assert_eq!(board(&mut world, None), expected);
    assert_eq!(
        board(&mut world, Some("dan")),
        ["3 ann 100", "4 bob 100", "5 dan 100"]
    );
    assert_eq!(board(&mut world, Some("nobody")), Vec::<String>::new());
    world.kill_and_restart();
    assert_eq!(
        board(&mut world, None),
        expected,
        "after a crash, from rows and tail"
    );
}

#[test]
fn a_frozen_ranking_stands_still() {
    let mut world = World::new();
    world.open_hunt(HUNT);
    world.reply("lights", answer("ann", "first", "pharos"));
    world.reply("lights", answer("bob", "first", "pharos"));
    world.reply("lights", Action::Freeze);
    world.reply("lights", answer("bob", "second", "aurora"));
    world.reply("lights", answer("new", "first", "pharos"));
    assert_eq!(board(&mut world, None), ["1 ann 100", "2 bob 100"]);
    world.kill_and_restart();
    assert_eq!(board(&mut world, None), ["1 ann 100", "2 bob 100"]);
    world.verify_clean();
}
