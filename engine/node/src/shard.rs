//! One shard: decides commands against its state, and answers once what they rest on is committed.
//!
//! ```text
//! command ─▶ player in memory? ──no──▶ read the row, then again
//!                 │ yes
//!                 ▼
//!            decide ─▶ event: append to the filling batch ─▶ wait for its commit ─▶ reply
//!                   ├▶ refusal: wait for the commit of what it looked at ─▶ reply
//!                   └▶ repetition: find the first event ─▶ the same reply
//! ```

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::time::Duration;

use futures::future::{join, join_all};
use hunt::{
    Action, Command, Decision, Definition, Event, HuntId, PlayerId, PlayerState, Refusal, Reply,
    Seq, ShardId, decide,
};

use crate::hunts::HUNTS_PER_SHARD_MAX;
use crate::lease::Claim;
use crate::shared::Shared;
use crate::signal::Signal;
use crate::state::{ShardState, Wait};
use crate::{Answered, AskError, Host, NodeId};

/// What an overloaded shard tells its callers to wait.
const OVERLOADED_RETRY_MS: u64 = 100;
/// What a shard that is being opened tells its callers to wait.
pub(crate) const NOT_READY_RETRY_MS: u64 = 200;

/// One shard of a core.
pub(crate) struct Shard<H: Host> {
    /// Its number.
    pub(crate) id: ShardId,
    /// What the core's shards have in common.
    pub(crate) core: Rc<Shared<H>>,
    /// There while the shard is open.
    pub(crate) state: RefCell<Option<ShardState>>,
    /// Grows whenever the state is thrown away, so that whoever awaited meanwhile notices.
    pub(crate) generation: Cell<u64>,
    /// Raised when the filling batch has events. Each opening has one of its own: the committer of the last one, which
    /// may not have noticed yet that it is over, must not take the raise from its successor.
    pub(crate) work: RefCell<Rc<Signal>>,
    /// A flush is running. Each opening has one of its own: that of the last one may still wait for the store.
    pub(crate) flushing: RefCell<Rc<Cell<bool>>>,
    /// When rows are written next, by the host's own time. Shards take turns, so that a core has about as much to write all
    /// the time.
    pub(crate) flush_at: Cell<Duration>,
    /// No new requests are taken.
    pub(crate) stopping: Cell<bool>,
    /// If it is closed: not to be opened before this, by the host's own time.
    pub(crate) reopen_at: Cell<Duration>,
    /// It is being opened, handed over or released.
    pub(crate) moving: Cell<bool>,
    /// How this process last claimed it, unless it knows that it does not hold the lease.
    pub(crate) claimed: Cell<Option<Claim>>,
    /// The node that held its lease when this one last wanted it.
    pub(crate) held_by: Cell<Option<NodeId>>,
}

/// How to go on with a command.
enum Step {
    /// Answer this once that sequence is committed.
    Answer(Answered, Seq),
    /// Read the player's row first.
    Load(HuntId, PlayerId),
    /// Answer as this event was answered.
    Replay(Seq, HuntId),
    /// Turn it away.
    Refuse(AskError),
}

impl<H: Host> Shard<H> {
    /// A closed shard.
    pub(crate) fn new(id: ShardId, core: Rc<Shared<H>>) -> Self {
        let settings = &core.settings;
        let flush_at = settings.flush_after * u32::from(id) / u32::from(settings.shards);
        Self {
            id,
            core,
            state: RefCell::new(None),
            generation: Cell::new(0),
            work: RefCell::default(),
            flushing: RefCell::default(),
            flush_at: Cell::new(flush_at),
            stopping: Cell::new(false),
            reopen_at: Cell::default(),
            moving: Cell::new(false),
            claimed: Cell::new(None),
            held_by: Cell::new(None),
        }
    }

    /// Carries out a command.
    pub(crate) async fn command(self: &Rc<Self>, command: &Command) -> Result<Answered, AskError> {
        loop {
            match self.step(command) {
                Step::Answer(answered, rests_on) => {
                    self.seq_committed(rests_on).await?;
                    return Ok(answered);
                }
                Step::Load(hunt, player) => self.load(hunt, player).await?,
                // Boxed: it is rare and large, and every command in flight would pay for the room.
                Step::Replay(seq, hunt) => return Box::pin(self.replay(seq, &hunt)).await,
                Step::Refuse(error) => return Err(error),
            }
        }
    }

