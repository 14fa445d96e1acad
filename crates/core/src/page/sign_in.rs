//! Signing in and out, where the page may leave for the hosted login or open it
//! in a window.

use super::{Dialog, Effect, PageState, Progress, Purpose};
use crate::{
    Route,
    oauth::logout::{FORM_PAGE, Revocation},
    protocol::{PageRequest, WorkerReply},
};

impl PageState {
    /// Begins a sign-in that ends where the user is now.
    pub(super) fn sign_in(&mut self) -> Vec<Effect> {
        if self.is_framed {
            return self.begin_popup();
        }
        let mut effects = self.show(Dialog::Progress(Progress::Opening));
        let left = format!("{}{}", self.address.query, self.address.hash);
        effects.push(Effect::RememberAddress(left));
        effects.push(Effect::AskWorker(Purpose::Show, self.sign_in_here(false)));
        effects
    }

    /// Begins a sign-in in a window, so that MLflow stays as it is.
    pub(super) fn sign_in_beside(&mut self) -> Vec<Effect> {
        if self.is_framed {
            return self.begin_popup();
        }
        // At once, while the click allows it; where to is known later (rule E4).
        vec![Effect::OpenWindow]
    }

    /// Goes on in the page if the browser opened no window.
    pub(super) fn window_opened(&mut self, is_open: bool) -> Vec<Effect> {
        if is_open {
            vec![Effect::AskWorker(Purpose::Window, self.sign_in_here(true))]
        } else {
            self.sign_in()
        }
    }

    pub(super) fn answered_for_window(&mut self, answer: WorkerReply) -> Vec<Effect> {
        match answer {
            WorkerReply::Go(url) => return vec![Effect::NavigateWindow(url)],
            WorkerReply::Failed(error) => self.cover(Dialog::SignInFailed(error)),
            WorkerReply::Status(_)
            | WorkerReply::Site(_)
            | WorkerReply::Returned { .. }
            | WorkerReply::TerminalCode(_)
            | WorkerReply::SignedOut { .. }
            | WorkerReply::Awake(_) => {}
        }
        vec![Effect::CloseOpened]
    }

    /// The question with which a sign-in begins, in a `window` of its own or not.
    pub(super) fn sign_in_here(&self, window: bool) -> PageRequest {
        let route = Route::new(&self.address.hash);
        PageRequest::SignIn { route, window }
    }

    /// Signs out everywhere.
    pub(super) fn sign_out(&mut self) -> Vec<Effect> {
        // The frame goes first: nothing may be in use while it is forgotten (U4).
        let mut effects = self.show(Dialog::Progress(Progress::SigningOut));
        effects.push(Effect::AskWorker(Purpose::Show, PageRequest::SignOut));
        effects
    }

    /// Goes on to the provider's own logout, if it can be shown and answers. That
    /// the refresh token is still valid is said on the way back.
    pub(super) fn signed_out(
        &mut self,
        url: String,
        has_form: bool,
        revocation: Revocation,
    ) -> Vec<Effect> {
        if self.is_framed || revocation == Revocation::Unconfirmed {
            let is_framed = self.is_framed;
            return self.show(Dialog::SignedOut {
                url,
                revocation,
                is_framed,
            });
        }
        let leave = Effect::Navigate(if has_form { FORM_PAGE.to_owned() } else { url });
        match revocation {
            Revocation::Refused => vec![Effect::RememberTokenLeft, leave],
            Revocation::Done | Revocation::Unconfirmed => vec![leave],
        }
    }

    /// Forgets everything of this site.
    pub(super) fn forget(&mut self) -> Vec<Effect> {
        let mut effects = self.show(Dialog::Progress(Progress::Forgetting));
        effects.push(Effect::Reset);
        effects
    }
}
