//! Schedules fire from state, once, also after a crash.

use std::time::Duration;

use hunt::{HuntId, Millis, Phase, Refusal, Reply};
use node::{Query, Response};

use crate::world::{HUNT, WALL, World, answer, is_refused, put};

fn scheduled() -> String {
    let (opens, closes) = (Millis(WALL + 5_000), Millis(WALL + 20_000));
    HUNT.replace(
        "\"title\": \"Lights\",",
        &format!(r#""title": "Lights", "opens_at": "{opens}", "closes_at": "{closes}","#),
    )
}

fn events(world: &mut World) -> Vec<String> {
    let query = Query::Events {
        hunt: HuntId::new("lights").unwrap(),
        after: 0,
        limit: 100,
    };
    match world.query(query) {
        Response::Events(page) => page
            .events
            .iter()
            .map(|event| match &event.body {
                hunt::EventBody::PhaseChanged { phase, .. } => {
                    format!("{} {phase:?}", event.at.0 - WALL)
                }
                other => format!("{other:?}")
                    .split([' ', '{'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hunt_opens_and_closes_by_itself() {
    let mut world = World::new();
    world.reply("lights", put(&scheduled()));
    let early = world
        .command("lights", answer("ann", "first", "pharos"))
        .unwrap();
    assert!(
        matches!(
            early.reply,
            Reply::Refused(Refusal::WrongPhase {
                phase: Phase::Scheduled,
                ..
            })
        ),
        "{early:?}"
    );
    world.pass(Duration::from_secs(6));
    assert!(matches!(
        world.reply("lights", answer("ann", "first", "pharos")),
        Reply::Solved { .. }
    ));
    world.pass(Duration::from_secs(30));
    let late = world
        .command("lights", answer("bob", "first", "pharos"))
        .unwrap();
    assert!(
        !is_refused(&late, &Refusal::UnknownHunt)
            && matches!(late.reply, Reply::Refused(Refusal::WrongPhase { .. }))
    );
    let fired: Vec<_> = events(&mut world)
        .into_iter()
        .filter(|event| event.contains(' '))
        .collect();
    assert_eq!(fired.len(), 2, "{fired:?}");
    for (event, (phase, due)) in fired.iter().zip([("Open", 5_000), ("Closed", 20_000)]) {
        let (at, found) = event.split_once(' ').unwrap();
        let at: u64 = at.parse().unwrap();
        assert!(found == phase && (due..due + 50).contains(&at), "{event}");
    }
    world.verify_clean();
}

#[test]
fn what_was_due_while_the_node_was_down_fires_once_after() {
    let mut world = World::new();
    world.reply("lights", put(&scheduled()));
    world.kill();
    world.pass(Duration::from_secs(10));
    world.start();
    world.pass(Duration::from_secs(1));
    world.kill_and_restart();
    world.pass(Duration::from_secs(1));
    let fired: Vec<_> = events(&mut world)
        .into_iter()
        .filter(|event| event.contains(' '))
        .collect();
    assert_eq!(fired.len(), 1, "{fired:?}");
    assert!(fired[0].ends_with("Open"), "{fired:?}");
    world.verify_clean();
}
