//! Where each command goes, and what becomes of it. Knows no socket and no clock.
//!
//! ```text
//! submit ─▶ owner's link open? ─ yes ─▶ its queue ─▶ frame ─▶ replies ─▶ answered
//!              │ no: connect it                          └─ "not now", or the connection broke ─┐
//!              ├─▶ any open link: it hands the command on                                        │
//!              └─▶ none: wait for one                ◀──── again, under the same request id ◀───┘
//! ```

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wire::{ErrorCode, Failure, Outcome, Replied};

use crate::counters::{Counts, add};
use crate::feed::FeedStart;
use crate::item::{Item, answer_all};
use crate::later::Later;
use crate::link::{Items, Link};
use crate::readers::Readers;
use crate::{CallError, Endpoint, Heard, Owners, SessionError, Settings, Token};

/// A link, by its place.
pub(crate) type LinkId = usize;

/// How often it is looked whether the time of commands is up, while some of them are due.
const EXPIRY_PAUSE: Duration = Duration::from_millis(20);

/// How often the engine is asked at most who owns what, because it said "not ready".
const ASK_PAUSE: Duration = Duration::from_millis(200);

/// How often it is asked anyway: a command that takes a detour is answered all the same, and tells nothing of it.
const ASK_INTERVAL: Duration = Duration::from_secs(10);

/// What is to be done with sockets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Make one.
    Connect(LinkId, Endpoint),
    /// Drop it.
    Close(LinkId),
}

/// Links, and what is under way on them.
pub(crate) struct Router {
    settings: Settings,
    token: Token,
    counts: Arc<Counts>,
    links: Vec<Link>,
    /// The first so many links are those that the program named.
    seeds: usize,
    next_seed: usize,
    /// Owners by shard, once an engine told.
    owners: Vec<LinkId>,
    shards: u16,
    asked_at: Duration,
    ticked_at: Duration,
    /// No link is open for these.
    waiting: VecDeque<Item>,
    later: Later,
    readers: Readers,
    orders: Vec<Order>,
    trouble: Option<Arc<str>>,
    /// No command's time is up before this.
    next_expiry: Duration,
    seed: u64,
}

impl Router {
    /// `seed` makes pauses differ from those of other clients.
    pub(crate) fn new(
        endpoints: Vec<Endpoint>,
        token: Token,
        settings: Settings,
        counts: Arc<Counts>,
        seed: u64,
    ) -> Self {
        let mut router = Self {
            readers: Readers::new(settings.feed_events),
            settings,
            token,
            counts,
            links: Vec::new(),
            seeds: 0,
            next_seed: 0,
            owners: Vec::new(),
            shards: 0,
            asked_at: Duration::ZERO,
            ticked_at: Duration::ZERO,
            waiting: VecDeque::new(),
            later: Later::default(),
            orders: Vec::new(),
            trouble: None,
            next_expiry: Duration::MAX,
            seed,
        };
        for endpoint in &endpoints {
            router.link_to(endpoint);
        }
        router.seeds = router.links.len();
        router
    }

    /// Takes commands on.
    pub(crate) fn submit(&mut self, now: Duration, items: Vec<Item>) {
        for item in items {
            self.next_expiry = self.next_expiry.min(item.deadline);
            self.place(now, item);
        }
    }

    /// A feed begins.
    pub(crate) fn start_feed(&mut self, start: FeedStart) {
        self.readers.start(start);
    }

    /// Events of a feed were taken.
    pub(crate) fn feed_taken(&mut self, number: u64, events: u32) {
        self.readers.taken(number, events, &mut self.links);
    }

    /// A feed is read no more.
    pub(crate) fn end_feed(&mut self, number: u64) {
        self.readers.end(number, &mut self.links);
    }

    /// A socket was made.
    pub(crate) fn connected(&mut self, now: Duration, id: LinkId) {
        let token = self.token.get();
        if let Err(error) = self.links[id].connected(now, &token, &self.settings) {
            self.fail(now, id, &format!("the hello can't be said: {error}"));
        }
    }

    /// A socket could not be made, or is gone.
    pub(crate) fn fail(&mut self, now: Duration, id: LinkId, what: &str) {
        add(&self.counts.connections_failed, 1);
        self.trouble = Some(format!("{}: {what}", self.links[id].endpoint).into());
        let items = self.links[id].fail(now);
        self.readers.detach(id);
        self.orders.push(Order::Close(id));
        add(&self.counts.commands_retried, items.len());
        items.into_iter().for_each(|item| self.place(now, item));
    }

    /// Where to put what was read from a link's socket; [`Router::received`] takes it on.
    pub(crate) fn input(&mut self, id: LinkId) -> &mut Vec<u8> {
        self.links[id].input()
    }

