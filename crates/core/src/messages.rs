//! The English texts that users read: the page's here, beside it why the policy
//! (`policy`) or a server in front of MLflow (`denial`) refuses.
//!
//! The texts of an error are with its type: `user_error/texts.rs` and, of what
//! appears in place of MLflow's answers, `refusal/problems.rs`. What an
//! administrator reads, such as what is wrong with a configuration, is where it is
//! found.

pub(crate) mod denial;
pub(crate) mod policy;

/// A UI of one version at a server of another.
pub(crate) fn skew(server: &str, ui: &str) -> String {
    format!("MLflow here is {server}, its pages are of {ui}: some may not work.")
}

/// An HTML artifact loads from other origins.
pub(crate) fn blocked_loads(origins: &str, several: bool) -> String {
    let them = if several { "them" } else { "it" };
    format!(
        "This page loads from {origins}, which this site does not allow. An administrator can \
         list {them} under `artifacts.page_origins`."
    )
}

/// An HTML artifact frames other origins.
pub(crate) fn blocked_frames(origins: &str) -> String {
    format!("This page shows {origins} in a frame, which this site does not allow.")
}

/// Titles and texts of dialogs; `page/contents.rs` says which dialog has which.
pub mod card {
    /// The product, while nobody has signed in.
    pub const TITLE: &str = "MLflow";
    /// The invitation.
    pub const INVITATION: &str = "Sign in to see your experiments, runs and models.";
    /// A session's end, by time.
    pub const EXPIRED: &str =
        "You were signed in for the longest time allowed. Sign in to go on where you were.";
    /// A session's end, by the provider.
    pub const REFUSED: &str =
        "The sign-in service no longer renews it. Sign in to go on where you were.";
    /// A session's end.
    pub const ENDED: &str = "Your session ended";
    /// Before the hosted login.
    pub const OPENING: &str = "Opening the sign-in page…";
    /// After the hosted login.
    pub const SIGNING_IN: &str = "Signing you in…";
    /// On the way out.
    pub const SIGNING_OUT: &str = "Signing out…";
    /// Known, but not admitted.
    pub const NO_ACCESS: &str = "No access yet";
    /// Admitted, but to none of the servers.
    pub const NO_SERVER: &str = "None of the MLflow servers here is for your groups. Ask an \
         administrator to add you to one, then sign in again.";
    /// In a window that cannot close itself.
    pub const SIGNED_IN: &str = "You are signed in";
    /// In a window that cannot close itself.
    pub const CLOSE_WINDOW: &str = "Close this window to go on.";
    /// The provider may remember the user.
    pub const SIGNED_OUT: &str = "Signed out on this device";
    /// Text below [`SIGNED_OUT`]: the revocation was not answered.
    pub const NOT_REVOKED: &str = "The sign-in service did not confirm it, so it may still \
         remember you. Sign out there too when it answers again.";
    /// After a sign-out: the provider took no refresh token back.
    pub const NOT_TAKEN_BACK: &str = "You are signed out. The sign-in service did not take the \
         refresh token back, so there it stays valid until it ends.";
    /// Text below [`SIGNED_OUT`]: the provider's page cannot be shown in a frame.
    pub const NOT_FRAMED: &str = "The sign-in service may still remember you: its page does not \
         open inside another one. Sign out there too if others use this browser.";
    /// A framed page waits for its window.
    pub const IN_WINDOW: &str = "Sign in in the other window";
    /// Text below [`IN_WINDOW`].
    pub const IN_WINDOW_HELP: &str = "This page goes on by itself. If you signed in and it \
         does not, choose Finish; if the window shows a code, paste it here.";
    /// No window could be opened.
    pub const BLOCKED: &str = "The sign-in window did not open";
    /// Text below [`BLOCKED`].
    pub const BLOCKED_HELP: &str = "This page is shown inside another one, and the browser or \
         that page allows it no window. Allow pop-ups and try again, or open MLflow in its own \
         tab at the address below.";
    /// The pasted text is another.
    pub const OTHER_CODE: &str = "This is not the code of this sign-in. Copy all of it, or begin \
         again.";
    /// In the window, before the hosted login.
    pub const CONTINUE: &str = "Sign in to MLflow";
    /// Text below [`CONTINUE`].
    pub const CONTINUE_HELP: &str = "The sign-in page opens in a window of its own and brings you \
         back to the page you came from.";
    /// In the window, beside the hosted login.
    pub const CONTINUED: &str = "Sign in in the window that just opened";
    /// Text below [`CONTINUED`].
    pub const CONTINUED_HELP: &str = "This one closes by itself. If the other shows an error or \
         nothing at all, the page you came from restricts its windows: open MLflow in a tab of \
         its own, by the button or by this address.";
    /// In the window, out of touch.
    pub const NO_OPENER: &str = "This window has lost the page that opened it";
    /// Text below [`NO_OPENER`].
    pub const NO_OPENER_HELP: &str = "The page around MLflow does not let the sign-in window \
         report back. Open MLflow in a tab of its own, by the button or by this address.";
    /// In the window: no confirmation arrives.
    pub const UNHEARD: &str = "Almost there";
    /// Text below [`UNHEARD`].
    pub const UNHEARD_HELP: &str = "Go back to the page with MLflow. If it still waits, choose \
         Finish there. You can close this window.";
    /// On the callback: the window between is gone.
    pub const CODE_HELP: &str = "Go back to the page with MLflow and choose Finish there, or copy \
         this code and paste it there. It is of use to that page only.";
    /// On the callback of a sign-in from a terminal.
    pub const TERMINAL: &str = "Code for your terminal";
    /// Text below [`TERMINAL`].
    pub const TERMINAL_HELP: &str = "Paste this code only into a terminal in which you began this \
         sign-in yourself: whoever asks you for it could work as you.";
    /// Before everything of this site is forgotten.
    pub const FORGET: &str = "Begin anew in this browser?";
    /// Text below [`FORGET`].
    pub const FORGET_TEXT: &str = "You are signed out here, and this browser forgets its settings \
         for this site. Nothing in MLflow changes. If you came by a link and nothing is stuck, \
         cancel.";
    /// While it is done.
    pub const FORGETTING: &str = "Beginning anew";
    /// The bar's help.
    pub const HELP: &str = "Help";
    /// What it is about, up to the address that begins anew.
    pub const HELP_TEXT: &str = "You are signed in through your organisation; MLflow never sees \
         your password.\n\nThe address bar always shows where you are; copy it to share what you see with others who \
         may see it.\n\n\
         What you may do depends on your groups, which your administrator gives you.\n\n\
         If something is stuck, this address makes the browser forget everything of this site and \
         begin anew:\n";
    /// The panel for programs.
    pub const PYTHON: &str = "Use from Python";
    /// What it is about, with a token to ask for.
    pub const PYTHON_TOKEN: &str = "Set these variables where your program runs. Whoever has the \
         token can do what you can until it ends; it is shown once.";
    /// The same, where people may sign in from a terminal.
    pub const PYTHON_SIGN_IN: &str = "Run these lines where your program runs: MLflow's client then \
         renews your sign-in by itself (Python package mlflow-auth-shell). Where that cannot be \
         installed, get a token: whoever has it can do what you can until it ends.";
    /// The same, with AWS credentials.
    pub const PYTHON_SIGV4: &str = "Set these variables where your program runs. It signs its \
         requests with its AWS credentials: pip install mlflow requests-auth-aws-sigv4";
    /// Under the variables.
    pub const DEEP_LINKS: &str = "
# In Python, the address of a run; without its last two \
         parts, of the experiment:
\
         # f\"{os.environ['MLFLOW_AMPLIFY_UI_URI']}/#/experiments/{experiment_id}/runs/{run_id}\"";
    /// Instead of a token that was not asked for yet.
    pub const NO_TOKEN: &str = "…";
    /// In the list of tokens, before when one was created.
    pub const CREATED: &str = ": ";
    /// Before when it ends.
    pub const ENDS: &str = " to ";
    /// One was not revoked.
    pub const TOKEN_NOT_REVOKED: &str = "The server did not revoke it. Try again in a moment.";
    /// The gateway gave none.
    pub const TOKEN_REFUSED: &str = "The server gave no token. Try again in a moment.";
}

