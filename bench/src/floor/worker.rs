//! One processor's share of the clients.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::client::Client;
use super::framing::Protocol;
use super::log::Log;
use super::mailbox::{Inbox, Told};
use crate::poller::{Poller, Ready};

/// The number of the mailbox among what is waited for; clients count from 0.
const INBOX: usize = usize::MAX;

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;

/// There is nothing to do in time: an hour is as good as for ever.
const FOREVER_NS: u64 = 3_600_000_000_000;

/// A thread that reads and answers.
pub(super) struct Worker {
    number: usize,
    protocol: Protocol,
    log: Arc<Log>,
    inbox: Inbox,
    poller: Poller,
    clients: Vec<Option<Client>>,
    /// What the log has, oldest first: each group's answers.
    groups: VecDeque<Vec<Answers>>,
    buffer: Box<[u8]>,
}

/// Answers of one client that wait for the log.
struct Answers {
    client: usize,
    bytes: usize,
}

impl Worker {
    pub(super) fn new(
        number: usize,
        protocol: Protocol,
        log: Arc<Log>,
        inbox: Inbox,
    ) -> io::Result<Self> {
        let poller = Poller::new()?;
        poller.add(&inbox, INBOX)?;
        Ok(Self {
            number,
            protocol,
            log,
            inbox,
            poller,
            clients: Vec::new(),
            groups: VecDeque::new(),
            buffer: vec![0; READ_BYTES].into(),
        })
    }

    /// Serves for ever, or until it can't wait any more.
    pub(super) fn run(&mut self) -> io::Result<()> {
        let mut ready = Ready::new();
        loop {
            self.poller.wait(FOREVER_NS, &mut ready)?;
            let (mut group, mut claims) = (Vec::new(), 0);
            for number in ready.numbers() {
                match number {
                    INBOX => self.look_into_inbox()?,
                    client => claims += self.turn(client, &mut group),
                }
            }
            if group.is_empty() {
                continue;
            }
            // What is no claim waits too, if claims are before it: answers go in order.
            if claims > 0 || !self.groups.is_empty() {
                self.groups.push_back(group);
                self.log.push(self.number, claims);
            } else {
                self.answer(&group);
            }
        }
    }

    fn look_into_inbox(&mut self) -> io::Result<()> {
        let told: Vec<Told> = self.inbox.take().collect();
        for told in told {
            match told {
                Told::Client(stream) => {
                    let client = Client::new(stream)?;
                    self.poller.add(&client.stream, self.clients.len())?;
                    self.clients.push(Some(client));
                }
                Told::Synced(groups) => {
                    for _ in 0..groups {
                        let group = self.groups.pop_front().unwrap_or_default();
                        self.answer(&group);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads from a client, and writes if it waits for that; returns the claims that came.
    fn turn(&mut self, number: usize, group: &mut Vec<Answers>) -> u64 {
        let Some(client) = self.clients.get_mut(number).and_then(Option::as_mut) else {
            return 0;
        };
        let received = client.receive(self.protocol, &mut self.buffer);
        if client.is_full {
            self.flush(number);
        }
        match received {
            Ok(received) if received.answer_bytes == 0 => 0,
            Ok(received) => {
                group.push(Answers {
                    client: number,
                    bytes: received.answer_bytes,
                });
                received.claims
            }
            Err(_) => {
                self.clients[number] = None;
                0
            }
        }
    }

    fn answer(&mut self, group: &[Answers]) {
        for answers in group {
            if let Some(client) = &mut self.clients[answers.client] {
                client.release(answers.bytes);
                self.flush(answers.client);
            }
        }
    }

    fn flush(&mut self, number: usize) {
        let Some(client) = &mut self.clients[number] else {
            return;
        };
        let was_full = client.is_full;
        let flushed = client.flush().and_then(|()| match client.is_full {
            is_full if is_full == was_full => Ok(()),
            is_full => self.poller.watch_room(&client.stream, number, is_full),
        });
        if flushed.is_err() {
            self.clients[number] = None;
        }
    }
}
