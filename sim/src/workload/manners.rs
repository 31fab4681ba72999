//! How clients wait, ask again and give up.

/// How clients wait, ask again and give up. Percentages are of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manners {
    /// How long an answer is waited for, at least and at most.
    pub(crate) timeout_ms: (u64, u64),
    /// Two tries are under way at once.
    pub(crate) overlap_percent: u64,
    /// The client goes away before it has an answer.
    pub(crate) give_up_percent: u64,
    /// What was answered is asked again later.
    pub(crate) ask_again_percent: u64,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            timeout_ms: (200, 3_000),
            overlap_percent: 5,
            give_up_percent: 3,
            ask_again_percent: 5,
        }
    }
}
