//! What happens when a timer is due.

use std::task::Waker;

use super::LaneId;

/// What a timer stands for.
pub(super) enum Alarm<E> {
    /// A task goes on.
    Wake(Waker),
    /// A slow lane may poll again.
    Free(LaneId),
    /// Something happens in the world.
    Event(E),
}
