//! Errors as RFC 9457 problem details. Each kind has a stable `type`, a title and a status; the OpenAPI document lists them.

use std::borrow::Cow;

use hunt::{Fault, Refusal, RequestId};
use hyper::StatusCode;
use node::AskError;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::settings::RETRY_AFTER_MS;

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request can't be read.
    Malformed,
    /// No token, or one that does not hold.
    Unauthorized,
    /// The token's role may not do this.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// No such hunt.
    UnknownHunt,
    /// No such clue.
    UnknownClue,
    /// No such treasure.
    UnknownTreasure,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The body took too long.
    BodyTimeout,
    /// The hunt's phase does not allow it.
    WrongState,
    /// Players have joined, and the new definition would change what they were promised.
    Incompatible,
    /// The body is past its limit.
    TooLarge,
    /// The request was read, but what it says can't be.
    Invalid,
    /// The Idempotency-Key was used for another request.
    KeyReused,
    /// This caller is too fast.
    TooFast,
    /// A defect of the engine.
    Internal,
    /// A limit of the engine is reached.
    Overloaded,
    /// Shards are being opened.
    NotReady,
    /// The answer is not known; the same Idempotency-Key asked again tells.
    Unavailable,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 19] = [
        Self::Malformed,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::UnknownHunt,
        Self::UnknownClue,
        Self::UnknownTreasure,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::WrongState,
        Self::Incompatible,
        Self::TooLarge,
        Self::Invalid,
        Self::KeyReused,
        Self::TooFast,
        Self::Internal,
        Self::Overloaded,
        Self::NotReady,
        Self::Unavailable,
    ];

    /// The `type` of the problem: a name that never changes.
    pub fn urn(self) -> &'static str {
        self.parts().0
    }

    /// What people read first.
    pub fn title(self) -> &'static str {
        self.parts().1
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        self.parts().2
    }

    #[rustfmt::skip]
    fn parts(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::Malformed => ("urn:hunt:problem:malformed", "Malformed request", StatusCode::BAD_REQUEST),
            Self::Unauthorized => ("urn:hunt:problem:unauthorized", "Not authorized", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("urn:hunt:problem:forbidden", "Not allowed", StatusCode::FORBIDDEN),
            Self::NotFound => ("urn:hunt:problem:not-found", "Nothing here", StatusCode::NOT_FOUND),
            Self::UnknownHunt => ("urn:hunt:problem:unknown-hunt", "Unknown hunt", StatusCode::NOT_FOUND),
            Self::UnknownClue => ("urn:hunt:problem:unknown-clue", "Unknown clue", StatusCode::NOT_FOUND),
            Self::UnknownTreasure => ("urn:hunt:problem:unknown-treasure", "Unknown treasure", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("urn:hunt:problem:method-not-allowed", "Method not allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::BodyTimeout => ("urn:hunt:problem:body-timeout", "Body too slow", StatusCode::REQUEST_TIMEOUT),
            Self::WrongState => ("urn:hunt:problem:wrong-state", "Wrong state", StatusCode::CONFLICT),
            Self::Incompatible => ("urn:hunt:problem:incompatible", "Incompatible change", StatusCode::CONFLICT),
            Self::TooLarge => ("urn:hunt:problem:too-large", "Too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::Invalid => ("urn:hunt:problem:invalid", "Invalid request", StatusCode::UNPROCESSABLE_ENTITY),
            Self::KeyReused => ("urn:hunt:problem:key-reused", "Key reused", StatusCode::UNPROCESSABLE_ENTITY),
            Self::TooFast => ("urn:hunt:problem:too-fast", "Too many requests", StatusCode::TOO_MANY_REQUESTS),
            Self::Internal => ("urn:hunt:problem:internal", "Internal error", StatusCode::INTERNAL_SERVER_ERROR),
            Self::Overloaded => ("urn:hunt:problem:overloaded", "Overloaded", StatusCode::SERVICE_UNAVAILABLE),
            Self::NotReady => ("urn:hunt:problem:not-ready", "Not ready", StatusCode::SERVICE_UNAVAILABLE),
            Self::Unavailable => ("urn:hunt:problem:unavailable", "Answer not known", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// An error, as a caller gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Which kind.
    pub kind: ProblemKind,
    /// What was wrong, where, and what to do.
    pub detail: Cow<'static, str>,
    /// Each fault of the body, with its JSON pointer.
    pub faults: Vec<Fault>,
    /// When to ask again (429 and 503).
    pub retry_after_ms: Option<u64>,
    /// The key that the engine made for the request: ask again with it.
    pub idempotency_key: Option<RequestId>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after_ms: None,
            idempotency_key: None,
        }
    }

    /// 400.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemKind::Malformed, detail)
    }

    /// 422, with the faults; there is at least one.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [fault] => fault.to_string(),
            faults => format!("{} faults, see `faults`", faults.len()),
        };
        Self {
            faults,
            ..Self::new(ProblemKind::Invalid, detail)
        }
    }

    /// A problem that says when to come back.
    pub fn retry(
        kind: ProblemKind,
        detail: impl Into<Cow<'static, str>>,
        retry_after_ms: u64,
    ) -> Self {
        Self {
            retry_after_ms: Some(retry_after_ms),
            ..Self::new(kind, detail)
        }
    }

    /// 503: a limit of the API on this core is reached.
    pub fn limit(limit: &'static str) -> Self {
        let detail = format!("the limit {limit} of this core is reached: ask again later");
        Self::retry(ProblemKind::Overloaded, detail, RETRY_AFTER_MS)
    }

    /// Adds the key to ask again with, where asking again tells what happened.
    pub fn with_key(mut self, key: &RequestId) -> Self {
        if self.kind == ProblemKind::Unavailable {
            self.idempotency_key = Some(key.clone());
        }
        self
    }

    /// The value of Retry-After: whole seconds, rounded up, at least 1.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|ms| ms.div_ceil(1_000).max(1))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::UnknownHunt => ProblemKind::UnknownHunt,
            Refusal::UnknownClue => ProblemKind::UnknownClue,
            Refusal::UnknownTreasure => ProblemKind::UnknownTreasure,
            Refusal::WrongPhase { .. } => ProblemKind::WrongState,
            Refusal::Incompatible { .. } => ProblemKind::Incompatible,
            Refusal::Mismatch { .. } => ProblemKind::Invalid,
            Refusal::KeyReused => ProblemKind::KeyReused,
        };
        Self::new(kind, refusal.to_string())
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let detail = error.to_string();
        match error {
            AskError::Overloaded { retry_after_ms, .. } => {
                Self::retry(ProblemKind::Overloaded, detail, retry_after_ms)
            }
            AskError::NotReady { retry_after_ms } => {
                Self::retry(ProblemKind::NotReady, detail, retry_after_ms)
            }
            AskError::Unavailable { retry_after_ms, .. } => {
                Self::retry(ProblemKind::Unavailable, detail, retry_after_ms)
            }
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.kind.urn())?;
        map.serialize_entry("title", self.kind.title())?;
        map.serialize_entry("status", &self.kind.status().as_u16())?;
        map.serialize_entry("detail", &self.detail)?;
        if !self.faults.is_empty() {
            map.serialize_entry("faults", &self.faults)?;
        }
        if let Some(ms) = self.retry_after_ms {
            map.serialize_entry("retry_after_ms", &ms)?;
        }
        if let Some(key) = &self.idempotency_key {
            map.serialize_entry("idempotency_key", key)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(problem: Problem, expected: Expect) {
        let retry = problem.retry_after_s();
        expected.assert_eq(&format!(
            "{} retry={retry:?}",
            serde_json::to_string(&problem).unwrap()
        ));
    }

    #[test]
    fn renders_what_rfc_9457_asks_for() {
        check(
            Problem::from(Refusal::UnknownHunt),
            expect![[
                r#"{"type":"urn:hunt:problem:unknown-hunt","title":"Unknown hunt","status":404,"detail":"there is no hunt with this id: see GET /v1/hunts"} retry=None"#
            ]],
        );
        check(
            Problem::from(AskError::Overloaded {
                limit: "waiters_max".into(),
                retry_after_ms: 1_001,
            }),
            expect![[
                r#"{"type":"urn:hunt:problem:overloaded","title":"Overloaded","status":503,"detail":"overloaded: waiters_max is full; retry after 1001 ms","retry_after_ms":1001} retry=Some(2)"#
            ]],
        );
    }

    #[test]
    fn names_the_key_only_where_the_answer_is_not_known() {
        let key = RequestId::new("k").unwrap();
        let unknown = AskError::Unavailable {
            detail: "lost".into(),
            retry_after_ms: 1,
        };
        assert_eq!(
            Problem::from(unknown).with_key(&key).idempotency_key,
            Some(key.clone())
        );
        assert_eq!(
            Problem::from(Refusal::KeyReused)
                .with_key(&key)
                .idempotency_key,
            None
        );
    }

    #[test]
    fn every_kind_has_its_own_name() {
        let mut names: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.urn()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert!(
                kind.status().is_client_error() || kind.status().is_server_error(),
                "{kind:?}"
            );
        }
    }
}
