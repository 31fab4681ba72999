//! Scenarios without sockets: what the engine says is put in, what the client says is looked at, and time jumps.

mod world;

use std::time::Duration;

use wire::{ErrorCode, FromClient, FromServer, Outcome};

use crate::CallError;
use world::{
    World, claim, commands, event_page, failed, failure, granted, hunt_of, ms, requests, welcome,
};

#[test]
fn commands_wait_for_a_welcome_and_then_go_to_the_core_that_owns_their_hunt() {
    let mut world = World::new(&["a:1"]);
    let (first, second) = (hunt_of(0), hunt_of(1));
    let calls = [world.send(&first, "r1"), world.send(&second, "r2")];
    assert_eq!(world.connects(), ["a:1"]);
    assert!(matches!(world.heard("a:1")[..], [FromClient::Hello(_)]));
    world.say("a:1", &welcome(&[1, 2]));
    // The owner of the second is not connected yet: its command takes a detour rather than wait.
    assert_eq!(world.connects(), ["a:2"]);
    assert_eq!(requests(&world.heard("a:1")), ["r1", "r2"]);
    world.heard("a:2");
    world.say("a:2", &welcome(&[1, 2]));
    let third = world.send(&second, "r3");
    assert_eq!(requests(&world.heard("a:2")), ["r3"]);
    world.say("a:1", &granted(1, 2));
    world.say("a:2", &granted(1, 1));
    for call in calls.into_iter().chain([third]) {
        assert!(matches!(
            call.wait().expect("answered").outcome,
            Outcome::Granted(_)
        ));
    }
}

#[test]
fn what_was_under_way_on_a_broken_connection_is_sent_again_under_the_same_request_ids() {
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "once");
    assert_eq!(requests(&world.heard("a:1")), ["once"]);
    world.break_off("a:1");
    assert!(world.connects().is_empty(), "it pauses first");
    world.pass(ms(60));
    assert_eq!(world.connects(), ["a:1"]);
    world.say("a:1", &welcome(&[1]));
    assert_eq!(requests(&world.heard("a:1")), ["once"]);
    world.say("a:1", &granted(1, 1));
    assert!(call.wait().is_ok());
}

#[test]
fn another_core_takes_over_at_once_where_one_is_lost() {
    let mut world = World::open(&["a:1"], &[1, 2]);
    let call = world.send(&hunt_of(1), "r");
    world.say("a:2", &welcome(&[1, 2]));
    let other = world.send(&hunt_of(1), "r2");
    assert_eq!(requests(&world.heard("a:2")), ["r2"]);
    world.break_off("a:2");
    assert_eq!(requests(&world.heard("a:1")), ["r", "r2"]);
    world.say("a:1", &granted(1, 1));
    world.say("a:1", &granted(2, 1));
    assert!(call.wait().is_ok() && other.wait().is_ok());
}

#[test]
fn answers_come_in_any_order() {
    let mut world = World::open(&["a:1"], &[1]);
    let calls: Vec<_> = (0..3)
        .map(|n| world.send(&hunt_of(0), &format!("r{n}")))
        .collect();
    assert_eq!(requests(&world.heard("a:1")), ["r0", "r1", "r2"]);
    for id in [3, 1, 2] {
        world.say("a:1", &granted(id, 1));
    }
    for (call, id) in calls.into_iter().zip(1..) {
        match call.wait().expect("answered").outcome {
            Outcome::Granted(grant) => assert_eq!(grant.seq, id),
            other => panic!("not a grant: {other:?}"),
        }
    }
}

#[test]
fn an_answer_to_nothing_a_second_one_or_garbage_ends_the_connection_and_loses_nothing() {
    let garbage: &[&dyn Fn(&mut World)] = &[
        &|world| world.say("a:1", &granted(99, 1)),
        &|world| {
            world.say("a:1", &granted(1, 1));
            world.say("a:1", &granted(1, 1));
        },
        &|world| world.say("a:1", &granted(2, 7)),
        &|world| world.say_bytes("a:1", b"HTTP/1.1 400 Bad Request\r\n"),
        &|world| world.say_bytes("a:1", &[5, 0, 0, 0, 130, 0xff, 0xff, 0xff, 0xff]),
        &|world| world.say("a:1", &welcome(&[1])),
    ];
    for spoil in garbage {
        let mut world = World::open(&["a:1"], &[1]);
        let _first = world.send(&hunt_of(0), "r1");
        let second = world.send(&hunt_of(0), "r2");
        world.heard("a:1");
        spoil(&mut world);
        assert!(world.is_closed("a:1"));
        world.pass(ms(60));
        world.say("a:1", &welcome(&[1]));
        let again = requests(&world.heard("a:1"));
        assert_eq!(again.last().map(String::as_str), Some("r2"));
        world.say("a:1", &granted(1, again.len()));
        assert!(second.wait().is_ok());
    }
}

