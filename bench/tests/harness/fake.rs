//! A server of the wire protocol that grants everything, and may stall once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bench::protocol::wire::WireTarget;
use wire::{
    Commands, ErrorCode, Failure, FromClient, FromServer, Grant, Outcome, Owner, Replied, Replies,
    VERSION, Welcome,
};

/// How it differs from an ideal server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flaws {
    /// Before the answer to this frame, counted over all connections, it sleeps so long.
    pub(crate) stall: Option<(u64, Duration)>,
    /// Every so many-th frame is refused as a whole: overloaded.
    pub(crate) overloaded_every: Option<u64>,
    /// The connection is closed at this frame.
    pub(crate) close_at: Option<u64>,
}

/// A running server; its threads end with the process.
pub(crate) struct Fake {
    pub(crate) addresses: Vec<SocketAddr>,
    frames: Arc<AtomicU64>,
}

impl Fake {
    /// Starts one with so many cores, each with a port of its own.
    pub(crate) fn start(cores: usize, flaws: Flaws) -> Self {
        let frames = Arc::new(AtomicU64::new(0));
        let listeners: Vec<_> = (0..cores)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let addresses: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
        let ports: Vec<_> = addresses.iter().map(SocketAddr::port).collect();
        for listener in listeners {
            let (frames, ports) = (Arc::clone(&frames), ports.clone());
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let (frames, ports) = (Arc::clone(&frames), ports.clone());
                    std::thread::spawn(move || serve(stream.unwrap(), &ports, flaws, &frames));
                }
            });
        }
        Self { addresses, frames }
    }

    /// The target that clients see.
    pub(crate) fn target(&self) -> WireTarget {
        WireTarget::discover(self.addresses[0], 8, "token").unwrap()
    }

    /// Frames of commands that came.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Relaxed)
    }
}

fn serve(mut stream: TcpStream, ports: &[u16], flaws: Flaws, frames: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let (mut input, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        // The harness hangs up when it is done.
        let Ok(read) = stream.read(&mut chunk) else {
            return;
        };
        if read == 0 {
            return;
        }
        input.extend_from_slice(&chunk[..read]);
        let mut output = Vec::new();
        while let Some((message, used)) = next(&input) {
            input.drain(..used);
            let Some(answer) = answer(message, ports, flaws, frames) else {
                return;
            };
            answer.append(&mut output).unwrap();
        }
        if stream.write_all(&output).is_err() {
            return;
        }
    }
}

fn next(input: &[u8]) -> Option<(FromClient, usize)> {
    let (frame, used) = wire::split(input).unwrap()?;
    Some((FromClient::decode(frame).unwrap(), used))
}

fn answer(
    message: FromClient,
    ports: &[u16],
    flaws: Flaws,
    frames: &AtomicU64,
) -> Option<FromServer> {
    match message {
        FromClient::Hello(_) => Some(FromServer::Welcome(welcome(ports))),
        FromClient::Commands(commands) => {
            let number = frames.fetch_add(1, Relaxed);
            if flaws.close_at == Some(number) {
                return None;
            }
            if let Some((_, pause)) = flaws.stall.filter(|(at, _)| *at == number) {
                std::thread::sleep(pause);
            }
            let is_full = flaws
                .overloaded_every
                .is_some_and(|every| number.is_multiple_of(every));
            Some(if is_full {
                full(&commands)
            } else {
                granted(&commands)
            })
        }
        other => panic!("the harness said {other:?}"),
    }
}

fn welcome(ports: &[u16]) -> Welcome {
    Welcome {
        version: VERSION,
        engine: "fake".to_owned(),
        core: 0,
        shards: 64,
        owners: (0..64)
            .map(|shard| Owner {
                host: String::new(),
                port: ports[shard % ports.len()],
            })
            .collect(),
        commands_under_way_max: 8_190,
        idle_ms: 60_000,
    }
}

fn granted(commands: &Commands) -> FromServer {
    let replied = Replied {
        replayed: false,
        outcome: Outcome::Granted(Grant {
            treasure: "t-0".to_owned(),
            shard: 0,
            seq: 1,
            place: 1,
            at: 0,
        }),
    };
    FromServer::Replies(Replies {
        id: commands.id,
        replies: vec![replied; commands.commands.len()],
    })
}

fn full(commands: &Commands) -> FromServer {
    FromServer::Error(Failure {
        id: Some(commands.id),
        code: ErrorCode::Overloaded,
        retry_after_ms: 1,
        detail: "full".to_owned(),
    })
}
