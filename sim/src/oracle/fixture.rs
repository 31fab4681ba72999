//! A small run made by hand, for the tests of the oracles: sound until a test breaks it.

mod breaks;

use std::collections::BTreeMap;
use std::sync::Arc;

use hunt::view::{hunt_summary, progress, stats};
use hunt::{
    Action, Attempt, ClueId, Command, Decision, Draft, Event, HuntId, HuntState, Leaderboard,
    Millis, PlayerId, PlayerState, Reply, RequestId, Salt, TreasureId, decide,
};
use node::{
    Answered, CoreStatus, EventsPage, FeedEvent, FeedPage, FeedPosition, LeaderboardPage, Query,
    Ranked, Response, ShardStatus,
};
use store::Versionstamp;

use super::{Check, Evidence, Observations};
use crate::draw::DrawOptions;
use crate::history::{Answer, Ask, History, Op, Try};
use crate::plan::Plan;
use crate::truth::{LandedLease, Truth};
use crate::workload::secret;
use crate::world::WALL_AT_START_MS;

/// From the sending of a request to its commit, and from there to the answer.
const LEG_US: u64 = 100;
/// From one request to the next.
const STEP_US: u64 = 1_000;

/// A run: evidence that a test may break.
pub(super) struct Fixture {
    pub(super) plan: Plan,
    pub(super) history: History,
    pub(super) truth: Truth,
    pub(super) observations: Observations,
    now_us: u64,
    lease: LandedLease,
    asked: u32,
}

impl Fixture {
    /// A hunt that is open, with a few players in it. `coin` has one unit, `gem` requires `pier`.
    pub(super) fn played() -> Self {
        let mut run = Self::with("");
        run.ask("open", Action::Open);
        run.solve("amy", "pharos");
        run.solve("bob", "pharos");
        run.claim("cat", "badge");
        run.miss("dan", "pharos");
        run
    }

    /// A hunt that opens after 5 s and closes after 60 s by itself.
    pub(super) fn scheduled() -> Self {
        let (opens, closes) = (
            Millis(WALL_AT_START_MS + 5_000),
            Millis(WALL_AT_START_MS + 60_000),
        );
        Self::with(&format!(
            r#""opens_at": "{opens}", "closes_at": "{closes}","#
        ))
    }

    fn with(times: &str) -> Self {
        let mut plan = Plan::draw(1, &DrawOptions::default());
        (plan.engine.shards, plan.cores) = (1, 1);
        plan.rates.message_doubled = 0;
        plan.disasters.clear();
        let lease = LandedLease {
            stamp: Versionstamp::new(1, 0),
            at_us: 0,
            writer: (1, 0),
            shard: 0,
            epoch: 1,
            node: 1,
            released: false,
        };
        let mut run = Self {
            plan,
            history: History::default(),
            truth: Truth {
                leases: vec![lease],
                ..Truth::default()
            },
            observations: Observations::default(),
            now_us: STEP_US,
            lease,
            asked: 0,
        };
        let json = definition(times);
        let draft = Draft::parse(json.as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let put = Action::Put {
            draft: Box::new(draft),
            salt: Salt([7; 16]),
        };
        run.ask("put", put);
        run
    }

    pub(super) fn passes(&self, check: Check) {
        let evidence = self.evidence();
        check(&evidence).unwrap();
    }

    pub(super) fn fails(&self, check: Check, expected: &str) {
        let failure = check(&self.evidence()).unwrap_err();
        assert!(failure.detail.contains(expected), "{failure:?}");
    }

    pub(super) fn evidence(&self) -> Evidence<'_> {
        Evidence::new(&self.plan, &self.history, &self.truth, &self.observations)
    }

    // What players and operators do.

    pub(super) fn claim(&mut self, player: &str, treasure: &str) {
        let request = format!("r{}", self.asked);
        self.claim_as(player, treasure, &request);
    }

