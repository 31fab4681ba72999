//! A relay in front of a node's port: it can be cut, and it can be made to swallow what it is given.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Bytes passed on at once.
const PIECE_BYTES: usize = 16 << 10;
/// How often a clogged relay looks whether it is free.
const POLL: Duration = Duration::from_millis(5);

/// The way to one node's port. It lives as long as the process.
#[derive(Clone)]
pub(crate) struct Way(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    is_cut: AtomicBool,
    is_clogged: AtomicBool,
    taken: AtomicU64,
    open: Mutex<Vec<TcpStream>>,
}

impl Way {
    /// A way to `target`, open.
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self(Arc::new(Inner {
            address: listener.local_addr().unwrap(),
            is_cut: AtomicBool::new(false),
            is_clogged: AtomicBool::new(false),
            taken: AtomicU64::new(0),
            open: Mutex::default(),
        }));
        let relay = way.clone();
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                relay.take(caller, target);
            }
        });
        way
    }

    /// What a node behind it has to advertise.
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Breaks all connections, and lets none through until it is mended.
    pub(crate) fn cut(&self) {
        self.0.is_cut.store(true, SeqCst);
        for stream in self.0.open.lock().unwrap().drain(..) {
            // One that is closed already needs no cutting.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections through again.
    pub(crate) fn mend(&self) {
        self.0.is_cut.store(false, SeqCst);
    }

    /// Passes nothing on, and breaks nothing: what is sent waits.
    pub(crate) fn clog(&self, clogged: bool) {
        self.0.is_clogged.store(clogged, SeqCst);
    }

    /// Connections taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.0.taken.load(SeqCst)
    }

    fn take(&self, caller: TcpStream, target: SocketAddr) {
        if self.0.is_cut.load(SeqCst) {
            return;
        }
        // Nobody listens there right now: the caller is hung up on, as the system would.
        let Ok(called) = TcpStream::connect(target) else {
            return;
        };
        self.0.taken.fetch_add(1, SeqCst);
        let ends = || (caller.try_clone().unwrap(), called.try_clone().unwrap());
        let (one, other) = ends();
        self.0.open.lock().unwrap().extend([one, other]);
        for (from, to) in [ends(), {
            let (a, b) = ends();
            (b, a)
        }] {
            let way = self.clone();
            thread::spawn(move || way.pass(from, to));
        }
    }

    /// Passes bytes on until one side is gone.
    fn pass(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut piece = [0; PIECE_BYTES];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            while self.0.is_clogged.load(SeqCst) && !self.0.is_cut.load(SeqCst) {
                thread::sleep(POLL);
            }
            if self.0.is_cut.load(SeqCst) || to.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        // Either may be gone already.
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }
}
