//! The session as text, for a worker that is stopped and woken again.

use super::{Ended, Ending, Era, Session, Standing};
use crate::{Secret, form::Form, oauth::Grant};

impl Session {
    /// Writes the session, and the configuration it was begun under; `None` if
    /// there is nothing to come back to. The text holds tokens: seal it.
    pub fn checkpoint(&self, config: &str) -> Option<Secret> {
        let form = Form::default();
        let form = match &self.standing {
            Standing::SignedOut(None) => return None,
            Standing::SignedOut(Some(ended)) => form
                .with("ended", ended.why.as_str())
                .with("subject", &ended.subject),
            Standing::SignedIn(signed) => signed.grant.fill(form),
            Standing::Leaving(refresh) => form.with("leaving", refresh.expose()),
        };
        Some(Secret::new(form.with("config", config).write()))
    }

    /// Reads what [`checkpoint`](Self::checkpoint) wrote, and the
    /// configuration; `None` if it is something else.
    pub fn resume(text: &str) -> Option<(Self, String)> {
        let form = Form::read(text);
        let standing = if let Some(refresh) = form.text("leaving") {
            Standing::Leaving(Secret::new(refresh))
        } else if let Some(why) = form.get("ended") {
            Standing::SignedOut(Some(Ended {
                why: Ending::of(why)?,
                subject: form.text("subject")?,
            }))
        } else {
            Standing::signed_in(Grant::pick(&form)?)
        };
        let era = Era::default();
        Some((Self { standing, era }, form.text("config")?))
    }
}

impl Ending {
    /// The name by which it goes between programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Refused => "refused",
        }
    }

    /// The ending of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "expired" => Some(Self::Expired),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }
}
