//! Signing in from inside another site's page: what the popup does (the relay),
//! and the page at which its hosted login returns (the callback). Neither needs
//! the worker: the sign-in belongs to the framed page's.

use super::{Dialog, Effect, PageState, Progress};
use crate::popup::{self, PopupMessage, PopupRecord, PopupSignIn, Return};

/// What a popup is there for.
#[derive(Debug, Default)]
pub(super) enum PopupWindow {
    /// This page is none.
    #[default]
    None,
    /// The relay.
    Relay {
        /// The framed page's address.
        page: String,
        /// Whether the framed page has answered.
        is_heard: bool,
        /// The errand, once it is known.
        errand: Option<PopupSignIn>,
    },
    /// The callback of this return.
    Callback {
        /// What the hosted login returned with.
        returned: Return,
        /// Whether it has arrived.
        is_done: bool,
    },
}

impl PopupWindow {
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl PageState {
    /// Begins as the relay: asks the page that opened it for the errand.
    pub(super) fn open_relay(&mut self, has_opener: bool) -> Vec<Effect> {
        let page = popup::page(&self.origin, &self.address.hash);
        if !has_opener {
            return self.show(Dialog::PopupNoOpener(page));
        }
        self.popup_window = PopupWindow::Relay {
            page,
            is_heard: false,
            errand: None,
        };
        vec![Effect::SayToOpener(PopupMessage::Ready), Effect::Wait]
    }

    /// The relay takes what the framed page says.
    pub(super) fn hear_opener(&mut self, word: PopupMessage) -> Vec<Effect> {
        let PopupWindow::Relay { is_heard, .. } = &mut self.popup_window else {
            return Vec::new();
        };
        *is_heard = true;
        match word {
            PopupMessage::Soon => self.show(Dialog::Progress(Progress::Opening)),
            PopupMessage::Start(errand) => vec![Effect::FindNote(errand)],
            PopupMessage::Done(state) => {
                let mut effects = vec![Effect::KeepNote(state, None)];
                effects.extend(self.leave());
                effects
            }
            PopupMessage::Ready | PopupMessage::Returned(_) => Vec::new(),
        }
    }

    /// The relay begins the errand, or passes on what it has brought already.
    pub(super) fn begin_relay(
        &mut self,
        begun: PopupSignIn,
        note: Option<&PopupRecord>,
    ) -> Vec<Effect> {
        let known = note.and_then(PopupRecord::query);
        if let Some(returned) = known.and_then(|query| Return::read(query.expose())) {
            return self.forward(returned);
        }
        let PopupWindow::Relay { page, errand, .. } = &mut self.popup_window else {
            return Vec::new();
        };
        *errand = Some(begun.clone());
        let (url, page) = (begun.url, page.clone());
        let note = PopupRecord::begun(self.now);
        let mut effects = vec![Effect::KeepNote(begun.state, Some(note))];
        effects.extend(self.show(Dialog::PopupContinue { url, page }));
        effects
    }

    /// The relay opens the hosted login.
    pub(super) fn go_on(&mut self, url: String) -> Vec<Effect> {
        let PopupWindow::Relay { page, .. } = &self.popup_window else {
            return Vec::new();
        };
        let (open, page) = (Effect::OpenLogin(url.clone()), page.clone());
        // The browser may refuse; the button stays.
        self.cover(Dialog::PopupContinued { url, page });
        vec![open]
    }

    /// Takes what another popup of this browser says.
    pub(super) fn hear_channel(&mut self, word: PopupMessage) -> Vec<Effect> {
        match (&mut self.popup_window, word) {
            (
                PopupWindow::Relay {
                    errand: Some(errand),
                    ..
                },
                PopupMessage::Returned(returned),
            ) if returned.state == errand.state => self.forward(returned),
            (PopupWindow::Callback { returned, is_done }, PopupMessage::Done(state))
                if state == returned.state =>
            {
                *is_done = true;
                self.leave()
            }
            _ => Vec::new(),
        }
    }

    /// Passes the return on to the framed page, and tells the callback so at once:
    /// a frame in a hidden tab may take its time.
    fn forward(&mut self, returned: Return) -> Vec<Effect> {
        let done = PopupMessage::Done(returned.state.clone());
        self.cover(Dialog::PopupUnconfirmed);
        vec![
            Effect::SayToOpener(PopupMessage::Returned(returned)),
            Effect::Broadcast(done),
        ]
    }

    /// Begins as the callback: tells the relay, and leaves the return where a later
    /// relay finds it.
    pub(super) fn deliver(&mut self, returned: Return, note: PopupRecord) -> Vec<Effect> {
        let note = note.with(&returned.query);
        self.popup_window = PopupWindow::Callback {
            returned: returned.clone(),
            is_done: false,
        };
        let mut effects = self.show(Dialog::Progress(Progress::SigningIn));
        effects.push(Effect::KeepNote(returned.state.clone(), Some(note)));
        effects.push(Effect::Broadcast(PopupMessage::Returned(returned)));
        effects.push(Effect::Wait);
        effects
    }

    /// Nobody has answered for too long.
    pub(super) fn waited(&mut self) -> Vec<Effect> {
        match &self.popup_window {
            PopupWindow::Relay {
                is_heard: false,
                page,
                ..
            } => {
                let dialog = Dialog::PopupNoOpener(page.clone());
                self.show(dialog)
            }
            PopupWindow::Callback {
                is_done: false,
                returned,
            } => vec![Effect::Deposit(returned.clone())],
            PopupWindow::None | PopupWindow::Relay { .. } | PopupWindow::Callback { .. } => {
                Vec::new()
            }
        }
    }

    /// The callback says what is left to do.
    pub(super) fn deposited(&mut self, is_kept: bool) -> Vec<Effect> {
        let PopupWindow::Callback {
            returned,
            is_done: false,
        } = &self.popup_window
        else {
            return Vec::new();
        };
        let returned = returned.clone();
        if is_kept {
            self.cover(Dialog::PopupUnconfirmed);
            return vec![Effect::KeepNote(returned.state, None)];
        }
        self.cover(Dialog::PopupCode(returned.query));
        Vec::new()
    }

    fn leave(&mut self) -> Vec<Effect> {
        self.cover(Dialog::SignedInElsewhere);
        vec![Effect::CloseWindow]
    }
}
