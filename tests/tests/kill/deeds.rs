//! What players did, and what they were told.

use serde_json::{Value, json};
use tests::{Answer, Request, hunts};

/// The hunt that is played.
pub(crate) const HUNT: &str = "siege";

/// What a player may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Join,
    Guess,
    Riddle,
    Crate,
    Claim(&'static str),
}

/// All that a player does, in order; a player's last requests are remembered, and these are fewer.
pub(crate) const ACTS: [Act; 8] = [
    Act::Join,
    Act::Guess,
    Act::Riddle,
    Act::Claim("coin"),
    Act::Crate,
    Act::Claim("pebble"),
    Act::Claim("pebble"),
    Act::Claim("pebble"),
];

const _: () = assert!(
    ACTS.len() < hunt::REQUESTS_PER_PLAYER_MAX,
    "every request of a player must still be remembered when it is repeated"
);

/// One request, and its answer if there was one.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) player: String,
    pub(crate) act: Act,
    pub(crate) key: String,
    /// What it was told: the body of an answer to one command.
    pub(crate) told: Option<Told>,
}

/// An answer that was received as a whole.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// To a single command: its bytes.
    Alone(Vec<u8>),
    /// Within a batch: the reply's fields.
    InBatch(Value),
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Alone(body) => serde_json::from_slice(body).unwrap_or_default(),
            Self::InBatch(reply) => reply.clone(),
        }
    }

    pub(crate) fn outcome(&self) -> String {
        self.json()["outcome"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Deed {
    /// What a player does at this step.
    pub(crate) fn new(player: &str, step: usize) -> Self {
        Self {
            player: player.to_owned(),
            act: ACTS[step],
            key: format!("step-{step}"),
            told: None,
        }
    }

    /// Whether it may be answered otherwise when it is asked again.
    pub(crate) fn is_open(&self) -> bool {
        self.told
            .as_ref()
            .is_none_or(|told| told.outcome() == "sold_out")
    }

    /// As a request of its own.
    pub(crate) fn request(&self, service: &str) -> Request {
        let path = match self.act {
            Act::Join => "join".to_owned(),
            Act::Guess | Act::Riddle => "clues/riddle/solve".to_owned(),
            Act::Crate => "clues/crate/solve".to_owned(),
            Act::Claim(treasure) => format!("treasures/{treasure}/claim"),
        };
        let request = Request::post(&format!("/v1/hunts/{HUNT}/{path}"))
            .token(service)
            .player(&self.player)
            .key(&self.key);
        match self.attempt() {
            Some(attempt) => request.body(attempt.to_string()),
            None => request,
        }
    }

    /// As an item of a batch.
    pub(crate) fn item(&self) -> Value {
        let mut item = json!({ "player": self.player, "hunt": HUNT, "request_id": self.key });
        let mut attempt = self.attempt().unwrap_or_default();
        match self.act {
            Act::Join => item["join"] = json!({}),
            Act::Claim(treasure) => item["claim"] = json!({ "treasure": treasure }),
            Act::Guess | Act::Riddle | Act::Crate => {
                attempt["clue"] = if self.act == Act::Crate {
                    "crate"
                } else {
                    "riddle"
                }
                .into();
                item["solve"] = attempt;
            }
        }
        item
    }

    fn attempt(&self) -> Option<Value> {
        match self.act {
            Act::Guess => Some(json!({ "answer": "not this" })),
            Act::Riddle => Some(json!({ "answer": hunts::ANSWER })),
            Act::Crate => Some(json!({ "code": hunts::CODE })),
            Act::Join | Act::Claim(_) => None,
        }
    }

    /// Notes an answer; one that says "later" is none.
    pub(crate) fn hear(&mut self, answer: Answer) {
        match answer.status {
            200 => self.told = Some(Told::Alone(answer.body)),
            429 | 503 => {}
            status => panic!("{self:?} was answered {status}: {}", answer.text()),
        }
    }

    /// Notes the answer to an item of a batch.
    pub(crate) fn hear_item(&mut self, mut item: Value) {
        match item["status"].as_u64() {
            Some(200) => {
                let fields = item.as_object_mut().unwrap();
                fields.remove("status");
                fields.remove("replayed");
                self.told = Some(Told::InBatch(item));
            }
            Some(429 | 503) => {}
            _ => panic!("{self:?} was answered {item}"),
        }
    }
}
