//! The text and the buttons of each dialog.

use super::{Credential, Dialog, Effect, ListedToken, Msg};
use crate::{
    Secret, UserError,
    messages::{action, card as text},
    oauth::logout::Revocation,
    session::EndReason,
};

/// What is on a dialog besides its title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// A few sentences; empty if there is nothing to say.
    pub text: String,
    /// Something to copy: a code or a token may be in it.
    pub snippet: Option<Secret>,
    /// Whether a code can be entered ([`Msg::CodeEntered`]).
    pub has_code_field: bool,
    /// A line for each thing that can be taken back, with its button.
    pub rows: Vec<(String, Button)>,
    /// The buttons, the usual one first.
    pub buttons: Vec<Button>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its id in the document.
    pub id: &'static str,
    /// What is on it.
    pub label: &'static str,
    /// What it sends.
    pub sends: Msg,
}

impl Dialog {
    /// What is on it besides its title.
    pub fn contents(&self) -> Contents {
        match self {
            Self::Progress(_) => Contents::default(),
            Self::SignIn {
                ending,
                is_token_left,
                own_tab,
            } => {
                let buttons = [button("sign-in", action::SIGN_IN, Msg::SignIn)];
                message(invitation(*ending, *is_token_left), buttons).with_tab(own_tab.as_ref())
            }
            Self::SessionEnded(ending) => message(reason(*ending), sign_in_or_out()),
            Self::SignInFailed(error) => message(&error.advice(), sign_in_or_out()),
            Self::Problem { error, own_tab } => problem(error).with_tab(own_tab.as_ref()),
            Self::Forget => {
                let forget = button("forget", action::FORGET, Msg::Forget);
                message(text::FORGET_TEXT, [forget, start_page(action::CANCEL)])
            }
            Self::NoAccess(refusal) => message(refusal, [sign_out()]),
            Self::SignedOut {
                url,
                revocation,
                is_framed,
            } => signed_out(url, *revocation, *is_framed),
            Self::SignedInPopup => message(text::CLOSE_WINDOW, [start_page(action::START_PAGE)]),
            Self::PopupWaiting { own_tab } => waiting(own_tab),
            Self::PopupBlocked { own_tab } => {
                let again = button("sign-in", action::TRY_AGAIN, Msg::SignInBeside);
                message(text::BLOCKED_HELP, [again]).with_address(own_tab)
            }
            Self::PopupContinue { url, page } => {
                message(text::CONTINUE_HELP, [go_on(url)]).with_tab(Some(page))
            }
            Self::PopupContinued { url, page } => {
                message(text::CONTINUED_HELP, [go_on(url)]).with_address(page)
            }
            Self::PopupNoOpener(page) => message(text::NO_OPENER_HELP, []).with_address(page),
            Self::PopupUnconfirmed => {
                let close = Msg::Do(Effect::CloseWindow);
                message(text::UNHEARD_HELP, [button("close", action::CLOSE, close)])
            }
            Self::PopupCode(code) => code_to_copy(text::CODE_HELP, code),
            Self::TerminalCode(code) => code_to_copy(text::TERMINAL_HELP, code),
            Self::Help(address) => message(&format!("{}{address}", text::HELP_TEXT), [close()]),
            Self::Python {
                variables,
                credential,
                tokens,
            } => Contents {
                rows: tokens.iter().map(row).collect(),
                ..python(variables.expose(), *credential)
            },
        }
    }
}

impl Contents {
    /// With a button that opens the page at `address` in a tab of its own.
    fn with_tab(mut self, address: Option<&String>) -> Self {
        let open = |address: &String| {
            let open = Msg::Do(Effect::OpenTab(address.clone()));
            button("open-tab", action::OWN_TAB, open)
        };
        self.buttons.extend(address.map(open));
        self
    }

    /// The same, and with the address itself: where this window may open no tab.
    fn with_address(self, address: &String) -> Self {
        let mut contents = self.with_tab(Some(address));
        contents.snippet = Some(Secret::new(address.as_str()));
        contents.buttons.push(copy(address));
        contents
    }
}

fn message(text: &str, buttons: impl Into<Vec<Button>>) -> Contents {
    Contents {
        text: text.to_owned(),
        buttons: buttons.into(),
        ..Contents::default()
    }
}

