//! Past a limit a caller is told to come back, and nothing is done.

use std::time::Duration;

use node::{AskError, Settings};

use crate::world::{HUNT, World, command, join};

#[test]
fn a_full_batch_sheds_load() {
    let mut world = World::with(Settings {
        shards: 1,
        batch_events_max: 10,
        ..Settings::default()
    });
    world.open_hunt(HUNT);
    // The players' rows are read first, so that all commands are decided in one go.
    let names: Vec<_> = (0..50).map(|n| format!("p{n}")).collect();
    let core = world.cores[0].clone();
    let commands = names
        .iter()
        .map(|name| command("first", "lights", join(name)))
        .collect();
    let answers = world.run(async move { core.ask_many(commands).await });
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    let shed = answers
        .iter()
        .filter(|answer| {
            matches!(answer, Err(AskError::Overloaded { limit, .. }) if *limit == "batch_events_max")
        })
        .count();
    assert!(
        taken >= 10 && shed > 0 && taken + shed == 50,
        "{taken} taken, {shed} shed"
    );
    world.pass(Duration::from_millis(200));
    assert_eq!(world.verify_clean().players, taken as u64);
    assert!(
        world.command("lights", join("later")).is_ok(),
        "it serves normally afterwards"
    );
}
