//! A core's answer to a command, as HTTP.

use hunt::Reply;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use node::Answered;

use super::answer::{self, ApiBody};
use super::problem::Problem;

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The answer to one command.
pub(super) fn render(answered: Answered) -> Result<Response<ApiBody>, Problem> {
    let status = match &answered.reply {
        Reply::Refused(refusal) => return Err(refusal.clone().into()),
        reply => status(reply),
    };
    let mut response = answer::json(status, &answered.reply);
    if answered.replayed {
        response
            .headers_mut()
            .insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Appends the answer to one command of a batch: its status, and the reply's or the problem's fields.
pub(super) fn append(json: &mut Vec<u8>, answer: Result<Answered, Problem>) {
    let answered = match answer {
        Err(problem) => return answer::append_json(json, &problem),
        Ok(Answered {
            reply: Reply::Refused(refusal),
            ..
        }) => {
            return answer::append_json(json, &Problem::from(refusal));
        }
        Ok(answered) => answered,
    };
    json.extend_from_slice(br#"{"status":"#);
    json.extend_from_slice(status(&answered.reply).as_str().as_bytes());
    answer::append_fields(json, &answered.reply);
    if answered.replayed {
        json.pop();
        json.extend_from_slice(br#","replayed":true}"#);
    }
}

fn status(reply: &Reply) -> StatusCode {
    match reply {
        Reply::Created { .. } => StatusCode::CREATED,
        _ => StatusCode::OK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use futures::FutureExt;
    use http_body_util::BodyExt;
    use hunt::{Grant, GrantId, Millis, Refusal, TreasureId};

    fn check(reply: Reply, replayed: bool, expected: Expect) {
        let answered = Answered { reply, replayed };
        let mut item = Vec::new();
        append(&mut item, Ok(answered.clone()));
        let response = render(answered).unwrap_or_else(|problem| answer::problem(&problem));
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .now_or_never()
            .expect("it is whole")
            .unwrap()
            .to_bytes();
        let replayed = head
            .headers
            .get(IDEMPOTENCY_REPLAYED)
            .map(|value| value.to_str().unwrap());
        let alone = String::from_utf8(body.to_vec()).unwrap();
        let item = String::from_utf8(item).unwrap();
        expected.assert_eq(&format!(
            "{} {replayed:?} {alone}\n{item}",
            head.status.as_u16()
        ));
    }

    #[test]
    fn renders_alone_and_in_a_batch() {
        let treasure = TreasureId::new("gold-coin").unwrap();
        let grant = Grant {
            id: GrantId {
                shard: 7,
                seq: 12,
                place: 0,
            },
            treasure,
            seq: 12,
            at: Millis(1_000),
        };
        check(
            Reply::Granted { grant },
            true,
            expect![[r#"
            200 Some("true") {"outcome":"granted","grant":{"id":"7-12-0","treasure":"gold-coin","seq":12,"at":"1970-01-01T00:00:01.000Z"}}
            {"status":200,"outcome":"granted","grant":{"id":"7-12-0","treasure":"gold-coin","seq":12,"at":"1970-01-01T00:00:01.000Z"},"replayed":true}"#]],
        );
        check(
            Reply::SoldOut,
            false,
            expect![[r#"
            200 None {"outcome":"sold_out"}
            {"status":200,"outcome":"sold_out"}"#]],
        );
        check(
            Reply::Created { seq: 1 },
            false,
            expect![[r#"
            201 None {"outcome":"created","seq":1}
            {"status":201,"outcome":"created","seq":1}"#]],
        );
        check(
            Reply::Refused(Refusal::KeyReused),
            false,
            expect![[r#"
            422 None {"type":"urn:hunt:problem:key-reused","title":"Key reused","status":422,"detail":"this Idempotency-Key was used for another request: send a new key with a new request"}
            {"type":"urn:hunt:problem:key-reused","title":"Key reused","status":422,"detail":"this Idempotency-Key was used for another request: send a new key with a new request"}"#]],
        );
    }
}
