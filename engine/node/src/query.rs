//! Looking things up. Every answer rests on committed events only: it waits for the commit of what it looked at.

use std::rc::Rc;

use futures::channel::oneshot;
use hunt::limits::DEFINITION_BYTES_MAX;
use hunt::view::{HuntSummary, hunt_summary, hunt_view, progress, stats};
use hunt::{BoardKey, Event, EventBody, HuntId, PlayerId, PlayerState, Refusal, Seq};
use store::RangeRead;

use crate::board::Board;
use crate::letter::LETTER_BYTES_MAX;
use crate::log::{batch_start, read_batches};
use crate::retry::transact;
use crate::rows::read_ranking;
use crate::settings::{EVENTS_PAGE_MAX, LEADERBOARD_PAGE_MAX};
use crate::shard::{Shard, lost, unavailable};
use crate::state::ShardState;
use crate::yield_now::yield_now;
use crate::{AskError, EventsPage, Host, LeaderboardPage, Query, Ranked, Response};

/// Events that one page looks through for those of its hunt.
const EVENTS_SCANNED_MAX: usize = 100_000;
/// Bytes past which a page of events ends: whole definitions may be among them, and it has to fit a message.
const EVENTS_PAGE_BYTES_MAX: usize = 4 << 20;
/// Bytes of most events at most; those that carry a definition have that in addition.
const EVENT_BYTES: usize = 512;

const _: () = assert!(
    EVENTS_PAGE_BYTES_MAX + EVENT_BYTES + 4 * DEFINITION_BYTES_MAX < LETTER_BYTES_MAX,
    "a page of events, and one definition more, must fit a message to another node"
);

impl<H: Host> Shard<H> {
    /// Answers a query.
    pub(crate) async fn query(self: &Rc<Self>, query: Query) -> Result<Response, AskError> {
        if self.read(query.hunt(), |_, _| ())?.is_none() {
            return Ok(Response::Refused(Refusal::UnknownHunt));
        }
        match query {
            Query::Hunt {
                hunt,
                player,
                audience,
            } => {
                let player = player.as_ref();
                let now = self.core.host.wall();
                self.with_player(&hunt, player, |state, known| {
                    let slot = state.hunts.get(&hunt).expect("hunts are never removed");
                    Response::Hunt(Box::new(hunt_view(
                        &slot.state,
                        known,
                        audience,
                        state.now(now),
                    )))
                })
                .await
            }
            Query::Progress { hunt, player } => {
                let shard = self.id;
                self.with_player(&hunt, Some(&player), |state, known| {
                    let slot = state.hunts.get(&hunt).expect("hunts are never removed");
                    let nobody = PlayerState::default();
                    Response::Progress(Box::new(progress(
                        &slot.state,
                        known.unwrap_or(&nobody),
                        shard,
                    )))
                })
                .await
            }
            Query::Stats { hunt } => {
                let answer = self.read(&hunt, |state, hunt| {
                    Some(stats(&state.hunts.get(hunt)?.state))
                })?;
                self.committed(&hunt).await?;
                Ok(answer
                    .flatten()
                    .map_or(Response::Refused(Refusal::UnknownHunt), |stats| {
                        Response::Stats(Box::new(stats))
                    }))
            }
            Query::Leaderboard {
                hunt,
                limit,
                around,
            } => self.leaderboard(&hunt, limit, around.as_ref()).await,
            Query::Events { hunt, after, limit } => self.events(&hunt, after, limit).await,
            Query::Definition { hunt } => self.definition(&hunt).await,
        }
    }

    /// All hunts of the shard.
    pub(crate) async fn hunts(&self) -> Result<Vec<HuntSummary>, AskError> {
        let (summaries, wait) = {
            let mut state = self.serving()?;
            let summaries = state
                .hunts
                .iter()
                .map(|(_, slot)| hunt_summary(&slot.state))
                .collect();
            let newest = state
                .hunts
                .iter()
                .map(|(_, slot)| slot.state.seq())
                .max()
                .unwrap_or(0);
            (summaries, state.wait_committed(newest))
        };
        self.settle(wait).await?;
        Ok(summaries)
    }

    fn read<T>(
        &self,
        hunt: &HuntId,
        use_it: impl FnOnce(&ShardState, &HuntId) -> T,
    ) -> Result<Option<T>, AskError> {
        let state = self.serving()?;
        Ok(state
            .hunts
            .get(hunt)
            .is_some()
            .then(|| use_it(&state, hunt)))
    }

    /// Waits until all that is decided for the hunt by now is committed.
    async fn committed(&self, hunt: &HuntId) -> Result<(), AskError> {
        let wait = {
            let mut state = self.state.borrow_mut();
            let state = state.as_mut().ok_or_else(lost)?;
            let seq = state.hunts.get(hunt).map_or(0, |slot| slot.state.seq());
            state.wait_committed(seq)
        };
        self.settle(wait).await
    }

