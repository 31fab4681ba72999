//! The client over real sockets, against an engine that misbehaves as the test tells it to.
#![allow(
    clippy::disallowed_methods,
    reason = "tests of real sockets need real threads"
)]

mod fake;

use std::thread::spawn;
use std::time::Duration;

use client::{CallError, Client, ErrorCode, Outcome, Settings};
use futures::StreamExt;
use futures::executor::block_on;
use wire::FromServer;

use fake::{Engine, claim, events, failure, granted, subscription};

fn client(engine: &Engine) -> Client {
    let settings = Settings {
        backoff_min: Duration::from_millis(1),
        ..Settings::default()
    };
    Client::start(&[&engine.address()], "token", settings).expect("it starts")
}

#[test]
fn blocking_and_awaiting_give_the_same_answers() {
    let engine = Engine::new();
    let client = client(&engine);
    let waited = client.send(claim("r1")).expect("there is room");
    let awaited = client.send(claim("r2")).expect("there is room");
    let mut connection = engine.welcome();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let (id, requests) = connection.commands();
        connection.say(&granted(id, requests.len()));
        seen.extend(requests);
    }
    assert_eq!(seen, ["r1", "r2"]);
    let is_granted = |outcome| matches!(outcome, Outcome::Granted(_));
    assert!(is_granted(waited.wait().expect("answered").outcome));
    assert!(is_granted(block_on(awaited).expect("answered").outcome));
    let counters = client.counters();
    assert_eq!(counters.connections_opened, 1);
    assert_eq!(counters.commands_answered, 2);
}

#[test]
fn a_connection_cut_in_the_middle_of_a_frame_loses_and_doubles_nothing() {
    let engine = Engine::new();
    let client = client(&engine);
    let batch = client
        .send_all((0..100).map(|n| claim(&format!("r{n}"))).collect())
        .expect("there is room");
    let mut connection = engine.welcome();
    let (id, requests) = connection.commands();
    assert_eq!(requests.len(), 100);
    let mut bytes = Vec::new();
    granted(id, 100).append(&mut bytes).expect("it fits");
    connection.send(&bytes[..bytes.len() / 2]);
    connection.cut();
    let mut connection = engine.welcome();
    let (id, again) = connection.commands();
    assert_eq!(again, requests, "the same request ids");
    connection.say(&granted(id, 100));
    assert!(batch.wait().iter().all(Result::is_ok));
    assert_eq!(client.counters().commands_retried, 100);
}

#[test]
fn bytes_that_dribble_in_are_put_together() {
    let engine = Engine::new();
    let client = client(&engine);
    let call = client.send(claim("r")).expect("there is room");
    let mut connection = engine.accept();
    connection.hello();
    let mut bytes = Vec::new();
    fake::welcome().append(&mut bytes).expect("it fits");
    for byte in bytes {
        connection.send(&[byte]);
    }
    let (id, _) = connection.commands();
    let mut bytes = Vec::new();
    granted(id, 1).append(&mut bytes).expect("it fits");
    for byte in bytes {
        connection.send(&[byte]);
    }
    assert!(call.wait().is_ok());
}

#[test]
fn garbage_unknown_ids_and_doubled_answers_end_the_connection_and_the_work_goes_on() {
    let engine = Engine::new();
    let client = client(&engine);
    let call = client.send(claim("r")).expect("there is room");
    for spoil in 0..4 {
        let mut connection = engine.welcome();
        let (id, requests) = connection.commands();
        assert_eq!(requests, ["r"]);
        match spoil {
            0 => connection.send(b"\0\0\0\0 no frame"),
            1 => connection.say(&granted(id + 7, 1)),
            2 => connection.say(&granted(id, 2)),
            _ => connection.say(&fake::welcome()),
        }
        connection.expect_end();
    }
    let mut connection = engine.welcome();
    let (id, _) = connection.commands();
    connection.say(&granted(id, 1));
    assert!(call.wait().is_ok());
    connection.say(&granted(id, 1));
    connection.expect_end();
}

#[test]
fn overloaded_and_reordered() {
    let engine = Engine::new();
    let settings = Settings {
        commands_per_frame_max: 1,
        ..Settings::default()
    };
    let client = Client::start(&[&engine.address()], "token", settings).expect("it starts");
    let batch = client
        .send_all(vec![claim("r0"), claim("r1"), claim("r2")])
        .expect("there is room");
    let mut connection = engine.welcome();
    let frames: Vec<_> = (0..3).map(|_| connection.commands()).collect();
    connection.say(&failure(Some(frames[1].0), ErrorCode::Overloaded, 1));
    connection.say(&granted(frames[2].0, 1));
    connection.say(&granted(frames[0].0, 1));
    let (id, requests) = connection.commands();
    assert_eq!(requests, ["r1"]);
    connection.say(&granted(id, 1));
    assert!(batch.wait().iter().all(Result::is_ok));
}