    /// Takes on what was read.
    pub(crate) fn received(&mut self, now: Duration, id: LinkId) {
        let mut heard = Vec::new();
        let received = self.links[id].receive(now, &mut heard);
        for message in heard {
            self.hear(now, id, message);
        }
        match received {
            Ok(()) => {}
            Err(SessionError::Refused(failure)) if is_final(failure.code) => {
                self.refused(now, id, &failure);
            }
            Err(error) => self.fail(now, id, &error.to_string()),
        }
    }

    /// Does what time asks for, and puts what waits into the links' outputs.
    pub(crate) fn tick(&mut self, now: Duration) {
        self.ticked_at = now;
        for id in 0..self.links.len() {
            if let Err(what) = self.links[id].tick(now, self.settings.silence_max) {
                self.fail(now, id, &what);
            }
        }
        for item in self.later.take(now) {
            self.place(now, item);
        }
        if now >= self.next_expiry {
            self.expire(now);
        }
        if self.readers.need_link(now)
            && let Some(id) = self.any_open()
        {
            self.readers.attach(now, id, &mut self.links[id]);
        }
        if !self.waiting.is_empty() || self.readers.need_link(now) {
            self.reach(now);
        }
        if self.shards > 0 && now >= self.asked_at + ASK_INTERVAL {
            self.ask_owners(now);
        }
        for link in &mut self.links {
            let (frames, commands) = link.flush(self.settings.commands_per_frame_max);
            add(&self.counts.frames_sent, frames);
            add(&self.counts.commands_sent, commands);
        }
    }

