//! The engine's wire protocol: frames of commands, to the core that owns the hunt.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hunt::{
    Action, Attempt, ClueId, Command, HuntId, IdError, PlayerId, RequestId, ShardId, TreasureId,
};
use wire::{
    Commands, ErrorCode, Failure, FromClient, FromServer, Hello, Outcome, Replies, VERSION, Welcome,
};

use super::http::key;
use super::{Answered, Lane, Link, Protocol, Shake, Tally, Target};
use crate::error::BenchError;
use crate::workload::{Act, Deed};

/// The engine over the wire protocol.
pub struct WireTarget {
    lanes: Vec<Lane>,
    token: String,
    commands_under_way_max: u64,
}

impl WireTarget {
    /// Asks an engine with hunts `bench-0`, `bench-1`, … which of its cores owns which.
    pub fn discover(address: SocketAddr, hunts: u64, token: &str) -> Result<Self, BenchError> {
        let (_, welcome) = greet(address, token)?;
        Ok(Self {
            lanes: lanes(address, hunts, &welcome)?,
            token: token.to_owned(),
            commands_under_way_max: welcome.commands_under_way_max.into(),
        })
    }
}

impl Target for WireTarget {
    fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn commands_under_way_max(&self) -> Option<u64> {
        Some(self.commands_under_way_max)
    }

    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError> {
        let (shake, _) = greet(lane.address, &self.token)?;
        Ok(Link {
            stream: shake.finish()?,
            protocol: Box::new(Wire {
                names: Names::new(lane).map_err(|error| BenchError::Target(error.to_string()))?,
                prefix: prefix.to_owned(),
                sizes: Vec::new(),
            }),
        })
    }
}

/// Connects, and says who this is.
pub fn greet(address: SocketAddr, token: &str) -> Result<(Shake, Welcome), BenchError> {
    let hello = FromClient::Hello(Hello {
        version: VERSION,
        token: token.to_owned(),
        client: concat!("hunt-bench/", env!("CARGO_PKG_VERSION")).to_owned(),
    });
    let mut frame = Vec::new();
    hello
        .append(&mut frame)
        .map_err(|error| BenchError::Target(format!("the hello: {error}")))?;
    let mut shake = Shake::connect(address)?;
    shake.say(&frame)?;
    match shake.hear(split)? {
        FromServer::Welcome(welcome) => Ok((shake, welcome)),
        FromServer::Error(Failure { code, detail, .. }) => Err(BenchError::Target(format!(
            "{address} refused the hello: {code:?}: {detail}"
        ))),
        other => Err(BenchError::Target(format!(
            "{address} answered the hello with {other:?}"
        ))),
    }
}

/// Takes the first message off what came.
pub fn split(input: &[u8]) -> Result<Option<(FromServer, usize)>, String> {
    let Some((frame, used)) = wire::split(input).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let message = FromServer::decode(frame).map_err(|error| error.to_string())?;
    Ok(Some((message, used)))
}

/// Hunts by the address of the core that owns their shard.
fn lanes(address: SocketAddr, hunts: u64, welcome: &Welcome) -> Result<Vec<Lane>, BenchError> {
    let mut lanes: BTreeMap<SocketAddr, Vec<u64>> = BTreeMap::new();
    for number in 0..hunts {
        let hunt = HuntId::new(&format!("bench-{number}")).expect("a valid id by its form");
        let shard = hunt.shard(welcome.shards);
        let owner = owner(address, welcome, shard)?;
        lanes.entry(owner).or_default().push(number);
    }
    let lanes = lanes.into_iter();
    Ok(lanes
        .map(|(address, hunts)| Lane { address, hunts })
        .collect())
}

