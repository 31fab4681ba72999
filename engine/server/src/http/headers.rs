//! The headers that a caller sends beside the token: which request it is, and for whom.

use hunt::{PlayerId, RequestId};
use hyper::header::{ACCEPT, HeaderMap, HeaderName};

use super::auth::{Caller, Role};
use super::problem::{Problem, ProblemKind};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const HUNT_PLAYER: HeaderName = HeaderName::from_static("hunt-player");

/// The Idempotency-Key, if there is one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<RequestId>, Problem> {
    let Some(text) = once(headers, &IDEMPOTENCY_KEY, "Idempotency-Key")? else {
        return Ok(None);
    };
    RequestId::new(text)
        .map(Some)
        .map_err(|e| Problem::malformed(format!("the header Idempotency-Key: {e}")))
}

/// A key for a request that has none, from two random numbers.
pub(super) fn made_key(random: impl Fn() -> u64) -> RequestId {
    RequestId::new(&format!("{:016x}{:016x}", random(), random()))
        .expect("32 hexadecimal digits are visible ASCII")
}

/// The player whom a caller acts for, by token, header and body.
pub(super) fn player(
    caller: &Caller,
    headers: &HeaderMap,
    in_body: Option<PlayerId>,
) -> Result<PlayerId, Problem> {
    let named = named_player(headers, in_body)?;
    match (&caller.player, named) {
        (Some(own), Some(named)) if *own != named => Err(Problem::new(
            ProblemKind::Forbidden,
            "a token of the role player acts for its own `sub` only",
        )),
        (Some(own), _) => Ok(own.clone()),
        (None, Some(named)) => Ok(named),
        (None, None) => {
            let detail = "say for whom: the header Hunt-Player, or `player` in the body of a POST";
            Err(Problem::new(ProblemKind::Invalid, detail))
        }
    }
}

/// The player whose view is asked for, if any: players see their own, services that of whom they name.
pub(super) fn viewer(caller: &Caller, headers: &HeaderMap) -> Result<Option<PlayerId>, Problem> {
    match caller.role {
        Role::Player => player(caller, headers, None).map(Some),
        Role::Service => named_player(headers, None),
        Role::Operator => Ok(None),
    }
}

/// Whether `Accept` asks for server-sent events, and wants them no less than JSON (RFC 9110, section 12.5.1).
pub(super) fn wants_event_stream(headers: &HeaderMap) -> bool {
    let quality = |wanted: &str| {
        let values = headers.get_all(ACCEPT).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|range| quality_of(range, wanted))
            .reduce(f32::max)
    };
    let json = quality("application/json").unwrap_or(0.0);
    quality("text/event-stream").is_some_and(|stream| stream > 0.0 && stream >= json)
}

/// The weight that `range`, a member of `Accept`, gives to the media type `wanted`, if it names it.
fn quality_of(range: &str, wanted: &str) -> Option<f32> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value)
    });
    Some(weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

fn named_player(
    headers: &HeaderMap,
    in_body: Option<PlayerId>,
) -> Result<Option<PlayerId>, Problem> {
    let Some(text) = once(headers, &HUNT_PLAYER, "Hunt-Player")? else {
        return Ok(in_body);
    };
    let in_header = PlayerId::new(text)
        .map_err(|e| Problem::malformed(format!("the header Hunt-Player: {e}")))?;
    match in_body {
        Some(in_body) if in_body != in_header => Err(Problem::new(
            ProblemKind::Invalid,
            "the header Hunt-Player and `player` in the body name two players",
        )),
        _ => Ok(Some(in_header)),
    }
}

fn once<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    shown: &str,
) -> Result<Option<&'h str>, Problem> {
    let mut given = headers.get_all(name).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(Problem::malformed(format!(
            "the header {shown} is given twice"
        )));
    }
    let text = value.to_str().map_err(|_| {
        Problem::malformed(format!("the header {shown} has bytes that are not ASCII"))
    })?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use hunt::Millis;

    fn check(role: Role, header: &[&str], body: Option<&str>, expected: Expect) {
        let own = (role == Role::Player).then(|| PlayerId::new("me").unwrap());
        let caller = Caller {
            role,
            player: own,
            expires_at: Millis::MAX,
        };
        let mut headers = HeaderMap::new();
        for value in header {
            headers.append(HUNT_PLAYER, value.parse().unwrap());
        }
        let found = player(
            &caller,
            &headers,
            body.map(|body| PlayerId::new(body).unwrap()),
        );
        let shown = found.map_or_else(
            |p| format!("{} {}", p.kind.status().as_u16(), p.detail),
            |p| p.to_string(),
        );
        expected.assert_eq(&shown);
    }

    #[test]
    fn players_act_for_themselves() {
        check(Role::Player, &[], None, expect!["me"]);
        check(Role::Player, &["me"], Some("me"), expect!["me"]);
        check(
            Role::Player,
            &["you"],
            None,
            expect!["403 a token of the role player acts for its own `sub` only"],
        );
        check(
            Role::Player,
            &[],
            Some("you"),
            expect!["403 a token of the role player acts for its own `sub` only"],
        );
    }

    #[test]
    fn services_say_for_whom() {
        check(Role::Service, &["you"], None, expect!["you"]);
        check(Role::Service, &[], Some("you"), expect!["you"]);
        check(
            Role::Service,
            &[],
            None,
            expect!["422 say for whom: the header Hunt-Player, or `player` in the body of a POST"],
        );
        check(
            Role::Service,
            &["a"],
            Some("b"),
            expect!["422 the header Hunt-Player and `player` in the body name two players"],
        );
        check(
            Role::Service,
            &["a", "a"],
            None,
            expect!["400 the header Hunt-Player is given twice"],
        );
        check(
            Role::Service,
            &["a b"],
            None,
            expect![
                "400 the header Hunt-Player: an id has ' ' at byte 1: use visible ASCII characters only, no space"
            ],
        );
    }

    #[test]
    fn the_feed_streams_to_those_who_ask_for_it() {
        let wants = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT, value.parse().unwrap());
            }
            wants_event_stream(&headers)
        };
        for yes in [
            &["text/event-stream"][..],
            &["Text/Event-Stream; charset=utf-8"],
            &["application/json, text/event-stream"],
            &["application/json;q=0.5", "text/event-stream;q=0.9"],
            &["*/*, text/event-stream;q=0.1"],
        ] {
            assert!(wants(yes), "{yes:?}");
        }
        for no in [
            &[][..],
            &["*/*"],
            &["text/event-streams"],
            &["text/event-stream;q=0"],
            &["text/event-stream ; Q = 0.000, */*"],
            &["text/event-stream;q=often"],
            &["application/json, text/event-stream;q=0.1"],
        ] {
            assert!(!wants(no), "{no:?}");
        }
    }

    #[test]
    fn keys_are_visible_and_short() {
        let read = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(
                IDEMPOTENCY_KEY,
                hyper::header::HeaderValue::from_bytes(value).unwrap(),
            );
            idempotency_key(&headers).map_err(|problem| problem.kind.status().as_u16())
        };
        assert_eq!(
            read(b"k-1~").map(|key| key.unwrap().to_string()),
            Ok("k-1~".to_owned())
        );
        for bad in [&b""[..], b"a b", b"\xff", &[b'x'; 65]] {
            assert_eq!(read(bad), Err(400), "{bad:?}");
        }
        assert_eq!(idempotency_key(&HeaderMap::new()), Ok(None));
        assert_eq!(
            made_key(|| 0xab).as_str(),
            "00000000000000ab00000000000000ab"
        );
    }
}
