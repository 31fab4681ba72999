//! Several nodes on one store: shards go to who lives, nobody is told what is not so, and nothing is lost.

use std::time::Duration;

use hunt::{HuntId, Reply};
use node::{AskError, ClusterSettings, Query, Request, Response, Settings};

use crate::world::{HUNT, Node, World, claim, command, join, put};

const LEASE: Duration = Duration::from_secs(3);
const HEARTBEAT: Duration = Duration::from_millis(500);
/// Takeover: the lease, what the heartbeats add on both sides, and opening.
const TAKEOVER_MAX: Duration = Duration::from_millis(3_000 + 2 * 500 + 300);
const SHARDS: u16 = 8;
/// Hunts that lie in several shards.
const HUNTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn settings() -> Settings {
    Settings {
        shards: SHARDS,
        ask_timeout: Duration::from_secs(1),
        cluster: Some(ClusterSettings {
            lease: LEASE,
            heartbeat: HEARTBEAT,
            address: "here".to_owned(),
            patience: Duration::ZERO,
        }),
        ..Settings::default()
    }
}

/// Nodes 1 to `count`, ready, with hunts on them.
fn cluster(count: u64) -> (World, Vec<Node>) {
    let mut world = World::without_nodes(settings());
    let nodes: Vec<_> = (1..=count).map(|id| world.start_node(id)).collect();
    settle(&mut world, &nodes.iter().collect::<Vec<_>>());
    for hunt in HUNTS {
        let json = HUNT.replace("\"lights\"", &format!("\"{hunt}\""));
        operate(&mut world, &nodes, "put", hunt, put(&json));
        operate(&mut world, &nodes, "open", hunt, hunt::Action::Open);
    }
    (world, nodes)
}

fn operate(world: &mut World, nodes: &[Node], request: &str, hunt: &str, action: hunt::Action) {
    let core = nodes[0].cores[0].clone();
    world
        .command_to(&core, command(request, hunt, action))
        .expect("it is answered");
}

/// Until every shard is open where it belongs, and all have known that for a while.
fn settle(world: &mut World, nodes: &[&Node]) {
    let mut settled = 0;
    world.pass_until(Duration::from_secs(30), |world| {
        let all_open = nodes.iter().all(|node| node.is_ready())
            && open_shards(world, nodes) == usize::from(SHARDS);
        settled = if all_open { settled + 1 } else { 0 };
        settled > 150
    });
}

fn shards_of(world: &mut World, node: &Node) -> Vec<u16> {
    let core = node.cores[0].clone();
    let answers = world.run(async move { core.ask_all(Request::Status).await });
    let mut open = Vec::new();
    for answer in answers {
        let Ok(Response::Status(status)) = answer else {
            panic!("{answer:?}");
        };
        let shards = status.shards.iter().filter(|shard| shard.open);
        open.extend(shards.map(|shard| shard.shard));
    }
    open
}

fn open_shards(world: &mut World, nodes: &[&Node]) -> usize {
    nodes.iter().map(|node| shards_of(world, node).len()).sum()
}

fn owner<'n>(world: &mut World, nodes: &'n [Node], hunt: &str) -> &'n Node {
    let shard = HuntId::new(hunt).unwrap().shard(SHARDS);
    nodes
        .iter()
        .find(|node| shards_of(world, node).contains(&shard))
        .expect("somebody owns it")
}

