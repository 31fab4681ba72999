//! Bodies of single commands.

use hunt::{Attempt, PlayerId, limits::STOCK_MAX};

use super::object::Object;
use super::text::{malformed, text};
use crate::http::problem::Problem;

/// What a body for a clue says.
#[derive(Debug, PartialEq)]
pub struct SolveBody {
    /// For whom, if a service says it here.
    pub player: Option<PlayerId>,
    /// With what.
    pub attempt: Attempt,
}

/// Metres of accuracy that make sense: once around the Earth.
const ACCURACY_M_MAX: f64 = 40_100_000.0;

/// Reads `{"answer"}`, `{"lat","lon","accuracy_m"}` or `{"code"}`, each with an optional `player`.
pub fn parse_solve(bytes: &[u8]) -> Result<SolveBody, Problem> {
    let names = ["answer", "lat", "lon", "accuracy_m", "code", "player"];
    let mut object = Object::parse(text(bytes)?, String::new(), names)
        .map_err(|e| malformed(&e, "a JSON object"))?;
    let player = object.id(5, PlayerId::new);
    let attempt = attempt(&mut object);
    object.finish(attempt.map(|attempt| SolveBody { player, attempt }))
}

/// Reads the attempt from an object whose first five fields are `answer`, `lat`, `lon`, `accuracy_m` and `code`.
pub(super) fn attempt<const N: usize>(object: &mut Object<'_, N>) -> Option<Attempt> {
    let answer = object.raw(0).is_some();
    let place = (1..=3).filter(|field| object.raw(*field).is_some()).count();
    let code = object.raw(4).is_some();
    match (answer, place, code) {
        (true, 0, false) => object
            .text(0)
            .map(|answer| Attempt::Answer(answer.into_owned())),
        (false, 0, true) => object.text(4).map(|code| Attempt::Scan(code.into_owned())),
        (false, 1.., false) => check_in(object),
        _ => {
            object.fault_of_whole(
                "needs exactly one of `answer`, `lat` with `lon` and `accuracy_m`, or `code`",
            );
            None
        }
    }
}

fn check_in<const N: usize>(object: &mut Object<'_, N>) -> Option<Attempt> {
    for field in 1..=3 {
        if object.raw(field).is_none() {
            object.fault::<()>(
                field,
                "is missing: a check-in needs `lat`, `lon` and `accuracy_m`",
            );
        }
    }
    let lat = object.number(1, -90.0, 90.0);
    let lon = object.number(2, -180.0, 180.0);
    let accuracy_m = object.number(3, 0.0, ACCURACY_M_MAX);
    Some(Attempt::CheckIn {
        lat: lat?,
        lon: lon?,
        accuracy_m: accuracy_m?,
    })
}

/// Reads the body of a join or a claim: nothing, or an object with an optional `player`.
pub fn parse_player(bytes: &[u8]) -> Result<Option<PlayerId>, Problem> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let object = Object::parse(text(bytes)?, String::new(), ["player"]);
    let mut object = object.map_err(|e| malformed(&e, "empty or a JSON object"))?;
    let player = object.id(0, PlayerId::new);
    object.finish(Some(player))
}

/// Reads a body that says nothing: empty, or an empty object.
pub fn parse_nothing(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.is_empty() {
        return Ok(());
    }
    let object = Object::parse(text(bytes)?, String::new(), []);
    object
        .map_err(|e| malformed(&e, "empty or an empty JSON object"))?
        .finish(Some(()))
}

/// Reads the body of a drain: nothing, or an object with an optional `stop`.
pub fn parse_drain(bytes: &[u8]) -> Result<bool, Problem> {
    if bytes.is_empty() {
        return Ok(false);
    }
    let object = Object::parse(text(bytes)?, String::new(), ["stop"]);
    let mut object = object.map_err(|e| malformed(&e, "empty or a JSON object"))?;
    let stop = object.flag(0).unwrap_or(false);
    object.finish(Some(stop))
}

/// Reads `{"add": n}`.
pub fn parse_stock(bytes: &[u8]) -> Result<u64, Problem> {
    let object = Object::parse(text(bytes)?, String::new(), ["add"]);
    let mut object = object.map_err(|e| malformed(&e, "a JSON object"))?;
    if object.raw(0).is_none() {
        object.fault::<()>(0, "is missing: say how many to add");
    }
    let add = object.whole(0, 1, STOCK_MAX);
    object.finish(add)
}
