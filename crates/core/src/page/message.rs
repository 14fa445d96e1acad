use super::{ControlState, Effect, Environment, ListedToken};
use crate::{
    Route, Secret, UserError,
    artifact_page::References,
    config::Bar,
    popup::{Collected, PopupMessage, PopupRecord, PopupSignIn},
    protocol::WorkerReply,
    session::Status,
};

/// Something that happened: a person did it, or the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Msg {
    /// A person wants something done that needs no decision.
    Do(Effect),

    /// The page was loaded.
    Started(Environment),
    /// How page and worker stand, after [`Effect::Register`] or
    /// [`Effect::AwaitControl`].
    ControlChecked(ControlState),
    /// The worker could not be registered: the error's name and message.
    RegistrationFailed {
        /// `name` of the `DOMException`.
        name: String,
        /// Its name and message.
        message: String,
    },
    /// Something cannot be done.
    Failed(UserError),

    /// The worker answered what was asked for this purpose.
    Answered(Purpose, WorkerReply),
    /// The worker broadcasts whether the user is signed in.
    StatusChanged(Status),
    /// MLflow's page was refused something, for this reason.
    Denied(String),
    /// Another worker has taken control.
    WorkerReplaced,

    /// Sign in, in this page if it is not framed.
    SignIn,
    /// Sign in in a window, so that MLflow stays as it is.
    SignInBeside,
    /// What came of [`Effect::OpenWindow`].
    WindowOpened(bool),
    /// Sign out.
    SignOut,
    /// Make the browser forget everything of this site.
    Forget,

    /// Open the window of a framed sign-in again, to fetch what came back.
    Finish,
    /// Give up a framed sign-in.
    Cancel,
    /// A code was pasted.
    CodeEntered(Secret),
    /// Complete a framed sign-in with the code that was pasted.
    UseCode,
    /// What came of [`Effect::OpenPopup`].
    PopupOpened(bool),
    /// What the gateway has for this sign-in; `None` if it did not answer.
    Collected(PopupSignIn, Option<Collected>),
    /// A window of this origin sent a message to a framed page.
    WindowMessage {
        /// The window.
        from: WindowId,
        /// Whether this page opened it.
        is_ours: bool,
        /// What it says.
        message: PopupMessage,
    },

    /// In a popup: the framed page that opened it says something.
    OpenerMessage(PopupMessage),
    /// In a popup: a page of the same storage partition says something.
    ChannelMessage(PopupMessage),
    /// In the relay: the record of this sign-in, if there is one.
    RecordFound(PopupSignIn, Option<PopupRecord>),
    /// In a popup: [`Effect::Wait`] is over.
    Waited,
    /// In the callback: whether the gateway keeps the return.
    Deposited(bool),
    /// In the relay: open the hosted login at this URL.
    Continue(String),

    /// The routes that page and frame show.
    FrameCompared {
        /// In the page's address.
        page: Route,
        /// In the frame's.
        frame: Route,
    },
    /// The frame has loaded another document.
    FrameLoaded {
        /// Whether this page cannot look into it.
        is_elsewhere: bool,
    },
    /// An HTML artifact that the frame shows refers to these origins.
    ArtifactFound(References),
    /// Which version MLflow says it is.
    ServerVersion(String),
    /// Show this server.
    SwitchServer(String),
    /// Where this tab last was on that server.
    RouteOf(String, Route),

    /// Open the bar, or collapse it.
    Bar(Bar),
    /// Show the help.
    ShowHelp,
    /// Show how programs reach MLflow.
    ShowPython,
    /// What came of [`Effect::IssueToken`].
    TokenIssued(Option<Secret>),
    /// The user's tokens, after [`Effect::ListTokens`].
    TokensListed(Vec<ListedToken>),
    /// What came of [`Effect::RevokeToken`].
    TokenRevoked(bool),
    /// Put the link to what is shown into the clipboard.
    CopyLink,
    /// Open what is shown in a tab of its own.
    OpenTab,
    /// What came of [`Effect::Copy`].
    Copied(bool),
    /// Close the dialog, if it can be closed without a choice.
    Close,
    /// The toast of this number has been shown for long enough.
    ToastOver(u32),
}

/// Why the worker is asked, and so what is done with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The answer is shown.
    Show,
    /// With its answer the worker hands over the key to keep.
    KeepKey,
    /// The worker has just taken over.
    Meet,
    /// The sign-in runs in the window that was opened beside MLflow.
    Window,
    /// The sign-in runs in the popup of a framed page: the number of the attempt.
    Popup(u32),
}

/// A window that has sent a message to this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowId(pub usize);
