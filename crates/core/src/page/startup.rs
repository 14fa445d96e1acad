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

use super::{Address, Dialog, Effect, PageState, Progress, Purpose};
use crate::{
    UserError,
    config::CALLBACK,
    popup::{self, PopupRecord, PopupSignIn, Return},
    protocol::PageRequest,
    site,
};

/// How long an installing worker may take, in milliseconds: on a slow line or a busy
/// machine it takes seconds. To load the page again would not make it faster.
const INSTALLATION: u32 = 20_000;

/// How long an active worker may take to take control, in milliseconds.
const TAKEOVER: u32 = 400;

/// The query that offers to make this browser forget everything of this site.
pub(super) const RESET: &str = "?reset";

/// What the page knows when it is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about the browser, each true or not"
)]
pub struct Environment {
    /// The page's origin.
    pub origin: String,
    /// The page's address.
    pub address: Address,
    /// Whether the page is shown inside another one.
    pub is_framed: bool,
    /// Whether this is a secure context.
    pub is_secure: bool,
    /// Whether the browser has service workers.
    pub has_workers: bool,
    /// Whether a window opened this one, and they are in touch.
    pub has_opener: bool,
    /// Query and route of the page that a sign-in left, as they were noted.
    pub left: String,
    /// Whether a sign-out of this tab left a refresh token that is still valid.
    pub is_token_left: bool,
    /// The framed sign-in that this page was on before it was loaded again.
    pub sign_in: Option<PopupSignIn>,
    /// What the address returned to a framed sign-in that this browser's relay
    /// noted.
    pub returned: Option<(Return, PopupRecord)>,
}

/// What the page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRole {
    /// The shell itself.
    Shell,
    /// The window between a framed shell and the hosted login.
    Relay,
    /// The page at which the hosted login of such a window returns.
    Callback,
}

impl Environment {
    /// What the page is for.
    pub fn role(&self) -> PageRole {
        match self.address.path.as_str() {
            popup::PATH => PageRole::Relay,
            CALLBACK if self.returned.is_some() => PageRole::Callback,
            _ => PageRole::Shell,
        }
    }
}

/// How page and worker stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts, each true or not"
)]
pub struct ControlState {
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
enum Step {
    /// Ask the worker for the status.
    Go,
    /// Wait for control, this many milliseconds at most, then look again.
    Wait(u32),
    /// Load the page again, after leaving a mark that it was.
    Reload,
    /// Tell the user.
    Stop(UserError),
}

impl PageState {
    /// Begins in the page's role.
    pub(super) fn start(&mut self, environment: Environment) -> Vec<Effect> {
        let role = environment.role();
        let able = able(environment.is_secure, environment.has_workers);
        self.origin.clone_from(&environment.origin);
        self.is_framed = environment.is_framed;
        self.is_token_left = environment.is_token_left;
        let mut effects = match (role, environment.returned) {
            (PageRole::Relay, _) => return self.open_relay(environment.has_opener),
            (PageRole::Shell, _) => self.first_question(&environment.left),
            (PageRole::Callback, None) => return Vec::new(),
            (PageRole::Callback, Some((returned, record))) => {
                return self.deliver(returned, record);
            }
        };
        self.popup.sign_in = environment.sign_in;
        match able {
            Err(error) => effects.extend(self.fail(error)),
            // A link of another site may have led here: nothing is forgotten unasked.
            Ok(()) if environment.address.query == RESET => {
                effects.extend(self.show(Dialog::Forget));
            }
            Ok(()) => effects.push(Effect::Register),
        }
        effects
    }

    /// What to ask the worker first: what the hosted login returned leads to a
    /// session, or the status.
    fn first_question(&mut self, left: &str) -> Vec<Effect> {
        if self.address.path != CALLBACK {
            self.first_question = Some(PageRequest::Status);
            return Vec::new();
        }
        self.first_question = Some(PageRequest::Return {
            query: self.address.query.clone(),
            fragment: self.address.hash.clone(),
        });
        // The code leaves the address bar before anything else happens (T11).
        let mut effects = vec![Effect::ShowAddress(site::left(left))];
        effects.extend(self.show(Dialog::Progress(Progress::SigningIn)));
        effects
    }

    /// Takes the next step towards the worker's control.
    pub(super) fn take_step(&mut self, control: ControlState) -> Vec<Effect> {
        match step(control) {
            Step::Go => {
                let question = self.first_question.take();
                let mut effects = vec![Effect::KeepAwake];
                effects.extend(question.map(|ask| Effect::AskWorker(Purpose::Show, ask)));
                effects
            }
            Step::Wait(patience) => vec![Effect::AwaitControl(patience)],
            Step::Reload => vec![Effect::ReloadOnce(UserError::Uncontrolled)],
            Step::Stop(error) => self.fail(error),
        }
    }
}

/// Whether the browser can run the shell at all.
fn able(secure: bool, workers: bool) -> Result<(), UserError> {
    match (secure, workers) {
        (false, _) => Err(UserError::Insecure),
        (true, false) => Err(UserError::NoWorkers),
        (true, true) => Ok(()),
    }
}

/// What a failed registration means, by the error's name.
pub(super) fn registration_failed(name: &str, message: &str) -> UserError {
    match name {
        "SecurityError" | "NotSupportedError" => UserError::StorageBlocked,
        _ => UserError::Registration(message.to_owned()),
    }
}

/// Decides the next step.
fn step(control: ControlState) -> Step {
    match control {
        ControlState {
            controlled: true, ..
        } => Step::Go,
        ControlState {
            waited: false,
            installing: true,
            ..
        } => Step::Wait(INSTALLATION),
        ControlState { waited: false, .. } => Step::Wait(TAKEOVER),
        ControlState {
            reloaded: false, ..
        } => Step::Reload,
        ControlState { .. } => Step::Stop(UserError::Uncontrolled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_state_has_a_step_and_at_most_one_is_a_reload() {
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
            ((no, no, yes, yes), Step::Stop(UserError::Uncontrolled)),
        ];
        for ((controlled, installing, waited, reloaded), expected) in table {
            let control = ControlState {
                controlled,
                installing,
                waited,
                reloaded,
            };
            assert_eq!(step(control), expected, "{control:?}");
        }
    }

    #[test]
    fn the_browser_is_told_apart_from_its_settings() {
        assert_eq!(able(false, true), Err(UserError::Insecure));
        assert_eq!(able(true, false), Err(UserError::NoWorkers));
        assert_eq!(
            registration_failed("SecurityError", ""),
            UserError::StorageBlocked
        );
        assert_eq!(
            registration_failed("TypeError", "a: b"),
            UserError::Registration("a: b".into())
        );
    }
}
