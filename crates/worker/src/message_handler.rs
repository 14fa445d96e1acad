//! The `message` event: one request of a page, one reply.

use shell_core::{
    UserError,
    protocol::{Message as _, PageRequest, WorkerReply},
    session::{Event, Status},
    site::Site,
};
use shell_web::{clients::Message, in_flight, scope};

use crate::{config, renewal, session_store, sign_in, sign_out, state};

/// Replies to the message of a page, with the key for it to keep if there is one.
pub(crate) async fn reply(message: Message) {
    session_store::offer(message.key.clone());
    let reply = match PageRequest::read(&message.text) {
        Ok(request) => handle(request).await.unwrap_or_else(WorkerReply::Failed),
        Err(_) => WorkerReply::Failed(UserError::Version),
    };
    message.reply(&reply.write(), session_store::for_pages().as_ref());
}

async fn handle(request: PageRequest) -> Result<WorkerReply, UserError> {
    match request {
        PageRequest::Status => status().await,
        PageRequest::Site => site().await,
        PageRequest::SignIn { route, window } => sign_in::begin(route, window).await,
        PageRequest::Return { query, fragment } => sign_in::complete(&query, &fragment).await,
        PageRequest::SignOut => sign_out::end().await,
        PageRequest::Ping => Ok(ping().await),
        PageRequest::TakeOver => {
            scope::take_over().map_err(|_| UserError::Version)?;
            Ok(WorkerReply::Awake(0))
        }
    }
}

/// Whether the user is signed in. Before a sign-in, a wrong configuration is said at
/// once; afterwards there is nothing to wait for.
async fn status() -> Result<WorkerReply, UserError> {
    state::load().await;
    state::on(Event::Tick).await;
    let status = state::status();
    if matches!(status, Status::SignedOut(_)) {
        config::load().await?;
    }
    Ok(WorkerReply::Status(status))
}

/// What is there now, or was when the session began.
async fn site() -> Result<WorkerReply, UserError> {
    let config = match config::load().await {
        Ok((config, _)) => config.into(),
        Err(error) => state::site().ok_or(error)?,
    };
    state::know(config.clone());
    let site = match state::status() {
        Status::SignedIn(user, _) => Site::of(&config, &user),
        Status::SignedOut(_) => Site::default(),
    };
    Ok(WorkerReply::Site(site))
}

/// The event itself keeps the worker awake (rule W11). What is due is renewed
/// now, while no request waits for it.
async fn ping() -> WorkerReply {
    state::load().await;
    state::on(Event::Tick).await;
    if state::is_due() {
        renewal::renew().await;
    }
    WorkerReply::Awake(in_flight::count())
}
