//! Signing in from inside another site's page: what the framed page does. Its
//! counterparts are in [`popup_window`](super::popup_window); what may be
//! believed is decided by [`relay`](crate::relay).

use super::{Dialog, Effect, PageState, Progress, Purpose, WindowId};
use crate::{
    Secret,
    protocol::{Answer, Ask},
    relay::{Collected, Errand, PATH, Reply, Word},
    words::card as words,
};

/// The framed sign-in that is under way.
#[derive(Debug, Default)]
pub(super) struct PopupSignIn {
    /// Counts the attempts: what belongs to an earlier one is dropped.
    attempt: u32,
    /// Whether the worker was asked for the errand.
    is_asked: bool,
    pub(super) errand: Option<Errand>,
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
        vec![Effect::Ask(purpose, self.sign_in_here(false))]
    }

    pub(super) fn answered_for_popup(&mut self, attempt: u32, answer: Answer) -> Vec<Effect> {
        let is_current = attempt == self.popup.attempt;
        match answer {
            Answer::Go(url) if is_current => {
                return self.take_up(Errand::to(&url, self.now));
            }
            Answer::Trouble(trouble) if is_current => self.cover(Dialog::Beside(trouble)),
            Answer::Go(_)
            | Answer::Trouble(_)
            | Answer::Status(_)
            | Answer::Site(_)
            | Answer::Returned { .. }
            | Answer::SignedOut { .. }
            | Answer::Awake(_) => {}
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

    fn take_up(&mut self, errand: Option<Errand>) -> Vec<Effect> {
        let Some(errand) = errand else {
            return Vec::new();
        };
        self.popup.errand = Some(errand.clone());
        let mut effects = vec![Effect::KeepErrand(Some(errand.clone()))];
        if let Some(window) = self.popup.waiting.take() {
            effects.extend(self.hear(window, true, Word::Ready));
        }
        effects.push(Effect::Collect(errand));
        effects
    }

    /// Gives the errand up.
    pub(super) fn cancel_popup(&mut self) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        effects.push(Effect::Ask(Purpose::Show, Ask::Status));
        effects
    }

    /// Forgets the errand: it is done, or given up.
    pub(super) fn forget_popup(&mut self) -> Vec<Effect> {
        let attempt = self.popup.attempt.wrapping_add(1);
        self.popup = PopupSignIn {
            attempt,
            ..PopupSignIn::default()
        };
        vec![Effect::KeepErrand(None)]
    }

    /// Takes what another window of this origin says.
    pub(super) fn hear(&mut self, from: WindowId, is_ours: bool, word: Word) -> Vec<Effect> {
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
    fn hear_unasked(&mut self, from: WindowId, word: &Word) -> Vec<Effect> {
        match word {
            Word::Ready => {
                self.popup.waiting = Some(from);
                vec![Effect::Reply(from, Word::Soon)]
            }
            Word::Returned(returned) if self.session.is_some() => {
                vec![Effect::Reply(from, Word::Done(returned.state.clone()))]
            }
            Word::Returned(_) | Word::Soon | Word::Start(_) | Word::Done(_) => Vec::new(),
        }
    }

    /// Takes what the gateway has for `errand`, and asks again until the errand is
    /// done or over, or until it is clear that no gateway here keeps returns.
    pub(super) fn collected(
        &mut self,
        errand: Errand,
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
            None => self.toast(words::OTHER_CODE),
        }
    }

    fn complete(&mut self, query: &Secret) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        self.cover(Dialog::Progress(Progress::SigningIn));
        let answer = Ask::Return {
            query: query.expose().to_owned(),
            fragment: String::new(),
        };
        effects.push(Effect::Ask(Purpose::Show, answer));
        effects
    }
}
