//! The greeting: both sides say who they are and what they work with, then prove that they have the secret. No sockets
//! here, and no clock.
//!
//! ```text
//!   dialler  ── Hello: who, whom, make, nonce ─────▶ receiver   checks the make, and that it is the one that is wanted
//!   checks   ◀───── Challenge: who, make, nonce ───
//!            ── Proof over both ───────────────────▶            checks it: only then does it prove anything itself
//!   checks   ◀─────────────────── Proof over both ──
//! ```

use node::{CoreId, LAYOUT_VERSION, LETTER_VERSION, NodeId};

use super::error::LinkError;
use super::frame::{Frame, Kind, append_body};
use super::hello::{Challenge, Hello, Make, Nonce, decode, encode};
use super::limits::REASON_BYTES_MAX;
use super::secret::{Secret, Side};

/// Who a core is to other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its node.
    pub(crate) node: NodeId,
    /// Its number there.
    pub(crate) core: CoreId,
    /// Shards of the cluster, as this node's settings have them.
    pub(crate) shards: u16,
}

/// The core at the other end of a link that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) node: NodeId,
    pub(super) core: CoreId,
}

/// A greeting, as who dialled sees it.
pub(super) struct Dialling {
    make: Make,
    wants: NodeId,
    secret: Secret,
    said: Vec<u8>,
}

/// A greeting, as who was called sees it.
pub(super) struct Receiving {
    caller: Caller,
    secret: Secret,
    said: Vec<u8>,
}

impl Identity {
    fn make(&self) -> Make {
        Make {
            letters: LETTER_VERSION,
            layout: LAYOUT_VERSION,
            shards: self.shards,
        }
    }
}

impl Dialling {
    /// Says hello to the node that is wanted; the frame to send.
    pub(super) fn begin(
        own: &Identity,
        secret: &Secret,
        wants: NodeId,
        nonce: Nonce,
    ) -> (Self, Vec<u8>) {
        let make = own.make();
        let said = encode(&Hello {
            make,
            node: own.node.0,
            core: own.core,
            wants: wants.0,
            nonce,
        });
        let frame = frame(Kind::Hello, &said);
        let dialling = Self {
            make,
            wants,
            secret: secret.clone(),
            said,
        };
        (dialling, frame)
    }

    /// Takes the answer to the hello; the proof to send.
    pub(super) fn challenged(&mut self, answer: &Frame<'_>) -> Result<Vec<u8>, LinkError> {
        let body = expect(answer, Kind::Challenge)?;
        let challenge: Challenge = decode(body).ok_or_else(|| nonsense("challenge"))?;
        check_make(&self.make, &challenge.make)?;
        if challenge.node != self.wants.0 {
            return Err(wrong_node(self.wants, NodeId(challenge.node)));
        }
        self.said.extend_from_slice(body);
        let proof = self.secret.prove(Side::Dialler, &self.said);
        Ok(frame(Kind::Proof, &proof))
    }

    /// Takes the other side's proof: from here on letters may be sent.
    pub(super) fn finish(&self, answer: &Frame<'_>) -> Result<(), LinkError> {
        let proof = expect(answer, Kind::Proof)?;
        match self.secret.is_proven(Side::Receiver, &self.said, proof) {
            true => Ok(()),
            false => Err(LinkError::Secret),
        }
    }
}

impl Receiving {
    /// Takes a caller's hello; the challenge to send.
    pub(super) fn begin(
        own: &Identity,
        secret: &Secret,
        hello: &Frame<'_>,
        nonce: Nonce,
    ) -> Result<(Self, Vec<u8>), LinkError> {
        let body = expect(hello, Kind::Hello)?;
        let hello: Hello = decode(body).ok_or_else(|| nonsense("hello"))?;
        check_make(&own.make(), &hello.make)?;
        if hello.wants != own.node.0 {
            return Err(wrong_node(NodeId(hello.wants), own.node));
        }
        if hello.node == own.node.0 {
            return Err(LinkError::Misfit(format!(
                "both are node {:x}: give each node a number of its own",
                own.node.0
            )));
        }
        let challenge = encode(&Challenge {
            make: own.make(),
            node: own.node.0,
            nonce,
        });
        let frame = frame(Kind::Challenge, &challenge);
        let receiving = Self {
            caller: Caller {
                node: NodeId(hello.node),
                core: hello.core,
            },
            secret: secret.clone(),
            said: [body, &challenge].concat(),
        };
        Ok((receiving, frame))
    }

    /// Takes the caller's proof: who it is, and the own proof to send.
    pub(super) fn finish(self, answer: &Frame<'_>) -> Result<(Caller, Vec<u8>), LinkError> {
        let proof = expect(answer, Kind::Proof)?;
        if !self.secret.is_proven(Side::Dialler, &self.said, proof) {
            return Err(LinkError::Secret);
        }
        let own = self.secret.prove(Side::Receiver, &self.said);
        Ok((self.caller, frame(Kind::Proof, &own)))
    }
}

/// The frame that tells the other side why there will be no link.
pub(super) fn refusal(error: &LinkError) -> Vec<u8> {
    let reason = error.to_string();
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    frame(Kind::Refusal, &reason.as_bytes()[..end])
}

/// The body of the frame, if it is what has to come now.
pub(super) fn expect<'a>(found: &Frame<'a>, kind: Kind) -> Result<&'a [u8], LinkError> {
    match found.kind {
        found_kind if found_kind == kind => Ok(found.body),
        Kind::Refusal => Err(LinkError::Refused(reason(found.body))),
        other => Err(LinkError::Nonsense(format!(
            "it sends {other:?} where {kind:?} has to come"
        ))),
    }
}

/// A foreign text, fit for a log line.
fn reason(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(REASON_BYTES_MAX)]);
    text.chars().filter(|c| !c.is_control()).collect()
}

fn check_make(ours: &Make, theirs: &Make) -> Result<(), LinkError> {
    let what = if ours.letters != theirs.letters {
        format!(
            "it writes version {} of the messages between nodes, this node version {}: upgrade the older one",
            theirs.letters, ours.letters
        )
    } else if ours.layout != theirs.layout {
        format!(
            "it works with layout version {} of the store, this node with {}: run one version on all nodes",
            theirs.layout, ours.layout
        )
    } else if ours.shards != theirs.shards {
        format!(
            "it has {} shards, this node {}: set the same `shards` on all nodes of a cluster",
            theirs.shards, ours.shards
        )
    } else {
        return Ok(());
    };
    Err(LinkError::Misfit(what))
}

fn wrong_node(wanted: NodeId, found: NodeId) -> LinkError {
    LinkError::Misfit(format!(
        "node {:x} was dialled, but node {:x} answers there: check what both advertise",
        wanted.0, found.0
    ))
}

fn nonsense(what: &str) -> LinkError {
    LinkError::Nonsense(format!("its {what} makes no sense"))
}

fn frame(kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    append_body(&mut bytes, kind, body);
    bytes
}

#[cfg(test)]
mod tests;