    /// Carries out those `commands` that the indexes name, in their order, and waits once for the commit that they all rest
    /// on; answers in the order of the indexes. Those that have to read something first are carried out side by side after
    /// that.
    pub(crate) async fn commands(
        self: &Rc<Self>,
        commands: &[Command],
        indexes: &[usize],
    ) -> Vec<Result<Answered, AskError>> {
        let mut answers = Vec::with_capacity(indexes.len());
        let (mut late, mut rests_on) = (Vec::new(), 0);
        for (place, index) in indexes.iter().enumerate() {
            answers.push(match self.step(&commands[*index]) {
                Step::Answer(answered, seq) => {
                    rests_on = seq.max(rests_on);
                    Ok(answered)
                }
                Step::Refuse(error) => Err(error),
                Step::Load(..) | Step::Replay(..) => {
                    late.push(place);
                    Err(not_ready())
                }
            });
        }
        let committed = self.seq_committed(rests_on);
        let carried_out = late.iter().map(|place| &commands[indexes[*place]]);
        let carried_out = carried_out.map(|command| self.command(command));
        let (committed, carried_out) = join(committed, join_all(carried_out)).await;
        if let Err(error) = committed {
            let answered = answers.iter_mut().filter(|answer| answer.is_ok());
            answered.for_each(|answer| *answer = Err(error.clone()));
        }
        for (place, answer) in late.into_iter().zip(carried_out) {
            answers[place] = answer;
        }
        answers
    }

    /// Waits until a sequence that this very turn has seen is committed.
    async fn seq_committed(&self, seq: Seq) -> Result<(), AskError> {
        let wait = {
            let mut state = self.state.borrow_mut();
            state.as_mut().ok_or_else(lost)?.wait_committed(seq)
        };
        self.settle(wait).await
    }

    fn step(&self, command: &Command) -> Step {
        let mut state = self.state.borrow_mut();
        let Some(state) = state.as_mut().filter(|_| !self.stopping.get()) else {
            return Step::Refuse(not_ready());
        };
        if let Some(limit) = self.full(state, command) {
            self.core.host.probe("shard_full");
            self.core.counters.refuse(limit);
            return Step::Refuse(overloaded(limit));
        }
        let now = state.now(self.core.host.wall());
        let last_seq = state.last_seq;
        state.fire_due(&command.hunt, now);
        if state.last_seq > last_seq {
            self.core.host.probe("schedule_fired_by_command");
        }
        if !state.filling.events.is_empty() {
            self.work.borrow().raise();
        }
        let decision = match self.decision(state, command, now) {
            Ok(decision) => decision,
            Err(step) => return step,
        };
        match decision {
            // Only the commit of an event proves that the shard is still ours.
            Decision::Answer(_) if !self.core.is_fresh() => {
                self.core.host.probe("stale_refusal_refused");
                Step::Refuse(not_ready())
            }
            Decision::Event(body) => {
                let seq = state.append(&command.hunt, body, now).seq;
                self.work.borrow().raise();
                let reply = self.reply_to_uncommitted(state, seq);
                self.answer(reply, seq)
            }
            Decision::Answer(reply) => {
                let rests_on = state
                    .hunts
                    .get(&command.hunt)
                    .map_or(0, |slot| slot.state.seq());
                self.answer(reply, rests_on)
            }
            Decision::Replay(seq) => Step::Replay(seq, command.hunt.clone()),
        }
    }

    /// Decides a command, unless its player's row must be read first.
    fn decision(
        &self,
        state: &mut ShardState,
        command: &Command,
        now: hunt::Millis,
    ) -> Result<Decision, Step> {
        let Some(slot) = state.hunts.get(&command.hunt) else {
            return Ok(decide(None, None, command, now, self.id));
        };
        let hunt = Some(&slot.state);
        let Some(player) = command.action.player() else {
            return Ok(decide(hunt, None, command, now, self.id));
        };
        let entry = state.players.touch(slot.number, player);
        if let Some(known) = entry.and_then(|entry| entry.state()) {
            return Ok(decide(hunt, Some(known), command, now, self.id));
        }
        let number = slot.number;
        if !self.take_in_new(state, number, player) {
            return Err(Step::Load(command.hunt.clone(), player.clone()));
        }
        let hunt = state.hunts.get(&command.hunt).map(|slot| &slot.state);
        let known = PlayerState::default();
        Ok(decide(hunt, Some(&known), command, now, self.id))
    }

    fn answer(&self, reply: Reply, rests_on: Seq) -> Step {
        if matches!(reply, Reply::Refused(Refusal::KeyReused)) {
            self.core.host.probe("key_reused");
        }
        self.core.counters.outcome(outcome(&reply));
        Step::Answer(
            Answered {
                reply,
                replayed: false,
            },
            rests_on,
        )
    }

    fn reply_to_uncommitted(&self, state: &ShardState, seq: Seq) -> Reply {
        let event = state.uncommitted(seq).expect("the event was just appended");
        let slot = state
            .hunts
            .get(&event.hunt)
            .expect("the event was just applied to its hunt");
        Reply::of(event, slot.state.definition(), self.id)
    }

