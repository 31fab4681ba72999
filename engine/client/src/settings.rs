//! What a program may set, and the limits that nobody may.

use std::time::Duration;

use wire::{COMMANDS_PER_FRAME_MAX, FEED_CREDIT_MAX};

/// Commands that one client holds, unless [`Settings::commands_max`] says otherwise.
pub const COMMANDS_MAX_DEFAULT: usize = 262_144;

/// Events that a feed reads ahead, unless [`Settings::feed_events`] says otherwise.
pub const FEED_EVENTS_DEFAULT: u32 = 65_536;

/// Feeds that one client reads at once: what the engine allows on one connection.
pub const FEEDS_MAX: usize = 16;

const _: () = assert!(
    COMMANDS_MAX_DEFAULT >= 4 * COMMANDS_PER_FRAME_MAX,
    "a few full frames fit, so that one is on its way while the next is made"
);
const _: () = assert!(
    FEED_EVENTS_DEFAULT <= FEED_CREDIT_MAX,
    "the engine takes no more credit"
);

/// How a client behaves. `Settings::default()` suits a game server near its engine.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The client's name and version, for the engine's log.
    pub name: String,
    /// Commands that may be unanswered; one more is [`crate::Busy`].
    pub commands_max: usize,
    /// How long a command may take, with all that is tried again. Then it is answered by
    /// [`crate::CallError::TimedOut`].
    pub timeout: Duration,
    /// How long a connection may take, from its first packet to the engine's welcome.
    pub connect_timeout: Duration,
    /// When nothing was heard on a connection for so long it is asked for a sign of life; after twice as long it is given up.
    pub silence_max: Duration,
    /// The pause after a connection failed; it doubles with every further failure.
    pub backoff_min: Duration,
    /// The longest pause.
    pub backoff_max: Duration,
    /// Commands of one frame, at most 8,190.
    pub commands_per_frame_max: usize,
    /// Events that a feed reads ahead of whoever takes them, at most 1,048,576.
    pub feed_events: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: concat!("hunt-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            commands_max: COMMANDS_MAX_DEFAULT,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            silence_max: Duration::from_secs(10),
            backoff_min: Duration::from_millis(50),
            backoff_max: Duration::from_secs(2),
            commands_per_frame_max: COMMANDS_PER_FRAME_MAX,
            feed_events: FEED_EVENTS_DEFAULT,
        }
    }
}

impl Settings {
    /// What is wrong with them, if anything is.
    pub(crate) fn fault(&self) -> Option<String> {
        let zero = |duration: Duration, name| {
            duration
                .is_zero()
                .then(|| format!("{name} is zero: give it some milliseconds"))
        };
        let range = |value: usize, max: usize, name| {
            (value == 0 || value > max).then(|| format!("{name} is {value}: set 1 to {max}"))
        };
        range(
            self.commands_per_frame_max,
            COMMANDS_PER_FRAME_MAX,
            "commands_per_frame_max",
        )
        .or_else(|| range(self.commands_max, u32::MAX as usize, "commands_max"))
        .or_else(|| {
            range(
                self.feed_events as usize,
                FEED_CREDIT_MAX as usize,
                "feed_events",
            )
        })
        .or_else(|| zero(self.timeout, "timeout"))
        .or_else(|| zero(self.connect_timeout, "connect_timeout"))
        .or_else(|| zero(self.silence_max, "silence_max"))
        .or_else(|| zero(self.backoff_min, "backoff_min"))
        .or_else(|| {
            (self.backoff_max < self.backoff_min).then(|| {
                format!(
                    "backoff_max ({:?}) is below backoff_min ({:?})",
                    self.backoff_max, self.backoff_min
                )
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        assert_eq!(Settings::default().fault(), None);
        let check = |change: fn(&mut Settings), name: &str| {
            let mut settings = Settings::default();
            change(&mut settings);
            let fault = settings.fault().expect("it makes no sense");
            assert!(fault.contains(name), "{fault}");
        };
        check(
            |settings| settings.commands_per_frame_max = 8_191,
            "set 1 to 8190",
        );
        check(|settings| settings.commands_max = 0, "commands_max is 0");
        check(|settings| settings.feed_events = 0, "feed_events is 0");
        check(
            |settings| settings.timeout = Duration::ZERO,
            "timeout is zero",
        );
        check(
            |settings| settings.backoff_max = Duration::ZERO,
            "below backoff_min",
        );
    }
}
