//! What a page and the worker say to each other, as form-encoded text.
//!
//! A page sends an [`Ask`] with a message port and gets one [`Answer`]; the
//! worker sends a [`Status`] to every page when it changes, and a [`Notice`]
//! when there is something to say. Each message
//! carries [`VERSION`]; another version is refused, not guessed at, except for
//! the three by which an old build gives way to a new one. No message
//! holds a token, a code verifier or a refresh token, and none asks for one.
//!
//! Beside the text a message may carry one object: the key to the sealed
//! session, which the pages keep for the worker (`session.keep: "while-open"`).
//! It is a key no script can read out, and it travels on message ports only.
//! [`KEY_PLEASE`], by which a woken worker asks for it, has no version: a page
//! of an earlier build must be able to hand over what it keeps.
//!
//! ```
//! use shell_core::protocol::{Ask, Message};
//! assert_eq!(Ask::Status.write(), "v=5&ask=status");
//! assert_eq!(Ask::read("v=5&ask=status"), Ok(Ask::Status));
//! ```

use crate::{
    Route, Trouble,
    form::Form,
    oauth::User,
    session::{Ending, Health, Status},
    site::Site,
};

/// Changes whenever a message changes its meaning.
pub const VERSION: &str = "5";

/// What a woken worker says to a page, with a port for the key to come back on.
pub const KEY_PLEASE: &str = "mlflow-auth-shell:key-please";

