//! What a person can do, as buttons.

use shell_core::words::action as label;
use shell_web::{
    dom::{Node, element},
    page, windows,
};

use crate::{bar, framed, programs, relay, screen, session, start};

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Begins a sign-in.
    SignIn(&'static str),
    /// Begins a sign-in beside MLflow, which stays as it is.
    SignInBeside(&'static str),
    /// Ends the session.
    SignOut,
    /// Goes to an address of this site.
    Open(&'static str, String),
    /// Goes to an address that no frame shows.
    Leave(&'static str, String),
    /// Loads the page again.
    Reload,
    /// Makes the browser forget everything of this site.
    Forget,
    /// Opens a page of this site in a tab of its own.
    OpenTab(String),
    /// Opens the relay again, to fetch what the callback left.
    Finish,
    /// Takes the code that was pasted.
    UseCode,
    /// Gives up the sign-in in the other window.
    Cancel,
    /// In the relay: opens the hosted login at this address, for the page at
    /// that one.
    Continue(String, String),
    /// Puts a text into the clipboard.
    Copy(String),
    /// Asks for a token for programs.
    NewToken,
    /// Takes the card away.
    Close,
    /// Closes the window.
    CloseWindow,
}

impl Action {
    fn id(&self) -> &'static str {
        match self {
            Self::SignIn(_) | Self::SignInBeside(_) => "sign-in",
            Self::SignOut => "sign-out",
            Self::Open(..) | Self::Leave(..) | Self::Reload => "open",
            Self::Forget => "forget",
            Self::OpenTab(_) => "open-tab",
            Self::Finish => "finish",
            Self::UseCode => "use-code",
            Self::Cancel => "cancel",
            Self::Continue(..) => "continue",
            Self::Copy(_) => "copy",
            Self::NewToken => "new-token",
            Self::Close | Self::CloseWindow => "close",
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::SignIn(label)
            | Self::SignInBeside(label)
            | Self::Open(label, _)
            | Self::Leave(label, _) => label,
            Self::SignOut => label::SIGN_OUT,
            Self::Reload => label::TRY_AGAIN,
            Self::Forget => label::FORGET,
            Self::OpenTab(_) => label::OWN_TAB,
            Self::Finish => label::FINISH,
            Self::UseCode => label::USE_CODE,
            Self::Cancel => label::CANCEL,
            Self::Continue(..) => label::CONTINUE,
            Self::Copy(_) => label::COPY,
            Self::NewToken => label::NEW_TOKEN,
            Self::Close | Self::CloseWindow => label::CLOSE,
        }
    }

    fn perform(&self) {
        match self {
            Self::SignIn(_) => session::sign_in(),
            Self::SignInBeside(_) => session::sign_in_beside(),
            Self::SignOut => session::sign_out(),
            Self::Open(_, url) => page::navigate(url),
            Self::Leave(_, url) if page::is_framed() => windows::open_tab(url),
            Self::Leave(_, url) => page::navigate(url),
            Self::Reload => page::reload(),
            Self::Forget => start::forget_everything(),
            Self::OpenTab(url) => windows::open_tab(url),
            Self::Finish => framed::finish(),
            Self::UseCode => framed::use_code(),
            Self::Cancel => framed::cancel(),
            Self::Continue(url, page) => relay::go_on(url, page),
            Self::Copy(text) => bar::copy(text),
            Self::NewToken => programs::ask_for_token(),
            Self::Close => screen::lift(),
            Self::CloseWindow => page::close(),
        }
    }

    /// The button.
    pub(crate) fn button(&self) -> Node {
        let action = self.clone();
        element("button")
            .with("id", self.id())
            .text(self.label())
            .on("click", move || action.perform())
    }
}
