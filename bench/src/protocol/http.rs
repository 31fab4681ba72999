//! The engine's HTTP API: one command a request, or many as one `/v1/batch`.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use memchr::memmem;

use super::{Answered, InOrder, Lane, Link, Protocol, Shake, Tally, Target};
use crate::error::BenchError;
use crate::workload::{Act, Deed};

/// Headers that an answer may have.
const HEADERS_MAX: usize = 32;

/// The engine over HTTP.
pub struct HttpTarget {
    lanes: [Lane; 1],
    token: Arc<str>,
}

impl HttpTarget {
    /// An engine with hunts `bench-0`, `bench-1`, …, and a token of role service.
    pub fn new(address: SocketAddr, hunts: u64, token: &str) -> Self {
        Self {
            lanes: [Lane {
                address,
                hunts: (0..hunts).collect(),
            }],
            token: token.into(),
        }
    }
}

impl Target for HttpTarget {
    fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError> {
        Ok(Link {
            stream: Shake::connect(lane.address)?.finish()?,
            protocol: Box::new(Http {
                token: Arc::clone(&self.token),
                prefix: prefix.to_owned(),
                body: Vec::new(),
                in_order: InOrder::default(),
            }),
        })
    }
}

struct Http {
    token: Arc<str>,
    prefix: String,
    body: Vec<u8>,
    in_order: InOrder,
}

const FITS: &str = "a Vec takes all bytes";

impl Protocol for Http {
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>) {
        self.body.clear();
        match deeds {
            [deed] => self.one(deed, out),
            many => self.batch(many, out),
        }
        out.extend_from_slice(&self.body);
        self.in_order.sent(slot, 1);
    }

    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String> {
        let mut used = 0;
        while let Some((answer, length)) = parse_answer(&input[used..])? {
            used += length;
            self.in_order
                .answer(answered, |tally| count(&answer, tally))?;
        }
        Ok(used)
    }
}

impl Http {
    fn one(&mut self, deed: &Deed, out: &mut Vec<u8>) {
        let (hunt, prefix) = (deed.hunt, &self.prefix);
        write!(out, "POST /v1/hunts/bench-{hunt}/").expect(FITS);
        match deed.act {
            Act::Claim => write!(out, "treasures/t-{}/claim", deed.treasure),
            Act::Join => write!(out, "join"),
            Act::Miss => write!(out, "clues/hard/solve"),
            Act::Solve => write!(out, "clues/easy/solve"),
            Act::CheckIn => write!(out, "clues/place/solve"),
        }
        .expect(FITS);
        let attempt = attempt(deed.act);
        if !attempt.is_empty() {
            write!(self.body, "{{{attempt}}}").expect(FITS);
        }
        write!(
            out,
            " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nHunt-Player: {prefix}{player}\r\n\
             Idempotency-Key: {prefix}{player}{key}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            self.body.len(),
            player = deed.player,
            key = key(deed.act),
        )
        .expect(FITS);
    }

    fn batch(&mut self, deeds: &[Deed], out: &mut Vec<u8>) {
        let prefix = &self.prefix;
        for deed in deeds {
            let separator = if self.body.is_empty() { '[' } else { ',' };
            write!(
                self.body,
                "{separator}{{\"player\":\"{prefix}{player}\",\"hunt\":\"bench-{}\",\"request_id\":\"{prefix}{player}{key}\",",
                deed.hunt,
                player = deed.player,
                key = key(deed.act),
            )
            .expect(FITS);
            let attempt = attempt(deed.act);
            match deed.act {
                Act::Claim => write!(self.body, "\"claim\":\"t-{}\"}}", deed.treasure),
                Act::Join => write!(self.body, "\"join\":{{}}}}"),
                Act::Miss => write!(self.body, "\"solve\":{{\"clue\":\"hard\",{attempt}}}}}"),
                Act::Solve => write!(self.body, "\"solve\":{{\"clue\":\"easy\",{attempt}}}}}"),
                Act::CheckIn => write!(self.body, "\"solve\":{{\"clue\":\"place\",{attempt}}}}}"),
            }
            .expect(FITS);
        }
        self.body.push(b']');
        write!(
            out,
            "POST /v1/batch HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            self.body.len()
        )
        .expect(FITS);
    }
}

/// The fields of an attempt, as JSON.
fn attempt(act: Act) -> &'static str {
    match act {
        Act::Claim | Act::Join => "",
        Act::Miss => r#""answer":"wrong""#,
        Act::Solve => r#""answer":"right""#,
        Act::CheckIn => r#""lat":54.3233,"lon":10.1394,"accuracy_m":5.0"#,
    }
}

/// Tells requests of one player from each other.
pub(super) fn key(act: Act) -> &'static str {
    match act {
        Act::Claim => "c",
        Act::Join => "j",
        Act::Miss => "m",
        Act::Solve => "s",
        Act::CheckIn => "p",
    }
}

/// One HTTP answer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// Takes the first answer off what came. Only answers with a length are understood: the engine's all have one, except event streams.
pub(crate) fn parse_answer(input: &[u8]) -> Result<Option<(Answer<'_>, usize)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(input) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("this is no HTTP answer: {error}")),
    };
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok())
        .ok_or("an HTTP answer has no length")?;
    let status = response.code.unwrap_or_default();
    Ok(input.get(head..).and_then(|rest| {
        let body = rest.get(..length)?;
        Some((Answer { status, body }, head + length))
    }))
}

