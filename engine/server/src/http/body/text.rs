//! From bytes to text to JSON: what is wrong with a body as a whole, said with line and column.

use std::borrow::Cow;

use serde_json::error::Category;

use crate::http::problem::Problem;

/// The body as text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before
            .iter()
            .rev()
            .take_while(|byte| **byte != b'\n')
            .count();
        Problem::malformed(format!(
            "the body is not UTF-8 at line {line} column {column}"
        ))
    })
}

/// A body that can't be read as the JSON that it should be.
pub(super) fn malformed(error: &serde_json::Error, expected: &str) -> Problem {
    let (line, column) = (error.line(), error.column());
    let detail: Cow<'static, str> = match error.classify() {
        Category::Data => {
            format!("the body must be {expected}, see line {line} column {column}").into()
        }
        Category::Eof if line <= 1 && column == 0 => {
            format!("the body is empty: it must be {expected}").into()
        }
        Category::Eof => format!("the body ends too early, at line {line} column {column}").into(),
        Category::Syntax | Category::Io => format!("the body is not JSON: {error}").into(),
    };
    Problem::malformed(detail)
}

/// Whether the body is JSON at all; what it says is checked by who reads it.
pub fn check_json(bytes: &[u8]) -> Result<(), Problem> {
    let text = text(bytes)?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map(drop)
        .map_err(|error| malformed(&error, "a JSON object"))
}
