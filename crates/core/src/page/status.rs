//! What a page does when it learns whether the user is signed in.
//!
//! 1. MLflow stays as it is, whatever the user has typed there, as long as it
//!    is the same user's: when a session ends, a dialog covers it.
//! 2. No user sees what is on the screen of another: for another user the page is
//!    loaded anew.
//! 3. A page that waits for a reply goes by that, not by what all pages are told.
//! 4. A dialog on which there is something to do stays until the user is signed
//!    in; one that the user opened stays until the user closes it.

use super::{Dialog, Effect, PageState, Purpose, SignedIn};
use crate::{
    oauth::User,
    protocol::PageRequest,
    session::{EndReason, Status},
    site::Site,
};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    /// The user of MLflow; `None` as long as it is not shown.
    user: Option<&'a User>,
    /// What covers it, or is shown in its place.
    dialog: DialogKind,
}

/// A dialog, as far as the user's status matters to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DialogKind {
    /// There is none.
    None,
    /// The page waits for a reply.
    Progress,
    /// The user opened it.
    Opened,
    /// There is something to do on it.
    Asking,
}

/// How the page came by a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusSource {
    /// By the reply to its own request.
    Reply,
    /// By a broadcast of the worker.
    Broadcast,
}

/// What the page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    /// Nothing.
    Nothing,
    /// Show MLflow.
    Enter,
    /// MLflow is shown already: show who is signed in and how the session is,
    /// and close a dialog that asks for a sign-in.
    Stay,
    /// Load the page anew.
    Reload,
    /// Offer a sign-in beside MLflow.
    Offer(EndReason),
    /// Offer a sign-in, and show nothing else.
    SignIn(Option<EndReason>),
}

/// Decides what a page that shows `shown` does about `status`.
fn react(shown: Shown<'_>, status: &Status, source: StatusSource) -> Reaction {
    let is_broadcast = source == StatusSource::Broadcast;
    if is_broadcast && shown.dialog == DialogKind::Progress {
        return Reaction::Nothing;
    }
    match (status, shown.user) {
        (Status::SignedIn(user, _), Some(before)) if user.name != before.name => Reaction::Reload,
        (Status::SignedIn(..), Some(_)) => Reaction::Stay,
        (Status::SignedIn(..), None) => Reaction::Enter,
        (Status::SignedOut(Some(_)), Some(_))
            if is_broadcast && shown.dialog == DialogKind::Asking =>
        {
            Reaction::Nothing
        }
        (Status::SignedOut(Some(ending)), Some(_)) => Reaction::Offer(*ending),
        (Status::SignedOut(_), None) if is_broadcast && shown.dialog != DialogKind::None => {
            Reaction::Nothing
        }
        (Status::SignedOut(ending), _) => Reaction::SignIn(*ending),
    }
}

impl PageState {
    /// Takes the worker's answer to this page.
    pub(super) fn learn_answer(&mut self, status: Status) -> Vec<Effect> {
        self.learn(status, StatusSource::Reply)
    }

    /// Takes what the worker tells every page. A popup is no page of the session.
    pub(super) fn learn_broadcast(&mut self, status: Status) -> Vec<Effect> {
        if self.popup_window.is_none() && self.first_question.is_none() {
            self.learn(status, StatusSource::Broadcast)
        } else {
            Vec::new()
        }
    }

    fn learn(&mut self, status: Status, source: StatusSource) -> Vec<Effect> {
        let shown = Shown {
            user: self.session.as_ref().map(|session| &session.user),
            dialog: self
                .dialog
                .as_ref()
                .map_or(DialogKind::None, DialogKind::of),
        };
        match (react(shown, &status, source), status) {
            (Reaction::Reload, _) => vec![Effect::Reload],
            (Reaction::Offer(ending), _) => {
                self.cover(Dialog::SessionEnded(ending));
                Vec::new()
            }
            (Reaction::SignIn(ending), _) => self.offer_sign_in(ending),
            (Reaction::Stay, Status::SignedIn(user, health)) => {
                self.stay(SignedIn { user, health }, source)
            }
            (Reaction::Enter, Status::SignedIn(user, health)) => {
                self.entering = Some(SignedIn { user, health });
                let mut effects = self.signed_in(source);
                effects.push(Effect::AskWorker(Purpose::Show, PageRequest::Site));
                effects
            }
            (Reaction::Nothing | Reaction::Stay | Reaction::Enter, _) => Vec::new(),
        }
    }

