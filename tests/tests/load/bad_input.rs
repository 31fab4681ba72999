//! Whole requests that say something wrong: each gets the answer that is documented, none harms the engine, and no
//! answer or code of a hunt is in anything that it sends or logs.

use std::io::ErrorKind;

use serde_json::Value;
use tests::{
    Answer, Client, Engine, Request, Role, SECRET, Scratch, hunts, program, token, token_with,
};

/// `{"alg":"none"}` and the claims of an operator, unsigned.
const UNSIGNED: &str =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJib3NzIiwicm9sZSI6Im9wZXJhdG9yIiwiZXhwIjo0MDAwMDAwMDAwfQ.";

const SOLVE: &str = "/v1/hunts/bad/clues/riddle/solve";
const PIER: &str = "/v1/hunts/bad/clues/pier/solve";
const CLAIM: &str = "/v1/hunts/bad/treasures/coin/claim";

/// An engine with one hunt, and all that it ever said.
struct World {
    engine: Engine,
    client: Client,
    said: String,
}

impl World {
    fn new(scratch: &Scratch) -> Self {
        let engine = Engine::start(&scratch.join("store"), &[("log_level", "debug")]);
        let mut client = engine.client();
        hunts::put_open(&mut client, &hunts::coins("bad", 5));
        Self {
            engine,
            client,
            said: String::new(),
        }
    }

