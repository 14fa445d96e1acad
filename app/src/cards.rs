//! What is shown when MLflow is not, or over it.

use shell_core::{
    Trouble,
    policy::Denial,
    session::Ending,
    words::{action as label, bar, card as words},
};
use shell_web::{
    dom::{self, Node, element},
    page,
};

use crate::actions::Action;

/// A few words, and what can be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) title: &'static str,
    pub(crate) text: String,
    /// Something to copy.
    pub(crate) snippet: String,
    /// Whether a code can be pasted here.
    pub(crate) field: bool,
    pub(crate) code: &'static str,
    pub(crate) actions: Vec<Action>,
}

impl Card {
    /// A title, a sentence, and what can be done.
    pub(crate) fn new(title: &'static str, text: &str, actions: Vec<Action>) -> Self {
        Self {
            title,
            text: text.to_owned(),
            actions,
            ..Self::default()
        }
    }

    /// A moment's patience.
    pub(crate) fn progress(text: &'static str) -> Self {
        Self::new(text, "", Vec::new())
    }

    /// Whether there is nothing to do but wait.
    pub(crate) fn is_progress(&self) -> bool {
        self.actions.is_empty()
    }

    /// Whether this is what is said of `trouble`.
    pub(crate) fn is_about(&self, trouble: &Trouble) -> bool {
        self.code == trouble.code()
    }

    /// The way in.
    pub(crate) fn sign_in(ending: Option<Ending>) -> Self {
        let text = ending.map_or(words::INVITATION, reason);
        let mut actions = vec![Action::SignIn(label::SIGN_IN)];
        if page::is_framed() {
            actions.push(Action::OpenTab);
        }
        Self::new(words::TITLE, text, actions)
    }

    /// Over MLflow: the way to go on.
    pub(crate) fn ended(ending: Ending) -> Self {
        Self::new(words::ENDED, reason(ending), ways_beside())
    }

    /// Over MLflow: why there is no way to go on yet.
    pub(crate) fn trouble_beside(trouble: &Trouble) -> Self {
        Self {
            actions: ways_beside(),
            ..Self::trouble(trouble)
        }
    }

    /// In the window of a sign-in that the browser does not let close itself.
    pub(crate) fn signed_in_beside() -> Self {
        Self::new(words::SIGNED_IN, words::CLOSE_WINDOW, vec![start_page()])
    }

    /// Known, but not admitted.
    pub(crate) fn denied(denial: &Denial) -> Self {
        Self {
            code: "no-group",
            ..Self::new(words::NO_ACCESS, &denial.words(), vec![Action::SignOut])
        }
    }

    /// Signed out, with a rest to do at the provider's `url`.
    pub(crate) fn signed_out(url: String, revoked: bool) -> Self {
        let (text, code) = if revoked {
            (words::NOT_FRAMED, "framed")
        } else {
            (words::NOT_REVOKED, "not-revoked")
        };
        let there = Action::Leave(label::SIGN_OUT_THERE, url);
        Self {
            code,
            ..Self::new(words::SIGNED_OUT, text, vec![there, start_page()])
        }
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn trouble(trouble: &Trouble) -> Self {
        let mut actions = if trouble.is_cured_by_signing_in() {
            vec![Action::SignIn(label::SIGN_IN_AGAIN), start_page()]
        } else {
            vec![Action::Open(label::TRY_AGAIN, "/".into())]
        };
        if page::is_framed() {
            actions.push(Action::OpenTab);
        }
        Self {
            code: trouble.code(),
            ..Self::new(trouble.title(), &trouble.advice(), actions)
        }
    }
}

fn reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => words::EXPIRED,
        Ending::Refused => words::REFUSED,
    }
}

fn ways_beside() -> Vec<Action> {
    vec![Action::SignInBeside(label::SIGN_IN), Action::SignOut]
}

fn start_page() -> Action {
    Action::Open(label::START_PAGE, "/".into())
}

impl Card {
    /// The element that cards are in.
    pub(crate) const PLACE: &str = "card";

    /// The field for a code.
    pub(crate) const FIELD: &str = "code";

    /// Draws the card in the middle of the page, over whatever is there.
    pub(crate) fn draw(&self) {
        let title = element("h1").with("tabindex", "-1").text(self.title);
        let buttons = element("p").with("class", "actions");
        let actions = self.actions.iter();
        let buttons = actions.fold(buttons, |buttons, action| buttons.child(&action.button()));
        let card = element("main")
            .with("class", "card")
            .child(&Self::mark())
            .child(&title.clone())
            .child(&element("p").text(&self.text))
            .child(&element("pre").with("tabindex", "0").text(&self.snippet));
        let card = if self.field {
            card.child(&field())
        } else {
            card
        };
        let card = card.child(&buttons).child(&element("code").text(self.code));
        dom::fill(Self::PLACE, &[card]);
        title.focus();
    }

    /// The product's mark.
    pub(crate) fn mark() -> Node {
        element("img").with("src", "/favicon.svg").with("alt", "")
    }
}

fn field() -> Node {
    element("input")
        .with("id", Card::FIELD)
        .with("aria-label", bar::CODE)
        .with("placeholder", bar::CODE)
}