    fn offer_sign_in(&mut self, ending: Option<EndReason>) -> Vec<Effect> {
        let own_tab = self.own_tab();
        let is_token_left = self.is_token_left && ending.is_none();
        let mut effects = vec![Effect::ForgetKey];
        effects.extend(self.show(Dialog::SignIn {
            ending,
            is_token_left,
            own_tab,
        }));
        effects.extend(self.resume_popup());
        effects
    }

    /// Leaves MLflow as it is, and updates what is shown of the session.
    fn stay(&mut self, session: SignedIn, source: StatusSource) -> Vec<Effect> {
        self.session = Some(session);
        if !self.dialog.as_ref().is_some_and(Dialog::can_be_closed) {
            self.dialog = None;
        }
        self.signed_in(source)
    }

    /// A sign-in that is under way has nothing left to do; and with its answer the
    /// worker hands over the key to keep.
    fn signed_in(&mut self, source: StatusSource) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        if source == StatusSource::Broadcast {
            effects.push(Effect::AskWorker(Purpose::KeepKey, PageRequest::Status));
        }
        effects
    }

    /// Shows MLflow as `site` offers it, unless something else was shown since it
    /// was asked for.
    pub(super) fn enter(&mut self, site: Site) -> Vec<Effect> {
        let Some(session) = self.entering.take() else {
            return Vec::new();
        };
        if let Some(refusal) = &site.refusal {
            return self.show(Dialog::NoAccess(refusal.clone()));
        }
        self.session = Some(session);
        self.dialog = None;
        self.open_site(site)
    }
}

impl DialogKind {
    fn of(dialog: &Dialog) -> Self {
        if matches!(dialog, Dialog::Progress(_)) {
            Self::Progress
        } else if dialog.can_be_closed() {
            Self::Opened
        } else {
            Self::Asking
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Health;

    #[test]
    fn every_page_has_a_reaction_to_every_status() {
        use DialogKind as C;
        use Reaction as E;
        use StatusSource::{Broadcast, Reply};
        let [ann, bob] = [("ann", "readers"), ("bob", "admins")];
        let ended = Some(EndReason::Expired);
        let table = [
            // MLflow is not shown.
            (None, C::None, signed_in(ann), Reply, E::Enter),
            (None, C::Progress, signed_in(ann), Reply, E::Enter),
            (None, C::Asking, signed_in(ann), Broadcast, E::Enter),
            (None, C::Progress, signed_in(ann), Broadcast, E::Nothing),
            (None, C::Progress, signed_out(None), Reply, E::SignIn(None)),
            (None, C::Asking, signed_out(ended), Reply, E::SignIn(ended)),
            (None, C::Asking, signed_out(None), Broadcast, E::Nothing),
            (None, C::Progress, signed_out(None), Broadcast, E::Nothing),
            // MLflow is shown.
            (Some(ann), C::None, signed_in(ann), Broadcast, E::Stay),
            (Some(ann), C::Opened, signed_in(ann), Broadcast, E::Stay),
            (Some(ann), C::Asking, signed_in(ann), Broadcast, E::Stay),
            (
                Some(ann),
                C::Progress,
                signed_in(ann),
                Broadcast,
                E::Nothing,
            ),
            (Some(ann), C::Progress, signed_in(ann), Reply, E::Stay),
            (Some(ann), C::None, signed_in(bob), Broadcast, E::Reload),
            (Some(ann), C::Asking, signed_in(bob), Reply, E::Reload),
            (
                Some(ann),
                C::None,
                signed_out(ended),
                Broadcast,
                E::Offer(EndReason::Expired),
            ),
            (
                Some(ann),
                C::Opened,
                signed_out(ended),
                Broadcast,
                E::Offer(EndReason::Expired),
            ),
            (
                Some(ann),
                C::Asking,
                signed_out(ended),
                Broadcast,
                E::Nothing,
            ),
            (
                Some(ann),
                C::Asking,
                signed_out(ended),
                Reply,
                E::Offer(EndReason::Expired),
            ),
            (
                Some(ann),
                C::None,
                signed_out(None),
                Broadcast,
                E::SignIn(None),
            ),
        ];
        for (user, dialog, status, source, expected) in table {
            let user = user.map(|(name, group)| of(name, group));
            let shown = Shown {
                user: user.as_ref(),
                dialog,
            };
            let found = react(shown, &status, source);
            assert_eq!(found, expected, "{shown:?} {status:?} {source:?}");
        }
    }

    fn of(name: &str, group: &str) -> User {
        User {
            name: name.into(),
            groups: vec![group.into()],
            unreadable: None,
        }
    }

    fn signed_in((name, group): (&str, &str)) -> Status {
        Status::SignedIn(of(name, group), Health::Well)
    }

    fn signed_out(ending: Option<EndReason>) -> Status {
        Status::SignedOut(ending)
    }
}
