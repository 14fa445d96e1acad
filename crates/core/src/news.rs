//! What a page does when it learns how the user stands.
//!
//! 1. MLflow stays as it is, whatever the user has typed there, as long as it
//!    is the same user's: a session that ended goes under a card.
//! 2. What is on the screen is for nobody else's eyes: another user gets a page
//!    that is loaded anew.
//! 3. A page with a question out goes by the answer, not by news.
//! 4. A card on which there is something to do stays until somebody is signed
//!    in; one that the user opened stays until the user closes it.

use crate::{
    oauth::User,
    session::{Ending, Status},
};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Who works in MLflow; nobody as long as it is not shown.
    pub user: Option<&'a User>,
    /// What lies over it, or is there instead of it.
    pub card: Card,
}

/// A card, as far as news is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// There is none.
    None,
    /// A moment's patience: a question is out.
    Progress,
    /// The user opened it.
    Opened,
    /// There is something to do on it.
    Asking,
}

/// Whether the page asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is the answer to the page's own question.
    Answer,
    /// The worker tells every page.
    News,
}

/// What the page does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Nothing,
    /// Show MLflow.
    Enter,
    /// MLflow is shown already: say who is signed in and how the session does,
    /// and take away a card that asks for a sign-in.
    Stay,
    /// Load the page anew.
    Reload,
    /// Offer a sign-in beside MLflow.
    Offer(Ending),
    /// Offer a sign-in, and show nothing else.
    SignIn(Option<Ending>),
}

/// Decides what a page that shows `shown` does about `status`.
pub fn effect(shown: Shown<'_>, status: &Status, source: Source) -> Effect {
    let news = source == Source::News;
    if news && shown.card == Card::Progress {
        return Effect::Nothing;
    }
    match (status, shown.user) {
        (Status::SignedIn(user, _), Some(before)) if user.name != before.name => Effect::Reload,
        (Status::SignedIn(..), Some(_)) => Effect::Stay,
        (Status::SignedIn(..), None) => Effect::Enter,
        (Status::SignedOut(Some(_)), Some(_)) if news && shown.card == Card::Asking => {
            Effect::Nothing
        }
        (Status::SignedOut(Some(ending)), Some(_)) => Effect::Offer(*ending),
        (Status::SignedOut(_), None) if news && shown.card != Card::None => Effect::Nothing,
        (Status::SignedOut(ending), _) => Effect::SignIn(*ending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Health;

    #[test]
    fn every_page_has_an_effect_for_every_status() {
        use Card as C;
        use Effect as E;
        use Source::{Answer, News};
        let [ann, bob] = [("ann", "readers"), ("bob", "admins")];
        let ended = Some(Ending::Expired);
        let table = [
            // Nobody's page.
            (None, C::None, signed_in(ann), Answer, E::Enter),
            (None, C::Progress, signed_in(ann), Answer, E::Enter),
            (None, C::Asking, signed_in(ann), News, E::Enter),
            (None, C::Progress, signed_in(ann), News, E::Nothing),
            (None, C::Progress, signed_out(None), Answer, E::SignIn(None)),
            (None, C::Asking, signed_out(ended), Answer, E::SignIn(ended)),
            (None, C::Asking, signed_out(None), News, E::Nothing),
            (None, C::Progress, signed_out(None), News, E::Nothing),
            // The user's page.
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
        for (user, card, status, source, expected) in table {
            let user = user.map(|(name, group)| of(name, group));
            let shown = Shown {
                user: user.as_ref(),
                card,
            };
            let found = effect(shown, &status, source);
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
