//! Signing in from inside another site's page: what the framed page does. Its
//! counterparts are in [`popup_window`](super::popup_window); what may be
//! believed is decided by [`relay`](crate::relay).

use super::{Dialog, Effect, PageState, Progress, Purpose, WindowId};
use crate::{
    Secret,
    messages::card as text,
    popup::{Collected, PATH, PopupMessage, PopupSignIn, Reply},
    protocol::{PageRequest, WorkerReply},
};

/// The framed sign-in that is under way.
#[derive(Debug, Default)]
pub(super) struct PopupState {
    /// Counts the attempts: what belongs to an earlier one is dropped.
    attempt: u32,
    /// Whether the worker was asked for the errand.
    is_asked: bool,
    pub(super) errand: Option<PopupSignIn>,
    /// The code that was pasted.
    code: Option<Secret>,
    /// A relay that asked before the errand was known.
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
        if self.popup.is_asked || self.popup.errand.is_some() {
            return Vec::new();
        }
        self.popup.is_asked = true;
        let purpose = Purpose::Popup(self.popup.attempt);
        vec![Effect::PageRequest(purpose, self.sign_in_here(false))]
    }

    pub(super) fn answered_for_popup(&mut self, attempt: u32, answer: WorkerReply) -> Vec<Effect> {
        let is_current = attempt == self.popup.attempt;
        match answer {
            WorkerReply::Go(url) if is_current => {
                return self.take_up(PopupSignIn::to(&url, self.now));
            }
            WorkerReply::Failed(trouble) if is_current => self.cover(Dialog::Beside(trouble)),
            WorkerReply::Go(_)
            | WorkerReply::Failed(_)
            | WorkerReply::Status(_)
            | WorkerReply::Site(_)
            | WorkerReply::Returned { .. }
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
        let errand = self.popup.errand.take();
        if errand.is_some() {
            let own_tab = self.own_address();
            self.cover(Dialog::PopupWaiting { own_tab });
        }
        self.take_up(errand)
    }

    fn take_up(&mut self, errand: Option<PopupSignIn>) -> Vec<Effect> {
        let Some(errand) = errand else {
            return Vec::new();
        };
        self.popup.errand = Some(errand.clone());
        let mut effects = vec![Effect::KeepErrand(Some(errand.clone()))];
        if let Some(window) = self.popup.waiting.take() {
            effects.extend(self.hear(window, true, PopupMessage::Ready));
        }
        effects.push(Effect::Collect(errand));
        effects
    }

    /// Gives the errand up.
    pub(super) fn cancel_popup(&mut self) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        effects.push(Effect::PageRequest(Purpose::Show, PageRequest::Status));
        effects
    }

    /// Forgets the errand: it is done, or given up.
    pub(super) fn forget_popup(&mut self) -> Vec<Effect> {
        let attempt = self.popup.attempt.wrapping_add(1);
        self.popup = PopupState {
            attempt,
            ..PopupState::default()
        };
        vec![Effect::KeepErrand(None)]
    }

    /// Takes what another window of this origin says.
    pub(super) fn hear(
        &mut self,
        from: WindowId,
        is_ours: bool,
        word: PopupMessage,
    ) -> Vec<Effect> {
        let Some(errand) = &self.popup.errand else {
            return if is_ours {
                self.hear_unasked(from, &word)
            } else {
                Vec::new()
            };
        };
        match errand.hear(word, is_ours) {
            Some(Reply::Say(word)) => vec![Effect::Reply(from, word)],
            Some(Reply::Complete(done, query)) => {
                let mut effects = vec![Effect::Reply(from, done)];
                effects.extend(self.complete(&query));
                effects
            }
            None => Vec::new(),
        }
    }

    /// Without an errand: it is not known yet, or another frame has signed in
    /// meanwhile, and this one's window is in the way.
    fn hear_unasked(&mut self, from: WindowId, word: &PopupMessage) -> Vec<Effect> {
        match word {
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

    /// Takes what the gateway has for `errand`, and asks again until the errand is
    /// done or over, or until it is clear that no gateway here keeps returns.
    pub(super) fn collected(
        &mut self,
        errand: PopupSignIn,
        collected: Option<Collected>,
    ) -> Vec<Effect> {
        if self.popup.errand.as_ref() != Some(&errand) {
            return Vec::new();
        }
        match collected {
            Some(Collected::Return(query)) => self.complete(&query),
            Some(Collected::Never) => Vec::new(),
            None | Some(Collected::Nothing) if errand.is_over(self.now) => self.cancel_popup(),
            None | Some(Collected::Nothing) => vec![Effect::Collect(errand)],
        }
    }

    /// Takes a code that was pasted.
    pub(super) fn enter_code(&mut self, code: Secret) -> Vec<Effect> {
        self.popup.code = Some(code);
        Vec::new()
    }

    /// Completes the sign-in with the code that was pasted.
    pub(super) fn use_code(&mut self) -> Vec<Effect> {
        let pasted = self.popup.errand.as_ref().zip(self.popup.code.as_ref());
        match pasted.and_then(|(errand, code)| errand.pasted(code.expose())) {
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
        effects.push(Effect::PageRequest(Purpose::Show, answer));
        effects
    }
}
