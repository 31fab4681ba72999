//! The scenarios' engine: it says what it is told to, and keeps what it hears.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use wire::{
    Action, Attempt, ClueId, Command, ErrorCode, Events, Failure, FeedEvent, FromClient,
    FromServer, Grant, Happened, HuntId, Outcome, Owner, PlayerId, Position, Replied, Replies,
    RequestId, TreasureId, Welcome, split,
};

use crate::call::Answers;
use crate::feed::{FeedStart, Pages};
use crate::item::Item;
use crate::router::{LinkId, Order, Router};
use crate::{Batch, Call, Settings};

/// A client without sockets, and its engine.
pub(crate) struct World {
    router: Router,
    now: Duration,
    settings: Settings,
    /// Sockets that are there, by endpoint.
    sockets: BTreeMap<String, LinkId>,
    connects: Vec<String>,
}

impl World {
    pub(crate) fn new(seeds: &[&str]) -> Self {
        let settings = Settings {
            feed_events: 1_000,
            ..Settings::default()
        };
        let seeds = seeds.iter().map(|seed| seed.parse().expect("an endpoint"));
        let router = Router::new(
            seeds.collect(),
            "token".into(),
            settings.clone(),
            Arc::default(),
            1,
        );
        Self {
            router,
            now: Duration::ZERO,
            settings,
            sockets: BTreeMap::new(),
            connects: Vec::new(),
        }
    }

    /// With a first connection that is welcome; the ports own a shard each. What was said so far is forgotten.
    pub(crate) fn open(seeds: &[&str], ports: &[u16]) -> Self {
        let mut world = Self::new(seeds);
        // A feed makes a connection wanted, and is given up before it is asked for.
        world.feed(u64::MAX);
        world.router.end_feed(u64::MAX);
        world.say(seeds[0], &welcome(ports));
        world.heard(seeds[0]);
        world.connects();
        world
    }

    pub(crate) fn send(&mut self, hunt: &HuntId, request: &str) -> Call {
        let answers = Answers::new(1);
        self.submit(&answers, [claim(hunt, request)].into_iter());
        Call::new(answers)
    }

    pub(crate) fn send_all(&mut self, commands: impl Iterator<Item = Command>) -> Batch {
        let commands: Vec<Command> = commands.collect();
        let answers = Answers::new(commands.len());
        self.submit(&answers, commands.into_iter());
        Batch::new(answers)
    }

    fn submit(&mut self, answers: &Arc<Answers>, commands: impl Iterator<Item = Command>) {
        let unanswered = Arc::new(AtomicUsize::new(usize::MAX / 2));
        let deadline = self.now + self.settings.timeout;
        let item = |(command, place)| {
            Item::new(
                command,
                deadline,
                place,
                Arc::clone(answers),
                Arc::clone(&unanswered),
            )
        };
        let items = commands.zip(0..).map(item).collect();
        self.router.submit(self.now, items);
        self.settle();
    }

    pub(crate) fn feed(&mut self, number: u64) -> Arc<Pages> {
        let pages = Arc::<Pages>::default();
        self.router.start_feed(FeedStart {
            number,
            after: Position::default(),
            pages: Arc::clone(&pages),
        });
        self.settle();
        pages
    }

    pub(crate) fn taken(&mut self, number: u64, events: u32) {
        self.router.feed_taken(number, events);
        self.settle();
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.router.next_due().filter(|due| *due <= until) {
            assert!(due > self.now, "what was due is not due again");
            self.now = due;
            self.settle();
        }
        self.now = until;
        self.settle();
    }

    /// Endpoints that sockets were made for since.
    pub(crate) fn connects(&mut self) -> Vec<String> {
        std::mem::take(&mut self.connects)
    }

    pub(crate) fn is_closed(&self, endpoint: &str) -> bool {
        !self.sockets.contains_key(endpoint)
    }

    /// What the client said there since.
    pub(crate) fn heard(&mut self, endpoint: &str) -> Vec<FromClient> {
        let id = self.sockets[endpoint];
        let mut bytes = self.router.output(id);
        let mut heard = Vec::new();
        while let Some((frame, used)) = split(bytes).expect("the client speaks the protocol") {
            heard.push(FromClient::decode(frame).expect("it does"));
            bytes = &bytes[used..];
        }
        assert!(bytes.is_empty(), "half a frame");
        let count = self.router.output(id).len();
        self.router.wrote(id, count);
        self.settle();
        heard
    }

    pub(crate) fn say(&mut self, endpoint: &str, message: &FromServer) {
        let mut bytes = Vec::new();
        message.append(&mut bytes).expect("it fits a frame");
        self.say_bytes(endpoint, &bytes);
    }