    /// Answers from the state with the player's row in memory, once that is committed.
    async fn with_player(
        self: &Rc<Self>,
        hunt: &HuntId,
        player: Option<&PlayerId>,
        view: impl Fn(&ShardState, Option<&PlayerState>) -> Response,
    ) -> Result<Response, AskError> {
        loop {
            if let Some(response) = self.view_now(hunt, player, &view)? {
                self.committed(hunt).await?;
                return Ok(response);
            }
            if let Some(player) = player {
                self.load(hunt.clone(), player.clone()).await?;
            }
        }
    }

    /// The view, unless the player's row must be read first.
    fn view_now(
        &self,
        hunt: &HuntId,
        player: Option<&PlayerId>,
        view: impl Fn(&ShardState, Option<&PlayerState>) -> Response,
    ) -> Result<Option<Response>, AskError> {
        let mut state = self.serving()?;
        let Some(player) = player else {
            return Ok(Some(view(&state, None)));
        };
        let Some(slot) = state.hunts.get(hunt) else {
            return Ok(Some(Response::Refused(Refusal::UnknownHunt)));
        };
        let number = slot.number;
        if state
            .players
            .touch(number, player)
            .is_none_or(|entry| entry.state().is_none())
        {
            return Ok(None);
        }
        let known = state
            .players
            .get(number, player)
            .and_then(|entry| entry.state());
        Ok(Some(view(&state, known)))
    }

    async fn definition(&self, hunt: &HuntId) -> Result<Response, AskError> {
        let definition = match self.serving()?.hunts.get_mut(hunt) {
            Some(slot) => slot.definition(),
            None => return Ok(Response::Refused(Refusal::UnknownHunt)),
        };
        self.committed(hunt).await?;
        Ok(Response::Definition(definition))
    }

    /// The hunt's committed events after `after`, from the log.
    async fn events(
        self: &Rc<Self>,
        hunt: &HuntId,
        after: Seq,
        limit: usize,
    ) -> Result<Response, AskError> {
        let limit = if self.core.host.buggify("shrink_events_page") {
            1
        } else {
            limit.clamp(1, EVENTS_PAGE_MAX)
        };
        let (mut events, mut bytes, mut scanned) = (Vec::new(), 0, 0);
        let (mut next, mut more) = (after, true);
        let is_full =
            |events: &Vec<Event>, bytes| events.len() >= limit || bytes >= EVENTS_PAGE_BYTES_MAX;
        while !is_full(&events, bytes) && scanned < EVENTS_SCANNED_MAX {
            let found = self.log_after(next).await?;
            let Some(last) = found.last() else {
                more = false;
                break;
            };
            scanned += found.len();
            next = last.seq;
            for event in found.into_iter().filter(|event| event.hunt == *hunt) {
                if !is_full(&events, bytes) {
                    bytes += weight(&event);
                    events.push(event);
                }
            }
            if let (true, Some(last)) = (is_full(&events, bytes), events.last()) {
                next = last.seq;
            }
        }
        let Response::Definition(definition) = self.definition(hunt).await? else {
            return Ok(Response::Refused(Refusal::UnknownHunt));
        };
        Ok(Response::Events(EventsPage {
            shard: self.id,
            events,
            definition,
            next_after: next,
            more,
        }))
    }

    async fn log_after(&self, after: Seq) -> Result<Vec<Event>, AskError> {
        let (keys, shard) = (&self.core.keys, self.id);
        let host = &self.core.host;
        let (batches, _) = transact(host, async |transaction, _| {
            match batch_start(transaction, keys, shard, after + 1).await? {
                Some(start) => read_batches(host, transaction, keys, shard, start).await,
                None => Ok(Vec::new()),
            }
        })
        .await
        .map_err(|error| unavailable(format!("the log could not be read: {error}")))?;
        yield_now().await;
        Ok(batches
            .into_iter()
            .flat_map(|batch| batch.events)
            .filter(|event| event.seq > after)
            .collect())
    }

    async fn leaderboard(
        self: &Rc<Self>,
        hunt: &HuntId,
        limit: usize,
        around: Option<&PlayerId>,
    ) -> Result<Response, AskError> {
        let limit = limit.clamp(1, LEADERBOARD_PAGE_MAX);
        loop {
            if let Some(player) = around {
                self.with_player(hunt, Some(player), |_, _| Response::Hunts(Vec::new()))
                    .await?;
            }
            self.ranked(hunt).await?;
            // Place and page of one moment: what is awaited above may have changed meanwhile.
            let page = self.read(hunt, |state, hunt| page(state, hunt, limit, around))?;
            if let Some(page) = page.flatten() {
                self.committed(hunt).await?;
                return Ok(Response::Leaderboard(page));
            }
        }
    }