/// What a page asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Where does the user stand?
    Status,
    /// What is there on this site?
    Site,
    /// Begin a sign-in.
    SignIn {
        /// Where it ends.
        route: Route,
        /// Whether it runs in a window of its own, beside the page that asks.
        window: bool,
    },
    /// The hosted login returned with this query and fragment.
    Return {
        /// `location.search` of the callback page.
        query: String,
        /// `location.hash` of the callback page.
        fragment: String,
    },
    /// Forget everything, everywhere.
    SignOut,
    /// Stay awake, and renew what is due.
    Ping,
    /// To a worker that waits: take over from the one before.
    TakeOver,
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Ask::Status`].
    Status(Status),
    /// To [`Ask::Site`].
    Site(Site),
    /// To [`Ask::SignIn`]: navigate there.
    Go(String),
    /// To [`Ask::Return`]: signed in.
    Returned {
        /// Where the user was going.
        route: Route,
        /// Whether this is the window of a sign-in, which is done now.
        window: bool,
    },
    /// To [`Ask::SignOut`]: everything is forgotten, now navigate there.
    SignedOut {
        /// The provider's logout.
        url: String,
        /// Whether the refresh token is known to be revoked.
        revoked: bool,
    },
    /// To [`Ask::Ping`]: so many answers are still streaming. An update would
    /// cut them off.
    Awake(u32),
    /// What was asked cannot be done.
    Trouble(Trouble),
}

/// News for every page: MLflow's UI was refused something (a 403), and this is
/// why. The UI itself may show no more than that something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The reason, for the user to read.
    pub sentence: String,
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageError {
    /// Sent by another build.
    Version,
    /// Not a message of ours.
    Malformed,
}

/// Something that can be sent.
pub trait Message: Sized {
    /// Writes the message.
    fn write(&self) -> String {
        self.fill(Form::default().with("v", VERSION)).write()
    }

    /// Reads a message.
    fn read(text: &str) -> Result<Self, MessageError> {
        let form = Form::read(text);
        if form.get("v") != Some(VERSION) && !is_timeless(&form) {
            return Err(MessageError::Version);
        }
        Self::pick(&form).ok_or(MessageError::Malformed)
    }

    #[doc(hidden)]
    fn fill(&self, form: Form) -> Form;

    #[doc(hidden)]
    fn pick(form: &Form) -> Option<Self>;
}

/// Whether a message means the same in every version: those by which one
/// version gives way to the next.
fn is_timeless(form: &Form) -> bool {
    let kind = form.get("ask").or_else(|| form.get("answer"));
    matches!(kind, Some("ping" | "take-over" | "awake"))
}

impl Message for Ask {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::Status => form.with("ask", "status"),
            Self::Site => form.with("ask", "site"),
            Self::SignIn { route, window } => form
                .with("ask", "sign-in")
                .with("route", route.as_str())
                .with("window", yes_or_no(*window)),
            Self::Return { query, fragment } => form
                .with("ask", "return")
                .with("query", query)
                .with("fragment", fragment),
            Self::SignOut => form.with("ask", "sign-out"),
            Self::Ping => form.with("ask", "ping"),
            Self::TakeOver => form.with("ask", "take-over"),
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("ask")? {
            "status" => Self::Status,
            "site" => Self::Site,
            "sign-in" => Self::SignIn {
                route: Route::new(form.get("route")?),
                window: form.get("window")? == YES,
            },
            "return" => Self::Return {
                query: form.text("query")?,
                fragment: form.text("fragment")?,
            },
            "sign-out" => Self::SignOut,
            "ping" => Self::Ping,
            "take-over" => Self::TakeOver,
            _ => return None,
        })
    }
}

impl Message for Answer {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::Status(status) => status.fill(form.with("answer", "status")),
            Self::Site(site) => site.fill(form.with("answer", "site")),
            Self::Go(url) => form.with("answer", "go").with("url", url),
            Self::Returned { route, window } => form
                .with("answer", "returned")
                .with("route", route.as_str())
                .with("window", yes_or_no(*window)),
            Self::SignedOut { url, revoked } => form
                .with("answer", "signed-out")
                .with("url", url)
                .with("revoked", yes_or_no(*revoked)),
            Self::Awake(bodies) => form
                .with("answer", "awake")
                .with("bodies", bodies.to_string()),
            Self::Trouble(trouble) => trouble.fill(form.with("answer", "trouble")),
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("answer")? {
            "status" => Self::Status(Status::pick(form)?),
            "site" => Self::Site(Site::pick(form)?),
            "go" => Self::Go(form.text("url")?),
            "returned" => Self::Returned {
                route: Route::new(form.get("route")?),
                window: form.get("window")? == YES,
            },
            "signed-out" => Self::SignedOut {
                url: form.text("url")?,
                revoked: form.get("revoked")? == YES,
            },
            "awake" => Self::Awake(form.get("bodies")?.parse().ok()?),
            "trouble" => Self::Trouble(Trouble::pick(form)?),
            _ => return None,
        })
    }
}

impl Message for Status {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::SignedOut(None) => form.with("status", "signed-out"),
            Self::SignedOut(Some(ending)) => form.with("status", ending.as_str()),
            Self::SignedIn(user, health) => {
                let form = form
                    .with("status", "signed-in")
                    .with("name", &user.name)
                    .with_all("group", &user.groups);
                match health {
                    Health::Well => form.with("health", "well"),
                    Health::Retrying(code) => form.with("health", "retrying").with("code", code),
                    Health::Rejected => form.with("health", "rejected"),
                }
            }
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("status")? {
            "signed-out" => Self::SignedOut(None),
            "signed-in" => {
                let user = User {
                    name: form.text("name")?,
                    groups: form.all("group"),
                };
                let health = match form.get("health")? {
                    "well" => Health::Well,
                    "retrying" => Health::Retrying(form.text("code")?),
                    "rejected" => Health::Rejected,
                    _ => return None,
                };
                Self::SignedIn(user, health)
            }
            ending => Self::SignedOut(Some(Ending::of(ending)?)),
        })
    }
}

impl Message for Notice {
    fn fill(&self, form: Form) -> Form {
        form.with("news", DENIED).with("sentence", &self.sentence)
    }

    fn pick(form: &Form) -> Option<Self> {
        let sentence = form.text("sentence")?;
        (form.get("news")? == DENIED).then_some(Self { sentence })
    }
}

impl Message for Trouble {
    fn fill(&self, form: Form) -> Form {
        let [detail, more] = self.details();
        let form = form
            .with("code", self.code())
            .with("detail", detail.unwrap_or_default());
        match more {
            Some(more) => form.with("more", more),
            None => form,
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Self::from_code(form.get("code")?, form.text("detail")?, form.text("more"))
    }
}

const DENIED: &str = "denied";

const YES: &str = "yes";

fn yes_or_no(yes: bool) -> &'static str {
    if yes { YES } else { "no" }
}

#[cfg(test)]
mod tests;
