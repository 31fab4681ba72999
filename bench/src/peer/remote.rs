//! An engine that runs already, and the calls that prepare one.

use std::net::SocketAddr;

use super::engine::definition;
use super::{About, Check, Kind, Peer};
use crate::error::BenchError;
use crate::protocol::http::{HttpTarget, parse_answer};
use crate::protocol::wire::WireTarget;
use crate::protocol::{Shake, Target};
use crate::workload::{STOCK, TREASURES};

/// An engine that somebody else started.
pub struct Remote {
    target: Box<dyn Target>,
    feed: SocketAddr,
    token: String,
    about: About,
}

impl Remote {
    /// Uses the engine at this address with a token of role service. With an operator's token and its HTTP address the hunts are put first.
    pub fn new(
        kind: Kind,
        address: SocketAddr,
        token: &str,
        hunts: u64,
        operator: Option<(SocketAddr, &str)>,
    ) -> Result<Self, BenchError> {
        if let Some((http, operator)) = operator {
            put_hunts(http, operator, hunts)?;
        }
        let target: Box<dyn Target> = match kind {
            Kind::Http => Box::new(HttpTarget::new(address, hunts, token)),
            Kind::Wire => Box::new(WireTarget::discover(address, hunts, token)?),
            _ => {
                return Err(BenchError::Usage(format!(
                    "--address is for the engine: {} is started by hunt-bench",
                    kind.name()
                )));
            }
        };
        Ok(Self {
            target,
            feed: address,
            token: token.to_owned(),
            about: About {
                version: format!("the engine at {address}"),
                durability: "as that engine is set up".to_owned(),
            },
        })
    }
}

impl Peer for Remote {
    fn target(&self) -> &dyn Target {
        &*self.target
    }

    fn about(&self) -> &About {
        &self.about
    }

    fn processes(&self) -> Vec<u32> {
        Vec::new()
    }

    fn feed(&self) -> Option<(SocketAddr, &str)> {
        Some((self.feed, &self.token))
    }

    fn finish(self: Box<Self>) -> Result<Check, BenchError> {
        // It goes on running, and what it holds is not ours to count.
        Ok(Check::default())
    }
}

/// Puts and opens hunts `bench-0`, `bench-1`, ….
pub(super) fn put_hunts(address: SocketAddr, operator: &str, hunts: u64) -> Result<(), BenchError> {
    for number in 0..hunts {
        let id = format!("bench-{number}");
        let body = definition(&id, (TREASURES / hunts).max(1), STOCK).to_string();
        let put = Call::new("PUT", &format!("/v1/hunts/{id}"), operator, &body);
        let open = Call::new("POST", &format!("/v1/hunts/{id}/open"), operator, "");
        for call in [put, open] {
            let (status, said) = call.ask(address)?;
            // An engine that played these hunts before has them open.
            let is_there = call.is_open() && status == 409;
            if !(200..300).contains(&status) && !is_there {
                return Err(BenchError::Target(format!(
                    "the engine answered {} with {status}: {said}",
                    call.line()
                )));
            }
        }
    }
    Ok(())
}

/// A request on a connection of its own.
pub(crate) struct Call(String);

impl Call {
    /// A request without a token.
    pub(crate) fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n"))
    }

    fn new(method: &str, path: &str, token: &str, body: &str) -> Self {
        Self(format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn line(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    fn is_open(&self) -> bool {
        self.line().contains("/open ")
    }

    /// Sends it; status and body.
    pub(crate) fn ask(&self, address: SocketAddr) -> Result<(u16, String), BenchError> {
        let mut shake = Shake::connect(address)?;
        shake.say(self.0.as_bytes())?;
        shake.hear(|input| {
            Ok(parse_answer(input)?.map(|(answer, used)| {
                let body = String::from_utf8_lossy(answer.body).into_owned();
                ((answer.status, body), used)
            }))
        })
    }
}
