//! Reads a body off the wire, within its limit and its time.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::header::{CONTENT_LENGTH, HeaderMap};

use crate::http::problem::{Problem, ProblemKind};

/// Reads the whole body. `sleep` is asked for a timer only if the body is not there already.
pub(in crate::http) async fn read<B, S>(
    headers: &HeaderMap,
    body: &mut B,
    bytes_max: usize,
    timeout: Duration,
    sleep: impl FnOnce(Duration) -> S,
) -> Result<Bytes, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Display,
    S: Future<Output = ()>,
{
    if declared(headers).is_some_and(|declared| declared > bytes_max as u64) {
        return Err(too_large(bytes_max));
    }
    let mut sleep = Some(sleep);
    let mut timer: Option<Pin<Box<S>>> = None;
    let mut so_far = Collected::Nothing;
    poll_fn(|context| {
        if body.is_end_stream() {
            return Poll::Ready(Ok(std::mem::take(&mut so_far).into_bytes()));
        }
        while let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) {
            match frame {
                None => return Poll::Ready(Ok(std::mem::take(&mut so_far).into_bytes())),
                Some(Err(error)) => {
                    return Poll::Ready(Err(Problem::malformed(format!(
                        "the body broke off: {error}"
                    ))));
                }
                // Trailers say nothing that is listened to.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        so_far.push(data);
                    }
                }
            }
            if so_far.len() > bytes_max {
                return Poll::Ready(Err(too_large(bytes_max)));
            }
            if body.is_end_stream() {
                return Poll::Ready(Ok(std::mem::take(&mut so_far).into_bytes()));
            }
        }
        if let Some(sleep) = sleep.take() {
            timer = Some(Box::pin(sleep(timeout)));
        }
        match timer.as_mut().map(|timer| timer.as_mut().poll(context)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(too_slow(timeout))),
            _ => Poll::Pending,
        }
    })
    .await
}

/// What of a body has arrived. Most bodies are one piece, which is not copied.
#[derive(Default)]
enum Collected {
    #[default]
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Collected {
    fn push(&mut self, data: Bytes) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::One(data),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity(2 * (first.len() + data.len()));
                all.extend_from_slice(&first);
                all.extend_from_slice(&data);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&data);
                Self::Many(all)
            }
        };
    }

    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(data) => data.len(),
            Self::Many(all) => all.len(),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(data) => data,
            Self::Many(all) => all.freeze(),
        }
    }
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        format!("the body is larger than the {bytes_max} bytes that this call takes"),
    )
}

fn too_slow(timeout: Duration) -> Problem {
    let detail = format!(
        "the body did not arrive within {} ms: send it faster",
        timeout.as_millis()
    );
    Problem::new(ProblemKind::BodyTimeout, detail)
}
