//! The body of `/v1/batch`: an array of commands, each with its own fate. It is read item by item; no tree is built,
//! and reading stops at the first item past the limit.

use std::cell::Cell;
use std::fmt;

use hunt::{Action, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};
use node::COMMANDS_PER_REQUEST_MAX;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::object::Object;
use super::play::attempt;
use super::text::{malformed, text};
use crate::http::problem::{Problem, ProblemKind};

/// Commands of a batch in order; an item that can't be read has its own problem.
pub type Batch = Vec<Result<Command, Problem>>;

/// Items that memory is set aside for before they are read.
const ITEMS_EXPECTED: usize = 256;

/// Reads a batch; `request_id` makes the ids of items that have none, from their place.
pub fn parse_batch(
    bytes: &[u8],
    request_id: impl FnMut(usize) -> RequestId,
) -> Result<Batch, Problem> {
    let too_many = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text(bytes)?);
    let items = deserializer.deserialize_seq(Items {
        request_id,
        too_many: &too_many,
    });
    if too_many.get() {
        let detail =
            format!("a batch has at most {COMMANDS_PER_REQUEST_MAX} commands: send several");
        return Err(Problem::new(ProblemKind::TooLarge, detail));
    }
    let items = items.map_err(|e| malformed(&e, "a JSON array"))?;
    deserializer
        .end()
        .map_err(|e| malformed(&e, "a JSON array"))?;
    Ok(items)
}

struct Items<'c, F> {
    request_id: F,
    too_many: &'c Cell<bool>,
}

impl<'de, F: FnMut(usize) -> RequestId> Visitor<'de> for Items<'_, F> {
    type Value = Batch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array of commands")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Batch, A::Error> {
        let mut batch = Vec::with_capacity(ITEMS_EXPECTED);
        while let Some(item) = access.next_element::<&'de RawValue>()? {
            if batch.len() == COMMANDS_PER_REQUEST_MAX {
                self.too_many.set(true);
                return Err(A::Error::custom("too many commands"));
            }
            let index = batch.len();
            batch.push(command(item.get(), index, &mut self.request_id));
        }
        Ok(batch)
    }
}

/// Fields of an item, by their place in `ITEM`.
const PLAYER: usize = 0;
const HUNT: usize = 1;
const REQUEST_ID: usize = 2;
const JOIN: usize = 3;
const SOLVE: usize = 4;
const CLAIM: usize = 5;
const ITEM: [&str; 6] = ["player", "hunt", "request_id", "join", "solve", "claim"];

fn command(
    item: &str,
    index: usize,
    request_id: &mut impl FnMut(usize) -> RequestId,
) -> Result<Command, Problem> {
    let mut object = Object::parse(item, format!("/{index}"), ITEM)
        .map_err(|_| not_an_object(format!("/{index}"), "an item must be a JSON object"))?;
    for needed in [PLAYER, HUNT] {
        if object.raw(needed).is_none() {
            object.fault::<()>(needed, "is missing");
        }
    }
    let player = object.id(PLAYER, PlayerId::new);
    let hunt = object.id(HUNT, HuntId::new);
    let request = match object.raw(REQUEST_ID) {
        Some(_) => object.id(REQUEST_ID, RequestId::new),
        None => Some(request_id(index)),
    };
    let action = player.and_then(|player| action(&mut object, player));
    let command = match (hunt, request, action) {
        (Some(hunt), Some(request), Some(action)) => Some(Command {
            hunt,
            request,
            action,
        }),
        _ => None,
    };
    object.finish(command)
}

fn action<const N: usize>(object: &mut Object<'_, N>, player: PlayerId) -> Option<Action> {
    match (object.raw(JOIN), object.raw(SOLVE), object.raw(CLAIM)) {
        (Some(join), None, None) => {
            let nothing = join == "true"
                || Object::parse(join, String::new(), []).is_ok_and(|inner| inner.is_sound());
            if nothing {
                Some(Action::Join { player })
            } else {
                object.fault(JOIN, "must be {} or true")
            }
        }
        (None, Some(solve), None) => self::solve(object, solve, player),
        (None, None, Some(claim)) => self::claim(object, claim, player),
        _ => {
            object.fault_of_whole("needs exactly one of `join`, `solve` and `claim`");
            None
        }
    }
}

fn solve<const N: usize>(
    object: &mut Object<'_, N>,
    solve: &str,
    player: PlayerId,
) -> Option<Action> {
    let names = ["answer", "lat", "lon", "accuracy_m", "code", "clue"];
    let Ok(mut inner) = Object::parse(solve, object.pointer(SOLVE), names) else {
        return object.fault(SOLVE, "must be a JSON object with `clue` and an attempt");
    };
    if inner.raw(5).is_none() {
        inner.fault::<()>(5, "is missing");
    }
    let clue = inner.id(5, ClueId::new);
    let attempt = attempt(&mut inner);
    object.absorb(inner);
    Some(Action::Solve {
        player,
        clue: clue?,
        attempt: attempt?,
    })
}

fn claim<const N: usize>(
    object: &mut Object<'_, N>,
    claim: &str,
    player: PlayerId,
) -> Option<Action> {
    if claim.starts_with('"') {
        let treasure = object.id(CLAIM, TreasureId::new)?;
        return Some(Action::Claim { player, treasure });
    }
    let Ok(mut inner) = Object::parse(claim, object.pointer(CLAIM), ["treasure"]) else {
        return object.fault(
            CLAIM,
            "must be a treasure's id, or a JSON object with `treasure`",
        );
    };
    if inner.raw(0).is_none() {
        inner.fault::<()>(0, "is missing");
    }
    let treasure = inner.id(0, TreasureId::new);
    object.absorb(inner);
    Some(Action::Claim {
        player,
        treasure: treasure?,
    })
}

fn not_an_object(pointer: String, detail: &str) -> Problem {
    Problem::invalid(vec![hunt::Fault {
        pointer,
        detail: detail.to_owned(),
    }])
}
