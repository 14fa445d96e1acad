//! One question, one answer.

use shell_core::{
    Trouble,
    protocol::{Answer, Ask, Message as _},
    session::{Event, Status},
    site::Site,
};
use shell_web::{body, clients::Message, scope};

use crate::{config, renewal, session_store, sign_in, sign_out, state};

/// Answers the message of a page, with the key for it to keep if there is one.
pub(crate) async fn to(message: Message) {
    session_store::offer(message.key.clone());
    let answer = match Ask::read(&message.text) {
        Ok(ask) => answer(ask).await.unwrap_or_else(Answer::Trouble),
        Err(_) => Answer::Trouble(Trouble::Version),
    };
    message.reply(&answer.write(), session_store::for_pages().as_ref());
}

async fn answer(ask: Ask) -> Result<Answer, Trouble> {
    match ask {
        Ask::Status => status().await,
        Ask::Site => site().await,
        Ask::SignIn { route, window } => sign_in::begin(route, window).await,
        Ask::Return { query, fragment } => sign_in::complete(&query, &fragment).await,
        Ask::SignOut => sign_out::end().await,
        Ask::Ping => Ok(ping().await),
        Ask::TakeOver => {
            scope::take_over().map_err(|_| Trouble::Version)?;
            Ok(Answer::Awake(0))
        }
    }
}

/// Where the user stands. Before a sign-in, a wrong configuration is said at
/// once; afterwards there is nothing to wait for.
async fn status() -> Result<Answer, Trouble> {
    state::load().await;
    state::on(Event::Tick).await;
    let status = state::status();
    if matches!(status, Status::SignedOut(_)) {
        config::load().await?;
    }
    Ok(Answer::Status(status))
}

/// What is there now, or was when the session began.
async fn site() -> Result<Answer, Trouble> {
    let config = match config::load().await {
        Ok((config, _)) => config.into(),
        Err(trouble) => state::site().ok_or(trouble)?,
    };
    state::know(config.clone());
    let site = match state::status() {
        Status::SignedIn(user, _) => Site::of(&config, &user),
        Status::SignedOut(_) => Site::default(),
    };
    Ok(Answer::Site(site))
}

/// The event itself keeps the worker awake (rule W11). What is due is renewed
/// now, while no request waits for it.
async fn ping() -> Answer {
    state::load().await;
    state::on(Event::Tick).await;
    if state::is_due() {
        renewal::renew().await;
    }
    Answer::Awake(body::in_flight())
}
