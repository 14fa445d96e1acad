//! What is shown when MLflow is not, or over it.

use shell_core::{
    Trouble, news,
    session::Ending,
    words::{action as label, bar, card as words},
};
use shell_web::{
    dom::{self, Node, element},
    page,
};

use crate::{actions::Action, framed};

/// The heading's id, by which the dialog is named.
const TITLE: &str = "card-title";

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

    /// What it is, as far as news is concerned.
    pub(crate) fn kind(&self) -> news::Card {
        if self.actions.is_empty() {
            news::Card::Progress
        } else if self.can_be_closed() {
            news::Card::Opened
        } else {
            news::Card::Asking
        }
    }

    /// Whether it can be taken away and nothing is missed.
    pub(crate) fn can_be_closed(&self) -> bool {
        self.actions.contains(&Action::Close)
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
            actions.push(Action::OpenTab(page::own_address()));
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

    /// Before everything of this site is forgotten.
    pub(crate) fn forget() -> Self {
        let go_back = Action::Open(label::CANCEL, "/".into());
        Self::new(
            words::FORGET,
            words::FORGET_TEXT,
            vec![Action::Forget, go_back],
        )
    }

    /// In the window of a sign-in that the browser does not let close itself.
    pub(crate) fn signed_in_beside() -> Self {
        Self::new(words::SIGNED_IN, words::CLOSE_WINDOW, vec![start_page()])
    }

    /// Known, but not admitted, or to none of the servers.
    pub(crate) fn no_access(refusal: &str) -> Self {
        Self {
            code: "no-access",
            ..Self::new(words::NO_ACCESS, refusal, vec![Action::SignOut])
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
            vec![Action::Reload]
        };
        if page::is_framed() {
            actions.push(Action::OpenTab(page::own_address()));
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

    /// The element that says something for a moment.
    pub(crate) const SAID: &str = "said";

    /// The field for a code.
    pub(crate) const FIELD: &str = "code";

    /// Draws the card in the middle of the page; over MLflow it is a dialog.
    pub(crate) fn draw(&self, over: bool) {
        let title = element("h1")
            .with("id", TITLE)
            .with("tabindex", "-1")
            .text(self.title);
        let (place, card) = if over {
            ("cover", dialog())
        } else {
            ("", element("main"))
        };
        let card = self.fill(card.with("class", "card"), &title);
        dom::fill(
            Self::PLACE,
            &[element("div").with("class", place).child(&card)],
        );
        title.focus();
    }

    /// What the tab is called while the card is shown instead of MLflow.
    pub(crate) fn tab_title(&self) -> String {
        let name = match self.title {
            words::TITLE => label::SIGN_IN,
            title => title,
        };
        [name, " – ", words::TITLE].concat()
    }

    fn fill(&self, card: Node, title: &Node) -> Node {
        let buttons = element("p").with("class", "actions");
        let actions = self.actions.iter();
        let buttons = actions.fold(buttons, |buttons, action| buttons.child(&action.button()));
        let said = element("p").with("id", Self::SAID).with("role", "status");
        let card = card
            .child(&Self::mark())
            .child(title)
            .child(&element("p").text(&self.text))
            .child(&element("pre").with("tabindex", "0").text(&self.snippet));
        let card = if self.field {
            card.child(&field())
        } else {
            card
        };
        card.child(&buttons)
            .child(&said)
            .child(&element("code").text(self.code))
    }

    /// The product's mark.
    pub(crate) fn mark() -> Node {
        element("img").with("src", "/favicon.svg").with("alt", "")
    }
}

fn dialog() -> Node {
    element("div")
        .with("role", "dialog")
        .with("aria-modal", "true")
        .with("aria-labelledby", TITLE)
}

fn field() -> Node {
    element("input")
        .with("id", Card::FIELD)
        .with("aria-label", bar::CODE)
        .with("placeholder", bar::CODE)
        .on("change", framed::use_code)
}
