//! How long people stay signed in.

use serde::Serialize;

use crate::json::{Object, Wrong};

/// What becomes of a session when the worker is stopped, and when it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Who keeps the key to the stored session.
    pub keep: Keep,
    /// Seconds after which a sign-in ends however often it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

/// Who keeps the key to the stored session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The open pages, in memory: nothing opens it when the last is closed.
    #[default]
    WhileOpen,
    /// The browser, as a key no script can read out: the session survives
    /// closing the browser.
    OnDevice,
}

/// The greatest age of a session that survives closing the browser, in
/// seconds, unless the configuration sets one: half a day, so that nobody
/// finds a stranger signed in the next morning.
const ON_DEVICE_MAX_AGE: u64 = 12 * 60 * 60;

impl Session {
    pub(super) fn read(root: Object<'_>) -> Result<Self, Wrong> {
        let Some(session) = root.maybe_object("session", "session.")? else {
            return Ok(Self::default());
        };
        session.only(&["keep", "max_age"])?;
        let keep = match session.maybe_text("keep")? {
            None | Some("while-open") => Keep::WhileOpen,
            Some("on-device") => Keep::OnDevice,
            Some(_) => {
                return session.wrong("keep", "must be \"while-open\" or \"on-device\"");
            }
        };
        let max_age = match (session.maybe_number("max_age")?, keep) {
            (Some(0), _) => return session.wrong("max_age", "must be more than 0"),
            (None, Keep::OnDevice) => Some(ON_DEVICE_MAX_AGE),
            (max_age, _) => max_age,
        };
        Ok(Self { keep, max_age })
    }
}
