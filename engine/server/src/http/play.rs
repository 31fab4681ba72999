//! What players do: join, solve, claim, alone or in a batch.

use std::hash::Hasher;

use hunt::{Action, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use node::{AskError, Host, Request};
use siphasher::sip128::{Hasher128, SipHasher24};

use super::answer::{self, ApiBody};
use super::api::{Api, Call};
use super::body::{self, SolveBody};
use super::headers;
use super::problem::{Problem, ProblemKind};
use super::reply;
use super::settings::RETRY_AFTER_MS;

/// Bytes that the answer to one command of a batch mostly fits in.
const ITEM_BYTES_EXPECTED: usize = 96;

impl<H: Host> Api<H> {
    pub(super) async fn join(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let player = self.player(call, body::parse_player(bytes)?)?;
        self.carry_out(call, hunt, Action::Join { player }).await
    }

    pub(super) async fn solve(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        clue: ClueId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let SolveBody { player, attempt } = body::parse_solve(bytes)?;
        let player = self.player(call, player)?;
        self.carry_out(
            call,
            hunt,
            Action::Solve {
                player,
                clue,
                attempt,
            },
        )
        .await
    }

    pub(super) async fn claim(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        treasure: TreasureId,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let player = self.player(call, body::parse_player(bytes)?)?;
        self.carry_out(call, hunt, Action::Claim { player, treasure })
            .await
    }

    /// Carries out one command under the caller's key, or one made for it.
    pub(super) async fn carry_out(
        &self,
        call: &Call<'_>,
        hunt: HuntId,
        action: Action,
    ) -> Result<Response<ApiBody>, Problem> {
        let (request, _) = self.key(call)?;
        let command = Command {
            hunt,
            request: request.clone(),
            action,
        };
        let asked = self
            .within(
                std::time::Duration::ZERO,
                // Boxed: moved by value it would be in every future around it, twice.
                Box::pin(self.core().ask(Request::Command(command))),
            )
            .await;
        let answered = match asked {
            Ok(Ok(node::Response::Reply(answered))) => reply::render(answered),
            Ok(Ok(node::Response::Refused(refusal))) => Err(refusal.into()),
            Ok(Ok(_)) => Err(unexpected()),
            Ok(Err(error)) => Err(error.into()),
            Err(problem) => Err(problem),
        };
        answered.map_err(|problem| problem.with_key(&request))
    }

    pub(super) async fn batch(
        &self,
        call: &Call<'_>,
        bytes: &[u8],
    ) -> Result<Response<ApiBody>, Problem> {
        let (key, is_made) = self.key(call)?;
        let items = body::parse_batch(bytes, |index| item_key(&key, index))?;
        let mut commands = Vec::with_capacity(items.len());
        let places: Vec<_> = items
            .into_iter()
            .map(|item| item.map(|command| commands.push(command)))
            .collect();
        let asked = self
            .within(std::time::Duration::ZERO, self.core().ask_many(commands))
            .await;
        let mut answers = asked.map_err(|problem| problem.with_key(&key))?.into_iter();
        let mut json = Vec::with_capacity(2 + places.len() * ITEM_BYTES_EXPECTED);
        json.push(b'[');
        for (i, place) in places.into_iter().enumerate() {
            if i > 0 {
                json.push(b',');
            }
            let answer = match place {
                Ok(()) => answers
                    .next()
                    .unwrap_or_else(|| Err(lost()))
                    .map_err(Problem::from),
                Err(problem) => Err(problem),
            };
            reply::append(&mut json, answer);
        }
        json.push(b']');
        let mut response = answer::json_bytes(StatusCode::OK, json);
        if is_made && let Ok(key) = HeaderValue::from_str(key.as_str()) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("idempotency-key"), key);
        }
        Ok(response)
    }

    fn player(&self, call: &Call<'_>, in_body: Option<PlayerId>) -> Result<PlayerId, Problem> {
        headers::player(&call.caller, &call.parts.headers, in_body)
    }

    /// The key of the request, and whether it was made here.
    fn key(&self, call: &Call<'_>) -> Result<(RequestId, bool), Problem> {
        match headers::idempotency_key(&call.parts.headers)? {
            Some(key) => Ok((key, false)),
            None => Ok((headers::made_key(|| self.host().random()), true)),
        }
    }
}

/// The key of an item of a batch that has none, from the batch's: the same batch asked again has the same keys.
fn item_key(batch: &RequestId, index: usize) -> RequestId {
    let mut hasher = SipHasher24::new();
    hasher.write(batch.as_str().as_bytes());
    hasher.write_u64(index as u64);
    RequestId::new(&format!("{:032x}", hasher.finish128().as_u128()))
        .expect("32 hexadecimal digits are visible ASCII")
}

/// A core answered a question that was not asked.
pub(super) fn unexpected() -> Problem {
    Problem::retry(
        ProblemKind::Unavailable,
        "the answer does not fit the question: ask again",
        RETRY_AFTER_MS,
    )
}

fn lost() -> AskError {
    AskError::Unavailable {
        detail: "the answer was lost".to_owned(),
        retry_after_ms: RETRY_AFTER_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_batch_have_keys_of_their_own_that_repeat() {
        let (a, b) = (RequestId::new("a").unwrap(), RequestId::new("b").unwrap());
        assert_eq!(item_key(&a, 7), item_key(&a, 7));
        assert_ne!(item_key(&a, 7), item_key(&a, 8));
        assert_ne!(item_key(&a, 7), item_key(&b, 7));
    }
}