/// Labels of buttons.
pub mod action {
    /// Begin a sign-in.
    pub const SIGN_IN: &str = "Sign in";
    /// Begin another.
    pub const SIGN_IN_AGAIN: &str = "Sign in again";
    /// End the session.
    pub const SIGN_OUT: &str = "Sign out";
    /// End the provider's.
    pub const SIGN_OUT_THERE: &str = "Sign out there";
    /// Once more.
    pub const TRY_AGAIN: &str = "Try again";
    /// To the beginning.
    pub const START_PAGE: &str = "Start page";
    /// Forget everything of this site.
    pub const FORGET: &str = "Forget and begin anew";
    /// Out of the frame.
    pub const OWN_TAB: &str = "Open in its own tab";
    /// Take what the callback left.
    pub const FINISH: &str = "Finish";
    /// Give up.
    pub const CANCEL: &str = "Cancel";
    /// To the hosted login.
    pub const CONTINUE: &str = "Continue";
    /// Take the pasted code.
    pub const USE_CODE: &str = "Use code";
    /// Into the clipboard.
    pub const COPY: &str = "Copy";
    /// Away with the card.
    pub const CLOSE: &str = "Close";
    /// Issue one.
    pub const NEW_TOKEN: &str = "Get a token";
    /// End one.
    pub const REVOKE: &str = "Revoke";
}

/// The bar.
pub mod bar {
    /// While the session cannot be renewed.
    pub const RETRYING: &str = "Renewing your session: trying again…";
    /// When the server refuses the token.
    pub const REJECTED: &str = "The server does not accept your sign-in";
    /// The menu.
    pub const MENU: &str = "Menu";
    /// The switcher.
    pub const SERVER: &str = "MLflow server";
    /// The workspace that MLflow shows.
    pub const WORKSPACE: &str = "Workspace";
    /// Light or dark.
    pub const THEME: &str = "Light or dark (loads MLflow again)";
    /// The address into the clipboard.
    pub const COPY_LINK: &str = "Copy link to this page";
    /// That is done.
    pub const COPIED: &str = "Copied";
    /// It is not.
    pub const NOT_COPIED: &str = "The browser does not allow copying";
    /// Away with it.
    pub const HIDE: &str = "Hide this bar";
    /// Back with it.
    pub const SHOW: &str = "Show the bar";
    /// The field for a code.
    pub const CODE: &str = "Code";
    /// MLflow's window went away from MLflow.
    pub const BROUGHT_BACK: &str = "MLflow left for an address that has no file for it, or that \
         this site does not show. It is back where it was.";
}

/// What members of the built-in policy's groups can do.
pub mod role {
    /// The groups, the strongest first.
    pub const BUILT_IN: [(&str, &str); 3] = [
        ("admins", "can do everything"),
        ("model-approvers", "can read everything and approve models"),
        ("readers", "can read everything"),
    ];
}
