//! One connection's side of the protocol, without a socket: what is under way, what may still be sent, and what that
//! which came means.

use std::collections::BTreeMap;

use wire::{
    Command, Commands, Credit, Events, Failure, FromClient, FromServer, Hello, Owner, Position,
    Replied, Subscribe, VERSION, Welcome, WireError, split,
};

/// A connection, from the hello on. `T` is what its owner attaches to a frame of commands, and gets back with its answer.
///
/// ```
/// use client::{Heard, Session};
/// # fn frame(message: wire::FromServer) -> Vec<u8> {
/// #     let mut bytes = Vec::new();
/// #     message.append(&mut bytes).unwrap();
/// #     bytes
/// # }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut output = Vec::new();
/// let mut session = Session::<&str>::open(&mut output, "token", "doc/1")?;
/// # let input = frame(wire::FromServer::Welcome(wire::Welcome {
/// #     version: 1, engine: "0.1.0".into(), core: 0, shards: 0, owners: vec![],
/// #     commands_under_way_max: 10, idle_ms: 1_000,
/// # }));
/// // … write `output` to a socket, read `input` from it …
/// let (heard, used) = session.receive(&input)?.expect("a whole frame came");
/// assert!(matches!(heard, Heard::Welcome(_)));
/// assert_eq!(used, input.len());
/// session.ask_owners(&mut output);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session<T> {
    welcome: bool,
    draining: bool,
    /// Ids count up and are never used again, so a late or doubled answer meets no other frame.
    next_id: u64,
    under_way: BTreeMap<u64, Frame<T>>,
    commands: usize,
    commands_max: usize,
    /// Credit that each feed has left.
    feeds: BTreeMap<u64, u32>,
}

#[derive(Debug)]
struct Frame<T> {
    commands: usize,
    tag: T,
}

/// A frame of commands that is in the output.
#[derive(Debug)]
#[must_use = "attach something to it, or its answer is one that nobody asked for"]
pub struct Written {
    id: u64,
    commands: usize,
}

/// What the engine said.
#[derive(Debug)]
pub enum Heard<T> {
    /// Commands may be sent from now on.
    Welcome(Welcome),
    /// A frame of commands was answered, in their order.
    Replies(T, Vec<Replied>),
    /// A frame of commands was refused as a whole.
    Refused(T, Failure),
    /// A part of a feed.
    Events(Events),
    /// The feed of this id is over.
    FeedRefused(u64, Failure),
    /// Who owns which shard, by shard.
    Owners(Vec<Owner>),
    /// It is about to stop: what is under way is answered, nothing new should be sent.
    Draining,
    /// A sign of life, or what nobody waits for any more.
    Nothing,
}

/// What may be sent on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So many commands more.
    Commands(usize),
    /// Nothing: there is no welcome yet, or the engine is about to stop.
    None,
}

