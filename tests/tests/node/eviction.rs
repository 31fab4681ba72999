//! Memory is bounded: rows that are not used are evicted, and read again when they are.

use std::time::Duration;

use hunt::{HuntId, Reply};
use node::{Query, Request, Response, Settings};

use crate::world::{HUNT, World, answer, command, join, player};

fn memory(world: &mut World) -> (u64, u64) {
    let core = world.cores[0].clone();
    let answers = world.run(async move { core.ask_all(Request::Status).await });
    answers
        .into_iter()
        .fold((0, 0), |(bytes, evicted), answer| match answer.unwrap() {
            Response::Status(status) => {
                (bytes + status.memory_bytes, evicted + status.rows_evicted)
            }
            other => panic!("{other:?}"),
        })
}

#[test]
fn more_players_than_fit_are_all_served() {
    let budget = 7 << 17;
    let mut world = World::with(Settings {
        shards: 4,
        memory_bytes: budget,
        tail_bytes: 64 << 10,
        ..Settings::default()
    });
    world.open_hunt(HUNT);
    for round in 0..20 {
        let core = world.cores[0].clone();
        let commands = (0..1_000)
            .map(|n| command(&format!("j{n}"), "lights", join(&format!("p{round}-{n}"))))
            .collect();
        let answers = world.run(async move { core.ask_many(commands).await });
        assert!(
            answers.iter().all(Result::is_ok),
            "round {round}: {:?}",
            answers.iter().find(|answer| answer.is_err())
        );
        world.pass(Duration::from_secs(2));
    }
    let (bytes, evicted) = memory(&mut world);
    assert!(
        bytes <= 2 * budget && evicted > 10_000,
        "{bytes} bytes held, {evicted} rows evicted"
    );
    for round in 0..20 {
        let name = format!("p{round}-{}", round * 7);
        assert!(
            matches!(
                world.reply("lights", join(&name)),
                Reply::AlreadyJoined { .. }
            ),
            "{name}"
        );
        assert!(
            matches!(
                world.reply("lights", answer(&name, "first", "pharos")),
                Reply::Solved { .. }
            ),
            "{name}"
        );
    }
    let query = Query::Progress {
        hunt: HuntId::new("lights").unwrap(),
        player: player("p3-21"),
    };
    assert!(matches!(world.query(query), Response::Progress(_)));
    assert_eq!(world.verify_clean().players, 20_000);
}