#[test]
fn an_overloaded_engine_is_asked_again_when_it_said_so() {
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "r");
    world.heard("a:1");
    world.say("a:1", &failure(Some(1), ErrorCode::Overloaded, 100));
    world.pass(ms(99));
    assert!(world.heard("a:1").is_empty());
    world.pass(ms(2));
    assert_eq!(requests(&world.heard("a:1")), ["r"]);
    // The same for one command of a frame.
    world.say("a:1", &failed(2, ErrorCode::Overloaded, 50));
    world.pass(ms(51));
    assert_eq!(requests(&world.heard("a:1")), ["r"]);
    world.say("a:1", &granted(3, 1));
    assert!(call.wait().is_ok());
}

#[test]
fn a_shard_that_moved_is_asked_for_and_followed() {
    let mut world = World::open(&["a:1"], &[1, 1]);
    world.pass(ms(300));
    let call = world.send(&hunt_of(1), "r");
    world.heard("a:1");
    world.say("a:1", &failed(1, ErrorCode::NotReady, 200));
    assert!(matches!(world.heard("a:1")[..], [FromClient::AskOwners]));
    let owners = [1, 2].map(|port| world::owner("b", port));
    world.say("a:1", &FromServer::Owners(owners.into()));
    world.pass(ms(201));
    // Known, but not connected: the way that works is taken meanwhile.
    assert_eq!(world.connects(), ["b:2"]);
    assert_eq!(requests(&world.heard("a:1")), ["r"]);
    world.say("b:2", &welcome(&[1, 2]));
    let next = world.send(&hunt_of(1), "next");
    assert_eq!(requests(&world.heard("b:2")), ["next"]);
    world.say("a:1", &granted(2, 1));
    world.say("b:2", &granted(1, 1));
    assert!(call.wait().is_ok() && next.wait().is_ok());
}

#[test]
fn when_time_is_up_it_is_told_whether_the_command_may_have_taken_effect() {
    let timed_out = |call: crate::Call| match call.wait() {
        Err(CallError::TimedOut {
            maybe_done,
            trouble,
        }) => (maybe_done, trouble),
        other => panic!("not a time-out: {other:?}"),
    };
    // Nobody is there.
    let mut world = World::new(&["a:1"]);
    let call = world.send(&hunt_of(0), "r");
    world.break_off("a:1");
    world.pass(ms(30_001));
    let (maybe_done, trouble) = timed_out(call);
    assert!(!maybe_done);
    assert_eq!(trouble.as_deref(), Some("a:1: no welcome came in time"));
    // It was sent, and nothing came back.
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "r");
    world.heard("a:1");
    world.pass(ms(15_000));
    world.say("a:1", &FromServer::Pong);
    world.pass(ms(15_001));
    assert!(timed_out(call).0);
    // The answer that comes too late is nobody's, and no fault.
    world.say("a:1", &granted(1, 1));
    assert!(!world.is_closed("a:1"));
    // The engine said that it did nothing, to the end.
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "r");
    world.heard("a:1");
    world.say("a:1", &failed(1, ErrorCode::Overloaded, 60_000));
    world.pass(ms(30_001));
    assert!(!timed_out(call).0);
    // The engine could not tell.
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "r");
    world.heard("a:1");
    world.say("a:1", &failed(1, ErrorCode::Unavailable, 60_000));
    world.pass(ms(30_001));
    assert!(timed_out(call).0);
}

#[test]
fn who_is_not_welcome_is_told_why_and_an_expired_token_is_replaced() {
    let mut world = World::new(&["a:1"]);
    let call = world.send(&hunt_of(0), "r");
    world.say("a:1", &failure(None, ErrorCode::Forbidden, 0));
    let error = call.wait().expect_err("refused");
    assert!(
        matches!(
            error,
            CallError::Refused {
                code: ErrorCode::Forbidden,
                ..
            }
        ),
        "{error}"
    );
    // Under way it is another matter: the token may have expired.
    let mut world = World::open(&["a:1"], &[1]);
    let call = world.send(&hunt_of(0), "r");
    world.heard("a:1");
    world.say("a:1", &failure(None, ErrorCode::Unauthorized, 0));
    world.pass(ms(60));
    assert_eq!(world.connects(), ["a:1"]);
    world.say("a:1", &welcome(&[1]));
    world.heard("a:1");
    world.say("a:1", &granted(1, 1));
    assert!(call.wait().is_ok());
}

#[test]
fn a_silent_connection_is_asked_for_a_sign_of_life_and_then_given_up() {
    let mut world = World::open(&["a:1"], &[1]);
    world.pass(ms(9_000));
    world.heard("a:1");
    world.pass(ms(1_001));
    assert!(matches!(
        world.heard("a:1")[..],
        [FromClient::AskOwners, FromClient::Ping] | [FromClient::Ping, FromClient::AskOwners]
    ));
    world.say("a:1", &FromServer::Pong);
    world.pass(ms(19_000));
    assert!(!world.is_closed("a:1"));
    world.pass(ms(1_001));
    assert!(world.is_closed("a:1"));
    // One that never says welcome is given up sooner.
    let mut world = World::new(&["a:1"]);
    let _call = world.send(&hunt_of(0), "r");
    world.connects();
    world.pass(ms(5_001));
    assert!(world.is_closed("a:1"));
}

