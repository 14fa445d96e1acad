//! How a page comes under the control of the worker (rules S1 to S5).
//!
//! 1. No secure context, or no service workers: stop and say so.
//! 2. Controlled: go on.
//! 3. A worker is installing: wait for it to take over; the first one does so
//!    by itself.
//! 4. A worker is active but does not control this page: a hard reload went
//!    past it. Wait briefly, then load the page once more. Claiming it instead
//!    would leave frames uncontrolled in Firefox.
//! 5. Still uncontrolled after that one reload: stop. Never a loop, and never
//!    a token in the page.

use crate::Trouble;

/// How long an installing worker may take, in milliseconds.
pub const INSTALLATION: i32 = 3_000;

/// How long an active worker may take to take control, in milliseconds.
pub const TAKEOVER: i32 = 400;

/// What the page sees.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts, each true or not"
)]
pub struct Sight {
    /// A worker controls the page.
    pub controlled: bool,
    /// A worker is on its way.
    pub installing: bool,
    /// The page has waited as long as it was told to.
    pub waited: bool,
    /// The page was already loaded once more for this.
    pub reloaded: bool,
}

/// What the page does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask the worker how the user stands.
    Go,
    /// Wait for control, this many milliseconds at most, then look again.
    Wait(i32),
    /// Load the page again, after leaving a mark that it was.
    Reload,
    /// Tell the user.
    Stop(Trouble),
}

/// Whether the browser can run the shell at all.
pub fn able(secure: bool, workers: bool) -> Result<(), Trouble> {
    match (secure, workers) {
        (false, _) => Err(Trouble::Insecure),
        (true, false) => Err(Trouble::NoWorkers),
        (true, true) => Ok(()),
    }
}

/// What a refused registration means: the error's name, and all its words.
pub fn refused(name: &str, words: String) -> Trouble {
    match name {
        "SecurityError" | "NotSupportedError" => Trouble::StorageBlocked,
        _ => Trouble::Registration(words),
    }
}

/// Decides the next step.
pub fn step(sight: Sight) -> Step {
    match sight {
        Sight {
            controlled: true, ..
        } => Step::Go,
        Sight {
            waited: false,
            installing: true,
            ..
        } => Step::Wait(INSTALLATION),
        Sight { waited: false, .. } => Step::Wait(TAKEOVER),
        Sight {
            reloaded: false, ..
        } => Step::Reload,
        Sight { .. } => Step::Stop(Trouble::Uncontrolled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sight_has_a_step_and_at_most_one_is_a_reload() {
        let [no, yes] = [false, true];
        let table = [
            // controlled, installing, waited, reloaded
            ((yes, no, no, no), Step::Go),
            ((yes, yes, yes, yes), Step::Go),
            ((no, yes, no, no), Step::Wait(INSTALLATION)),
            ((no, no, no, no), Step::Wait(TAKEOVER)),
            ((no, no, no, yes), Step::Wait(TAKEOVER)),
            ((no, no, yes, no), Step::Reload),
            ((no, yes, yes, no), Step::Reload),
            ((no, no, yes, yes), Step::Stop(Trouble::Uncontrolled)),
        ];
        for ((controlled, installing, waited, reloaded), expected) in table {
            let sight = Sight {
                controlled,
                installing,
                waited,
                reloaded,
            };
            assert_eq!(step(sight), expected, "{sight:?}");
        }
    }

    #[test]
    fn the_browser_is_told_apart_from_its_settings() {
        assert_eq!(able(false, true), Err(Trouble::Insecure));
        assert_eq!(able(true, false), Err(Trouble::NoWorkers));
        assert_eq!(
            refused("SecurityError", String::new()),
            Trouble::StorageBlocked
        );
        assert_eq!(
            refused("TypeError", "a: b".into()),
            Trouble::Registration("a: b".into())
        );
    }
}
