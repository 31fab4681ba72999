//! A hunt on a table: commands as lines of text, applied at once, answered as JSON. No log store, no node.
//!
//! ```text
//! open · freeze · close · restock TREASURE N · wait MS
//! PLAYER join · PLAYER claim TREASURE
//! PLAYER solve CLUE =ANSWER · PLAYER solve CLUE @LAT,LON,ACCURACY · PLAYER solve CLUE #CODE
//! [KEY] in front of any names the request
//! ```

use std::collections::BTreeMap;

use expect_test::Expect;
use hunt::{
    Action, Attempt, ClueId, Command, Decision, Draft, Event, HuntId, HuntState, Millis, PlayerId,
    PlayerState, Reply, RequestId, Salt, ShardId, TreasureId, decide,
};

pub(crate) const SHARD: ShardId = 7;

/// 2027-01-15T08:00:00Z.
pub(crate) const START: Millis = Millis(1_800_000_000_000);

pub(crate) struct Table {
    pub(crate) hunt: Option<HuntState>,
    pub(crate) players: BTreeMap<PlayerId, PlayerState>,
    pub(crate) log: Vec<Event>,
    pub(crate) now: Millis,
    asked: u64,
}

/// Plays lines on a hunt and compares the answers.
pub(crate) fn check(json: &str, lines: &str, expected: Expect) {
    let mut table = Table::with(json);
    expected.assert_eq(&table.play(lines));
}

pub(crate) fn draft(json: &str) -> Draft {
    Draft::parse(json.as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

impl Table {
    pub(crate) fn empty() -> Self {
        Self {
            hunt: None,
            players: BTreeMap::new(),
            log: Vec::new(),
            now: START,
            asked: 0,
        }
    }

    pub(crate) fn with(json: &str) -> Self {
        let mut table = Self::empty();
        assert!(matches!(table.put(json), Reply::Created { .. }));
        table
    }

    pub(crate) fn state(&self) -> &HuntState {
        self.hunt.as_ref().unwrap()
    }

    pub(crate) fn player(&self, player: &str) -> PlayerState {
        self.players
            .get(&PlayerId::new(player).unwrap())
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn put(&mut self, json: &str) -> Reply {
        let draft = draft(json);
        let key = self.fresh_key();
        self.ask(
            &key,
            draft.id().clone(),
            Action::Put {
                draft: Box::new(draft),
                salt: Salt([9; 16]),
            },
        )
    }

    pub(crate) fn play(&mut self, lines: &str) -> String {
        let mut output = String::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let answer = self.line(line);
            output.push_str(&format!("{line}\n  {answer}\n"));
        }
        output
    }

    pub(crate) fn ask(&mut self, key: &str, hunt: HuntId, action: Action) -> Reply {
        let command = Command {
            hunt,
            request: RequestId::new(key).unwrap(),
            action,
        };
        let decision = self.decide(&command);
        let reply =
            |table: &Self, event: &Event| Reply::of(event, table.state().definition(), SHARD);
        match decision {
            Decision::Answer(reply) => reply,
            Decision::Replay(seq) => reply(self, &self.log[seq as usize - 1]),
            Decision::Event(body) => {
                let event = self.append(body, command.hunt);
                reply(self, &event)
            }
        }
    }

    pub(crate) fn decide(&self, command: &Command) -> Decision {
        let player = command
            .action
            .player()
            .and_then(|player| self.players.get(player));
        decide(self.hunt.as_ref(), player, command, self.now, SHARD)
    }

    pub(crate) fn append(&mut self, body: hunt::EventBody, hunt: HuntId) -> Event {
        let event = Event {
            seq: self.log.len() as u64 + 1,
            at: self.now,
            hunt,
            body,
        };
        match &mut self.hunt {
            Some(hunt) => hunt.apply(&event),
            None => self.hunt = Some(HuntState::created(&event)),
        }
        if let Some(player) = event.body.player() {
            self.players
                .entry(player.clone())
                .or_default()
                .apply(&event);
        }
        self.log.push(event.clone());
        event
    }

    /// Lets time pass and the schedule act.
    pub(crate) fn wait(&mut self, ms: u64) -> Vec<String> {
        let until = self.now.plus(ms);
        let mut fired = Vec::new();
        while let Some(due) = self.state().next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let body = self
                .state()
                .due(self.now)
                .expect("what is due has an event");
            fired.push(format!("{}: {body:?}", self.now));
            self.append(body, self.state().id().clone());
        }
        self.now = until;
        fired
    }

    fn fresh_key(&mut self) -> String {
        self.asked += 1;
        format!("request-{}", self.asked)
    }

    fn line(&mut self, line: &str) -> String {
        let (key, line) = match line.strip_prefix('[') {
            Some(rest) => rest
                .split_once("] ")
                .map(|(key, line)| (key.to_owned(), line))
                .unwrap(),
            None => (self.fresh_key(), line),
        };
        if let Some(ms) = line.strip_prefix("wait ") {
            let fired = self.wait(ms.parse().unwrap());
            return if fired.is_empty() {
                "nothing happens".to_owned()
            } else {
                fired.join("\n  ")
            };
        }
        let hunt = self.state().id().clone();
        let reply = self.ask(&key, hunt, action(line));
        match &reply {
            Reply::Refused(refusal) => format!("refused: {refusal}"),
            reply => serde_json::to_string(reply).unwrap(),
        }
    }
}

pub(crate) fn action(line: &str) -> Action {
    let words: Vec<&str> = line.splitn(4, ' ').collect();
    let player = |text: &str| PlayerId::new(text).unwrap();
    match words[..] {
        ["open"] => Action::Open,
        ["freeze"] => Action::Freeze,
        ["close"] => Action::Close,
        ["restock", treasure, add] => Action::Restock {
            treasure: TreasureId::new(treasure).unwrap(),
            add: add.parse().unwrap(),
        },
        [who, "join"] => Action::Join {
            player: player(who),
        },
        [who, "claim", treasure] => Action::Claim {
            player: player(who),
            treasure: TreasureId::new(treasure).unwrap(),
        },
        [who, "solve", clue, with] => Action::Solve {
            player: player(who),
            clue: ClueId::new(clue).unwrap(),
            attempt: attempt(with),
        },
        _ => panic!("no such line: {line}"),
    }
}

fn attempt(with: &str) -> Attempt {
    match with.split_at(1) {
        ("=", answer) => Attempt::Answer(answer.to_owned()),
        ("#", code) => Attempt::Scan(code.to_owned()),
        ("@", position) => {
            let numbers: Vec<f64> = position
                .split(',')
                .map(|number| number.parse().unwrap())
                .collect();
            Attempt::CheckIn {
                lat: numbers[0],
                lon: numbers[1],
                accuracy_m: numbers[2],
            }
        }
        _ => panic!("no such attempt: {with}"),
    }
}
