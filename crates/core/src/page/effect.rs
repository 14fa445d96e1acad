use super::{Purpose, WindowId};
use crate::{
    Route, Secret, UserError,
    popup::{PopupMessage, PopupRecord, PopupSignIn, Return},
    protocol::PageRequest,
};

/// Something to be done in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show this address of the site, without loading it and without a history
    /// entry.
    ShowAddress(String),
    /// Go to this URL.
    Navigate(String),
    /// Open this URL in a tab that knows nothing of this one.
    OpenTab(String),
    /// Load the page again.
    Reload,
    /// Load the page again unless it just was; then, or if the browser keeps no
    /// mark of it, [`Msg::Failed`](super::Msg::Failed) with this.
    ReloadOnce(UserError),
    /// Close this window; does nothing unless a script opened it.
    CloseWindow,
    /// Put this text into the clipboard.
    Copy(Secret),
    /// Switch between light and dark.
    SwitchTheme,

    /// Register the worker, and see whether it controls the page.
    Register,
    /// Wait until a worker takes control, this many milliseconds at most, and see
    /// again.
    AwaitControl(u32),
    /// The worker controls the page: keep it awake and up to date.
    KeepAwake,
    /// Ask the worker.
    AskWorker(Purpose, PageRequest),
    /// Forget the key of the sealed session: there is nothing left that it opens.
    ForgetKey,
    /// Forget everything of this site, and open it as for the first time.
    Reset,

    /// Remember query and route of the page that a sign-in leaves.
    RememberAddress(String),
    /// Remember that the provider took no refresh token back, until the page is
    /// loaded again.
    RememberTokenLeft,
    /// Open an empty window, while a click allows it.
    OpenWindow,
    /// Take the window that was opened to this URL.
    NavigateWindow(String),
    /// Close the window that was opened.
    CloseOpened,

    /// Open this address of the site in a popup, while a click allows it.
    OpenPopup(String),
    /// Say this to that window.
    Reply(WindowId, PopupMessage),
    /// Record the sign-in, for a page that is loaded again meanwhile; or remove it.
    StoreSignIn(Option<PopupSignIn>),
    /// Ask the gateway, after a pause, for what came back for this sign-in.
    Collect(PopupSignIn),

    /// Say this to the page that opened this window.
    PostToOpener(PopupMessage),
    /// Say this to every page of the same storage partition.
    Broadcast(PopupMessage),
    /// Look up the record of this sign-in.
    FindRecord(PopupSignIn),
    /// Leave this record of the sign-in of that `state`, or remove it.
    StoreRecord(String, Option<PopupRecord>),
    /// Wait as long as an answer may take.
    Wait,
    /// Leave the return with the gateway.
    Deposit(Return),
    /// Open this URL in a window of its own.
    OpenLogin(String),

    /// Load this address into the frame, unless it is there already.
    LoadFrame(String),
    /// Remove MLflow.
    ClearFrame,
    /// Take MLflow's document, which is at the first, to a route.
    GoTo(String, Route),
    /// Take the frame back to this address from where this page cannot look.
    BringBack(String),
    /// Keep links inside the frame that would replace the whole window.
    KeepLinksInside(Option<String>),
    /// Note where this tab leaves one server, and look up where it last was on
    /// another.
    LeaveServer {
        /// Name of the server that is left.
        from: String,
        /// Its route.
        route: Route,
        /// Name of the server that is shown next.
        to: String,
    },
    /// Ask MLflow for its version.
    AskVersion,
    /// Ask the gateway for a token for programs.
    IssueToken,
    /// Ask the gateway for the user's tokens for programs; nothing comes of it if it
    /// keeps no list of them.
    ListTokens,
    /// Have the gateway revoke the token of this id.
    RevokeToken(String),
    /// Take the toast of this number away after a while.
    EndToast(u32),
}
