//! When an updated worker may take over.
//!
//! Chromium lets the earlier worker finish its answers; Firefox and `WebKit` cut
//! them off (measured, rule U2). So a page tells a waiting worker to take over
//! only when the earlier one says that nothing is on its way.

use crate::refusal::Requester;

/// Bodies up to this length are over before an update could begin, in bytes.
const SHORT: u64 = 256 * 1024;

/// Whether the body of an answer of this length is counted until it has ended.
///
/// Counting costs a pipe, so short ones are not. Neither are the answers to
/// navigations: Firefox ends a piped body without an error when it stops a
/// worker, and a download that was cut must not look whole.
pub fn is_counted(requester: Requester, length: Option<u64>) -> bool {
    requester == Requester::Script && length.is_none_or(|length| length > SHORT)
}

/// Whether a waiting worker may take over while so many answers are on their
/// way.
pub fn may_take_over(running: u32) -> bool {
    running == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_endless_bodies_of_scripts_are_counted() {
        let table = [
            (Requester::Script, Some(0), false),
            (Requester::Script, Some(SHORT), false),
            (Requester::Script, Some(SHORT + 1), true),
            (Requester::Script, None, true),
            (Requester::Frame, None, false),
            (Requester::Tab, Some(u64::MAX), false),
        ];
        for (requester, length, counted) in table {
            assert_eq!(
                is_counted(requester, length),
                counted,
                "{requester:?} {length:?}"
            );
        }
    }
}
