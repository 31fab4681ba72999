//! Answers that are sent without reading a request: there is no room, or no time, for more.

use std::future::Future;
use std::net::Shutdown;
use std::time::Duration;

use futures::future::{Either, select};
use futures::{AsyncReadExt, AsyncWriteExt};
use glommio::net::TcpStream;

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

/// How long a client is given to take the answer before the connection is cut.
const LINGER: Duration = Duration::from_millis(500);

/// Bytes of a request that are read and thrown away, so that the answer is not lost to a reset.
const DISCARD_BYTES_MAX: usize = 64 << 10;

/// Sends `answer` and closes.
pub(crate) async fn answer_and_close(mut socket: TcpStream, answer: ReadyAnswer) {
    let bytes = answer.render();
    within(LINGER, async {
        if socket.write_all(bytes.as_bytes()).await.is_err()
            || socket.shutdown(Shutdown::Write).await.is_err()
        {
            return;
        }
        let mut discarded = 0;
        let mut buffer = [0; 1_024];
        while let Ok(count @ 1..) = socket.read(&mut buffer).await {
            discarded += count;
            if discarded >= DISCARD_BYTES_MAX {
                return;
            }
        }
    })
    .await;
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