#[test]
fn a_feed_is_a_stream_that_survives_its_connection() {
    let engine = Engine::new();
    let client = client(&engine);
    let mut feed = client.feed(client::Position::default());
    drop(client);
    let mut connection = engine.welcome();
    let (id, after) = subscription(&connection.hear());
    assert_eq!(after, 0);
    connection.say(&events(id, 2));
    assert_eq!(
        block_on(feed.next())
            .expect("on")
            .expect("a page")
            .position
            .events,
        2
    );
    connection.cut();
    let mut connection = engine.welcome();
    let (id, after) = subscription(&connection.hear());
    assert_eq!(after, 2);
    connection.say(&events(id, 5));
    let page = feed
        .wait(Duration::from_secs(30))
        .expect("on")
        .expect("a page");
    assert_eq!(page.position.events, 5);
    assert_eq!(feed.wait(Duration::ZERO), Ok(None));
    connection.say(&failure(Some(id), ErrorCode::Malformed, 0));
    let end = block_on(feed.next()).expect("the end is told");
    assert!(end.expect_err("over").to_string().contains("Malformed"));
    assert!(block_on(feed.next()).is_none());
}

#[test]
fn who_is_refused_is_told_and_may_come_back_with_another_token() {
    let engine = Engine::new();
    let tokens = std::sync::Mutex::new(vec!["good", "bad"]);
    let token = client::Token::from_fn(move || {
        let next = tokens.lock().expect("whole").pop();
        next.unwrap_or("none").to_owned()
    });
    let settings = Settings {
        backoff_min: Duration::from_millis(1),
        ..Settings::default()
    };
    let client = Client::start(&[&engine.address()], token, settings).expect("it starts");
    let call = client.send(claim("r")).expect("there is room");
    let mut connection = engine.accept();
    assert_eq!(connection.hello(), "bad");
    connection.say(&failure(None, ErrorCode::Unauthorized, 0));
    let error = call.wait().expect_err("refused");
    assert!(
        matches!(
            error,
            CallError::Refused {
                code: ErrorCode::Unauthorized,
                ..
            }
        ),
        "{error}"
    );
    let call = client.send(claim("r")).expect("there is room");
    let mut connection = engine.accept();
    assert_eq!(connection.hello(), "good");
    connection.say(&fake::welcome());
    let (id, _) = connection.commands();
    connection.say(&granted(id, 1));
    assert!(call.wait().is_ok());
}

#[test]
fn limits_hold_and_what_can_not_be_sent_is_told_at_once() {
    let engine = Engine::new();
    let settings = Settings {
        commands_max: 2,
        ..Settings::default()
    };
    let client = Client::start(&[&engine.address()], "token", settings).expect("it starts");
    let first = client.send(claim("r0")).expect("there is room");
    let busy = client
        .send_all(vec![claim("r1"), claim("r2")])
        .expect_err("one place is left");
    assert_eq!((busy.commands.len(), busy.max), (2, 2));
    let operator = client::Command {
        action: client::Action::Open,
        ..claim("r3")
    };
    let error = client.send(operator).expect("there is room").wait();
    assert!(matches!(error, Err(CallError::Unsendable(_))), "{error:?}");
    // Its place is free again.
    let second = client.send(claim("r4")).expect("there is room");
    drop(client);
    assert_eq!(first.wait(), Err(CallError::Closed));
    assert_eq!(second.wait(), Err(CallError::Closed));
}

#[test]
fn a_dead_address_is_given_up_for_the_next_and_nobody_there_is_told_in_time() {
    let engine = Engine::new();
    // Nobody listens on the first port of a machine.
    let dead = "127.0.0.1:1".to_owned();
    let settings = || Settings {
        timeout: Duration::from_secs(30),
        backoff_min: Duration::from_millis(1),
        ..Settings::default()
    };
    let addresses = [dead.as_str(), &engine.address()];
    let client = Client::start(&addresses, "token", settings()).expect("it starts");
    let call = client.send(claim("r")).expect("there is room");
    let mut connection = engine.welcome();
    let (id, _) = connection.commands();
    connection.say(&granted(id, 1));
    assert!(call.wait().is_ok());
    let settings = Settings {
        timeout: Duration::from_millis(50),
        ..settings()
    };
    let client = Client::start(&[&dead], "token", settings).expect("it starts");
    let error = client.send(claim("r")).expect("there is room").wait();
    match error {
        Err(CallError::TimedOut {
            maybe_done: false,
            trouble: Some(trouble),
        }) => assert!(trouble.starts_with(&dead), "{trouble}"),
        other => panic!("not a time-out that says why: {other:?}"),
    }
}

#[test]
fn many_threads_share_a_client() {
    const THREADS: usize = 8;
    const CALLS: usize = 200;
    let engine = Engine::new();
    let client = client(&engine);
    let callers: Vec<_> = (0..THREADS)
        .map(|thread| {
            let client = client.clone();
            spawn(move || {
                for call in 0..CALLS {
                    let sent = client.send(claim(&format!("r{thread}-{call}")));
                    sent.expect("there is room").wait().expect("answered");
                }
            })
        })
        .collect();
    let mut connection = engine.welcome();
    let mut served = 0;
    while served < THREADS * CALLS {
        let (id, requests) = connection.commands();
        served += requests.len();
        connection.say(&granted(id, requests.len()));
    }
    callers
        .into_iter()
        .for_each(|caller| caller.join().expect("it was served"));
    connection.say(&FromServer::Draining);
}
