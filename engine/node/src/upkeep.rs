//! What a shard does from time to time: fire its schedule, write rows, evict.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use crate::batch::tell;
use crate::committer::give_up;
use crate::counters::add;
use crate::flush::{Flush, tails};
use crate::retry::TransactError;
use crate::rows::write_rows;
use crate::shard::{Shard, lost, unavailable};
use crate::state::Wait;
use crate::{AskError, Host};

/// Rows that are looked at for eviction in one go: about a millisecond's worth.
const EVICTION_STEPS: usize = 32_768;

/// Into about so many transactions a flush is cut, one by one with a pause: a core that writes many rows at once answers
/// nobody meanwhile, and the commits of others wait behind theirs.
const FLUSH_PARTS: usize = 32;
/// Fewer rows are not worth a transaction of their own.
const FLUSH_ROWS_MIN: usize = 64;

/// The turn to write rows of a shard. There is one for each opening: the checkpoint of a write says that all older rows are
/// written, which does not hold while another write is under way. Who has that of an earlier opening gives back that one.
pub(crate) struct FlushTurn(Rc<Cell<bool>>);

impl FlushTurn {
    /// Takes the turn, unless another has it.
    pub(crate) fn take<H: Host>(shard: &Shard<H>) -> Option<Self> {
        let flushing = shard.flushing.borrow();
        (!flushing.replace(true)).then(|| Self(flushing.clone()))
    }
}

impl Drop for FlushTurn {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<H: Host> Shard<H> {
    /// Fires what the schedules of the shard's hunts are due for.
    pub(crate) fn fire_schedules(&self) {
        let mut state = self.state.borrow_mut();
        // One that is about to be given up leaves them to the next owner.
        let Some(state) = state.as_mut().filter(|_| !self.stopping.get()) else {
            return;
        };
        let now = state.now(self.core.host.wall());
        if state.next_due.is_none_or(|due| due > now) {
            return;
        }
        let hunts = state.hunts.iter();
        let due = hunts.filter(|(_, slot)| slot.next_due().is_some_and(|due| due <= now));
        let due: BTreeSet<_> = due.map(|(id, _)| id.clone()).collect();
        self.core.host.probe("schedule_fired_by_tick");
        for hunt in due {
            state.fire_due(&hunt, now);
        }
        self.work.borrow().raise();
    }

    /// Answers those who have waited too long for a commit: that what they asked for may come true yet.
    pub(crate) fn answer_stalled(&self) {
        let mut state = self.state.borrow_mut();
        let Some(state) = state.as_mut().filter(|state| self.is_stalled(state)) else {
            return;
        };
        let waiters = state.take_waiters();
        if !waiters.is_empty() {
            self.core.host.probe("stalled_commit_answered");
            let limit = self.core.settings.commit_stall;
            let detail = format!("the store has not answered for {} ms", limit.as_millis());
            tell(waiters, &Err(unavailable(detail)));
        }
    }

    /// Whether rows should be written now.
    pub(crate) fn dirty_rows(&self) -> usize {
        self.state
            .borrow()
            .as_ref()
            .map_or(0, |state| state.dirty.len())
    }

    /// Whether it is this shard's turn to write its rows.
    pub(crate) fn is_flush_due(&self, now: Duration) -> bool {
        let turn = self.flush_at.get();
        let is_due = now >= turn;
        if is_due {
            let next = next_turn(turn, now, self.core.settings.flush_after);
            self.flush_at.set(next);
        }
        is_due
    }

    /// Starts writing dirty rows, unless that is under way: all that are dirty now.
    pub(crate) fn start_flush(self: &Rc<Self>) {
        if let Some(turn) = FlushTurn::take(self) {
            self.core
                .host
                .spawn(self.clone().flush_task(turn, self.generation.get()));
        }
    }

    async fn flush_task(self: Rc<Self>, turn: FlushTurn, generation: u64) {
        self.flush(&turn, generation).await;
    }

    /// Writes every row that is dirty by now. Says whether it succeeded.
    pub(crate) async fn flush(self: &Rc<Self>, _turn: &FlushTurn, generation: u64) -> bool {
        let Some(until) = self.state.borrow().as_ref().map(|state| state.last_seq) else {
            return false;
        };
        loop {
            match self.flush_some(generation, until).await {
                Ok(true) => self.pause_flush().await,
                Ok(false) => return true,
                Err(FlushError::Ask(error)) => {
                    self.core.host.probe("flush_put_off");
                    tracing::warn!(shard = self.id, %error, "rows could not be written; they stay in memory");
                    return false;
                }
                Err(FlushError::Transact(error)) => {
                    self.core.host.probe("flush_failed");
                    if self.generation.get() == generation {
                        // A batch in flight may have been committed before the lease was taken.
                        give_up(self, &error, lost());
                    }
                    return false;
                }
            }
        }
    }

