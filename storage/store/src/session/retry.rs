//! `on_error`: whether to try again, and when.

use std::time::Duration;

use crate::limits::BACKOFF_VERSION_MS;
use crate::{Backend, StoreError, code};

use super::Session;

impl<B: Backend> Session<B> {
    /// Starts a new try after the back-off, or hands back what a new try would not help with.
    pub(super) async fn retry_after(&self, error: StoreError) -> Result<(), StoreError> {
        let wait = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            state.check_going_on(|| self.now_us())?;
            let is_spent = state
                .options
                .retry_limit
                .is_some_and(|limit| state.retries >= limit);
            if is_spent || !error.is_retryable() {
                state.end(StoreError::new(code::TRANSACTION_CANCELLED));
                return Err(error);
            }
            let wait = next_wait(
                &error,
                &mut state.backoff_ms,
                state.options.backoff_ms_max,
                || self.backend.environment().random_u64(),
            );
            state.retries += 1;
            state.reset_for_retry();
            wait
        };
        let sleep = self.backend.environment().sleep(wait);
        self.guard(async {
            sleep.await;
            Ok(())
        })
        .await
    }
}

/// Uniform in [0, back-off), which doubles up to `backoff_ms_max`; a short fixed wait for a newer version.
fn next_wait(
    error: &StoreError,
    backoff_ms: &mut u64,
    backoff_ms_max: u64,
    random: impl FnOnce() -> u64,
) -> Duration {
    if matches!(
        error.code(),
        code::TRANSACTION_TOO_OLD | code::FUTURE_VERSION
    ) {
        return Duration::from_millis(BACKOFF_VERSION_MS.min(backoff_ms_max));
    }
    let bound_us = (*backoff_ms).min(backoff_ms_max).saturating_mul(1_000);
    *backoff_ms = backoff_ms.saturating_mul(2).min(backoff_ms_max);
    Duration::from_micros(random().checked_rem(bound_us).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{BACKOFF_MS_MAX, BACKOFF_MS_MIN};

    #[test]
    fn the_back_off_doubles_from_ten_milliseconds_to_a_second() {
        let conflict = StoreError::new(code::NOT_COMMITTED);
        let mut backoff_ms = BACKOFF_MS_MIN;
        let longest: Vec<u128> = (0..9)
            .map(|_| {
                let bound_us = backoff_ms.min(BACKOFF_MS_MAX) * 1_000;
                next_wait(&conflict, &mut backoff_ms, BACKOFF_MS_MAX, || bound_us - 1).as_micros()
                    + 1
            })
            .collect();
        assert_eq!(
            longest,
            [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000].map(|ms| ms * 1_000)
        );
    }

    #[test]
    fn a_version_error_waits_ten_milliseconds_and_leaves_the_back_off() {
        let mut backoff_ms = 40;
        for code in [code::TRANSACTION_TOO_OLD, code::FUTURE_VERSION] {
            let wait = next_wait(
                &StoreError::new(code),
                &mut backoff_ms,
                BACKOFF_MS_MAX,
                || 7,
            );
            assert_eq!((wait, backoff_ms), (Duration::from_millis(10), 40));
        }
    }

    #[test]
    fn the_longest_delay_bounds_every_wait() {
        let mut backoff_ms = 640;
        let wait = next_wait(
            &StoreError::new(code::NOT_COMMITTED),
            &mut backoff_ms,
            5,
            || u64::MAX,
        );
        assert!(wait < Duration::from_millis(5), "{wait:?}");
        assert_eq!(
            next_wait(
                &StoreError::new(code::NOT_COMMITTED),
                &mut backoff_ms,
                0,
                || 9
            ),
            Duration::ZERO
        );
    }
}
