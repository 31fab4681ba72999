//! Who asks: JSON Web Tokens in `Authorization: Bearer`.

mod caller;
mod keys;
mod sign;
#[cfg(test)]
mod tests;
mod token_cache;

pub use caller::{Caller, Role};
pub use keys::{KeyError, KeyKind, KeySetting, Keys, TokenFault};
pub use sign::{Claims, sign_hs256};
pub(super) use token_cache::Authenticator;
