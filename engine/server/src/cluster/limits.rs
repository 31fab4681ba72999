//! What a link may cost, and how long anything on it may take.

use std::time::Duration;

use node::LETTER_BYTES_MAX;

use super::frame::HEAD_BYTES;

/// Bytes of a frame after its length: version, kind and a letter.
pub(super) const FRAME_BYTES_MAX: usize = LETTER_BYTES_MAX + 2;
/// Bytes of a frame before the other side has proven who it is.
pub(super) const GREETING_BYTES_MAX: usize = 1_024;
/// Bytes of the reason for a refusal.
pub(super) const REASON_BYTES_MAX: usize = 512;
/// Bytes that wait on one link past which a core is told that the way is full; one letter more may be on top.
pub(super) const OUTBOX_BYTES: usize = 4 << 20;
/// Bytes taken from the kernel at once.
pub(super) const READ_BYTES: usize = 64 << 10;
/// Room that an idle link keeps.
pub(super) const KEPT_BYTES: usize = 64 << 10;
/// Letters that are delivered before the other tasks of the core get their turn.
pub(super) const LETTERS_PER_TURN_MAX: usize = 128;

/// Links that one core takes from other nodes.
pub(super) const RECEIVERS_MAX: usize = 1_024;
/// Callers that have not proven who they are yet.
pub(super) const STRANGERS_MAX: usize = 64;

/// From dialling to a connection.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// From a connection to the end of the greeting.
pub(super) const GREETING_TIMEOUT: Duration = Duration::from_secs(2);
/// How often the caller asks whether the other side is there.
pub(super) const PING_INTERVAL: Duration = Duration::from_millis(500);
/// Pings without an answer after which a link is broken; on the other side, the same time without any byte.
pub(super) const PINGS_MISSED_MAX: u32 = 4;
/// The first pause before a node is dialled again; it doubles with each.
pub(super) const REDIAL_MIN: Duration = Duration::from_millis(20);
/// The longest.
pub(super) const REDIAL_MAX: Duration = Duration::from_secs(1);
/// How long a letter waits for room on the way to another core of this node before it is lost.
pub(super) const DELIVERY_TRIES_MAX: usize = 500;
/// What it waits between two tries.
pub(super) const DELIVERY_RETRY: Duration = Duration::from_millis(1);
/// How long a node that ends waits until what it still has to say is sent.
pub(super) const CLOSING_MAX: Duration = Duration::from_secs(1);
/// How often it looks whether that is so.
pub(super) const CLOSING_POLL: Duration = Duration::from_millis(1);
/// The same complaint is said aloud so often; in between it is a debug line.
pub(super) const COMPLAINT_INTERVAL: Duration = Duration::from_secs(30);

const _: () = assert!(
    GREETING_BYTES_MAX >= REASON_BYTES_MAX + HEAD_BYTES,
    "a refusal must fit what is read of a greeting"
);
const _: () = assert!(
    FRAME_BYTES_MAX <= u32::MAX as usize,
    "the length of a frame is a u32"
);
const _: () = assert!(
    DELIVERY_RETRY.as_millis() as usize * DELIVERY_TRIES_MAX
        < PING_INTERVAL.as_millis() as usize * PINGS_MISSED_MAX as usize,
    "a letter that waits for room must not break its link"
);
