//! The feed: every event once, in one global order, resumable anywhere.

use std::time::Duration;

use node::FeedPosition;

use crate::world::{HUNT, World, claim, join, put};

/// All positions and (shard, seq) of the feed, read in pages of `limit` from alternating cores.
fn read_all(world: &mut World, limit: usize) -> Vec<(u16, u64)> {
    let (mut position, mut events, mut turn) = (FeedPosition::default(), Vec::new(), 0);
    loop {
        turn += 1;
        let core = world.cores[turn % 2].clone();
        let page = world
            .run(async move { core.feed(position, limit, Duration::ZERO).await })
            .unwrap();
        if page.events.is_empty() && !page.more {
            return events;
        }
        events.extend(
            page.events
                .iter()
                .map(|event| (event.shard, event.event.seq)),
        );
        position = page.position;
    }
}

#[test]
fn it_is_complete_and_resumable_anywhere() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.open_hunt(&HUNT.replace("\"lights\"", &format!("\"{name}\"")));
        for n in 0..10 {
            world.reply(name, claim(&format!("p{n}"), "coin"));
            world.reply(name, join(&format!("p{n}")));
        }
    }
    let expected = world.verify_clean().events as usize;
    let whole = read_all(&mut world, 1_000);
    assert_eq!(whole.len(), expected);
    for shard in 0..4 {
        let of_shard: Vec<_> = whole
            .iter()
            .filter(|(found, _)| *found == shard)
            .map(|(_, seq)| *seq)
            .collect();
        assert!(
            of_shard.iter().copied().eq(1..=of_shard.len() as u64),
            "shard {shard}: {of_shard:?}"
        );
    }
    assert_eq!(read_all(&mut world, 1), whole);
    assert_eq!(read_all(&mut world, 7), whole);
    world.kill_and_restart();
    assert_eq!(
        read_all(&mut world, 13),
        whole,
        "after a crash, from the store"
    );
}

#[test]
fn a_reader_is_woken_by_a_commit_of_another_core() {
    let mut world = World::new();
    let (waiting, other) = (world.cores[0].clone(), world.cores[1].clone());
    let start = world.now();
    let put_later = {
        let host = world.host();
        let commands: Vec<_> = (0..8)
            .map(|n| format!("h{n}"))
            .map(|id| {
                crate::world::command(
                    "r",
                    &id,
                    put(&HUNT.replace("\"lights\"", &format!("\"{id}\""))),
                )
            })
            .collect();
        async move {
            node::Host::sleep(&host, Duration::from_secs(3)).await;
            other.ask_many(commands).await
        }
    };
    world.start_task(async move {
        put_later
            .await
            .into_iter()
            .for_each(|answer| drop(answer.unwrap()))
    });
    let page = world
        .run(async move {
            waiting
                .feed(FeedPosition::default(), 10, Duration::from_secs(60))
                .await
        })
        .unwrap();
    assert!(!page.events.is_empty());
    let waited = world.now().0 - start.0;
    assert!((3_000..3_300).contains(&waited), "woken after {waited} ms");
}