fn code_to_copy(text: &str, code: &Secret) -> Contents {
    Contents {
        snippet: Some(code.clone()),
        ..message(text, [copy(code.expose())])
    }
}

fn problem(error: &UserError) -> Contents {
    let advice = error.advice();
    if error.is_cured_by_signing_in() {
        let again = button("sign-in", action::SIGN_IN_AGAIN, Msg::SignIn);
        return message(&advice, [again, start_page(action::START_PAGE)]);
    }
    let reload = Msg::Do(Effect::Reload);
    message(&advice, [button("open", action::TRY_AGAIN, reload)])
}

fn invitation(ending: Option<EndReason>, is_token_left: bool) -> &'static str {
    match ending {
        Some(ending) => reason(ending),
        None if is_token_left => text::NOT_TAKEN_BACK,
        None => text::INVITATION,
    }
}

fn signed_out(url: &str, revocation: Revocation, is_framed: bool) -> Contents {
    let text = match revocation {
        Revocation::Done => text::NOT_FRAMED,
        Revocation::Refused => text::NOT_TAKEN_BACK,
        Revocation::Unconfirmed => text::NOT_REVOKED,
    };
    let url = url.to_owned();
    let there = Msg::Do(if is_framed {
        Effect::OpenTab(url)
    } else {
        Effect::Navigate(url)
    });
    let there = button("open", action::SIGN_OUT_THERE, there);
    message(text, [there, start_page(action::START_PAGE)])
}

fn waiting(own_tab: &String) -> Contents {
    let finish = button("finish", action::FINISH, Msg::Finish);
    let use_code = button("use-code", action::USE_CODE, Msg::UseCode);
    let mut contents = message(text::IN_WINDOW_HELP, [finish, use_code]).with_tab(Some(own_tab));
    contents.has_code_field = true;
    contents
        .buttons
        .push(button("cancel", action::CANCEL, Msg::Cancel));
    contents
}

/// Without a token there is nothing worth copying.
fn python(variables: &str, credential: Credential) -> Contents {
    let text = match credential {
        Credential::SignIn => text::PYTHON_SIGN_IN,
        Credential::NoToken | Credential::Token => text::PYTHON_TOKEN,
        Credential::SigV4 => text::PYTHON_SIGV4,
    };
    let is_complete = credential != Credential::NoToken;
    let new_token = || button("new-token", action::NEW_TOKEN, Msg::Do(Effect::IssueToken));
    let mut contents = message(text, []);
    contents.snippet = Some(Secret::new(format!("{variables}{}", text::DEEP_LINKS)));
    contents
        .buttons
        .extend(is_complete.then(|| copy(variables)));
    contents
        .buttons
        .extend(credential.can_be_issued().then(new_token));
    contents.buttons.push(close());
    contents
}

/// A token, and the button that revokes it.
fn row(token: &ListedToken) -> (String, Button) {
    let ListedToken {
        id,
        name,
        created,
        ends,
    } = token;
    let name = if name.is_empty() { id } else { name };
    let text = [name.as_str(), text::CREATED, created, text::ENDS, ends].concat();
    let revoke = Msg::Do(Effect::RevokeToken(id.clone()));
    (text, button("", action::REVOKE, revoke))
}

fn reason(ending: EndReason) -> &'static str {
    match ending {
        EndReason::Expired => text::EXPIRED,
        EndReason::Refused => text::REFUSED,
    }
}

/// Over MLflow: the ways to go on.
fn sign_in_or_out() -> [Button; 2] {
    let sign_in = button("sign-in", action::SIGN_IN, Msg::SignInBeside);
    [sign_in, sign_out()]
}

fn sign_out() -> Button {
    button("sign-out", action::SIGN_OUT, Msg::SignOut)
}

fn start_page(label: &'static str) -> Button {
    button(
        "start-page",
        label,
        Msg::Do(Effect::Navigate("/".to_owned())),
    )
}

fn go_on(url: &str) -> Button {
    button("continue", action::CONTINUE, Msg::Continue(url.to_owned()))
}

fn copy(text: &str) -> Button {
    button(
        "copy",
        action::COPY,
        Msg::Do(Effect::Copy(Secret::new(text))),
    )
}

fn close() -> Button {
    button("close", action::CLOSE, Msg::Close)
}

fn button(id: &'static str, label: &'static str, sends: Msg) -> Button {
    Button { id, label, sends }
}
