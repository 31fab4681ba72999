//! Bytes that are no requests, and requests that never end: connections are answered or cut, others are served on.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tests::{Client, Engine, Request, Role, Scratch, hunts, program, token};

/// Heads and bodies must arrive within this.
const LIMIT_MS: &str = "1000";

/// A slow connection must be gone after this: the limit, and much for a busy machine.
const GONE: Duration = Duration::from_secs(20);

/// Bytes of a body that nobody takes.
const HUGE_BYTES: usize = 100_000_000;

/// What the engine may hold of it.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

const CLAIM: &str = "/v1/hunts/wire/treasures/pebble/claim";

fn start(scratch: &Scratch) -> Engine {
    let settings = [
        ("head_timeout_ms", LIMIT_MS),
        ("body_timeout_ms", LIMIT_MS),
        ("idle_timeout_ms", "3000"),
    ];
    let engine = Engine::start(&scratch.join("store"), &settings);
    hunts::put_open(&mut engine.client(), &hunts::coins("wire", 5));
    engine
}

fn serves_on(mut engine: Engine, scratch: &Scratch) {
    let request = Request::post(CLAIM).token(&token(Role::Player, "honest"));
    let answer = engine.client().ask(&request).unwrap();
    assert_eq!(answer.outcome(), "granted", "{}", answer.text());
    assert!(engine.is_alive());
    assert!(!engine.log().contains("panicked"), "{}", engine.log());
    assert_eq!(engine.stop().code(), Some(0));
    program::verify_clean(&scratch.join("store"));
}

#[test]
fn huge_bodies() {
    let scratch = Scratch::new("huge");
    let engine = start(&scratch);
    let before = engine.rss_bytes();
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: engine\r\nauthorization: Bearer {}\r\n",
        token(Role::Service, "game")
    );
    let piece = [b' '; 1 << 16];
    let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
    let ways = [
        (
            format!("{head}content-length: {HUGE_BYTES}\r\n\r\n"),
            &piece[..],
        ),
        (
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            &chunk[..],
        ),
    ];
    for (head, piece) in ways {
        let mut client = engine.client();
        client.send(head.as_bytes()).unwrap();
        let mut sent = 0;
        // It may stop reading once it has answered; then the rest can't be sent.
        let mut stream_ends = false;
        while sent < HUGE_BYTES && !stream_ends {
            stream_ends = client.send_more(piece).is_err();
            sent += piece.len();
        }
        if let Ok(answer) = client.receive() {
            assert_eq!(answer.status, 413, "{}", answer.text());
        } else {
            assert!(stream_ends, "neither an answer nor an end");
        }
    }
    let after = engine.rss_bytes();
    assert!(
        after < before + GROWTH_BYTES_MAX,
        "{before} bytes were resident, {after} are"
    );
    let polite = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: engine\r\nauthorization: Bearer {}\r\n\
        content-length: {HUGE_BYTES}\r\nexpect: 100-continue\r\n\r\n",
        token(Role::Service, "game")
    );
    let mut client = engine.client();
    client.send(polite.as_bytes()).unwrap();
    assert_eq!(
        client.receive().unwrap().status,
        413,
        "it is refused before it is sent"
    );
    serves_on(engine, &scratch);
}

#[test]
fn slow_clients_are_cut() {
    let scratch = Scratch::new("slow");
    let engine = start(&scratch);
    let head = format!(
        "POST {CLAIM} HTTP/1.1\r\nhost: engine\r\nauthorization: Bearer {}\r\n",
        token(Role::Player, "slow")
    );
    // A header now and then, for ever.
    let mut slow = TcpStream::connect(engine.address()).unwrap();
    slow.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    while slow.write_all(b"x-more: y\r\n").is_ok() {
        assert!(
            started.elapsed() < GONE,
            "a header now and then is waited for, for ever"
        );
        sleep(Duration::from_millis(250));
    }
    // A byte of the body now and then.
    let mut client = engine.client();
    client
        .send(format!("{head}content-length: 1000\r\n\r\n").as_bytes())
        .unwrap();
    let started = Instant::now();
    while client.send_more(b" ").is_ok() && client.poll().is_none() {
        assert!(
            started.elapsed() < GONE,
            "a byte now and then is waited for, for ever"
        );
        sleep(Duration::from_millis(250));
    }
    // Nothing at all.
    let mut idle = engine.client().patience(GONE);
    idle.send(b"").unwrap();
    let rest = idle.rest().expect("an idle connection is closed");
    assert!(
        rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"),
        "{rest:?}"
    );
    serves_on(engine, &scratch);
}

