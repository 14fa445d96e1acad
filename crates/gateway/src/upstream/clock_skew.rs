//! Our clock, corrected by the service's.
//!
//! AWS refuses a signature whose time is five minutes away from its own. A
//! machine whose clock is wrong learns the right time from the refusal.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use axum::http::{HeaderMap, header};

/// How far a clock may be from AWS's before it is the reason of a refusal, in
/// seconds; one less than AWS allows.
const TOLERANCE: i64 = 4 * 60;

/// Seconds by which the service is ahead of us.
#[derive(Debug, Default)]
pub(super) struct ServiceClock(AtomicI64);

impl ServiceClock {
    /// The time, corrected by what the service has told us.
    pub(super) fn now(&self) -> SystemTime {
        let ahead = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        if ahead < 0 { now - by } else { now + by }
    }

    /// Learns the time from a refusal's headers. Says whether it was a reason
    /// for it.
    pub(super) fn learn(&self, headers: &HeaderMap) -> bool {
        let date = headers
            .get(header::DATE)
            .and_then(|date| date.to_str().ok());
        let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return false;
        };
        if between(self.now(), theirs).abs() <= TOLERANCE {
            return false;
        }
        let ahead = between(SystemTime::now(), theirs);
        self.0.store(ahead, Ordering::Relaxed);
        tracing::warn!(
            seconds = ahead,
            "AWS's clock is ahead of this machine's by so much"
        );
        true
    }
}

/// Seconds from `from` to `to`.
fn between(from: SystemTime, to: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match to.duration_since(from) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_follows_the_service_when_they_are_far_apart() {
        let hour = Duration::from_hours(1);
        let (now, minute) = (SystemTime::now(), Duration::from_mins(1));
        let table = [
            (now + minute, false),
            (now - minute, false),
            (now + hour, true),
            (now - hour, true),
        ];
        for (theirs, is_learnt) in table {
            let clock = ServiceClock::default();
            let headers = HeaderMap::from_iter([(
                header::DATE,
                httpdate::fmt_http_date(theirs).parse().unwrap(),
            )]);
            assert_eq!(clock.learn(&headers), is_learnt);
            let off = between(clock.now(), theirs).abs();
            assert!(off <= if is_learnt { 2 } else { 62 }, "{off}");
            assert!(!clock.learn(&headers), "it was learnt already");
        }
    }

    #[test]
    fn a_date_that_is_none_teaches_nothing() {
        let clock = ServiceClock::default();
        let headers = HeaderMap::from_iter([(header::DATE, "today".parse().unwrap())]);
        assert!(!clock.learn(&headers));
        assert!(!clock.learn(&HeaderMap::new()));
    }
}