    /// Leaves the core and the store to others, unless somebody waits for the rows to be written.
    async fn pause_flush(&self) {
        let is_awaited = self.moving.get()
            || self.dirty_rows() >= self.core.settings.dirty_rows_max
            || self.core.excess_bytes() > 0;
        if !is_awaited {
            let settings = &self.core.settings;
            let pause = settings.flush_after / (2 * FLUSH_PARTS as u32);
            self.core.host.sleep(pause.min(settings.tick)).await;
        }
    }

    /// How many rows the next transaction of a flush writes at most.
    fn flush_rows(&self) -> usize {
        let rows_max = self.core.settings.flush_rows_max;
        let part = self.dirty_rows() / FLUSH_PARTS;
        part.max(FLUSH_ROWS_MIN).min(rows_max)
    }

    /// Writes one transaction's worth of rows; false when nothing older than `until` is left.
    async fn flush_some(
        self: &Rc<Self>,
        generation: u64,
        until: hunt::Seq,
    ) -> Result<bool, FlushError> {
        let rows_max = self.flush_rows();
        let missing = match self.state.borrow_mut().as_mut() {
            Some(state) => tails(state, rows_max),
            None => return Ok(false),
        };
        let loads = missing
            .into_iter()
            .map(|(hunt, player)| self.load(hunt, player));
        for loaded in futures::future::join_all(loads).await {
            loaded.map_err(FlushError::Ask)?;
        }
        let (flush, epoch, wait) = {
            let mut state = self.state.borrow_mut();
            let Some(state) = state
                .as_mut()
                .filter(|_| self.generation.get() == generation)
            else {
                return Ok(false);
            };
            if state.dirty.first_seq().is_none_or(|first| first > until) {
                return Ok(false);
            }
            let Some(flush) = Flush::take(state, &self.core.keys, self.id, rows_max) else {
                return Ok(true);
            };
            let wait = state.follow_commit(flush.needs_seq);
            if matches!(wait, Wait::Until(_)) {
                self.core.host.probe("flush_waits_for_commit");
            }
            (flush, state.epoch, wait)
        };
        self.settle(wait).await.map_err(FlushError::Ask)?;
        write_rows(
            &self.core.host,
            &self.core.keys,
            self.id,
            epoch,
            &flush.rows,
            flush.checkpoint,
        )
        .await
        .map_err(FlushError::Transact)?;
        self.flushed(flush, generation);
        Ok(true)
    }

    fn flushed(&self, flush: Flush, generation: u64) {
        let mut state = self.state.borrow_mut();
        if let Some(state) = state
            .as_mut()
            .filter(|_| self.generation.get() == generation)
        {
            add(
                &self.core.counters.rows_written,
                flush.written(state) as u64,
            );
        }
    }

    /// Frees up to `target` bytes of rows that were not used lately; says how many it freed.
    pub(crate) fn evict(&self, target: u64) -> u64 {
        let mut state = self.state.borrow_mut();
        let Some(state) = state.as_mut() else {
            return 0;
        };
        let (rows, bytes) = state.players.evict(target, EVICTION_STEPS);
        if rows > 0 {
            self.core.host.probe("rows_evicted");
        }
        add(&self.core.counters.rows_evicted, rows);
        self.core.shrink(bytes);
        bytes
    }
}

/// Why rows were not written.
enum FlushError {
    /// Before they could be: a load or a commit failed, which has been dealt with where it did.
    Ask(AskError),
    /// When they were.
    Transact(TransactError),
}

/// The first time after `now` that lies a whole number of periods after `turn`: who is late keeps its place among the others.
fn next_turn(turn: Duration, now: Duration, period: Duration) -> Duration {
    let period = period.max(Duration::from_micros(1));
    let late_us = (now.saturating_sub(turn)).as_micros() % period.as_micros();
    now + period - Duration::from_micros(u64::try_from(late_us).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_late_keeps_its_turn() {
        let ms = Duration::from_millis;
        assert_eq!(next_turn(ms(300), ms(300), ms(1_000)), ms(1_300));
        assert_eq!(next_turn(ms(300), ms(1_299), ms(1_000)), ms(1_300));
        assert_eq!(
            next_turn(ms(300), ms(86_400_000), ms(1_000)),
            ms(86_400_300)
        );
        assert_eq!(
            next_turn(ms(0), ms(5), ms(0)),
            ms(5) + Duration::from_micros(1)
        );
    }
}