/// Why a connection is of no more use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The bytes are none of the protocol.
    #[error("what came is not the protocol: {0}")]
    Wire(#[from] WireError),
    /// The engine refused the connection, and closes it.
    #[error("the engine refused the connection: {:?}: {}", .0.code, .0.detail)]
    Refused(Failure),
    /// Something was answered that was never asked, or twice.
    #[error("frame {0} was answered and is not under way")]
    UnknownFrame(u64),
    /// The answers do not fit the frame.
    #[error("frame {id} of {sent} commands was answered by {came} replies")]
    Misfit {
        /// The frame.
        id: u64,
        /// Its commands.
        sent: usize,
        /// The answers.
        came: usize,
    },
    /// More events came than were asked for.
    #[error("feed {0} sent more events than its credit allows")]
    Credit(u64),
    /// A message that does not fit the course of a connection.
    #[error("{0}")]
    Unexpected(&'static str),
}

impl<T> Session<T> {
    /// A new connection: appends the hello.
    ///
    /// # Errors
    /// Token or name are too long for a frame.
    pub fn open(output: &mut Vec<u8>, token: &str, name: &str) -> Result<Self, WireError> {
        let hello = Hello {
            version: VERSION,
            token: token.to_owned(),
            client: name.to_owned(),
        };
        FromClient::Hello(hello).append(output)?;
        Ok(Self {
            welcome: false,
            draining: false,
            next_id: 1,
            under_way: BTreeMap::new(),
            commands: 0,
            commands_max: 0,
            feeds: BTreeMap::new(),
        })
    }

    /// How many commands may be sent now.
    pub fn room(&self) -> Room {
        match self.welcome && !self.draining {
            true => Room::Commands(self.commands_max.saturating_sub(self.commands)),
            false => Room::None,
        }
    }

    /// Commands that are not answered.
    pub fn commands_under_way(&self) -> usize {
        self.commands
    }

    /// Feeds that are read on this connection.
    pub fn feeds(&self) -> usize {
        self.feeds.len()
    }

    /// What is attached to the frames that are not answered, in the order in which they were sent.
    pub fn under_way(&self) -> impl Iterator<Item = &T> {
        self.under_way.values().map(|frame| &frame.tag)
    }

    /// The same, when the connection is over.
    pub fn into_under_way(self) -> impl Iterator<Item = T> {
        self.under_way.into_values().map(|frame| frame.tag)
    }

    /// Appends a frame of commands; at most as many as there is [`Session::room`] for. It is under way once something is
    /// attached to it by [`Session::attach`].
    ///
    /// # Errors
    /// They do not make a frame ([`wire::Commands::append_all`]); nothing is appended.
    pub fn write<'a>(
        &mut self,
        output: &mut Vec<u8>,
        commands: impl ExactSizeIterator<Item = &'a Command>,
    ) -> Result<Written, WireError> {
        let (id, count) = (self.next_id, commands.len());
        Commands::append_all(output, id, commands)?;
        self.next_id += 1;
        Ok(Written {
            id,
            commands: count,
        })
    }

    /// Attaches to a frame what its answer is to come with.
    pub fn attach(&mut self, written: Written, tag: T) {
        let Written { id, commands } = written;
        self.commands += commands;
        self.under_way.insert(id, Frame { commands, tag });
    }

    /// Asks for the feed after a position; gives the id that its events come with.
    pub fn subscribe(&mut self, output: &mut Vec<u8>, after: Position, credit: u32) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.feeds.insert(id, credit);
        let subscribe = Subscribe { id, after, credit };
        say(output, &FromClient::Subscribe(subscribe));
        id
    }

    /// Lets more events of a feed come.
    pub fn credit(&mut self, output: &mut Vec<u8>, id: u64, events: u32) {
        if let Some(credit) = self.feeds.get_mut(&id).filter(|_| events > 0) {
            *credit = credit.saturating_add(events);
            say(output, &FromClient::Credit(Credit { id, events }));
        }
    }

    /// Ends a feed. What is still on its way is dropped when it comes.
    pub fn unsubscribe(&mut self, output: &mut Vec<u8>, id: u64) {
        if self.feeds.remove(&id).is_some() {
            say(output, &FromClient::Credit(Credit { id, events: 0 }));
        }
    }

    /// Asks for a sign of life.
    pub fn ping(&self, output: &mut Vec<u8>) {
        say(output, &FromClient::Ping);
    }

    /// Asks who owns which shard by now.
    pub fn ask_owners(&self, output: &mut Vec<u8>) {
        say(output, &FromClient::AskOwners);
    }

    /// Takes the first message off what came: what it says and how many bytes it took, or nothing if it is not whole.
    ///
    /// # Errors
    /// The connection must be closed: nothing that comes after can be trusted.
    pub fn receive(&mut self, input: &[u8]) -> Result<Option<(Heard<T>, usize)>, SessionError> {
        let Some((frame, used)) = split(input)? else {
            return Ok(None);
        };
        let heard = self.take(FromServer::decode(frame)?)?;
        Ok(Some((heard, used)))
    }

    fn take(&mut self, message: FromServer) -> Result<Heard<T>, SessionError> {
        match message {
            FromServer::Welcome(_) if self.welcome => {
                Err(SessionError::Unexpected("a second welcome came"))
            }
            FromServer::Welcome(welcome) => {
                self.welcome = true;
                self.commands_max = welcome.commands_under_way_max as usize;
                Ok(Heard::Welcome(welcome))
            }
            FromServer::Error(failure) => self.failed(failure),
            _ if !self.welcome => Err(SessionError::Unexpected(
                "the hello was answered by something else than a welcome",
            )),
            FromServer::Replies(replies) => {
                let frame = self.answered(replies.id)?;
                let (sent, came) = (frame.commands, replies.replies.len());
                if sent != came {
                    let id = replies.id;
                    // Who sent them must still learn that nothing is known.
                    self.put_back(id, frame);
                    return Err(SessionError::Misfit { id, sent, came });
                }
                Ok(Heard::Replies(frame.tag, replies.replies))
            }
            FromServer::Events(events) => self.events(events),
            FromServer::Owners(owners) => Ok(Heard::Owners(owners)),
            FromServer::Draining => {
                self.draining = true;
                Ok(Heard::Draining)
            }
            FromServer::Pong => Ok(Heard::Nothing),
        }
    }

    fn failed(&mut self, failure: Failure) -> Result<Heard<T>, SessionError> {
        let Some(id) = failure.id else {
            return Err(SessionError::Refused(failure));
        };
        if self.feeds.remove(&id).is_some() {
            return Ok(Heard::FeedRefused(id, failure));
        }
        match self.under_way.contains_key(&id) {
            true => Ok(Heard::Refused(self.answered(id)?.tag, failure)),
            // A feed that was ended here while the engine ended it there.
            false if id < self.next_id => Ok(Heard::Nothing),
            false => Err(SessionError::UnknownFrame(id)),
        }
    }

    fn events(&mut self, events: Events) -> Result<Heard<T>, SessionError> {
        let Some(credit) = self.feeds.get_mut(&events.id) else {
            return match events.id < self.next_id {
                true => Ok(Heard::Nothing),
                false => Err(SessionError::UnknownFrame(events.id)),
            };
        };
        let came = u32::try_from(events.events.len()).unwrap_or(u32::MAX);
        match credit.checked_sub(came) {
            Some(left) => {
                *credit = left;
                Ok(Heard::Events(events))
            }
            None => Err(SessionError::Credit(events.id)),
        }
    }

    fn answered(&mut self, id: u64) -> Result<Frame<T>, SessionError> {
        let frame = self.under_way.remove(&id);
        let frame = frame.ok_or(SessionError::UnknownFrame(id))?;
        self.commands -= frame.commands;
        Ok(frame)
    }

    fn put_back(&mut self, id: u64, frame: Frame<T>) {
        self.commands += frame.commands;
        self.under_way.insert(id, frame);
    }
}

fn say(output: &mut Vec<u8>, message: &FromClient) {
    message
        .append(output)
        .expect("a message of a few numbers fits a frame");
}
