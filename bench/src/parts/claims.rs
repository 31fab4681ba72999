//! What the parts are fed with: hunts, and claims of players who were never seen before.

use hunt::{
    Action, Command, Draft, Event, EventBody, Granted, HuntId, HuntState, Millis, PlayerId,
    RequestId, RequestTag, Salt, TreasureId,
};

use crate::workload::{STOCK, TREASURES};

/// Hunts that claims are spread over.
pub(super) const HUNTS: u64 = 8;

/// Treasures of each.
const TREASURES_PER_HUNT: u64 = TREASURES / HUNTS;

/// The time at which everything happens: 2026-12-01T18:00:00Z.
pub(super) const NOW: Millis = Millis(1_796_148_000_000);

/// The salt of all hunts.
const SALT: Salt = Salt([7; 16]);

fn id<T>(made: Result<T, hunt::IdError>) -> T {
    made.expect("a valid id by its form")
}

/// Names a hunt.
pub(super) fn hunt(number: u64) -> HuntId {
    id(HuntId::new(&format!("bench-{number}")))
}

/// Makes a hunt.
pub(super) fn put(number: u64) -> Command {
    let id = hunt(number);
    let json = crate::peer::definition(id.as_str(), TREASURES_PER_HUNT, STOCK).to_string();
    let draft = Draft::parse(json.as_bytes()).expect("the benchmark's own hunt is sound");
    operator(
        id,
        Action::Put {
            draft: Box::new(draft),
            salt: SALT,
        },
    )
}

/// Opens a hunt.
pub(super) fn open(number: u64) -> Command {
    operator(hunt(number), Action::Open)
}

fn operator(hunt: HuntId, action: Action) -> Command {
    let request = id(RequestId::new(match action {
        Action::Open => "open",
        _ => "put",
    }));
    Command {
        hunt,
        request,
        action,
    }
}

/// The claim of player `number`, in hunts by turns. Names are as long as those that the load generator makes.
pub(super) fn claim(number: u64) -> Command {
    let player = format!("m1x0q5zk-0-{number}");
    Command {
        hunt: hunt(number % HUNTS),
        request: id(RequestId::new(&format!("{player}-c"))),
        action: Action::Claim {
            player: id(PlayerId::new(&player)),
            treasure: id(TreasureId::new(&format!(
                "t-{}",
                number / HUNTS % TREASURES_PER_HUNT
            ))),
        },
    }
}

/// The event of a claim of player `number`.
pub(super) fn claimed(number: u64) -> Event {
    let command = claim(number);
    let player = command.action.player().cloned();
    Event {
        seq: number + 1,
        at: NOW,
        hunt: command.hunt,
        body: EventBody::Claimed {
            player: player.expect("a claim is a player's"),
            grant: Granted {
                treasure: (number / HUNTS % TREASURES_PER_HUNT) as u16,
                nth: number / TREASURES + 1,
            },
            joined: true,
            request: RequestTag {
                id: number.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                fingerprint: number.wrapping_mul(0xC2B2_AE3D_27D4_EB4F),
            },
        },
    }
}

/// A hunt that is open, as of event 2.
pub(super) fn open_hunt(number: u64) -> HuntState {
    let decided = |hunt: Option<&HuntState>, command: Command, seq| match hunt::decide(
        hunt, None, &command, NOW, 0,
    ) {
        hunt::Decision::Event(body) => Event {
            seq,
            at: NOW,
            hunt: command.hunt,
            body,
        },
        other => panic!("an operator may do this: {other:?}"),
    };
    let mut state = HuntState::created(&decided(None, put(number), 1));
    let opened = decided(Some(&state), open(number), 2);
    state.apply(&opened);
    state
}
