//! Where the fuzzers start: the sample hunts, and the records of a short game of each.

use std::path::Path;

use hunt::{
    Action, Attempt, ClueId, Command, Decision, Draft, Event, EventBody, HuntState, Millis,
    PlayerId, PlayerState, RequestId, Salt, TreasureId, decide,
};

/// When the games are played: the samples are open then.
const NOW: Millis = Millis(1_800_000_000_000);

/// A hunt with every field of the format.
const EVERYTHING: &str = r#"{"id":"all","title":"All","opens_at":"2026-12-01T18:00:00Z","freezes_at":"2026-12-24T20:00:00Z",
"closes_at":"2026-12-24T22:00:00Z","guesses":{"per_clue":20,"cooldown_ms":1000},"clues":[
{"id":"a","title":"A","text":"t","points":100,"solve":{"answer":["quicksilver magpie","Ärger"]},"unlock":"open","grants":["k"]},
{"id":"b","title":"B","text":"t","points":50,"solve":{"check_in":{"lat":54.3233,"lon":10.1394,"radius_m":60,"accuracy_max_m":100}},"unlock":{"after":["a"]}},
{"id":"c","title":"C","text":"t","points":50,"solve":{"scan":["CRATE-7F3A-ZEBRA"]},"unlock":{"any":1,"of":["a","b"]}},
{"id":"d","title":"D","text":"t","points":200,"solve":{"answer":["aurora borealis"]},"unlock":{"at":"2026-12-10T23:00:00Z"}}],
"treasures":[{"id":"k","title":"K","stock":null,"per_player":1,"award":"on_solve"},
{"id":"g","title":"G","stock":100,"per_player":1,"award":{"claim":{"requires":["b","c"]}}},
{"id":"f","title":"F","stock":3,"per_player":1,"award":{"first_to_solve":"d"}}]}"#;

/// The sample hunts, and one with every field.
pub(crate) fn hunts() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    samples.sort();
    assert!(samples.len() >= 3, "the samples are not where they were");
    let mut hunts: Vec<_> = samples
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    hunts.push(EVERYTHING.into());
    hunts
}

/// What is left of a short game.
pub(crate) struct Game {
    pub(crate) events: Vec<Event>,
    pub(crate) hunt: HuntState,
    pub(crate) players: Vec<PlayerState>,
}

/// A short game of every hunt.
pub(crate) fn games() -> Vec<Game> {
    let drafts = hunts().into_iter().map(|json| Draft::parse(&json).unwrap());
    drafts.map(|draft| play(&draft)).collect()
}

fn play(draft: &Draft) -> Game {
    let made = Event {
        seq: 1,
        at: NOW,
        hunt: draft.id().clone(),
        body: EventBody::Put {
            definition: Box::new(draft.seal(Salt([7; 16]))),
            created: true,
            request: Default::default(),
        },
    };
    let mut game = Game {
        hunt: HuntState::created(&made),
        events: vec![made],
        players: vec![PlayerState::default(); 2],
    };
    while let Some(body) = game.hunt.due(NOW) {
        append(&mut game, None, body);
    }
    ask(&mut game, None, Action::Open);
    for player in 0..game.players.len() {
        play_all(&mut game, player);
    }
    ask(&mut game, None, Action::Freeze);
    ask(&mut game, None, Action::Close);
    game
}

fn play_all(game: &mut Game, player: usize) {
    let id = PlayerId::new(&format!("player-{player}")).unwrap();
    ask(game, Some(player), Action::Join { player: id.clone() });
    let definition = game.hunt.definition().clone();
    let clues: Vec<ClueId> = definition
        .clues()
        .iter()
        .map(|clue| clue.id.clone())
        .collect();
    for clue in clues.iter().cycle().take(2 * clues.len()) {
        for attempt in attempts(clue) {
            let (player_id, clue) = (id.clone(), clue.clone());
            ask(
                game,
                Some(player),
                Action::Solve {
                    player: player_id,
                    clue,
                    attempt,
                },
            );
        }
    }
    let treasures: Vec<TreasureId> = definition
        .treasures()
        .iter()
        .map(|each| each.id.clone())
        .collect();
    for treasure in treasures {
        let claim = Action::Claim {
            player: id.clone(),
            treasure: treasure.clone(),
        };
        ask(game, Some(player), claim);
        ask(game, None, Action::Restock { treasure, add: 5 });
    }
}

fn attempts(clue: &ClueId) -> Vec<Attempt> {
    let answers = [
        "hello",
        "pharos",
        "vespasian",
        "nile",
        "aurora borealis",
        "demotic",
        "sloane",
        "quicksilver magpie",
    ];
    let codes = [
        "CRATE-7F3A",
        "CRATE-7F3A-ZEBRA",
        "GELATO-AT-THE-TOP",
        "GREAT-COURT-2000",
    ];
    let places = [(54.3233, 10.1394), (41.8902, 12.4922), (51.5188, -0.1265)];
    let wrong = Attempt::Answer(format!("not {clue}"));
    let answers = answers.map(|answer| Attempt::Answer(answer.into()));
    let codes = codes.map(|code| Attempt::Scan(code.into()));
    let places = places.map(|(lat, lon)| Attempt::CheckIn {
        lat,
        lon,
        accuracy_m: 5.0,
    });
    [wrong]
        .into_iter()
        .chain(answers)
        .chain(codes)
        .chain(places)
        .collect()
}

fn ask(game: &mut Game, player: Option<usize>, action: Action) {
    let request = RequestId::new(&format!("request-{}", game.events.len())).unwrap();
    let command = Command {
        hunt: game.hunt.id().clone(),
        request,
        action,
    };
    let state = player.map(|player| &game.players[player]);
    if let Decision::Event(body) = decide(Some(&game.hunt), state, &command, NOW, 3) {
        append(game, player, body);
    }
}

fn append(game: &mut Game, player: Option<usize>, body: EventBody) {
    let seq = game.events.len() as u64 + 1;
    let event = Event {
        seq,
        at: NOW,
        hunt: game.hunt.id().clone(),
        body,
    };
    game.hunt.apply(&event);
    if let Some(player) = player {
        game.players[player].apply(&event);
    }
    game.events.push(event);
}

#[test]
fn the_games_have_every_kind_of_event() {
    let mut kinds: Vec<String> = Vec::new();
    for event in games().iter().flat_map(|game| &game.events) {
        let shown = format!("{:?}", event.body);
        kinds.push(shown.split(' ').next().unwrap().to_owned());
    }
    kinds.sort();
    kinds.dedup();
    let all = [
        "Claimed",
        "ClueUnlocked",
        "Joined",
        "Missed",
        "PhaseChanged",
        "Put",
        "Restocked",
        "Solved",
    ];
    assert_eq!(kinds, all);
}
