//! Signing in from inside another site's page: what the framed page does. Its
//! counterparts are in [`popup_window`](super::popup_window); what may be
//! believed is decided by [`popup`](crate::popup).

use super::{Dialog, Effect, PageState, Progress, Purpose, WindowId};
use crate::{
    Secret,
    messages::card as text,
    popup::{Collected, PATH, PopupAction, PopupMessage, PopupSignIn},
    protocol::{PageRequest, WorkerReply},
};

/// The framed sign-in that is under way.
#[derive(Debug, Default)]
pub(super) struct PopupState {
    /// Counts the attempts: what belongs to an earlier one is dropped.
    attempt: u32,
    /// Whether the worker was asked for the sign-in.
    is_asked: bool,
    pub(super) sign_in: Option<PopupSignIn>,
    /// The code that was pasted.
    code: Option<Secret>,
    /// A relay that asked before the sign-in was known.
    waiting: Option<WindowId>,
}

impl PageState {
    /// Begins a sign-in in a popup.
    pub(super) fn begin_popup(&mut self) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        effects.extend(self.open_popup());
        effects
    }

    /// Opens the relay, for the first time or once more.
    pub(super) fn open_popup(&self) -> Vec<Effect> {
        let address = self.own_address();
        let here = address.strip_prefix(&self.origin).unwrap_or_default();
        vec![Effect::OpenPopup(format!("{PATH}#{here}"))]
    }

    pub(super) fn popup_opened(&mut self, is_open: bool) -> Vec<Effect> {
        let own_tab = self.own_address();
        if !is_open {
            self.cover(Dialog::PopupBlocked { own_tab });
            return Vec::new();
        }
        self.cover(Dialog::PopupWaiting { own_tab });
        if self.popup.is_asked || self.popup.sign_in.is_some() {
            return Vec::new();
        }
        self.popup.is_asked = true;
        let purpose = Purpose::Popup(self.popup.attempt);
        vec![Effect::AskWorker(purpose, self.sign_in_here(false))]
    }

    pub(super) fn answered_for_popup(&mut self, attempt: u32, answer: WorkerReply) -> Vec<Effect> {
        let is_current = attempt == self.popup.attempt;
        match answer {
            WorkerReply::Go(url) if is_current => {
                return self.take_up(PopupSignIn::to(&url, self.now));
            }
            WorkerReply::Failed(error) if is_current => self.cover(Dialog::SignInFailed(error)),
            WorkerReply::Go(_)
            | WorkerReply::Failed(_)
            | WorkerReply::Status(_)
            | WorkerReply::Site(_)
            | WorkerReply::Returned { .. }
            | WorkerReply::TerminalCode(_)
            | WorkerReply::SignedOut { .. }
            | WorkerReply::Awake(_) => {}
        }
        // A later attempt has a window of its own by now.
        if is_current || !self.popup.is_asked {
            vec![Effect::CloseOpened]
        } else {
            Vec::new()
        }
    }

    /// Goes on with a sign-in that was begun before this page was loaded again.
    pub(super) fn resume_popup(&mut self) -> Vec<Effect> {
        let sign_in = self.popup.sign_in.take();
        if sign_in.is_some() {
            let own_tab = self.own_address();
            self.cover(Dialog::PopupWaiting { own_tab });
        }
        self.take_up(sign_in)
    }

    fn take_up(&mut self, sign_in: Option<PopupSignIn>) -> Vec<Effect> {
        let Some(sign_in) = sign_in else {
            return Vec::new();
        };
        self.popup.sign_in = Some(sign_in.clone());
        let mut effects = vec![Effect::StoreSignIn(Some(sign_in.clone()))];
        if let Some(window) = self.popup.waiting.take() {
            effects.extend(self.on_message(window, true, PopupMessage::Ready));
        }
        effects.push(Effect::Collect(sign_in));
        effects
    }

    /// Gives the sign-in up.
    pub(super) fn cancel_popup(&mut self) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        effects.push(Effect::AskWorker(Purpose::Show, PageRequest::Status));
        effects
    }

    /// Forgets the sign-in: it is done, or given up.
    pub(super) fn forget_popup(&mut self) -> Vec<Effect> {
        let attempt = self.popup.attempt.wrapping_add(1);
        self.popup = PopupState {
            attempt,
            ..PopupState::default()
        };
        vec![Effect::StoreSignIn(None)]
    }

    /// Takes what another window of this origin says.
    pub(super) fn on_message(
        &mut self,
        from: WindowId,
        is_ours: bool,
        message: PopupMessage,
    ) -> Vec<Effect> {
        let Some(sign_in) = &self.popup.sign_in else {
            return if is_ours {
                self.on_unrequested_message(from, &message)
            } else {
                Vec::new()
            };
        };
        match sign_in.on_message(message, is_ours) {
            Some(PopupAction::Send(message)) => vec![Effect::Reply(from, message)],
            Some(PopupAction::Complete(done, query)) => {
                let mut effects = vec![Effect::Reply(from, done)];
                effects.extend(self.complete(&query));
                effects
            }
            None => Vec::new(),
        }
    }

    /// Without a sign-in: it is not known yet, or another frame has signed in
    /// meanwhile, and this one's window is in the way.
    fn on_unrequested_message(&mut self, from: WindowId, message: &PopupMessage) -> Vec<Effect> {
        match message {
            PopupMessage::Ready => {
                self.popup.waiting = Some(from);
                vec![Effect::Reply(from, PopupMessage::Soon)]
            }
            PopupMessage::Returned(returned) if self.session.is_some() => {
                vec![Effect::Reply(
                    from,
                    PopupMessage::Done(returned.state.clone()),
                )]
            }
            PopupMessage::Returned(_)
            | PopupMessage::Soon
            | PopupMessage::Start(_)
            | PopupMessage::Done(_) => Vec::new(),
        }
    }

    /// Takes what the gateway has for `sign_in`, and asks again until the sign-in is
    /// done or over, or until it is clear that no gateway here keeps returns.
    pub(super) fn collected(
        &mut self,
        sign_in: PopupSignIn,
        collected: Option<Collected>,
    ) -> Vec<Effect> {
        if self.popup.sign_in.as_ref() != Some(&sign_in) {
            return Vec::new();
        }
        match collected {
            Some(Collected::Return(query)) => self.complete(&query),
            Some(Collected::Never) => Vec::new(),
            None | Some(Collected::Nothing) if sign_in.is_over(self.now) => self.cancel_popup(),
            None | Some(Collected::Nothing) => vec![Effect::Collect(sign_in)],
        }
    }

    /// Takes a code that was pasted.
    pub(super) fn enter_code(&mut self, code: Secret) -> Vec<Effect> {
        self.popup.code = Some(code);
        Vec::new()
    }

    /// Completes the sign-in with the code that was pasted.
    pub(super) fn use_code(&mut self) -> Vec<Effect> {
        let pasted = self.popup.sign_in.as_ref().zip(self.popup.code.as_ref());
        match pasted.and_then(|(sign_in, code)| sign_in.pasted(code.expose())) {
            Some(query) => self.complete(&query),
            None => self.toast(text::OTHER_CODE),
        }
    }

    fn complete(&mut self, query: &Secret) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        self.cover(Dialog::Progress(Progress::SigningIn));
        let answer = PageRequest::Return {
            query: query.expose().to_owned(),
            fragment: String::new(),
        };
        effects.push(Effect::AskWorker(Purpose::Show, answer));
        effects
    }
}
