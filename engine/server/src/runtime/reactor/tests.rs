//! Sockets on a core, against raw ones on a thread.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::runtime::{client_executor, tasks, timers};

/// Runs `test` on a core with the address of a listener, whose first connection `peer` gets on a thread.
fn check<T>(
    peer: impl FnOnce(TcpStream) + Send + 'static,
    test: impl AsyncFnOnce(Socket) -> T,
) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let thread = std::thread::spawn(move || peer(listener.accept().expect("it connects").0));
    let outcome = client_executor()
        .expect("an executor")
        .run(async { test(Socket::connect(address).await.expect("it listens")).await });
    thread.join().expect("the peer ends well");
    outcome
}

#[test]
fn what_is_sent_comes_back() {
    let echo = |mut peer: TcpStream| {
        let mut bytes = [0; 5];
        peer.read_exact(&mut bytes).expect("five bytes");
        peer.write_all(&bytes).expect("a reader");
    };
    let read = check(echo, async |mut socket| {
        socket.write_all(b"hello").await.expect("a reader");
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.expect("an end");
        bytes
    });
    assert_eq!(read, b"hello");
}

#[test]
fn more_than_the_kernel_holds_waits_for_room() {
    const BYTES: usize = 16 << 20;
    let slow = |mut peer: TcpStream| {
        std::thread::sleep(Duration::from_millis(50));
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).expect("an end");
        assert_eq!(bytes.len(), BYTES);
    };
    check(slow, async |mut socket| {
        socket
            .write_all(&vec![7; BYTES])
            .await
            .expect("a slow reader");
        socket.close().await.expect("an end");
    });
}

#[test]
fn an_end_right_behind_the_last_bytes_is_seen() {
    let short = |mut peer: TcpStream| {
        peer.write_all(b"bye").expect("a reader");
        peer.shutdown(Shutdown::Write).expect("open");
        peer.read_to_end(&mut Vec::new()).expect("an end");
    };
    let read = check(short, async |mut socket| {
        // Bytes and end are both there before the first read.
        timers::sleep(Duration::from_millis(30)).await;
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.expect("an end");
        bytes
    });
    assert_eq!(read, b"bye");
}

#[test]
fn a_sleeping_reader_is_woken_by_bytes_and_by_the_end() {
    let late = |mut peer: TcpStream| {
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(20));
            peer.write_all(b"x").expect("a reader");
        }
    };
    let read = check(late, async |mut socket| {
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.expect("an end");
        bytes
    });
    assert_eq!(read, b"xxx");
}

#[test]
fn nobody_listening_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let connected = client_executor()
        .expect("an executor")
        .run(Socket::connect(address));
    assert_eq!(
        connected.err().map(|error| error.kind()),
        Some(io::ErrorKind::ConnectionRefused)
    );
}

#[test]
fn a_place_is_used_again_and_its_old_events_are_not_taken_for_new() {
    client_executor().expect("an executor").run(async {
        let reactor = Reactor::current().expect("epoll");
        let (first, _peer) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let (second, _other) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let earlier = reactor.register(&first).expect("open");
        let (place, generation) = (earlier.place, earlier.readiness.generation());
        drop(earlier);
        let later = reactor.register(&second).expect("open");
        assert_eq!(later.place, place);
        assert_ne!(later.readiness.generation(), generation);
        later.readiness.read.clear();
        reactor.happened(&epoll::Event {
            flags: epoll::EventFlags::IN,
            data: epoll::EventData::new_u64(pack(place, generation)),
        });
        let noop = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(later.readiness.read.poll_ready(&noop).is_pending());
        reactor.happened(&epoll::Event {
            flags: epoll::EventFlags::IN,
            data: epoll::EventData::new_u64(pack(place, later.readiness.generation())),
        });
        assert!(later.readiness.read.poll_ready(&noop).is_ready());
    });
}

#[test]
fn tasks_that_wake_each_other_keep_sockets_alive() {
    let late = |mut peer: TcpStream| {
        std::thread::sleep(Duration::from_millis(20));
        peer.write_all(b"x").expect("a reader");
    };
    check(late, async |mut socket| {
        // Ready for ever: the core never sleeps, and looks at its sockets all the same.
        let busy = tasks::spawn(async {
            loop {
                glommio::executor().yield_now().await;
            }
        });
        let mut byte = [0];
        socket.read_exact(&mut byte).await.expect("a byte");
        busy.cancel().await;
    });
}

#[test]
fn places_and_generations_are_packed_without_loss() {
    for (place, generation) in [(0, 0), (7, 1), (u32::MAX as usize, 3), (1, u32::MAX - 1)] {
        assert_eq!(unpack(pack(place, generation)), (place, generation));
    }
}
