//! Requests told apart, and answered alike.

use clap::ValueEnum;
use memchr::memmem;
use wire::{
    ErrorCode, Failure, FromClient, FromServer, Grant, Outcome, Replied, Replies, VERSION, Welcome,
};

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// HTTP/1.1, as the engine's API
    Http,
    /// The engine's wire protocol
    Wire,
}

/// The head of a grant's answer, up to its length, and what follows the length.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
const HEAD_END: &[u8] = b"\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";

/// One grant, as long as most of the engine's.
const GRANT: &[u8] = br#"{"outcome":"granted","grant":{"id":"28-1000000-1","treasure":"t-100","seq":1000000,"at":"1970-01-01T00:00:00.000Z"}}"#;

/// Shards that the hello names: as the engine's default.
const SHARDS: u16 = 64;

/// Commands under way on a connection: no limit of the floor's.
const UNDER_WAY_MAX: u32 = u32::MAX;

/// What a request was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Its bytes.
    pub(super) bytes: usize,
    /// Claims in it.
    pub(super) claims: u64,
}

impl Protocol {
    /// Takes the first request off what came, and appends its answer; nothing if it is not complete.
    pub(super) fn answer(
        self,
        input: &[u8],
        answers: &mut Vec<u8>,
    ) -> Result<Option<Request>, String> {
        match self {
            Self::Http => answer_http(input, answers),
            Self::Wire => answer_wire(input, answers),
        }
    }
}

/// Looks for no more than it needs: what the generator sends is in order.
fn answer_http(input: &[u8], answers: &mut Vec<u8>) -> Result<Option<Request>, String> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = memmem::find(input, END) else {
        return Ok(None);
    };
    let bytes = head + END.len() + length(&input[..head])?;
    let Some(request) = input.get(..bytes) else {
        return Ok(None);
    };
    let is_batch = request.starts_with(b"POST /v1/batch ");
    let claims = match is_batch {
        true => memmem::find_iter(&request[head..], br#""claim":""#).count(),
        false => 1,
    };
    append_grants(is_batch, claims, answers);
    let claims = claims as u64;
    Ok(Some(Request { bytes, claims }))
}

fn length(head: &[u8]) -> Result<usize, String> {
    const NAME: &[u8] = b"\r\nContent-Length: ";
    let Some(at) = memmem::find(head, NAME) else {
        return Ok(0);
    };
    let value = head[at + NAME.len()..].split(|byte| *byte == b'\r').next();
    value
        .and_then(|value| std::str::from_utf8(value).ok()?.parse().ok())
        .ok_or_else(|| "a request's Content-Length is no number".to_owned())
}

fn append_grants(is_batch: bool, claims: usize, answers: &mut Vec<u8>) {
    let body = match is_batch {
        true => [b"[", &*vec![GRANT; claims].join(&b','), b"]"].concat(),
        false => GRANT.to_vec(),
    };
    answers.extend_from_slice(HEAD);
    answers.extend_from_slice(body.len().to_string().as_bytes());
    answers.extend_from_slice(HEAD_END);
    answers.extend_from_slice(&body);
}

fn answer_wire(input: &[u8], answers: &mut Vec<u8>) -> Result<Option<Request>, String> {
    let Some((frame, bytes)) = wire::split(input).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let (claims, answer) = match FromClient::decode(frame).map_err(|error| error.to_string())? {
        FromClient::Hello(_) => (0, FromServer::Welcome(welcome())),
        FromClient::Commands(commands) => {
            let replies = commands.commands.iter().map(|_| granted()).collect();
            let id = commands.id;
            let claims = commands.commands.len() as u64;
            (claims, FromServer::Replies(Replies { id, replies }))
        }
        FromClient::Ping => (0, FromServer::Pong),
        FromClient::Subscribe(_) | FromClient::Credit(_) | FromClient::AskOwners => {
            (0, FromServer::Error(nothing_but_claims()))
        }
    };
    answer.append(answers).map_err(|error| error.to_string())?;
    Ok(Some(Request { bytes, claims }))
}

fn welcome() -> Welcome {
    Welcome {
        version: VERSION,
        engine: "floor".to_owned(),
        core: 0,
        shards: SHARDS,
        owners: Vec::new(),
        commands_under_way_max: UNDER_WAY_MAX,
        idle_ms: u32::MAX,
    }
}

fn granted() -> Replied {
    Replied {
        replayed: false,
        outcome: Outcome::Granted(Grant {
            treasure: "t-100".to_owned(),
            shard: 28,
            seq: 1_000_000,
            place: 1,
            at: 1_700_000_000_000,
        }),
    }
}

fn nothing_but_claims() -> Failure {
    Failure {
        id: None,
        code: ErrorCode::Malformed,
        detail: "the floor knows nothing but claims".to_owned(),
        retry_after_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http::parse_answer;

    fn check_http(request: &str, claims: u64, grants: usize) {
        let mut answers = Vec::new();
        for cut in 0..request.len() {
            let part = &request.as_bytes()[..cut];
            assert_eq!(Protocol::Http.answer(part, &mut answers), Ok(None));
        }
        assert!(answers.is_empty());
        let input = format!("{request}POST /");
        let bytes = request.len();
        let found = Protocol::Http.answer(input.as_bytes(), &mut answers);
        assert_eq!(found, Ok(Some(Request { bytes, claims })));
        let (answer, used) = parse_answer(&answers).unwrap().unwrap();
        assert_eq!(used, answers.len());
        let body: serde_json::Value = serde_json::from_slice(answer.body).unwrap();
        assert_eq!(body.as_array().map_or(1, Vec::len), grants);
    }

    #[test]
    fn http_requests_are_answered_once_they_are_complete() {
        check_http("POST /x/claim HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 1, 1);
        check_http(
            "POST /x/claim HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
            1,
            1,
        );
        let batch = |body: &str| {
            format!(
                "POST /v1/batch HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        check_http(&batch("[]"), 0, 0);
        check_http(&batch(r#"[{"claim":"t-1"},{"claim":"t-2"}]"#), 2, 2);
        let wrong = "POST /x HTTP/1.1\r\nContent-Length: x\r\n\r\n";
        let said = Protocol::Http.answer(wrong.as_bytes(), &mut Vec::new());
        assert!(said.is_err());
    }

    #[test]
    fn a_frame_is_answered_by_as_many_grants_as_it_has_commands() {
        use wire::{Action, Command, Commands, HuntId, PlayerId, RequestId};
        let command = Command {
            hunt: HuntId::new("h").unwrap(),
            request: RequestId::new("request-1").unwrap(),
            action: Action::Join {
                player: PlayerId::new("p").unwrap(),
            },
        };
        let mut frame = Vec::new();
        FromClient::Commands(Commands {
            id: 7,
            commands: vec![command; 3],
        })
        .append(&mut frame)
        .unwrap();
        let mut answers = Vec::new();
        let found = Protocol::Wire.answer(&frame, &mut answers).unwrap();
        let bytes = frame.len();
        assert_eq!(found, Some(Request { bytes, claims: 3 }));
        let (frame, _) = wire::split(&answers).unwrap().unwrap();
        let FromServer::Replies(replies) = FromServer::decode(frame).unwrap() else {
            panic!("no replies");
        };
        assert_eq!((replies.id, replies.replies.len()), (7, 3));
    }
}