    fn check(&mut self, expected: u16, what: &str, request: &Request) -> Answer {
        let answer = self
            .client
            .ask(request)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        self.said += &format!("{:?} {}\n", answer.headers, answer.text());
        assert_eq!(answer.status, expected, "{what}: {}", answer.text());
        if expected >= 400 {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{what}"
            );
            let problem = answer.json();
            assert_eq!(problem["status"], expected, "{what}: {problem}");
            for field in ["type", "title", "detail"] {
                assert!(problem[field].is_string(), "{what}: {problem}");
            }
        }
        answer
    }

    /// 413; refused before it was all sent, it may also break off under the sender.
    fn check_too_large(&mut self, what: &str, request: &Request) {
        match self.client.send(&request.bytes()) {
            Ok(()) => {
                let answer = self.client.receive();
                let broken = answer
                    .as_ref()
                    .is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
                assert!(
                    broken || answer.is_ok_and(|answer| answer.status == 413),
                    "{what}"
                );
            }
            Err(error) => {
                let broken = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
                assert!(broken.contains(&error.kind()), "{what}: {error}");
            }
        }
        self.client.cut();
    }

    /// It serves on, and what it said and logged holds no secret.
    fn end(mut self, store: &Scratch) {
        let player = token(Role::Player, "honest");
        let right = Request::post(SOLVE)
            .token(&player)
            .body(format!(r#"{{"answer":"{}"}}"#, hunts::ANSWER));
        let answer = self.client.ask(&right).unwrap();
        assert_eq!(answer.outcome(), "solved", "{}", answer.text());
        self.said += &answer.text();
        for role in [Role::Player, Role::Service, Role::Operator] {
            for path in ["/v1/hunts", "/v1/hunts/bad", "/metrics"] {
                self.said += &self
                    .client
                    .ask(&Request::get(path).token(&token(role, "honest")))
                    .unwrap()
                    .text();
            }
        }
        let events = Request::get("/v1/hunts/bad/events").token(&token(Role::Service, "game"));
        self.said += &self.client.ask(&events).unwrap().text();
        assert!(self.engine.is_alive());
        let log = self.engine.log();
        for secret in [hunts::ANSWER, hunts::CODE, SECRET, "quicksilvermagpie"] {
            assert!(
                !self.said.contains(secret),
                "{secret:?} was said: {}",
                self.said
            );
            assert!(!log.contains(secret), "{secret:?} was logged: {log}");
        }
        assert!(!log.contains("panicked"), "{log}");
        assert_eq!(self.engine.stop().code(), Some(0));
        program::verify_clean(&store.join("store"));
    }
}

#[test]
fn bodies() {
    let scratch = Scratch::new("bad-bodies");
    let mut world = World::new(&scratch);
    let player = token(Role::Player, "p");
    let cases: &[(u16, &str, &str, &[u8])] = &[
        (400, "cut off", SOLVE, br#"{"answer":"quick"#),
        (400, "no JSON", SOLVE, b"answer=hello"),
        (400, "two values", SOLVE, br#"{"answer":"a"}{"answer":"b"}"#),
        (400, "an array", SOLVE, b"[]"),
        (400, "nothing", SOLVE, b""),
        (400, "invalid UTF-8", SOLVE, b"{\"answer\":\"\xff\xfe\"}"),
        (400, "deep", SOLVE, &[b'['; 10_000]),
        (422, "a lone surrogate", SOLVE, br#"{"answer":"\ud800"}"#),
        (
            422,
            "an unknown field",
            SOLVE,
            br#"{"answer":"a","admin":true}"#,
        ),
        (
            422,
            "a field twice",
            SOLVE,
            br#"{"answer":"a","answer":"b"}"#,
        ),
        (422, "two ways", SOLVE, br#"{"answer":"a","code":"b"}"#),
        (422, "a number for text", SOLVE, br#"{"answer":1}"#),
        (
            422,
            "1e400",
            PIER,
            br#"{"lat":1e400,"lon":10,"accuracy_m":5}"#,
        ),
        (
            422,
            "off the Earth",
            PIER,
            br#"{"lat":90.1,"lon":10,"accuracy_m":5}"#,
        ),
        (
            422,
            "negative accuracy",
            PIER,
            br#"{"lat":54,"lon":10,"accuracy_m":-1}"#,
        ),
        (422, "half a place", PIER, br#"{"lat":54}"#),
        (400, "NaN", PIER, br#"{"lat":NaN,"lon":10,"accuracy_m":5}"#),
        (
            400,
            "Infinity",
            PIER,
            br#"{"lat":Infinity,"lon":10,"accuracy_m":5}"#,
        ),
        (
            422,
            "null",
            PIER,
            br#"{"lat":null,"lon":10,"accuracy_m":5}"#,
        ),
        (
            422,
            "an unknown field of a claim",
            CLAIM,
            br#"{"treasure":"coin"}"#,
        ),
        (
            422,
            "another way than the clue's",
            PIER,
            br#"{"answer":"a"}"#,
        ),
        (413, "a large body", SOLVE, &[b' '; 20_000]),
    ];
    for (expected, what, path, body) in cases {
        let request = Request::post(path).token(&player).body(*body);
        world.check(*expected, what, &request);
        if *expected == 413 {
            world.client.cut();
        }
    }
    let longest = format!(r#"{{"answer":"{}"}}"#, "a".repeat(15_000));
    let answer = world.check(
        200,
        "a long answer",
        &Request::post(SOLVE).token(&player).body(longest),
    );
    assert_eq!(answer.outcome(), "wrong");
    world.end(&scratch);
}

#[test]
fn batches() {
    let scratch = Scratch::new("bad-batches");
    let mut world = World::new(&scratch);
    let service = token(Role::Service, "game");
    let batch = |body: &str| Request::post("/v1/batch").token(&service).body(body);
    world.check(400, "no array", &batch("{}"));
    world.check(400, "cut off", &batch(r#"[{"player":"p""#));
    let million = format!("[{}1]", "1,".repeat(999_999));
    world.check_too_large("a million elements", &batch(&million));
    let objects = format!("[{}{{}}]", "{},".repeat(10_000));
    world.check_too_large("one too many", &batch(&objects));
    let mixed = r#"[7, {"player":"p","hunt":"bad"}, {"player":"p","hunt":"none","join":{}},
        {"player":"p","hunt":"bad","join":{}}, {"player":"p q","hunt":"bad","join":{}},
        {"player":"p","hunt":"bad","solve":{"clue":"riddle","answer":"wrong one"}}]"#;
    let answer = world.check(200, "a mixed batch", &batch(mixed));
    let statuses: Vec<Value> = answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].clone())
        .collect();
    assert_eq!(
        statuses,
        [422, 422, 404, 200, 422, 200],
        "{}",
        answer.text()
    );
    world.check(
        403,
        "a player's batch",
        &Request::post("/v1/batch")
            .token(&token(Role::Player, "p"))
            .body("[]"),
    );
    world.end(&scratch);
}

#[test]
fn definitions() {
    let scratch = Scratch::new("bad-hunts");
    let mut world = World::new(&scratch);
    let operator = token(Role::Operator, "boss");
    let put = |id: &str, hunt: &Value| {
        Request::put(&format!("/v1/hunts/{id}"))
            .token(&operator)
            .body(hunt.to_string())
    };
    world.check(
        422,
        "another id than the path's",
        &put("other", &hunts::coins("one", 1)),
    );
    let mut hunt = hunts::coins("one", 1);
    hunt["clues"][0]["unlock"] = serde_json::json!({ "after": ["crate"] });
    hunt["surprise"] = Value::from(1);
    hunt["clues"][2]["solve"]["check_in"]["lat"] = Value::from(91);
    let answer = world.check(422, "three faults", &put("one", &hunt));
    let listed = answer.text();
    for pointer in ["/surprise", "/clues/2/solve/check_in/lat", "/clues/0"] {
        assert!(listed.contains(pointer), "{pointer}: {listed}");
    }
    let large = format!(r#"{{"id":"one","title":"{}"}}"#, "x".repeat(600_000));
    world.check_too_large(
        "a large hunt",
        &Request::put("/v1/hunts/one").token(&operator).body(large),
    );
    world.check(
        403,
        "by a player",
        &Request::put("/v1/hunts/one")
            .token(&token(Role::Player, "p"))
            .body("{}"),
    );
    for body in [
        r#"{"add":0}"#,
        r#"{"add":-1}"#,
        r#"{"add":1.5}"#,
        r#"{"add":1e400}"#,
        r#"{"add":9007199254740992}"#,
    ] {
        let stock = Request::post("/v1/hunts/bad/treasures/coin/stock")
            .token(&operator)
            .body(body);
        world.check(422, body, &stock);
    }
    world.end(&scratch);
}

#[test]
fn callers() {
    let scratch = Scratch::new("bad-callers");
    let mut world = World::new(&scratch);
    let good = token(Role::Player, "p");
    let foreign = "another secret of 32 bytes or more, not ours";
    let mut changed = good.clone();
    changed.replace_range(20..21, if &good[20..21] == "A" { "B" } else { "A" });
    let long = "x".repeat(6_000);
    let tokens = [
        ("alg none", UNSIGNED),
        (
            "a foreign key",
            &token_with(Role::Operator, "p", foreign, 60),
        ),
        (
            "an expired one",
            &token_with(Role::Player, "p", SECRET, -60),
        ),
        ("a changed one", &changed),
        ("no token", "x"),
        ("an empty one", ""),
        ("a long one", &long),
        ("no subject", &token(Role::Player, "")),
        ("a subject with a space", &token(Role::Player, "a b")),
    ];
    for (what, token) in tokens {
        let answer = world.check(401, what, &Request::post(CLAIM).token(token));
        assert!(answer.header("www-authenticate").is_some(), "{what}");
    }
    world.check(401, "none at all", &Request::post(CLAIM));
    world.check(
        401,
        "another scheme",
        &Request::post(CLAIM).header("authorization", "Basic cDpw"),
    );
    let operator = token(Role::Operator, "boss");
    world.check(
        403,
        "an operator who plays",
        &Request::post(CLAIM).token(&operator),
    );
    world.check(
        403,
        "a player who opens",
        &Request::post("/v1/hunts/bad/open").token(&good),
    );
    world.check(
        403,
        "a player who reads the feed",
        &Request::get("/v1/feed").token(&good),
    );
    world.check(
        403,
        "a player who looks at stats",
        &Request::get("/v1/hunts/bad/stats").token(&good),
    );
    world.check(
        403,
        "someone else's claim",
        &Request::post(CLAIM).token(&good).player("q"),
    );
    world.check(
        403,
        "someone else in the body",
        &Request::post(CLAIM).token(&good).body(r#"{"player":"q"}"#),
    );
    world.check(
        403,
        "someone else's progress",
        &Request::get("/v1/hunts/bad/progress")
            .token(&good)
            .player("q"),
    );
    let service = token(Role::Service, "game");
    world.check(
        422,
        "a service for nobody",
        &Request::post(CLAIM).token(&service),
    );
    world.check(
        400,
        "a key with a space",
        &Request::post(CLAIM).token(&good).key("a b"),
    );
    world.check(
        400,
        "a long key",
        &Request::post(CLAIM).token(&good).key(&"k".repeat(65)),
    );
    world.check(
        400,
        "two keys",
        &Request::post(CLAIM).token(&good).key("a").key("b"),
    );
    world.check(200, "a key", &Request::post(CLAIM).token(&good).key("once"));
    world.check(
        422,
        "the key for another body",
        &Request::post("/v1/hunts/bad/join").token(&good).key("once"),
    );
    world.end(&scratch);
}

#[test]
fn paths() {
    let scratch = Scratch::new("bad-paths");
    let mut world = World::new(&scratch);
    let service = token(Role::Service, "game");
    let long = format!("/v1/hunts/{}", "a".repeat(5_000));
    let cases = [
        (404, "/v1/hunts/../x"),
        (404, "/v1/hunts/%2e%2e/stats/x"),
        (404, "/v1/hunts/%2e%2e"),
        (404, "/v1/hunts/bad%00"),
        (404, "/v1/hunts/bad%2fstats"),
        (404, "/v1/hunts//bad"),
        (404, "//v1/hunts/bad"),
        (404, "/v1/hunts/bad/"),
        (404, "/v1/hunts/BAD"),
        (404, "/V1/hunts/bad"),
        (404, "/v1/hunts/none"),
        (404, "/v1/../healthz"),
        (404, "/etc/passwd"),
        (404, long.as_str()),
        (400, "/v1/hunts/%zz"),
        (400, "/v1/hunts/%ff"),
        (400, "/v1/feed?after=xyz"),
        (400, "/v1/feed?limit=-1"),
        (400, "/v1/feed?limit=1&limit=1"),
        (400, "/v1/feed?cursor=1"),
        (400, "/v1/hunts/bad/leaderboard?limit=99999999999999999999"),
    ];
    for (expected, path) in cases {
        world.check(expected, path, &Request::get(path).token(&service));
    }
    let unknown = [
        (404, "/v1/hunts/none/join"),
        (404, "/v1/hunts/bad/treasures/none/claim"),
    ];
    for (expected, path) in unknown {
        world.check(
            expected,
            path,
            &Request::post(path).token(&service).player("p"),
        );
    }
    let clue = Request::post("/v1/hunts/bad/clues/none/solve")
        .token(&service)
        .player("p")
        .body(r#"{"answer":"a"}"#);
    world.check(404, "an unknown clue", &clue);
    for method in ["DELETE", "PATCH", "TRACE"] {
        let answer = world.check(
            405,
            method,
            &Request::new(method, "/v1/hunts/bad").token(&service),
        );
        assert!(
            answer
                .header("allow")
                .is_some_and(|allow| allow.contains("GET")),
            "{answer:?}"
        );
    }
    world.end(&scratch);
}
