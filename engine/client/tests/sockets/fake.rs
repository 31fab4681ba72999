//! An engine that says exactly what the test wants said.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use client::{
    Action, Command, ErrorCode, Events, FeedEvent, Grant, Happened, HuntId, Outcome, PlayerId,
    Position, Replied, RequestId, TreasureId,
};
use wire::{Failure, FromClient, FromServer, Owner, Replies, Welcome, split};

/// Far longer than anything takes: only what hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Engine(TcpListener);

/// A client's connection.
pub(crate) struct Connection {
    socket: TcpStream,
    input: Vec<u8>,
}

impl Engine {
    pub(crate) fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a port is free"))
    }

    pub(crate) fn address(&self) -> String {
        self.0.local_addr().expect("it listens").to_string()
    }

    pub(crate) fn accept(&self) -> Connection {
        let (socket, _) = self.0.accept().expect("a client comes");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        socket.set_nodelay(true).expect("a socket");
        Connection {
            socket,
            input: Vec::new(),
        }
    }

    /// A client that says hello and is welcome.
    pub(crate) fn welcome(&self) -> Connection {
        let mut connection = self.accept();
        connection.hello();
        connection.say(&welcome());
        connection
    }
}

impl Connection {
    /// The token of the hello.
    pub(crate) fn hello(&mut self) -> String {
        match self.hear() {
            FromClient::Hello(hello) => hello.token,
            other => panic!("not a hello: {other:?}"),
        }
    }

    /// Id and request ids of the next commands.
    pub(crate) fn commands(&mut self) -> (u64, Vec<String>) {
        match self.hear() {
            FromClient::Commands(frame) => {
                let requests = frame.commands.iter();
                let requests = requests.map(|command| command.request.as_str().to_owned());
                (frame.id, requests.collect())
            }
            other => panic!("not commands: {other:?}"),
        }
    }

    pub(crate) fn hear(&mut self) -> FromClient {
        loop {
            if let Some((frame, used)) = split(&self.input).expect("the client speaks the protocol")
            {
                let message = FromClient::decode(frame).expect("it does");
                self.input.drain(..used);
                return message;
            }
            assert!(self.read(), "the client closed the connection");
        }
    }

    pub(crate) fn say(&mut self, message: &FromServer) {
        let mut bytes = Vec::new();
        message.append(&mut bytes).expect("it fits a frame");
        self.send(&bytes);
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("the client is there");
    }

    pub(crate) fn cut(self) {
        self.socket
            .shutdown(Shutdown::Both)
            .expect("it was connected");
    }

    /// The client closes the connection.
    pub(crate) fn expect_end(mut self) {
        while self.read() {}
    }

    fn read(&mut self) -> bool {
        let mut bytes = [0; 16 << 10];
        match self.socket.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.input.extend_from_slice(&bytes[..count]);
                true
            }
            // Closed with something unread.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}"),
        }
    }
}

/// A welcome that names no owners.
pub(crate) fn welcome() -> FromServer {
    FromServer::Welcome(Welcome {
        version: 1,
        engine: "fake".to_owned(),
        core: 0,
        shards: 0,
        owners: Vec::<Owner>::new(),
        commands_under_way_max: 65_536,
        idle_ms: 75_000,
    })
}

pub(crate) fn claim(request: &str) -> Command {
    Command {
        hunt: HuntId::new("lights").expect("an id"),
        request: RequestId::new(request).expect("an id"),
        action: Action::Claim {
            player: PlayerId::new("ada").expect("an id"),
            treasure: TreasureId::new("coin").expect("an id"),
        },
    }
}

pub(crate) fn granted(id: u64, count: usize) -> FromServer {
    let replied = Replied {
        replayed: false,
        outcome: Outcome::Granted(Grant {
            treasure: "coin".to_owned(),
            shard: 0,
            seq: 1,
            place: 1,
            at: 0,
        }),
    };
    FromServer::Replies(Replies {
        id,
        replies: vec![replied; count],
    })
}

pub(crate) fn failure(id: Option<u64>, code: ErrorCode, retry_after_ms: u64) -> FromServer {
    FromServer::Error(Failure {
        id,
        code,
        retry_after_ms,
        detail: "as the test wants it".to_owned(),
    })
}

/// One event, after which the feed goes on from place `position`.
pub(crate) fn events(id: u64, position: u32) -> FromServer {
    let event = FeedEvent {
        shard: 0,
        seq: 1,
        at: 0,
        hunt: "lights".to_owned(),
        happened: Happened::Put { created: true },
    };
    FromServer::Events(Events {
        id,
        position: Position {
            versionstamp: [0; 10],
            events: position,
        },
        events: vec![event],
    })
}

/// Id and place of a subscription.
pub(crate) fn subscription(message: &FromClient) -> (u64, u32) {
    match message {
        FromClient::Subscribe(subscribe) => (subscribe.id, subscribe.after.events),
        other => panic!("not a subscription: {other:?}"),
    }
}
