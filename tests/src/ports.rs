//! Ports for the engines of tests.
//!
//! A port that the system calls free may be another's a moment later: of an engine that another test starts, or of a
//! connection that goes out. So these come from below the range that Linux gives away by itself (from 32768 on, unless it
//! is told otherwise), and each is handed out once in this process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The first port that is handed out.
const FIRST: u32 = 10_000;

/// How many there are.
const COUNT: u32 = 20_000;

/// How far apart two processes begin.
const PER_PROCESS: u32 = 101;

static HANDED_OUT: AtomicU32 = AtomicU32::new(0);

/// An address that nobody listens on, and that no other test of this process gets.
///
/// # Panics
///
/// If there is none.
pub fn free_address() -> SocketAddr {
    free_ports(1)
}

/// An address with `count` such ports from it on.
///
/// # Panics
///
/// If there are none.
pub fn free_ports(count: u16) -> SocketAddr {
    let start = std::process::id().wrapping_mul(PER_PROCESS);
    let count = u32::from(count);
    for _ in 0..COUNT {
        let offset = start.wrapping_add(HANDED_OUT.fetch_add(count, Relaxed)) % COUNT;
        let ports = FIRST + offset..FIRST + offset + count;
        if ports.end <= FIRST + COUNT && ports.clone().all(is_free) {
            return address(ports.start);
        }
    }
    panic!("no {count} free ports in a row from {FIRST} on");
}

fn address(port: u32) -> SocketAddr {
    let port = u16::try_from(port).expect("the range ends below 65536");
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn is_free(port: u32) -> bool {
    TcpListener::bind(address(port)).is_ok()
}
