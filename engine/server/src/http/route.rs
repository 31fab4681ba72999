//! From method and path to a call with its ids. By hand, over the path's segments: it runs for every request.

use std::borrow::Cow;

use hunt::{ClueId, HuntId, TreasureId};

use super::endpoint::Endpoint;
use super::problem::{Problem, ProblemKind};

/// A call, with the ids of its path.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// GET or PUT of a hunt, or another call that needs its id alone.
    Hunt(Endpoint, HuntId),
    /// A player solves a clue.
    Solve(HuntId, ClueId),
    /// A player claims a treasure.
    Claim(HuntId, TreasureId),
    /// An operator adds stock.
    Stock(HuntId, TreasureId),
    /// A call without ids.
    Plain(Endpoint),
}

/// Why there is no route.
#[derive(Clone, Debug, PartialEq)]
pub enum NoRoute {
    /// Answered as it stands.
    Problem(Problem),
    /// The path has other methods: these.
    Method(&'static str),
}

/// The deepest path is `/v1/hunts/{hunt}/clues/{clue}/solve`.
const SEGMENTS_MAX: usize = 6;

impl Route {
    /// The call's name.
    pub fn endpoint(&self) -> Endpoint {
        match self {
            Self::Hunt(endpoint, _) | Self::Plain(endpoint) => *endpoint,
            Self::Solve(..) => Endpoint::Solve,
            Self::Claim(..) => Endpoint::Claim,
            Self::Stock(..) => Endpoint::Stock,
        }
    }

    /// Finds the call. Percent-encoding is undone once, segment by segment, so an encoded slash never parts segments.
    pub fn find(method: &str, path: &str) -> Result<Self, NoRoute> {
        let mut segments: [Cow<'_, str>; SEGMENTS_MAX] = Default::default();
        let mut count = 0;
        for raw in path.strip_prefix('/').ok_or_else(nothing_here)?.split('/') {
            *segments.get_mut(count).ok_or_else(nothing_here)? =
                decode(raw).map_err(NoRoute::Problem)?;
            count += 1;
        }
        let names = segments.each_ref().map(|segment| segment.as_ref());
        let (endpoints, hunt, item) = shape(&names[..count]).ok_or_else(nothing_here)?;
        if hunt == Some("") || item == Some("") {
            return Err(nothing_here());
        }
        let endpoint = Endpoint::by_method(endpoints, method)
            .ok_or(NoRoute::Method(Endpoint::allow(endpoints)))?;
        Self::with_ids(endpoint, hunt, item).map_err(NoRoute::Problem)
    }

    fn with_ids(
        endpoint: Endpoint,
        hunt: Option<&str>,
        item: Option<&str>,
    ) -> Result<Self, Problem> {
        let Some(hunt) = hunt else {
            return Ok(Self::Plain(endpoint));
        };
        let hunt = HuntId::new(hunt)
            .map_err(|e| Problem::new(ProblemKind::UnknownHunt, format!("the hunt's id: {e}")))?;
        let Some(item) = item else {
            return Ok(Self::Hunt(endpoint, hunt));
        };
        if endpoint == Endpoint::Solve {
            let clue = ClueId::new(item);
            let clue = clue.map_err(|e| {
                Problem::new(ProblemKind::UnknownClue, format!("the clue's id: {e}"))
            })?;
            return Ok(Self::Solve(hunt, clue));
        }
        let treasure = TreasureId::new(item);
        let treasure = treasure.map_err(|e| {
            Problem::new(
                ProblemKind::UnknownTreasure,
                format!("the treasure's id: {e}"),
            )
        })?;
        Ok(if endpoint == Endpoint::Claim {
            Self::Claim(hunt, treasure)
        } else {
            Self::Stock(hunt, treasure)
        })
    }
}

/// Calls that share a path, with the hunt and the clue or treasure in it.
type Shape<'a> = (&'static [Endpoint], Option<&'a str>, Option<&'a str>);

fn shape<'a>(names: &[&'a str]) -> Option<Shape<'a>> {
    Some(match *names {
        ["v1", "hunts", hunt, "clues", clue, "solve"] => {
            (&[Endpoint::Solve], Some(hunt), Some(clue))
        }
        ["v1", "hunts", hunt, "treasures", treasure, "claim"] => {
            (&[Endpoint::Claim], Some(hunt), Some(treasure))
        }
        ["v1", "hunts", hunt, "treasures", treasure, "stock"] => {
            (&[Endpoint::Stock], Some(hunt), Some(treasure))
        }
        ["v1", "hunts", hunt, call] => (of_hunt(call)?, Some(hunt), None),
        ["v1", "hunts", hunt] => (&[Endpoint::Hunt, Endpoint::Put], Some(hunt), None),
        ["v1", "hunts"] => (&[Endpoint::Hunts], None, None),
        ["v1", "batch"] => (&[Endpoint::Batch], None, None),
        ["v1", "feed"] => (&[Endpoint::Feed], None, None),
        ["v1", "cluster"] => (&[Endpoint::Cluster], None, None),
        ["v1", "cluster", "drain"] => (&[Endpoint::Drain], None, None),
        ["v1", "openapi.json"] => (&[Endpoint::OpenApi], None, None),
        ["healthz"] => (&[Endpoint::Healthz], None, None),
        ["readyz"] => (&[Endpoint::Readyz], None, None),
        ["metrics"] => (&[Endpoint::Metrics], None, None),
        _ => return None,
    })
}

