//! Query strings, read strictly: what is not known, doubled or out of range is refused by name.

use std::borrow::Cow;
use std::str::FromStr;

use super::problem::Problem;
use super::route::decode;

/// The parameters of a query string.
#[derive(Debug, Default, PartialEq)]
pub struct Query<'a> {
    given: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Bytes of a parameter's name that a fault repeats.
const NAME_SHOWN_MAX: usize = 32;

impl<'a> Query<'a> {
    /// Reads a query string that may have these parameters, each once.
    pub fn parse(text: Option<&'a str>, known: &[&str]) -> Result<Self, Problem> {
        let mut query = Self::default();
        for pair in text
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if !known.contains(&name.as_ref()) {
                return Err(Problem::malformed(unknown(&name, known)));
            }
            if query.get(&name).is_some() {
                return Err(Problem::malformed(format!(
                    "the query parameter `{name}` is given twice"
                )));
            }
            query.given.push((name, value));
        }
        Ok(query)
    }

    /// The text of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_ref())
    }

    /// A whole number from `min` to `max`.
    pub fn number(&self, name: &str, min: u64, max: u64) -> Result<Option<u64>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && (min..=max).contains(&number) => Ok(Some(number)),
            _ => Err(Problem::malformed(format!(
                "the query parameter `{name}` must be a whole number from {min} to {max}"
            ))),
        }
    }

    /// A value that knows how to read itself.
    pub fn value<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|e| Problem::malformed(format!("the query parameter `{name}`: {e}")))
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
    match known {
        [] => format!("the query parameter {shown:?} is not known: this call takes none"),
        known => format!(
            "the query parameter {shown:?} is not known: this call takes {}",
            known.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let query = Query::parse(Some(text), &["limit", "after"]);
        let read = query.and_then(|query| {
            let limit = query.number("limit", 1, 1_000)?;
            Ok((
                limit,
                query
                    .value::<node::FeedPosition>("after")?
                    .map(|after| after.to_string()),
            ))
        });
        expected.assert_eq(&read.map_or_else(
            |problem| problem.detail.into_owned(),
            |read| format!("{read:?}"),
        ));
    }

    #[test]
    fn reads_what_it_knows() {
        check("", expect!["(None, None)"]);
        check("limit=7", expect!["(Some(7), None)"]);
        check("&limit=%37&", expect!["(Some(7), None)"]);
        check(
            "after=000102030405060708ff-3&limit=1000",
            expect![[r#"(Some(1000), Some("000102030405060708ff-3"))"#]],
        );
    }

    #[test]
    fn refuses_the_rest_by_name() {
        check(
            "limit=0",
            expect!["the query parameter `limit` must be a whole number from 1 to 1000"],
        );
        check(
            "limit=%2B7",
            expect!["the query parameter `limit` must be a whole number from 1 to 1000"],
        );
        check(
            "limit=1e3",
            expect!["the query parameter `limit` must be a whole number from 1 to 1000"],
        );
        check(
            "limit",
            expect!["the query parameter `limit` must be a whole number from 1 to 1000"],
        );
        check(
            "limit=99999999999999999999",
            expect!["the query parameter `limit` must be a whole number from 1 to 1000"],
        );
        check(
            "limit=1&limit=1",
            expect!["the query parameter `limit` is given twice"],
        );
        check(
            "Limit=1",
            expect![[r#"the query parameter "Limit" is not known: this call takes limit, after"#]],
        );
        check(
            "%00=1",
            expect![[r#"the query parameter "\0" is not known: this call takes limit, after"#]],
        );
        check(
            "after=0-€",
            expect![
                "the query parameter `after`: not a feed position: expected 20 hexadecimal digits, a hyphen and a number, as the feed's `position` gives it"
            ],
        );
    }
}
