//! The way to one endpoint: the commands that wait for it, its connection if there is one, and the pause if it failed.
//! Knows no socket and no clock.

use std::collections::VecDeque;
use std::time::Duration;

use wire::{FRAME_BYTES_MAX, FRAME_HEAD_BYTES, command_bytes_max};

use crate::backoff::Backoff;
use crate::item::Item;
use crate::{Endpoint, Heard, Room, Session, SessionError, Settings};

/// Bytes that wait to be written past which commands wait in the queue instead, to go in larger frames.
const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// Room for input and output that an idle link keeps.
const KEPT_BYTES: usize = 64 << 10;

/// What a frame of commands takes beside them: head, id, two counts.
const FRAME_FIXED_BYTES: usize = FRAME_HEAD_BYTES + 9 + 9 + 9;

/// What the engine says about commands that were sent together.
pub(crate) type Items = Vec<Item>;

/// One endpoint.
pub(crate) struct Link {
    pub(crate) endpoint: Endpoint,
    state: State,
    backoff: Backoff,
    queue: VecDeque<Item>,
    output: Vec<u8>,
    written: usize,
    input: Vec<u8>,
}

enum State {
    /// Nobody needs it.
    Idle,
    /// It failed, and is not tried again before this.
    Paused(Duration),
    /// Somebody makes a socket.
    Connecting,
    /// There is a connection.
    Up(Box<Up>),
}

struct Up {
    session: Session<Items>,
    /// When the welcome must be here.
    welcome_until: Option<Duration>,
    heard_at: Duration,
    asked_for_life: bool,
}

impl Link {
    pub(crate) fn new(endpoint: Endpoint, settings: &Settings, seed: u64) -> Self {
        Self {
            endpoint,
            state: State::Idle,
            backoff: Backoff::new(settings.backoff_min, settings.backoff_max, seed),
            queue: VecDeque::new(),
            output: Vec::new(),
            written: 0,
            input: Vec::new(),
        }
    }