fn of_hunt(call: &str) -> Option<&'static [Endpoint]> {
    Some(match call {
        "join" => &[Endpoint::Join],
        "progress" => &[Endpoint::Progress],
        "leaderboard" => &[Endpoint::Leaderboard],
        "events" => &[Endpoint::Events],
        "stats" => &[Endpoint::Stats],
        "open" => &[Endpoint::Open],
        "freeze" => &[Endpoint::Freeze],
        "close" => &[Endpoint::Close],
        _ => return None,
    })
}

fn nothing_here() -> NoRoute {
    NoRoute::Problem(Problem::new(
        ProblemKind::NotFound,
        "there is nothing at this path: see GET /v1/openapi.json",
    ))
}

/// Undoes percent-encoding, once.
pub(super) fn decode(raw: &str) -> Result<Cow<'_, str>, Problem> {
    if !raw.contains('%') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (Some(high), Some(low)) = (rest.next().and_then(nibble), rest.next().and_then(nibble))
        else {
            return Err(Problem::malformed(
                "a % is not followed by two hexadecimal digits: write a % itself as %25",
            ));
        };
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| Problem::malformed("what is percent-encoded is not UTF-8"))
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(method: &str, path: &str, expected: Expect) {
        let found = match Route::find(method, path) {
            Ok(route) => format!("{route:?}"),
            Err(NoRoute::Method(allow)) => format!("405 Allow: {allow}"),
            Err(NoRoute::Problem(problem)) => {
                format!("{} {}", problem.kind.status().as_u16(), problem.detail)
            }
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn finds_every_endpoint_of_the_table() {
        for endpoint in Endpoint::ALL {
            let spec = endpoint.spec();
            let path = spec
                .path
                .replace("{hunt}", "h")
                .replace("{clue}", "c")
                .replace("{treasure}", "t");
            let found = Route::find(spec.method, &path).unwrap_or_else(|e| panic!("{path}: {e:?}"));
            assert_eq!(found.endpoint(), *endpoint);
            if spec.method == "GET" {
                assert_eq!(
                    Route::find("HEAD", &path).map(|route| route.endpoint()),
                    Ok(*endpoint)
                );
            }
            assert!(
                matches!(Route::find("DELETE", &path), Err(NoRoute::Method(allow)) if allow.contains(spec.method))
            );
        }
    }

    #[test]
    fn reads_ids_strictly() {
        check(
            "POST",
            "/v1/hunts/h/clues/c/solve",
            expect![[r#"Solve("h", "c")"#]],
        );
        check(
            "GET",
            "/v1/hunts/%68arbour",
            expect![[r#"Hunt(Hunt, "harbour")"#]],
        );
        check(
            "GET",
            "/v1/hunts/Harbour",
            expect![[r#"404 the hunt's id: an id has 'H' at byte 0: use a-z, 0-9, - and _ only"#]],
        );
        check(
            "GET",
            "/v1/hunts/a%2fb",
            expect!["404 the hunt's id: an id has '/' at byte 1: use a-z, 0-9, - and _ only"],
        );
        check(
            "GET",
            "/v1/hunts/%2568",
            expect!["404 the hunt's id: an id has '%' at byte 0: use a-z, 0-9, - and _ only"],
        );
        check(
            "GET",
            "/v1/hunts/a%00",
            expect![[r#"404 the hunt's id: an id has '\0' at byte 1: use a-z, 0-9, - and _ only"#]],
        );
        let long = format!("/v1/hunts/{}/join", "a".repeat(65));
        check(
            "POST",
            &long,
            expect!["404 the hunt's id: an id has 65 bytes: give it at most 64"],
        );
    }

    #[test]
    fn falls_for_no_tricks() {
        for path in [
            "",
            "*",
            "/",
            "//",
            "/v1/hunts/",
            "/v1/hunts//join",
            "/v1",
            "/v1/",
            "/v1//hunts",
            "/v2/hunts",
            "/v1/hunts/h/",
            "/v1/hunts/h/x/y/z/w/v/u",
        ] {
            check(
                "GET",
                path,
                expect!["404 there is nothing at this path: see GET /v1/openapi.json"],
            );
        }
        check(
            "GET",
            "/v1/hunts/..",
            expect!["404 the hunt's id: an id has '.' at byte 0: use a-z, 0-9, - and _ only"],
        );
        check(
            "GET",
            "/v1/hunts/%zz",
            expect!["400 a % is not followed by two hexadecimal digits: write a % itself as %25"],
        );
        check(
            "GET",
            "/v1/hunts/%f",
            expect!["400 a % is not followed by two hexadecimal digits: write a % itself as %25"],
        );
        check(
            "GET",
            "/v1/hunts/%ff",
            expect!["400 what is percent-encoded is not UTF-8"],
        );
        check("TRACE", "/v1/hunts/h", expect!["405 Allow: GET, HEAD, PUT"]);
        check("GET", "/v1/batch", expect!["405 Allow: POST"]);
    }
}