    /// The limit that is reached, if any.
    fn full(&self, state: &ShardState, command: &Command) -> Option<&'static str> {
        let settings = &self.core.settings;
        let new_hunt = || {
            matches!(command.action, Action::Put { .. }) && state.hunts.get(&command.hunt).is_none()
        };
        if state
            .filling
            .is_full(settings.batch_events_max, settings.batch_bytes_max)
            || self.core.host.buggify("shed_load")
        {
            Some("batch_events_max")
        } else if state.waiting() >= settings.waiters_max {
            Some("waiters_max")
        } else if self.is_stalled(state) {
            Some("commit_stall_ms")
        } else if state.hunts.len() >= HUNTS_PER_SHARD_MAX && new_hunt() {
            Some("hunts_per_shard_max")
        } else {
            None
        }
    }

    /// The store has not answered the batch in flight for too long.
    pub(crate) fn is_stalled(&self, state: &ShardState) -> bool {
        let now = || self.core.host.monotonic();
        state.is_stalled(now, self.core.settings.commit_stall)
    }

    /// The state, if it may be answered from: the shard is open, not about to be given up, and surely still ours.
    pub(crate) fn serving(&self) -> Result<RefMut<'_, ShardState>, AskError> {
        if self.stopping.get() {
            return Err(not_ready());
        }
        if !self.core.is_fresh() {
            self.core.host.probe("stale_read_refused");
            return Err(not_ready());
        }
        RefMut::filter_map(self.state.borrow_mut(), Option::as_mut).map_err(|_| not_ready())
    }

    /// It takes requests.
    pub(crate) fn is_serving(&self) -> bool {
        self.is_open() && !self.stopping.get()
    }

    /// Waits for a commit.
    pub(crate) async fn settle(&self, wait: Wait) -> Result<(), AskError> {
        match wait {
            Wait::Committed => Ok(()),
            Wait::Until(verdict) => verdict.await.unwrap_or_else(|_| Err(lost())),
        }
    }

    /// Answers a repeated command as its event was answered.
    async fn replay(&self, seq: Seq, hunt: &HuntId) -> Result<Answered, AskError> {
        let (wait, known) = {
            let mut state = self.state.borrow_mut();
            let state = state.as_mut().ok_or_else(not_ready)?;
            (state.wait_committed(seq), state.uncommitted(seq).cloned())
        };
        self.settle(wait).await?;
        let event = match known {
            Some(event) => {
                self.core.host.probe("replay_from_batch");
                event
            }
            None => self.event(seq).await?,
        };
        self.core.counters.outcome("replayed");
        let reply =
            self.with_definition(hunt, |definition| Reply::of(&event, definition, self.id))?;
        Ok(Answered {
            reply,
            replayed: true,
        })
    }

    /// A committed event.
    async fn event(&self, seq: Seq) -> Result<Event, AskError> {
        if let Some(event) = self.core.tail.borrow().event(self.id, seq) {
            self.core.host.probe("replay_from_tail");
            return Ok(event);
        }
        self.core.host.probe("replay_from_log");
        self.core.read_event(self.id, seq).await
    }

    fn with_definition<T>(
        &self,
        hunt: &HuntId,
        use_it: impl FnOnce(&Definition) -> T,
    ) -> Result<T, AskError> {
        let state = self.state.borrow();
        let slot = state
            .as_ref()
            .and_then(|state| state.hunts.get(hunt))
            .ok_or_else(not_ready)?;
        Ok(use_it(slot.state.definition()))
    }

    /// Throws the state away; whoever waits for it is told `error`. The core opens the shard again.
    pub(crate) fn lose(&self, error: &AskError) {
        let state = self.state.borrow_mut().take();
        self.generation.set(self.generation.get() + 1);
        self.flushing.replace(Rc::default());
        self.work.borrow().raise();
        if let Some(mut state) = state {
            self.core.host.closed(self.id, state.epoch);
            // It may be open again before the next count, and would stand in it twice.
            self.core.shrink(state.bytes());
            state.fail_all(error);
        }
    }
}

/// The shard does not take requests.
pub(crate) fn not_ready() -> AskError {
    AskError::NotReady {
        retry_after_ms: NOT_READY_RETRY_MS,
    }
}

/// A limit is reached.
pub(crate) fn overloaded(limit: &'static str) -> AskError {
    AskError::Overloaded {
        limit: limit.into(),
        retry_after_ms: OVERLOADED_RETRY_MS,
    }
}

/// What became of the request can't be told.
pub(crate) fn unavailable(detail: String) -> AskError {
    AskError::Unavailable {
        detail,
        retry_after_ms: NOT_READY_RETRY_MS,
    }
}

pub(crate) fn lost() -> AskError {
    unavailable("the shard changed its owner meanwhile".to_owned())
}

/// The name that an answer is counted under.
fn outcome(reply: &Reply) -> &'static str {
    match reply {
        Reply::Created { .. } => "created",
        Reply::Replaced { .. } => "replaced",
        Reply::Phase { .. } => "phase",
        Reply::Restocked { .. } => "restocked",
        Reply::Joined { .. } => "joined",
        Reply::AlreadyJoined { .. } => "already_joined",
        Reply::Solved { .. } => "solved",
        Reply::Wrong { .. } => "wrong",
        Reply::AlreadySolved { .. } => "already_solved",
        Reply::Locked => "locked",
        Reply::OutOfGuesses => "out_of_guesses",
        Reply::TooSoon { .. } => "too_soon",
        Reply::Granted { .. } => "granted",
        Reply::AlreadyGranted { .. } => "already_granted",
        Reply::SoldOut => "sold_out",
        Reply::NotEligible { .. } => "not_eligible",
        Reply::Refused(Refusal::KeyReused) => "key_reused",
        Reply::Refused(_) => "refused",
    }
}