    pub(crate) fn say_bytes(&mut self, endpoint: &str, bytes: &[u8]) {
        let id = self.sockets[endpoint];
        // In two parts, as a network may have it.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        for part in [first, second] {
            self.router.input(id).extend_from_slice(part);
            self.router.received(self.now, id);
        }
        self.settle();
    }

    /// The connection breaks.
    pub(crate) fn break_off(&mut self, endpoint: &str) {
        let id = self.sockets[endpoint];
        self.router.fail(self.now, id, "it broke");
        self.settle();
    }

    /// Does what the driver does: sockets are there as soon as they are asked for.
    fn settle(&mut self) {
        loop {
            self.router.tick(self.now);
            let orders = self.router.take_orders();
            if orders.is_empty() {
                return;
            }
            for order in orders {
                match order {
                    Order::Connect(id, endpoint) => {
                        let name = endpoint.to_string();
                        self.sockets.insert(name.clone(), id);
                        self.connects.push(name);
                        self.router.connected(self.now, id);
                    }
                    Order::Close(id) => self.sockets.retain(|_, socket| *socket != id),
                }
            }
        }
    }
}

pub(crate) fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A hunt that lies on this shard of two.
pub(crate) fn hunt_of(shard: u16) -> HuntId {
    let mut hunts = (0..).map(|n| HuntId::new(&format!("h-{n}")).expect("an id"));
    hunts
        .find(|hunt| hunt.shard(2) == shard)
        .expect("half of them lie there")
}

pub(crate) fn claim(hunt: &HuntId, request: &str) -> Command {
    Command {
        hunt: hunt.clone(),
        request: RequestId::new(request).expect("an id"),
        action: Action::Claim {
            player: PlayerId::new("ada").expect("an id"),
            treasure: TreasureId::new("coin").expect("an id"),
        },
    }
}

pub(crate) fn answer(request: &str, text: &str) -> Command {
    Command {
        action: Action::Solve {
            player: PlayerId::new("ada").expect("an id"),
            clue: ClueId::new("gate").expect("an id"),
            attempt: Attempt::Answer(text.to_owned()),
        },
        ..claim(&hunt_of(0), request)
    }
}

pub(crate) fn owner(host: &str, port: u16) -> Owner {
    Owner {
        host: host.to_owned(),
        port,
    }
}

/// A welcome by an engine on whose host these ports own a shard each.
pub(crate) fn welcome(ports: &[u16]) -> FromServer {
    FromServer::Welcome(Welcome {
        version: 1,
        engine: "test".to_owned(),
        core: 0,
        shards: ports.len() as u16,
        owners: ports.iter().map(|port| owner("", *port)).collect(),
        commands_under_way_max: 65_536,
        idle_ms: 75_000,
    })
}

/// Grants to a frame of so many commands; each by the event that the frame's id names.
pub(crate) fn granted(id: u64, count: usize) -> FromServer {
    let grant = Grant {
        treasure: "coin".to_owned(),
        shard: 0,
        seq: id,
        place: 1,
        at: 0,
    };
    replies(id, vec![Outcome::Granted(grant); count])
}

/// The one command of a frame failed.
pub(crate) fn failed(id: u64, code: ErrorCode, retry_after_ms: u64) -> FromServer {
    let outcome = Outcome::Failed {
        code,
        retry_after_ms,
    };
    replies(id, vec![outcome])
}

fn replies(id: u64, outcomes: Vec<Outcome>) -> FromServer {
    let replies = outcomes.into_iter().map(|outcome| Replied {
        replayed: false,
        outcome,
    });
    FromServer::Replies(Replies {
        id,
        replies: replies.collect(),
    })
}

pub(crate) fn failure(id: Option<u64>, code: ErrorCode, retry_after_ms: u64) -> FromServer {
    FromServer::Error(Failure {
        id,
        code,
        retry_after_ms,
        detail: "because".to_owned(),
    })
}

/// So many events; the feed goes on from place `position`.
pub(crate) fn event_page(id: u64, position: u32, count: u64) -> FromServer {
    let event = |seq| FeedEvent {
        shard: 0,
        seq,
        at: 0,
        hunt: "h".to_owned(),
        happened: Happened::Put { created: true },
    };
    FromServer::Events(Events {
        id,
        position: Position {
            versionstamp: [0; 10],
            events: position,
        },
        events: (0..count).map(event).collect(),
    })
}

/// The request ids of all commands, in order.
pub(crate) fn requests(heard: &[FromClient]) -> Vec<String> {
    let frames = heard.iter().filter_map(|message| match message {
        FromClient::Commands(commands) => Some(commands),
        _ => None,
    });
    let commands = frames.flat_map(|frame| &frame.commands);
    commands
        .map(|command| command.request.as_str().to_owned())
        .collect()
}

/// Commands in a message.
pub(crate) fn commands(message: &FromClient) -> usize {
    match message {
        FromClient::Commands(commands) => commands.commands.len(),
        _ => 0,
    }
}
