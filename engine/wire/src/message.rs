//! All that either side can say.

use crate::codec::{self, Body};
use crate::frame::{self, Frame, Kind};
use crate::{
    Commands, Credit, Events, Failure, Hello, Owner, Replies, Subscribe, TOKEN_BYTES_MAX, Welcome,
    WireError,
};

/// What a client says.
#[derive(Clone, Debug)]
pub enum FromClient {
    /// First of all.
    Hello(Hello),
    /// Commands to carry out.
    Commands(Commands),
    /// The feed, please.
    Subscribe(Subscribe),
    /// More of it may come.
    Credit(Credit),
    /// Are you there?
    Ping,
    /// Who owns which shard by now? For a client that was told "not ready", or is connected for long.
    AskOwners,
}

/// What the engine says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer {
    /// The hello was accepted.
    Welcome(Welcome),
    /// Commands were answered.
    Replies(Replies),
    /// A part of the feed.
    Events(Events),
    /// A frame, or the connection, is refused.
    Error(Failure),
    /// It is there.
    Pong,
    /// It is about to stop: nothing new is taken, what is under way is answered.
    Draining,
    /// Who owns each shard, by shard, as in [`Welcome::owners`].
    Owners(Vec<Owner>),
}

impl FromClient {
    /// Appends the message as a frame; on an error nothing is appended.
    pub fn append(&self, buffer: &mut Vec<u8>) -> Result<(), WireError> {
        match self {
            Self::Hello(hello) => frame::append(buffer, Kind::Hello, |b| codec::append(b, hello)),
            Self::Commands(commands) => {
                frame::append(buffer, Kind::Commands, |b| commands.append(b))
            }
            Self::Subscribe(subscribe) => {
                frame::append(buffer, Kind::Subscribe, |b| codec::append(b, subscribe))
            }
            Self::Credit(credit) => {
                frame::append(buffer, Kind::Credit, |b| codec::append(b, credit))
            }
            Self::Ping => frame::append(buffer, Kind::Ping, |_| Ok(())),
            Self::AskOwners => frame::append(buffer, Kind::AskOwners, |_| Ok(())),
        }
    }

    /// Decodes a frame.
    pub fn decode(frame: Frame<'_>) -> Result<Self, WireError> {
        Ok(match frame.kind {
            Kind::Hello => Self::Hello(hello(frame.body)?),
            Kind::Commands => Self::Commands(Commands::decode(frame.body)?),
            Kind::Subscribe => Self::Subscribe(whole(frame.body)?),
            Kind::Credit => Self::Credit(whole(frame.body)?),
            Kind::Ping => {
                Body(frame.body).close()?;
                Self::Ping
            }
            Kind::AskOwners => {
                Body(frame.body).close()?;
                Self::AskOwners
            }
            _ => return Err(WireError::WrongSide),
        })
    }

    /// The id that a broken frame has, if it is far enough in order: the error names it, and the connection goes on.
    pub fn id_of_broken(frame: Frame<'_>) -> Option<u64> {
        matches!(frame.kind, Kind::Commands | Kind::Subscribe | Kind::Credit)
            .then(|| Commands::id(frame.body))
            .flatten()
    }
}

impl FromServer {
    /// Appends the message as a frame; on an error nothing is appended.
    pub fn append(&self, buffer: &mut Vec<u8>) -> Result<(), WireError> {
        match self {
            Self::Welcome(welcome) => {
                frame::append(buffer, Kind::Welcome, |b| codec::append(b, welcome))
            }
            Self::Replies(replies) => {
                frame::append(buffer, Kind::Replies, |b| codec::append(b, replies))
            }
            Self::Events(events) => {
                frame::append(buffer, Kind::Events, |b| codec::append(b, events))
            }
            Self::Error(failure) => {
                frame::append(buffer, Kind::Error, |b| codec::append(b, failure))
            }
            Self::Pong => frame::append(buffer, Kind::Pong, |_| Ok(())),
            Self::Draining => frame::append(buffer, Kind::Draining, |_| Ok(())),
            Self::Owners(owners) => {
                frame::append(buffer, Kind::Owners, |b| codec::append(b, owners))
            }
        }
    }

    /// Decodes a frame.
    pub fn decode(frame: Frame<'_>) -> Result<Self, WireError> {
        Ok(match frame.kind {
            Kind::Welcome => Self::Welcome(whole(frame.body)?),
            Kind::Replies => Self::Replies(whole(frame.body)?),
            Kind::Events => Self::Events(whole(frame.body)?),
            Kind::Error => Self::Error(whole(frame.body)?),
            Kind::Pong => {
                Body(frame.body).close()?;
                Self::Pong
            }
            Kind::Draining => {
                Body(frame.body).close()?;
                Self::Draining
            }
            Kind::Owners => Self::Owners(whole(frame.body)?),
            _ => return Err(WireError::WrongSide),
        })
    }
}

fn whole<'a, T: bincode::BorrowDecode<'a, ()>>(body: &'a [u8]) -> Result<T, WireError> {
    let mut body = Body(body);
    let value = body.take()?;
    body.close()?;
    Ok(value)
}

fn hello(body: &[u8]) -> Result<Hello, WireError> {
    let hello: Hello = whole(body)?;
    if hello.token.len() > TOKEN_BYTES_MAX {
        return Err(WireError::malformed(format_args!(
            "the token has {} bytes: at most {TOKEN_BYTES_MAX}",
            hello.token.len()
        )));
    }
    Ok(hello)
}