    /// When [`Router::tick`] has something to do next. What was due already at the last one waits for something else than
    /// time.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let links = self.links.iter();
        let links = links.filter_map(|link| link.next_due(self.settings.silence_max));
        let expiry = (self.next_expiry != Duration::MAX).then_some(self.next_expiry);
        links
            .chain(self.later.next_due())
            .chain(self.readers.next_due())
            .chain(expiry)
            .filter(|due| *due > self.ticked_at)
            .min()
    }

    /// What is to be done with sockets.
    pub(crate) fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    /// Bytes to write to a link's socket.
    pub(crate) fn output(&self, id: LinkId) -> &[u8] {
        self.links[id].output()
    }

    /// So many of them are written.
    pub(crate) fn wrote(&mut self, id: LinkId, count: usize) {
        self.links[id].wrote(count);
    }

    /// Puts a command where it can be sent from.
    fn place(&mut self, now: Duration, item: Item) {
        if item.is_answered() {
            return;
        }
        let owner = match self.shards {
            0 => None,
            shards => self
                .owners
                .get(usize::from(item.command.hunt.shard(shards)))
                .copied(),
        };
        if let Some(owner) = owner {
            if self.links[owner].is_open() {
                add(&self.counts.commands_sent_to_owner, 1);
                return self.links[owner].push(item);
            }
            self.connect(now, owner);
        }
        match self.any_open() {
            Some(id) => self.links[id].push(item),
            None => self.waiting.push_back(item),
        }
    }

    fn any_open(&self) -> Option<LinkId> {
        self.links.iter().position(Link::is_open)
    }

    /// Sees to it that some connection is on its way.
    fn reach(&mut self, now: Duration) {
        if self
            .links
            .iter()
            .any(|link| link.is_open() || link.is_coming())
        {
            return;
        }
        // The seeds in turn, then whatever an engine named: the seeds may be gone by now.
        let seeds = (0..self.seeds).map(|turn| (self.next_seed + turn) % self.seeds);
        let all: Vec<LinkId> = seeds.chain(self.seeds..self.links.len()).collect();
        for id in all {
            if self.connect(now, id) {
                self.next_seed = (id + 1) % self.seeds;
                return;
            }
        }
    }

    fn connect(&mut self, now: Duration, id: LinkId) -> bool {
        let link = &mut self.links[id];
        let wanted = link.want(now);
        if wanted {
            self.orders.push(Order::Connect(id, link.endpoint.clone()));
        }
        wanted
    }

    fn hear(&mut self, now: Duration, id: LinkId, message: Heard<Items>) {
        match message {
            Heard::Welcome(welcome) => {
                add(&self.counts.connections_opened, 1);
                let owners = Owners::of(&self.links[id].endpoint, &welcome);
                self.know(now, &owners);
            }
            Heard::Replies(items, replies) => self.answered(now, items, replies),
            Heard::Refused(items, failure) => self.frame_refused(now, items, &failure),
            Heard::Events(events) => self.readers.page(id, events),
            Heard::FeedRefused(feed, failure) => self.readers.refused(now, id, feed, &failure),
            Heard::Owners(owners) => {
                let owners = Owners::new(&self.links[id].endpoint, &owners);
                self.know(now, &owners);
            }
            Heard::Draining => {
                self.readers.detach(id);
                for item in self.links[id].take_queue() {
                    self.place(now, item);
                }
            }
            Heard::Nothing => {}
        }
    }

    /// Takes in who owns what, and sends what waited for a connection.
    fn know(&mut self, now: Duration, owners: &Owners) {
        self.asked_at = now;
        let by_shard = owners.by_shard();
        self.shards = u16::try_from(by_shard.len()).unwrap_or(0);
        self.owners = by_shard
            .iter()
            .map(|endpoint| self.link_to(endpoint))
            .collect();
        for item in std::mem::take(&mut self.waiting) {
            self.place(now, item);
        }
        // The seeds stay: they are the way back in.
        for id in self.seeds..self.links.len() {
            if !self.owners.contains(&id) && self.links[id].retire() {
                self.orders.push(Order::Close(id));
            }
        }
    }

    fn link_to(&mut self, endpoint: &Endpoint) -> LinkId {
        let known = self
            .links
            .iter()
            .position(|link| link.endpoint == *endpoint);
        known.unwrap_or_else(|| {
            self.seed = self.seed.wrapping_add(1);
            let link = Link::new(endpoint.clone(), &self.settings, self.seed);
            self.links.push(link);
            self.links.len() - 1
        })
    }

    fn answered(&mut self, now: Duration, items: Items, replies: Vec<Replied>) {
        let mut answered = Vec::with_capacity(items.len());
        for (item, replied) in items.into_iter().zip(replies) {
            match replied.outcome {
                Outcome::Failed {
                    code,
                    retry_after_ms,
                } if is_passing(code) => self.again(now, item, code, retry_after_ms),
                Outcome::Failed { code, .. } => {
                    let detail = "the command failed".into();
                    answered.push((item, Err(CallError::Refused { code, detail })));
                }
                _ => answered.push((item, Ok(replied))),
            }
        }
        answer_all(answered, |first| {
            add(&self.counts.commands_answered, first);
        });
    }

    fn frame_refused(&mut self, now: Duration, items: Items, failure: &Failure) {
        for item in items {
            if is_passing(failure.code) {
                self.again(now, item, failure.code, failure.retry_after_ms);
            } else {
                item.answer(Err(refusal(failure)));
            }
        }
    }

    /// The engine could not take a command now.
    fn again(&mut self, now: Duration, mut item: Item, code: ErrorCode, pause_ms: u64) {
        item.maybe_done |= code == ErrorCode::Unavailable;
        if code == ErrorCode::NotReady && now >= self.asked_at + ASK_PAUSE {
            self.ask_owners(now);
        }
        add(&self.counts.commands_retried, 1);
        self.later.push(now, pause_ms, item);
    }

    fn ask_owners(&mut self, now: Duration) {
        self.asked_at = now;
        if let Some(id) = self.any_open()
            && let Some((session, output)) = self.links[id].speak()
        {
            session.ask_owners(output);
        }
    }

    /// The engine will not have this client: who waits is told, since waiting does not help.
    fn refused(&mut self, now: Duration, id: LinkId, failure: &Failure) {
        let was_open = self.links[id].is_open();
        self.fail(now, id, &format!("{:?}: {}", failure.code, failure.detail));
        // A token that expired under way is got anew with the next connection.
        if was_open {
            return;
        }
        self.readers.refuse_all(failure);
        for item in std::mem::take(&mut self.waiting) {
            item.answer(Err(refusal(failure)));
        }
    }

    /// Answers commands whose time is up.
    fn expire(&mut self, now: Duration) {
        let mut next = Duration::MAX;
        let mut expired = 0;
        let held = self.links.iter().flat_map(Link::items);
        let unsent = self.waiting.iter().chain(self.later.items());
        for (item, sent) in held.chain(unsent.map(|item| (item, false))) {
            if item.deadline > now {
                next = next.min(item.deadline);
                continue;
            }
            let error = CallError::TimedOut {
                maybe_done: item.maybe_done || sent,
                trouble: self.trouble.clone(),
            };
            expired += usize::from(item.answer(Err(error)));
        }
        add(&self.counts.commands_timed_out, expired);
        self.waiting.retain(|item| !item.is_answered());
        self.later.drop_answered();
        self.links.iter_mut().for_each(Link::drop_answered);
        self.next_expiry = next.max(now + EXPIRY_PAUSE);
        if next == Duration::MAX {
            self.next_expiry = Duration::MAX;
        }
    }
}

/// It passes: the same command may be taken a little later.
fn is_passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Overloaded | ErrorCode::NotReady | ErrorCode::Unavailable
    )
}

/// It does not pass by itself: another token, another role or another client is needed.
fn is_final(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Version | ErrorCode::Unauthorized | ErrorCode::Forbidden
    )
}

fn refusal(failure: &Failure) -> CallError {
    CallError::Refused {
        code: failure.code,
        detail: failure.detail.as_str().into(),
    }
}

#[cfg(test)]
mod tests;
