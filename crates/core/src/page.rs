//! What the shell's page shows and does: state, messages, effects.
//!
//! ```text
//!  views ──Msg──▶ update(&mut PageState, Msg) ──Effect──▶ services
//!    ▲                    │                                  │
//!    └────── signals ◀────┘ ◀───────────────Msg──────────────┘
//! ```
//!
//! [`update`] is the only place that decides, and it does nothing itself: what is
//! to be done in the browser is returned as [`Effect`]s, and what comes of them
//! arrives as another [`Msg`]. Before each call the caller sets
//! [`PageState::address`] and [`PageState::now`].
//!
//! The page plays one of three parts ([`PageRole`]): the shell itself, the window
//! between a framed shell and the hosted login, or the page at which the hosted
//! login of such a window returns.

mod contents;
mod dialog;
mod effect;
mod frame;
mod message;
mod popup;
mod popup_window;
mod sign_in;
mod startup;
mod status;
mod toolbar;
mod url_sync;

use std::fmt;

pub use self::{
    contents::{Button, Contents},
    dialog::{Credential, Dialog, ListedToken, Progress},
    effect::Effect,
    message::{Msg, Purpose, WindowId},
    startup::{ControlState, Environment, PageRole},
    url_sync::{Move, UrlSync},
};
use self::{popup::PopupState, popup_window::PopupWindow};
use crate::{
    Route, Secret, Timestamp, UserError,
    config::Bar,
    oauth::{User, logout::Revocation},
    protocol::{PageRequest, WorkerReply},
    session::Health,
    site::Site,
};

/// The page's address, in the parts that matter here. Query and fragment may hold
/// a code, so `Debug` shows the path only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Path.
    pub path: String,
    /// Query, with its `?`.
    pub query: String,
    /// Fragment, with its `#`.
    pub hash: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.path)
    }
}

/// Who works in MLflow, and how the session does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// How the session does.
    pub health: Health,
}

/// What of the site is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownSite {
    /// What the site offers to the user.
    pub offer: Site,
    /// The MLflow server that is shown, if it has a name.
    pub upstream: Option<String>,
    /// The bar, as configured or as the user left it.
    pub bar: Bar,
    /// What is to be known of the site as long as it is shown; empty if nothing.
    pub warning: String,
}

/// Everything the page knows.
#[derive(Debug, Default)]
pub struct PageState {
    /// The page's address at the moment.
    pub address: Address,
    /// The time at the moment.
    pub now: Timestamp,
    /// Who works in MLflow; `None` as long as MLflow is not shown.
    pub session: Option<SignedIn>,
    /// What of the site is shown.
    pub site: ShownSite,
    /// What covers MLflow, or is shown in its place.
    pub dialog: Option<Dialog>,
    /// What is said for a moment; empty if nothing is.
    pub toast: String,
    origin: String,
    is_framed: bool,
    /// Whether a sign-out of this tab left a refresh token that is still valid.
    is_token_left: bool,
    /// What to ask the worker as soon as it controls the page.
    first_question: Option<PageRequest>,
    /// Who is signed in, while the worker is asked what the site offers them.
    entering: Option<SignedIn>,
    url_sync: Option<UrlSync>,
    /// Whether the frame's last document was MLflow's.
    frame_is_mlflow: bool,
    popup: PopupState,
    popup_window: PopupWindow,
    /// Counts the toasts, so that only the last one is taken away.
    toasts: u32,
}

impl PageState {
    /// The route of MLflow in its frame; `None` as long as MLflow is not shown.
    pub fn route(&self) -> Option<&Route> {
        self.url_sync.as_ref().map(UrlSync::route)
    }

    /// The page's own address, whole.
    fn own_address(&self) -> String {
        let Address { path, query, hash } = &self.address;
        format!("{}{path}{query}{hash}", self.origin)
    }

    /// The page's own address, if that is of use: for a tab of its own, out of
    /// another site's frame.
    fn own_tab(&self) -> Option<String> {
        self.is_framed.then(|| self.own_address())
    }

    /// Shows `dialog` instead of MLflow.
    fn show(&mut self, dialog: Dialog) -> Vec<Effect> {
        self.session = None;
        self.url_sync = None;
        self.cover(dialog);
        vec![Effect::ClearFrame]
    }

    /// Shows `dialog` over whatever is there, which cannot be used meanwhile.
    fn cover(&mut self, dialog: Dialog) {
        self.entering = None;
        self.dialog = Some(dialog);
    }

    /// Says something for a moment.
    fn toast(&mut self, sentence: impl Into<String>) -> Vec<Effect> {
        self.toasts = self.toasts.wrapping_add(1);
        self.toast = sentence.into();
        vec![Effect::EndToast(self.toasts)]
    }

    /// Shows what went wrong. A sign-in beside MLflow leaves MLflow as it is.
    fn fail(&mut self, error: UserError) -> Vec<Effect> {
        let own_tab = self.own_tab();
        if self.session.is_some() && error.is_cured_by_signing_in() {
            self.cover(Dialog::SignInFailed(error));
            return Vec::new();
        }
        self.show(Dialog::Problem { error, own_tab })
    }
}

