//! What clients meet, over real sockets: a raw one on a thread, an echo behind the listener.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::channel::oneshot;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::{Request, Response, StatusCode};

use super::*;
use crate::runtime::{run_bridged, tasks, timers};

#[derive(Clone)]
struct Echo;

impl Handler for Echo {
    type Body = UnsyncBoxBody<Bytes, Infallible>;

    async fn handle(&self, request: Request<Incoming>) -> Response<Self::Body> {
        let path = request.uri().path().to_owned();
        assert_ne!(path, "/panic", "a handler's defect");
        if path == "/endless" {
            return Response::new(Endless.boxed_unsync());
        }
        if path == "/refuse" {
            let mut refusal = Response::new(Full::from("no").boxed_unsync());
            *refusal.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return refusal;
        }
        let body = request
            .into_body()
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        if path == "/slow" {
            timers::sleep(Duration::from_millis(100)).await;
        }
        Response::new(Full::new(body).boxed_unsync())
    }
}

/// A body that says nothing and does not end.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Serves while `client` runs on a thread of its own; returns what the client returns.
fn check<T: Send + 'static>(
    settings: ConnectionSettings,
    client: impl FnOnce(SocketAddr) -> T + Send + 'static,
) -> T {
    let core = crate::runtime::usable_cores().expect("cores")[0];
    run_bridged(core, async |bridge| {
        let (address, mut listeners) =
            bind_each_core(([127, 0, 0, 1], 0).into(), 1).expect("a free port");
        let registry = Registry::new(settings);
        let sweeping = registry.clone();
        let sweeper = tasks::spawn(async move { sweeping.sweep().await });
        let acceptor = Acceptor::new(listeners.pop().expect("a listener"), registry, Echo)
            .expect("a core to listen on");
        let accepting = tasks::spawn(async move { acceptor.run().await });
        let (sender, receiver) = oneshot::channel();
        let thread = std::thread::spawn(move || sender.send(client(address)).is_ok());
        let outcome = bridge.carry(receiver).await.expect("the client ends well");
        thread.join().expect("the client ends");
        accepting.cancel().await;
        sweeper.cancel().await;
        outcome
    })
    .expect("an executor")
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("it listens");
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time-out");
    socket
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads until all of `bodies` came, in order; returns everything.
fn read_bodies(socket: &mut TcpStream, bodies: &[&str]) -> String {
    let mut text = String::new();
    let mut from = 0;
    for body in bodies {
        let end = format!("\r\n\r\n{body}");
        loop {
            if let Some(at) = text[from..].find(&end) {
                from += at + end.len();
                break;
            }
            let mut buffer = [0; 64 << 10];
            let count = socket.read(&mut buffer).expect("an answer");
            assert_ne!(count, 0, "closed after {text:?}");
            text.push_str(std::str::from_utf8(&buffer[..count]).expect("text"));
        }
    }
    text
}

fn read_to_end(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset after the answer is an end too.
    let _ = socket.read_to_end(&mut text);
    String::from_utf8(text).expect("text")
}

#[test]
fn a_connection_is_kept_alive() {
    check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        for body in ["one", "two", "three"] {
            socket.write_all(post("/", body).as_bytes()).expect("sent");
            read_bodies(&mut socket, &[body]);
        }
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let text = check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        let requests = [
            post("/slow", "first"),
            post("/", "second"),
            post("/", "third"),
        ]
        .concat();
        socket.write_all(requests.as_bytes()).expect("sent");
        read_bodies(&mut socket, &["first", "second", "third"])
    });
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
}

#[test]
fn a_request_in_single_bytes_is_a_request() {
    check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        socket.set_nodelay(true).expect("nodelay");
        for byte in post("/", "slowly").as_bytes() {
            socket.write_all(&[*byte]).expect("sent");
        }
        read_bodies(&mut socket, &["slowly"]);
    });
}

#[test]
fn a_large_body_goes_both_ways() {
    check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        let body = "x".repeat(600 << 10);
        let mut writer = socket.try_clone().expect("a second end");
        let request = post("/", &body);
        let writing =
            std::thread::spawn(move || writer.write_all(request.as_bytes()).expect("sent"));
        read_bodies(&mut socket, &[&body]);
        writing.join().expect("all was sent");
    });
}

#[test]
fn a_client_that_has_sent_all_still_gets_its_answer() {
    let text = check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        let requests = [post("/slow", "first"), post("/slow", "second")].concat();
        socket.write_all(requests.as_bytes()).expect("sent");
        socket.shutdown(Shutdown::Write).expect("half closed");
        read_to_end(&mut socket)
    });
    assert!(
        text.contains("\r\n\r\nfirst") && text.ends_with("\r\n\r\nsecond"),
        "{text}"
    );
}

