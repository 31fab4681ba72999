//! The first frame of a connection: who is there, and may it?

use std::rc::Rc;

use hunt::Millis;
use wire::{ErrorCode, Failure, Hello, VERSION};

use crate::http::auth::{Caller, Keys, Role};

/// Checks a hello; what is wrong with it ends the connection.
pub(super) fn check(hello: &Hello, keys: &Keys, now: Millis) -> Result<Rc<Caller>, Failure> {
    if hello.version != VERSION {
        return Err(closing(
            ErrorCode::Version,
            format!(
                "version {} is not spoken here: use {VERSION}",
                hello.version
            ),
        ));
    }
    let caller = keys
        .verify(hello.token.as_bytes(), now)
        .map_err(|fault| closing(ErrorCode::Unauthorized, fault.to_string()))?;
    if caller.role != Role::Service {
        return Err(closing(
            ErrorCode::Forbidden,
            "this protocol is for game servers: use a token of role service".to_owned(),
        ));
    }
    Ok(Rc::new(caller))
}

/// A refusal of the whole connection.
pub(super) fn closing(code: ErrorCode, detail: String) -> Failure {
    Failure {
        id: None,
        code,
        retry_after_ms: 0,
        detail,
    }
}