#[test]
fn seeds_are_tried_in_turn() {
    let mut world = World::new(&["a:1", "b:1"]);
    let _call = world.send(&hunt_of(0), "r");
    assert_eq!(world.connects(), ["a:1"]);
    world.break_off("a:1");
    assert_eq!(world.connects(), ["b:1"]);
}

#[test]
fn many_commands_go_in_few_frames_and_never_more_than_there_is_room_for() {
    let mut world = World::new(&["a:1"]);
    let batch = world.send_all((0..20_000).map(|n| claim(&hunt_of(0), &format!("r{n}"))));
    let FromServer::Welcome(mut offer) = welcome(&[1]) else {
        unreachable!("it is one");
    };
    offer.commands_under_way_max = 10_000;
    world.say("a:1", &FromServer::Welcome(offer));
    let sizes = |world: &mut World| -> Vec<usize> {
        let heard = world.heard("a:1");
        heard
            .iter()
            .map(commands)
            .filter(|count| *count > 0)
            .collect()
    };
    assert_eq!(sizes(&mut world), [8_190, 1_810]);
    world.say("a:1", &granted(2, 1_810));
    assert_eq!(sizes(&mut world), [1_810]);
    world.say("a:1", &granted(1, 8_190));
    world.say("a:1", &granted(3, 1_810));
    assert_eq!(sizes(&mut world), [8_190]);
    world.say("a:1", &granted(4, 8_190));
    let answers = batch.wait();
    assert_eq!(answers.len(), 20_000);
    assert!(answers.iter().all(Result::is_ok));
}

#[test]
fn long_texts_are_spread_over_frames() {
    let mut world = World::open(&["a:1"], &[1]);
    let text = "x".repeat(1 << 20);
    let _batch = world.send_all((0..5).map(|n| world::answer(&format!("r{n}"), &text)));
    // The second follows once the first is on its way: so much may wait to be written.
    for expected in [3, 2] {
        let sizes: Vec<usize> = world.heard("a:1").iter().map(commands).collect();
        assert_eq!(sizes, [expected]);
    }
}

#[test]
fn an_engine_that_stops_answers_what_it_has_and_gets_nothing_new() {
    let mut world = World::open(&["a:1", "b:1"], &[1]);
    let call = world.send(&hunt_of(0), "r1");
    world.heard("a:1");
    world.say("a:1", &FromServer::Draining);
    let next = world.send(&hunt_of(0), "r2");
    assert_eq!(world.connects(), ["b:1"]);
    assert!(world.heard("a:1").is_empty());
    world.say("a:1", &granted(1, 1));
    assert!(call.wait().is_ok());
    world.say("b:1", &welcome(&[1]));
    assert_eq!(requests(&world.heard("b:1")), ["r2"]);
    world.say("b:1", &granted(1, 1));
    assert!(next.wait().is_ok());
}

#[test]
fn a_feed_goes_on_where_it_was_and_gives_credit_for_what_was_taken() {
    let mut world = World::open(&["a:1"], &[1]);
    let pages = world.feed(7);
    let subscribed = |heard: &[FromClient]| match heard {
        [FromClient::Subscribe(subscribe)] => {
            (subscribe.id, subscribe.after.events, subscribe.credit)
        }
        other => panic!("not a subscription: {other:?}"),
    };
    assert_eq!(subscribed(&world.heard("a:1")), (1, 0, 1_000));
    world.say("a:1", &event_page(1, 10, 300));
    assert!(world.heard("a:1").is_empty());
    world.taken(7, 300);
    let heard = world.heard("a:1");
    assert!(
        matches!(&heard[..], [FromClient::Credit(credit)] if credit.events == 300),
        "{heard:?}"
    );
    world.say("a:1", &event_page(1, 20, 100));
    world.break_off("a:1");
    world.pass(ms(60));
    world.say("a:1", &welcome(&[1]));
    // 100 events wait to be taken: so many fewer are asked for.
    let heard = world.heard("a:1");
    assert_eq!(subscribed(&heard[1..]), (1, 20, 900));
    // "Not ready" is asked again, and nothing of the end is told.
    world.say("a:1", &failure(Some(1), ErrorCode::NotReady, 0));
    world.pass(ms(101));
    assert_eq!(subscribed(&world.heard("a:1")), (2, 20, 900));
    // More than was asked for is a fault.
    world.say("a:1", &event_page(2, 30, 901));
    assert!(world.is_closed("a:1"));
    drop(world);
    assert_eq!(std::sync::Arc::strong_count(&pages), 1);
}

#[test]
fn nothing_is_asked_of_a_link_that_no_shard_needs() {
    let mut world = World::open(&["a:1"], &[1, 2]);
    let call = world.send(&hunt_of(1), "r");
    world.say("a:2", &welcome(&[1, 2]));
    world.say("a:1", &granted(1, 1));
    assert!(call.wait().is_ok());
    let owners = [1, 1].map(|port| world::owner("", port));
    world.say("a:1", &FromServer::Owners(owners.into()));
    assert!(world.is_closed("a:2"));
    world.connects();
    world.pass(Duration::from_secs(1));
    assert!(world.connects().is_empty());
}