    /// Sees to it that the ranking is in memory.
    async fn ranked(self: &Rc<Self>, hunt: &HuntId) -> Result<(), AskError> {
        loop {
            let (receiver, start) = {
                let mut state = self.serving()?;
                let Some(slot) = state.hunts.get_mut(hunt) else {
                    return Ok(());
                };
                let is_slow = self.core.host.buggify("rebuild_ranking_slowly");
                if is_slow {
                    slot.board.forget();
                }
                match &mut slot.board {
                    Board::Loaded(_) => return Ok(()),
                    Board::Loading { waiters, .. } => (wait_for(waiters), None),
                    Board::Absent => (start_loading(&mut state, hunt), Some(is_slow)),
                }
            };
            if let Some(is_slow) = start {
                let board = self
                    .clone()
                    .load_board(hunt.clone(), self.generation.get(), is_slow);
                self.core.host.spawn(board);
            }
            receiver
                .await
                .map_err(|_| unavailable("the ranking could not be read".to_owned()))?;
        }
    }

    /// `is_slow`: places change meanwhile, which a simulation is to see more often than it happens.
    async fn load_board(self: Rc<Self>, hunt: HuntId, generation: u64, is_slow: bool) {
        let rows = self.read_places(&hunt).await;
        if is_slow {
            let settings = &self.core.settings;
            self.core.host.sleep(settings.ask_timeout / 2).await;
        }
        let mut state = self.state.borrow_mut();
        let Some(state) = state
            .as_mut()
            .filter(|_| self.generation.get() == generation)
        else {
            return;
        };
        let Some(slot) = state.hunts.get_mut(&hunt) else {
            return;
        };
        match rows {
            // Rows that another owner may have written by now do not fit what is known here of newer places.
            Ok(_) if !self.core.is_fresh() => {
                self.core.host.probe("stale_board_dropped");
                slot.board = Board::Absent;
            }
            Ok(rows) => {
                if matches!(&slot.board, Board::Loading { newer, .. } if !newer.is_empty()) {
                    self.core.host.probe("leaderboard_loaded_while_changing");
                }
                slot.board.complete(rows);
            }
            Err(error) => {
                tracing::warn!(shard = self.id, %hunt, %error, "the ranking could not be read");
                slot.board = Board::Absent;
            }
        }
    }

    async fn read_places(
        &self,
        hunt: &HuntId,
    ) -> Result<Vec<(BoardKey, PlayerId)>, crate::retry::TransactError> {
        let mut read = Some(RangeRead::of(&self.core.keys.players(self.id, hunt)));
        let mut places = Vec::new();
        while let Some(page) = read {
            let (mut found, next) = read_ranking(&self.core.host, &self.core.keys, &page).await?;
            places.append(&mut found);
            read = next;
            yield_now().await;
        }
        Ok(places)
    }
}

/// The page as of now; none if the ranking, or the player to centre it on, is not in memory.
fn page(
    state: &ShardState,
    hunt: &HuntId,
    limit: usize,
    around: Option<&PlayerId>,
) -> Option<LeaderboardPage> {
    let slot = state.hunts.get(hunt)?;
    let Board::Loaded(ranks) = &slot.board else {
        return None;
    };
    let players = ranks.len();
    let first = match around {
        None => 1,
        Some(player) => match state.players.get(slot.number, player)?.state()?.board() {
            Some(own) => ranks.rank(&own).saturating_sub(limit as u64 / 2).max(1),
            // Who is not ranked has nobody around.
            None => {
                return Some(LeaderboardPage {
                    entries: Vec::new(),
                    players,
                });
            }
        },
    };
    let places = ranks.page(first, limit).into_iter().zip(first..);
    let entries = places
        .map(|((key, player), rank)| ranked(rank, &key, player))
        .collect();
    Some(LeaderboardPage { entries, players })
}

fn wait_for(waiters: &mut Vec<oneshot::Sender<()>>) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    waiters.push(sender);
    receiver
}

/// From here on the board keeps what is newer than the rows that are about to be read.
fn start_loading(state: &mut ShardState, hunt: &HuntId) -> oneshot::Receiver<()> {
    let number = state.hunts.get(hunt).map_or(0, |slot| slot.number);
    let newer = state
        .players
        .of_hunt(number)
        .filter(|entry| entry.is_newer_than_row())
        .filter_map(|entry| Some((entry.player().clone(), entry.newest_place()?)))
        .collect();
    let (sender, receiver) = oneshot::channel();
    if let Some(slot) = state.hunts.get_mut(hunt) {
        slot.board = Board::Loading {
            newer,
            waiters: vec![sender],
        };
    }
    receiver
}

fn ranked(rank: u64, key: &BoardKey, player: PlayerId) -> Ranked {
    Ranked {
        rank,
        player,
        score: key.score,
        last_solve_at: key.at,
    }
}

/// About how many bytes the event has.
fn weight(event: &Event) -> usize {
    match &event.body {
        EventBody::Put { definition, .. } => EVENT_BYTES + definition.memory_bytes(),
        EventBody::Solved {
            unlocked, grants, ..
        } => EVENT_BYTES + unlocked.len() * 4 + grants.len() * 16,
        _ => EVENT_BYTES,
    }
}
