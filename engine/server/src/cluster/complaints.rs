//! Says what is wrong once, aloud; what goes on being wrong is not repeated at every try.

use std::cell::RefCell;
use std::time::Instant;

use super::error::LinkError;
use super::limits::COMPLAINT_INTERVAL;

/// What was last complained about.
#[derive(Default)]
pub(super) struct Complaints {
    last: RefCell<Option<(String, Instant)>>,
}

impl Complaints {
    /// There is no link with `whom`, because of this.
    pub(super) fn complain(&self, whom: &str, error: &LinkError) {
        let text = error.to_string();
        let now = Instant::now();
        let is_news = match &*self.last.borrow() {
            Some((last, at)) => *last != text || now.duration_since(*at) >= COMPLAINT_INTERVAL,
            None => true,
        };
        match (is_news, error.is_a_mistake()) {
            (true, true) => tracing::error!(whom, "no link to another node: {text}"),
            (true, false) => tracing::warn!(whom, "no link to another node: {text}; trying again"),
            (false, _) => tracing::debug!(whom, "no link to another node: {text}"),
        }
        if is_news {
            *self.last.borrow_mut() = Some((text, now));
        }
    }

    /// All is well again: the next fault is news.
    pub(super) fn settle(&self) {
        self.last.take();
    }
}
