//! The last requests that took effect: what makes asking twice the same as asking once.

use bincode::{Decode, Encode};

use crate::{RequestTag, Seq};

/// A request that took effect, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// The request.
    pub tag: RequestTag,
    /// The event that it made.
    pub seq: Seq,
}

/// What is known of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing: it is new, or so old that it is forgotten.
    Never,
    /// It took effect by this event.
    By(Seq),
    /// Another command had its id.
    Reused,
}

/// Looks a request up, newest first.
pub(crate) fn find(requests: impl DoubleEndedIterator<Item = Request>, tag: &RequestTag) -> Seen {
    match requests.rev().find(|request| request.tag.id == tag.id) {
        None => Seen::Never,
        Some(request) if request.tag.fingerprint == tag.fingerprint => Seen::By(request.seq),
        Some(_) => Seen::Reused,
    }
}
