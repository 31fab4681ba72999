//! Answers: bytes, status and headers. Header values that repeat are static.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::problem::{Problem, ProblemKind};

/// The body of an answer: all at once, or a stream that makes its next piece when it is polled.
pub struct ApiBody(Content);

enum Content {
    Whole(Bytes),
    Stream(Pin<Box<dyn Body<Data = Bytes, Error = Infallible>>>),
}

impl ApiBody {
    /// These bytes.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Content::Whole(bytes))
    }

    /// What the stream makes.
    pub(super) fn stream(stream: impl Body<Data = Bytes, Error = Infallible> + 'static) -> Self {
        Self(Content::Stream(Box::pin(stream)))
    }
}

impl Body for ApiBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.get_mut().0 {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Stream(stream) => stream.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(stream) => stream.size_hint(),
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Bytes that an ordinary answer fits in.
const ANSWER_BYTES_EXPECTED: usize = 256;

/// An answer of this type.
pub(super) fn bytes(
    status: StatusCode,
    content_type: HeaderValue,
    bytes: Bytes,
) -> Response<ApiBody> {
    let mut response = Response::new(ApiBody::whole(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// An answer that is JSON already.
pub(super) fn json_bytes(status: StatusCode, json: Vec<u8>) -> Response<ApiBody> {
    bytes(status, JSON, json.into())
}

/// An answer with a value as JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<ApiBody> {
    json_bytes(status, to_json(value))
}

/// A value as JSON.
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::with_capacity(ANSWER_BYTES_EXPECTED);
    append_json(&mut json, value);
    json
}

/// Appends a value as JSON.
pub(super) fn append_json(json: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(json, value)
        .expect("answers are plain structs, and a Vec takes all bytes");
}

/// Appends an object's fields to an object that was begun and has a field: its opening brace becomes a comma.
pub(super) fn append_fields(json: &mut Vec<u8>, object: &impl Serialize) {
    let brace = json.len();
    append_json(json, object);
    if let Some(brace) = json.get_mut(brace) {
        *brace = b',';
    }
}

/// The answer that a problem is.
pub(super) fn problem(problem: &Problem) -> Response<ApiBody> {
    let mut response = bytes(problem.kind.status(), PROBLEM_JSON, to_json(problem).into());
    if let Some(seconds) = problem.retry_after_s() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if problem.kind == ProblemKind::Unauthorized {
        let challenge = HeaderValue::from_static(r#"Bearer realm="hunt""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The answer where the path has other methods.
pub(super) fn method_not_allowed(allow: &'static str) -> Response<ApiBody> {
    let detail = format!("this path takes {allow}");
    let mut response = problem(&Problem::new(ProblemKind::MethodNotAllowed, detail));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allow));
    response
}

/// What HEAD is answered: the same headers, no body.
pub(super) fn without_body(mut response: Response<ApiBody>) -> Response<ApiBody> {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = ApiBody::whole(Bytes::new());
    response
}
