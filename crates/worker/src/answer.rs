//! One question, one answer.

use shell_core::{
    Trouble,
    protocol::{Answer, Ask, Message},
    session::Status,
};

use crate::{sign_in, state};

/// Answers the message of a page.
pub(crate) async fn to(text: &str) -> Answer {
    let Ok(ask) = Ask::read(text) else {
        return Answer::Trouble(Trouble::Version);
    };
    let answer = match ask {
        Ask::Status => status().await,
        Ask::SignIn(route) => sign_in::begin(route).await,
        Ask::Return { query, fragment } => sign_in::complete(&query, &fragment).await,
        Ask::SignOut => sign_in::end().await,
        Ask::Ping => Ok(Answer::Awake),
    };
    answer.unwrap_or_else(Answer::Trouble)
}

/// Where the user stands. Before a sign-in, a wrong configuration is said at
/// once; afterwards there is nothing to wait for.
async fn status() -> Result<Answer, Trouble> {
    let status = state::status();
    if matches!(status, Status::SignedOut(_)) {
        sign_in::config().await?;
    }
    Ok(Answer::Status(status))
}