fn owner(address: SocketAddr, welcome: &Welcome, shard: ShardId) -> Result<SocketAddr, BenchError> {
    let Some(owner) = welcome.owners.get(usize::from(shard)) else {
        // Nobody is named: any core hands the command on.
        return Ok(address);
    };
    let ip = match owner.host.as_str() {
        "" => address.ip(),
        host => host.parse().map_err(|_| {
            BenchError::Target(format!(
                "{address} says that {host:?} owns shard {shard}: only addresses are followed"
            ))
        })?,
    };
    Ok(SocketAddr::new(ip, owner.port))
}

struct Wire {
    names: Names,
    prefix: String,
    /// Commands of each slot's request: what is counted if all of it fails.
    sizes: Vec<u64>,
}

/// Ids that repeat, checked once.
struct Names {
    hunts: BTreeMap<u64, HuntId>,
    treasures: Vec<TreasureId>,
    clues: [ClueId; 3],
}

impl Names {
    fn new(lane: &Lane) -> Result<Self, IdError> {
        let hunt = |number: &u64| Ok((*number, HuntId::new(&format!("bench-{number}"))?));
        Ok(Self {
            hunts: lane.hunts.iter().map(hunt).collect::<Result<_, _>>()?,
            treasures: (0..crate::workload::TREASURES)
                .map(|number| TreasureId::new(&format!("t-{number}")))
                .collect::<Result<_, _>>()?,
            clues: [
                ClueId::new("hard")?,
                ClueId::new("easy")?,
                ClueId::new("place")?,
            ],
        })
    }
}

impl Protocol for Wire {
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>) {
        let index = slot as usize;
        if self.sizes.len() <= index {
            self.sizes.resize(index + 1, 0);
        }
        self.sizes[index] = deeds.len() as u64;
        let commands = deeds.iter().map(|deed| self.command(deed)).collect();
        let frame = FromClient::Commands(Commands {
            id: u64::from(slot),
            commands,
        });
        frame
            .append(out)
            .expect("the command line lets no more commands into a batch than fit a frame");
    }

    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String> {
        let mut used = 0;
        while let Some((message, length)) = split(&input[used..])? {
            used += length;
            match message {
                FromServer::Replies(replies) => answered.push(self.count(&replies)?),
                FromServer::Error(failure) => answered.push(self.failed(&failure)?),
                FromServer::Pong | FromServer::Draining => {}
                other => return Err(format!("{other:?} came uncalled")),
            }
        }
        Ok(used)
    }
}

impl Wire {
    fn command(&self, deed: &Deed) -> Command {
        const VALID: &str = "a prefix and a number are a valid id";
        let player = format!("{}{}", self.prefix, deed.player);
        let request = RequestId::new(&format!("{player}{}", key(deed.act))).expect(VALID);
        let player = PlayerId::new(&player).expect(VALID);
        let [hard, easy, place] = &self.names.clues;
        let solve = |player, clue: &ClueId, attempt| Action::Solve {
            player,
            clue: clue.clone(),
            attempt,
        };
        let answer = |text: &str| Attempt::Answer(text.to_owned());
        let action = match deed.act {
            Act::Join => Action::Join { player },
            Act::Miss => solve(player, hard, answer("wrong")),
            Act::Solve => solve(player, easy, answer("right")),
            Act::CheckIn => {
                let attempt = Attempt::CheckIn {
                    lat: 54.3233,
                    lon: 10.1394,
                    accuracy_m: 5.0,
                };
                solve(player, place, attempt)
            }
            Act::Claim => Action::Claim {
                player,
                treasure: self.names.treasures[deed.treasure as usize].clone(),
            },
        };
        Command {
            hunt: self.names.hunts[&deed.hunt].clone(),
            request,
            action,
        }
    }

    fn size(&self, id: u64) -> Result<(u32, u64), String> {
        let slot = u32::try_from(id).map_err(|_| format!("no frame has id {id}"))?;
        let size = self.sizes.get(slot as usize);
        let size = size.ok_or_else(|| format!("no frame has id {id}"))?;
        Ok((slot, *size))
    }

