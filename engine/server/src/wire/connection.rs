//! One game server's connection, driven by one task: write what waits, take what is done, read while there is room.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use node::Host;
use wire::{ErrorCode, Failure, FromClient, FromServer, WireError, split};

use super::accept::Shared;
use super::convert::{failure, feed_events, position};
use super::feed::{Page, Subscriptions};
use super::hello::{self, closing};
use super::output::Output;
use super::requests::Group;
use super::settings::COMMANDS_PER_CONNECTION_MAX;
use crate::connection::{End, READ_BYTES_MAX, Registered, Stream, give_back};
use crate::http::auth::Caller;
use crate::runtime::Socket;

/// Room for frames that an idle connection keeps.
const KEPT_BYTES: usize = 16 << 10;

/// Reads before the other tasks of the core get their turn.
const READS_PER_TURN_MAX: usize = 4;

/// What a part of the connection's work came to.
enum Done {
    /// So many commands, answered.
    Commands(usize, Vec<FromServer>),
    /// A page of the feed.
    Page(Page),
}

/// How the connection goes on.
enum Flow {
    /// It does.
    On,
    /// It ends once what waits is written.
    Finish,
}

/// The state of one connection.
pub(super) struct Connection<H: Host> {
    stream: Stream,
    place: Registered,
    shared: Rc<Shared<H>>,
    caller: Option<Rc<Caller>>,
    input: Vec<u8>,
    output: Output,
    work: FuturesUnordered<LocalBoxFuture<'static, Done>>,
    subscriptions: Subscriptions,
    commands_under_way: usize,
    /// There is work that was not polled yet, or that can be started.
    fresh: bool,
    /// Nothing is read any more: the client closed its side, was refused, or the engine stops.
    finishing: bool,
}

impl<H: Host> Connection<H> {
    pub(super) fn new(socket: Socket, place: Registered, shared: Rc<Shared<H>>) -> Self {
        Self {
            stream: Stream::new(socket, Rc::clone(&place.activity)),
            place,
            shared,
            caller: None,
            input: Vec::new(),
            output: Output::default(),
            work: FuturesUnordered::new(),
            subscriptions: Subscriptions::default(),
            commands_under_way: 0,
            fresh: false,
            finishing: false,
        }
    }

