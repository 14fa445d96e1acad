//! What a page does when it learns how the user stands.
//!
//! 1. MLflow stays as it is, whatever the user has typed there, as long as it
//!    is the same user's: a session that ended goes under a dialog.
//! 2. What is on the screen is for nobody else's eyes: another user gets a page
//!    that is loaded anew.
//! 3. A page with a question out goes by the answer, not by news.
//! 4. A dialog on which there is something to do stays until the user is signed
//!    in; one that the user opened stays until the user closes it.

use super::{Dialog, Effect, PageState, Purpose, SignedIn};
use crate::{
    oauth::User,
    protocol::PageRequest,
    session::{Ending, Status},
    site::Site,
};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    /// Who works in MLflow; nobody as long as it is not shown.
    user: Option<&'a User>,
    /// What lies over it, or is there instead of it.
    dialog: Kind,
}

/// A dialog, as far as the user's status matters to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// There is none.
    None,
    /// A question is out.
    Progress,
    /// The user opened it.
    Opened,
    /// There is something to do on it.
    Asking,
}

/// Whether the page asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// It is the answer to the page's own question.
    Answer,
    /// The worker tells every page.
    News,
}

/// What the page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    /// Nothing.
    Nothing,
    /// Show MLflow.
    Enter,
    /// MLflow is shown already: say who is signed in and how the session does,
    /// and take away a dialog that asks for a sign-in.
    Stay,
    /// Load the page anew.
    Reload,
    /// Offer a sign-in beside MLflow.
    Offer(Ending),
    /// Offer a sign-in, and show nothing else.
    SignIn(Option<Ending>),
}

/// Decides what a page that shows `shown` does about `status`.
fn react(shown: Shown<'_>, status: &Status, source: Source) -> Reaction {
    let news = source == Source::News;
    if news && shown.dialog == Kind::Progress {
        return Reaction::Nothing;
    }
    match (status, shown.user) {
        (Status::SignedIn(user, _), Some(before)) if user.name != before.name => Reaction::Reload,
        (Status::SignedIn(..), Some(_)) => Reaction::Stay,
        (Status::SignedIn(..), None) => Reaction::Enter,
        (Status::SignedOut(Some(_)), Some(_)) if news && shown.dialog == Kind::Asking => {
            Reaction::Nothing
        }
        (Status::SignedOut(Some(ending)), Some(_)) => Reaction::Offer(*ending),
        (Status::SignedOut(_), None) if news && shown.dialog != Kind::None => Reaction::Nothing,
        (Status::SignedOut(ending), _) => Reaction::SignIn(*ending),
    }
}

impl PageState {
    /// Takes the worker's answer to this page.
    pub(super) fn learn_answer(&mut self, status: Status) -> Vec<Effect> {
        self.learn(status, Source::Answer)
    }

    /// Takes what the worker tells every page. A popup is no page of the session.
    pub(super) fn learn_news(&mut self, status: Status) -> Vec<Effect> {
        if self.popup_window.is_none() && self.first_question.is_none() {
            self.learn(status, Source::News)
        } else {
            Vec::new()
        }
    }

    fn learn(&mut self, status: Status, source: Source) -> Vec<Effect> {
        let shown = Shown {
            user: self.session.as_ref().map(|session| &session.user),
            dialog: self.dialog.as_ref().map_or(Kind::None, Kind::of),
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
                effects.push(Effect::PageRequest(Purpose::Show, PageRequest::Site));
                effects
            }
            (Reaction::Nothing | Reaction::Stay | Reaction::Enter, _) => Vec::new(),
        }
    }

    fn offer_sign_in(&mut self, ending: Option<Ending>) -> Vec<Effect> {
        let own_tab = self.own_tab();
        let mut effects = vec![Effect::ForgetKey];
        effects.extend(self.show(Dialog::SignIn { ending, own_tab }));
        effects.extend(self.resume_popup());
        effects
    }

    /// Leaves MLflow as it is, and says how its user stands.
    fn stay(&mut self, session: SignedIn, source: Source) -> Vec<Effect> {
        self.session = Some(session);
        if !self.dialog.as_ref().is_some_and(Dialog::can_be_closed) {
            self.dialog = None;
        }
        self.signed_in(source)
    }

    /// A sign-in that is under way has nothing left to do; and with its answer the
    /// worker hands over the key to keep.
    fn signed_in(&mut self, source: Source) -> Vec<Effect> {
        let mut effects = self.forget_popup();
        if source == Source::News {
            effects.push(Effect::PageRequest(Purpose::KeepKey, PageRequest::Status));
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

impl Kind {
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
        use Kind as C;
        use Reaction as E;
        use Source::{Answer, News};
        let [ann, bob] = [("ann", "readers"), ("bob", "admins")];
        let ended = Some(Ending::Expired);
        let table = [
            // MLflow is not shown.
            (None, C::None, signed_in(ann), Answer, E::Enter),
            (None, C::Progress, signed_in(ann), Answer, E::Enter),
            (None, C::Asking, signed_in(ann), News, E::Enter),
            (None, C::Progress, signed_in(ann), News, E::Nothing),
            (None, C::Progress, signed_out(None), Answer, E::SignIn(None)),
            (None, C::Asking, signed_out(ended), Answer, E::SignIn(ended)),
            (None, C::Asking, signed_out(None), News, E::Nothing),
            (None, C::Progress, signed_out(None), News, E::Nothing),
            // MLflow is shown.
            (Some(ann), C::None, signed_in(ann), News, E::Stay),
            (Some(ann), C::Opened, signed_in(ann), News, E::Stay),
            (Some(ann), C::Asking, signed_in(ann), News, E::Stay),
            (Some(ann), C::Progress, signed_in(ann), News, E::Nothing),
            (Some(ann), C::Progress, signed_in(ann), Answer, E::Stay),
            (Some(ann), C::None, signed_in(bob), News, E::Reload),
            (Some(ann), C::Asking, signed_in(bob), Answer, E::Reload),
            (
                Some(ann),
                C::None,
                signed_out(ended),
                News,
                E::Offer(Ending::Expired),
            ),
            (
                Some(ann),
                C::Opened,
                signed_out(ended),
                News,
                E::Offer(Ending::Expired),
            ),
            (Some(ann), C::Asking, signed_out(ended), News, E::Nothing),
            (
                Some(ann),
                C::Asking,
                signed_out(ended),
                Answer,
                E::Offer(Ending::Expired),
            ),
            (Some(ann), C::None, signed_out(None), News, E::SignIn(None)),
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
        }
    }

    fn signed_in((name, group): (&str, &str)) -> Status {
        Status::SignedIn(of(name, group), Health::Well)
    }

    fn signed_out(ending: Option<Ending>) -> Status {
        Status::SignedOut(ending)
    }
}