    pub(super) fn claim_as(&mut self, player: &str, treasure: &str, request: &str) {
        let claim = Action::Claim {
            player: player_id(player),
            treasure: TreasureId::new(treasure).unwrap(),
        };
        self.ask(request, claim);
    }

    pub(super) fn solve(&mut self, player: &str, clue: &str) {
        let answer = secret::answer(&ClueId::new(clue).unwrap());
        self.attempt(player, clue, answer);
    }

    pub(super) fn miss(&mut self, player: &str, clue: &str) {
        self.attempt(player, clue, format!("wrong {}", self.asked));
    }

    fn attempt(&mut self, player: &str, clue: &str, answer: String) {
        let solve = Action::Solve {
            player: player_id(player),
            clue: ClueId::new(clue).unwrap(),
            attempt: Attempt::Answer(answer),
        };
        self.ask(&format!("r{}", self.asked), solve);
    }

    pub(super) fn restock(&mut self, treasure: &str, add: u64) {
        let treasure = TreasureId::new(treasure).unwrap();
        let request = format!("r{}", self.asked);
        self.ask(&request, Action::Restock { treasure, add });
    }

    pub(super) fn close(&mut self) {
        self.ask(&format!("r{}", self.asked), Action::Close);
    }

    /// Has a command decided as the engine would, and the answer given.
    fn ask(&mut self, request: &str, action: Action) {
        let command = Command {
            hunt: hunt_id(),
            request: RequestId::new(request).unwrap(),
            action,
        };
        self.fire_due();
        let (hunt, players) = self.fold();
        let known = command
            .action
            .player()
            .and_then(|player| players.get(player));
        let answered = match decide(hunt.as_ref(), known, &command, self.now(), 0) {
            Decision::Event(body) => {
                self.append(body);
                Answered {
                    reply: self.render(self.last_event()),
                    replayed: false,
                }
            }
            Decision::Answer(reply) => Answered {
                reply,
                replayed: false,
            },
            Decision::Replay(seq) => Answered {
                reply: self.render(self.events().find(|event| event.seq == seq).unwrap()),
                replayed: true,
            },
        };
        self.record(Ask::Command(command), Answer::Command(Ok(answered)));
    }

    fn fire_due(&mut self) {
        while let Some(body) = self.fold().0.and_then(|hunt| hunt.due(self.now())) {
            self.append(body);
        }
    }

    fn render(&self, event: &Event) -> Reply {
        let hunt = self.fold().0.unwrap();
        Reply::of(event, hunt.definition(), 0)
    }

    fn record(&mut self, ask: Ask, answer: Answer) {
        self.history.ops.push(Op {
            client: 1,
            nth: self.asked,
            ask,
            tries: vec![Try {
                node: 1,
                core: 0,
                sent_us: self.now_us,
                ended_us: Some(self.now_us + 2 * LEG_US),
                answer: Some(answer),
            }],
        });
        self.asked += 1;
        self.now_us += STEP_US;
    }

    pub(super) fn wait_ms(&mut self, ms: u64) {
        self.now_us += ms * 1_000;
    }

    pub(super) fn wall_ms(&self) -> u64 {
        self.now().0
    }

    fn now(&self) -> Millis {
        Millis(WALL_AT_START_MS + self.now_us / 1_000)
    }

    // What is looked up.

    pub(super) fn look_at_stats(&mut self) -> &mut hunt::view::Stats {
        let given = Box::new(stats(&self.fold().0.unwrap()));
        let query = Query::Stats { hunt: hunt_id() };
        match self.look(query, Response::Stats(given)) {
            Response::Stats(stats) => stats,
            _ => unreachable!("as it was given"),
        }
    }

    pub(super) fn look_at_progress(&mut self, player: &str) {
        let (hunt, players) = self.fold();
        let player = player_id(player);
        let state = players.get(&player).cloned().unwrap_or_default();
        let given = Box::new(progress(&hunt.unwrap(), &state, 0));
        let query = Query::Progress {
            hunt: hunt_id(),
            player,
        };
        self.look(query, Response::Progress(given));
    }

