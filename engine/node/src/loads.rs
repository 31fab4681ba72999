//! Reading players' rows into memory; many callers share one read.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures::channel::oneshot;
use hunt::{HuntId, PlayerId, PlayerState};

use crate::batch::{Verdict, tell};
use crate::counters::add;
use crate::players::{HuntNumber, PlayerKey};
use crate::retry::TransactError;
use crate::rows::read_player;
use crate::shard::{Shard, lost, not_ready, overloaded, unavailable};
use crate::state::{LoadWaiters, ShardState};
use crate::{AskError, Host};

/// What a load waits between two looks for room in memory.
const ROOM_PAUSE: Duration = Duration::from_millis(10);
/// How often it looks before it is refused: a second in all.
const ROOM_TRIES_MAX: usize = 100;

/// How a row comes to memory.
enum Load {
    /// There is no such hunt or no such row, or it is in memory by now: nothing to read.
    Nothing,
    /// Someone reads it already.
    Joined(oneshot::Receiver<Verdict>),
    /// It is this caller's to read.
    Started(PlayerKey, oneshot::Receiver<Verdict>),
}

impl<H: Host> Shard<H> {
    /// Reads a player's row into memory, once there is room for it.
    pub(crate) async fn load(
        self: &Rc<Self>,
        hunt: HuntId,
        player: PlayerId,
    ) -> Result<(), AskError> {
        if self.core.host.buggify("wait_for_room") {
            self.core.host.sleep(self.core.settings.tick).await;
        }
        if self.core.is_out_of_memory() && !self.has_tail(&hunt, &player) {
            self.make_room().await?;
        }
        let admitted = {
            let mut state = self.state.borrow_mut();
            self.admit(state.as_mut().ok_or_else(not_ready)?, &hunt, player)
        };
        let verdict = match admitted {
            Ok(Load::Nothing) => return Ok(()),
            Ok(Load::Joined(verdict)) => {
                self.core.host.probe("load_joined");
                verdict
            }
            Ok(Load::Started(key, verdict)) => {
                self.start(hunt, key);
                verdict
            }
            Err(limit) => {
                self.core.host.probe("loads_full");
                self.core.counters.refuse(limit);
                return Err(overloaded(limit));
            }
        };
        verdict.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Takes a player to memory of whom the store can know nothing, if there is room; says whether it did.
    pub(crate) fn take_in_new(
        &self,
        state: &mut ShardState,
        hunt: HuntNumber,
        player: &PlayerId,
    ) -> bool {
        // While a read is under way nothing but its end may bring a player to memory.
        let is_free = state.loads.is_empty() && !self.core.is_out_of_memory();
        let bytes = is_free
            .then(|| state.players.add_new(hunt, player))
            .flatten();
        if let Some(bytes) = bytes {
            self.core.host.probe("new_player_not_read");
            self.core.grow(bytes);
        }
        bytes.is_some()
    }

    /// Who is in memory with the log's tail only is counted already, and must be read before the row can be written.
    fn has_tail(&self, hunt: &HuntId, player: &PlayerId) -> bool {
        let state = self.state.borrow();
        let entry = state
            .as_ref()
            .and_then(|state| state.players.get(state.hunts.get(hunt)?.number, player));
        entry.is_some()
    }

    /// Evicts, and waits a little for dirty rows to be written if nothing can be evicted.
    async fn make_room(self: &Rc<Self>) -> Result<(), AskError> {
        self.core.host.probe("load_waits_for_memory");
        for _ in 0..ROOM_TRIES_MAX {
            self.evict(self.core.excess_bytes());
            self.core.free_tail();
            if !self.core.is_out_of_memory() {
                return Ok(());
            }
            self.start_flush();
            self.core.host.sleep(ROOM_PAUSE).await;
        }
        self.core.host.probe("load_refused_memory");
        self.core.counters.refuse("memory_bytes");
        Err(overloaded("memory_bytes"))
    }

    fn admit(
        &self,
        state: &mut ShardState,
        hunt: &HuntId,
        player: PlayerId,
    ) -> Result<Load, &'static str> {
        let Some(slot) = state.hunts.get(hunt) else {
            return Ok(Load::Nothing);
        };
        let key = PlayerKey {
            hunt: slot.number,
            player,
        };
        // Someone else read it while this caller waited for room. Read again, it might come when what is known by now has
        // been written and evicted, and would be taken for the newest.
        if state.players.has_state(key.hunt, &key.player) {
            self.core.host.probe("loaded_while_waiting");
            return Ok(Load::Nothing);
        }
        let name = (key.hunt, key.player.clone());
        // Before anything else: while a read is under way nothing but its end may bring the player to memory.
        if let Some(waiters) = state.loads.get_mut(&name) {
            let (sender, receiver) = oneshot::channel();
            waiters.push(sender);
            return Ok(Load::Joined(receiver));
        }
        if state.players.is_new(key.hunt, &key.player) {
            self.core.host.probe("new_player_not_read");
            self.take_in(state, &key, None);
            return Ok(Load::Nothing);
        }
        if state.loads.len() >= self.core.settings.loads_max {
            return Err("loads_max");
        }
        let (sender, receiver) = oneshot::channel();
        state.loads.insert(name, vec![sender]);
        Ok(Load::Started(key, receiver))
    }

    /// A task of its own, since a caller that hangs up must not strand the others; spawned only if the store makes
    /// it wait, which the embedded one rarely does.
    fn start(self: &Rc<Self>, hunt: HuntId, key: PlayerKey) {
        let mut reading: Pin<Box<dyn Future<Output = ()>>> =
            Box::pin(self.clone().read_row(hunt, key, self.generation.get()));
        if reading
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
        {
            self.core.host.spawn(reading);
        }
    }

    async fn read_row(self: Rc<Self>, hunt: HuntId, key: PlayerKey, generation: u64) {
        let row = read_player(
            &self.core.host,
            &self.core.keys,
            self.id,
            &hunt,
            &key.player,
        )
        .await;
        let told = {
            let mut state = self.state.borrow_mut();
            state
                .as_mut()
                .filter(|_| self.generation.get() == generation)
                .map(|state| self.loaded(state, &key, row))
        };
        match told {
            Some((waiters, verdict)) => tell(waiters, &verdict),
            None => self.core.host.probe("shard_lost_while_loading"),
        }
    }

    fn loaded(
        &self,
        state: &mut ShardState,
        key: &PlayerKey,
        row: Result<Option<PlayerState>, TransactError>,
    ) -> (LoadWaiters, Verdict) {
        let waiters = state
            .loads
            .remove(&(key.hunt, key.player.clone()))
            .unwrap_or_default();
        let verdict = match row {
            // It may be another owner's by now, and not fit the hunt as it is known here.
            Ok(_) if !self.core.is_fresh() => {
                self.core.host.probe("stale_row_dropped");
                Err(not_ready())
            }
            Ok(row) => {
                add(&self.core.counters.rows_loaded, 1);
                if state.players.get(key.hunt, &key.player).is_some() {
                    self.core.host.probe("tail_applied_to_row");
                }
                self.take_in(state, key, row);
                Ok(())
            }
            Err(error) => Err(unavailable(format!(
                "the player's row could not be read: {error}"
            ))),
        };
        (waiters, verdict)
    }

    fn take_in(&self, state: &mut ShardState, key: &PlayerKey, row: Option<PlayerState>) {
        let before = state.players.bytes();
        state.players.loaded(key, row);
        // A tail that meets its row may well shrink.
        self.core.grow(state.players.bytes().saturating_sub(before));
    }
}