/// Applies `message` to `state`, and returns the effects to perform, in order.
pub fn update(state: &mut PageState, message: Msg) -> Vec<Effect> {
    match message {
        Msg::Do(effect) => vec![effect],
        Msg::Started(environment) => state.start(environment),
        Msg::ControlChecked(control) => state.take_step(control),
        Msg::RegistrationFailed { name, message } => {
            state.fail(startup::registration_failed(&name, &message))
        }
        Msg::Failed(error) => state.fail(error),

        Msg::Answered(purpose, answer) => state.answered(purpose, answer),
        Msg::StatusChanged(status) => state.learn_broadcast(status),
        Msg::Denied(sentence) => state.toast(sentence),
        Msg::WorkerReplaced => vec![Effect::AskWorker(Purpose::Meet, PageRequest::Status)],

        Msg::SignIn => state.sign_in(),
        Msg::SignInBeside => state.sign_in_beside(),
        Msg::WindowOpened(is_open) => state.window_opened(is_open),
        Msg::SignOut => state.sign_out(),
        Msg::Forget => state.forget(),

        Msg::Finish => state.open_popup(),
        Msg::Cancel => state.cancel_popup(),
        Msg::CodeEntered(code) => state.enter_code(code),
        Msg::UseCode => state.use_code(),
        Msg::PopupOpened(is_open) => state.popup_opened(is_open),
        Msg::Collected(sign_in, collected) => state.collected(sign_in, collected),
        Msg::WindowMessage {
            from,
            is_ours,
            message,
        } => state.on_message(from, is_ours, message),

        Msg::OpenerMessage(message) => state.on_opener_message(message),
        Msg::ChannelMessage(message) => state.on_channel_message(message),
        Msg::RecordFound(sign_in, record) => state.begin_relay(sign_in, record.as_ref()),
        Msg::Waited => state.waited(),
        Msg::Deposited(is_kept) => state.deposited(is_kept),
        Msg::Continue(url) => state.go_on(url),

        Msg::FrameCompared { page, frame } => state.compare_urls(page, frame),
        Msg::FrameLoaded { is_elsewhere } => state.frame_loaded(is_elsewhere),
        Msg::ArtifactFound(references) => state.artifact_found(&references),
        Msg::ServerVersion(version) => state.compare_versions(&version),
        Msg::SwitchServer(name) => state.leave_server(name),
        Msg::RouteOf(name, route) => state.switch_server(name, &route),

        Msg::Bar(bar) => state.set_bar(bar),
        Msg::ShowHelp => state.show_help(),
        Msg::ShowPython => state.show_python(None),
        Msg::TokenIssued(token) => state.token_issued(token.as_ref()),
        Msg::TokensListed(tokens) => state.tokens_listed(tokens),
        Msg::TokenRevoked(is_revoked) => state.token_revoked(is_revoked),
        Msg::CopyLink => vec![Effect::Copy(Secret::new(state.link()))],
        Msg::OpenTab => vec![Effect::OpenTab(state.link())],
        Msg::Copied(is_copied) => state.copied(is_copied),
        Msg::Close => state.close(),
        Msg::ToastOver(number) => state.end_toast(number),
    }
}

impl PageState {
    /// Takes an answer of the worker's, which was asked for `purpose`.
    fn answered(&mut self, purpose: Purpose, answer: WorkerReply) -> Vec<Effect> {
        match purpose {
            Purpose::Show => self.show_answer(answer),
            Purpose::KeepKey => Vec::new(),
            Purpose::Meet => self.meet(answer),
            Purpose::Window => self.answered_for_window(answer),
            Purpose::Popup(attempt) => self.answered_for_popup(attempt, answer),
        }
    }

    fn show_answer(&mut self, answer: WorkerReply) -> Vec<Effect> {
        match answer {
            WorkerReply::Status(status) => self.learn_answer(status),
            WorkerReply::Site(site) => self.enter(site),
            WorkerReply::Go(url) => vec![Effect::Navigate(url)],
            WorkerReply::Returned { window: true, .. } => {
                let mut effects = self.show(Dialog::SignedInPopup);
                effects.push(Effect::CloseWindow);
                effects
            }
            WorkerReply::Returned { route, .. } => vec![
                Effect::ShowAddress(format!("/{}{}", self.address.query, route.as_str())),
                Effect::AskWorker(Purpose::Show, PageRequest::Status),
            ],
            WorkerReply::TerminalCode(code) => self.show(Dialog::TerminalCode(code)),
            WorkerReply::SignedOut {
                url,
                has_form,
                revoked,
                answers,
            } => {
                let revocation = Revocation::told(revoked, answers);
                self.signed_out(url, has_form, revocation)
            }
            WorkerReply::Failed(error) => self.fail(error),
            WorkerReply::Awake(_) => Vec::new(),
        }
    }

    /// Takes the status from a worker that has taken over. One of another build
    /// may speak otherwise; then the page has to be loaded again.
    fn meet(&mut self, answer: WorkerReply) -> Vec<Effect> {
        if matches!(answer, WorkerReply::Failed(UserError::Version)) {
            return vec![Effect::ReloadOnce(UserError::Version)];
        }
        let waits = self.dialog.as_ref().is_some_and(Dialog::is_about_version);
        if waits || self.session.is_some() {
            return self.show_answer(answer);
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