    pub(super) fn look_at_events(&mut self, after: u64, limit: usize) -> &mut EventsPage {
        let next = self.events().filter(|event| event.seq > after);
        let events: Vec<Event> = next.take(limit).cloned().collect();
        let last = events.last().map_or(after, |event| event.seq);
        let page = EventsPage {
            shard: 0,
            more: self.last_event().seq > last,
            next_after: last,
            events,
            definition: Arc::new(self.fold().0.unwrap().definition().clone()),
        };
        let query = Query::Events {
            hunt: hunt_id(),
            after,
            limit,
        };
        match self.look(query, Response::Events(page)) {
            Response::Events(page) => page,
            _ => unreachable!("as it was given"),
        }
    }

    pub(super) fn look_at_ranking(
        &mut self,
        limit: usize,
        around: Option<&str>,
    ) -> &mut LeaderboardPage {
        let players = self.fold().1;
        let mut board = Leaderboard::default();
        for (player, state) in &players {
            if let Some(key) = state.board() {
                board.insert(key, player.clone());
            }
        }
        let around = around.map(player_id);
        let own = around.as_ref().map(|player| {
            let state = players.get(player);
            state.and_then(PlayerState::board)
        });
        let first = match own {
            None => Some(1),
            Some(own) => own.map(|own| board.rank(&own).saturating_sub(limit as u64 / 2).max(1)),
        };
        let entries = first.map_or(Vec::new(), |first| {
            let places = board.page(first, limit).into_iter().zip(first..);
            let ranked = places.map(|((key, player), rank)| Ranked {
                rank,
                player,
                score: key.score,
                last_solve_at: key.at,
            });
            ranked.collect()
        });
        let page = LeaderboardPage {
            entries,
            players: board.len(),
        };
        let query = Query::Leaderboard {
            hunt: hunt_id(),
            limit,
            around,
        };
        match self.look(query, Response::Leaderboard(page)) {
            Response::Leaderboard(page) => page,
            _ => unreachable!("as it was given"),
        }
    }

    fn look(&mut self, query: Query, response: Response) -> &mut Response {
        self.record(Ask::Query(query), Answer::Query(Ok(response)));
        match &mut self.last_try().answer {
            Some(Answer::Query(Ok(response))) => response,
            _ => unreachable!("as it was recorded"),
        }
    }

    pub(super) fn look_at_status(&mut self) -> &mut CoreStatus {
        let last_seq = self.last_event().seq;
        let status = CoreStatus {
            memory_budget_bytes: self.plan.engine.memory_bytes,
            commands: 2,
            outcomes: [(hunt::Label::from("joined"), 2)].into(),
            shards: vec![ShardStatus {
                open: true,
                epoch: self.lease.epoch,
                last_seq,
                committed_seq: last_seq,
                hunts: 1,
                ..ShardStatus::default()
            }],
            ..CoreStatus::default()
        };
        let answer = Answer::Status(vec![Ok(Response::Status(Box::new(status)))]);
        self.record(Ask::Status, answer);
        match &mut self.last_try().answer {
            Some(Answer::Status(parts)) => match &mut parts[0] {
                Ok(Response::Status(status)) => status,
                _ => unreachable!("as it was recorded"),
            },
            _ => unreachable!("as it was recorded"),
        }
    }

    pub(super) fn list_hunts(&mut self) -> &mut Vec<hunt::HuntSummary> {
        let list = vec![hunt_summary(&self.fold().0.unwrap())];
        self.record(Ask::Hunts, Answer::Hunts(vec![Ok(Response::Hunts(list))]));
        match &mut self.last_try().answer {
            Some(Answer::Hunts(parts)) => match &mut parts[0] {
                Ok(Response::Hunts(list)) => list,
                _ => unreachable!("as it was recorded"),
            },
            _ => unreachable!("as it was recorded"),
        }
    }

