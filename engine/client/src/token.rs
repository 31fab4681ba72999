//! Who the client is.

use std::fmt;
use std::sync::Arc;

/// A JWT of role `service`, or where to get a fresh one: it is asked for on every connection, since tokens expire.
#[derive(Clone)]
pub struct Token(Arc<dyn Fn() -> String + Send + Sync>);

impl Token {
    /// Asks `make` whenever a connection begins, on the client's own thread: it should be quick.
    pub fn from_fn(make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    pub(crate) fn get(&self) -> String {
        (self.0)()
    }
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self::from(token.to_owned())
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self::from_fn(move || token.clone())
    }
}

/// A token is a secret: it belongs in no log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