/// Asks `node` again and again until it answers; only "not ready" and the like may come before.
fn insist(world: &mut World, node: &Node, request: &str, hunt: &str) -> (Reply, Duration) {
    let core = node.cores[1].clone();
    let mut reply = None;
    let took = world.pass_until(Duration::from_secs(30), |world| {
        let asked = command(request, hunt, claim(request, "coin"));
        match world.command_to(&core, asked) {
            Ok(answered) => reply = Some(answered.reply),
            Err(AskError::NotReady { .. } | AskError::Unavailable { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        reply.is_some()
    });
    (reply.expect("it was answered"), took)
}

fn stats(world: &mut World, node: &Node, hunt: &str) -> Result<String, AskError> {
    let core = node.cores[0].clone();
    let query = Query::Stats {
        hunt: HuntId::new(hunt).unwrap(),
    };
    let answer = world.run(async move { core.ask(Request::Query(query)).await })?;
    Ok(format!("{answer:?}"))
}

#[test]
fn shards_are_shared_and_any_node_answers() {
    let (mut world, nodes) = cluster(3);
    for node in &nodes {
        assert!(!shards_of(&mut world, node).is_empty(), "node {}", node.id);
    }
    for (n, hunt) in HUNTS.iter().enumerate() {
        let core = nodes[n % 3].cores[n % 2].clone();
        let asked = command("k", hunt, join("ann"));
        assert!(world.command_to(&core, asked).is_ok(), "hunt {hunt}");
        assert!(stats(&mut world, &nodes[(n + 1) % 3], hunt).is_ok());
    }
    let core = nodes[1].cores[1].clone();
    let lists = world.run(async move { core.ask_all(Request::Hunts).await });
    let mut found = Vec::new();
    for list in lists {
        let Ok(Response::Hunts(hunts)) = list else {
            panic!("{list:?}");
        };
        found.extend(hunts.into_iter().map(|hunt| hunt.id.to_string()));
    }
    found.sort();
    assert_eq!(found, HUNTS);
    world.verify_clean();
}

#[test]
fn a_dead_nodes_shards_are_taken_over_in_time() {
    let (mut world, nodes) = cluster(3);
    let victim = owner(&mut world, &nodes, "a").id;
    let (dead, alive): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|node| node.id == victim);
    insist(&mut world, &alive[0], "before", "a");
    world.kill_node(&dead[0]);
    let (reply, took) = insist(&mut world, &alive[1], "after", "a");
    assert!(matches!(reply, Reply::Granted { .. }), "{reply:?}");
    assert!(took <= TAKEOVER_MAX + Duration::from_secs(1), "{took:?}");
    settle(&mut world, &[&alive[0], &alive[1]]);
    assert!(world.probed("takeover_of_dead_node") > 0);
    let (again, _) = insist(&mut world, &alive[0], "before", "a");
    assert!(matches!(again, Reply::Granted { .. }), "{again:?}");
    assert_eq!(world.verify_clean().grants, 2);
}

#[test]
fn a_node_that_slept_through_its_lease_is_fenced() {
    let (mut world, nodes) = cluster(2);
    let sleeper = owner(&mut world, &nodes, "a").id as usize - 1;
    let other = &nodes[1 - sleeper];
    insist(&mut world, other, "first", "a");
    nodes[sleeper].life.pause();
    let (reply, _) = insist(&mut world, other, "second", "a");
    assert!(matches!(reply, Reply::Granted { .. }), "{reply:?}");
    nodes[sleeper].life.resume();
    // It has not run since, so it knows of nothing.
    let (core, asked) = (
        nodes[sleeper].cores.clone(),
        command("late", "a", claim("late", "coin")),
    );
    for core in core {
        let answer = world.command_to(&core, asked.clone());
        if let Ok(answered) = &answer {
            assert!(
                matches!(answered.reply, Reply::Granted { .. }),
                "{answer:?}"
            );
        }
    }
    settle(&mut world, &[&nodes[0], &nodes[1]]);
    let (late, _) = insist(&mut world, other, "late", "a");
    assert!(matches!(late, Reply::Granted { .. }), "{late:?}");
    let (first, _) = insist(&mut world, &nodes[sleeper], "first", "a");
    assert!(matches!(first, Reply::Granted { .. }), "{first:?}");
    assert_eq!(world.verify_clean().grants, 3);
}

/// Lets time pass until `node` has the hunt's shard open.
fn pass_until_open(world: &mut World, node: &Node, hunt: &str) -> Duration {
    let shard = HuntId::new(hunt).unwrap().shard(SHARDS);
    world.pass_until(Duration::from_secs(30), |world| {
        shards_of(world, node).contains(&shard)
    })
}

/// What `node` says of the hunt, if it says anything, is the truth.
fn no_stale_read(world: &mut World, node: &Node, hunt: &str, truth: &str) {
    if let Ok(told) = stats(world, node, hunt) {
        assert_eq!(told, truth, "a stale read");
    }
}

/// All tries of one heartbeat write the same, so others count from the first that went through.
#[test]
fn a_heartbeat_proves_no_more_than_its_first_try() {
    let (mut world, nodes) = cluster(2);
    let slow = owner(&mut world, &nodes, "a").id as usize - 1;
    let (old, new) = (&nodes[slow], &nodes[1 - slow]);
    insist(&mut world, new, "first", "a");
    world.pass(Duration::from_secs(3));
    let hangs = LEASE - HEARTBEAT;
    old.life.way.hangs.set(hangs);
    world.pass_until(LEASE, |_| old.life.way.hangs.get().is_zero());
    world.pass(hangs + Duration::from_millis(50));
    old.life.way.cut_off.set(true);
    pass_until_open(&mut world, new, "a");
    insist(&mut world, new, "second", "a");
    let truth = stats(&mut world, new, "a").unwrap();
    no_stale_read(&mut world, old, "a", &truth);
}

#[test]
fn a_node_cut_off_from_the_store_stops_answering_before_another_takes_over() {
    let (mut world, nodes) = cluster(2);
    let cut = owner(&mut world, &nodes, "a").id as usize - 1;
    let (old, new) = (&nodes[cut], &nodes[1 - cut]);
    insist(&mut world, new, "first", "a");
    old.life.way.cut_off.set(true);
    let silent = world.pass_until(LEASE, |world| stats(world, old, "a").is_err());
    assert!(silent < LEASE, "{silent:?}");
    let after = pass_until_open(&mut world, new, "a");
    assert!(
        after > Duration::ZERO,
        "taken over before the old owner was silent"
    );
    insist(&mut world, new, "second", "a");
    let truth = stats(&mut world, new, "a").unwrap();
    old.life.way.cut_off.set(false);
    for _ in 0..300 {
        no_stale_read(&mut world, old, "a", &truth);
        world.pass(Duration::from_millis(10));
    }
    settle(&mut world, &[old, new]);
    assert_eq!(world.verify_clean().grants, 2);
}

/// Commands go on all the time at `node` until `done`; every one is answered at last, and none is told that it failed.
fn play_until(world: &mut World, node: &Node, mut done: impl FnMut(&mut World) -> bool) {
    let mut round = 0;
    while !done(world) {
        for hunt in HUNTS {
            let name = format!("p{round}");
            let core = node.cores[round % 2].clone();
            world.pass_until(Duration::from_secs(10), |world| {
                let asked = command(&name, hunt, join(&name));
                match world.command_to(&core, asked) {
                    Ok(answered) => matches!(answered.reply, Reply::Joined { .. }),
                    Err(AskError::NotReady { .. }) => false,
                    Err(error) => panic!("{error}"),
                }
            });
        }
        round += 1;
        world.pass(Duration::from_millis(10));
        assert!(round < 3_000, "it does not end");
    }
}

#[test]
fn shards_move_to_a_node_that_joins_while_players_play() {
    let (mut world, nodes) = cluster(1);
    let young = world.start_node(2);
    play_until(&mut world, &nodes[0], |world| {
        young.is_ready()
            && open_shards(world, &[&nodes[0], &young]) == usize::from(SHARDS)
            && !shards_of(world, &young).is_empty()
    });
    settle(&mut world, &[&nodes[0], &young]);
    assert!(world.probed("hand_over") > 0 && world.probed("takeover_of_released") > 0);
    assert_eq!(world.probed("takeover_of_dead_node"), 0);
    world.verify_clean();
}

#[test]
fn a_node_that_stops_hands_its_shards_over_while_players_play() {
    let (mut world, mut nodes) = cluster(2);
    let leaver = nodes.remove(0);
    let cores = leaver.cores.clone();
    let stopped = std::rc::Rc::new(std::cell::Cell::new(false));
    let done = stopped.clone();
    world.start_task(async move {
        futures::future::join_all(cores.iter().map(|core| core.stop())).await;
        done.set(true);
    });
    play_until(&mut world, &nodes[0], |world| {
        stopped.get() && shards_of(world, &nodes[0]).len() == usize::from(SHARDS)
    });
    assert_eq!(world.probed("takeover_of_dead_node"), 0);
    assert!(!leaver.is_ready() && shards_of(&mut world, &leaver).is_empty());
    world.verify_clean();
}

#[test]
fn two_nodes_race_for_the_shards_of_a_dead_one() {
    let (mut world, nodes) = cluster(3);
    world.kill_node(&nodes[0]);
    settle(&mut world, &[&nodes[1], &nodes[2]]);
    for hunt in HUNTS {
        let (one, _) = insist(&mut world, &nodes[1], "one", hunt);
        let (again, _) = insist(&mut world, &nodes[2], "one", hunt);
        assert_eq!(one, again, "hunt {hunt}");
    }
    assert_eq!(world.verify_clean().grants, HUNTS.len() as u64);
}

#[test]
fn a_second_process_of_a_name_waits_until_the_first_is_silent() {
    let (mut world, mut nodes) = cluster(1);
    let first = nodes.remove(0);
    let second = world.start_node(1);
    world.pass(LEASE * 4);
    assert!(first.is_ready() && !second.is_ready());
    assert!(shards_of(&mut world, &second).is_empty());
    insist(&mut world, &first, "k", "a");
    world.kill_node(&first);
    settle(&mut world, &[&second]);
    assert!(world.probed("name_is_taken") > 0);
    insist(&mut world, &second, "k", "a");
    world.verify_clean();
}

#[test]
fn who_was_taken_for_dead_and_finds_its_name_taken_steps_down() {
    let (mut world, mut nodes) = cluster(1);
    let old = nodes.remove(0);
    old.life.pause();
    let young = world.start_node(1);
    settle(&mut world, &[&young]);
    old.life.resume();
    world.pass(LEASE);
    assert!(!old.is_ready() && shards_of(&mut world, &old).is_empty());
    assert_eq!(world.probed("stepped_down"), 1);
    for core in old.cores.clone() {
        let answer = world.command_to(&core, command("k", "a", join("ann")));
        assert!(
            matches!(answer, Err(AskError::NotReady { .. })),
            "{answer:?}"
        );
    }
    insist(&mut world, &young, "k", "a");
    world.verify_clean();
}

#[test]
fn whoever_asks_by_an_old_view_is_forwarded() {
    let (mut world, nodes) = cluster(2);
    // One sleeps, though not for a lease, while the other's shards move to a newcomer.
    let sleeper = &nodes[0];
    sleeper.life.pause();
    let third = world.start_node(3);
    world.pass(Duration::from_millis(1_500));
    assert!(!shards_of(&mut world, &third).is_empty());
    let core = sleeper.cores[0].clone();
    let asked = HUNTS.map(|hunt| command("k", hunt, claim("ann", "coin")));
    let answers = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let seen = answers.clone();
    world.start_task(async move {
        let asks = asked.map(|command| core.ask(Request::Command(command)));
        *seen.borrow_mut() = futures::future::join_all(asks).await;
    });
    world.pass(Duration::from_millis(10));
    sleeper.life.resume();
    world.pass(Duration::from_secs(2));
    assert!(world.probed("forwarded") > 0);
    for answer in answers.take() {
        assert!(
            matches!(
                answer,
                Ok(Response::Reply(_)) | Err(AskError::NotReady { .. })
            ),
            "{answer:?}"
        );
    }
    settle(&mut world, &[&nodes[0], &nodes[1], &third]);
    for hunt in HUNTS {
        insist(&mut world, &nodes[1], "k", hunt);
    }
    world.verify_clean();
}

#[test]
fn a_node_that_knows_no_owner_yet_does_not_say_that_there_are_no_hunts() {
    let (mut world, _nodes) = cluster(1);
    let late = world.start_node(2);
    let core = late.cores[0].clone();
    let lists = world.run(async move { core.ask_all(Request::Hunts).await });
    let named = lists.iter().flatten().map(|list| match list {
        Response::Hunts(hunts) => hunts.len(),
        other => panic!("{other:?}"),
    });
    let named: usize = named.sum();
    assert!(
        lists.iter().any(Result::is_err) || named == HUNTS.len(),
        "{lists:?}"
    );
}