    /// Reads the feed after so many of its events.
    pub(super) fn read_feed(&mut self, after: usize, limit: usize) -> &mut FeedPage {
        let definition = Arc::new(self.fold().0.unwrap().definition().clone());
        let all = self.truth.batches.iter().flat_map(|batch| {
            let events = batch.events.iter().zip(1..);
            events.map(|(event, events)| FeedEvent {
                position: FeedPosition {
                    versionstamp: batch.stamp.0,
                    events,
                },
                shard: 0,
                event: event.clone(),
                definition: definition.clone(),
            })
        });
        let all: Vec<FeedEvent> = all.collect();
        let position = |count: usize| {
            let last = count.checked_sub(1).and_then(|last| all.get(last));
            last.map_or(FeedPosition::default(), |event| event.position)
        };
        let end = all.len().min(after + limit);
        let page = FeedPage {
            events: all[after..end].to_vec(),
            position: position(end),
            more: end < all.len(),
        };
        let ask = Ask::Feed {
            after: position(after),
            limit,
        };
        self.record(ask, Answer::Feed(Ok(page)));
        match &mut self.last_try().answer {
            Some(Answer::Feed(Ok(page))) => page,
            _ => unreachable!("as it was recorded"),
        }
    }

    pub(super) fn event_mut(&mut self, index: usize) -> &mut Event {
        &mut self.truth.batches[index].events[0]
    }

    pub(super) fn last_event_mut(&mut self) -> &mut Event {
        let last = self.truth.batches.last_mut().unwrap();
        last.events.last_mut().unwrap()
    }

    pub(super) fn last_event(&self) -> &Event {
        self.events().last().unwrap()
    }

    pub(super) fn last_answer(&mut self) -> &mut Answered {
        match &mut self.last_try().answer {
            Some(Answer::Command(Ok(answered))) => answered,
            other => panic!("a command was answered last, not {other:?}"),
        }
    }

    fn last_try(&mut self) -> &mut Try {
        let last = self.history.ops.last_mut().unwrap();
        last.tries.last_mut().unwrap()
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.truth.batches.iter().flat_map(|batch| &batch.events)
    }

    fn fold(&self) -> (Option<HuntState>, BTreeMap<PlayerId, PlayerState>) {
        let mut hunt: Option<HuntState> = None;
        let mut players: BTreeMap<PlayerId, PlayerState> = BTreeMap::new();
        for event in self.events() {
            match &mut hunt {
                Some(hunt) => hunt.apply(event),
                none => *none = Some(HuntState::created(event)),
            }
            if let Some(player) = event.body.player() {
                players.entry(player.clone()).or_default().apply(event);
            }
        }
        (hunt, players)
    }
}

fn definition(times: &str) -> String {
    let (pharos, pier) = (ClueId::new("pharos").unwrap(), ClueId::new("pier").unwrap());
    format!(
        r#"{{"id": "lights", "title": "Lights", {times}
        "guesses": {{"per_clue": 3, "cooldown_ms": 500}},
        "clues": [
            {{"id": "pharos", "title": "A", "text": "A", "points": 100, "solve": {{"answer": ["{}"]}}, "unlock": "open"}},
            {{"id": "pier", "title": "B", "text": "B", "points": 50, "solve": {{"answer": ["{}"]}},
              "unlock": {{"after": ["pharos"]}}}}],
        "treasures": [
            {{"id": "coin", "title": "C", "stock": 1, "per_player": 1, "award": {{"claim": {{"requires": []}}}}}},
            {{"id": "badge", "title": "D", "stock": null, "per_player": 1, "award": {{"claim": {{"requires": []}}}}}},
            {{"id": "gem", "title": "E", "stock": 5, "per_player": 1, "award": {{"claim": {{"requires": ["pier"]}}}}}},
            {{"id": "first", "title": "F", "stock": 1, "per_player": 1, "award": {{"first_to_solve": "pharos"}}}}]}}"#,
        secret::answer(&pharos),
        secret::answer(&pier)
    )
}

fn hunt_id() -> HuntId {
    HuntId::new("lights").unwrap()
}

fn player_id(player: &str) -> PlayerId {
    PlayerId::new(player).unwrap()
}