    /// Serves it to its end.
    pub(super) async fn serve(mut self) {
        let served = poll_fn(|context| self.poll(context)).await;
        // Work that is dropped unfinished still counted as under way.
        for _ in 0..self.place.activity.requests() {
            self.place.activity.request_ended();
        }
        if let Err(error) = served {
            tracing::debug!(%error, "a game server's connection broke");
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.place.activity.set_task(context.waker());
        if let Some(end) = self.place.activity.take_end()
            && matches!(self.end(end), Flow::Finish)
        {
            return Poll::Ready(Ok(()));
        }
        loop {
            self.fresh = false;
            self.read_feeds();
            self.take_done(context);
            let written = self.output.poll_write(context, &mut self.stream)?;
            if self.is_over() {
                return Poll::Ready(Ok(()));
            }
            if written.is_pending() && self.output.is_full() {
                return Poll::Pending;
            }
            let nothing_comes = self.finishing || self.read(context)?.is_pending();
            let nothing_goes = self.output.is_empty() || written.is_pending();
            if nothing_comes && nothing_goes && !self.fresh {
                return Poll::Pending;
            }
        }
    }

    /// Nothing comes in any more, and all that came is answered.
    fn is_over(&self) -> bool {
        self.finishing && self.commands_under_way == 0 && self.output.is_empty()
    }

    fn end(&mut self, end: End) -> Flow {
        match end {
            End::Graceful => {
                // A client that is gone by itself needs no telling.
                let _ = self.output.push(&FromServer::Draining);
                self.finish();
                Flow::On
            }
            End::HeadTimeout | End::WriteTimeout | End::ClientLeft => Flow::Finish,
        }
    }

    fn finish(&mut self) {
        self.finishing = true;
        self.subscriptions = Subscriptions::default();
    }

    fn take_done(&mut self, context: &mut Context<'_>) {
        while !self.output.is_full()
            && let Poll::Ready(Some(done)) = self.work.poll_next_unpin(context)
        {
            self.place.activity.request_ended();
            match done {
                Done::Commands(count, answers) => {
                    self.commands_under_way -= count;
                    answers.iter().for_each(|answer| self.say(answer));
                }
                Done::Page(page) => self.take_page(&page),
            }
        }
    }

    fn take_page(&mut self, page: &Page) {
        if !self.subscriptions.read(page) {
            return;
        }
        self.fresh = true;
        match &page.page {
            Ok(read) if read.events.is_empty() => {}
            Ok(read) => self.say(&FromServer::Events(wire::Events {
                id: page.id,
                position: position(read.position),
                events: feed_events(read),
            })),
            Err(error) => {
                let (code, retry_after_ms) = failure(error);
                self.subscriptions.remove(page.id);
                self.say(&FromServer::Error(Failure {
                    id: Some(page.id),
                    code,
                    retry_after_ms,
                    detail: format!("the subscription ends: {error}"),
                }));
            }
        }
    }

    fn read_feeds(&mut self) {
        if self.output.is_full() || self.subscriptions.is_empty() {
            return;
        }
        for turn in self.subscriptions.turns() {
            let core = self.shared.core.clone();
            self.start(async move { Done::Page(turn.read(core).await) }.boxed_local());
        }
    }

    fn start(&mut self, work: LocalBoxFuture<'static, Done>) {
        self.place.activity.request_started();
        self.fresh = true;
        self.work.push(work);
    }

    /// Says something; what can't be said as a frame ends the connection.
    fn say(&mut self, message: &FromServer) {
        if let Err(error) = self.output.push(message) {
            tracing::error!(%error, "an answer does not fit a frame; the connection is closed");
            self.finish();
        }
    }

    /// Reads as long as there is something; pending when there is nothing, or the other tasks have waited enough.
    fn read(&mut self, context: &mut Context<'_>) -> io::Result<Poll<()>> {
        for _ in 0..READS_PER_TURN_MAX {
            let input = &mut self.input;
            match self.stream.poll_read_onto(context, input, READ_BYTES_MAX) {
                Poll::Pending => {
                    give_back(&mut self.input, KEPT_BYTES);
                    return Ok(Poll::Pending);
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Ready(Ok(0)) => {
                    self.finish();
                    return Ok(Poll::Ready(()));
                }
                Poll::Ready(Ok(_)) => self.take_frames(),
            }
            if self.finishing || self.output.is_full() {
                return Ok(Poll::Ready(()));
            }
        }
        context.waker().wake_by_ref();
        Ok(Poll::Pending)
    }

    /// Takes all complete frames off the input; commands among them are carried out together.
    fn take_frames(&mut self) {
        let input = std::mem::take(&mut self.input);
        let (mut group, mut used) = (Group::default(), 0);
        while !self.finishing {
            match split(&input[used..]) {
                Ok(Some((frame, bytes))) => {
                    used += bytes;
                    match FromClient::decode(frame) {
                        Ok(message) => self.take(message, &mut group),
                        Err(error) => self.refuse(FromClient::id_of_broken(frame), &error),
                    }
                }
                Ok(None) => break,
                Err(error) => self.refuse(None, &error),
            }
        }
        self.carry_out(group);
        self.input = input;
        self.input.drain(..used);
    }

    fn take(&mut self, message: FromClient, group: &mut Group) {
        let now = self.shared.host.wall();
        match (&self.caller, message) {
            (None, FromClient::Hello(hello)) => self.greet(&hello),
            (None, _) => self.close(closing(
                ErrorCode::Unauthorized,
                "the first frame must be a hello".to_owned(),
            )),
            (Some(_), FromClient::Hello(_)) => self.close(closing(
                ErrorCode::Malformed,
                "a second hello on one connection".to_owned(),
            )),
            (Some(caller), _) if caller.expires_at <= now => self.close(closing(
                ErrorCode::Unauthorized,
                "the token has expired: connect again with a new one".to_owned(),
            )),
            (Some(_), FromClient::Commands(commands)) => self.take_commands(commands, group),
            (Some(_), FromClient::Subscribe(subscribe)) => {
                let added = self.subscriptions.add(&subscribe);
                self.fresh = true;
                self.refused(subscribe.id, added);
            }
            (Some(_), FromClient::Credit(credit)) => {
                let given = self.subscriptions.credit(credit);
                self.fresh = true;
                self.refused(credit.id, given);
            }
            (Some(_), FromClient::Ping) => self.answer_at_once(&FromServer::Pong),
            (Some(_), FromClient::AskOwners) => {
                let owners = self.shared.settings.owners();
                self.answer_at_once(&FromServer::Owners(owners));
            }
        }
    }

    /// Answers what needs no work. It is a sign of life all the same: the connection is not idle.
    fn answer_at_once(&mut self, answer: &FromServer) {
        self.place.activity.request_started();
        self.place.activity.request_ended();
        self.say(answer);
    }

    fn greet(&mut self, hello: &wire::Hello) {
        match hello::check(hello, &self.shared.keys, self.shared.host.wall()) {
            Ok(caller) => {
                tracing::debug!(client = %hello.client, "a game server is there");
                self.caller = Some(caller);
                // From here on bytes between requests are no head that dribbles in.
                self.place.activity.set_multiplexed();
                self.say(&FromServer::Welcome(self.shared.settings.welcome()));
            }
            Err(refusal) => self.close(refusal),
        }
    }

    fn take_commands(&mut self, commands: wire::Commands, group: &mut Group) {
        let count = commands.commands.len();
        if self.commands_under_way + group.len() + count > COMMANDS_PER_CONNECTION_MAX as usize {
            return self.close(closing(
                ErrorCode::FlowControl,
                format!(
                    "more than {COMMANDS_PER_CONNECTION_MAX} commands under way on one connection"
                ),
            ));
        }
        let Some(places) = self.shared.under_way.take(count) else {
            return self.say(&FromServer::Error(Failure {
                id: Some(commands.id),
                code: ErrorCode::Overloaded,
                retry_after_ms: crate::http::RETRY_AFTER_MS,
                detail: "overloaded: wire_commands_per_core_max is full".to_owned(),
            }));
        };
        if !group.has_room(count) {
            self.carry_out(std::mem::take(group));
        }
        group.add(commands, places);
    }

    fn carry_out(&mut self, group: Group) {
        if group.is_empty() {
            return;
        }
        let (core, count) = (self.shared.core.clone(), group.len());
        self.commands_under_way += count;
        let work = async move { Done::Commands(count, group.carry_out(core).await) };
        self.start(work.boxed_local());
    }

    fn refused(&mut self, id: u64, result: Result<(), String>) {
        if let Err(detail) = result {
            self.say(&FromServer::Error(Failure {
                id: Some(id),
                code: ErrorCode::Malformed,
                retry_after_ms: 0,
                detail,
            }));
        }
    }

    /// A broken frame: told by its id if it has one, else the end of the connection.
    fn refuse(&mut self, id: Option<u64>, error: &WireError) {
        let id = id.filter(|_| self.caller.is_some());
        let refusal = Failure {
            id,
            ..closing(ErrorCode::Malformed, error.to_string())
        };
        if id.is_some() {
            self.say(&FromServer::Error(refusal));
        } else {
            self.close(refusal);
        }
    }

    fn close(&mut self, refusal: Failure) {
        self.say(&FromServer::Error(refusal));
        self.finish();
    }
}
