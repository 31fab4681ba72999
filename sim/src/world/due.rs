//! What happens in the world at a certain time, and who deals with it.

use std::rc::Rc;

use node::Message;

use super::book::AskKey;
use super::site::Endpoint;
use super::world::World;
use crate::history::{Answer, Ask};
use crate::kernel::LifeId;
use crate::outcome::Happening;

/// What a timer of the world stands for.
#[derive(Debug)]
pub(crate) enum Due {
    /// Something arrives.
    Arrival(Box<Parcel>),
    /// A disaster of the plan, by its place there, begins.
    Begin(usize),
    /// One step of it: a node of a swizzle.
    Step(usize, usize),
    /// It ends.
    End(usize),
    /// The node is started, unless it runs.
    Start(u16),
    /// The first of two nodes sees that its connection to the other broke.
    LostWay(u16, u16),
    /// The life ends: its process has stopped.
    Exit(u16, LifeId),
}

/// What travels over the network.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) number: u64,
    pub(crate) from: Endpoint,
    pub(crate) to: Endpoint,
    pub(crate) content: Content,
}

/// What is in it.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Between nodes.
    Message(Message),
    /// From a client: which of all questions, and what.
    Ask(AskKey, Ask),
    /// To a client.
    Answer(AskKey, Answer),
}

impl World {
    /// Deals with what is due.
    pub(crate) fn handle(self: &Rc<Self>, due: Due) {
        match due {
            Due::Arrival(parcel) => self.arrive(*parcel),
            Due::Begin(index) => self.begin_disaster(index),
            Due::Step(index, step) => self.step_disaster(index, step),
            Due::End(index) => self.end_disaster(index),
            Due::Start(node) => self.start_node(node),
            Due::LostWay(node, to) => self.notice_lost_way(node, to),
            Due::Exit(node, life) => self.exit_node(node, life),
        }
    }

    /// Sends a message from one node to another; gives it back if the sender sees that there is no way.
    pub(crate) fn send_message(
        &self,
        from: Endpoint,
        to: Endpoint,
        message: Message,
    ) -> Result<(), Box<Message>> {
        match self.post(from, to, Content::Message(message)) {
            Some(Content::Message(back)) => Err(Box::new(back)),
            _ => Ok(()),
        }
    }

    /// Puts something on its way; gives it back if the sender sees that there is none.
    pub(crate) fn post(&self, from: Endpoint, to: Endpoint, content: Content) -> Option<Content> {
        let now_us = self.kernel.now_us();
        let (site, passage) = self.network.pass(&self.faults, from, to, now_us);
        if let Some((kind, delay_us)) = passage.fault {
            self.fire_at(&site, kind, || format!("after {delay_us} us"));
        }
        if let Some(noticed_us) = passage.noticed_us {
            self.break_way(from, to, noticed_us);
        }
        let number = self.messages.replace(self.messages.get() + 1);
        self.kernel.trace(|| Happening::Sent {
            message: number,
            from: named(from),
            to: named(to),
            what: content.in_words(),
        });
        let Some(arrives_us) = passage.arrives_us else {
            return passage.is_refused.then_some(content);
        };
        let parcel = Box::new(Parcel {
            number,
            from,
            to,
            content,
        });
        if let Some(again_us) = passage.again_us {
            self.kernel.schedule(again_us, Due::Arrival(parcel.clone()));
        }
        self.kernel.schedule(arrives_us, Due::Arrival(parcel));
        None
    }

    fn arrive(self: &Rc<Self>, parcel: Parcel) {
        let Parcel {
            number,
            from,
            to,
            content,
        } = parcel;
        if self.network.is_cut(from, to) {
            return;
        }
        self.kernel.trace(|| Happening::Arrived { message: number });
        match (content, to) {
            (Content::Message(message), Endpoint::Core { node, core }) => {
                let life = self.machines[usize::from(node)].life();
                if life.is_some_and(|life| !life.arrive(core, message)) {
                    self.probe("sim_inbox_full");
                }
            }
            (Content::Ask(key, ask), Endpoint::Core { node, core }) => {
                self.carry_out(from, (node, core), key, ask);
            }
            (Content::Answer(key, answer), _) => {
                self.book.answered(key, answer, self.kernel.now_us());
            }
            (Content::Message(_) | Content::Ask(..), Endpoint::Client(_)) => {
                unreachable!("nobody asks a client")
            }
        }
    }
}

/// Node and core; clients are node 0, and the client's number.
fn named(endpoint: Endpoint) -> (u16, u32) {
    match endpoint {
        Endpoint::Core { node, core } => (node, u32::from(core)),
        Endpoint::Client(client) => (0, client),
    }
}

impl Content {
    /// For the timeline.
    fn in_words(&self) -> String {
        /// Longer descriptions are cut.
        const CHARACTERS_MAX: usize = 160;
        let whole = match self {
            Self::Message(message) => format!("{message:?}"),
            Self::Ask(_, ask) => format!("{ask:?}"),
            Self::Answer(_, answer) => format!("{answer:?}"),
        };
        whole.chars().take(CHARACTERS_MAX).collect()
    }
}
