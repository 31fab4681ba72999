//! The client's thread: sockets and the clock, for a router that knows neither.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::inbox::{Inbox, Submission};
use crate::router::{LinkId, Order, Router};
use crate::{Endpoint, Settings};

/// Bytes read at once.
const READ_BYTES: usize = 256 << 10;

/// Reads of one socket before the others have their turn.
const READS_PER_TURN_MAX: usize = 4;

/// The longest that the thread waits: time may be up for something it does not know of.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// What runs in the thread.
pub(crate) struct Driver {
    router: Router,
    inbox: Arc<Inbox>,
    started: Instant,
    connect_timeout: Duration,
    /// By link.
    sockets: Vec<Socket>,
    sockets_asked: u64,
}

/// A link's socket.
#[derive(Default)]
enum Socket {
    /// None is wanted.
    #[default]
    None,
    /// One is being made under this number.
    Asked(u64),
    /// It is there; full if it took less than it was given.
    There { stream: TcpStream, is_full: bool },
}

impl Driver {
    pub(crate) fn new(
        router: Router,
        inbox: Arc<Inbox>,
        started: Instant,
        settings: &Settings,
    ) -> Self {
        Self {
            router,
            inbox,
            started,
            connect_timeout: settings.connect_timeout,
            sockets: Vec::new(),
            sockets_asked: 0,
        }
    }

    /// Runs until the inbox is closed.
    pub(crate) fn run(mut self) {
        // However this ends, nobody must go on waiting for it.
        let _closing = Closing(Arc::clone(&self.inbox));
        let mut ready = Vec::new();
        while let Some(submissions) = self.inbox.take() {
            for submission in submissions {
                self.take(submission);
            }
            self.router.tick(self.now());
            self.carry_out_orders();
            for id in 0..self.sockets.len() {
                self.write(id);
            }
            // Writing may have failed a link, and so made another wanted.
            self.carry_out_orders();
            self.wait(&mut ready);
            for id in ready.drain(..) {
                self.read(id);
            }
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn take(&mut self, submission: Submission) {
        match submission {
            Submission::Commands(items) => self.router.submit(self.now(), items),
            Submission::FeedStarted(start) => self.router.start_feed(start),
            Submission::FeedTaken(number, events) => self.router.feed_taken(number, events),
            Submission::FeedEnded(number) => self.router.end_feed(number),
            Submission::Socket(number, made) => self.socket_made(number, made),
        }
    }

    fn carry_out_orders(&mut self) {
        loop {
            let orders = self.router.take_orders();
            if orders.is_empty() {
                return;
            }
            for order in orders {
                match order {
                    Order::Connect(id, endpoint) => self.connect(id, endpoint),
                    Order::Close(id) => self.set(id, Socket::None),
                }
            }
        }
    }

    /// Makes a socket on a thread of its own: names are looked up, and both may take long.
    fn connect(&mut self, id: LinkId, endpoint: Endpoint) {
        self.sockets_asked += 1;
        let (number, inbox, timeout) = (
            self.sockets_asked,
            Arc::clone(&self.inbox),
            self.connect_timeout,
        );
        self.set(id, Socket::Asked(number));
        let made = std::thread::Builder::new()
            .name("hunt-connect".to_owned())
            .spawn(move || inbox.push(Submission::Socket(number, connect(&endpoint, timeout))));
        if let Err(error) = made {
            self.set(id, Socket::None);
            let what = format!("no thread to connect with: {error}");
            self.router.fail(self.now(), id, &what);
        }
    }

    fn socket_made(&mut self, number: u64, made: io::Result<TcpStream>) {
        let mut sockets = self.sockets.iter();
        let wanted = |socket: &Socket| matches!(socket, Socket::Asked(asked) if *asked == number);
        let Some(id) = sockets.position(wanted) else {
            return;
        };
        match made {
            Ok(stream) => {
                let is_full = false;
                self.set(id, Socket::There { stream, is_full });
                self.router.connected(self.now(), id);
            }
            Err(error) => {
                self.set(id, Socket::None);
                self.router.fail(self.now(), id, &error.to_string());
            }
        }
    }

    fn set(&mut self, id: LinkId, socket: Socket) {
        if self.sockets.len() <= id {
            self.sockets.resize_with(id + 1, Socket::default);
        }
        self.sockets[id] = socket;
    }

    fn write(&mut self, id: LinkId) {
        let Socket::There { stream, is_full } = &mut self.sockets[id] else {
            return;
        };
        *is_full = false;
        while !self.router.output(id).is_empty() {
            match stream.write(self.router.output(id)) {
                Ok(0) => return self.lost(id, "it takes no more bytes"),
                Ok(count) => self.router.wrote(id, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    *is_full = true;
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.lost(id, &error.to_string()),
            }
        }
    }

    fn read(&mut self, id: LinkId) {
        for _ in 0..READS_PER_TURN_MAX {
            let Some(Socket::There { stream, .. }) = self.sockets.get_mut(id) else {
                return;
            };
            let input = self.router.input(id);
            let filled = input.len();
            input.resize(filled + READ_BYTES, 0);
            let read = stream.read(&mut input[filled..]);
            let count = *read.as_ref().unwrap_or(&0);
            input.truncate(filled + count);
            match read {
                Ok(0) => return self.lost(id, "the engine closed the connection"),
                Ok(_) => {
                    self.router.received(self.now(), id);
                    self.carry_out_orders();
                    if count < READ_BYTES {
                        return;
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return,
                    ErrorKind::Interrupted => {}
                    _ => return self.lost(id, &error.to_string()),
                },
            }
        }
    }

    fn lost(&mut self, id: LinkId, what: &str) {
        self.set(id, Socket::None);
        self.router.fail(self.now(), id, what);
    }

    /// Waits for sockets, submissions or the time; names the links that can be read.
    fn wait(&mut self, ready: &mut Vec<LinkId>) {
        let asleep = self.inbox.sleep();
        let due = self.router.next_due().unwrap_or(Duration::MAX);
        let left = match asleep {
            true => due.saturating_sub(self.now()).min(WAIT_MAX),
            false => Duration::ZERO,
        };
        let mut ids = Vec::with_capacity(self.sockets.len());
        let mut watched = vec![PollFd::new(&*self.inbox, PollFlags::IN)];
        for (socket, id) in self.sockets.iter().zip(0..) {
            if let Socket::There { stream, is_full } = socket {
                let room = match is_full {
                    true => PollFlags::OUT,
                    false => PollFlags::empty(),
                };
                watched.push(PollFd::new(stream, PollFlags::IN | room));
                ids.push(id);
            }
        }
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        // It is interrupted by signals, which are somebody else's; then nothing is ready.
        if poll(&mut watched, Some(&timeout)).is_err() {
            return;
        }
        let readable = |fd: &PollFd<'_>| {
            fd.revents()
                .intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR)
        };
        if readable(&watched[0]) {
            self.inbox.silence();
        }
        let sockets = ids.into_iter().zip(&watched[1..]);
        ready.extend(sockets.filter(|(_, fd)| readable(fd)).map(|(id, _)| id));
    }
}

fn connect(endpoint: &Endpoint, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = None;
    for address in (endpoint.host.as_str(), endpoint.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::new(ErrorKind::NotFound, "the name has no address")))
}

struct Closing(Arc<Inbox>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}
