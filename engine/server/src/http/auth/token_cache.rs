//! Verified tokens, remembered: the same token comes with every request of a connection, and verifying costs more than
//! all else that the API does. The whole token is the key, so a token that differs by one bit is verified anew.

use std::cell::RefCell;
use std::rc::Rc;

use hunt::Millis;
use hyper::header::{AUTHORIZATION, HeaderMap};

use super::{Caller, Keys, TokenFault};
use crate::http::generations::Generations;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::settings::TOKEN_CACHED_BYTES_MAX;

/// Finds out who asks.
pub(in crate::http) struct Authenticator {
    keys: Rc<Keys>,
    verified: RefCell<Generations<Box<[u8]>, Rc<Caller>>>,
}

impl Authenticator {
    pub(in crate::http) fn new(keys: Rc<Keys>, tokens_cached_max: usize, seed: u64) -> Self {
        Self {
            keys,
            verified: RefCell::new(Generations::new(tokens_cached_max, seed)),
        }
    }

    /// Who asks with these headers, at this moment.
    pub(in crate::http) fn caller(
        &self,
        headers: &HeaderMap,
        now: Millis,
    ) -> Result<Rc<Caller>, Problem> {
        let token = bearer(headers)?;
        self.verified(token, now)
            .map_err(|fault| Problem::new(ProblemKind::Unauthorized, fault.to_string()))
    }

    fn verified(&self, token: &[u8], now: Millis) -> Result<Rc<Caller>, TokenFault> {
        let mut verified = self.verified.borrow_mut();
        match verified.get(token) {
            Some(caller) if now < caller.expires_at => return Ok(caller.clone()),
            Some(_) => {
                verified.remove(token);
                return Err(TokenFault::Expired);
            }
            None => {}
        }
        let caller = Rc::new(self.keys.verify(token, now)?);
        if token.len() <= TOKEN_CACHED_BYTES_MAX {
            verified.insert(token.into(), caller.clone());
        }
        Ok(caller)
    }
}

fn bearer(headers: &HeaderMap) -> Result<&[u8], Problem> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let no_token = || {
        Problem::new(
            ProblemKind::Unauthorized,
            "send a token: `Authorization: Bearer <JWT>`",
        )
    };
    let value = given.next().ok_or_else(no_token)?.as_bytes();
    if given.next().is_some() {
        return Err(Problem::new(
            ProblemKind::Unauthorized,
            "send one header Authorization, not several",
        ));
    }
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => Ok(token.trim_ascii()),
        _ => Err(no_token()),
    }
}
