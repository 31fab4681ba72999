//! Answers that are sent without reading a request: there is no room, or no time, for more.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures::future::{Either, select};
use hyper::rt::Write;

use super::stream::Stream;
use crate::runtime::timers;

/// An answer that waits for no request.
pub(crate) struct ReadyAnswer {
    status: &'static str,
    headers: &'static str,
    body: &'static str,
}

/// Said to a connection past the limit.
pub(crate) const OVERLOADED: ReadyAnswer = ReadyAnswer {
    status: "503 Service Unavailable",
    headers: "retry-after: 1\r\n",
    body: r#"{"type":"urn:hunt:problem:overloaded","title":"Overloaded","status":503,"detail":"overloaded: connections_per_core_max is full; retry after 1000 ms"}"#,
};

/// Said to a client whose request's head takes too long.
pub(crate) const HEAD_TIMEOUT: ReadyAnswer = ReadyAnswer {
    status: "408 Request Timeout",
    headers: "",
    body: r#"{"type":"urn:hunt:problem:timeout","title":"Time-out","status":408,"detail":"the head of the request did not arrive within head_timeout_ms"}"#,
};

/// What a client may still send after its answer. It is read and thrown away: closing a socket with unread bytes resets
/// the connection, and the answer may be lost to that (RFC 9112, section 9.6).
struct Rest {
    time_max: Duration,
    bytes_max: usize,
}

/// After an answer that waited for no request.
const REST_OF_HEAD: Rest = Rest {
    time_max: Duration::from_millis(500),
    bytes_max: 64 << 10,
};

/// After an error, which may come before its request's body: a batch twice as large as it may be is told so.
const REST_OF_REQUEST: Rest = Rest {
    time_max: Duration::from_secs(2),
    bytes_max: 8 << 20,
};

/// Bytes thrown away by one read.
const DISCARD_BYTES: usize = 16 << 10;

/// Sends `answer` and closes.
pub(crate) async fn answer_and_close(mut stream: Stream, answer: ReadyAnswer) {
    let bytes = answer.render();
    within(REST_OF_HEAD.time_max, async {
        if write_all(&mut stream, bytes.as_bytes()).await.is_ok() {
            discard(&mut stream, REST_OF_HEAD.bytes_max).await;
        }
    })
    .await;
}

/// Closes after an answer that was sent before its request was read to its end.
pub(crate) async fn close_after_refusal(mut stream: Stream) {
    within(
        REST_OF_REQUEST.time_max,
        discard(&mut stream, REST_OF_REQUEST.bytes_max),
    )
    .await;
}

/// Sends no more, and reads until the client closes too.
async fn discard(stream: &mut Stream, bytes_max: usize) {
    let closed = poll_fn(|context| Pin::new(&mut *stream).poll_shutdown(context)).await;
    if closed.is_err() {
        return;
    }
    let mut buffer = vec![0; DISCARD_BYTES];
    let mut discarded = 0;
    while let Ok(count @ 1..) =
        poll_fn(|context| stream.poll_read_slice(context, &mut buffer)).await
    {
        discarded += count;
        if discarded >= bytes_max {
            return;
        }
    }
}

async fn write_all(stream: &mut Stream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let write = poll_fn(|context| Pin::new(&mut *stream).poll_write(context, bytes));
        match write.await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => bytes = &bytes[count..],
        }
    }
    poll_fn(|context| Pin::new(&mut *stream).poll_flush(context)).await
}

impl ReadyAnswer {
    fn render(&self) -> String {
        let Self {
            status,
            headers,
            body,
        } = self;
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
        )
    }
}

async fn within(limit: Duration, task: impl Future<Output = ()>) {
    if let Either::Right(_) = select(std::pin::pin!(task), timers::sleep(limit)).await {
        tracing::trace!("a client did not take its answer in time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &ReadyAnswer, status: u16) {
        let rendered = answer.render();
        let (head, body) = rendered.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        let problem: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(problem["status"], status);
    }

    #[test]
    fn ready_made_answers_are_well_formed() {
        check(&OVERLOADED, 503);
        check(&HEAD_TIMEOUT, 408);
    }
}