    fn count(&self, replies: &Replies) -> Result<Answered, String> {
        let (slot, size) = self.size(replies.id)?;
        if replies.replies.len() as u64 != size {
            return Err(format!(
                "{} replies came to a frame of {size} commands",
                replies.replies.len()
            ));
        }
        let (mut tally, mut example) = (Tally::default(), None);
        for replied in &replies.replies {
            count(&replied.outcome, &mut tally, &mut example);
        }
        Ok(Answered {
            slot,
            tally,
            example,
        })
    }

    fn failed(&self, failure: &Failure) -> Result<Answered, String> {
        let Failure { code, detail, .. } = failure;
        let said = format!("{code:?}: {detail}");
        let Some(id) = failure.id else {
            return Err(said);
        };
        let (slot, size) = self.size(id)?;
        let mut tally = Tally::default();
        for _ in 0..size {
            failed(*code, &mut tally);
        }
        let example = (tally.errors > 0).then_some(said);
        Ok(Answered {
            slot,
            tally,
            example,
        })
    }
}

fn failed(code: ErrorCode, tally: &mut Tally) {
    match code {
        ErrorCode::Overloaded | ErrorCode::NotReady => tally.overload(),
        _ => tally.fail(),
    }
}

fn count(outcome: &Outcome, tally: &mut Tally, example: &mut Option<String>) {
    match outcome {
        Outcome::Granted(_)
        | Outcome::Solved { .. }
        | Outcome::Wrong { .. }
        | Outcome::Joined { .. } => tally.accept(),
        Outcome::AlreadyGranted(_)
        | Outcome::SoldOut
        | Outcome::NotEligible { .. }
        | Outcome::AlreadySolved { .. }
        | Outcome::Locked
        | Outcome::OutOfGuesses
        | Outcome::TooSoon { .. }
        | Outcome::AlreadyJoined { .. } => tally.refuse(),
        Outcome::Failed { code, .. } => failed(*code, tally),
        Outcome::UnknownHunt
        | Outcome::UnknownClue
        | Outcome::UnknownTreasure
        | Outcome::WrongPhase { .. }
        | Outcome::Mismatch { .. }
        | Outcome::KeyReused => tally.fail(),
    }
    if tally.errors > 0 && example.is_none() {
        *example = Some(format!("{outcome:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Owner;

    fn welcome(ports: &[u16], host: &str) -> Welcome {
        Welcome {
            version: VERSION,
            engine: "test".to_owned(),
            core: 0,
            shards: 64,
            owners: (0..64)
                .map(|shard| Owner {
                    host: host.to_owned(),
                    port: ports[shard % ports.len()],
                })
                .collect(),
            commands_under_way_max: 10,
            idle_ms: 1,
        }
    }

    #[test]
    fn a_hunt_goes_to_the_core_that_owns_its_shard() {
        let address = ([127, 0, 0, 1], 7).into();
        let lanes = lanes(address, 32, &welcome(&[7, 8], "")).unwrap();
        let ports: Vec<_> = lanes.iter().map(|lane| lane.address.port()).collect();
        assert_eq!(ports, [7, 8]);
        let hunts: usize = lanes.iter().map(|lane| lane.hunts.len()).sum();
        assert_eq!(hunts, 32);
        for lane in &lanes {
            for number in &lane.hunts {
                let shard = HuntId::new(&format!("bench-{number}")).unwrap().shard(64);
                assert_eq!(7 + shard % 2, lane.address.port());
            }
        }
    }

    #[test]
    fn an_owner_elsewhere_is_followed_if_it_is_an_address() {
        let address = ([127, 0, 0, 1], 7).into();
        let of = |host| lanes(address, 1, &welcome(&[9], host));
        let found = of("10.0.0.1").unwrap();
        assert_eq!(found[0].address, ([10, 0, 0, 1], 9).into());
        assert!(of("engine.example").is_err());
    }
}
