//! What one connection is doing, as far as its limits need to know.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::task::Waker;
use std::time::Instant;

use super::settings::ConnectionSettings;

/// Why a connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Finish what is under way, then close.
    Graceful,
    /// The request's head took too long.
    HeadTimeout,
    /// The client takes no byte of its answer.
    WriteTimeout,
    /// The client left while its answer went on.
    ClientLeft,
}

/// Shared by the connection's stream, its service, and the registry that sweeps it.
#[derive(Default)]
pub(crate) struct Activity {
    requests: Cell<u32>,
    /// When bytes came in while no request was under way.
    head_since: Cell<Option<Instant>>,
    /// When the client last stopped taking bytes.
    write_blocked_since: Cell<Option<Instant>>,
    idle_since: Cell<Option<Instant>>,
    multiplexed: Cell<bool>,
    /// The answer under way does not end by itself.
    endless: Cell<bool>,
    /// The last answer was an error: it may have been sent before all of its request was read.
    refused: Cell<bool>,
    /// The socket, for as long as the stream holds it.
    socket: Cell<Option<RawFd>>,
    end: Cell<Option<End>>,
    task: RefCell<Option<Waker>>,
}

impl Activity {
    /// A connection that was just accepted.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            idle_since: Cell::new(Some(now)),
            ..Self::default()
        }
    }

    /// HTTP/2: bytes between requests are not a head that dribbles in.
    pub(crate) fn set_multiplexed(&self) {
        self.multiplexed.set(true);
        self.head_since.set(None);
    }

    /// The stream holds a socket, or no longer holds one.
    pub(crate) fn set_socket(&self, socket: Option<RawFd>) {
        self.socket.set(socket);
    }

    /// What is known of the answer under way.
    pub(crate) fn answered(&self, is_error: bool, is_endless: bool) {
        self.refused.set(is_error);
        self.endless.set(is_endless);
    }

    /// Whether the last answer was an error.
    pub(crate) fn refused(&self) -> bool {
        self.refused.get()
    }

    pub(crate) fn bytes_read(&self, now: impl FnOnce() -> Instant) {
        if self.requests.get() == 0 && !self.multiplexed.get() && self.head_since.get().is_none() {
            self.head_since.set(Some(now()));
        }
    }

    /// What was read so far was no part of a request.
    pub(crate) fn greeted(&self) {
        self.head_since.set(None);
    }

    pub(crate) fn write_blocked(&self, now: impl FnOnce() -> Instant) {
        if self.write_blocked_since.get().is_none() {
            self.write_blocked_since.set(Some(now()));
        }
    }

    pub(crate) fn bytes_written(&self) {
        self.write_blocked_since.set(None);
    }

    pub(crate) fn request_started(&self) {
        self.requests.set(self.requests.get() + 1);
        self.endless.set(false);
        self.head_since.set(None);
        self.idle_since.set(None);
    }

    pub(crate) fn request_ended(&self) {
        let requests = self
            .requests
            .get()
            .checked_sub(1)
            .expect("a request ends once, after it started");
        self.requests.set(requests);
    }

    pub(crate) fn requests(&self) -> u32 {
        self.requests.get()
    }

    /// The task to wake when the connection is to end.
    pub(crate) fn set_task(&self, task: &Waker) {
        let mut held = self.task.borrow_mut();
        if !held.as_ref().is_some_and(|held| held.will_wake(task)) {
            *held = Some(task.clone());
        }
    }

    /// Ends the connection.
    pub(crate) fn end(&self, end: End) {
        self.end.set(Some(end));
        if let Some(task) = &*self.task.borrow() {
            task.wake_by_ref();
        }
    }

    /// Why to end, told once.
    pub(crate) fn take_end(&self) -> Option<End> {
        self.end.take()
    }

    /// Looks at the time-outs.
    pub(crate) fn sweep(&self, now: Instant, settings: &ConnectionSettings) {
        let is_past = |since: Option<Instant>, limit| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= limit)
        };
        if is_past(self.write_blocked_since.get(), settings.write_timeout) {
            self.end(End::WriteTimeout);
        } else if self.requests.get() > 0 {
            // The API bounds bodies and answers by itself, all but endless ones; HTTP/2 sees for itself who left.
            if self.endless.get() && !self.multiplexed.get() && self.client_left() {
                self.end(End::ClientLeft);
            }
        } else if is_past(self.head_since.get(), settings.head_timeout) {
            self.end(End::HeadTimeout);
        } else if self.idle_since.get().is_none() {
            // The sweep that first finds it idle starts the clock: no request has to look at one.
            self.idle_since.set(Some(now));
        } else if is_past(self.idle_since.get(), settings.idle_timeout) {
            self.end(End::Graceful);
        }
    }

    /// Whether the client closed its side, or all of the connection.
    fn client_left(&self) -> bool {
        let Some(fd) = self.socket.get() else {
            return false;
        };
        let gone = libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR;
        let mut polled = libc::pollfd {
            fd,
            events: libc::POLLRDHUP,
            revents: 0,
        };
        // SAFETY: one valid `pollfd` is lent for the call, which does not wait; the stream keeps the descriptor open.
        let ready = unsafe { libc::poll(&raw mut polled, 1, 0) };
        ready > 0 && polled.revents & gone != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Runs a script of `seconds:what` against a connection made at second 0; returns how it ends at a sweep in second `at`.
    fn check(script: &str, at: u64) -> Option<End> {
        let start = Instant::now();
        let second = |seconds| start + Duration::from_secs(seconds);
        let activity = Activity::new(start);
        let settings = ConnectionSettings {
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(30),
            ..ConnectionSettings::default()
        };
        for step in script.split_whitespace() {
            let (seconds, what) = step.split_once(':').expect("seconds:what");
            let now = second(seconds.parse().expect("seconds"));
            match what {
                "read" => activity.bytes_read(|| now),
                "blocked" => activity.write_blocked(|| now),
                "written" => activity.bytes_written(),
                "start" => activity.request_started(),
                "done" => activity.request_ended(),
                "h2" => activity.set_multiplexed(),
                "sweep" => activity.sweep(now, &settings),
                _ => panic!("no such step: {what}"),
            }
        }
        activity.sweep(second(at), &settings);
        activity.take_end()
    }

    #[test]
    fn a_head_that_dribbles_in_is_cut_off() {
        assert_eq!(check("1:read 2:read 9:read 10:read", 10), None);
        assert_eq!(
            check("1:read 2:read 9:read 10:read", 11),
            Some(End::HeadTimeout)
        );
    }

    #[test]
    fn a_body_that_dribbles_in_is_not_a_head() {
        assert_eq!(check("1:read 2:start 3:read 9:read", 30), None);
    }

    #[test]
    fn the_next_head_has_its_own_clock() {
        assert_eq!(check("1:read 2:start 8:done 9:read", 18), None);
        assert_eq!(
            check("1:read 2:start 8:done 9:read", 19),
            Some(End::HeadTimeout)
        );
    }

    #[test]
    fn idleness_ends_a_connection_gracefully() {
        assert_eq!(check("", 59), None);
        assert_eq!(check("", 60), Some(End::Graceful));
        assert_eq!(check("1:read 1:start 50:done 51:sweep", 110), None);
        assert_eq!(
            check("1:read 1:start 50:done 51:sweep", 111),
            Some(End::Graceful)
        );
    }

    #[test]
    fn a_request_under_way_is_not_idle() {
        assert_eq!(check("1:read 1:start 5:sweep", 1_000), None);
    }

    #[test]
    fn frames_between_requests_are_not_a_head() {
        assert_eq!(check("1:read 1:h2 2:read 30:read", 45), None);
        assert_eq!(check("1:read 1:h2 2:read 30:read", 60), Some(End::Graceful));
    }

    #[test]
    fn a_client_that_takes_nothing_is_cut_off() {
        assert_eq!(check("1:start 5:blocked 20:blocked", 34), None);
        assert_eq!(
            check("1:start 5:blocked 20:blocked", 35),
            Some(End::WriteTimeout)
        );
        assert_eq!(check("1:start 5:blocked 20:written 21:blocked", 50), None);
    }
}