#[test]
fn what_is_no_http() {
    let scratch = Scratch::new("no-http");
    let engine = start(&scratch);
    let many_headers = format!(
        "GET /healthz HTTP/1.1\r\nhost: e\r\n{}\r\n",
        "x: y\r\n".repeat(500)
    );
    let long_header = format!(
        "GET /healthz HTTP/1.1\r\nhost: e\r\nx: {}\r\n\r\n",
        "y".repeat(100_000)
    );
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: e\r\n\r\n", "a".repeat(100_000));
    let cases: &[(&str, &[u8])] = &[
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("zeros", &[0; 4_096]),
        ("a bare line", b"hello\r\n\r\n"),
        ("an old version", b"GET /healthz HTTP/0.9\r\n\r\n"),
        ("no version", b"GET /healthz\r\n\r\n"),
        ("a bad header", b"GET /healthz HTTP/1.1\r\nhost engine\r\n\r\n"),
        ("two lengths", b"POST /v1/batch HTTP/1.1\r\nhost: e\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx"),
        ("a negative length", b"POST /v1/batch HTTP/1.1\r\nhost: e\r\ncontent-length: -1\r\n\r\n"),
        ("a bad chunk", b"POST /v1/batch HTTP/1.1\r\nhost: e\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        ("many headers", many_headers.as_bytes()),
        ("a long header", long_header.as_bytes()),
        ("a long path", long_path.as_bytes()),
        ("HTTP/2 without sense", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("a null in a header", b"GET /healthz HTTP/1.1\r\nhost: e\r\nx: \x00\r\n\r\n"),
    ];
    for (what, bytes) in cases {
        let mut client = engine.client().patience(GONE);
        // It may be cut while it is still being sent.
        let sent = client.send(bytes).and_then(|()| client.finish_sending());
        let rest = client.rest().unwrap_or_default();
        let rest = String::from_utf8_lossy(&rest);
        let refused = rest.starts_with("HTTP/1.1 4")
            || rest.starts_with("HTTP/1.1 505")
            || !rest.starts_with("HTTP/1.1");
        assert!(refused, "{what} was served ({sent:?}): {rest}");
        assert_eq!(
            engine
                .client()
                .ask(&Request::get("/healthz"))
                .unwrap()
                .status,
            200,
            "after {what}"
        );
    }
    serves_on(engine, &scratch);
}

#[test]
fn pipelines_and_half_closed_sockets() {
    let scratch = Scratch::new("pipeline");
    let engine = start(&scratch);
    let request = |player: usize| {
        let token = token(Role::Player, &format!("p-{player}"));
        Request::post(CLAIM).token(&token).key("once").bytes()
    };
    let mut client = engine.client();
    client
        .send(&(0..100).flat_map(request).collect::<Vec<u8>>())
        .unwrap();
    let mut seqs = Vec::new();
    for _ in 0..100 {
        let answer = client.receive().unwrap();
        assert_eq!(answer.outcome(), "granted", "{}", answer.text());
        seqs.push(answer.json()["grant"]["seq"].as_u64().unwrap());
    }
    assert!(
        seqs.is_sorted(),
        "answers come in the order of their requests: {seqs:?}"
    );

    let mut client = engine.client();
    client.send(&request(1_000)).unwrap();
    client.finish_sending().unwrap();
    // Who stops sending may be taken for gone; what became of the request is told to who asks again.
    let answer = client
        .receive()
        .or_else(|_| client.ask_bytes(&request(1_000)));
    assert_eq!(answer.unwrap().outcome(), "granted");

    for at in 0..request(2_000).len() {
        let stream = TcpStream::connect(engine.address()).unwrap();
        (&stream).write_all(&request(2_000)[..at]).unwrap();
        if at % 2 == 0 {
            stream.shutdown(Shutdown::Write).unwrap();
        }
    }
    let mut client: Client = engine.client();
    client.send(&request(2_000)).unwrap();
    let answer = client.receive().unwrap();
    assert!(
        !answer.is_replay(),
        "no part of a request is a request: {}",
        answer.text()
    );
    serves_on(engine, &scratch);
}
