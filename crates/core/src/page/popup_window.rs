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
        /// The sign-in, once it is known.
        sign_in: Option<PopupSignIn>,
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
    /// Begins as the relay: asks the page that opened it for the sign-in.
    pub(super) fn open_relay(&mut self, has_opener: bool) -> Vec<Effect> {
        let page = popup::page(&self.origin, &self.address.hash);
        if !has_opener {
            return self.show(Dialog::PopupNoOpener(page));
        }
        self.popup_window = PopupWindow::Relay {
            page,
            is_heard: false,
            sign_in: None,
        };
        vec![Effect::PostToOpener(PopupMessage::Ready), Effect::Wait]
    }

    /// The relay takes what the framed page says.
    pub(super) fn on_opener_message(&mut self, message: PopupMessage) -> Vec<Effect> {
        let PopupWindow::Relay { is_heard, .. } = &mut self.popup_window else {
            return Vec::new();
        };
        *is_heard = true;
        match message {
            PopupMessage::Soon => self.show(Dialog::Progress(Progress::Opening)),
            PopupMessage::Start(sign_in) => vec![Effect::FindRecord(sign_in)],
            PopupMessage::Done(state) => {
                let mut effects = vec![Effect::StoreRecord(state, None)];
                effects.extend(self.leave());
                effects
            }
            PopupMessage::Ready | PopupMessage::Returned(_) => Vec::new(),
        }
    }

    /// The relay begins the sign-in, or passes on what it has brought already.
    pub(super) fn begin_relay(
        &mut self,
        begun: PopupSignIn,
        record: Option<&PopupRecord>,
    ) -> Vec<Effect> {
        let known = record.and_then(PopupRecord::query);
        if let Some(returned) = known.and_then(|query| Return::read(query.expose())) {
            return self.forward(returned);
        }
        let PopupWindow::Relay { page, sign_in, .. } = &mut self.popup_window else {
            return Vec::new();
        };
        *sign_in = Some(begun.clone());
        let (url, page) = (begun.url, page.clone());
        let record = PopupRecord::begun(self.now);
        let mut effects = vec![Effect::StoreRecord(begun.state, Some(record))];
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
    pub(super) fn on_channel_message(&mut self, message: PopupMessage) -> Vec<Effect> {
        match (&mut self.popup_window, message) {
            (
                PopupWindow::Relay {
                    sign_in: Some(sign_in),
                    ..
                },
                PopupMessage::Returned(returned),
            ) if returned.state == sign_in.state => self.forward(returned),
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
            Effect::PostToOpener(PopupMessage::Returned(returned)),
            Effect::Broadcast(done),
        ]
    }

    /// Begins as the callback: tells the relay, and leaves the return where a later
    /// relay finds it.
    pub(super) fn deliver(&mut self, returned: Return, record: PopupRecord) -> Vec<Effect> {
        let record = record.with(&returned.query);
        self.popup_window = PopupWindow::Callback {
            returned: returned.clone(),
            is_done: false,
        };
        let mut effects = self.show(Dialog::Progress(Progress::SigningIn));
        effects.push(Effect::StoreRecord(returned.state.clone(), Some(record)));
        effects.push(Effect::Broadcast(PopupMessage::Returned(returned)));
        effects.push(Effect::Wait);
        effects
    }

    /// No other window has answered in time.
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
            return vec![Effect::StoreRecord(returned.state, None)];
        }
        self.cover(Dialog::PopupCode(returned.query));
        Vec::new()
    }

    fn leave(&mut self) -> Vec<Effect> {
        self.cover(Dialog::SignedInPopup);
        vec![Effect::CloseWindow]
    }
}