#[test]
fn an_endless_answer_ends_when_the_client_leaves() {
    let (answer, took) = check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        socket
            .write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
            .expect("sent");
        let mut first = [0; 12];
        socket.read_exact(&mut first).expect("the answer begins");
        socket.shutdown(Shutdown::Write).expect("half closed");
        let left = Instant::now();
        read_to_end(&mut socket);
        (String::from_utf8_lossy(&first).into_owned(), left.elapsed())
    });
    assert_eq!(answer, "HTTP/1.1 200");
    assert!(took < Duration::from_secs(5), "cut off after {took:?}");
}

/// A client that first sends all and then reads must not find its connection reset before the answer.
#[test]
fn a_refusal_reaches_a_client_that_still_sends() {
    let answer = check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        let body = "x".repeat(6 << 20);
        socket
            .write_all(post("/refuse", &body).as_bytes())
            .expect("all of it is taken");
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).expect("the answer is there");
        String::from_utf8_lossy(&answer).into_owned()
    });
    assert_eq!(answer, "HTTP/1.1 413");
}

#[test]
fn one_connection_too_many_is_told_so() {
    let refused = check(
        ConnectionSettings {
            connections_max: 1,
            ..ConnectionSettings::default()
        },
        |address| {
            let mut first = connect(address);
            first.write_all(post("/", "in").as_bytes()).expect("sent");
            read_bodies(&mut first, &["in"]);
            let refused = read_to_end(&mut connect(address));
            first
                .write_all(post("/", "still in").as_bytes())
                .expect("sent");
            read_bodies(&mut first, &["still in"]);
            refused
        },
    );
    assert!(
        refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1\r\n"),
        "{refused}"
    );
}

#[test]
fn a_head_that_dribbles_in_is_answered_408() {
    let settings = ConnectionSettings {
        head_timeout: Duration::from_millis(300),
        ..ConnectionSettings::default()
    };
    let answer = check(settings, |address| {
        let mut socket = connect(address);
        socket
            .write_all(b"GET / HTTP/1.1\r\nx-slow: ")
            .expect("sent");
        let mut dribbling = socket.try_clone().expect("a second end");
        let thread = std::thread::spawn(move || {
            while dribbling.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let answer = read_to_end(&mut socket);
        drop(socket);
        thread.join().expect("the dribbler ends");
        answer
    });
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn an_idle_connection_is_closed() {
    let settings = ConnectionSettings {
        idle_timeout: Duration::from_millis(300),
        ..ConnectionSettings::default()
    };
    let ends = check(settings, |address| {
        let mut silent = connect(address);
        let mut used = connect(address);
        used.write_all(post("/", "once").as_bytes()).expect("sent");
        read_bodies(&mut used, &["once"]);
        (read_to_end(&mut silent), read_to_end(&mut used))
    });
    assert_eq!(ends, (String::new(), String::new()));
}

#[test]
fn a_head_past_its_limit_is_refused() {
    let answer = check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        let head = format!("GET / HTTP/1.1\r\nx-long: {}\r\n\r\n", "x".repeat(17 << 10));
        // The server may close before all of it is sent.
        let _ = socket.write_all(head.as_bytes());
        read_to_end(&mut socket)
    });
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

/// What follows a request must not hold its answer back: half a head, or the empty line that some old clients send.
#[test]
fn an_answer_does_not_wait_for_the_next_request() {
    for tail in ["G", "\r\n"] {
        let answer = check(ConnectionSettings::default(), move |address| {
            let mut socket = connect(address);
            let requests = format!("GET / HTTP/1.1\r\nhost: x\r\n\r\n{tail}");
            socket.write_all(requests.as_bytes()).expect("it is taken");
            let mut answer = [0; 12];
            socket.read_exact(&mut answer).expect("the answer comes");
            String::from_utf8_lossy(&answer).into_owned()
        });
        assert_eq!(answer, "HTTP/1.1 200", "before {tail:?}");
    }
}

#[test]
fn a_panic_ends_one_connection_and_no_more() {
    check(ConnectionSettings::default(), |address| {
        let mut other = connect(address);
        let mut unlucky = connect(address);
        unlucky
            .write_all(post("/panic", "").as_bytes())
            .expect("sent");
        assert_eq!(read_to_end(&mut unlucky), "");
        other.write_all(post("/", "fine").as_bytes()).expect("sent");
        read_bodies(&mut other, &["fine"]);
    });
}

#[test]
fn http2_is_told_by_its_preface() {
    check(ConnectionSettings::default(), |address| {
        let mut socket = connect(address);
        // The preface and an empty SETTINGS frame; the server answers with its own SETTINGS.
        socket
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
            .expect("sent");
        let mut frame = [0; 9];
        socket.read_exact(&mut frame).expect("a frame");
        assert_eq!(frame[3], 4, "the first frame is SETTINGS: {frame:?}");
    });
}