fn count(answer: &Answer<'_>, tally: &mut Tally) -> Option<String> {
    let before = tally.errors;
    match answer.status {
        200 => count_items(answer.body, tally),
        429 | 503 => tally.overload(),
        _ => tally.fail(),
    }
    (tally.errors > before).then(|| {
        let said: String = String::from_utf8_lossy(answer.body)
            .chars()
            .take(200)
            .collect();
        format!("{} {said}", answer.status)
    })
}

/// Counts outcomes and problems, of one answer or a batch of them. Neither text can be within an answer's values.
fn count_items(body: &[u8], tally: &mut Tally) {
    const OUTCOME: &[u8] = br#""outcome":""#;
    const PROBLEM: &[u8] = br#""type":"urn:hunt:problem:"#;
    for at in memmem::find_iter(body, OUTCOME) {
        count_outcome(&body[at + OUTCOME.len()..], tally);
    }
    for at in memmem::find_iter(body, PROBLEM) {
        let name = &body[at + PROBLEM.len()..];
        let waits: [&[u8]; 3] = [b"overloaded\"", b"not-ready\"", b"too-fast\""];
        match waits.iter().any(|wait| name.starts_with(wait)) {
            true => tally.overload(),
            false => tally.fail(),
        }
    }
}

fn count_outcome(name: &[u8], tally: &mut Tally) {
    let took_effect: [&[u8]; 4] = [b"granted\"", b"solved\"", b"joined\"", b"wrong\""];
    match took_effect.iter().any(|outcome| name.starts_with(outcome)) {
        true => tally.accept(),
        false => tally.refuse(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http() -> Http {
        Http {
            token: "T".into(),
            prefix: "p".to_owned(),
            body: Vec::new(),
            in_order: InOrder::default(),
        }
    }

    fn deed(act: Act) -> Deed {
        Deed {
            hunt: 2,
            treasure: 3,
            player: 45,
            act,
        }
    }

    #[test]
    fn a_claim_is_one_request_without_a_body() {
        let mut out = Vec::new();
        http().append(0, &[deed(Act::Claim)], &mut out);
        let expected = "POST /v1/hunts/bench-2/treasures/t-3/claim HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer T\r\n\
            Hunt-Player: p45\r\nIdempotency-Key: p45c\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_batch_is_valid_json_with_one_item_for_each_deed() {
        let acts = [Act::Claim, Act::Join, Act::Miss, Act::Solve, Act::CheckIn];
        let mut out = Vec::new();
        http().append(0, &acts.map(deed), &mut out);
        let text = String::from_utf8(out).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(text.contains(&format!("Content-Length: {}\r\n", body.len())));
        let items: Vec<serde_json::Value> = serde_json::from_str(body).unwrap();
        assert_eq!(items.len(), acts.len());
        assert_eq!(items[0]["claim"], "t-3");
        assert_eq!(items[4]["solve"]["accuracy_m"], 5.0);
    }

    #[test]
    fn answers_are_counted_by_what_they_say() {
        let mut http = http();
        let mut out = Vec::new();
        for slot in 0..4 {
            http.append(slot, &[deed(Act::Claim)], &mut out);
        }
        let answers: Vec<u8> = [
            ("200 OK", r#"{"outcome":"granted","grant":{}}"#),
            ("200 OK", r#"{"outcome":"already_granted","grant":{}}"#),
            ("503 Service Unavailable", "{}"),
            ("404 Not Found", r#"{"title":"Unknown hunt"}"#),
        ]
        .iter()
        .flat_map(|(status, body)| {
            format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        })
        .collect();
        let mut answered = Vec::new();
        // Byte by byte what is complete is read, and nothing else.
        let (mut from, mut to) = (0, 0);
        while from < answers.len() {
            to += 1;
            from += http.read(&answers[from..to], &mut answered).unwrap();
        }
        let figures: Vec<_> = answered
            .iter()
            .map(|a| {
                (
                    a.slot,
                    a.tally.accepted,
                    a.tally.refused,
                    a.tally.overloaded,
                    a.tally.errors,
                )
            })
            .collect();
        assert_eq!(
            figures,
            [
                (0, 1, 0, 0, 0),
                (1, 0, 1, 0, 0),
                (2, 0, 1, 1, 0),
                (3, 0, 0, 0, 1)
            ]
        );
        assert_eq!(
            answered[3].example.as_deref(),
            Some(r#"404 {"title":"Unknown hunt"}"#)
        );
    }

    #[test]
    fn items_of_a_batch_have_their_own_fates() {
        let mut tally = Tally::default();
        let body = br#"[{"outcome":"granted"},{"type":"urn:hunt:problem:overloaded","status":503},{"outcome":"wrong"},
            {"type":"urn:hunt:problem:unknown-hunt","status":404},{"outcome":"sold_out"}]"#;
        count_items(body, &mut tally);
        let expected = Tally {
            accepted: 2,
            refused: 2,
            overloaded: 1,
            errors: 1,
        };
        assert_eq!(tally, expected);
    }
}