    /// Commands can be sent.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.session().map(Session::room), Some(Room::Commands(_)))
    }

    /// A connection is being made, or waits for its welcome.
    pub(crate) fn is_coming(&self) -> bool {
        match &self.state {
            State::Connecting => true,
            State::Up(up) => up.welcome_until.is_some(),
            State::Idle | State::Paused(_) => false,
        }
    }

    /// Someone needs it: true if a socket is to be made for it now.
    pub(crate) fn want(&mut self, now: Duration) -> bool {
        let wanted = match self.state {
            State::Idle => true,
            State::Paused(until) => now >= until,
            State::Connecting | State::Up(_) => false,
        };
        if wanted {
            self.state = State::Connecting;
        }
        wanted
    }

    /// There is a socket: says hello on it.
    pub(crate) fn connected(
        &mut self,
        now: Duration,
        token: &str,
        settings: &Settings,
    ) -> Result<(), wire::WireError> {
        self.output.clear();
        self.input.clear();
        self.written = 0;
        let session = Session::open(&mut self.output, token, &settings.name)?;
        self.state = State::Up(Box::new(Up {
            session,
            welcome_until: Some(now + settings.connect_timeout),
            heard_at: now,
            asked_for_life: false,
        }));
        Ok(())
    }

    /// The connection is over, or did not come about: what it had taken comes back, and it is left alone for a while.
    pub(crate) fn fail(&mut self, now: Duration) -> Vec<Item> {
        let state = std::mem::replace(&mut self.state, State::Paused(now + self.backoff.pause()));
        let mut items: Vec<Item> = Vec::new();
        if let State::Up(up) = state {
            items.extend(up.session.into_under_way().flatten());
            // Nobody told what became of them.
            items.iter_mut().for_each(|item| item.maybe_done = true);
        }
        items.extend(self.take_queue());
        self.output = Vec::new();
        self.written = 0;
        self.input = Vec::new();
        items
    }

    /// It is not needed any more, and nothing is under way on it: true if it had a connection, which is to be closed.
    pub(crate) fn retire(&mut self) -> bool {
        let Some(session) = self.session() else {
            return false;
        };
        let is_free = session.commands_under_way() == 0 && session.feeds() == 0;
        let retires = is_free && self.queue.is_empty() && !self.is_coming();
        if retires {
            self.state = State::Idle;
        }
        retires
    }

    /// Adds a command; [`Link::flush`] sends it.
    pub(crate) fn push(&mut self, item: Item) {
        self.queue.push_back(item);
    }

    /// What was not sent.
    pub(crate) fn take_queue(&mut self) -> VecDeque<Item> {
        std::mem::take(&mut self.queue)
    }

    /// Makes frames of what waits, as far as there is room. Says how many frames and commands that were.
    pub(crate) fn flush(&mut self, commands_per_frame_max: usize) -> (usize, usize) {
        let (mut frames, mut commands) = (0, 0);
        let State::Up(up) = &mut self.state else {
            return (0, 0);
        };
        while !self.queue.is_empty()
            && self.output.len() - self.written < OUTPUT_BYTES_MAX
            && let Room::Commands(room @ 1..) = up.session.room()
        {
            let items = frame(&mut self.queue, room.min(commands_per_frame_max));
            if items.is_empty() {
                continue;
            }
            let count = items.len();
            if send(&mut up.session, &mut self.output, items) {
                frames += 1;
                commands += count;
            }
        }
        (frames, commands)
    }

    /// Bytes to write.
    pub(crate) fn output(&self) -> &[u8] {
        self.output.get(self.written..).unwrap_or_default()
    }

    /// So many of them are written.
    pub(crate) fn wrote(&mut self, count: usize) {
        self.written += count;
        if self.written >= self.output.len() {
            self.written = 0;
            self.output.clear();
            self.output.shrink_to(KEPT_BYTES);
        }
    }

    /// Where to put what is read.
    pub(crate) fn input(&mut self) -> &mut Vec<u8> {
        &mut self.input
    }

    /// Takes the messages off what was read.
    pub(crate) fn receive(
        &mut self,
        now: Duration,
        heard: &mut Vec<Heard<Items>>,
    ) -> Result<(), SessionError> {
        let State::Up(up) = &mut self.state else {
            return Ok(());
        };
        (up.heard_at, up.asked_for_life) = (now, false);
        let mut used = 0;
        let received = loop {
            match up.session.receive(&self.input[used..]) {
                Ok(Some((message, bytes))) => {
                    used += bytes;
                    match message {
                        Heard::Welcome(_) => up.welcome_until = None,
                        // It does what it should: a failure from now on is the first.
                        _ => self.backoff.reset(),
                    }
                    heard.push(message);
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.input.drain(..used);
        if self.input.is_empty() {
            self.input.shrink_to(KEPT_BYTES);
        }
        received
    }

    /// Looks at the time: asks for a sign of life where nothing was heard; says what is wrong if it is too late.
    pub(crate) fn tick(&mut self, now: Duration, silence_max: Duration) -> Result<(), String> {
        let State::Up(up) = &mut self.state else {
            return Ok(());
        };
        if up.welcome_until.is_some_and(|until| now >= until) {
            return Err("no welcome came in time".to_owned());
        }
        let silence = now.saturating_sub(up.heard_at);
        if silence >= silence_max * 2 {
            return Err(format!("nothing was heard for {silence:?}"));
        }
        if silence >= silence_max && !up.asked_for_life && up.welcome_until.is_none() {
            up.asked_for_life = true;
            up.session.ping(&mut self.output);
        }
        Ok(())
    }

    /// When [`Link::tick`] has something to do next, or it may be tried again.
    pub(crate) fn next_due(&self, silence_max: Duration) -> Option<Duration> {
        match &self.state {
            State::Idle | State::Connecting => None,
            State::Paused(until) => Some(*until),
            State::Up(up) => {
                let silent = match up.asked_for_life {
                    true => up.heard_at + silence_max * 2,
                    false => up.heard_at + silence_max,
                };
                Some(up.welcome_until.map_or(silent, |until| until.min(silent)))
            }
        }
    }

    /// The connection and its output, to say something on it.
    pub(crate) fn speak(&mut self) -> Option<(&mut Session<Items>, &mut Vec<u8>)> {
        match &mut self.state {
            State::Up(up) => Some((&mut up.session, &mut self.output)),
            _ => None,
        }
    }

    /// All that it holds, sent or not; with it whether it was sent.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&Item, bool)> {
        let sent = self.session().into_iter().flat_map(Session::under_way);
        let queued = self.queue.iter().map(|item| (item, false));
        sent.flatten().map(|item| (item, true)).chain(queued)
    }

    /// Drops what waits and is answered already.
    pub(crate) fn drop_answered(&mut self) {
        self.queue.retain(|item| !item.is_answered());
    }

    fn session(&self) -> Option<&Session<Items>> {
        match &self.state {
            State::Up(up) => Some(&up.session),
            _ => None,
        }
    }
}

/// Takes commands for one frame off the queue: as many as are allowed, and fit.
fn frame(queue: &mut VecDeque<Item>, count_max: usize) -> Items {
    let mut items = Vec::with_capacity(queue.len().min(count_max));
    let mut bytes = FRAME_FIXED_BYTES;
    while items.len() < count_max
        && let Some(item) = queue.front()
    {
        // What can't be sent was answered when it came.
        bytes += command_bytes_max(&item.command).unwrap_or(FRAME_BYTES_MAX);
        if bytes > FRAME_BYTES_MAX && !items.is_empty() {
            break;
        }
        items.extend(queue.pop_front());
    }
    items
}

fn send(session: &mut Session<Items>, output: &mut Vec<u8>, items: Items) -> bool {
    match session.write(output, items.iter().map(|item| &item.command)) {
        Ok(written) => {
            session.attach(written, items);
            true
        }
        Err(error) => {
            for item in items {
                item.answer(Err(crate::CallError::Unsendable(error.to_string())));
            }
            false
        }
    }
}
